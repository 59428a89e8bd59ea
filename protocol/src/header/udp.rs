//! The UDP header (RFC 768).

use super::read::short;

/// A view of bytes that begin with a UDP header. Every field is `None` where the bytes end before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Udp<'a> {
    bytes: &'a [u8],
}

impl<'a> Udp<'a> {
    /// The header, bytes.
    pub const LEN: usize = 8;

    /// A view; nothing is checked.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// Source port; 0 if no answer is wanted.
    #[must_use]
    pub fn src_port(&self) -> Option<u16> {
        short(self.bytes, 0)
    }

    /// Destination port.
    #[must_use]
    pub fn dst_port(&self) -> Option<u16> {
        short(self.bytes, 2)
    }

    /// Header and data, bytes. In a first fragment it counts the whole datagram.
    #[must_use]
    pub fn len(&self) -> Option<u16> {
        short(self.bytes, 4)
    }

    /// Whether it says that there is no data.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len().is_none_or(|len| usize::from(len) <= Self::LEN)
    }

    /// Checksum; 0 means none, which only IPv4 allows.
    #[must_use]
    pub fn checksum(&self) -> Option<u16> {
        short(self.bytes, 6)
    }
}
