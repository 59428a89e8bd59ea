//! The operating system's own TCP/IP, over loopback.

use super::World;
use super::bind::{self, Bound};
pub use super::options::{StartError, WorldOptions};
use crate::client::{Clients, Whom};
use crate::echo::{Server, Shared};
use crate::kernel::Sampler;
use crate::probe::{GateKeeper, Story};
use crate::recorder::Recorder;
use crate::sockets::{Local, SocketFactory, errno};
use protocol::message::TargetInfo;
use protocol::{
    Ability, About, Address, Bytes, Capability, Cause, ClientAction, ClientSpec, Command, CommandId, Family, Holds,
    HostId, Kind, MemberId, NoteId, Provenance, Reason, Refusal, Reply, ServerAction, ServerId, ServerInfo,
    ServerSettings, Setting, SettingsInfo, Target, Transport, Unavailable, WorldAction, WorldKind,
};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

/// Bytes of a send that its command event repeats: the call has them all.
const COMMAND_SNAP: usize = 64;
/// How long leaving waits for programs to close their sockets.
const CLOSING_TIME: Duration = Duration::from_secs(1);

/// The world *This computer*.
pub struct ThisComputer {
    story: Arc<Story>,
    servers: Vec<Arc<Server>>,
    clients: Arc<Clients>,
    shared: Arc<Shared>,
    settings: watch::Sender<ServerSettings>,
    /// Settings change one at a time: what they were, what they are, what is recorded.
    changing: Mutex<()>,
    reading: GateKeeper,
    accepting: GateKeeper,
    targets: Vec<TargetInfo>,
    capabilities: Vec<Capability>,
    changed: Arc<watch::Sender<u64>>,
    tasks: TaskTracker,
    sampler: Sampler,
}

impl ThisComputer {
    /// Binds the echo servers and begins to serve.
    ///
    /// # Errors
    /// [`StartError`] names the address, the holder where it can be known, and the flag that changes it. A system without
    /// IPv6 or without Unix-domain sockets is no error: [`World::capabilities`] says so.
    pub async fn start(recorder: Recorder, options: WorldOptions) -> Result<Arc<Self>, StartError> {
        let story = Story::new(recorder);
        let factory: Arc<dyn SocketFactory> = Arc::new(Local);
        let tasks = TaskTracker::new();
        let settings = watch::Sender::new(options.settings.clone());
        let shared = Shared::new(settings.subscribe(), tasks.clone());
        let reading = GateKeeper::new(options.settings.reading);
        let accepting = GateKeeper::new(options.settings.accepting);
        tell_host(&story);
        let makes =
            bind::Makes { story: &story, factory: &factory, shared: &shared, reading: &reading, accepting: &accepting };
        let Bound { servers, missing } = bind::bind(&makes, &options).await?;
        let clients = Arc::new(Clients::new(Arc::clone(&story), Arc::clone(&factory), tasks.clone()));
        let sampler = Sampler::start(Arc::clone(&story), &tasks);
        sampler.held_back(!options.settings.reading || !options.settings.accepting);
        let world = Arc::new(Self {
            capabilities: capabilities(&missing, &sampler),
            story,
            servers,
            clients,
            shared,
            settings,
            changing: Mutex::new(()),
            reading,
            accepting,
            targets: options.targets,
            changed: Arc::new(watch::Sender::new(0)),
            tasks,
            sampler,
        });
        world.servers_changed();
        Ok(world)
    }

    /// Closes everything, and removes the socket files. Takes no longer than a second.
    pub async fn shutdown(&self) {
        self.sampler.stop();
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

    /// Where this world's events go.
    #[must_use]
    pub fn recorder(&self) -> &Recorder {
        &self.story.recorder
    }

    fn server(&self, id: ServerId) -> Result<&Arc<Server>, Refusal> {
        self.servers.iter().find(|server| server.id() == id).ok_or(Refusal::NoSuchServer(id))
    }

    fn record(&self, id: CommandId, about: About, what: Command) {
        let about = About { host: self.story.host, ..about };
        self.story.recorder.record(about, Provenance::OBSERVED, None, Kind::Command { id, what });
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
                let address = nobody(transport, family).map_err(|error| Refusal::System(errno::named(&error)))?;
                Ok(Whom { transport, address })
            }
        }
    }

    fn tell_client(&self, id: CommandId, client: protocol::ProgramId, action: ClientAction) -> Result<Reply, Refusal> {
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
                self.sampler.held_back(!reading || !wanted.accepting);
            }
            Setting::Accepting(accepting) => {
                self.accepting.set(accepting);
                self.sampler.held_back(!accepting || !wanted.reading);
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
        self.story.stir();
        bump(&self.changed);
        Ok(Reply::Done)
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
        self.sampler.look_at(ends.iter().filter_map(Address::inet).collect());
    }
}

impl World for ThisComputer {
    fn kind(&self) -> WorldKind {
        WorldKind::ThisComputer
    }

    fn capabilities(&self) -> Vec<Capability> {
        self.capabilities.clone()
    }

    fn servers(&self) -> Vec<ServerInfo> {
        self.servers.iter().map(|server| server.info()).collect()
    }

    fn settings(&self) -> SettingsInfo {
        let wanted = self.settings.borrow().clone();
        let mut waiting: Vec<Setting> = Vec::new();
        for setting in self.servers.iter().flat_map(|server| server.waiting(&wanted)) {
            if !waiting.contains(&setting) {
                waiting.push(setting);
            }
        }
        SettingsInfo { wanted, waiting }
    }

    fn targets(&self) -> Vec<TargetInfo> {
        self.targets.clone()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    fn perform(&self, id: CommandId, what: Command) -> Result<Reply, Refusal> {
        match what {
            Command::Open(spec) => self.open(id, spec),
            Command::Client { client, action } => self.tell_client(id, client, action),
            Command::Server(action) => self.tell_server(id, action),
            Command::Wire(_) => Err(Refusal::Unavailable(Ability::Wire, no_wire())),
            Command::World(WorldAction::Clear) => {
                self.story.recorder.begin_epoch();
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
        }
    }

    fn leave(&self, member: MemberId) {
        self.clients.leave(member);
    }

    fn this_computer(&self) -> Option<HostId> {
        Some(self.story.host)
    }

    fn tell_again(&self) {
        tell_host(&self.story);
        for server in &self.servers {
            server.program().tell(None);
        }
        self.clients.tell_again();
        self.sampler.tell_again();
        self.story.table.tell_again();
        self.story.tell_waiting();
        self.story.stir();
    }
}

fn bump(changed: &watch::Sender<u64>) {
    changed.send_modify(|count| *count += 1);
}

fn tell_host(story: &Story) {
    let kind = Kind::Host { name: "this computer".into(), world: WorldKind::ThisComputer, stack: system() };
    let about = About { host: story.host, ..About::default() };
    story.recorder.record(about, Provenance::OBSERVED, None, kind);
}

/// The operating system's name and version, such as `Linux 6.18`.
#[must_use]
pub fn system() -> String {
    #[cfg(unix)]
    {
        let name = rustix::system::uname();
        let release = name.release().to_string_lossy().into_owned();
        let version: Vec<_> = release.split('.').take(2).collect();
        let name = name.sysname().to_string_lossy().into_owned();
        format!("{name} {}", version.join("."))
    }
    #[cfg(not(unix))]
    {
        "Windows".into()
    }
}

/// A place where nobody listens: a port that was free a moment ago, or a path that does not exist.
fn nobody(transport: Transport, family: Family) -> std::io::Result<Address> {
    if !transport.is_inet() {
        let name = format!("socketscope-nobody-{:016x}.sock", crate::random() as u64);
        return Ok(Address::Unix(Some(std::env::temp_dir().join(name).to_string_lossy().into_owned())));
    }
    let any = match family {
        Family::Ipv6 => SocketAddr::from((Ipv6Addr::LOCALHOST, 0)),
        _ => SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
    };
    let free = if transport == Transport::Tcp {
        std::net::TcpListener::bind(any)?.local_addr()?
    } else {
        std::net::UdpSocket::bind(any)?.local_addr()?
    };
    Ok(Address::Inet(free))
}

fn capabilities(missing: &[(Ability, Unavailable)], sampler: &Sampler) -> Vec<Capability> {
    use Ability::{
        KernelValues, OtherPrograms, Packets, ProgramNames, RunPrograms, Tcp4, Tcp6, Udp4, Udp6, UnixDatagram,
        UnixStream, VirtualTime, Wire,
    };
    let later = |what: &str| Unavailable {
        reason: Reason::ComingLater,
        detail: format!("{what} is not built yet in this version"),
        remedy: String::new(),
    };
    let unavailable = |ability: Ability| match ability {
        Wire => Some(no_wire()),
        Packets => Some(later("seeing packets on this computer")),
        RunPrograms => Some(later("running a person's own program")),
        VirtualTime => Some(Unavailable {
            reason: Reason::NotInThisWorld,
            detail: "a real kernel's clock cannot be stopped or turned back".into(),
            remedy: String::new(),
        }),
        KernelValues | OtherPrograms | ProgramNames => sampler.unavailable(),
        _ => missing.iter().find(|(what, _)| *what == ability).map(|(_, why)| why.clone()),
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

fn no_wire() -> Unavailable {
    Unavailable {
        reason: Reason::NotInThisWorld,
        detail: "on this computer the wire is inside the kernel, where nobody can hold a packet".into(),
        remedy: String::new(),
    }
}
