//! pcapng: sections of blocks, each with its length at both ends (draft-ietf-opsawg-pcapng).

use super::MOST_PACKET;
use super::bytes::Endian;
use super::reader::{Frame, Item};
use crate::fault::{Fault, What};

const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
/// The old sort of packet.
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const STATISTICS: u32 = 5;
const ENHANCED_PACKET: u32 = 6;

const BYTE_ORDER: u32 = 0x1a2b_3c4d;

const OPTION_COMMENT: u16 = 1;
const INTERFACE_RESOLUTION: u16 = 9;
const INTERFACE_OFFSET: u16 = 14;
const PACKET_DROPPED: u16 = 4;
const STATISTICS_DROPPED: [u16; 2] = [5, 7];

/// The largest block: comments and secrets may be long.
const MOST_BLOCK: usize = 16 << 20;
/// The most interfaces of a section.
const MOST_INTERFACES: usize = 4_096;
/// The least block: type, length, length.
const LEAST_BLOCK: usize = 12;

/// Whether a file begins as one.
pub fn is_one(bytes: &[u8]) -> bool {
    Endian::Little.word(bytes, 0) == SECTION && section_order(bytes).is_some()
}

fn section_order(block: &[u8]) -> Option<Endian> {
    [Endian::Little, Endian::Big].into_iter().find(|endian| endian.word(block, 8) == BYTE_ORDER)
}

/// A capture in this format: what the present section says.
#[derive(Clone, Debug, Default)]
pub struct Pcapng {
    endian: Endian,
    interfaces: Vec<Interface>,
}

#[derive(Clone, Copy, Debug)]
struct Interface {
    link: u16,
    snap: u32,
    /// `if_tsresol`: units in a second, as a power of 10, or of 2 with the highest bit.
    resolution: u8,
    /// Seconds to add.
    offset: i64,
}

impl Pcapng {
    /// The block at this place, if it tells something, and where the next one is.
    pub fn next<'a>(&mut self, bytes: &'a [u8], at: usize) -> Result<(Option<Item<'a>>, usize), Fault> {
        let rest = &bytes[at..];
        if rest.len() < LEAST_BLOCK {
            return Err(Fault::new(bytes.len(), What::Ends));
        }
        // This type reads the same in both orders.
        if Endian::Little.word(rest, 0) == SECTION {
            let order = section_order(rest).ok_or(Fault::new(at + 8, What::Expected("the byte order of a section")))?;
            *self = Self { endian: order, interfaces: Vec::new() };
        }
        let endian = self.endian;
        let len = endian.word(rest, 4) as usize;
        if len < LEAST_BLOCK || !len.is_multiple_of(4) || len > MOST_BLOCK {
            return Err(Fault::new(at + 4, What::Length(len as u64)));
        }
        let block = rest.get(..len).ok_or(Fault::new(bytes.len(), What::Ends))?;
        if endian.word(block, len - 4) as usize != len {
            return Err(Fault::new(at + len - 4, What::Expected("the length of the block again")));
        }
        let body = &block[8..len - 4];
        let item = match endian.word(block, 0) {
            INTERFACE if self.interfaces.len() >= MOST_INTERFACES => {
                return Err(Fault::new(at, What::TooMany { most: MOST_INTERFACES as u64 }));
            }
            INTERFACE => {
                self.interface(body);
                None
            }
            ENHANCED_PACKET => Some(self.enhanced(body, at + 8)?),
            PACKET => Some(self.old(body, at + 8)?),
            SIMPLE_PACKET => Some(self.simple(body, at + 8)?),
            STATISTICS => {
                let dropped = |code| self.options(body, 12).find(|(found, _)| *found == code).map(|(_, value)| value);
                let count = |value: &[u8]| long(endian, value);
                let lost = STATISTICS_DROPPED.into_iter().filter_map(dropped).map(count).max().unwrap_or(0);
                (lost > 0).then_some(Item::Lost(lost))
            }
            _ => None,
        };
        Ok((item, at + len))
    }

    fn interface(&mut self, body: &[u8]) {
        let mut interface =
            Interface { link: self.endian.short(body, 0), snap: self.endian.word(body, 4), resolution: 6, offset: 0 };
        for (code, value) in self.options(body, 8) {
            match (code, value) {
                (INTERFACE_RESOLUTION, [resolution]) => interface.resolution = *resolution,
                (INTERFACE_OFFSET, value) if value.len() == 8 => interface.offset = long(self.endian, value) as i64,
                _ => {}
            }
        }
        self.interfaces.push(interface);
    }

    fn enhanced<'a>(&self, body: &'a [u8], at: usize) -> Result<Item<'a>, Fault> {
        let word = |place| self.endian.word(body, place);
        self.packet(body, at, word(0) as usize, (word(4), word(8)), (word(12), word(16)))
    }

    fn old<'a>(&self, body: &'a [u8], at: usize) -> Result<Item<'a>, Fault> {
        let word = |place| self.endian.word(body, place);
        // The second half of the first word counts drops since the packet before.
        let interface = usize::from(self.endian.short(body, 0));
        self.packet(body, at, interface, (word(4), word(8)), (word(12), word(16)))
    }

    fn packet<'a>(
        &self,
        body: &'a [u8],
        at: usize,
        interface: usize,
        (high, low): (u32, u32),
        (captured, true_len): (u32, u32),
    ) -> Result<Item<'a>, Fault> {
        let interface = self.interfaces.get(interface).ok_or(Fault::new(at, What::Range("interface of a packet")))?;
        let len = captured as usize;
        let data = body.get(20..20_usize.saturating_add(len)).filter(|_| len <= MOST_PACKET);
        let data = data.ok_or(Fault::new(at + 12, What::Length(captured.into())))?;
        let time = interface.nanos(u64::from(high) << 32 | u64::from(low));
        let frame =
            Frame { time: Some(time), link: interface.link, start: at + 20, data, true_len: true_len.max(captured) };
        let (mut comment, mut lost) = (None, 0);
        for (code, value) in self.options(body, 20 + len.next_multiple_of(4)) {
            match code {
                OPTION_COMMENT => comment = comment.or(Some(value)),
                PACKET_DROPPED => lost = long(self.endian, value),
                _ => {}
            }
        }
        Ok(if comment.is_none() && lost == 0 { Item::Frame(frame) } else { Item::Remarked { frame, comment, lost } })
    }

    /// A packet without a time, on the first interface.
    fn simple<'a>(&self, body: &'a [u8], at: usize) -> Result<Item<'a>, Fault> {
        let interface = self.interfaces.first().ok_or(Fault::new(at, What::Range("interface of a packet")))?;
        let true_len = self.endian.word(body, 0);
        let snap = if interface.snap == 0 { u32::MAX } else { interface.snap };
        let len = true_len.min(snap) as usize;
        let data = body.get(4..4_usize.saturating_add(len)).filter(|_| len <= MOST_PACKET);
        let data = data.ok_or(Fault::new(at, What::Length(true_len.into())))?;
        Ok(Item::Frame(Frame { time: None, link: interface.link, start: at + 4, data, true_len }))
    }

    /// The options that begin at this place of a block.
    fn options<'a>(&self, body: &'a [u8], at: usize) -> impl Iterator<Item = (u16, &'a [u8])> + use<'a> {
        let endian = self.endian;
        let mut rest = body.get(at..).unwrap_or_default();
        std::iter::from_fn(move || {
            let (head, behind) = rest.split_at_checked(4)?;
            let (code, len) = (endian.short(head, 0), usize::from(endian.short(head, 2)));
            let value = behind.get(..len)?;
            rest = behind.get(len.next_multiple_of(4)..).unwrap_or_default();
            (code != 0).then_some((code, value))
        })
    }
}

impl Interface {
    /// A time of this interface as nanoseconds since 1970; what is out of range is 0, or as late as can be.
    fn nanos(&self, units: u64) -> u64 {
        const SECOND: u64 = 1_000_000_000;
        let power = u32::from(self.resolution & 0x7f);
        let ten = |power| 10_u64.checked_pow(power);
        let since = if self.resolution & 0x80 != 0 {
            let seconds = units.checked_shr(power).unwrap_or(0);
            let fraction = units - seconds.checked_shl(power).unwrap_or(0);
            // As many bits of the fraction as can be multiplied.
            let (fraction, power) = if power > 30 { (fraction >> (power - 30).min(63), 30) } else { (fraction, power) };
            seconds.saturating_mul(SECOND).saturating_add((fraction * SECOND) >> power)
        } else if power <= 9 {
            units.saturating_mul(ten(9 - power).unwrap_or(1))
        } else {
            // Units finer than time itself: all of them are the same moment.
            ten(power - 9).map_or(0, |finer| units / finer)
        };
        let offset = self.offset.unsigned_abs().saturating_mul(SECOND);
        if self.offset < 0 { since.saturating_sub(offset) } else { since.saturating_add(offset) }
    }
}

/// Eight bytes as a number; 0 if they are not eight.
fn long(endian: Endian, value: &[u8]) -> u64 {
    let Ok(eight) = <[u8; 8]>::try_from(value) else { return 0 };
    if endian == Endian::Little { u64::from_le_bytes(eight) } else { u64::from_be_bytes(eight) }
}
