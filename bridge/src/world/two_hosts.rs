//! Two TCP/IP stacks of the Linux kernel, each in a network namespace of its own, and our wire between them.

mod packets;
mod wire;

use super::World;
use super::bind::Bound;
use super::ensemble::{Changed, Ensemble, Scene};
use super::this_computer::system;
use crate::hosts::{Door, HostRole, Hosts, Inside, Pump, Want};
use crate::kernel::Sampler;
use crate::probe::Story;
use crate::recorder::Recorder;
use crate::sockets::table::Table;
use ::wire::Wire;
use packets::Packets;
use protocol::message::TargetInfo;
use protocol::{
    Ability, About, Address, Arg, Capability, Command, CommandId, Family, Kind, MemberId, NoteId, Provenance, Reason,
    Refusal, Reply, ServerInfo, ServerSettings, SettingsInfo, Transport, Unavailable, WorldAction, WorldKind,
};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::sync::watch;
use wire::WireDesk;

/// The tutorial's own port, which an ordinary user may have in a host of their own.
const TCP: u16 = 808;
/// The UDP echo server's.
const UDP: u16 = 8080;
/// The discard service, which nobody runs: where nobody listens.
const NOBODY: u16 = 9;

/// The world *Two hosts*.
pub struct TwoHosts {
    hosts: Arc<Hosts>,
    /// The client host's and the server host's.
    stories: [Arc<Story>; 2],
    ensemble: Ensemble,
    wire: WireDesk,
    capabilities: Vec<Capability>,
}

impl TwoHosts {
    /// Binds the echo servers inside the server host, and begins to move packets. To be called on the runtime.
    ///
    /// # Errors
    /// The system's own; a host without IPv6 is no error: [`World::capabilities`] says so.
    pub async fn start(
        recorder: Recorder,
        hosts: Hosts,
        settings: ServerSettings,
        changed: Changed,
    ) -> io::Result<Arc<Self>> {
        let hosts = Arc::new(hosts);
        let table = Arc::new(Table::new(recorder.clone()));
        let roles = [HostRole::Client, HostRole::Server];
        let stories = roles.map(|role| Story::of_host(recorder.clone(), Arc::clone(&table), role.addresses().into()));
        tell_hosts(&hosts, &stories);
        let packets = Packets::new(stories.clone());
        for story in &stories {
            let weak = Arc::downgrade(&packets);
            story.packets_first(move || {
                if let Some(packets) = weak.upgrade() {
                    packets::locked(&packets).settle();
                }
            });
        }
        let told = Arc::clone(&packets);
        let seed = crate::random() as u64;
        let (pump, handle) = Pump::new(&hosts, Wire::new(seed), move |report| packets::locked(&told).report(report))?;
        packets::locked(&packets).begins(pump.origin());
        let [client, server] = [0, 1].map(|at| Scene {
            story: Arc::clone(&stories[at]),
            factory: Arc::new(Inside::new(Arc::clone(&hosts), roles[at])),
        });
        let mut ensemble = Ensemble::new(client, server, settings, nobody, changed);
        let wire = WireDesk::new(recorder, handle, packets, ensemble.tasks());
        ensemble.tasks().spawn(async move {
            if let Err(error) = pump.run().await {
                tracing::error!(%error, "the wire between the hosts has ended");
            }
        });
        let bound = bind(&ensemble).await?;
        let mut samplers = Vec::new();
        for (role, story) in roles.into_iter().zip(&stories) {
            let socket = hosts.get(role).open(Want::SockDiag)?;
            samplers.push(Sampler::inside(Arc::clone(story), socket, ensemble.tasks()));
        }
        let capabilities = capabilities(&bound.missing);
        ensemble.begin(bound.servers, Vec::new(), samplers);
        Ok(Arc::new(Self { hosts, stories, ensemble, wire, capabilities }))
    }

    /// Closes everything. The hosts end when nobody holds them any more.
    pub async fn shutdown(&self) {
        self.wire.end();
        self.ensemble.shutdown().await;
    }

    /// Lets `socketscope run` find the hosts.
    pub fn serve(&self, door: Door) {
        let stop = self.wire.stopped();
        self.ensemble.tasks().spawn(async move {
            tokio::select! {
                biased;
                () = stop.cancelled() => {}
                never = door.serve() => match never {},
            }
        });
    }

    /// The hosts.
    #[must_use]
    pub fn hosts(&self) -> &Arc<Hosts> {
        &self.hosts
    }
}

async fn bind(ensemble: &Ensemble) -> io::Result<Bound> {
    let mut bound = Bound::default();
    let [four, six] = HostRole::Server.addresses();
    for (ability, transport, ip, port) in [
        (Ability::Tcp4, Transport::Tcp, four, TCP),
        (Ability::Tcp6, Transport::Tcp, six, TCP),
        (Ability::Udp4, Transport::Udp, four, UDP),
        (Ability::Udp6, Transport::Udp, six, UDP),
    ] {
        bound.add(&ensemble.makes(), ability, transport, SocketAddr::new(ip, port)).await?;
    }
    Ok(bound)
}

impl World for TwoHosts {
    fn kind(&self) -> WorldKind {
        WorldKind::TwoHosts
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
        match what {
            Command::Wire(action) => {
                let record = |what| self.ensemble.record(id, About::default(), what);
                self.wire.act(id, action, record)
            }
            Command::World(WorldAction::Clear) => {
                self.stories[0].recorder.begin_epoch();
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

    fn tell_again(&self) {
        tell_hosts(&self.hosts, &self.stories);
        self.wire.tell_again(|id, what| self.ensemble.record(id, About::default(), what));
        self.ensemble.tell_again();
        self.wire.tell_held();
    }
}

fn tell_hosts(hosts: &Hosts, stories: &[Arc<Story>; 2]) {
    for (host, story) in [&hosts.client, &hosts.server].into_iter().zip(stories) {
        let about = About { host: story.host, ..About::default() };
        let name = format!("{} host", host.role().name());
        let kind = Kind::Host { name, world: WorldKind::TwoHosts, stack: system() };
        story.recorder.record(about, Provenance::OBSERVED, None, kind);
        let set = host.settings().iter().filter(|setting| setting.refused.is_none());
        let retries: Vec<_> = set
            .filter(|setting| setting.name.contains("tcp_syn"))
            .map(|set| format!("{}={}", set.name, set.value))
            .collect();
        if !retries.is_empty() {
            let note = Kind::Note(NoteId::SynRetriesShortened, retries.into_iter().map(Arg::Text).collect());
            story.recorder.record(about, Provenance::OBSERVED, None, note);
        }
    }
}

/// A port of the server host on which nobody listens.
fn nobody(transport: Transport, family: Family) -> io::Result<Address> {
    let ip: IpAddr = match family {
        Family::Ipv4 => HostRole::Server.v4().into(),
        Family::Ipv6 => HostRole::Server.v6().into(),
        Family::Unix => return Err(io::Error::from_raw_os_error(libc::EAFNOSUPPORT)),
    };
    if transport.is_inet() {
        Ok(Address::Inet(SocketAddr::new(ip, NOBODY)))
    } else {
        Err(io::Error::from_raw_os_error(libc::EAFNOSUPPORT))
    }
}

fn capabilities(missing: &[(Ability, Unavailable)]) -> Vec<Capability> {
    use Ability::{
        KernelValues, OtherPrograms, Packets, ProgramNames, RunPrograms, Tcp4, Tcp6, Udp4, Udp6, UnixDatagram,
        UnixStream, VirtualTime, Wire,
    };
    let never = |detail: &str| {
        Some(Unavailable { reason: Reason::NotInThisWorld, detail: detail.into(), remedy: String::new() })
    };
    let unavailable = |ability: Ability| match ability {
        UnixStream | UnixDatagram => never("Unix-domain sockets never leave a host, so there is no wire for them"),
        VirtualTime => never("a real kernel's clock cannot be stopped or turned back"),
        _ => missing.iter().find(|(what, _)| *what == ability).map(|(_, why)| why.clone()),
    };
    let all = [
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
    ];
    all.into_iter().map(|ability| Capability { ability, unavailable: unavailable(ability) }).collect()
}
