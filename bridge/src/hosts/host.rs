//! The bridge's side of the hosts: start them, ask them for sockets, end them.

use super::control::{Reply, Request, Setting, Want, receive, send};
use super::helper::ARGUMENT;
use super::unavailable;
use protocol::Unavailable;
use rustix::fd::OwnedFd;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{AddressFamily, Shutdown, SocketFlags, SocketType};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long a host may take to answer. It takes microseconds; this is for one that is stopped in a debugger.
const PATIENCE: Duration = Duration::from_secs(5);

/// Which of the two hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HostRole {
    /// 10.0.0.1 and fd00::1.
    Client,
    /// 10.0.0.2 and fd00::2.
    Server,
}

impl HostRole {
    /// The IPv4 network's prefix, bits.
    pub const V4_PREFIX: u32 = 24;
    /// The IPv6 network's prefix, bits.
    pub const V6_PREFIX: u8 = 64;

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::Client, Self::Server].into_iter().find(|role| role.name() == name)
    }

    /// Its IPv4 address.
    #[must_use]
    pub fn v4(self) -> Ipv4Addr {
        Ipv4Addr::new(10, 0, 0, self.number())
    }

    /// Its IPv6 address.
    #[must_use]
    pub fn v6(self) -> Ipv6Addr {
        Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, u16::from(self.number()))
    }

    /// Both addresses.
    #[must_use]
    pub fn addresses(self) -> [IpAddr; 2] {
        [self.v4().into(), self.v6().into()]
    }

    fn number(self) -> u8 {
        match self {
            Self::Client => 1,
            Self::Server => 2,
        }
    }
}

/// The TUN device: `SOCKETSCOPE_TUN`, or the usual one.
#[must_use]
pub(super) fn tun_device() -> PathBuf {
    std::env::var_os("SOCKETSCOPE_TUN").map_or_else(|| PathBuf::from("/dev/net/tun"), PathBuf::from)
}

/// Both hosts. When dropped they end, and everything in them.
#[derive(Debug)]
pub struct Hosts {
    /// The one with the clients.
    pub client: Host,
    /// The one with the servers.
    pub server: Host,
}

impl Hosts {
    /// Starts both, as child processes of this program.
    ///
    /// To be called from the main thread before others exist: a host dies with the thread that started it.
    ///
    /// # Errors
    /// [`Unavailable`] names what is missing and the exact remedy.
    pub fn start() -> Result<Self, Unavailable> {
        // The file itself and not its name, so that a program that was replaced meanwhile starts what it is.
        Self::start_with(Path::new("/proc/self/exe"))
    }

    /// Starts both as children that run `program`, whose `main` calls `hosts::helper`.
    ///
    /// # Errors
    /// As [`Hosts::start`].
    pub fn start_with(program: &Path) -> Result<Self, Unavailable> {
        Ok(Self { client: Host::start(HostRole::Client, program)?, server: Host::start(HostRole::Server, program)? })
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, role: HostRole) -> &Host {
        match role {
            HostRole::Client => &self.client,
            HostRole::Server => &self.server,
        }
    }
}

/// One host: a network namespace and the process that keeps it.
#[derive(Debug)]
pub struct Host {
    role: HostRole,
    /// The parent of the host's first process; ends with it.
    child: Child,
    process: u32,
    settings: Vec<Setting>,
    tun: OwnedFd,
    /// One question and its answer at a time.
    control: Mutex<OwnedFd>,
}

impl Host {
    fn start(role: HostRole, program: &Path) -> Result<Self, Unavailable> {
        let unexpected = |error: io::Error| unavailable::unexpected(role, &error);
        let (ours, theirs) = pair().map_err(unexpected)?;
        let mut child = Command::new(program)
            .arg(ARGUMENT)
            .arg(role.name())
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            // Ctrl-C in the terminal is for the bridge, which then ends its hosts in order.
            .process_group(0)
            .spawn()
            .map_err(unexpected)?;
        match greet(&ours) {
            Ok(Ok((process, settings, tun))) => {
                Ok(Self { role, child, process, settings, tun, control: Mutex::new(ours) })
            }
            outcome => {
                drop(ours);
                let _ = child.kill();
                let _ = child.wait();
                Err(match outcome {
                    Ok(Err(reply)) => unavailable::explain(role, &reply),
                    Ok(Ok(_)) => unreachable!("taken above"),
                    Err(error) => unexpected(error),
                })
            }
        }
    }

    /// Which one it is.
    #[must_use]
    pub fn role(&self) -> HostRole {
        self.role
    }

    /// The number of its first process, as seen from here. Its namespaces are in `/proc/<number>/ns`.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.process
    }

    /// The processes that exist for it: its first one, and the parent of that.
    #[must_use]
    pub fn processes(&self) -> [u32; 2] {
        [self.child.id(), self.process]
    }

    /// What was set in its kernel that is not the default.
    #[must_use]
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// Its TUN: read what the host sends, write what it shall receive. Non-blocking.
    ///
    /// # Errors
    /// What `dup` says.
    pub fn tun(&self) -> io::Result<OwnedFd> {
        self.tun.try_clone()
    }

    /// Opens a socket inside. It is non-blocking, and stays in the host's network whoever uses it.
    ///
    /// Takes some microseconds, and blocks for them.
    ///
    /// # Errors
    /// What `socket` says inside; `BrokenPipe` if the host is gone, `TimedOut` if it does not answer.
    pub fn open(&self, want: Want) -> io::Result<OwnedFd> {
        let control = self.control.lock().unwrap_or_else(PoisonError::into_inner);
        send(&*control, &Request::Open(want), &[])?;
        let reply = receive(&*control).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => io::Error::new(io::ErrorKind::TimedOut, "the host does not answer"),
            _ => error,
        })?;
        match reply {
            Some((Reply::Opened, descriptors)) => {
                descriptors.into_iter().next().ok_or_else(|| io::Error::other("the host answered without a socket"))
            }
            Some((Reply::Failed(failed), _)) => Err(io::Error::from_raw_os_error(failed.errno)),
            Some((reply, _)) => Err(io::Error::other(format!("the host answered {reply:?}"))),
            None => Err(io::Error::new(io::ErrorKind::BrokenPipe, "the host is gone")),
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // The host ends when its control socket does, and this child when the host has.
        let control = self.control.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = rustix::net::shutdown(&*control, Shutdown::Both);
        let _ = self.child.wait();
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
fn greet(control: &OwnedFd) -> io::Result<Result<Standing, super::control::Failed>> {
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
