//! The operating system's own TCP/IP, over loopback.

use super::World;
use super::bind::{self, Bound};
use super::ensemble::{Changed, Ensemble, Scene};
pub use super::options::{StartError, WorldOptions};
use crate::capture::{Capture, Ports};
use crate::echo::Server;
use crate::kernel::Sampler;
use crate::probe::Story;
use crate::recorder::Recorder;
use crate::sockets::Local;
use protocol::message::TargetInfo;
use protocol::{
    Ability, About, Address, Capability, Command, CommandId, Family, HostId, Kind, MemberId, Provenance, Reason,
    Refusal, Reply, ServerInfo, SettingsInfo, Transport, Unavailable, WorldAction, WorldKind,
};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use tokio::sync::watch;

/// The world *This computer*.
pub struct ThisComputer {
    story: Arc<Story>,
    ensemble: Ensemble,
    capabilities: Vec<Capability>,
    capture: Capture,
}

impl ThisComputer {
    /// Binds the echo servers and begins to serve.
    ///
    /// # Errors
    /// [`StartError`] names the address, the holder where it can be known, and the flag that changes it. A system without
    /// IPv6 or without Unix-domain sockets is no error: [`World::capabilities`] says so.
    pub async fn start(recorder: Recorder, options: WorldOptions) -> Result<Arc<Self>, StartError> {
        Self::beside(recorder, options, Changed::default()).await
    }

    /// As [`start`](Self::start), in a bridge with several worlds, which say by one signal that something changed.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn beside(recorder: Recorder, options: WorldOptions, changed: Changed) -> Result<Arc<Self>, StartError> {
        let story = Story::new(recorder);
        tell_host(&story);
        let scene = Scene { story: Arc::clone(&story), factory: Arc::new(Local) };
        let mut ensemble = Ensemble::new(scene.clone(), scene, options.settings.clone(), nobody, changed);
        let Bound { servers, missing } = bind::bind(&ensemble.makes(), &options).await?;
        let sampler = Sampler::start(Arc::clone(&story), ensemble.tasks());
        let capture = Capture::start(&story, ports(&servers), options.capture, ensemble.tasks()).await;
        let capabilities = capabilities(&missing, &sampler, &capture);
        ensemble.begin(servers, options.targets, vec![sampler]);
        Ok(Arc::new(Self { story, ensemble, capabilities, capture }))
    }

    /// Closes everything, and removes the socket files. Takes no longer than a second.
    pub async fn shutdown(&self) {
        self.capture.stop();
        self.ensemble.shutdown().await;
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
        self.ensemble.servers()
    }

    fn settings(&self) -> SettingsInfo {
        self.ensemble.settings()
    }

    fn targets(&self) -> Vec<TargetInfo> {
        self.ensemble.targets()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.ensemble.changes()
    }

    fn perform(&self, id: CommandId, what: Command) -> Result<Reply, Refusal> {
        // Somebody may have begun to watch a moment ago: the first packet of what follows is seen.
        self.story.look_at_packets();
        match what {
            Command::Wire(_) => Err(Refusal::Unavailable(Ability::Wire, no_wire())),
            Command::World(WorldAction::Clear) => {
                self.story.recorder.begin_epoch();
                self.ensemble.record(id, About::default(), what);
                self.tell_again();
                Ok(Reply::Done)
            }
            what => self.ensemble.perform(id, what),
        }
    }

    fn leave(&self, member: MemberId) {
        self.ensemble.clients().leave(member);
    }

    fn close_clients(&self) {
        self.ensemble.clients().close_all();
    }

    fn this_computer(&self) -> Option<(Recorder, HostId)> {
        Some((self.story.recorder.clone(), self.story.host))
    }

    fn tell_again(&self) {
        tell_host(&self.story);
        self.ensemble.tell_again();
    }
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

/// The ports that are served, which hold as long as the world does.
fn ports(servers: &[Arc<Server>]) -> Ports {
    let of = |transport| {
        let infos = servers.iter().map(|server| server.info()).filter(|info| info.transport == transport);
        let mut ports: Vec<u16> = infos.filter_map(|info| info.address.port()).collect();
        ports.sort_unstable();
        ports.dedup();
        ports
    };
    Ports { tcp: of(Transport::Tcp), udp: of(Transport::Udp) }
}

fn capabilities(missing: &[(Ability, Unavailable)], sampler: &Sampler, capture: &Capture) -> Vec<Capability> {
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
        Packets => capture.unavailable(),
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
