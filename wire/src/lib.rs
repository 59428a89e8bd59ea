//! The wire between two hosts: it delays, loses, repeats, reorders and holds IP packets.
//!
//! Sans-IO and seeded. The caller owns the clock and the interfaces:
//!
//! ```
//! use protocol::wire::Way;
//! use protocol::Nanos;
//! use wire::{Output, Wire};
//!
//! let mut wire = Wire::new(7);
//! wire.offer(Nanos(0), Way::ToServer, vec![0x45; 20]);
//! while let Some(output) = wire.poll(Nanos(0)) {
//!     match output {
//!         Output::Report(report) => println!("{report:?}"),
//!         Output::Deliver(delivery) => println!("{} bytes for the server", delivery.bytes.len()),
//!     }
//! }
//! assert_eq!(wire.next_deadline(), None);
//! ```
//!
//! The same seed, packets, actions and times give the same story, on every platform. A packet's buffer is moved
//! from [`Wire::offer`] to [`Delivery`], never copied, unless the wire itself duplicates or fragments it.

mod conditions;
mod filter;
mod held;
mod link;
mod mtu;
mod random;
mod report;
mod wire;

pub use conditions::BadConditions;
pub use mtu::Router;
pub use report::{Delivery, Output, Report, Why};
pub use wire::{ActError, Wire};
