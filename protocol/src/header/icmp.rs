//! ICMP messages (RFC 792; RFC 4443 for IPv6).

use super::read::{byte, short, word};

/// ICMP types and codes that Socketscope has words for (RFC 792, RFC 1191).
pub mod icmpv4 {
    /// Echo reply.
    pub const ECHO_REPLY: u8 = 0;
    /// Destination unreachable; the code says why.
    pub const UNREACHABLE: u8 = 3;
    /// Code of [`UNREACHABLE`]: nobody listens on that port.
    pub const PORT_UNREACHABLE: u8 = 3;
    /// Code of [`UNREACHABLE`]: too large for the next link, and Don't Fragment is set.
    pub const FRAGMENTATION_NEEDED: u8 = 4;
    /// Echo request.
    pub const ECHO_REQUEST: u8 = 8;
    /// Time exceeded.
    pub const TIME_EXCEEDED: u8 = 11;
}

/// ICMPv6 types and codes that Socketscope has words for (RFC 4443, RFC 4861).
pub mod icmpv6 {
    /// Destination unreachable; the code says why.
    pub const UNREACHABLE: u8 = 1;
    /// Code of [`UNREACHABLE`]: nobody listens on that port.
    pub const PORT_UNREACHABLE: u8 = 4;
    /// Packet too big.
    pub const PACKET_TOO_BIG: u8 = 2;
    /// Time exceeded.
    pub const TIME_EXCEEDED: u8 = 3;
    /// Echo request.
    pub const ECHO_REQUEST: u8 = 128;
    /// Echo reply.
    pub const ECHO_REPLY: u8 = 129;
    /// Router solicitation.
    pub const ROUTER_SOLICITATION: u8 = 133;
    /// Neighbor solicitation.
    pub const NEIGHBOR_SOLICITATION: u8 = 135;
}

/// A view of bytes that begin with an ICMP header. Every field is `None` where the bytes end before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Icmp<'a> {
    bytes: &'a [u8],
    v6: bool,
}

impl<'a> Icmp<'a> {
    /// The header, bytes: type, code, checksum, and four bytes whose meaning depends on the type.
    pub const LEN: usize = 8;

    /// A view of an ICMP message of IPv4; nothing is checked.
    #[must_use]
    pub fn v4(bytes: &'a [u8]) -> Self {
        Self { bytes, v6: false }
    }

    /// A view of an ICMPv6 message; nothing is checked.
    #[must_use]
    pub fn v6(bytes: &'a [u8]) -> Self {
        Self { bytes, v6: true }
    }

    /// Whether it is ICMPv6.
    #[must_use]
    pub fn is_v6(&self) -> bool {
        self.v6
    }

    /// Type: see [`icmpv4`] and [`icmpv6`].
    #[must_use]
    pub fn kind(&self) -> Option<u8> {
        byte(self.bytes, 0)
    }

    /// Code.
    #[must_use]
    pub fn code(&self) -> Option<u8> {
        byte(self.bytes, 1)
    }

    /// Checksum.
    #[must_use]
    pub fn checksum(&self) -> Option<u16> {
        short(self.bytes, 2)
    }

    /// The four bytes after the checksum, whatever they mean.
    #[must_use]
    pub fn rest(&self) -> Option<u32> {
        word(self.bytes, 4)
    }

    /// Identifier and sequence number of an echo request or reply.
    #[must_use]
    pub fn echo(&self) -> Option<(u16, u16)> {
        let is_echo = if self.v6 {
            matches!(self.kind()?, icmpv6::ECHO_REQUEST | icmpv6::ECHO_REPLY)
        } else {
            matches!(self.kind()?, icmpv4::ECHO_REQUEST | icmpv4::ECHO_REPLY)
        };
        if is_echo { short(self.bytes, 4).zip(short(self.bytes, 6)) } else { None }
    }

    /// The MTU of the next link in "fragmentation needed" (RFC 1191, 4) and "packet too big" (RFC 4443, 3.2), bytes.
    #[must_use]
    pub fn mtu(&self) -> Option<u32> {
        match (self.v6, self.kind()?, self.code()?) {
            (false, icmpv4::UNREACHABLE, icmpv4::FRAGMENTATION_NEEDED) => short(self.bytes, 6).map(u32::from),
            (true, icmpv6::PACKET_TOO_BIG, _) => self.rest(),
            _ => None,
        }
    }

    /// Whether it is an error about another packet.
    #[must_use]
    pub fn is_error(&self) -> bool {
        match self.kind() {
            // RFC 792: unreachable, source quench, redirect, time exceeded, parameter problem.
            Some(kind) if !self.v6 => matches!(kind, 3 | 4 | 5 | 11 | 12),
            // RFC 4443, 2.1.
            Some(kind) => kind < 128,
            None => false,
        }
    }

    /// The start of the packet that an error is about.
    #[must_use]
    pub fn quoted(&self) -> Option<&'a [u8]> {
        if self.is_error() { self.bytes.get(Self::LEN..).filter(|quoted| !quoted.is_empty()) } else { None }
    }
}
