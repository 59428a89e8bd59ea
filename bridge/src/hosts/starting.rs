//! Hosts that were started and do not stand yet. Their processes must be there before the bridge has threads; building
//! two networks takes the kernel some milliseconds and can wait until the bridge serves.

use super::control::{Failed, Reply, Request, Setting, receive, send};
use super::helper::ARGUMENT;
use super::host::{Host, HostRole, Hosts};
use super::unavailable;
use protocol::Unavailable;
use rustix::fd::OwnedFd;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, SocketFlags, SocketType};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How long a host may take to answer. It takes microseconds; this is for one that is stopped in a debugger.
const PATIENCE: Duration = Duration::from_secs(5);

/// Both hosts, started. When dropped they end.
#[derive(Debug)]
pub struct Starting {
    client: Begun,
    server: Begun,
}

impl Starting {
    pub(super) fn with(program: &Path) -> Result<Self, Unavailable> {
        Ok(Self { client: Begun::new(HostRole::Client, program)?, server: Begun::new(HostRole::Server, program)? })
    }

    /// Builds both and waits until they stand. Blocks for some milliseconds; from any thread.
    ///
    /// # Errors
    /// [`Unavailable`] names what is missing and the exact remedy.
    pub fn stand(self) -> Result<Hosts, Unavailable> {
        self.client.build()?;
        self.server.build()?;
        Ok(Hosts { client: self.client.stand()?, server: self.server.stand()? })
    }
}

/// One host, started.
#[derive(Debug)]
struct Begun {
    role: HostRole,
    /// The process, and our end of the control socket; nothing once it stands.
    process: Option<(Child, OwnedFd)>,
}

impl Begun {
    fn new(role: HostRole, program: &Path) -> Result<Self, Unavailable> {
        let unexpected = |error: io::Error| unavailable::unexpected(role, &error);
        let (ours, theirs) = pair().map_err(unexpected)?;
        let child = Command::new(program)
            .arg(ARGUMENT)
            .arg(role.name())
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            // Ctrl-C in the terminal is for the bridge, which then ends its hosts in order.
            .process_group(0)
            .spawn()
            .map_err(unexpected)?;
        Ok(Self { role, process: Some((child, ours)) })
    }

    fn build(&self) -> Result<(), Unavailable> {
        let (_, control) = self.process.as_ref().expect("it stands only once");
        send(control, &Request::Build, &[]).map_err(|error| unavailable::unexpected(self.role, &error))
    }

    fn stand(mut self) -> Result<Host, Unavailable> {
        let role = self.role;
        let (_, control) = self.process.as_ref().expect("it stands only once");
        let (number, settings, tun) = match greet(control) {
            Ok(Ok(standing)) => standing,
            Ok(Err(reply)) => return Err(unavailable::explain(role, &reply)),
            Err(error) => return Err(unavailable::unexpected(role, &error)),
        };
        let (child, control) = self.process.take().expect("it stands only once");
        Ok(Host::standing(role, child, number, settings, tun, control))
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if let Some((mut child, control)) = self.process.take() {
            drop(control);
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let (ours, theirs) =
        rustix::net::socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
    set_socket_timeout(&ours, Timeout::Recv, Some(PATIENCE))?;
    Ok((ours, theirs))
}

type Standing = (u32, Vec<Setting>, OwnedFd);

/// Waits until the host stands. Its process number and its readiness come from two processes, in any order.
fn greet(control: &OwnedFd) -> io::Result<Result<Standing, Failed>> {
    let (mut process, mut ready) = (None, None);
    loop {
        match receive(control)? {
            Some((Reply::Process(number), _)) => process = Some(number),
            Some((Reply::Ready { settings }, descriptors)) => {
                let tun = descriptors.into_iter().next().ok_or_else(|| io::Error::other("no TUN came with it"))?;
                ready = Some((settings, tun));
            }
            Some((Reply::Failed(failed), _)) => return Ok(Err(failed)),
            Some((reply, _)) => return Err(io::Error::other(format!("it began with {reply:?}"))),
            None => return Err(io::Error::new(io::ErrorKind::BrokenPipe, "it ended while it started")),
        }
        match (process, ready.take()) {
            (Some(process), Some((settings, tun))) => return Ok(Ok((process, settings, tun))),
            (_, unfinished) => ready = unfinished,
        }
    }
}
