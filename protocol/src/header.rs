//! What is in a packet: lenient decoding of IP, TCP, UDP and ICMP headers.
//!
//! There are two levels. [`Headers`] is a view: it borrows the bytes, finds where each header lies, answers every
//! field with `None` where the bytes end, and says in [`Broken`] where and why it had to stop; the inspector draws
//! from it. [`Summary`] is values: what the ladder and the wire's filters ask about a packet, in one small `Copy`
//! struct. Neither allocates or panics, whatever the bytes are.

mod checksum;
mod field;
mod fragment;
mod icmp;
mod ipv4;
mod ipv6;
mod option;
mod read;
mod summary;
mod tcp;
mod udp;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

pub use checksum::{Checksum, fold, ones_complement_sum, pseudo_header_sum};
pub use field::{Field, FieldName, Value};
pub use fragment::{Fragment, FragmentKey};
pub use icmp::{Icmp, icmpv4, icmpv6};
pub use ipv4::Ipv4;
pub use ipv6::{Extension, Extensions, Ipv6};
pub use option::{SackBlocks, TcpOption, TcpOptions};
pub use summary::{Carries, Datagram, IcmpMessage, Segment, Summary, summary};
pub use tcp::{Tcp, TcpFlags};
pub use udp::Udp;

use std::net::IpAddr;
use std::ops::Range;

/// Protocol numbers, as in IPv4's `Protocol` and IPv6's `Next Header` (IANA).
pub mod ipproto {
    /// IPv6 hop-by-hop options (RFC 8200, 4.3).
    pub const HOP_BY_HOP: u8 = 0;
    /// ICMP (RFC 792).
    pub const ICMP: u8 = 1;
    /// TCP (RFC 9293).
    pub const TCP: u8 = 6;
    /// UDP (RFC 768).
    pub const UDP: u8 = 17;
    /// IPv6 routing header (RFC 8200, 4.4).
    pub const ROUTING: u8 = 43;
    /// IPv6 fragment header (RFC 8200, 4.5).
    pub const FRAGMENT: u8 = 44;
    /// Authentication header (RFC 4302).
    pub const AUTHENTICATION: u8 = 51;
    /// ICMPv6 (RFC 4443).
    pub const ICMPV6: u8 = 58;
    /// Nothing follows (RFC 8200, 4.7).
    pub const NO_NEXT: u8 = 59;
    /// IPv6 destination options (RFC 8200, 4.6).
    pub const DESTINATION: u8 = 60;
}

/// The headers of one packet, found in its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headers<'a> {
    /// What was captured, from the first byte of the IP header.
    pub bytes: &'a [u8],
    /// The IP header.
    pub network: Network<'a>,
    /// Where the packet ends, bytes from its start: as its length field says, or its true length where the field
    /// cannot be right. May lie behind what was captured.
    pub end: usize,
    /// The number of the protocol that the IP header (and its extension headers) announces last.
    pub protocol: u8,
    /// Which piece of a datagram it is, if it is one.
    pub fragment: Option<Fragment>,
    /// The header inside the IP packet, and where it begins.
    pub transport: Transport<'a>,
    /// Where the transport header begins.
    pub transport_at: usize,
    /// The bytes that the headers carry. May reach behind what was captured.
    pub payload: Range<usize>,
    /// Where decoding had to stop or the lengths contradict each other, if so.
    pub broken: Option<Broken>,
}

/// The IP header of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network<'a> {
    /// IPv4 (RFC 791).
    V4(Ipv4<'a>),
    /// IPv6 (RFC 8200).
    V6(Ipv6<'a>),
}

/// What an IP packet carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport<'a> {
    /// A TCP segment.
    Tcp(Tcp<'a>),
    /// A UDP datagram.
    Udp(Udp<'a>),
    /// An ICMP message, of the version that belongs to the IP header.
    Icmp(Icmp<'a>),
    /// A later fragment: payload only; the header was in the first one.
    Continued,
    /// Another protocol, nothing at all, or the bytes end before.
    Other,
}

/// Where a packet cannot be decoded further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Byte from the start of the packet.
    pub at: usize,
    /// In which part.
    pub layer: Layer,
    /// Why.
    pub why: Why,
}

/// Why a packet cannot be decoded further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// The captured bytes end inside a header.
    Truncated,
    /// A length field is smaller than the header it counts.
    TooShort,
    /// A length field reaches behind the end of the packet.
    TooLong,
}

/// A part of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// The IPv4 header.
    Ipv4,
    /// The IPv6 header.
    Ipv6,
    /// An IPv6 extension header.
    Extension,
    /// The TCP header.
    Tcp,
    /// The UDP header.
    Udp,
    /// The ICMP or ICMPv6 header.
    Icmp,
    /// What the headers carry.
    Payload,
}

impl<'a> Headers<'a> {
    /// Finds the headers in the captured `bytes` of a packet whose whole length was `true_len`.
    ///
    /// `None` only if the first byte is missing or names neither IPv4 nor IPv6.
    #[must_use]
    pub fn read(bytes: &'a [u8], true_len: usize) -> Option<Self> {
        let true_len = true_len.max(bytes.len());
        let mut headers = match bytes.first()? >> 4 {
            4 => Self::read_v4(bytes, true_len),
            6 => Self::read_v6(bytes, true_len),
            _ => return None,
        };
        if headers.broken.is_none() {
            headers.read_transport();
        }
        Some(headers)
    }

    fn read_v4(bytes: &'a [u8], true_len: usize) -> Self {
        let ip = Ipv4::new(bytes);
        let start = ip.header_len().max(Ipv4::MIN_LEN);
        // 0 is what a kernel writes before its segmentation offload has cut the packet (more than 64 KiB).
        let stated = ip.total_len().map(usize::from).filter(|&len| len != 0).unwrap_or(true_len);
        let end = if stated < start { true_len } else { stated.min(true_len) };
        let why = if ip.header_len() < Ipv4::MIN_LEN {
            Some((0, Why::TooShort))
        } else if start > true_len {
            Some((0, Why::TooLong))
        } else if bytes.len() < start {
            Some((bytes.len(), Why::Truncated))
        } else if stated < start {
            Some((2, Why::TooShort))
        } else {
            None
        };
        Self {
            bytes,
            network: Network::V4(ip),
            end: end.max(start.min(true_len)),
            protocol: ip.protocol().unwrap_or(ipproto::NO_NEXT),
            fragment: ip.fragment(),
            transport: Transport::Other,
            transport_at: start,
            payload: start.min(end)..end,
            broken: why.map(|(at, why)| Broken { at, layer: Layer::Ipv4, why }),
        }
        .noting_overlong(stated, 2, Layer::Ipv4, true_len)
    }

    fn read_v6(bytes: &'a [u8], true_len: usize) -> Self {
        let ip = Ipv6::new(bytes);
        // 0 means a jumbogram (RFC 2675), or a packet that segmentation offload has not cut yet.
        let stated = ip
            .payload_len()
            .map(usize::from)
            .filter(|&len| len != 0 || ip.next_header() == Some(ipproto::NO_NEXT))
            .map_or(true_len, |len| len + Ipv6::LEN);
        let end = stated.min(true_len);
        let mut headers = Self {
            bytes,
            network: Network::V6(ip),
            end,
            protocol: ip.next_header().unwrap_or(ipproto::NO_NEXT),
            fragment: None,
            transport: Transport::Other,
            transport_at: Ipv6::LEN,
            payload: Ipv6::LEN.min(end)..end,
            broken: None,
        };
        if bytes.len() < Ipv6::LEN {
            headers.broken = Some(Broken { at: bytes.len(), layer: Layer::Ipv6, why: Why::Truncated });
            return headers;
        }
        let mut extensions = ip.extensions();
        for extension in extensions.by_ref() {
            headers.fragment = headers.fragment.or_else(|| extension.fragment(&ip));
        }
        headers.protocol = extensions.next_header();
        headers.transport_at = extensions.at();
        headers.payload = extensions.at().min(end)..end;
        if let Some((at, why)) = extensions.broken() {
            headers.broken = Some(Broken { at, layer: Layer::Extension, why });
        } else if extensions.at() > end {
            headers.broken = Some(Broken { at: end, layer: Layer::Extension, why: Why::TooLong });
        }
        headers.noting_overlong(stated, 4, Layer::Ipv6, true_len)
    }

    /// A length field that promises more than there is stops nothing, so it is noted only if nothing worse is.
    fn noting_overlong(mut self, stated: usize, at: usize, layer: Layer, true_len: usize) -> Self {
        if stated > true_len && self.broken.is_none() {
            self.broken = Some(Broken { at, layer, why: Why::TooLong });
            // Decoding goes on all the same: an ICMP message quotes packets cut like this on purpose.
            self.read_transport();
        }
        self
    }

    fn read_transport(&mut self) {
        if self.fragment.is_some_and(|fragment| fragment.offset > 0) {
            self.transport = Transport::Continued;
            return;
        }
        let start = self.transport_at;
        let rest = self.bytes.get(start..self.bytes.len().min(self.end)).unwrap_or_default();
        let room = self.end.saturating_sub(start);
        let (transport, layer, fixed, len) = match (self.protocol, self.network) {
            (ipproto::TCP, _) => {
                let tcp = Tcp::new(rest);
                (Transport::Tcp(tcp), Layer::Tcp, Tcp::MIN_LEN, tcp.header_len())
            }
            (ipproto::UDP, _) => (Transport::Udp(Udp::new(rest)), Layer::Udp, Udp::LEN, Some(Udp::LEN)),
            (ipproto::ICMP, Network::V4(_)) => {
                (Transport::Icmp(Icmp::v4(rest)), Layer::Icmp, Icmp::LEN, Some(Icmp::LEN))
            }
            (ipproto::ICMPV6, Network::V6(_)) => {
                (Transport::Icmp(Icmp::v6(rest)), Layer::Icmp, Icmp::LEN, Some(Icmp::LEN))
            }
            _ => return,
        };
        self.transport = transport;
        // Without a length field the fixed part is the best guess of where the payload begins.
        let len = len.unwrap_or(fixed);
        let why = if len < fixed {
            Some((start, Why::TooShort))
        } else if len > room {
            Some((start, Why::TooLong))
        } else if len > rest.len() {
            Some((start + rest.len(), Why::Truncated))
        } else {
            None
        };
        self.payload = (start + len.max(fixed)).min(self.end)..self.end;
        if self.broken.is_none() {
            self.broken = why.map(|(at, why)| Broken { at, layer, why });
        }
    }

    /// Where it comes from.
    #[must_use]
    pub fn src(&self) -> Option<IpAddr> {
        match self.network {
            Network::V4(ip) => ip.src().map(IpAddr::V4),
            Network::V6(ip) => ip.src().map(IpAddr::V6),
        }
    }

    /// Where it goes.
    #[must_use]
    pub fn dst(&self) -> Option<IpAddr> {
        match self.network {
            Network::V4(ip) => ip.dst().map(IpAddr::V4),
            Network::V6(ip) => ip.dst().map(IpAddr::V6),
        }
    }

    /// Where the IP header and its extension headers end.
    #[must_use]
    pub fn network_len(&self) -> usize {
        self.transport_at
    }

    /// The payload as far as it was captured.
    #[must_use]
    pub fn payload(&self) -> &'a [u8] {
        let end = self.payload.end.min(self.bytes.len());
        self.bytes.get(self.payload.start..end).unwrap_or_default()
    }

    /// The packet that an ICMP error quotes, and where it begins.
    #[must_use]
    pub fn quoted(&self) -> Option<(usize, Headers<'a>)> {
        let Transport::Icmp(icmp) = self.transport else { return None };
        let quoted = icmp.quoted()?;
        Headers::read(quoted, quoted.len()).map(|headers| (self.transport_at + Icmp::LEN, headers))
    }
}
