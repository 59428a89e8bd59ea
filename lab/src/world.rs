//! Commands: the contract that all worlds fulfil, here answered at once.

use crate::host::Side;
use crate::lab::Lab;
use crate::program::client::Client;
use crate::program::probe::{hang_up, shown};
use crate::program::server::{Server, listen};
use crate::program::{Face, Task};
use protocol::message::Limit;
use protocol::program::OutOfRange;
use protocol::wire::WireAction;
use protocol::{
    Ability, About, Capability, Cause, ClientAction, ClientSpec, Command, CommandId, Family, Holds, Kind, MemberId,
    NoteId, Owner, ProgramId, Reason, Refusal, Reply, Role, ServerAction, ServerId, ServerInfo, Setting, SettingsInfo,
    Target, Transport, Unavailable, WorldAction, WorldInfo, WorldKind,
};
use std::net::SocketAddr;
use wire::{ActError, BadConditions};

/// The tutorial's own port.
const TCP_PORT: u16 = 808;
/// The UDP servers' port.
const UDP_PORT: u16 = 8080;
/// A port that nobody listens on.
const NOBODY: u16 = 9;
/// Clients at once: each has up to 128 KiB of buffers at either end, in a browser's memory.
const CLIENTS: usize = 256;

impl Lab {
    /// Which world it is.
    #[must_use]
    pub fn kind() -> WorldKind {
        WorldKind::InThisPage
    }

    /// What it can do and what not.
    #[must_use]
    pub fn capabilities() -> Vec<Capability> {
        use Ability::{
            KernelValues, OtherPrograms, Packets, ProgramNames, RunPrograms, Tcp4, Tcp6, Udp4, Udp6, UnixDatagram,
            UnixStream, VirtualTime, Wire,
        };
        let cannot = |reason, detail: &str| Some(Unavailable { reason, detail: detail.into(), remedy: String::new() });
        let unavailable = |ability| match ability {
            UnixStream | UnixDatagram => {
                cannot(Reason::NotInThisWorld, "the two hosts in the page have no file system, so no path to meet at")
            }
            OtherPrograms | ProgramNames | RunPrograms => {
                cannot(Reason::NeedsBridge, "no other program can reach the two hosts in the page")
            }
            _ => None,
        };
        [
            Tcp4,
            Tcp6,
            Udp4,
            Udp6,
            UnixStream,
            UnixDatagram,
            Packets,
            Wire,
            KernelValues,
            OtherPrograms,
            ProgramNames,
            VirtualTime,
            RunPrograms,
        ]
        .into_iter()
        .map(|ability| Capability { ability, unavailable: unavailable(ability) })
        .collect()
    }

    /// How it looks in the list of worlds.
    #[must_use]
    pub fn info() -> WorldInfo {
        WorldInfo { kind: Self::kind(), unavailable: None, capabilities: Self::capabilities() }
    }

    /// Its echo servers, as they are now.
    #[must_use]
    pub fn servers(&self) -> Vec<ServerInfo> {
        self.servers.iter().map(Server::info).collect()
    }

    /// Their settings.
    #[must_use]
    pub fn settings(&self) -> SettingsInfo {
        let wanted = self.crew.settings.clone();
        let mut waiting: Vec<Setting> = Vec::new();
        for setting in self.servers.iter().flat_map(|server| server.waiting(&wanted)) {
            if !waiting.contains(&setting) {
                waiting.push(setting);
            }
        }
        SettingsInfo { wanted, waiting }
    }

    /// Accepts a command or refuses it. The accepted one is recorded as an event before anything it causes; what it
    /// causes shows as time goes on.
    ///
    /// # Errors
    /// [`Refusal`], and then nothing was done.
    pub fn perform(&mut self, id: CommandId, what: Command) -> Result<Reply, Refusal> {
        let input = self.input(id, &what);
        let reply = match what {
            Command::Open(spec) => self.open(id, spec),
            Command::Client { client, action } => self.tell_client(id, client, action),
            Command::Server(action) => self.tell_server(id, action),
            Command::Wire(action) => self.tell_wire(id, action),
            Command::World(WorldAction::Clear) => {
                self.net.story.begin_epoch();
                self.record(id, About::default(), Command::World(WorldAction::Clear));
                self.tell_again();
                Ok(Reply::Done)
            }
            // Which world runs is decided above the worlds.
            Command::World(WorldAction::Switch(_)) => Err(Refusal::Unavailable(
                Ability::Wire,
                Unavailable {
                    reason: Reason::NotInThisWorld,
                    detail: "a world cannot switch itself".into(),
                    remedy: String::new(),
                },
            )),
        };
        if reply.is_ok() {
            self.keep(input);
        }
        self.settle();
        reply
    }

    /// The member is gone for good: closes its clients, as if it had said so.
    pub fn leave(&mut self, member: MemberId) {
        let theirs = self.crew.clients().filter(|client| client.owner() == member);
        let clients: Vec<ProgramId> = theirs.map(Client::program).collect();
        for client in clients {
            let id = CommandId { by: member, number: 0 };
            // One that closes already needs nothing more.
            let _ = self.perform(id, Command::Client { client, action: ClientAction::Close });
        }
    }

    /// Tells hosts, programs, sockets and conversations that live, for an epoch that has just begun.
    pub fn tell_again(&mut self) {
        self.tell_hosts();
        self.crew.tell_again(&mut self.net);
        self.net.tell_again();
        self.net.story.tell_waiting();
        self.net.unsaid();
    }

    pub(crate) fn tell_hosts(&mut self) {
        for side in Side::BOTH {
            let kind =
                Kind::Host { name: side.name().into(), world: WorldKind::InThisPage, stack: "smoltcp 0.14".into() };
            self.net.story.record(About { host: side.host(), ..About::default() }, None, kind);
        }
    }

    pub(crate) fn make_servers(&mut self) {
        let places = [(Transport::Tcp, TCP_PORT), (Transport::Udp, UDP_PORT)];
        for (transport, port) in places {
            for v6 in [false, true] {
                let id = ServerId(self.servers.len() as u32 + 1);
                let address = SocketAddr::new(Side::Server.address(v6), port);
                let mut server = Server::new(&mut self.net, &mut self.crew, id, transport, address);
                server.start(&mut self.net, &mut self.crew, None);
                self.servers.push(server);
            }
        }
    }

    fn record(&mut self, id: CommandId, about: About, what: Command) {
        let about = About { host: if about.host.0 == 0 { Side::Client.host() } else { about.host }, ..about };
        self.net.story.record(about, None, Kind::Command { id, what });
    }

    fn open(&mut self, id: CommandId, spec: ClientSpec) -> Result<Reply, Refusal> {
        spec.check()?;
        if self.crew.clients().count() >= CLIENTS {
            return Err(Refusal::Limit { what: Limit::Clients, most: CLIENTS as u64 });
        }
        let whom = self.whom(spec.target)?;
        self.record(id, About::default(), Command::Open(spec.clone()));
        let cause = Cause::Command(id);
        let name = if whom.0 == Transport::Tcp { "TCP client" } else { "UDP client" };
        let face = Face {
            host: Side::Client.host(),
            name: name.into(),
            role: Role::Client,
            owner: Owner::Member(id.by),
            transport: whom.0,
            recv_size: spec.recv_size,
            rule: spec.rule,
        };
        let program = self.crew.start(&mut self.net, face, Some(cause));
        let now = self.net.story.now();
        self.crew.spawn(now, Task::Client(Box::new(Client::new(program, id.by, spec, whom, cause))));
        Ok(Reply::Opened(program))
    }

    fn whom(&self, target: Target) -> Result<(Transport, SocketAddr), Refusal> {
        match target {
            Target::Server(id) => {
                let server = self.servers.iter().find(|server| server.id() == id).ok_or(Refusal::NoSuchServer(id))?;
                Ok((server.transport(), server.address()))
            }
            Target::Named(place) => Err(Refusal::NoSuchTarget(place)),
            Target::Nobody { transport: transport @ (Transport::Tcp | Transport::Udp), family } => {
                Ok((transport, SocketAddr::new(Side::Server.address(family == Family::Ipv6), NOBODY)))
            }
            Target::Nobody { transport, .. } => {
                let ability =
                    if transport == Transport::UnixStream { Ability::UnixStream } else { Ability::UnixDatagram };
                let missing = Self::capabilities().into_iter().find(|capability| capability.ability == ability);
                let why = missing.and_then(|capability| capability.unavailable);
                Err(why.map_or(Refusal::NoSuchTarget(0), |why| Refusal::Unavailable(ability, why)))
            }
        }
    }

    fn tell_client(&mut self, id: CommandId, client: ProgramId, action: ClientAction) -> Result<Reply, Refusal> {
        let (_, told) = self.crew.client(client).ok_or(Refusal::NoSuchClient(client))?;
        told.may(id.by, &action)?;
        let repeated = match &action {
            ClientAction::Send { data, repeat } => ClientAction::Send { data: shown(data), repeat: *repeat },
            other => other.clone(),
        };
        let about = About { program: Some(client), ..About::default() };
        self.record(id, about, Command::Client { client, action: repeated });
        let now = self.net.story.now();
        if let Some((task, told)) = self.crew.client(client) {
            told.tell(now, Cause::Command(id), action);
            self.crew.hasten(task, now);
        }
        Ok(Reply::Done)
    }

    fn tell_server(&mut self, id: CommandId, action: ServerAction) -> Result<Reply, Refusal> {
        let cause = Some(Cause::Command(id));
        let host = About { host: Side::Server.host(), ..About::default() };
        match action {
            ServerAction::Set(setting) => return self.set(id, host, &setting),
            ServerAction::Rebind(which) | ServerAction::Stop(which) | ServerAction::Start(which) => {
                let place =
                    self.servers.iter().position(|server| server.id() == which).ok_or(Refusal::NoSuchServer(which))?;
                let about = About { program: Some(self.servers[place].program()), ..host };
                self.record(id, about, Command::Server(action.clone()));
                let server = &mut self.servers[place];
                if !matches!(action, ServerAction::Start(_)) {
                    server.stop(&mut self.net, &mut self.crew, cause);
                }
                if !matches!(action, ServerAction::Stop(_)) {
                    server.start(&mut self.net, &mut self.crew, cause);
                }
                if let (ServerAction::Rebind(_), Some(socket)) = (&action, server.socket()) {
                    let about = self.net.about(socket);
                    self.net.story.note(about, None, NoteId::Rebound, Vec::new());
                }
            }
            ServerAction::HangUp(socket) => {
                if !self.crew.has_connection(socket) {
                    return Err(Refusal::NoSuchSocket(socket));
                }
                let about = self.net.about(socket);
                self.record(id, about, Command::Server(action));
                hang_up(&mut self.net, socket, cause);
                let now = self.net.story.now();
                self.crew.wake(now, [socket]);
            }
        }
        Ok(Reply::Done)
    }

    fn set(&mut self, id: CommandId, host: About, setting: &Setting) -> Result<Reply, Refusal> {
        let mut wanted = self.crew.settings.clone();
        let holds = wanted.apply(setting)?;
        self.record(id, host, Command::Server(ServerAction::Set(setting.clone())));
        self.crew.settings = wanted.clone();
        let cause = Some(Cause::Command(id));
        match *setting {
            Setting::Backlog(backlog) => {
                let streams = self.servers.iter().filter(|server| server.transport() == Transport::Tcp);
                for socket in streams.filter_map(Server::socket) {
                    // What the system says is in the record.
                    let _ = listen(&mut self.net, socket, backlog, cause);
                }
            }
            Setting::RecvSize(_) | Setting::Rule(_) => {
                for server in &self.servers {
                    self.crew.reads(&mut self.net, server.program(), wanted.recv_size, wanted.rule);
                }
            }
            _ => {}
        }
        if holds == Holds::Rebind && self.servers.iter().any(|server| !server.waiting(&wanted).is_empty()) {
            self.net.story.note(host, cause, NoteId::WaitsForRebind, Vec::new());
        }
        let now = self.net.story.now();
        self.crew.wake_all(now);
        Ok(Reply::Done)
    }

    fn tell_wire(&mut self, id: CommandId, action: WireAction) -> Result<Reply, Refusal> {
        let what = Command::Wire(action.clone());
        let about = About { host: Side::Client.host(), ..About::default() };
        let told = |story: &mut crate::story::Story| {
            story.record(about, None, Kind::Command { id, what });
        };
        self.net.act(action, id, told).map_err(|error| refusal(&error))?;
        Ok(Reply::Done)
    }
}

fn refusal(error: &ActError) -> Refusal {
    let range = |what: &str, least: u64, most: u64, given: u64| {
        Refusal::OutOfRange(OutOfRange { what: what.into(), least, most, given })
    };
    match error {
        ActError::Conditions(BadConditions::Delay(given)) => {
            range("delay or jitter in nanoseconds", 0, 60_000_000_000, given.0)
        }
        ActError::Conditions(BadConditions::Chance { name, given }) => range(name, 0, 1_000, u64::from(*given)),
        ActError::Conditions(BadConditions::Mtu(given)) => range("MTU", 68, u16::MAX.into(), u64::from(*given)),
        ActError::NotHeld(_) => Refusal::NotHeld,
        ActError::NoSuchMatch => range("number of the match", 1, u32::MAX.into(), 0),
    }
}
