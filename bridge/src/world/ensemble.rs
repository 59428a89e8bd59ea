//! What all worlds of the bridge share: echo servers, the clients of its members, and the settings of both.

mod commands;

use super::bind::Makes;
use crate::client::Clients;
use crate::echo::{Server, Shared};
use crate::kernel::Sampler;
use crate::probe::{GateKeeper, Story};
use crate::sockets::SocketFactory;
use protocol::message::TargetInfo;
use protocol::{Address, Family, ServerInfo, ServerSettings, Setting, SettingsInfo, Transport};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

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
