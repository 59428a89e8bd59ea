//! Who is on the ladder: a few clients, the server they speak to, and where their lanes are.

use crate::model::story::{PacketRecord, SocketRecord, Story};
use protocol::{FlowId, Op, ProgramId, SocketId, Tap, Transport};

/// The most clients with lanes of their own.
pub const MOST: usize = 3;

/// Who is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cast {
    /// Clients, the oldest first; one of them is followed.
    pub clients: Vec<ProgramId>,
    /// The server.
    pub server: Option<ProgramId>,
    /// Its listening socket, or its only one.
    pub listener: Option<SocketId>,
    /// What they speak.
    pub transport: Option<Transport>,
    /// Whether their packets are seen.
    pub packets: bool,
    /// Whether the packets were seen on this computer's loopback interface.
    pub loopback: bool,
    /// Whether the packets come from a capture, which saw each of them once.
    pub captured: bool,
    /// All clients of the server, if they are more than have room: they are strips above the lanes of one.
    pub crowd: Vec<ProgramId>,
    /// Whether there is room for three lanes only.
    pub narrow: bool,
}

impl Cast {
    /// The cast around a followed client; without one, the first server of the story waits alone. On a narrow screen
    /// only the followed one has lanes.
    #[must_use]
    pub fn around(story: &Story, followed: Option<ProgramId>, narrow: bool) -> Self {
        let clients: Vec<_> = story.client_ids().collect();
        let Some(followed) = followed.or(clients.last().copied()) else {
            let servers = || story.programs().iter().filter(|program| story.serves(program.id));
            let tcp = servers().find(|program| program.transport == Some(Transport::Tcp));
            let cast = Self { narrow, packets: has_wire(story), ..Self::default() };
            return cast.with_server(story, tcp.or(servers().next()).map(|server| server.id));
        };
        let mut cast = Self { clients: vec![followed], ..Self::default() };
        cast = cast.with_server(story, server_of(story, followed));
        cast.transport = story.program(followed).and_then(|program| program.transport).or(cast.transport);
        cast.packets = has_wire(story) && cast.transport.is_none_or(Transport::is_inet);
        let tap = story.packets().last().map(|packet| packet.tap);
        (cast.loopback, cast.captured) = (tap == Some(Tap::Loopback), tap == Some(Tap::File));
        let since = story.program(followed).map(|program| program.since);
        let together = |other: &&ProgramId| {
            **other == followed
                || server_of(story, **other) == cast.server
                    && gone(story, **other).is_none_or(|gone| Some(gone) > since)
        };
        // The story lists programs in the order of their appearance.
        let shown: Vec<_> = clients.iter().filter(together).copied().collect();
        cast.narrow = narrow;
        if shown.len() > if narrow { 1 } else { MOST } {
            cast.crowd = shown;
        } else if !shown.is_empty() {
            cast.clients = shown;
        }
        cast
    }

    fn with_server(mut self, story: &Story, server: Option<ProgramId>) -> Self {
        self.server = server;
        if let Some(program) = server.and_then(|id| story.program(id)) {
            let sockets = || program.sockets.iter().rev().filter_map(|id| story.socket(*id));
            let listener = sockets().find(|socket| socket.parent.is_none());
            self.listener = listener.or(sockets().next()).map(|socket| socket.id);
            self.transport = program.transport.or(listener.and_then(|socket| socket.transport));
        }
        self
    }

    /// Whether a program is shown.
    #[must_use]
    pub fn has(&self, program: ProgramId) -> bool {
        self.server == Some(program) || self.clients.contains(&program)
    }

    /// Which client a socket belongs to: its own, or the one at its other end.
    #[must_use]
    pub fn client_of(&self, story: &Story, socket: &SocketRecord) -> Option<usize> {
        let at = |program: Option<ProgramId>| self.clients.iter().position(|client| Some(*client) == program);
        at(socket.program).or_else(|| at(story.peer(socket.id)?.program))
    }

    /// Whether a socket is the listener, or of a shown client, or a connection of the server to somebody shown.
    #[must_use]
    pub fn has_socket(&self, story: &Story, id: SocketId) -> bool {
        if self.listener == Some(id) {
            return true;
        }
        let Some(socket) = story.socket(id) else { return false };
        let ours = socket.program.is_some_and(|program| self.has(program))
            || socket.parent.is_some() && socket.parent == self.listener;
        ours && (self.client_of(story, socket).is_some() || socket.parent.is_none() || story.peer(id).is_none())
    }

    /// Whether a packet goes to or comes from somebody shown.
    #[must_use]
    pub fn has_packet(&self, story: &Story, packet: &PacketRecord) -> bool {
        if let Some(flow) = packet.flow.filter(|flow| story.flow(*flow).is_some()) {
            return self.has_flow(story, flow);
        }
        let Some((src, dst)) = story.ends_of(packet) else { return true };
        let known = [(src, dst), (dst, src)].map(|ends| story.sender(ends));
        // Somebody shown, or nobody at all that the story knows: a port where nobody listens.
        let shown = |socket: &SocketRecord| socket.program.is_some_and(|id| self.clients.contains(&id));
        known == [None, None] || known.into_iter().flatten().any(shown)
    }

    /// Whether a flow is between somebody shown and the server.
    #[must_use]
    pub fn has_flow(&self, story: &Story, id: FlowId) -> bool {
        let Some(flow) = story.flow(id) else { return true };
        let shown = |socket: Option<SocketId>| socket.is_none_or(|socket| self.has_socket(story, socket));
        shown(flow.a.socket) && shown(flow.b.socket)
    }
}

/// Whether packets are seen: two hosts have a wire between them, also before anything went over it.
fn has_wire(story: &Story) -> bool {
    !story.packets().is_empty() || story.hosts().len() > 1
}

/// When a client closed its only socket, or ended.
fn gone(story: &Story, client: ProgramId) -> Option<protocol::Nanos> {
    let program = story.program(client)?;
    let closed = program.sockets.iter().filter_map(|id| story.socket(*id)).map(|socket| socket.closed);
    closed.min_by_key(Option::is_some).flatten().or(program.ended)
}

/// The server a client speaks to, or wants to.
pub(super) fn server_of(story: &Story, client: ProgramId) -> Option<ProgramId> {
    let program = story.program(client)?;
    let socket = story.last_socket(client);
    if let Some(owner) = socket
        .and_then(|socket| story.peer(socket.id))
        .and_then(|peer| peer.program.or(story.socket(peer.parent?)?.program))
    {
        return Some(owner);
    }
    let op = |at: &u32| &story.calls()[*at as usize].op;
    let connects =
        socket.and_then(|socket| socket.others.iter().rev().map(op).find(|op| matches!(op, Op::Connect { .. })));
    let sends = socket.and_then(|socket| socket.sends.last()).map(op);
    let asked = [connects, sends].into_iter().flatten().find_map(|op| match op {
        Op::Connect { to } | Op::SendTo { to, .. } => Some(to),
        _ => None,
    });
    let wanted = socket.and_then(|socket| socket.peer.as_ref()).or(asked);
    let transport = program.transport.or(socket.and_then(|socket| socket.transport));
    let serves = |socket: &&SocketRecord| {
        socket.transport == transport
            && socket.parent.is_none()
            && socket.program.is_some_and(|id| id != client && story.serves(id))
    };
    let exact = wanted.and_then(|wanted| story.socket_at(wanted, None)).filter(serves);
    let alike = || {
        story
            .sockets()
            .iter()
            .find(|socket| socket.transport == transport && socket.program.is_some_and(|id| story.serves(id)))
    };
    exact.or_else(alike)?.program
}

/// Where the lanes are, CSS pixels from the left.
#[derive(Clone, Debug, PartialEq)]
pub struct Lanes {
    /// All of it.
    pub width: f64,
    /// The bars of each client's program.
    pub programs: Vec<f64>,
    /// The line of each client's socket.
    pub sockets: Vec<f64>,
    /// The line of the listening socket.
    pub listener: f64,
    /// The line of the server's connection with the first client; those of others are left of it.
    pub connections: Vec<f64>,
    /// The bars of the server's program.
    pub server: f64,
}

/// Narrower than this there is room for three lanes only, CSS pixels.
pub const NARROW: f64 = 600.0;

impl Lanes {
    /// The lanes of a cast on so much room; less than 320 is treated as 320.
    #[must_use]
    pub fn of(cast: &Cast, width: f64) -> Self {
        let width = width.max(320.0);
        let at = |parts: &[f64]| parts.iter().map(|part| (part * width).round()).collect::<Vec<_>>();
        let datagrams = cast.transport.is_some_and(|transport| !transport.is_stream());
        let (programs, sockets, first, server) = match (cast.clients.len(), cast.packets) {
            _ if cast.narrow => (vec![14.0], at(&[0.37]), 0.62, width - 16.0),
            (0 | 1, true) => (at(&[0.13]), at(&[0.30]), 0.70, 0.87 * width),
            (0 | 1, false) => (at(&[0.135]), at(&[0.41]), 0.59, 0.88 * width),
            (2, _) => (at(&[0.05, 0.23]), at(&[0.42, 0.44]), 0.62, 0.86 * width),
            _ => (at(&[0.035, 0.165, 0.295]), at(&[0.43, 0.45, 0.47]), 0.64, 0.86 * width),
        };
        let first = (first * width).round();
        let step = (0.018 * width).round().clamp(8.0, 20.0);
        let connections: Vec<f64> = (0..programs.len()).map(|n| first - step * n as f64).collect();
        // A listening socket stands beside its connections; a datagram socket is the only one.
        let listener = if datagrams { first } else { first + step };
        Self { width, programs, sockets, listener, connections, server: server.round() }
    }

    /// From where to where the wire goes.
    #[must_use]
    pub fn wire(&self) -> (f64, f64) {
        let left = self.sockets.iter().copied().fold(0.0, f64::max);
        (left, self.connections.iter().copied().fold(self.listener, f64::min))
    }
}
