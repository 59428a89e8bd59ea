//! TCP options (RFC 9293, 3.1 and 3.2; RFC 7323; RFC 2018).

use super::read::{short, word};
use std::fmt;
use std::ops::Range;

/// One TCP option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TcpOption<'a> {
    /// End of the list; padding follows.
    End,
    /// Nothing, for alignment.
    Nop,
    /// Maximum segment size (RFC 9293, 3.7.1), bytes.
    Mss(u16),
    /// Window scale (RFC 7323, 2): the window counts 2 to this power bytes.
    WindowScale(u8),
    /// SACK may be used (RFC 2018, 2).
    SackPermitted,
    /// What arrived out of order (RFC 2018, 3).
    Sack(SackBlocks),
    /// Timestamps (RFC 7323, 3).
    Timestamps {
        /// The sender's clock.
        value: u32,
        /// The other end's, given back.
        echo: u32,
    },
    /// Another one.
    Other {
        /// Which (IANA).
        kind: u8,
        /// What it says.
        data: &'a [u8],
    },
    /// Its length is impossible or reaches behind the header; nothing after it can be read.
    Malformed {
        /// Which (IANA).
        kind: u8,
    },
}

/// The options of a segment, each with its place in the options.
#[derive(Clone, Debug)]
pub struct TcpOptions<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> TcpOptions<'a> {
    /// Options in the bytes that follow the fixed header.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }
}

impl<'a> Iterator for TcpOptions<'a> {
    type Item = (Range<usize>, TcpOption<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.bytes.get(self.at..)?;
        let kind = *rest.first()?;
        let start = self.at;
        let (len, option) = match kind {
            // Everything behind is padding, and belongs to it.
            0 => (rest.len(), TcpOption::End),
            1 => (1, TcpOption::Nop),
            _ => match rest.get(1).map(|&len| usize::from(len)) {
                Some(len) if len >= 2 && len <= rest.len() => (len, read(kind, &rest[2..len])),
                _ => (rest.len(), TcpOption::Malformed { kind }),
            },
        };
        self.at += len;
        Some((start..self.at, option))
    }
}

fn read(kind: u8, data: &[u8]) -> TcpOption<'_> {
    let option = match (kind, data.len()) {
        (2, 2) => short(data, 0).map(TcpOption::Mss),
        (3, 1) => Some(TcpOption::WindowScale(data[0])),
        (4, 0) => Some(TcpOption::SackPermitted),
        (5, 8 | 16 | 24 | 32) => Some(TcpOption::Sack(SackBlocks::read(data))),
        (8, 8) => word(data, 0).and_then(|value| word(data, 4).map(|echo| TcpOption::Timestamps { value, echo })),
        _ => None,
    };
    option.unwrap_or(TcpOption::Other { kind, data })
}

/// Up to four SACK blocks, which is all that fit into a header.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct SackBlocks {
    edges: [(u32, u32); Self::MOST],
    count: u8,
}

impl SackBlocks {
    /// The most that fit.
    pub const MOST: usize = 4;

    fn read(data: &[u8]) -> Self {
        let mut blocks = Self::default();
        for (block, edges) in data.chunks_exact(8).zip(&mut blocks.edges) {
            *edges = (word(block, 0).unwrap_or(0), word(block, 4).unwrap_or(0));
            blocks.count += 1;
        }
        blocks
    }

    /// Left edge (the first byte that arrived) and right edge (the byte after the last), newest block first.
    #[must_use]
    pub fn edges(&self) -> &[(u32, u32)] {
        &self.edges[..usize::from(self.count)]
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl fmt::Debug for SackBlocks {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_list().entries(self.edges()).finish()
    }
}
