//! Sockets inside a host: made there, used here.

use super::control::Want;
use super::host::{HostRole, Hosts};
use crate::sockets::{Making, SocketFactory};
use protocol::{Family, Transport};
use socket2::Socket;
use std::io;
use std::sync::Arc;

/// Makes sockets inside one of the hosts.
#[derive(Clone, Debug)]
pub struct Inside {
    hosts: Arc<Hosts>,
    role: HostRole,
}

impl Inside {
    /// A factory in this host.
    #[must_use]
    pub fn new(hosts: Arc<Hosts>, role: HostRole) -> Self {
        Self { hosts, role }
    }

    fn make(&self, family: Family, transport: Transport) -> io::Result<Socket> {
        let want = match (family, transport) {
            (Family::Ipv4, Transport::Tcp) => Want::Tcp4,
            (Family::Ipv6, Transport::Tcp) => Want::Tcp6,
            (Family::Ipv4, Transport::Udp) => Want::Udp4,
            (Family::Ipv6, Transport::Udp) => Want::Udp6,
            _ => return Err(io::Error::from_raw_os_error(libc::EAFNOSUPPORT)),
        };
        // The host answers in microseconds, and it does not block.
        Ok(self.hosts.get(self.role).open(want)?.into())
    }
}

impl SocketFactory for Inside {
    fn socket(&self, family: Family, transport: Transport) -> Making<'_> {
        Box::pin(std::future::ready(self.make(family, transport)))
    }
}
