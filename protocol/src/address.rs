//! Where a socket is: an Internet address and port, or a path.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::SocketAddr;

/// The address of one end.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Address {
    /// IPv4 or IPv6, with port.
    Inet(SocketAddr),
    /// A Unix-domain path; `None` for a socket that was never bound, as clients of a stream are.
    Unix(Option<String>),
}

impl Address {
    /// The Internet address, if it is one.
    #[must_use]
    pub fn inet(&self) -> Option<SocketAddr> {
        match self {
            Self::Inet(address) => Some(*address),
            Self::Unix(_) => None,
        }
    }

    /// The port, if it has one.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.inet().map(|address| address.port())
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        Self::Inet(address)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inet(address) => address.fmt(to),
            Self::Unix(Some(path)) => path.fmt(to),
            Self::Unix(None) => to.write_str("(unnamed)"),
        }
    }
}

/// What carries the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Transport {
    /// TCP: a stream of bytes (RFC 9293).
    Tcp,
    /// UDP: datagrams (RFC 768).
    Udp,
    /// `AF_UNIX`, `SOCK_STREAM`.
    UnixStream,
    /// `AF_UNIX`, `SOCK_DGRAM`.
    UnixDatagram,
}

impl Transport {
    /// Whether it is a stream, so that message edges are not kept.
    #[must_use]
    pub fn is_stream(self) -> bool {
        matches!(self, Self::Tcp | Self::UnixStream)
    }

    /// Whether it goes through TCP/IP, so that there can be packets.
    #[must_use]
    pub fn is_inet(self) -> bool {
        matches!(self, Self::Tcp | Self::Udp)
    }
}

/// The address family of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Family {
    /// `AF_INET`.
    Ipv4,
    /// `AF_INET6`.
    Ipv6,
    /// `AF_UNIX`.
    Unix,
}
