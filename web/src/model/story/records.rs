//! What the story knows of each host, program, socket, flow, call and packet.

use crate::model::letter::Letter;
use protocol::header::{Carries, Summary, TcpFlags};
use protocol::{
    Address, CallId, Cause, DropReason, End, FlowId, GaugeKey, Hold, HostId, Nanos, Op, Outcome, Owner, PacketId,
    ProgramId, Provenance, Reads, Role, Seq, SocketId, Span, Tap, TcpState, Transport, WorldKind,
};
use std::net::SocketAddr;

/// A place in the story's list of events, in the order in which they came.
pub type Place = u32;

/// A host.
#[derive(Clone, Debug, PartialEq)]
pub struct HostRecord {
    /// Which.
    pub id: HostId,
    /// Its name.
    pub name: String,
    /// Its world.
    pub world: WorldKind,
    /// Who plays TCP/IP.
    pub stack: String,
}

/// A program.
#[derive(Clone, Debug, PartialEq)]
pub struct ProgramRecord {
    /// Which.
    pub id: ProgramId,
    /// Its process number, where it is a process of its own.
    pub pid: Option<u32>,
    /// Its name; empty until it is told.
    pub name: String,
    /// What sort it is; `None` until it is told.
    pub role: Option<Role>,
    /// Whose it is.
    pub owner: Owner,
    /// What it speaks.
    pub transport: Option<Transport>,
    /// How it reads.
    pub reads: Option<Reads>,
    /// Whether its calls are seen.
    pub calls_visible: bool,
    /// When it was first heard of.
    pub since: Nanos,
    /// When it went.
    pub ended: Option<Nanos>,
    /// Its calls, as places in [`Story::calls`](super::Story::calls), in the order in which they came.
    pub calls: Vec<u32>,
    /// Its sockets, oldest first.
    pub sockets: Vec<SocketId>,
    /// Bytes that its calls have sent and received.
    pub moved: (u64, u64),
}

/// A socket.
#[derive(Clone, Debug, PartialEq)]
pub struct SocketRecord {
    /// Which.
    pub id: SocketId,
    /// The program that has it; `None` for a connection nobody accepted yet.
    pub program: Option<ProgramId>,
    /// The flow it belongs to, once it has one.
    pub flow: Option<FlowId>,
    /// What it speaks; `None` until it is told.
    pub transport: Option<Transport>,
    /// Its descriptor in the program.
    pub fd: Option<i32>,
    /// The kernel's number for it.
    pub cookie: Option<u64>,
    /// The listening socket it came from.
    pub parent: Option<SocketId>,
    /// This end.
    pub local: Option<Address>,
    /// The other end.
    pub peer: Option<Address>,
    /// The event that told of it first.
    pub first: Place,
    /// The event that told first that it came from a listening socket: it sits in the queue since then.
    pub queued: Option<Place>,
    /// When it was first heard of.
    pub since: Nanos,
    /// When `accept` returned it.
    pub accepted: Option<Nanos>,
    /// The event of that return; `None` where it was before the story began.
    pub accept: Option<Place>,
    /// When it was closed: by its program, or in the kernel.
    pub closed: Option<Nanos>,
    /// The kernel has nothing of it any more.
    pub gone: bool,
    /// The argument of the last `listen`, and when it returned.
    pub listening: Option<(u32, Nanos)>,
    /// Its calls that send, as places in [`Story::calls`](super::Story::calls), in the order in which they came.
    pub sends: Vec<u32>,
    /// Its calls that receive.
    pub recvs: Vec<u32>,
    /// Events with its states.
    pub states: Vec<Place>,
    /// Events with its kernel values.
    pub gauges: Vec<Place>,
    /// The kernel values, as they changed.
    pub values: Vec<History>,
    /// Its calls that neither send nor receive: there are few.
    pub others: Vec<u32>,
    /// Of a listening socket: the sockets that came from it, as places in [`Story::sockets`](super::Story::sockets).
    pub children: Vec<u32>,
}

/// A kernel value over time.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// Which.
    pub key: GaugeKey,
    /// When it became what, the oldest first. A report of the same value is no step.
    pub steps: Vec<(Nanos, u64)>,
}

impl History {
    /// The steps until a time, all if `None`.
    #[must_use]
    pub fn until(&self, at: Option<Nanos>) -> &[(Nanos, u64)] {
        let end = at.map_or(self.steps.len(), |at| self.steps.partition_point(|(when, _)| *when <= at));
        &self.steps[..end]
    }

    fn push(&mut self, at: Nanos, value: u64) {
        // A report may come late.
        let place = self.steps.partition_point(|(when, _)| *when <= at);
        let same =
            |place: Option<usize>| place.and_then(|place| self.steps.get(place)).is_some_and(|step| step.1 == value);
        if !same(place.checked_sub(1)) {
            self.steps.insert(place, (at, value));
        }
    }
}

impl SocketRecord {
    /// The newest value the kernel reported.
    #[must_use]
    pub fn value(&self, key: GaugeKey) -> Option<u64> {
        self.values.iter().find(|history| history.key == key)?.steps.last().map(|(_, value)| *value)
    }

    /// Takes a value that the kernel reported.
    pub(super) fn reported(&mut self, key: GaugeKey, at: Nanos, value: u64) {
        let place = self.values.partition_point(|history| history.key < key);
        if self.values.get(place).is_none_or(|history| history.key != key) {
            self.values.insert(place, History { key, steps: Vec::new() });
        }
        self.values[place].push(at, value);
    }

    /// Whether its program has closed it and the kernel still has something to do for it (RFC 9293, 3.3.2).
    #[must_use]
    pub fn lingers(&self, state: Option<TcpState>) -> bool {
        use TcpState::{Closing, FinWait1, FinWait2, LastAck, TimeWait};
        self.closed.is_some() && !self.gone && matches!(state, Some(FinWait1 | FinWait2 | Closing | LastAck | TimeWait))
    }
}

/// A flow.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowRecord {
    /// Which.
    pub id: FlowId,
    /// What it speaks.
    pub transport: Transport,
    /// The end that began.
    pub a: End,
    /// The end that was called.
    pub b: End,
    /// How many times this pair of addresses was used before.
    pub incarnation: u32,
}

/// A call, both ends of it.
#[derive(Clone, Debug, PartialEq)]
pub struct CallRecord {
    /// Which.
    pub id: CallId,
    /// On which host.
    pub host: HostId,
    /// By which program.
    pub program: ProgramId,
    /// On which socket.
    pub socket: Option<SocketId>,
    /// The event of its entry; `None` when that was lost, or was before the story began.
    pub entered: Option<Place>,
    /// The event of its return; `None` while it waits.
    pub returned: Option<Place>,
    /// When it began; its return if the entry is not known.
    pub start: Nanos,
    /// When it returned.
    pub end: Option<Nanos>,
    /// The first event told of it: its name on the screen.
    pub seq: Seq,
    /// What was called.
    pub op: Op,
    /// What came back.
    pub outcome: Option<Outcome>,
    /// Which bytes it moved.
    pub span: Option<Span>,
    /// How many system calls it took.
    pub tries: u32,
    /// The letter of its bytes, if it is a client's send.
    pub letter: Option<Letter>,
    /// How it is known.
    pub provenance: Provenance,
    /// What caused it, where the producer knew.
    pub cause: Option<Cause>,
}

impl CallRecord {
    /// How long it took; `None` while it waits, or where its entry is not known.
    #[must_use]
    pub fn took(&self) -> Option<Nanos> {
        self.entered.and(self.end).map(|end| end.since(self.start))
    }

    /// Whether it is a `send` or `sendto`.
    #[must_use]
    pub fn sends(&self) -> bool {
        matches!(self.op, Op::Send { .. } | Op::SendTo { .. })
    }

    /// Whether it is a `recv` or `recvfrom`.
    #[must_use]
    pub fn receives(&self) -> bool {
        matches!(self.op, Op::Recv { .. } | Op::RecvFrom { .. })
    }

    /// Whether it may wait for somebody else.
    #[must_use]
    pub fn may_wait(&self) -> bool {
        self.receives() || self.sends() || matches!(self.op, Op::Accept | Op::Connect { .. } | Op::Think { .. })
    }

    /// Whether it waited: told by repeated system calls, or by its length.
    #[must_use]
    pub fn waited(&self, now: Nanos) -> bool {
        const LONG: Nanos = Nanos::from_millis(1);
        self.may_wait() && (self.tries > 1 || self.end.unwrap_or(now).since(self.start) >= LONG)
    }

    /// Bytes given to a send, or received; 0 for other calls and for failures.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match (&self.op, &self.outcome) {
            (_, Some(Outcome::Bytes(count) | Outcome::From(count, _))) => *count,
            (_, Some(_)) => 0,
            (Op::Send { len } | Op::SendTo { len, .. }, None) => *len,
            _ => 0,
        }
    }

    /// Whether it failed.
    #[must_use]
    pub fn failed(&self) -> bool {
        matches!(self.outcome, Some(Outcome::Failed(_)))
    }
}

/// A packet, all its stages.
#[derive(Clone, Debug, PartialEq)]
pub struct PacketRecord {
    /// Which.
    pub id: PacketId,
    /// The host that sent it.
    pub host: HostId,
    /// In which flow, if known.
    pub flow: Option<FlowId>,
    /// The socket that sent it, if known.
    pub socket: Option<SocketId>,
    /// The event of its sending: its name on the screen.
    pub seq: Seq,
    /// That event's place; `None` if only a later stage is known.
    pub sent: Option<Place>,
    /// When it was sent.
    pub start: Nanos,
    /// The event that told that it arrived or was lost.
    pub done: Option<Place>,
    /// When it arrived or was lost, if it was.
    pub end: Option<Nanos>,
    /// Why it was lost, if it was.
    pub lost: Option<DropReason>,
    /// Why it is held now, if it is.
    pub held: Option<Hold>,
    /// The event that stopped it in mid-wire, if it ever was.
    pub stop: Option<Place>,
    /// The event that let it go on.
    pub resumed: Option<Place>,
    /// When the wire will deliver it.
    pub due: Option<Nanos>,
    /// The packet it is a copy of, made by the wire.
    pub copy_of: Option<PacketId>,
    /// Its whole length, bytes.
    pub true_len: u32,
    /// Both its ends, as a place in the story's list; none until its sending is told, or where its headers do not tell.
    pub(super) ends: Option<u32>,
    /// What its TCP header says, if it has one.
    pub tcp: Option<Tcp>,
    /// Bytes that it carries behind its headers.
    pub payload: u32,
    /// Whether it is a piece of a datagram.
    pub fragment: bool,
    /// The TCP stream it belongs to, as a place in the story's list.
    pub stream: Option<u32>,
    /// Where it was seen.
    pub tap: Tap,
    /// How it is known.
    pub provenance: Provenance,
}

/// What is asked of a TCP header again and again; [`Story::header`](super::Story::header) has the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tcp {
    /// Sequence number of its first byte (or of its SYN).
    pub seq: u32,
    /// Acknowledgement number; means something only with [`TcpFlags::ACK`].
    pub ack: u32,
    /// Control bits.
    pub flags: TcpFlags,
}

impl Tcp {
    /// How many sequence numbers its flags take (RFC 9293, 3.4).
    #[must_use]
    pub fn phantom_len(&self) -> u64 {
        u64::from(self.flags.has(TcpFlags::SYN)) + u64::from(self.flags.has(TcpFlags::FIN))
    }
}

impl PacketRecord {
    /// Takes what its headers say.
    pub(super) fn read(&mut self, header: Option<&Summary>) {
        self.payload = header.map_or(0, |header| header.payload_len);
        self.fragment = header.is_some_and(|header| header.fragment.is_some());
        self.tcp = header.and_then(|header| match header.carries {
            Carries::Tcp(segment) => Some(Tcp { seq: segment.seq, ack: segment.ack, flags: segment.flags }),
            _ => None,
        });
    }

    /// Bytes that it carries behind its headers.
    #[must_use]
    pub fn payload(&self) -> u64 {
        self.payload.into()
    }
}

/// Both ends of a stream, the sender first.
pub type Ends = (SocketAddr, SocketAddr);

/// One direction of a TCP connection.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamRecord {
    /// Who sends, and to whom.
    pub ends: Ends,
    /// The number before the first byte: that of the SYN.
    pub base: u32,
    /// Whether a SYN told it; otherwise the first segment seen counts as the first.
    pub begun: bool,
    /// How far it was sent, relative.
    pub top: u64,
    /// Packets that take room in it, by the time of their sending.
    pub packets: Vec<u32>,
    /// The stream between the same ends before it, as a place in the story's list.
    pub(super) before: Option<u32>,
}
