//! What all echo servers of a world share: settings, connections, and the ports that must not be answered.

use crate::probe::Socket;
use protocol::{ServerSettings, SocketId, TcpMode};
use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

const UNPOISONED: &str = "nothing panics while it holds the lock";

/// What all echo servers of a world share.
pub struct Shared {
    settings: watch::Receiver<ServerSettings>,
    tasks: TaskTracker,
    /// Accepted connections, so that somebody can hang them up.
    connections: Mutex<HashMap<SocketId, Arc<Socket>>>,
    udp_ports: Mutex<Arc<[u16]>>,
    times_bound: AtomicU64,
}

impl Shared {
    /// Servers that follow `settings` and run in `tasks`.
    #[must_use]
    pub fn new(settings: watch::Receiver<ServerSettings>, tasks: TaskTracker) -> Arc<Self> {
        Arc::new(Self {
            settings,
            tasks,
            connections: Mutex::default(),
            udp_ports: Mutex::new(Arc::new([])),
            times_bound: AtomicU64::new(0),
        })
    }

    /// The settings at this moment.
    #[must_use]
    pub fn now(&self) -> ServerSettings {
        self.settings.borrow().clone()
    }

    /// Waits until TCP clients are served in this way.
    pub async fn mode_is(&self, mode: TcpMode) {
        if self.settings.clone().wait_for(|settings| settings.tcp_mode == mode).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// A server was bound.
    pub(super) fn was_bound(&self) {
        self.times_bound.fetch_add(1, Ordering::Relaxed);
    }

    /// How often servers were bound.
    #[must_use]
    pub fn times_bound(&self) -> u64 {
        self.times_bound.load(Ordering::Relaxed)
    }

    /// The UDP ports that answer: what comes from them is not answered.
    #[must_use]
    pub fn udp_ports(&self) -> Arc<[u16]> {
        Arc::clone(&self.udp_ports.lock().expect(UNPOISONED))
    }

    /// Sets the UDP ports that answer.
    pub fn serve_udp_ports(&self, ports: Vec<u16>) {
        *self.udp_ports.lock().expect(UNPOISONED) = ports.into();
    }

    /// An accepted connection.
    #[must_use]
    pub fn connection(&self, id: SocketId) -> Option<Arc<Socket>> {
        self.connections.lock().expect(UNPOISONED).get(&id).cloned()
    }

    /// All accepted connections.
    #[must_use]
    pub fn connections(&self) -> Vec<Arc<Socket>> {
        self.connections.lock().expect(UNPOISONED).values().cloned().collect()
    }

    pub(super) fn opened(&self, connection: &Arc<Socket>) {
        self.connections.lock().expect(UNPOISONED).insert(connection.id(), Arc::clone(connection));
    }

    pub(super) fn closed(&self, connection: &Socket) {
        self.connections.lock().expect(UNPOISONED).remove(&connection.id());
    }

    pub(super) fn spawn<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        self.tasks.spawn(work)
    }
}
