//! The TCP header (RFC 9293, 3.1).

use super::option::TcpOptions;
use super::read::{byte, short, word};
use std::fmt;
use std::ops::BitOr;

/// A view of bytes that begin with a TCP header. Every field is `None` where the bytes end before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tcp<'a> {
    bytes: &'a [u8],
}

impl<'a> Tcp<'a> {
    /// The header without options, bytes.
    pub const MIN_LEN: usize = 20;

    /// A view; nothing is checked.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// Source port.
    #[must_use]
    pub fn src_port(&self) -> Option<u16> {
        short(self.bytes, 0)
    }

    /// Destination port.
    #[must_use]
    pub fn dst_port(&self) -> Option<u16> {
        short(self.bytes, 2)
    }

    /// Sequence number.
    #[must_use]
    pub fn seq(&self) -> Option<u32> {
        word(self.bytes, 4)
    }

    /// Acknowledgement number; means something only with [`TcpFlags::ACK`].
    #[must_use]
    pub fn ack(&self) -> Option<u32> {
        word(self.bytes, 8)
    }

    /// What the data offset field says, bytes. Below [`Self::MIN_LEN`] it is nonsense.
    #[must_use]
    pub fn header_len(&self) -> Option<usize> {
        byte(self.bytes, 12).map(|offset| usize::from(offset >> 4) * 4)
    }

    /// Control bits.
    #[must_use]
    pub fn flags(&self) -> Option<TcpFlags> {
        short(self.bytes, 12).map(|bits| TcpFlags(bits & 0x01ff))
    }

    /// Window as it stands there, unscaled.
    #[must_use]
    pub fn window(&self) -> Option<u16> {
        short(self.bytes, 14)
    }

    /// Checksum.
    #[must_use]
    pub fn checksum(&self) -> Option<u16> {
        short(self.bytes, 16)
    }

    /// Urgent pointer; means something only with [`TcpFlags::URG`].
    #[must_use]
    pub fn urgent(&self) -> Option<u16> {
        short(self.bytes, 18)
    }

    /// The options, in order.
    #[must_use]
    pub fn options(&self) -> TcpOptions<'a> {
        let end = self.header_len().unwrap_or(0).min(self.bytes.len());
        TcpOptions::new(self.bytes.get(Self::MIN_LEN..end).unwrap_or_default())
    }
}

/// Control bits of a TCP header.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct TcpFlags(pub u16);

impl TcpFlags {
    /// The sender is finished sending.
    pub const FIN: Self = Self(0x001);
    /// Synchronize sequence numbers.
    pub const SYN: Self = Self(0x002);
    /// Reset the connection.
    pub const RST: Self = Self(0x004);
    /// Push.
    pub const PSH: Self = Self(0x008);
    /// The acknowledgement number counts.
    pub const ACK: Self = Self(0x010);
    /// The urgent pointer counts.
    pub const URG: Self = Self(0x020);
    /// ECN-Echo (RFC 3168).
    pub const ECE: Self = Self(0x040);
    /// Congestion window reduced (RFC 3168).
    pub const CWR: Self = Self(0x080);
    /// Accurate ECN (RFC 9768).
    pub const AE: Self = Self(0x100);

    /// Every flag with its name, in the order of the header.
    pub const NAMES: [(Self, &'static str); 9] = [
        (Self::AE, "AE"),
        (Self::CWR, "CWR"),
        (Self::ECE, "ECE"),
        (Self::URG, "URG"),
        (Self::ACK, "ACK"),
        (Self::PSH, "PSH"),
        (Self::RST, "RST"),
        (Self::SYN, "SYN"),
        (Self::FIN, "FIN"),
    ];

    /// Whether all of `flags` are set.
    #[must_use]
    pub fn has(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// Whether any of `flags` is set.
    #[must_use]
    pub fn any(self, flags: Self) -> bool {
        self.0 & flags.0 != 0
    }

    /// The names of those set, as one says them: `SYN`, `ACK`, then the rest.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        // "SYN-ACK", "PSH, ACK" are said with the word that tells most first, which is the reverse of the header.
        Self::NAMES.into_iter().rev().filter(move |(flag, _)| self.has(*flag)).map(|(_, name)| name)
    }
}

impl BitOr for TcpFlags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Display for TcpFlags {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, name) in self.names().enumerate() {
            if place > 0 {
                to.write_str(", ")?;
            }
            to.write_str(name)?;
        }
        Ok(())
    }
}

impl fmt::Debug for TcpFlags {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "[{self}]")
    }
}
