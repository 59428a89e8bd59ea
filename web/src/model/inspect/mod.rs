//! What the inspector says about a mark: one sentence, why, the program's line, the kernel's values, the bytes.

pub mod diagram;
mod errors;
pub mod figure;
mod kernel;
pub mod latest;
pub mod manual;
pub mod source;
#[cfg(test)]
mod source_tests;
#[cfg(test)]
mod tests;

pub use figure::{Cell, Figure, Figures};
pub use latest::latest;
pub use source::{Listing, Shown, Tongue};

use super::letter::Letter;
use super::story::{CallRecord, Ends, PacketRecord, SocketRecord, Story};
use super::why::{self, Step};
use super::{Say, wording};
pub use errors::{python, windows};
pub use kernel::{Known, Unit, corners, has_shape, tells, unit, values};
use protocol::header::Carries;
use protocol::{
    Address, DropReason, Errno, GaugeKey, Kind, Line, Nanos, Op, Outcome, ProgramId, Provenance, Role, Seq, SocketId,
    Span, SysError, TcpMode, TcpState, Transport,
};

/// One sentence about a mark.
#[derive(Clone, Debug, PartialEq)]
pub struct Sentence {
    /// Whose program, as it is called.
    pub who: String,
    /// The call with its arguments, if it is one.
    pub call: String,
    /// What there is to say.
    pub fact: Fact,
}

/// What there is to say about a mark.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// It waits, and has for so long.
    Waits(Nanos),
    /// `accept` waits, and has for so long.
    Listens(Nanos),
    /// It failed.
    Failed(SysError),
    /// It never came back.
    Cancelled,
    /// It sent bytes.
    Sent {
        /// How many.
        bytes: u64,
        /// Their letter.
        letter: Option<Letter>,
        /// How many system calls it took.
        tries: u32,
    },
    /// It sent an answer.
    Answered {
        /// How many bytes.
        bytes: u64,
        /// Of whose.
        letters: String,
    },
    /// It received bytes.
    Received {
        /// How many.
        bytes: u64,
        /// The most it would have taken.
        most: u32,
        /// Of whose.
        letters: String,
        /// How many sends they came from.
        sends: u32,
        /// How long it waited, if it did.
        waited: Option<Nanos>,
        /// Bytes of the datagram that are gone.
        cut: u64,
        /// What carried them.
        transport: Transport,
    },
    /// It returned 0: the end of the stream.
    End,
    /// It gave a connection.
    Accepted {
        /// With whom.
        peer: Address,
        /// How long the connection had sat in the queue.
        sat: Nanos,
    },
    /// The connection is made.
    Connected(Nanos),
    /// The socket listens.
    Listening {
        /// How many may wait, as asked for.
        backlog: u32,
    },
    /// Nothing moved: the call did what it says.
    Done,
    /// The state of a TCP end.
    State {
        /// Which.
        state: TcpState,
        /// Of which address.
        address: String,
    },
    /// A connection sits in the queue.
    Queued {
        /// From where.
        peer: String,
        /// How many are taken.
        taken: u32,
        /// Of how many seats.
        seats: u32,
        /// Whether it was accepted since.
        accepted: bool,
    },
    /// What the kernel holds for a socket.
    Holds {
        /// The socket's address.
        address: String,
        /// Bytes that arrived and were not read.
        unread: u64,
        /// What was sent and not acknowledged: bytes, and a SYN or FIN counts as one (RFC 9293, 3.4).
        unacknowledged: u64,
    },
    /// A packet.
    Packet {
        /// How it is called on the ladder: its flags, bytes, numbers.
        what: PacketWords,
        /// How long it flew, if it arrived.
        flew: Option<Nanos>,
        /// Why it was lost, if it was.
        lost: Option<DropReason>,
        /// Whether it is held now.
        held: bool,
        /// Whether the same was sent before.
        again: bool,
        /// From which byte to which of its datagram, if it is a fragment.
        fragment: Option<(u64, u64)>,
    },
    /// Something the ladder says too.
    Said(Say),
}

/// What a packet is, in numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PacketWords {
    /// `SYN, ACK`, `UDP`, `ICMP 3/4`.
    pub flags: String,
    /// Bytes of data.
    pub bytes: u64,
    /// First and last byte in its stream, from 1.
    pub place: Option<(u64, u64)>,
    /// From where to where.
    pub ends: Option<Ends>,
}

/// Everything about a mark.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    /// The packet, drawn.
    pub packet: Option<Figures>,
    /// The sentence.
    pub sentence: Option<Sentence>,
    /// The reasons, nearest first.
    pub why: Vec<Step>,
    /// Which program, and the name of the call that runs.
    pub program: Option<ProgramId>,
    /// The name of its call.
    pub call: &'static str,
    /// The person's own line, where it is known.
    pub line: Option<Line>,
    /// The arguments of the call and what it returned, by the names of the manual page.
    pub arguments: Vec<(&'static str, String)>,
    /// Its socket.
    pub socket: Option<SocketId>,
    /// The bytes it moved.
    pub bytes: Vec<u8>,
    /// The bytes they were before, or became after: the other side of upper-casing.
    pub other: Vec<u8>,
    /// Whether `other` came before.
    pub other_first: bool,
    /// When it began, when it returned, how exactly that is known.
    pub times: (Nanos, Option<Nanos>, Nanos),
    /// How it is known.
    pub provenance: Provenance,
    /// Its error, explained apart.
    pub error: Option<SysError>,
}

/// Everything about the mark that an event names.
#[must_use]
pub fn about(story: &Story, seq: Seq, now: Nanos) -> Option<About> {
    let event = story.event(story.mark_of(seq))?;
    let mut about = About {
        packet: None,
        sentence: None,
        why: why::chain(story, event.seq, now),
        program: event.about.program.or_else(|| story.socket(event.about.socket?)?.program),
        call: "",
        line: None,
        arguments: Vec::new(),
        socket: event.about.socket,
        bytes: Vec::new(),
        other: Vec::new(),
        other_first: false,
        times: (event.at, None, event.uncertainty),
        provenance: event.provenance,
        error: None,
    };
    let who = about.program.map(|id| super::named::who(story, id)).unwrap_or_default();
    let socket = about.socket.and_then(|id| story.socket(id));
    let mut call_said = String::new();
    let fact = match &event.kind {
        Kind::Call(end) => {
            let call = story.call(end.id)?;
            call_said = wording::op(&call.op);
            about.call = wording::op_name(&call.op);
            about.arguments = manual::arguments(story, call);
            about.line.clone_from(&end.line);
            about.times.1 = call.end;
            about.bytes = story.data(call).to_vec();
            if let Some(Outcome::Failed(error)) = call.outcome {
                about.error = Some(error);
            }
            (about.other, about.other_first) = other_bytes(story, call);
            of_call(story, call, now)
        }
        Kind::State { to, .. } => {
            let address = socket.and_then(|socket| socket.local.as_ref()).map(ToString::to_string).unwrap_or_default();
            Fact::State { state: *to, address }
        }
        Kind::Gauge(told) if told.iter().any(|(key, _)| matches!(key, GaugeKey::RecvQueue | GaugeKey::SendQueue)) => {
            let address = socket.and_then(|socket| socket.local.as_ref()).map(ToString::to_string).unwrap_or_default();
            let value = |key| told.iter().find(|(known, _)| *known == key).map_or(0, |(_, value)| *value);
            let (unread, unacknowledged) = (value(GaugeKey::RecvQueue), value(GaugeKey::SendQueue));
            Fact::Holds { address, unread, unacknowledged }
        }
        Kind::Socket { .. } => {
            let socket = socket?;
            let peer = socket.peer.as_ref().map(ToString::to_string).unwrap_or_default();
            let listener = socket.parent.and_then(|id| story.socket(id));
            let seats = listener.and_then(|listener| story.seats(listener)).unwrap_or(0);
            let taken = socket.parent.map_or(0, |id| story.queued(id, event.at).len() as u32);
            Fact::Queued { peer, taken, seats, accepted: socket.accepted.is_some() }
        }
        Kind::Note(id, args) => Fact::Said(Say::Note(*id, args.clone())),
        Kind::Dropped { place, count } => Fact::Said(Say::Lost(*place, *count)),
        Kind::Command { what, .. } => Fact::Said(Say::Command(Box::new(what.clone()))),
        Kind::Packet(packet) => {
            let record = story.packet(packet.id)?;
            about.times.1 = record.end;
            about.bytes = story.bytes_of(record).to_vec();
            about.packet = figure::figures(story, record);
            if let Some((src, dst)) = story.ends_of(record) {
                let at = |end| {
                    move |socket: &&SocketRecord| {
                        let local = socket.local.as_ref().and_then(Address::inet);
                        local == Some(end)
                            && (socket.peer.is_none() || socket.peer.as_ref().and_then(Address::inet).is_some())
                    }
                };
                let known = |end| story.sockets().iter().rev().find(at(end)).map(|socket| socket.id);
                about.socket = about.socket.or_else(|| known(src)).or_else(|| known(dst));
            }
            of_packet(story, record)
        }
        _ => return Some(about),
    };
    about.sentence = Some(Sentence { who, call: call_said, fact });
    Some(about)
}

fn of_call(story: &Story, call: &CallRecord, now: Nanos) -> Fact {
    let took = call.took();
    let letters = || {
        let shares = story.shares(call);
        let known = shares.iter().filter(|share| share.letter.is_some());
        known.map(super::letter::Share::name).collect::<Vec<_>>().join(" ")
    };
    match (&call.op, &call.outcome) {
        (_, Some(Outcome::Failed(error))) => Fact::Failed(*error),
        (_, Some(Outcome::Cancelled)) => Fact::Cancelled,
        (Op::Accept, None) => Fact::Listens(now.since(call.start)),
        (_, None) => Fact::Waits(now.since(call.start)),
        (Op::Send { .. } | Op::SendTo { .. }, _) if call.letter.is_some() => {
            Fact::Sent { bytes: call.bytes(), letter: call.letter, tries: call.tries }
        }
        (Op::Send { .. } | Op::SendTo { .. }, _) => Fact::Answered { bytes: call.bytes(), letters: letters() },
        (Op::Recv { max } | Op::RecvFrom { max }, Some(outcome)) => {
            let datagram = matches!(call.span, Some(Span::Datagram { .. })) || matches!(outcome, Outcome::From(..));
            if call.bytes() == 0 && !datagram {
                return Fact::End;
            }
            let cut = cut(story, call);
            let sends = story.sends_behind(call, &story.shares(call)).len() as u32;
            let waited = took.filter(|_| call.waited(now));
            let spoken = call.socket.and_then(|id| story.socket(id)?.transport);
            let transport = spoken.unwrap_or(if datagram { Transport::Udp } else { Transport::Tcp });
            Fact::Received { bytes: call.bytes(), most: *max, letters: letters(), sends, waited, cut, transport }
        }
        (Op::Accept, Some(Outcome::Accepted { socket, peer })) => {
            let since = story.socket(*socket).map_or(call.start, |socket| socket.since);
            Fact::Accepted { peer: peer.clone(), sat: call.end.unwrap_or(now).since(since) }
        }
        (Op::Connect { .. }, _) => Fact::Connected(took.unwrap_or_default()),
        (Op::Listen { backlog }, _) => Fact::Listening { backlog: *backlog },
        _ => Fact::Done,
    }
}

/// Bytes of a datagram that a receive did not return and nobody will: told by the system, or by who sent it.
#[must_use]
pub fn cut(story: &Story, call: &CallRecord) -> u64 {
    let Some(Span::Datagram { len, true_len, .. }) = call.span.filter(|_| call.receives()) else { return 0 };
    let sent = || story.datagram_send(call).map(CallRecord::bytes);
    let whole = true_len.map(u64::from).or_else(sent).unwrap_or_default();
    whole.saturating_sub(len.into())
}

fn of_packet(story: &Story, packet: &PacketRecord) -> Fact {
    let bytes = packet.payload();
    let header = story.header(packet);
    let flags = match header.map(|header| header.carries) {
        Some(Carries::Tcp(segment)) => segment.flags.names().collect::<Vec<_>>().join(", "),
        Some(Carries::Udp(_)) => "UDP".into(),
        Some(Carries::Icmp(message)) => ["ICMP ", &message.kind.to_string(), "/", &message.code.to_string()].concat(),
        _ => String::new(),
    };
    let place = story.relative_seq(packet).filter(|_| bytes > 0).map(|first| (first, first + bytes - 1));
    let fragment = header
        .and_then(|header| header.fragment)
        .map(|fragment| (u64::from(fragment.offset), (u64::from(fragment.offset) + bytes).saturating_sub(1)));
    Fact::Packet {
        what: PacketWords { flags, bytes, place, ends: story.ends_of(packet) },
        flew: packet.end.filter(|_| packet.lost.is_none()).map(|end| end.since(packet.start)),
        lost: packet.lost,
        held: packet.held.is_some(),
        again: story.repeats(packet).is_some(),
        fragment,
    }
}

/// The bytes on the other side of upper-casing: what an answer was before, or what the answer to these bytes is.
fn other_bytes(story: &Story, call: &CallRecord) -> (Vec<u8>, bool) {
    let Some(socket) = call.socket.and_then(|id| story.socket(id)) else { return (Vec::new(), false) };
    let call_at = |at: &u32| &story.calls()[*at as usize];
    // Seen from the server, its receive is before and its send after; from the client it is the other way round.
    let list = if call.sends() { &socket.recvs } else { &socket.sends };
    let first = story.echoes(socket) == call.sends();
    let Some(range) = story.stretch(call) else {
        let other = if call.sends() { story.answered(call, socket.id) } else { None };
        return (other.map_or(Vec::new(), |other| story.data(other).to_vec()), first);
    };
    let mut bytes = Vec::new();
    for other in list.iter().map(call_at) {
        let Some(got) = story.stretch(other) else { continue };
        let (from, to) = (got.start.max(range.start), got.end.min(range.end));
        if from < to {
            let data = story.data(other);
            let part = |at: u64| ((at - got.start) as usize).min(data.len());
            bytes.extend_from_slice(&data[part(from)..part(to)]);
        }
    }
    (bytes, first)
}

/// Which listing shows a program, with which values; `None` where nobody knows its source.
#[must_use]
pub fn listing(story: &Story, program: ProgramId, mode: TcpMode) -> Option<Shown> {
    let record = story.program(program)?;
    if record.role == Some(Role::Other) {
        return None;
    }
    let socket = record.sockets.iter().filter_map(|id| story.socket(*id)).find(|socket| socket.parent.is_none());
    let transport = record.transport.or_else(|| socket?.transport)?;
    let serves = story.serves(program);
    let listing = match (serves, transport.is_stream()) {
        (true, true) => Listing::StreamServer(mode),
        (true, false) => Listing::DatagramServer,
        (false, true) => Listing::StreamClient,
        (false, false) => Listing::DatagramClient,
    };
    let asked = record.calls.iter().find_map(|at| match &story.calls()[*at as usize].op {
        Op::Connect { to } | Op::SendTo { to, .. } | Op::Bind { to } => Some(to.clone()),
        _ => None,
    });
    let address = if serves { socket.and_then(|socket| socket.local.clone()).or(asked) } else { asked };
    let backlog = socket.and_then(|socket| socket.listening).map(|(backlog, _)| backlog);
    Some(Shown { listing, transport, address, recv_size: record.reads.map_or(1024, |reads| reads.recv_size), backlog })
}
