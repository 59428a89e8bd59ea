//! The Internet checksum (RFC 1071), and whether a packet's is right.

use super::{Headers, Transport, ipproto};
use std::net::IpAddr;

/// Whether a checksum is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Checksum {
    /// It is.
    Correct,
    /// It is not.
    Wrong {
        /// What stands there.
        found: u16,
        /// What should.
        expected: u16,
    },
    /// The sender left it to an interface that never computes it, as loopback does: 0, or the sum over the
    /// pseudo-header alone.
    NotFilledIn,
    /// The sender chose to send none (UDP over IPv4; RFC 768).
    None,
    /// It covers bytes that are in other fragments.
    Fragmented,
    /// It covers bytes that were not captured.
    Truncated,
}

impl Checksum {
    /// Judges a checksum `found` where `expected` would be right and an unfinished one would be `partial`.
    pub(super) fn judge(found: u16, expected: u16, partial: Option<u16>) -> Self {
        // 0 and 0xffff are the same number in ones' complement.
        let same = |a: u16, b: u16| a == b || (a ^ b == 0xffff && (a == 0 || b == 0));
        if same(found, expected) {
            Self::Correct
        } else if found == 0 || partial == Some(found) {
            Self::NotFilledIn
        } else {
            Self::Wrong { found, expected }
        }
    }
}

/// The sum of `bytes` as big-endian 16-bit words, not yet folded; an odd last byte counts as the upper half.
#[must_use]
pub fn ones_complement_sum(bytes: &[u8]) -> u64 {
    let mut words = bytes.chunks_exact(2);
    let sum: u64 = words.by_ref().map(|word| u64::from(u16::from_be_bytes([word[0], word[1]]))).sum();
    sum + words.remainder().first().map_or(0, |&last| u64::from(last) << 8)
}

/// Folds a sum to 16 bits. The checksum is the complement of it.
#[must_use]
pub fn fold(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

/// The sum over the pseudo-header (RFC 9293, 3.1; RFC 8200, 8.1) of `len` bytes of `protocol`, not yet folded.
#[must_use]
pub fn pseudo_header_sum(src: IpAddr, dst: IpAddr, protocol: u8, len: u32) -> u64 {
    let address = |address: IpAddr| match address {
        IpAddr::V4(address) => ones_complement_sum(&address.octets()),
        IpAddr::V6(address) => ones_complement_sum(&address.octets()),
    };
    address(src) + address(dst) + u64::from(protocol) + u64::from(len >> 16) + u64::from(len & 0xffff)
}

impl Headers<'_> {
    /// Whether the checksum of the transport header is right; `None` if there is no such field here.
    #[must_use]
    pub fn transport_checksum(&self) -> Option<Checksum> {
        let (at, found) = match self.transport {
            Transport::Tcp(tcp) => (16, tcp.checksum()),
            Transport::Udp(udp) => (6, udp.checksum()),
            Transport::Icmp(icmp) => (2, icmp.checksum()),
            Transport::Continued | Transport::Other => return None,
        };
        let (Some(found), Some(src), Some(dst)) = (found, self.src(), self.dst()) else {
            return Some(Checksum::Truncated);
        };
        let udp = self.protocol == ipproto::UDP;
        if udp && found == 0 && src.is_ipv4() {
            return Some(Checksum::None);
        }
        if self.fragment.is_some() {
            return Some(Checksum::Fragmented);
        }
        // UDP has a length of its own (RFC 768); what lies behind it is not covered.
        let stated = match self.transport {
            Transport::Udp(udp) => udp.len().map(usize::from).filter(|&len| len >= 8),
            _ => None,
        };
        let end = stated.map_or(self.end, |len| self.transport_at + len);
        let Some(covered) = self.bytes.get(self.transport_at..end).filter(|covered| covered.len() > at) else {
            return Some(Checksum::Truncated);
        };
        let len = u32::try_from(covered.len()).unwrap_or(u32::MAX);
        let pseudo = match self.protocol {
            ipproto::ICMP => None,
            protocol => Some(pseudo_header_sum(src, dst, protocol, len)),
        };
        // Adding the complement of what stands in the field takes it out of the sum.
        let sum = ones_complement_sum(covered) + u64::from(!found) + pseudo.unwrap_or(0);
        Some(Checksum::judge(found, !fold(sum), pseudo.map(fold)))
    }
}
