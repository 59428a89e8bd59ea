//! What can be wrong with a file, and where.

use std::fmt;

/// Something is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// At this byte, from 0.
    pub at: usize,
    /// In this line, from 1; 0 where there are no lines.
    pub line: usize,
    /// In this event or packet, from 1; 0 outside of them.
    pub number: u64,
    /// What.
    pub what: What,
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// There is nothing in it.
    Empty,
    /// It is packed: gzip, zip or Zstandard.
    Compressed,
    /// It is neither a trace nor a capture.
    Strange,
    /// It is larger than anybody looks at.
    TooLarge {
        /// The most, bytes.
        most: u64,
    },
    /// It tells more than can be shown.
    TooMany {
        /// The most events or packets.
        most: u64,
    },
    /// It was written by another version.
    Version {
        /// The one it says.
        found: u64,
    },
    /// It ends in the middle of something.
    Ends,
    /// Something else should stand here.
    Expected(&'static str),
    /// A word that nobody knows.
    Unknown(String),
    /// Something must be said and is not.
    Missing(&'static str),
    /// Something is said twice.
    Twice(&'static str),
    /// A number that cannot be.
    Range(&'static str),
    /// Too many brackets inside each other.
    TooDeep,
    /// Numbers of events must grow.
    Order,
    /// A length that cannot be.
    Length(u64),
    /// Packets of a network that is not known here; the number is from the registry of link types.
    LinkType(u16),
    /// There is no packet of TCP or UDP in it.
    NoPackets,
}

impl Fault {
    /// A fault at a byte.
    #[must_use]
    pub fn new(at: usize, what: What) -> Self {
        Self { at, line: 0, number: 0, what }
    }

    /// The same, in an event or packet, from 1.
    #[must_use]
    pub fn within(mut self, number: u64) -> Self {
        self.number = number;
        self
    }

    /// The same, with its line counted in the text.
    #[must_use]
    pub fn in_text(mut self, text: &[u8]) -> Self {
        let before = &text[..self.at.min(text.len())];
        self.line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.number) {
            (0, 0) => write!(to, "byte {}: ", self.at)?,
            (0, number) => write!(to, "packet {number}, byte {}: ", self.at)?,
            (line, 0) => write!(to, "line {line}, byte {}: ", self.at)?,
            (line, number) => write!(to, "event {number}, line {line}, byte {}: ", self.at)?,
        }
        self.what.fmt(to)
    }
}

impl std::error::Error for Fault {}

impl fmt::Display for What {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => to.write_str("the file is empty"),
            Self::Compressed => to.write_str("the file is packed; unpack it first"),
            Self::Strange => to.write_str("neither a .socketscope trace nor a pcap or pcapng capture"),
            Self::TooLarge { most } => write!(to, "larger than {} MiB; open a part of it", most >> 20),
            Self::TooMany { most } => write!(to, "more than {most}; open a part of it"),
            Self::Version { found } => write!(to, "a trace of version {found}; this program reads version 1"),
            Self::Ends => to.write_str("the file ends in the middle of something; it was cut"),
            Self::Expected(what) => write!(to, "{what} should stand here"),
            Self::Unknown(word) => write!(to, "`{word}` is not known here"),
            Self::Missing(name) => write!(to, "`{name}` is missing"),
            Self::Twice(name) => write!(to, "`{name}` is said twice"),
            Self::Range(what) => write!(to, "not a possible {what}"),
            Self::TooDeep => to.write_str("too many brackets inside each other"),
            Self::Order => to.write_str("the numbers of events must grow"),
            Self::Length(length) => write!(to, "a length of {length} bytes cannot be"),
            Self::LinkType(number) => write!(to, "packets of link type {number} cannot be read here"),
            Self::NoPackets => to.write_str("no packet of TCP or UDP over IP in it"),
        }
    }
}
