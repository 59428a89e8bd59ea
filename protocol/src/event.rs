//! An event: a call, a packet, a state, or what is needed to understand one.
//!
//! Everything on the screen is drawn from events, and nothing else is. Each says who it is about, when it was,
//! how it is known, and, where the producer knows, what caused it.

use crate::address::{Address, Transport};
use crate::call::Call;
use crate::capability::WorldKind;
use crate::command::Command;
use crate::gauge::GaugeKey;
use crate::ids::{CommandId, FlowId, HostId, Nanos, ProgramId, Seq, SocketId};
use crate::note::{Arg, NoteId};
use crate::packet::Packet;
use crate::program::{LoopRule, Owner, Role};
use crate::state::TcpState;
use serde::{Deserialize, Serialize};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its place in the record.
    pub seq: Seq,
    /// When it was.
    pub at: Nanos,
    /// It may have been up to so much earlier; 0 when observed exactly.
    pub uncertainty: Nanos,
    /// Who it is about.
    pub about: About,
    /// How it is known.
    pub provenance: Provenance,
    /// What caused it, if the producer knows; else the model derives it.
    pub cause: Option<Cause>,
    /// What it was.
    pub kind: Kind,
}

/// Who an event is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct About {
    /// On which host.
    pub host: HostId,
    /// Which program.
    pub program: Option<ProgramId>,
    /// Which socket.
    pub socket: Option<SocketId>,
    /// In which conversation.
    pub flow: Option<FlowId>,
}

/// How an event is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Provenance {
    /// By whom.
    pub how: How,
    /// Whether it happened in a simulation.
    pub simulated: bool,
}

impl Provenance {
    /// We did or saw it ourselves.
    pub const OBSERVED: Self = Self { how: How::Observed, simulated: false };
    /// The kernel said so.
    pub const REPORTED: Self = Self { how: How::Reported, simulated: false };
    /// It follows from other events.
    pub const DERIVED: Self = Self { how: How::Derived, simulated: false };
}

/// By whom an event is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum How {
    /// We did or saw it ourselves.
    Observed,
    /// The kernel said so.
    Reported,
    /// It follows from other events.
    Derived,
}

/// What caused an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Cause {
    /// An earlier event.
    Event(Seq),
    /// A person's command.
    Command(CommandId),
    /// A timer of a TCP/IP stack.
    Timer(TimerKind),
}

/// A timer of a TCP/IP stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TimerKind {
    /// RFC 6298.
    Retransmission,
    /// RFC 9293, 3.8.6.1.
    ZeroWindowProbe,
    /// RFC 9293, 3.8.6.3.
    DelayedAck,
    /// RFC 9293, 3.8.4.
    KeepAlive,
    /// RFC 9293, 3.6.1.
    TimeWait,
}

/// What happened.
///
/// Append only: a new kind goes to the end, because postcard numbers them by place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// A host takes part.
    Host {
        /// Its name, such as `this computer`.
        name: String,
        /// Its world.
        world: WorldKind,
        /// Who plays TCP/IP: `Linux 6.18`, `smoltcp 0.14`.
        stack: String,
    },
    /// A program takes part. Told again when more is known; the last one holds.
    Program {
        /// Its process number, where it is a process of its own.
        pid: Option<u32>,
        /// Its name.
        name: String,
        /// What sort it is.
        role: Role,
        /// Whose it is.
        owner: Owner,
        /// What it speaks.
        transport: Option<Transport>,
        /// How it reads, where that is known.
        reads: Option<Reads>,
        /// Whether its calls are seen.
        calls_visible: bool,
    },
    /// A socket exists. Told again when more is known; the last one holds.
    Socket {
        /// What it speaks.
        transport: Transport,
        /// Its descriptor in the program.
        fd: Option<i32>,
        /// The kernel's own number for it.
        cookie: Option<u64>,
        /// The listening socket it came from.
        parent: Option<SocketId>,
        /// This end.
        local: Option<Address>,
        /// The other end.
        peer: Option<Address>,
    },
    /// Two ends speak to each other. Told again when more is known; the last one holds.
    Flow {
        /// What they speak.
        transport: Transport,
        /// The end that began.
        a: End,
        /// The end that was called.
        b: End,
        /// How many times this pair of addresses has been used before.
        incarnation: u32,
    },
    /// A person gave a command.
    Command {
        /// Whose, and which.
        id: CommandId,
        /// What.
        what: Command,
    },
    /// A program called, or a call returned.
    Call(Call),
    /// A packet was sent, held, released, delivered, dropped or copied.
    Packet(Packet),
    /// The state of a TCP end changed.
    State {
        /// Before, if it was known.
        from: Option<TcpState>,
        /// After.
        to: TcpState,
    },
    /// The kernel reported values. Only those that changed are told.
    Gauge(Vec<(GaugeKey, u64)>),
    /// Events were lost here and cannot be had.
    Dropped {
        /// Where.
        place: Place,
        /// How many.
        count: u64,
    },
    /// Something worth a sentence.
    Note(NoteId, Vec<Arg>),
    /// The socket is closed, or the kernel has forgotten it.
    Closed,
    /// The program is gone.
    Ended,
}

/// How a program reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reads {
    /// The argument of `recv`, bytes.
    pub recv_size: u32,
    /// When it has a whole message.
    pub rule: LoopRule,
}

/// One end of a flow.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct End {
    /// Its socket, if it is one we know.
    pub socket: Option<SocketId>,
    /// Its address.
    pub address: Address,
}

/// Where events were lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Place {
    /// The program makes them faster than they are recorded.
    Calls,
    /// The kernel's capture queue was full.
    Capture,
    /// The kernel's reports were too many.
    Kernel,
    /// A relay makes them faster than they are recorded.
    Relay,
}
