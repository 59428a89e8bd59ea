//! The bridge's side of the hosts that stand: ask them for sockets, end them.

use super::control::{Reply, Request, Setting, Want, receive, send};
use super::starting::Starting;
use protocol::Unavailable;
use rustix::fd::OwnedFd;
use rustix::net::Shutdown;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::{Mutex, PoisonError};

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
    /// Starts both, as child processes of this program, and waits for neither.
    ///
    /// To be called from the main thread before others exist: a host dies with the thread that started it.
    ///
    /// # Errors
    /// [`Unavailable`], if they cannot even be started.
    pub fn begin() -> Result<Starting, Unavailable> {
        // The file itself and not its name, so that a program that was replaced meanwhile starts what it is.
        Starting::with(Path::new("/proc/self/exe"))
    }

    /// Starts both as children that run `program`, whose `main` calls `hosts::helper`, and waits until they stand.
    ///
    /// # Errors
    /// [`Unavailable`] names what is missing and the exact remedy.
    pub fn start_with(program: &Path) -> Result<Self, Unavailable> {
        Starting::with(program)?.stand()
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
    pub(super) fn standing(
        role: HostRole,
        child: Child,
        process: u32,
        settings: Vec<Setting>,
        tun: OwnedFd,
        control: OwnedFd,
    ) -> Self {
        Self { role, child, process, settings, tun, control: Mutex::new(control) }
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
