//! The IPv4 header (RFC 791, 3.1).

use super::checksum::{Checksum, fold, ones_complement_sum};
use super::fragment::{Fragment, FragmentKey};
use super::read::{array, byte, short};
use std::net::Ipv4Addr;

/// A view of bytes that begin with an IPv4 header. Every field is `None` where the bytes end before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ipv4<'a> {
    bytes: &'a [u8],
}

impl<'a> Ipv4<'a> {
    /// The header without options, bytes.
    pub const MIN_LEN: usize = 20;

    /// A view; nothing is checked.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// What the header length field says, bytes; 0 if there is no byte. Below [`Self::MIN_LEN`] it is nonsense.
    #[must_use]
    pub fn header_len(&self) -> usize {
        byte(self.bytes, 0).map_or(0, |first| usize::from(first & 0x0f) * 4)
    }

    /// Differentiated services (RFC 2474), the upper six bits.
    #[must_use]
    pub fn dscp(&self) -> Option<u8> {
        byte(self.bytes, 1).map(|tos| tos >> 2)
    }

    /// Explicit congestion notification (RFC 3168), the lower two bits.
    #[must_use]
    pub fn ecn(&self) -> Option<u8> {
        byte(self.bytes, 1).map(|tos| tos & 3)
    }

    /// The length of the whole packet, bytes, as it says.
    #[must_use]
    pub fn total_len(&self) -> Option<u16> {
        short(self.bytes, 2)
    }

    /// The identification that fragments of one datagram share.
    #[must_use]
    pub fn id(&self) -> Option<u16> {
        short(self.bytes, 4)
    }

    /// Don't Fragment.
    #[must_use]
    pub fn dont_fragment(&self) -> Option<bool> {
        byte(self.bytes, 6).map(|flags| flags & 0x40 != 0)
    }

    /// More Fragments.
    #[must_use]
    pub fn more_fragments(&self) -> Option<bool> {
        byte(self.bytes, 6).map(|flags| flags & 0x20 != 0)
    }

    /// Where in its datagram's payload this fragment belongs, bytes.
    #[must_use]
    pub fn fragment_offset(&self) -> Option<u32> {
        short(self.bytes, 6).map(|flags| u32::from(flags & 0x1fff) * 8)
    }

    /// Time to live, hops.
    #[must_use]
    pub fn ttl(&self) -> Option<u8> {
        byte(self.bytes, 8)
    }

    /// What it carries: see [`ipproto`](super::ipproto).
    #[must_use]
    pub fn protocol(&self) -> Option<u8> {
        byte(self.bytes, 9)
    }

    /// The header checksum.
    #[must_use]
    pub fn checksum(&self) -> Option<u16> {
        short(self.bytes, 10)
    }

    /// Where it comes from.
    #[must_use]
    pub fn src(&self) -> Option<Ipv4Addr> {
        array::<4>(self.bytes, 12).map(Ipv4Addr::from)
    }

    /// Where it goes.
    #[must_use]
    pub fn dst(&self) -> Option<Ipv4Addr> {
        array::<4>(self.bytes, 16).map(Ipv4Addr::from)
    }

    /// The options with their padding, as far as they are there.
    #[must_use]
    pub fn options(&self) -> &'a [u8] {
        let end = self.header_len().min(self.bytes.len());
        self.bytes.get(Self::MIN_LEN..end).unwrap_or_default()
    }

    /// Which piece of a datagram it is, if it is one.
    #[must_use]
    pub fn fragment(&self) -> Option<Fragment> {
        let (offset, more) = (self.fragment_offset()?, self.more_fragments()?);
        if offset == 0 && !more {
            return None;
        }
        let key = FragmentKey {
            src: self.src()?.into(),
            dst: self.dst()?.into(),
            id: u32::from(self.id()?),
            protocol: self.protocol()?,
        };
        Some(Fragment { key, offset, more })
    }

    /// Whether the header checksum is right.
    #[must_use]
    pub fn checksum_verdict(&self) -> Checksum {
        let len = self.header_len().max(Self::MIN_LEN);
        let (Some(header), Some(found)) = (self.bytes.get(..len), self.checksum()) else {
            return Checksum::Truncated;
        };
        let without = ones_complement_sum(header) + u64::from(!found);
        Checksum::judge(found, !fold(without), None)
    }
}
