//! A gate before a call: how a person stops a program before its next `recv` or `accept`.
//!
//! Closing the gate takes back a call that waits behind it, so that a pause works at any moment: no system call has
//! taken a byte yet, and the waiting call is told as cancelled. What arrives then stays in the kernel until the gate
//! opens: three sends are one `recv`.

use std::io;
use tokio::sync::watch;

/// Opens and closes gates.
#[derive(Debug)]
pub struct GateKeeper(watch::Sender<bool>);

/// A gate.
#[derive(Clone, Debug)]
pub struct Gate(Option<watch::Receiver<bool>>);

impl GateKeeper {
    /// The keeper of a gate.
    #[must_use]
    pub fn new(open: bool) -> Self {
        Self(watch::Sender::new(open))
    }

    /// Opens or closes the gate. When it returns, no call passes a closed gate any more.
    pub fn set(&self, open: bool) {
        self.0.send_replace(open);
    }

    /// The gate.
    #[must_use]
    pub fn gate(&self) -> Gate {
        Gate(Some(self.0.subscribe()))
    }
}

impl Gate {
    /// A gate that is never closed.
    #[must_use]
    pub fn always_open() -> Self {
        Self(None)
    }

    /// Whether calls pass.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0.as_ref().is_none_or(|open| *open.borrow())
    }

    /// Makes a system call, if calls pass at this moment. The keeper waits for it, so that once the gate is closed
    /// nothing that arrives later is taken by a call that was on its way.
    ///
    /// # Errors
    /// The call's own, and [`is_closed`] when calls do not pass. The call must not wait.
    pub fn pass<T>(&self, call: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let open = self.0.as_ref().map(watch::Receiver::borrow);
        if open.as_ref().is_none_or(|open| **open) { call() } else { Err(io::Error::other(Closed)) }
    }

    /// Waits until calls pass.
    pub async fn opened(&self) {
        self.becomes(true).await;
    }

    /// Waits until calls do not pass.
    pub async fn closed(&self) {
        self.becomes(false).await;
    }

    async fn becomes(&self, state: bool) {
        if let Some(open) = &self.0 {
            // A receiver of its own, because waiting needs one and calls of one program wait at the same time.
            if open.clone().wait_for(|open| *open == state).await.is_ok() {
                return;
            }
        }
        // Without a keeper the gate is open for good.
        if !state {
            std::future::pending::<()>().await;
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the gate before the call is closed")]
struct Closed;

/// Whether a call was stopped by a closed gate.
#[must_use]
pub fn is_closed(error: &io::Error) -> bool {
    error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<Closed>)
}
