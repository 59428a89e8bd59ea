//! The IPv6 header and its extension headers (RFC 8200, 3 and 4).

use super::Why;
use super::fragment::{Fragment, FragmentKey};
use super::ipproto;
use super::read::{array, byte, short, word};
use std::net::Ipv6Addr;

/// A view of bytes that begin with an IPv6 header. Every field is `None` where the bytes end before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ipv6<'a> {
    bytes: &'a [u8],
}

impl<'a> Ipv6<'a> {
    /// The header without extension headers, bytes.
    pub const LEN: usize = 40;

    /// A view; nothing is checked.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// Traffic class: DSCP and ECN together.
    #[must_use]
    pub fn traffic_class(&self) -> Option<u8> {
        short(self.bytes, 0).map(|first| (first >> 4) as u8)
    }

    /// Flow label, 20 bits.
    #[must_use]
    pub fn flow_label(&self) -> Option<u32> {
        word(self.bytes, 0).map(|first| first & 0x000f_ffff)
    }

    /// What follows this header, extension headers included, bytes.
    #[must_use]
    pub fn payload_len(&self) -> Option<u16> {
        short(self.bytes, 4)
    }

    /// The kind of header that follows this one: see [`ipproto`].
    #[must_use]
    pub fn next_header(&self) -> Option<u8> {
        byte(self.bytes, 6)
    }

    /// Hop limit.
    #[must_use]
    pub fn hop_limit(&self) -> Option<u8> {
        byte(self.bytes, 7)
    }

    /// Where it comes from.
    #[must_use]
    pub fn src(&self) -> Option<Ipv6Addr> {
        array::<16>(self.bytes, 8).map(Ipv6Addr::from)
    }

    /// Where it goes.
    #[must_use]
    pub fn dst(&self) -> Option<Ipv6Addr> {
        array::<16>(self.bytes, 24).map(Ipv6Addr::from)
    }

    /// Walks the extension headers.
    #[must_use]
    pub fn extensions(&self) -> Extensions<'a> {
        Extensions { bytes: self.bytes, at: Self::LEN, next: self.next_header(), continued: false, broken: None }
    }
}

/// One extension header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension<'a> {
    /// Which: see [`ipproto`].
    pub kind: u8,
    /// Where it begins, bytes from the start of the packet.
    pub at: usize,
    /// All its bytes.
    pub bytes: &'a [u8],
}

impl Extension<'_> {
    /// What the fragment header says, if this is one (RFC 8200, 4.5).
    ///
    /// An "atomic" fragment, at 0 with nothing after it (RFC 6946), is a whole packet and so is `None`.
    #[must_use]
    pub fn fragment(&self, ip: &Ipv6<'_>) -> Option<Fragment> {
        if self.kind != ipproto::FRAGMENT {
            return None;
        }
        let place = short(self.bytes, 2)?;
        let (offset, more) = (u32::from(place & 0xfff8), place & 1 != 0);
        if offset == 0 && !more {
            return None;
        }
        let key = FragmentKey {
            src: ip.src()?.into(),
            dst: ip.dst()?.into(),
            id: word(self.bytes, 4)?,
            protocol: byte(self.bytes, 0)?,
        };
        Some(Fragment { key, offset, more })
    }
}

/// The extension headers of a packet, in order.
#[derive(Clone, Debug)]
pub struct Extensions<'a> {
    bytes: &'a [u8],
    at: usize,
    next: Option<u8>,
    /// After the header of a later fragment comes the middle of something, not a header.
    continued: bool,
    broken: Option<(usize, Why)>,
}

impl Extensions<'_> {
    /// Where the walk is: after the last header that it gave, bytes from the start of the packet.
    #[must_use]
    pub fn at(&self) -> usize {
        self.at
    }

    /// The kind of what is there.
    #[must_use]
    pub fn next_header(&self) -> u8 {
        self.next.unwrap_or(ipproto::NO_NEXT)
    }

    /// Where and why the walk had to stop before its end.
    #[must_use]
    pub fn broken(&self) -> Option<(usize, Why)> {
        self.broken
    }
}

impl<'a> Iterator for Extensions<'a> {
    type Item = Extension<'a>;

    fn next(&mut self) -> Option<Extension<'a>> {
        let kind = self.next?;
        let is_extension = matches!(
            kind,
            ipproto::HOP_BY_HOP | ipproto::ROUTING | ipproto::FRAGMENT | ipproto::AUTHENTICATION | ipproto::DESTINATION
        );
        if !is_extension || self.continued || self.broken.is_some() {
            return None;
        }
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let len = byte(rest, 1).map(|units| match kind {
            ipproto::FRAGMENT => 8,
            // RFC 4302, 2.2: in units of four bytes, minus two.
            ipproto::AUTHENTICATION => (usize::from(units) + 2) * 4,
            _ => (usize::from(units) + 1) * 8,
        });
        let Some(bytes) = len.and_then(|len| rest.get(..len)) else {
            self.broken = Some((self.bytes.len(), Why::Truncated));
            return None;
        };
        let extension = Extension { kind, at: self.at, bytes };
        self.continued = kind == ipproto::FRAGMENT && short(bytes, 2).is_some_and(|place| place & 0xfff8 != 0);
        self.next = Some(bytes[0]);
        self.at += bytes.len();
        Some(extension)
    }
}
