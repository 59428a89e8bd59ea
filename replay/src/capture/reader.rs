//! A capture, packet by packet, whichever format it is in.

use super::pcap::{self, Order, Pcap};
use super::pcapng::Pcapng;
use crate::fault::{Fault, What};

/// A frame as it was captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// When, nanoseconds since 1970; `None` where the file does not say.
    pub time: Option<u64>,
    /// Its link type.
    pub link: u16,
    /// Where in the file its bytes begin.
    pub start: usize,
    /// What was captured of it.
    pub data: &'a [u8],
    /// Its whole length, bytes.
    pub true_len: u32,
}

/// What a capture holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// A frame.
    Frame(Frame<'a>),
    /// A frame that something is said about.
    Remarked {
        /// The frame.
        frame: Frame<'a>,
        /// A comment on it.
        comment: Option<&'a [u8]>,
        /// Packets lost since the one before it.
        lost: u64,
    },
    /// So many packets were lost.
    Lost(u64),
}

/// Reads a capture. It is given the bytes each time, so that two can read the same.
#[derive(Clone, Debug)]
pub struct Reader {
    format: Format,
    at: usize,
    /// Frames so far.
    frames: u64,
}

#[derive(Clone, Debug)]
enum Format {
    Pcap(Pcap),
    Pcapng(Pcapng),
}

impl Reader {
    /// Begins to read.
    ///
    /// # Errors
    /// It is no capture, or one of packets that are not known here.
    pub fn open(bytes: &[u8]) -> Result<Self, Fault> {
        let (format, at) = match Order::of(bytes) {
            Some(order) => (Format::Pcap(Pcap::open(bytes, order)?), pcap::HEAD),
            None if super::pcapng::is_one(bytes) => (Format::Pcapng(Pcapng::default()), 0),
            None => return Err(Fault::new(0, What::Strange)),
        };
        Ok(Self { format, at, frames: 0 })
    }

    /// The next item; `None` behind the last.
    ///
    /// # Errors
    /// What is wrong, and where. What came before is good, and nothing comes after.
    pub fn next<'a>(&mut self, bytes: &'a [u8]) -> Result<Option<Item<'a>>, Fault> {
        while self.at < bytes.len() {
            let read = match &mut self.format {
                Format::Pcap(pcap) => pcap.next(bytes, self.at).map(|(item, next)| (Some(item), next)),
                Format::Pcapng(pcapng) => pcapng.next(bytes, self.at),
            };
            let (item, next) = read.map_err(|fault| {
                self.at = bytes.len();
                fault.within(self.frames + 1)
            })?;
            self.at = next;
            if let Some(item) = item {
                self.frames += u64::from(!matches!(item, Item::Lost(_)));
                return Ok(Some(item));
            }
        }
        Ok(None)
    }

    /// How far it is: bytes read.
    #[must_use]
    pub fn at(&self) -> usize {
        self.at
    }
}
