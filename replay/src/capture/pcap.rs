//! pcap: a header of 24 bytes, then packets, each with a header of 16 (draft-ietf-opsawg-pcap).

use super::MOST_PACKET;
use super::bytes::Endian;
use super::reader::{Frame, Item};
use crate::fault::{Fault, What};

/// Bytes before the first packet.
pub const HEAD: usize = 24;
/// Bytes before each packet.
const RECORD: usize = 16;

/// How its numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    endian: Endian,
    /// Nanoseconds in one unit of the fraction of a second.
    unit: u64,
}

impl Order {
    /// By the magic number; `None` if it is none.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.len() < 4 {
            return None;
        }
        let order = |endian: Endian| match endian.word(bytes, 0) {
            0xa1b2_c3d4 => Some(Self { endian, unit: 1_000 }),
            0xa1b2_3c4d => Some(Self { endian, unit: 1 }),
            _ => None,
        };
        order(Endian::Little).or_else(|| order(Endian::Big))
    }
}

/// A capture in this format.
#[derive(Clone, Copy, Debug)]
pub struct Pcap {
    order: Order,
    link: u16,
}

impl Pcap {
    /// Reads the header.
    pub fn open(bytes: &[u8], order: Order) -> Result<Self, Fault> {
        if bytes.len() < HEAD {
            return Err(Fault::new(bytes.len(), What::Ends));
        }
        // The upper bits say whether frames end with a checksum, which stands behind what the IP header counts.
        let link = order.endian.word(bytes, 20) as u16;
        if !super::link::is_known(link) {
            return Err(Fault::new(20, What::LinkType(link)));
        }
        Ok(Self { order, link })
    }

    /// The packet at this place, and where the next one is.
    pub fn next<'a>(&self, bytes: &'a [u8], at: usize) -> Result<(Item<'a>, usize), Fault> {
        let record = bytes.get(at..at + RECORD).ok_or(Fault::new(bytes.len(), What::Ends))?;
        let word = |at| self.order.endian.word(record, at);
        let (captured, true_len) = (word(8) as usize, word(12));
        if captured > MOST_PACKET {
            return Err(Fault::new(at + 8, What::Length(captured as u64)));
        }
        let start = at + RECORD;
        let data = bytes.get(start..start + captured).ok_or(Fault::new(bytes.len(), What::Ends))?;
        // A fraction of more than a second is wrong, but its packet is not.
        let time = u64::from(word(0)) * 1_000_000_000 + u64::from(word(4)) * self.order.unit;
        let frame = Frame { time: Some(time), link: self.link, start, data, true_len: true_len.max(captured as u32) };
        Ok((Item::Frame(frame), start + captured))
    }
}
