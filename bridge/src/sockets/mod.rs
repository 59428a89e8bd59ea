//! Making sockets: the one place where `socket()` is called.
//!
//! The echo servers and the clients ask a [`SocketFactory`] for theirs, so that the same code serves on this computer
//! and inside a host, where the factory passes in a descriptor made there.

pub mod datagrams;
pub mod errno;
pub mod flows;
pub mod gate;
pub mod options;
pub mod registered;
pub mod table;

use protocol::{Address, Family, Transport};
use socket2::{Domain, SockAddr, Socket, Type};
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;

/// A socket that is being made.
pub type Making<'a> = Pin<Box<dyn Future<Output = io::Result<Socket>> + Send + 'a>>;

/// Makes sockets, here or inside a host.
pub trait SocketFactory: Send + Sync {
    /// `socket(family, type)`: a new, unbound socket that does not block and is not inherited.
    ///
    /// The future fails with the system's own error; inside a host also when the host is gone.
    fn socket(&self, family: Family, transport: Transport) -> Making<'_>;
}

/// Makes sockets on this computer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Local;

impl SocketFactory for Local {
    fn socket(&self, family: Family, transport: Transport) -> Making<'_> {
        Box::pin(std::future::ready(make(family, transport)))
    }
}

fn make(family: Family, transport: Transport) -> io::Result<Socket> {
    let domain = match family {
        Family::Ipv4 => Domain::IPV4,
        Family::Ipv6 => Domain::IPV6,
        Family::Unix => Domain::UNIX,
    };
    let kind = if transport.is_stream() { Type::STREAM } else { Type::DGRAM };
    let socket = Socket::new(domain, kind, None)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// The family an address belongs to.
#[must_use]
pub fn family_of(address: &Address) -> Family {
    match address {
        Address::Inet(SocketAddr::V4(_)) => Family::Ipv4,
        Address::Inet(SocketAddr::V6(_)) => Family::Ipv6,
        Address::Unix(_) => Family::Unix,
    }
}

/// The address in the system's form.
///
/// # Errors
/// A Unix-domain path that is too long (108 bytes on Linux, 104 on macOS), or the lack of one.
pub fn to_system(address: &Address) -> io::Result<SockAddr> {
    match address {
        Address::Inet(inet) => Ok(SockAddr::from(*inet)),
        Address::Unix(Some(path)) => SockAddr::unix(path),
        Address::Unix(None) => Err(io::Error::new(io::ErrorKind::InvalidInput, "an unnamed socket has no address")),
    }
}

/// The system's form of an address in ours.
#[must_use]
pub fn from_system(address: &SockAddr) -> Address {
    if let Some(inet) = address.as_socket() {
        return Address::Inet(inet);
    }
    #[cfg(unix)]
    if let Some(path) = address.as_pathname() {
        return Address::Unix(Some(path.to_string_lossy().into_owned()));
    }
    Address::Unix(None)
}

/// Whether nobody can answer to this address: it is no single host's.
#[must_use]
pub fn is_not_one_host(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_broadcast() || v4.is_multicast() || v4.is_unspecified(),
        IpAddr::V6(v6) => v6.is_multicast() || v6.is_unspecified(),
    }
}
