//! Ctrl-C and SIGTERM: the first asks, the second insists.

use std::io;
use tokio_util::sync::CancellationToken;

/// Two tokens, cancelled by the first and the second signal.
#[derive(Clone, Default)]
pub struct Signals {
    /// Leave.
    pub first: CancellationToken,
    /// Leave at once.
    pub second: CancellationToken,
}

impl Signals {
    /// Begins to listen; from now on a signal no longer ends the process by itself.
    ///
    /// # Errors
    /// When the system refuses the handler.
    pub fn listen() -> io::Result<Self> {
        let signals = Self::default();
        let tokens = signals.clone();
        let mut source = Source::new()?;
        tokio::spawn(async move {
            for token in [tokens.first, tokens.second] {
                source.next().await;
                token.cancel();
            }
        });
        Ok(signals)
    }
}

#[cfg(unix)]
struct Source {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Source {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            // The terminal was closed: the socket files must go all the same.
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Source {
    ctrl_c: tokio::signal::windows::CtrlC,
    ctrl_break: tokio::signal::windows::CtrlBreak,
}

#[cfg(windows)]
impl Source {
    fn new() -> io::Result<Self> {
        use tokio::signal::windows::{ctrl_break, ctrl_c};
        Ok(Self { ctrl_c: ctrl_c()?, ctrl_break: ctrl_break()? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.ctrl_c.recv() => {}
            _ = self.ctrl_break.recv() => {}
        }
    }
}
