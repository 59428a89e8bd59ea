//! The packets of this computer: what its loopback interface carries from and to our own ports.
//!
//! Only a process with `CAP_NET_RAW` may open a packet socket. So a child does, which is this program again: it keeps
//! no other right, opens the socket, puts a filter on it that lets nothing through but our own ports on the
//! loopback interface, locks that filter, gives the right up, passes the socket on, and is gone. The bridge itself
//! never has the right, and cannot see more than the filter lets through.
//!
//! While nobody watches, the socket is bound to nothing and the kernel does nothing for it.

#[cfg(target_os = "linux")]
mod clock;
#[cfg(target_os = "linux")]
mod filter;
#[cfg(target_os = "linux")]
mod helper;
#[cfg(target_os = "linux")]
mod tap;
#[cfg(target_os = "linux")]
mod tell;

#[cfg(target_os = "linux")]
pub use helper::{give_up_right, helper, try_here};

use crate::probe::Story;
#[cfg(target_os = "linux")]
use crate::sys::packet_socket::Ring;
use protocol::{Reason, Unavailable};
use std::path::PathBuf;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Whether to capture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Choice {
    /// It has to be possible.
    On,
    /// Never.
    #[default]
    Off,
    /// Where it is allowed.
    Auto,
}

/// What is wanted of the capture.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Whether.
    pub choice: Choice,
    /// The program that is started as the child; its `main` calls [`helper()`].
    pub program: PathBuf,
}

impl Default for Wanted {
    /// No capture; and the child, if somebody changes that, is this program itself, even if its file was replaced.
    fn default() -> Self {
        Self { choice: Choice::Off, program: PathBuf::from("/proc/self/exe") }
    }
}

/// The ports that we serve: nothing else is captured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ports {
    /// TCP.
    pub tcp: Vec<u16>,
    /// UDP.
    pub udp: Vec<u16>,
}

/// The running capture of one world.
pub struct Capture {
    stop: CancellationToken,
    unavailable: Option<Unavailable>,
}

impl Capture {
    /// Begins to capture, if that is wanted and possible here.
    pub async fn start(story: &Arc<Story>, ports: Ports, wanted: Wanted, tasks: &TaskTracker) -> Self {
        let stop = CancellationToken::new();
        let unavailable = match wanted.choice {
            Choice::Off => Some(Unavailable {
                reason: Reason::SwitchedOff,
                detail: "capture is switched off".into(),
                remedy: "start with --capture auto".into(),
            }),
            Choice::On | Choice::Auto => begin(story, ports, wanted.program, tasks, &stop).await.err(),
        };
        Self { stop, unavailable }
    }

    /// Why no packets are seen, if so.
    #[must_use]
    pub fn unavailable(&self) -> Option<Unavailable> {
        self.unavailable.clone()
    }

    /// Captures no more.
    pub fn stop(&self) {
        self.stop.cancel();
    }
}

#[cfg(target_os = "linux")]
async fn begin(
    story: &Arc<Story>,
    ports: Ports,
    program: PathBuf,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> Result<(), Unavailable> {
    let asked = ports.clone();
    let obtain = move || {
        let socket = helper::obtain(&program, &asked)?;
        Ring::new(socket).map_err(|error| helper::failed(&error))
    };
    // It takes two milliseconds, in which others may be served.
    let ring = tokio::task::spawn_blocking(obtain)
        .await
        .unwrap_or_else(|error| Err(helper::failed(&std::io::Error::other(error))))?;
    let tap = tap::Tap::new(Arc::clone(story), ports, ring).map_err(|error| helper::failed(&error))?;
    let stop = stop.clone();
    tasks.spawn(async move {
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            never = tap.run() => match never {},
        }
    });
    Ok(())
}

#[cfg(not(target_os = "linux"))]
async fn begin(
    _: &Arc<Story>,
    _: Ports,
    _: PathBuf,
    _: &TaskTracker,
    _: &CancellationToken,
) -> Result<(), Unavailable> {
    Err(Unavailable {
        reason: Reason::NeedsLinux,
        detail: "packets of this computer are captured on Linux only".into(),
        remedy: String::new(),
    })
}

/// Never the child, because nobody starts one here.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub fn helper() -> Option<std::process::ExitCode> {
    None
}

/// There is no such right here.
#[cfg(not(target_os = "linux"))]
pub fn give_up_right() {}
