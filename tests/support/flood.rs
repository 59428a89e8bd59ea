//! A long record, made up: echoes over a wire, as many as one likes, for measuring what a page does with them.
//!
//! Every echo is what one over Two hosts is: calls of both programs, segments with their bytes, acknowledgements,
//! kernel values. Some are equal, so that they fold; most are not; now and then a segment is lost and sent again.

use protocol::{
    About, Address, Bytes, Call, CallId, Cause, Direction, DropReason, End, Event, FlowId, GaugeKey, HostId, Kind,
    Nanos, Op, Outcome, Owner, Packet, PacketId, Phase, ProgramId, Provenance, Role, Seq, SocketId, Span, Stage, Tap,
    TimerKind, Transport, WorldKind,
};
use std::collections::VecDeque;
use std::net::SocketAddr;

/// The server.
pub const SERVER: ProgramId = ProgramId(1);
/// The client whose echoes these are.
pub const CLIENT: ProgramId = ProgramId(2);
const LISTENER: SocketId = SocketId(1);
const MINE: SocketId = SocketId(2);
const CONN: SocketId = SocketId(3);
const FLOW: FlowId = FlowId(1);

/// Events without end, the first ones introduce who takes part.
pub struct Flood {
    ready: VecDeque<Event>,
    now: Nanos,
    seq: u64,
    calls: u32,
    packets: u32,
    echoes: u64,
    /// Bytes of the stream so far: the echo sends back as many.
    sent: u64,
}

impl Default for Flood {
    fn default() -> Self {
        let now = Nanos::from_millis(1);
        let mut flood = Self { ready: VecDeque::new(), now, seq: 0, calls: 0, packets: 0, echoes: 0, sent: 0 };
        flood.introduce();
        flood
    }
}

impl Iterator for Flood {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        if self.ready.is_empty() {
            self.echo();
        }
        self.ready.pop_front()
    }
}

fn end(host: u8, port: u16) -> Address {
    SocketAddr::from(([10, 0, 0, host], port)).into()
}

fn of(program: ProgramId, socket: SocketId) -> About {
    About { host: HostId(program.0), program: Some(program), socket: Some(socket), flow: Some(FLOW) }
}

impl Flood {
    /// The client's send of the echo with this number carries so many bytes: sixteen equal ones, then others.
    fn len(n: u64) -> usize {
        if (n / 16).is_multiple_of(4) { 24 } else { 8 + (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58) as usize }
    }

    fn tell(&mut self, micros: u64, about: About, kind: Kind) -> Seq {
        self.now = self.now.after(Nanos::from_micros(micros));
        self.seq += 1;
        let reported = matches!(kind, Kind::Gauge(_));
        let provenance = if reported { Provenance::REPORTED } else { Provenance::OBSERVED };
        let (seq, at) = (Seq(self.seq), self.now);
        self.ready.push_back(Event { seq, at, uncertainty: Nanos(0), about, provenance, cause: None, kind });
        seq
    }

    fn enter(&mut self, micros: u64, about: About, op: Op, data: &[u8], span: Option<Span>) -> CallId {
        self.calls += 1;
        let id = CallId(self.calls);
        let (phase, data) = (Phase::Entered, data.into());
        self.tell(micros, about, Kind::Call(Call { id, phase, op, outcome: None, span, data, line: None, tries: 1 }));
        id
    }

    fn leave(
        &mut self,
        micros: u64,
        about: About,
        call: (CallId, Op),
        outcome: Outcome,
        data: &[u8],
        span: Option<Span>,
    ) {
        let ((id, op), phase, outcome) = (call, Phase::Returned, Some(outcome));
        let data = data.into();
        self.tell(micros, about, Kind::Call(Call { id, phase, op, outcome, span, data, line: None, tries: 1 }));
    }

    fn call(&mut self, about: About, op: Op, outcome: Outcome) {
        let id = self.enter(3, about, op.clone(), &[], None);
        self.leave(2, about, (id, op), outcome, &[], None);
    }

    fn introduce(&mut self) {
        for (host, name) in [(1, "server"), (2, "client")] {
            let about = About { host: HostId(host), ..About::default() };
            let (name, stack) = (name.to_owned(), "made up".to_owned());
            self.tell(1, about, Kind::Host { name, world: WorldKind::TwoHosts, stack });
        }
        for (id, role, name) in [(SERVER, Role::Server, "TCP server"), (CLIENT, Role::Client, "TCP client")] {
            let about = About { program: Some(id), host: HostId(id.0), ..About::default() };
            let (name, owner, transport) = (name.to_owned(), Owner::Ours, Some(Transport::Tcp));
            let kind = Kind::Program { pid: None, name, role, owner, transport, reads: None, calls_visible: true };
            self.tell(1, about, kind);
        }
        let (here, there) = (end(1, 41022), end(2, 808));
        self.socket(SERVER, LISTENER, None, &there, None);
        let listening = About { flow: None, ..of(SERVER, LISTENER) };
        self.call(listening, Op::Bind { to: there.clone() }, Outcome::Done);
        self.call(listening, Op::Listen { backlog: 5 }, Outcome::Done);
        self.socket(CLIENT, MINE, None, &here, Some(&there));
        self.socket(SERVER, CONN, Some(LISTENER), &there, Some(&here));
        let ends = [(MINE, here.clone()), (CONN, there.clone())];
        let [a, b] = ends.map(|(socket, address)| End { socket: Some(socket), address });
        let about = About { flow: Some(FLOW), ..About::default() };
        self.tell(1, about, Kind::Flow { transport: Transport::Tcp, a, b, incarnation: 0 });
        self.call(of(CLIENT, MINE), Op::Connect { to: there }, Outcome::Done);
        self.call(listening, Op::Accept, Outcome::Accepted { socket: CONN, peer: here });
    }

    fn socket(
        &mut self,
        program: ProgramId,
        id: SocketId,
        parent: Option<SocketId>,
        local: &Address,
        peer: Option<&Address>,
    ) {
        let about = About { flow: None, ..of(program, id) };
        let (local, peer) = (Some(local.clone()), peer.cloned());
        let kind = Kind::Socket { transport: Transport::Tcp, fd: Some(4), cookie: Some(9), parent, local, peer };
        self.tell(1, about, kind);
    }

    /// A segment that arrives, or is dropped on its way.
    fn packet(&mut self, to_server: bool, seq: u64, ack: u64, data: &[u8], lost: bool) {
        self.packets += 1;
        let (from, to) = if to_server { ((1, 41022), (2, 808)) } else { ((2, 808), (1, 41022)) };
        let bytes = segment(from, to, seq as u32 + 1_000, ack as u32 + 1_000, data);
        let (id, true_len) = (PacketId(self.packets), bytes.len() as u32);
        let about = if to_server { of(CLIENT, MINE) } else { of(SERVER, CONN) };
        let about = About { program: None, ..about };
        let mut stage = |micros, stage, data| {
            self.tell(micros, about, Kind::Packet(Packet { id, tap: Tap::Wire, stage, copy_of: None, data, true_len }))
        };
        let sent = stage(12, Stage::Sent, bytes);
        let end = if lost { Stage::Dropped(DropReason::Loss) } else { Stage::Delivered };
        stage(900, end, Bytes::default());
        if lost {
            self.ready.back_mut().into_iter().for_each(|event| event.cause = Some(Cause::Event(sent)));
        }
    }

    fn gauge(&mut self, about: About) {
        let values =
            [(GaugeKey::RecvQueue, 0), (GaugeKey::SendQueue, 0), (GaugeKey::Srtt, 1_900), (GaugeKey::Cwnd, 10)];
        self.tell(5, about, Kind::Gauge(values.to_vec()));
    }

    /// One echo: some 20 events.
    fn echo(&mut self) {
        let (n, start) = (self.echoes, self.sent);
        let len = Self::len(n);
        let data: Vec<u8> = (0..len).map(|at| b'a' + ((n as usize + at) % 26) as u8).collect();
        let answer = data.to_ascii_uppercase();
        let span = |direction| Some(Span::Stream { direction, start, len: len as u64 });
        let (mine, theirs) = (of(CLIENT, MINE), of(SERVER, CONN));
        let (send, recv) = (Op::Send { len: len as u64 }, Op::Recv { max: 1024 });
        // Now and then nothing happens for a while.
        let idle = if n % 64 == 63 { 180_000 } else { 150 };
        let server_reads = self.enter(idle, theirs, recv.clone(), &[], None);
        let sends = self.enter(60, mine, send.clone(), &data, span(Direction::Out));
        self.leave(14, mine, (sends, send.clone()), Outcome::Bytes(len as u64), &[], span(Direction::Out));
        let client_reads = self.enter(9, mine, recv.clone(), &[], None);
        let lost = n % 100 == 99;
        self.packet(true, start + 1, start + 1, &data, lost);
        if lost {
            self.now = self.now.after(Nanos::from_millis(201));
            self.packet(true, start + 1, start + 1, &data, false);
            if let [.., sent, _] = self.ready.make_contiguous() {
                sent.cause = Some(Cause::Timer(TimerKind::Retransmission));
            }
        }
        let through = start + len as u64;
        self.packet(false, start + 1, through + 1, &[], false);
        let outcome = Outcome::Bytes(len as u64);
        self.leave(20, theirs, (server_reads, recv.clone()), outcome.clone(), &data, span(Direction::In));
        let answers = self.enter(7, theirs, send.clone(), &answer, span(Direction::Out));
        self.leave(9, theirs, (answers, send), outcome.clone(), &[], span(Direction::Out));
        self.packet(false, start + 1, through + 1, &answer, false);
        self.packet(true, through + 1, through + 1, &[], false);
        self.leave(25, mine, (client_reads, recv), outcome, &answer, span(Direction::In));
        self.gauge(mine);
        self.gauge(theirs);
        (self.echoes, self.sent) = (n + 1, through);
    }
}

/// An IPv4 packet with a TCP segment, without options; checksums are not filled in.
fn segment(from: (u8, u16), to: (u8, u16), seq: u32, ack: u32, data: &[u8]) -> Bytes {
    let mut bytes = vec![0x45, 0];
    bytes.extend(((40 + data.len()) as u16).to_be_bytes());
    bytes.extend([0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, from.0, 10, 0, 0, to.0]);
    bytes.extend(from.1.to_be_bytes());
    bytes.extend(to.1.to_be_bytes());
    bytes.extend(seq.to_be_bytes());
    bytes.extend(ack.to_be_bytes());
    bytes.extend([0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0]);
    bytes.extend_from_slice(data);
    bytes.into()
}
