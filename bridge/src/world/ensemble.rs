//! What all worlds of the bridge share: echo servers, the clients of its members, and the settings of both.

use super::bind::Makes;
use crate::client::{Clients, Whom};
use crate::echo::{Server, Shared};
use crate::kernel::Sampler;
use crate::probe::{GateKeeper, Story};
use crate::sockets::{SocketFactory, errno};
use protocol::message::TargetInfo;
use protocol::{
    Ability, About, Address, Bytes, Cause, ClientAction, ClientSpec, Command, CommandId, Family, Holds, Kind, NoteId,
    ProgramId, Provenance, Reason, Refusal, Reply, ServerAction, ServerId, ServerInfo, ServerSettings, Setting,
    SettingsInfo, Target, Transport, Unavailable,
};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

/// Bytes of a send that its command event repeats: the call has them all.
const COMMAND_SNAP: usize = 64;
/// How long leaving waits for programs to close their sockets.
const CLOSING_TIME: Duration = Duration::from_secs(1);

/// A place where programs run: where they are written down, and what makes their sockets.
#[derive(Clone)]
pub struct Scene {
    /// Where they are written down.
    pub story: Arc<Story>,
    /// What makes their sockets.
    pub factory: Arc<dyn SocketFactory>,
}

/// An address where nobody listens.
pub type Nobody = fn(Transport, Family) -> io::Result<Address>;

/// What a world says to those who follow its servers.
pub type Changed = Arc<watch::Sender<u64>>;

/// The programs of a world.
pub struct Ensemble {
    /// Where the clients are.
    story: Arc<Story>,
    /// Where the servers are.
    stage: Scene,
    servers: Vec<Arc<Server>>,
    clients: Arc<Clients>,
    shared: Arc<Shared>,
    settings: watch::Sender<ServerSettings>,
    /// Settings change one at a time: what they were, what they are, what is recorded.
    changing: Mutex<()>,
    reading: GateKeeper,
    accepting: GateKeeper,
    targets: Vec<TargetInfo>,
    nobody: Nobody,
    samplers: Vec<Sampler>,
    changed: Changed,
    tasks: TaskTracker,
}

impl Ensemble {
    /// An ensemble whose servers are not there yet.
    pub fn new(clients: Scene, servers: Scene, begin: ServerSettings, nobody: Nobody, changed: Changed) -> Self {
        let tasks = TaskTracker::new();
        let (reading, accepting) = (GateKeeper::new(begin.reading), GateKeeper::new(begin.accepting));
        let settings = watch::Sender::new(begin);
        Self {
            story: Arc::clone(&clients.story),
            stage: servers,
            servers: Vec::new(),
            clients: Arc::new(Clients::new(clients.story, clients.factory, tasks.clone())),
            shared: Shared::new(settings.subscribe(), tasks.clone()),
            settings,
            changing: Mutex::new(()),
            reading,
            accepting,
            targets: Vec::new(),
            nobody,
            samplers: Vec::new(),
            changed,
            tasks,
        }
    }

    /// What its servers are made of.
    #[must_use]
    pub fn makes(&self) -> Makes<'_> {
        Makes {
            story: &self.stage.story,
            factory: &self.stage.factory,
            shared: &self.shared,
            reading: &self.reading,
            accepting: &self.accepting,
        }
    }

    /// Where what it does beside runs.
    #[must_use]
    pub fn tasks(&self) -> &TaskTracker {
        &self.tasks
    }

    /// Its servers are bound, and the kernels are asked about them.
    pub fn begin(&mut self, servers: Vec<Arc<Server>>, targets: Vec<TargetInfo>, samplers: Vec<Sampler>) {
        (self.servers, self.targets, self.samplers) = (servers, targets, samplers);
        self.held_back(&self.settings.borrow());
        self.servers_changed();
    }

    /// Closes everything, and removes the socket files. Takes no longer than a second.
    pub async fn shutdown(&self) {
        self.samplers.iter().for_each(Sampler::stop);
        self.clients.close_all();
        for server in &self.servers {
            server.stop(None).await;
        }
        for connection in self.shared.connections() {
            connection.hang_up(None);
        }
        self.tasks.close();
        // Whoever is not done by then is dropped with the runtime, which closes the sockets as well.
        let _ = tokio::time::timeout(CLOSING_TIME, self.tasks.wait()).await;
    }

    /// Its echo servers, as they are now.
    #[must_use]
    pub fn servers(&self) -> Vec<ServerInfo> {
        self.servers.iter().map(|server| server.info()).collect()
    }

    /// Further targets, named on the command line.
    #[must_use]
    pub fn targets(&self) -> Vec<TargetInfo> {
        self.targets.clone()
    }

    /// The clients.
    #[must_use]
    pub fn clients(&self) -> &Arc<Clients> {
        &self.clients
    }

    /// Says when servers or settings change.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Tells programs, sockets, conversations and calls that live, for a new epoch.
    pub fn tell_again(&self) {
        for server in &self.servers {
            server.program().tell(None);
        }
        self.clients.tell_again();
        self.samplers.iter().for_each(Sampler::tell_again);
        self.story.table.tell_again();
        self.stories().for_each(|story| {
            story.tell_waiting();
            story.stir();
        });
    }

    /// The stories of its hosts, each once.
    fn stories(&self) -> impl Iterator<Item = &Arc<Story>> {
        let server = Some(&self.stage.story).filter(|server| !Arc::ptr_eq(server, &self.story));
        std::iter::once(&self.story).chain(server)
    }

    /// Does a command that is about clients or servers.
    ///
    /// # Errors
    /// [`Refusal`], and then nothing was done.
    pub fn perform(&self, id: CommandId, what: Command) -> Result<Reply, Refusal> {
        match what {
            Command::Open(spec) => self.open(id, spec),
            Command::Client { client, action } => self.tell_client(id, client, action),
            Command::Server(action) => self.tell_server(id, action),
            // What is about the world is done by the world, and which world it is above the worlds.
            Command::Wire(_) | Command::World(_) => Err(Refusal::Unavailable(
                Ability::Wire,
                Unavailable {
                    reason: Reason::NotInThisWorld,
                    detail: "the programs of a world cannot do that".into(),
                    remedy: String::new(),
                },
            )),
        }
    }

    fn open(&self, id: CommandId, spec: ClientSpec) -> Result<Reply, Refusal> {
        self.clients.may_open(id.by, &spec)?;
        let whom = self.whom(spec.target)?;
        self.record(id, About::default(), Command::Open(spec.clone()));
        Ok(Reply::Opened(self.clients.open(id, spec, whom)))
    }

    fn whom(&self, target: Target) -> Result<Whom, Refusal> {
        match target {
            Target::Server(id) => {
                let info = self.server(id)?.info();
                Ok(Whom { transport: info.transport, address: info.address })
            }
            Target::Named(place) => {
                let target = self.targets.get(usize::from(place)).ok_or(Refusal::NoSuchTarget(place))?;
                Ok(Whom { transport: target.transport, address: target.address.clone() })
            }
            Target::Nobody { transport, family } => {
                let address =
                    (self.nobody)(transport, family).map_err(|error| Refusal::System(errno::named(&error)))?;
                Ok(Whom { transport, address })
            }
        }
    }

    fn tell_client(&self, id: CommandId, client: ProgramId, action: ClientAction) -> Result<Reply, Refusal> {
        let permit = self.clients.may_tell(id.by, client, &action)?;
        let shown = match &action {
            ClientAction::Send { data, repeat } => {
                ClientAction::Send { data: Bytes::snap(data, COMMAND_SNAP), repeat: *repeat }
            }
            other => other.clone(),
        };
        let about = About { program: Some(client), ..About::default() };
        self.record(id, about, Command::Client { client, action: shown });
        self.clients.tell(permit, id, action);
        Ok(Reply::Done)
    }

    fn tell_server(&self, id: CommandId, action: ServerAction) -> Result<Reply, Refusal> {
        let cause = Some(Cause::Command(id));
        let about = About::default();
        match action {
            ServerAction::Set(setting) => return self.set(id, &setting),
            ServerAction::Rebind(which) | ServerAction::Stop(which) | ServerAction::Start(which) => {
                let server = Arc::clone(self.server(which)?);
                let about = About { program: Some(server.program().id()), ..about };
                self.record(id, about, Command::Server(action.clone()));
                let (again, changed) = (Arc::clone(&self.changed), Arc::clone(&self.changed));
                let stopped = move || bump(&again);
                self.tasks.spawn(async move {
                    // An error is in the record and in what the server says of itself.
                    let _ = match action {
                        ServerAction::Rebind(_) => server.rebind(cause, stopped).await,
                        ServerAction::Start(_) => server.start(cause, stopped).await,
                        _ => {
                            server.stop(cause).await;
                            Ok(())
                        }
                    };
                    bump(&changed);
                });
            }
            ServerAction::HangUp(socket) => {
                let connection = self.shared.connection(socket).ok_or(Refusal::NoSuchSocket(socket))?;
                self.record(id, connection.about(), Command::Server(action));
                connection.hang_up(cause);
            }
        }
        Ok(Reply::Done)
    }

    fn set(&self, id: CommandId, setting: &Setting) -> Result<Reply, Refusal> {
        let _one_at_a_time = self.changing.lock().expect("nothing panics while it holds the settings");
        let mut wanted = self.settings.borrow().clone();
        let holds = wanted.apply(setting)?;
        self.record(id, About::default(), Command::Server(ServerAction::Set(setting.clone())));
        self.settings.send_replace(wanted.clone());
        match *setting {
            Setting::Reading(reading) => {
                self.reading.set(reading);
                self.held_back(&wanted);
            }
            Setting::Accepting(accepting) => {
                self.accepting.set(accepting);
                self.held_back(&wanted);
            }
            Setting::Backlog(backlog) => {
                for server in self.servers.iter().map(Arc::clone) {
                    self.tasks.spawn(async move { server.listen_again(backlog, Some(Cause::Command(id))).await });
                }
            }
            Setting::RecvSize(_) | Setting::Rule(_) => {
                for server in &self.servers {
                    server.program().reads(wanted.recv_size, wanted.rule);
                }
            }
            _ => {}
        }
        if holds == Holds::Rebind && self.servers.iter().any(|server| !server.waiting(&wanted).is_empty()) {
            let about = About { host: self.story.host, ..About::default() };
            let note = Kind::Note(NoteId::WaitsForRebind, Vec::new());
            self.story.recorder.record(about, Provenance::OBSERVED, Some(Cause::Command(id)), note);
        }
        self.stories().for_each(|story| story.stir());
        bump(&self.changed);
        Ok(Reply::Done)
    }

    fn server(&self, id: ServerId) -> Result<&Arc<Server>, Refusal> {
        self.servers.iter().find(|server| server.id() == id).ok_or(Refusal::NoSuchServer(id))
    }

    /// Records a command that was accepted.
    pub fn record(&self, id: CommandId, about: About, what: Command) {
        let about = About { host: self.story.host, ..about };
        self.story.recorder.record(about, Provenance::OBSERVED, None, Kind::Command { id, what });
    }

    fn held_back(&self, wanted: &ServerSettings) {
        self.samplers.iter().for_each(|sampler| sampler.held_back(!wanted.reading || !wanted.accepting));
    }

    /// The settings of the servers.
    #[must_use]
    pub fn settings(&self) -> SettingsInfo {
        let wanted = self.settings.borrow().clone();
        let mut waiting: Vec<Setting> = Vec::new();
        for setting in self.servers.iter().flat_map(|server| server.waiting(&wanted)) {
            if !waiting.contains(&setting) {
                waiting.push(setting);
            }
        }
        SettingsInfo { wanted, waiting }
    }

    /// After the servers changed: the kernel is asked about their sockets, and datagrams from their ports are refused.
    fn servers_changed(&self) {
        let infos = self.servers();
        let udp = infos.iter().filter(|info| info.transport == Transport::Udp);
        self.shared.serve_udp_ports(udp.filter_map(|info| info.address.port()).collect());
        let mut ends: Vec<_> =
            infos.iter().filter(|info| info.transport.is_inet()).map(|info| info.address.clone()).collect();
        ends.extend(
            self.targets.iter().filter(|target| target.transport.is_inet()).map(|target| target.address.clone()),
        );
        let ends: Vec<SocketAddr> = ends.iter().filter_map(Address::inet).collect();
        for sampler in &self.samplers {
            sampler.look_at(ends.clone());
        }
    }
}

fn bump(changed: &watch::Sender<u64>) {
    changed.send_modify(|count| *count += 1);
}
