//! Watches events for a script: knows who has which name, what an action is as a command, and whether a condition
//! holds.

use crate::call::{Call, Outcome, Phase};
use crate::command::{Command, Reply, ServerAction};
use crate::event::{Event, Kind};
use crate::gauge::GaugeKey;
use crate::ids::{FlowId, PacketId, ProgramId, SocketId};
use crate::message::ServerInfo;
use crate::packet::{Packet, Stage};
use crate::script::{Action, Condition, Pattern, What, Who, find_server, server_action};
use crate::state::TcpState;
use crate::wire::WireAction;
use std::collections::{BTreeMap, BTreeSet};

/// Everything seen so far, and the names.
#[derive(Debug, Default)]
pub struct Witness {
    events: Vec<Event>,
    names: BTreeMap<String, ProgramId>,
    servers: Vec<ServerInfo>,
    /// The flows of every program, and of every socket.
    flows: BTreeMap<ProgramId, BTreeSet<FlowId>>,
    socket_flow: BTreeMap<SocketId, FlowId>,
    gauges: BTreeMap<(SocketId, GaugeKey), u64>,
    states: BTreeMap<SocketId, TcpState>,
    /// The program of every socket, as last told.
    programs: BTreeMap<SocketId, ProgramId>,
    /// The packets that the wire keeps, the longest first.
    held: Vec<PacketId>,
}

impl Witness {
    /// One that has seen nothing.
    #[must_use]
    pub fn new(servers: Vec<ServerInfo>) -> Self {
        Self { servers, ..Self::default() }
    }

    /// Names a client.
    pub fn name(&mut self, name: &str, client: ProgramId) {
        self.names.insert(name.to_owned(), client);
    }

    /// The client of this name.
    #[must_use]
    pub fn client(&self, name: &str) -> Option<ProgramId> {
        self.names.get(name).copied()
    }

    /// The servers changed. One that does not run any more is still known by the program it was.
    pub fn servers(&mut self, mut servers: Vec<ServerInfo>) {
        for server in servers.iter_mut().filter(|server| server.program.is_none()) {
            let before = self.servers.iter().find(|before| before.id == server.id);
            (server.program, server.socket) = before.map_or((None, None), |before| (before.program, before.socket));
        }
        self.servers = servers;
    }

    /// The command that an action is in this world; `None` if whoever it is about is not there.
    #[must_use]
    pub fn command(&self, action: &Action) -> Option<Command> {
        Some(match action {
            Action::Open(_, play) => Command::Open(play.spec(&self.servers)?),
            Action::Client(name, action) => Command::Client { client: self.client(name)?, action: action.clone() },
            Action::HangUp(name) => Command::Server(ServerAction::HangUp(self.peer_socket(name)?)),
            Action::Wire(action) => Command::Wire(action.clone()),
            Action::Decide(verdict) => Command::Wire(WireAction::Decide(*self.held.first()?, *verdict)),
            other => Command::Server(server_action(other, &self.servers)?),
        })
    }

    /// The command that an action was is answered: a client that it opened has its name from now on.
    pub fn answered(&mut self, action: &Action, reply: &Reply) {
        if let (Action::Open(name, _), Reply::Opened(client)) = (action, reply) {
            self.name(name, *client);
        }
    }

    /// The events seen so far.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Forgets the events; names, states and values stay.
    pub fn forget(&mut self) {
        self.events.clear();
    }

    /// Takes an event.
    pub fn see(&mut self, event: Event) {
        let about = event.about;
        if let (Some(program), Some(flow)) = (about.program, about.flow) {
            self.flows.entry(program).or_default().insert(flow);
        }
        if let Some(socket) = about.socket {
            if let Some(flow) = about.flow {
                self.socket_flow.insert(socket, flow);
            }
            if let Some(program) = about.program {
                self.programs.insert(socket, program);
            }
            match &event.kind {
                Kind::Gauge(values) => {
                    self.gauges.extend(values.iter().map(|&(key, value)| ((socket, key), value)));
                }
                Kind::State { to, .. } => {
                    self.states.insert(socket, *to);
                }
                _ => {}
            }
        }
        if let Kind::Packet(Packet { id, stage, .. }) = &event.kind {
            match stage {
                Stage::Held(_) if !self.held.contains(id) => self.held.push(*id),
                Stage::Released | Stage::Delivered | Stage::Dropped(_) => self.held.retain(|held| held != id),
                _ => {}
            }
        }
        if let (Kind::Flow { a, b, .. }, Some(flow)) = (&event.kind, about.flow) {
            for socket in [a.socket, b.socket].into_iter().flatten() {
                self.socket_flow.insert(socket, flow);
            }
        }
        self.events.push(event);
    }

    /// Whether the condition holds now.
    #[must_use]
    pub fn holds(&self, condition: &Condition) -> bool {
        match condition {
            Condition::Seen(pattern, times) => self.times(pattern) >= *times,
            Condition::Exactly(pattern, times) => self.times(pattern) == *times,
            Condition::Value(who, key, compare, value) => self.gauges.iter().any(|(&(socket, of), &now)| {
                of == *key && self.is_socket_of(socket, who) && compare.holds(now, *value)
            }),
            Condition::IsIn(who, state) => {
                self.states.iter().any(|(&socket, now)| now == state && self.is_socket_of(socket, who))
            }
            Condition::All(all) => all.iter().all(|condition| self.holds(condition)),
            Condition::Any(any) => any.iter().any(|condition| self.holds(condition)),
            Condition::Not(not) => !self.holds(not),
        }
    }

    /// How many events match.
    #[must_use]
    pub fn times(&self, pattern: &Pattern) -> u32 {
        self.matching(pattern).count() as u32
    }

    /// The events that match, in recording order.
    pub fn matching<'a>(&'a self, pattern: &'a Pattern) -> impl Iterator<Item = &'a Event> {
        self.events.iter().filter(|event| self.is_about(event, &pattern.who) && is(event, &pattern.what))
    }

    /// The socket of the server's side of this client's conversation.
    #[must_use]
    pub fn peer_socket(&self, name: &str) -> Option<SocketId> {
        let who = Who::PeerOf(name.to_owned());
        self.socket_flow.keys().copied().find(|&socket| self.is_socket_of(socket, &who))
    }

    fn is_about(&self, event: &Event, who: &Who) -> bool {
        match who {
            Who::Anyone => true,
            Who::Client(name) => event.about.program.is_some() && event.about.program == self.client(name),
            Who::PeerOf(name) => {
                // A socket is told before its flow is; what became known later holds for it too.
                let flow = event.about.flow.or_else(|| self.socket_flow.get(&event.about.socket?).copied());
                event.about.program != self.client(name) && flow.is_some_and(|flow| self.is_flow_of(flow, name))
            }
            Who::Server(transport, family) => {
                let server = find_server(&self.servers, *transport, *family);
                server.is_some_and(|server| server.program.is_some() && event.about.program == server.program)
            }
        }
    }

    fn is_socket_of(&self, socket: SocketId, who: &Who) -> bool {
        let program = self.programs.get(&socket).copied();
        match who {
            Who::Anyone => true,
            Who::Client(name) => program.is_some() && program == self.client(name),
            Who::PeerOf(name) => {
                program != self.client(name)
                    && self.socket_flow.get(&socket).is_some_and(|&flow| self.is_flow_of(flow, name))
            }
            Who::Server(transport, family) => {
                find_server(&self.servers, *transport, *family).is_some_and(|server| server.socket == Some(socket))
            }
        }
    }

    fn is_flow_of(&self, flow: FlowId, name: &str) -> bool {
        self.client(name).and_then(|client| self.flows.get(&client)).is_some_and(|flows| flows.contains(&flow))
    }
}

fn is(event: &Event, what: &What) -> bool {
    match (what, &event.kind) {
        (What::Calls(verb), Kind::Call(call)) => call.phase == Phase::Entered && call.op.verb() == *verb,
        (What::Returns(verb), Kind::Call(call)) => call.phase == Phase::Returned && call.op.verb() == *verb,
        (What::Gives(verb, bytes), Kind::Call(call)) => call.op.verb() == *verb && given(call) == Some(*bytes),
        (What::Fails(verb, errno), Kind::Call(call)) => {
            call.op.verb() == *verb && matches!(call.outcome, Some(Outcome::Failed(error)) if error.name == *errno)
        }
        (What::Reaches(state), Kind::State { to, .. }) => to == state,
        (What::Notes(note), Kind::Note(id, _)) => id == note,
        (What::Closes, Kind::Closed) => true,
        (What::Holds, Kind::Packet(packet)) => matches!(packet.stage, Stage::Held(_)),
        (What::Queues, Kind::Socket { parent, .. }) => parent.is_some() && event.about.program.is_none(),
        _ => false,
    }
}

fn given(call: &Call) -> Option<u64> {
    match call.outcome {
        Some(Outcome::Bytes(bytes) | Outcome::From(bytes, _)) => Some(bytes),
        _ => None,
    }
}
