//! A story told by hand, for tests: each line is an event, times are microseconds.

use super::Story;
use protocol::{
    About, Address, Bytes, Call, CallId, DatagramId, Direction, End, Event, Family, FlowId, GaugeKey, HostId, Kind,
    Nanos, Op, Outcome, Owner, Phase, ProgramId, Provenance, Role, Seq, SocketId, Span, TcpState, Transport, WorldKind,
};

/// The server program.
pub const SERVER: ProgramId = ProgramId(1);
/// Its listening socket.
pub const LISTENER: SocketId = SocketId(1);

/// Tells events.
#[derive(Default)]
pub struct Teller {
    /// What was told.
    pub events: Vec<Event>,
    calls: u32,
    sent: std::collections::BTreeMap<SocketId, u64>,
    received: std::collections::BTreeMap<SocketId, u64>,
}

/// The address of this computer with a port.
pub fn at(port: u16) -> Address {
    Address::Inet(std::net::SocketAddr::from(([127, 0, 0, 1], port)))
}

impl Teller {
    /// A TCP server that listens with backlog 5 and waits in accept.
    pub fn tcp() -> Self {
        let mut tell = Self::default();
        let host =
            Kind::Host { name: "this computer".into(), world: WorldKind::ThisComputer, stack: "Linux 6.18".into() };
        tell.event(0, About::default(), host);
        tell.program(0, SERVER, Role::Server, "TCP echo server");
        tell.socket(2, SERVER, LISTENER, None, Some(8808), None);
        let made = Op::Socket { family: Family::Ipv4, transport: Transport::Tcp };
        tell.call(1, 3, SERVER, LISTENER, made, Outcome::Fd(3));
        tell.call(4, 6, SERVER, LISTENER, Op::Bind { to: at(8808) }, Outcome::Done);
        tell.call(7, 9, SERVER, LISTENER, Op::Listen { backlog: 5 }, Outcome::Done);
        tell
    }

    /// One event.
    pub fn event(&mut self, micros: u64, about: About, kind: Kind) -> Seq {
        let seq = Seq(self.events.len() as u64 + 1);
        let provenance = match kind {
            Kind::State { .. } | Kind::Gauge(_) => Provenance::REPORTED,
            _ => Provenance::OBSERVED,
        };
        let at = Nanos::from_micros(micros);
        self.events.push(Event { seq, at, uncertainty: Nanos(0), about, provenance, cause: None, kind });
        seq
    }

    /// A program whose calls are visible.
    pub fn program(&mut self, micros: u64, id: ProgramId, role: Role, name: &str) {
        self.some_program(micros, id, role, name, true);
    }

    /// A program.
    pub fn some_program(&mut self, micros: u64, id: ProgramId, role: Role, name: &str, calls_visible: bool) {
        let about = About { program: Some(id), ..About::default() };
        let (name, transport) = (name.to_string(), Some(Transport::Tcp));
        let (pid, owner) = ((role == Role::Other).then_some(4711), Owner::Ours);
        let kind = Kind::Program { pid, name, role, owner, transport, reads: None, calls_visible };
        self.event(micros, about, kind);
    }

    /// A TCP socket.
    pub fn socket(
        &mut self,
        micros: u64,
        program: ProgramId,
        id: SocketId,
        parent: Option<SocketId>,
        local: Option<u16>,
        peer: Option<u16>,
    ) {
        let program = (program.0 > 0).then_some(program);
        let about = About { host: HostId(0), program, socket: Some(id), flow: None };
        let (local, peer) = (local.map(at), peer.map(at));
        self.event(
            micros,
            about,
            Kind::Socket { transport: Transport::Tcp, fd: None, cookie: None, parent, local, peer },
        );
    }

    /// A connection between two sockets.
    pub fn flow(&mut self, micros: u64, id: u32, a: (SocketId, u16), b: (Option<SocketId>, u16)) {
        let about = About { flow: Some(FlowId(id)), ..About::default() };
        let a = End { socket: Some(a.0), address: at(a.1) };
        let b = End { socket: b.0, address: at(b.1) };
        self.event(micros, about, Kind::Flow { transport: Transport::Tcp, a, b, incarnation: 0 });
    }

    /// A call that returned.
    pub fn call(&mut self, from: u64, to: u64, program: ProgramId, socket: SocketId, op: Op, outcome: Outcome) -> Seq {
        let id = self.enter(from, program, socket, op.clone(), Bytes::default(), None);
        self.leave(to, id, program, socket, op, outcome, Bytes::default(), None);
        Seq(self.events.len() as u64 - 1)
    }

    /// The entry of a call.
    pub fn enter(
        &mut self,
        micros: u64,
        program: ProgramId,
        socket: SocketId,
        op: Op,
        data: Bytes,
        span: Option<Span>,
    ) -> CallId {
        self.calls += 1;
        let id = CallId(self.calls);
        let call = Call { id, phase: Phase::Entered, op, outcome: None, span, data, line: None, tries: 1 };
        self.event(micros, about(program, socket), Kind::Call(call));
        id
    }

    /// The return of a call.
    #[allow(clippy::too_many_arguments, reason = "a table row, not an interface")]
    pub fn leave(
        &mut self,
        micros: u64,
        id: CallId,
        program: ProgramId,
        socket: SocketId,
        op: Op,
        outcome: Outcome,
        data: Bytes,
        span: Option<Span>,
    ) {
        let call = Call { id, phase: Phase::Returned, op, outcome: Some(outcome), span, data, line: None, tries: 1 };
        self.event(micros, about(program, socket), Kind::Call(call));
    }

    /// `send` on a stream.
    pub fn send(&mut self, from: u64, to: u64, program: ProgramId, socket: SocketId, data: &str) -> Seq {
        let len = data.len() as u64;
        let sent = self.sent.entry(socket).or_default();
        let span = Some(Span::Stream { direction: Direction::Out, start: *sent, len });
        *sent += len;
        let id = self.enter(from, program, socket, Op::Send { len }, data.into(), span);
        let seq = Seq(self.events.len() as u64);
        self.leave(to, id, program, socket, Op::Send { len }, Outcome::Bytes(len), Bytes::default(), span);
        seq
    }

    /// `recv(1024)` on a stream.
    pub fn recv(&mut self, from: u64, to: u64, program: ProgramId, socket: SocketId, data: &str) -> Seq {
        let len = data.len() as u64;
        let received = self.received.entry(socket).or_default();
        let span = Some(Span::Stream { direction: Direction::In, start: *received, len });
        *received += len;
        let id = self.enter(from, program, socket, Op::Recv { max: 1024 }, Bytes::default(), None);
        let seq = Seq(self.events.len() as u64);
        self.leave(to, id, program, socket, Op::Recv { max: 1024 }, Outcome::Bytes(len), data.into(), span);
        seq
    }

    /// `sendto` or `recvfrom` of a datagram.
    #[allow(clippy::too_many_arguments, reason = "a table row, not an interface")]
    pub fn datagram(
        &mut self,
        from: u64,
        to: u64,
        program: ProgramId,
        socket: SocketId,
        op: Op,
        other: u16,
        id: u32,
        data: &str,
        true_len: u32,
    ) {
        let len = data.len() as u32;
        let span = Some(Span::Datagram { id: Some(DatagramId(id)), len, true_len: Some(true_len) });
        let sends = matches!(op, Op::SendTo { .. });
        let outcome = if sends { Outcome::Bytes(len.into()) } else { Outcome::From(len.into(), at(other)) };
        let (before, after) = if sends { (data.into(), Bytes::default()) } else { (Bytes::default(), data.into()) };
        let call = self.enter(from, program, socket, op.clone(), before, if sends { span } else { None });
        self.leave(to, call, program, socket, op, outcome, after, span);
    }

    /// A reported state.
    pub fn state(&mut self, micros: u64, socket: SocketId, to: TcpState) {
        let about = About { socket: Some(socket), ..About::default() };
        self.event(micros, about, Kind::State { from: None, to });
    }

    /// Reported values.
    pub fn gauge(&mut self, micros: u64, socket: SocketId, values: &[(GaugeKey, u64)]) {
        let about = About { socket: Some(socket), ..About::default() };
        self.event(micros, about, Kind::Gauge(values.to_vec()));
    }

    /// A client connects from `port` and is accepted as socket `conn`.
    pub fn connected(&mut self, micros: u64, client: ProgramId, socket: SocketId, conn: SocketId, port: u16) {
        self.program(micros, client, Role::Client, "client 1");
        let made = Op::Socket { family: Family::Ipv4, transport: Transport::Tcp };
        self.call(micros, micros + 10, client, socket, made, Outcome::Fd(9));
        let accept = self.enter(micros + 20, SERVER, LISTENER, Op::Accept, Bytes::default(), None);
        let connect = Op::Connect { to: at(8808) };
        let id = self.enter(micros + 100, client, socket, connect.clone(), Bytes::default(), None);
        self.socket(micros + 150, client, socket, None, Some(port), Some(8808));
        self.socket(micros + 150, ProgramId(0), conn, Some(LISTENER), Some(8808), Some(port));
        self.state(micros + 151, socket, TcpState::Established);
        self.leave(micros + 160, id, client, socket, connect, Outcome::Done, Bytes::default(), None);
        let accepted = Outcome::Accepted { socket: conn, peer: at(port) };
        self.leave(micros + 200, accept, SERVER, LISTENER, Op::Accept, accepted, Bytes::default(), None);
        self.socket(micros + 201, SERVER, conn, Some(LISTENER), Some(8808), Some(port));
        self.flow(micros + 202, client.0, (socket, port), (Some(conn), 8808));
        self.state(micros + 203, conn, TcpState::Established);
    }

    /// The story so far.
    pub fn story(&self) -> Story {
        let mut story = Story::new();
        self.events.iter().for_each(|event| story.push(event));
        story
    }
}

fn about(program: ProgramId, socket: SocketId) -> About {
    About { host: HostId(0), program: Some(program), socket: Some(socket), flow: None }
}

/// Three sends while the server does not read, then one recv, one answer, one recv.
pub fn three_in_one() -> Teller {
    let (client, socket, conn) = (ProgramId(2), SocketId(2), SocketId(3));
    let mut tell = Teller::tcp();
    tell.connected(1_000, client, socket, conn, 41022);
    tell.send(2_000, 2_010, client, socket, "one");
    tell.send(5_000, 5_010, client, socket, "two");
    tell.send(9_000, 9_010, client, socket, "three");
    tell.gauge(9_200, conn, &[(GaugeKey::RecvQueue, 11)]);
    tell.recv(20_000, 20_008, SERVER, conn, "onetwothree");
    tell.send(20_020, 20_030, SERVER, conn, "ONETWOTHREE");
    tell.recv(9_030, 20_090, client, socket, "ONETWOTHREE");
    tell
}
