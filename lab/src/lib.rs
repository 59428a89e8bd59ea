//! In this page: a client host and a server host on one wire, in virtual time.
//!
//! Two smoltcp stacks are joined by the same [`wire`] as the two hosts of the bridge, and the echo programs are the
//! bridge's as state machines: the same commands go in, and the same story comes out, every event marked as simulated.
//! No I/O and no clock, so it runs in a browser, on a phone and in a test alike.
//!
//! # How to drive it
//! The lab does nothing by itself. Whoever holds it decides how fast time goes:
//!
//! ```
//! use lab::Lab;
//! use protocol::{ClientAction, ClientSpec, Command, CommandId, Epoch, MemberId, Nanos, Reply, Target};
//!
//! let mut lab = Lab::new(Epoch::default(), 7);
//! let me = |number| CommandId { by: MemberId(1), number };
//! let spec = ClientSpec::new(Target::Server(lab.servers()[0].id));
//! let Ok(Reply::Opened(client)) = lab.perform(me(1), Command::Open(spec)) else { panic!("it was refused") };
//! lab.perform(me(2), Command::Client { client, action: ClientAction::Connect })?;
//!
//! // Once a frame: as much virtual time as the speed says, and then what happened in it.
//! lab.advance(lab.now().after(Nanos::from_millis(16)));
//! while let Some(event) = lab.poll_event() {
//!     println!("{event:?}");
//! }
//! // Nothing will happen by itself: no frame needs to be asked for.
//! assert_eq!(lab.poll_timeout(), None);
//! # Ok::<(), protocol::Refusal>(())
//! ```
//!
//! - **Pause**: do not call [`Lab::advance`]. **Speed**: advance by more or less. **Step**: [`Lab::step`] does the next
//!   thing that tells anything, however far away it is. **Run to the next event**: the same.
//! - **Idle time costs nothing**: [`Lab::poll_timeout`] says when something is due, and `None` if nothing ever is.
//! - **Rewind** and **fork**: [`Lab::fork`] plays the log of commands again up to a time, in a new epoch. The same seed
//!   and the same commands make the same events, byte for byte, on every platform and however time was cut into pieces
//!   (with [`Congestion::Cubic`], which computes in floating point, on the same platform).
//! - **Backpressure**: with 10,000 events waiting to be taken, time stands still until they are.
//!
//! # What takes time
//! The wire takes what its conditions say. A call takes a microsecond and a packet two at either end, as if both hosts
//! shared one processor: so no two things are at one moment, the record is in the order of time, and a program that
//! loops for ever does not stop the clock.
//!
//! # What smoltcp is not, and who does it instead
//! | a kernel has | here |
//! | --- | --- |
//! | a listening socket with a queue | the lab makes a stack's socket when a SYN comes for a free seat; with none free the SYN is dropped before the stack: `AcceptQueueFull` |
//! | `EADDRINUSE`, `SO_REUSEADDR`, ephemeral ports, descriptors | the lab |
//! | patience: `ETIMEDOUT`, orphans, half-open connections | the lab, in the times of Linux (connect: three SYNs, 7 s, as our two hosts are set) |
//! | `ECONNREFUSED`, `ECONNRESET`, `EPIPE` told once, RST for who closes with bytes unread | the lab |
//! | an ICMP error on the next call of a connected UDP socket | the lab reads the ICMP message |
//! | path MTU discovery | the lab gives the stack another interface; what was lost waits for the timeout |
//! | a bounded receive queue of datagrams that counts what it loses | the lab |
//! | ACKs that a peer accepts after a timeout | the lab mends their sequence numbers (`net/stream.rs` says why) |
//! | SACK used by the sender, an RTO under 1 s, TIME_WAIT of 60 s, ten segments to begin with, IPv6 fragments | nobody: [`StackDiffers`](protocol::NoteId::StackDiffers) where it matters, once an epoch each |
//!
//! # Layout
//! - [`Lab`]: the clock and the loop (`lab`), the contract of a world (`world`), the past played again (`rewind`).
//! - `net`: both hosts, the wire, every socket; its `calls` never wait. `host` and `device` hold smoltcp, `socket` and
//!   `listener` what a kernel knows besides.
//! - `program`: servers and clients; `probe` makes their calls events.
//! - `table` is a small map. `story` writes events; `flows` and `datagrams` know who belongs to whom; `agenda` what is due when.

mod agenda;
mod costs;
mod datagrams;
mod device;
mod flows;
mod host;
mod lab;
mod listener;
mod net;
mod options;
mod program;
mod rewind;
mod socket;
mod story;
mod table;
mod world;

pub use lab::Lab;
pub use options::{Congestion, LabOptions};
pub use rewind::{Input, Log};
