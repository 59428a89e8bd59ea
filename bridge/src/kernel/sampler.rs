//! When the kernel is asked, and what is made of its answers.
//!
//! It is asked after calls, and every 10 ms while something is queued, in flight or held back, and only while somebody
//! watches. Otherwise no timer runs.

#[cfg(target_os = "linux")]
use super::{ask::Ask, sampling::Sampling};
use crate::probe::Story;
use protocol::{Reason, Unavailable};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Asks the kernel about the sockets of one host.
pub struct Sampler {
    story: Arc<Story>,
    shared: Arc<Shared>,
    stop: CancellationToken,
    unavailable: Option<Unavailable>,
}

/// What the world and the task share.
#[derive(Default)]
pub(super) struct Shared {
    /// Our servers, and the targets.
    pub(super) ends: Mutex<Arc<[SocketAddr]>>,
    /// A server does not read or accept: what comes then is noticed by nobody else.
    pub(super) held_back: AtomicBool,
    #[cfg(target_os = "linux")]
    pub(super) others: Mutex<super::others::Others>,
}

impl Sampler {
    /// Begins to ask about this computer, where the system answers.
    pub fn start(story: Arc<Story>, tasks: &TaskTracker) -> Self {
        #[cfg(target_os = "linux")]
        return Self::with(story, Ask::new(), tasks);
        #[cfg(not(target_os = "linux"))]
        {
            let _ = tasks;
            let unavailable = Some(Unavailable {
                reason: Reason::NeedsLinux,
                detail: "only Linux tells about the sockets of its kernel in a way that we read".into(),
                remedy: String::new(),
            });
            Self { story, shared: Arc::default(), stop: CancellationToken::new(), unavailable }
        }
    }

    /// Begins to ask about a host, all of whose sockets matter, by a `sock_diag` socket from inside.
    #[cfg(target_os = "linux")]
    pub fn inside(story: Arc<Story>, socket: rustix::fd::OwnedFd, tasks: &TaskTracker) -> Self {
        Self::with(story, Ok(Ask::inside(socket)), tasks)
    }

    #[cfg(target_os = "linux")]
    fn with(story: Arc<Story>, ask: std::io::Result<Ask>, tasks: &TaskTracker) -> Self {
        let (shared, stop) = (Arc::new(Shared::default()), CancellationToken::new());
        let unavailable = match ask {
            Ok(ask) => {
                let sampling = Sampling::new(Arc::clone(&story), Arc::clone(&shared), ask);
                let stop = stop.clone();
                tasks.spawn(async move {
                    tokio::select! {
                        biased;
                        () = stop.cancelled() => {}
                        () = sampling.run() => {}
                    }
                });
                None
            }
            Err(error) => Some(Unavailable {
                reason: Reason::NotReported,
                detail: format!(
                    "the kernel does not answer about sockets, neither by sock_diag nor in /proc/net: {error}"
                ),
                remedy: String::new(),
            }),
        };
        Self { story, shared, stop, unavailable }
    }

    /// These are our servers and targets.
    pub fn look_at(&self, ends: Vec<SocketAddr>) {
        *self.shared.ends.lock().expect(UNPOISONED) = ends.into();
        self.story.stir();
    }

    /// Servers are held back: what arrives is to be looked for.
    pub fn held_back(&self, held_back: bool) {
        self.shared.held_back.store(held_back, Ordering::Relaxed);
        self.story.stir();
    }

    /// Why the kernel cannot be asked, if it cannot.
    #[must_use]
    pub fn unavailable(&self) -> Option<Unavailable> {
        self.unavailable.clone()
    }

    /// Tells the programs it found again.
    pub fn tell_again(&self) {
        #[cfg(target_os = "linux")]
        self.shared.others.lock().expect(UNPOISONED).tell_again(&self.story);
    }

    /// Asks no more.
    pub fn stop(&self) {
        self.stop.cancel();
    }
}

pub(super) const UNPOISONED: &str = "nothing panics while it holds the lock";
