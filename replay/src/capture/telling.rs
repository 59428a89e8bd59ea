//! The second look: the chosen conversations as events.

use super::MOST_PACKETS;
use super::conversations::{Conversation, Conversations};
use super::order;
use super::reader::{Item, Reader};
use super::survey::{Clock, Survey, packet};
use crate::fault::{Fault, What};
use protocol::header::{Headers, Summary, TcpFlags};
use protocol::tcp_end::TcpEnd;
use protocol::{
    About, Address, Arg, Bytes, Cause, End, Event, FlowId, HostId, Kind, Nanos, NoteId, Owner, Packet, PacketId, Place,
    ProgramId, Provenance, Role, Seq, SocketId, Stage, Tap, TcpState, Transport, WorldKind,
};
use std::net::{IpAddr, SocketAddr};

/// The most conversations told at once: each is a client, and nobody sees more of them.
pub const MOST_CHOSEN: usize = 256;
/// The latest time that is told: 36 years.
const LATEST: u64 = 1 << 60;
/// Remarks that are told.
const MOST_REMARKS: usize = 10_000;
/// The longest comment that is told, bytes.
const MOST_COMMENT: usize = 500;

/// Tells the chosen conversations of a capture.
#[derive(Debug)]
pub struct Telling {
    reader: Reader,
    clock: Clock,
    conversations: Conversations,
    zero: u64,
    /// For each conversation of the survey, its place in `flows`.
    places: Vec<Option<u32>>,
    flows: Vec<Flow>,
    hosts: Vec<IpAddr>,
    servers: Vec<Server>,
    gathered: Vec<Gathered>,
    /// Times and places in `gathered`, once everything is.
    order: Vec<(u64, u32)>,
    told: usize,
    programs: u32,
    sockets: u32,
    seq: u64,
}

/// Something that will be told, in the order of time.
#[derive(Clone, Debug)]
struct Gathered {
    time: u64,
    what: Told,
}

#[derive(Clone, Debug)]
enum Told {
    /// A packet of a flow: its bytes in the file, and its whole length.
    Packet { flow: u32, start: usize, len: u32, true_len: u32 },
    /// A comment on a packet of a flow.
    Comment { flow: u32, text: String },
    /// Packets that were lost.
    Lost(u64),
}

/// A conversation that is told.
#[derive(Debug)]
struct Flow {
    conversation: Conversation,
    /// Its two ends, once they are introduced.
    ends: Option<[About; 2]>,
    states: [TcpEnd; 2],
}

/// Somebody who is called.
#[derive(Debug)]
struct Server {
    transport: Transport,
    address: SocketAddr,
    program: ProgramId,
    /// Datagrams come to one socket, whoever sends them.
    socket: Option<SocketId>,
}

impl Telling {
    /// Begins to tell these conversations of a survey, by their places in its list.
    ///
    /// # Errors
    /// They are too many, or have too many packets.
    pub fn begin(bytes: &[u8], survey: &Survey, chosen: &[usize]) -> Result<Self, Fault> {
        let all = survey.conversations();
        let flows: Vec<Flow> = chosen
            .iter()
            .filter_map(|at| all.get(*at))
            .map(|one| Flow { conversation: one.clone(), ends: None, states: Default::default() })
            .collect();
        if flows.len() > MOST_CHOSEN {
            return Err(Fault::new(0, What::TooMany { most: MOST_CHOSEN as u64 }));
        }
        if flows.iter().map(|flow| flow.conversation.packets).sum::<u64>() > MOST_PACKETS {
            return Err(Fault::new(0, What::TooMany { most: MOST_PACKETS }));
        }
        let mut places = vec![None; all.len()];
        for (place, at) in chosen.iter().enumerate() {
            if let Some(known) = places.get_mut(*at) {
                *known = Some(place as u32);
            }
        }
        Ok(Self {
            reader: Reader::open(bytes)?,
            clock: Clock::default(),
            conversations: Conversations::default(),
            zero: survey.zero(),
            places,
            flows,
            hosts: Vec::new(),
            servers: Vec::new(),
            gathered: Vec::new(),
            order: Vec::new(),
            told: 0,
            programs: 0,
            sockets: 0,
            seq: 0,
        })
    }

    /// Goes through up to `most` packets more; false when all are gathered. A damaged file ends where it is damaged, as
    /// the survey has said.
    pub fn gather(&mut self, bytes: &[u8], most: usize) -> bool {
        for _ in 0..most {
            let (frame, comment, lost) = match self.reader.next(bytes) {
                Ok(Some(Item::Frame(frame))) => (frame, None, 0),
                Ok(Some(Item::Remarked { frame, comment, lost })) => (frame, comment, lost),
                Ok(Some(Item::Lost(lost))) => {
                    self.remark(self.clock.now(), Told::Lost(lost));
                    continue;
                }
                Ok(None) | Err(_) => {
                    // What was captured later may stand earlier in the file. Equal times keep their order.
                    self.order =
                        self.gathered.iter().zip(0..).map(|(gathered, place)| (gathered.time, place)).collect();
                    order::sort(&mut self.order);
                    return false;
                }
            };
            let time = self.clock.read(&frame);
            if lost > 0 {
                self.remark(time, Told::Lost(lost));
            }
            let Some((start, data, true_len)) = packet(&frame) else { continue };
            let Some(headers) = Headers::read(data, true_len as usize) else { continue };
            let Some(at) = self.conversations.of(&headers) else { continue };
            let Some(flow) = self.places.get(at as usize).copied().flatten() else { continue };
            if let Some(comment) = comment {
                let text = String::from_utf8_lossy(&comment[..comment.len().min(MOST_COMMENT)]).into_owned();
                self.remark(time, Told::Comment { flow, text });
            }
            let what = Told::Packet { flow, start, len: data.len() as u32, true_len };
            self.gathered.push(Gathered { time, what });
        }
        true
    }

    fn remark(&mut self, time: u64, what: Told) {
        if self.gathered.len() < MOST_PACKETS as usize + MOST_REMARKS {
            self.gathered.push(Gathered { time, what });
        }
    }

    /// Tells up to `most` of what was gathered; false when all is told.
    pub fn tell(&mut self, bytes: &[u8], most: usize, out: &mut Vec<Event>) -> bool {
        let until = self.order.len().min(self.told + most);
        while self.told < until {
            let place = self.order[self.told].1;
            let Gathered { time, what } = self.gathered[place as usize].clone();
            self.told += 1;
            let at = Nanos(time.saturating_sub(self.zero).min(LATEST));
            match what {
                Told::Packet { flow, start, len, true_len } => {
                    let data = bytes.get(start..start + len as usize).unwrap_or_default();
                    self.packet(at, flow as usize, data, true_len, out);
                }
                Told::Comment { flow, text } => {
                    self.introduce(at, flow as usize, out);
                    let about = About { flow: Some(flow_id(flow as usize)), ..About::default() };
                    let kind = Kind::Note(NoteId::Comment, vec![Arg::Text(text)]);
                    self.event(at, about, Provenance::OBSERVED, None, kind, out);
                }
                Told::Lost(count) => {
                    let kind = Kind::Dropped { place: Place::Capture, count };
                    self.event(at, About::default(), Provenance::OBSERVED, None, kind, out);
                }
            }
        }
        self.told < self.order.len()
    }

    /// How far it is: so many of so many.
    #[must_use]
    pub fn progress(&self) -> (usize, usize) {
        (self.told, self.gathered.len())
    }

    /// How far it has gathered: bytes.
    #[must_use]
    pub fn at(&self) -> usize {
        self.reader.at()
    }

    fn packet(&mut self, at: Nanos, flow: usize, data: &[u8], true_len: u32, out: &mut Vec<Event>) {
        let ends = self.introduce(at, flow, out);
        let Some(summary) = Headers::read(data, true_len as usize).and_then(|headers| headers.summary()) else {
            return;
        };
        let conversation = &self.flows[flow].conversation;
        // A later fragment, or an error about the conversation, has no ports: its address tells who sent it.
        let from = summary
            .ends()
            .map_or(usize::from(summary.src == conversation.b.ip()), |(from, _)| usize::from(from == conversation.b));
        let about = About { program: None, ..ends[from] };
        let id = PacketId(self.told as u32);
        let data = Bytes::from(data);
        let packet = Packet { id, tap: Tap::File, stage: Stage::Sent, copy_of: None, data, true_len };
        let cause = self.event(at, about, Provenance::OBSERVED, None, Kind::Packet(packet), out);
        for (end, from_state, to) in self.states(flow, from, &summary) {
            let kind = Kind::State { from: from_state, to };
            self.event(at, ends[end], Provenance::DERIVED, Some(Cause::Event(cause)), kind, out);
            if to == TcpState::Closed {
                self.event(at, ends[end], Provenance::DERIVED, Some(Cause::Event(cause)), Kind::Closed, out);
            }
        }
    }

    /// What a segment does to the states of both ends: it is sent, and, as far as anybody can tell here, it arrives.
    fn states(&mut self, flow: usize, from: usize, summary: &Summary) -> Vec<(usize, Option<TcpState>, TcpState)> {
        let Some(segment) = summary.tcp() else { return Vec::new() };
        let states = &mut self.flows[flow].states;
        // Without a SYN nobody knows in which state an end is.
        let knows = segment.flags.has(TcpFlags::SYN) || states.iter().any(|end| end.state().is_some());
        if !knows {
            return Vec::new();
        }
        let sent = states[from].sent(segment, summary.payload_len);
        let received = states[1 - from].received(segment, summary.payload_len);
        let steps = sent.into_iter().flatten().map(|(before, to)| (from, before, to));
        steps.chain(received.into_iter().flatten().map(|(before, to)| (1 - from, before, to))).collect()
    }

    /// Tells who takes part in a conversation, before its first packet.
    fn introduce(&mut self, at: Nanos, flow: usize, out: &mut Vec<Event>) -> [About; 2] {
        if let Some(ends) = self.flows[flow].ends {
            return ends;
        }
        let Conversation { transport, a, b, incarnation, .. } = self.flows[flow].conversation;
        let id = flow_id(flow);
        let host_a = self.host(at, a.ip(), out);
        let host_b = self.host(at, b.ip(), out);
        self.programs += 1;
        let caller = ProgramId(self.programs);
        let mut name = a.to_string();
        if incarnation > 0 {
            name = [&name, " (", &(incarnation + 1).to_string(), ")"].concat();
        }
        self.program(at, host_a, caller, name, transport, out);
        let (server, shared) = self.server(at, host_b, transport, b, out);
        let about =
            |host, program, socket| About { host, program: Some(program), socket: Some(socket), flow: Some(id) };
        let ends = [about(host_a, caller, self.new_socket()), about(host_b, server, shared.unwrap_or(SocketId(0)))];
        let ends = if shared.is_some() { ends } else { [ends[0], about(host_b, server, self.new_socket())] };
        for (about, local, peer) in [(ends[0], a, Some(b)), (ends[1], b, Some(a))] {
            let is_told = shared.is_some() && local == b;
            if !is_told {
                self.socket(at, about, transport, local, peer, out);
            }
        }
        let end = |about: About, address: SocketAddr| End { socket: about.socket, address: Address::Inet(address) };
        let kind = Kind::Flow { transport, a: end(ends[0], a), b: end(ends[1], b), incarnation };
        self.event(at, About { flow: Some(id), ..About::default() }, Provenance::DERIVED, None, kind, out);
        self.flows[flow].ends = Some(ends);
        ends
    }

    fn host(&mut self, at: Nanos, ip: IpAddr, out: &mut Vec<Event>) -> HostId {
        let known = self.hosts.iter().position(|known| *known == ip);
        let place = known.unwrap_or(self.hosts.len());
        let host = HostId(place as u32 + 1);
        if known.is_none() {
            self.hosts.push(ip);
            let kind = Kind::Host { name: ip.to_string(), world: WorldKind::Replay, stack: String::new() };
            self.event(at, About { host, ..About::default() }, Provenance::DERIVED, None, kind, out);
        }
        host
    }

    /// Whoever is called at an address; of datagrams also the socket, which is one for all.
    fn server(
        &mut self,
        at: Nanos,
        host: HostId,
        transport: Transport,
        address: SocketAddr,
        out: &mut Vec<Event>,
    ) -> (ProgramId, Option<SocketId>) {
        let known = self.servers.iter().find(|known| known.address == address && known.transport == transport);
        if let Some(known) = known {
            return (known.program, known.socket);
        }
        self.programs += 1;
        let program = ProgramId(self.programs);
        self.program(at, host, program, address.to_string(), transport, out);
        let socket = (transport == Transport::Udp).then(|| self.new_socket());
        if socket.is_some() {
            let about = About { host, program: Some(program), socket, flow: None };
            self.socket(at, about, transport, address, None, out);
        }
        self.servers.push(Server { transport, address, program, socket });
        (program, socket)
    }

    fn new_socket(&mut self) -> SocketId {
        self.sockets += 1;
        SocketId(self.sockets)
    }

    fn program(
        &mut self,
        at: Nanos,
        host: HostId,
        id: ProgramId,
        name: String,
        transport: Transport,
        out: &mut Vec<Event>,
    ) {
        let kind = Kind::Program {
            pid: None,
            name,
            role: Role::Other,
            owner: Owner::System,
            transport: Some(transport),
            reads: None,
            calls_visible: false,
        };
        let about = About { host, program: Some(id), ..About::default() };
        self.event(at, about, Provenance::DERIVED, None, kind, out);
    }

    fn socket(
        &mut self,
        at: Nanos,
        about: About,
        transport: Transport,
        local: SocketAddr,
        peer: Option<SocketAddr>,
        out: &mut Vec<Event>,
    ) {
        let (local, peer) = (Some(Address::Inet(local)), peer.map(Address::Inet));
        let kind = Kind::Socket { transport, fd: None, cookie: None, parent: None, local, peer };
        self.event(at, about, Provenance::DERIVED, None, kind, out);
    }

    fn event(
        &mut self,
        at: Nanos,
        about: About,
        provenance: Provenance,
        cause: Option<Cause>,
        kind: Kind,
        out: &mut Vec<Event>,
    ) -> Seq {
        self.seq += 1;
        let seq = Seq(self.seq);
        out.push(Event { seq, at, uncertainty: Nanos(0), about, provenance, cause, kind });
        seq
    }
}

fn flow_id(flow: usize) -> FlowId {
    FlowId(flow as u32 + 1)
}
