//! When the kernel is asked, and what is made of its answers.

use crate::probe::Story;
use protocol::{Reason, Unavailable};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Asks the kernel.
pub struct Sampler {
    stop: CancellationToken,
}

impl Sampler {
    /// Begins to ask.
    pub fn start(story: Arc<Story>, tasks: &TaskTracker) -> Self {
        let _ = (story, tasks);
        Self { stop: CancellationToken::new() }
    }

    /// These are our servers and targets.
    pub fn look_at(&self, ends: Vec<SocketAddr>) {
        drop(ends);
    }

    /// Why the kernel cannot be asked.
    #[must_use]
    pub fn unavailable(&self) -> Option<Unavailable> {
        Some(Unavailable { reason: Reason::ComingLater, detail: "not built yet".into(), remedy: String::new() })
    }

    /// Tells the programs it found again.
    pub fn tell_again(&self) {}

    /// Asks no more.
    pub fn stop(&self) {
        self.stop.cancel();
    }
}
