//! The events, packed: a million of them fits into a page.
//!
//! Each is kept in a few dozen bytes, whole, and read again when somebody asks for it. What is asked of all of them
//! (when, which number, what sort) stands beside that, so that nothing is unpacked to lay out a story.

use super::records::Place;
use crate::model::pages::Pages;
use protocol::{Event, Nanos, Seq, codec};

/// What sort of event it is, as far as layouts ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A call began.
    Entered,
    /// A call returned.
    Returned,
    /// A packet was sent, or made by the wire as a copy.
    Sent,
    /// A packet was stopped.
    Held,
    /// A packet was let go.
    Released,
    /// A packet arrived.
    Delivered,
    /// A packet will not arrive as it is: dropped, or cut up.
    Broken,
    /// The wire knows when it will deliver a packet.
    Scheduled,
    /// A state, told by the kernel.
    State,
    /// A state that follows from packets.
    Derived,
    /// A socket.
    Socket,
    /// Kernel values.
    Gauge,
    /// A sentence: a note, a command, or a loss.
    Sentence,
    /// Anything else.
    Other,
}

impl Sort {
    const ALL: [Self; 14] = [
        Self::Entered,
        Self::Returned,
        Self::Sent,
        Self::Held,
        Self::Released,
        Self::Delivered,
        Self::Broken,
        Self::Scheduled,
        Self::State,
        Self::Derived,
        Self::Socket,
        Self::Gauge,
        Self::Sentence,
        Self::Other,
    ];

    /// Whether it is a stage of a packet.
    #[must_use]
    pub fn is_packet(self) -> bool {
        (Self::Sent as u8..=Self::Scheduled as u8).contains(&(self as u8))
    }

    /// Whether it is an end of a call.
    #[must_use]
    pub fn is_call(self) -> bool {
        matches!(self, Self::Entered | Self::Returned)
    }
}

/// What an event is, and the place of its call or packet in the story's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The sort.
    pub sort: Sort,
    /// The call's or the packet's place; 0 for others.
    pub at: u32,
}

/// A sort and a place in one word.
const SORT_BITS: u32 = 28;

/// What stands beside each packed event.
#[derive(Clone, Copy, Debug)]
struct Head {
    at: Nanos,
    seq: Seq,
    /// The block and the place in it.
    from: u32,
    tag: u32,
}

/// So long a block is, bytes; a single event may be longer.
const BLOCK_BITS: u32 = 20;

/// The events, by their places in the order in which they came.
#[derive(Clone, Debug, Default)]
pub struct Events {
    heads: Pages<Head>,
    blocks: Vec<Vec<u8>>,
    /// Bytes in all blocks but the last.
    full: usize,
    /// Places by number, from the first event on that came after one with a higher number; before it, places are it.
    by_seq: Vec<Place>,
    /// Whether `by_seq` is needed.
    astray: bool,
}

impl Events {
    /// Adds an event, packed already or not; `None` if it is there already.
    pub fn push(&mut self, event: &Event, packed: Option<&[u8]>) -> Option<Place> {
        let rank = self.rank_of(event.seq);
        if self.place_at(rank).is_some_and(|place| self.heads[place as usize].seq == event.seq) {
            return None;
        }
        let place = self.heads.len() as Place;
        if !self.astray && rank < self.heads.len() {
            self.astray = true;
            self.by_seq = (0..place).collect();
        }
        if self.astray {
            self.by_seq.insert(rank, place);
        }
        let block = 1 << BLOCK_BITS;
        if self.blocks.last().is_none_or(|last| last.len() >= block) {
            self.full += self.blocks.last().map_or(0, Vec::len);
            let room = if self.blocks.is_empty() { 0 } else { block + block / 64 };
            self.blocks.push(Vec::with_capacity(room));
        }
        let at = self.blocks.len() - 1;
        let from = (at << BLOCK_BITS) as u32 | self.blocks[at].len() as u32;
        match packed {
            Some(packed) => self.blocks[at].extend_from_slice(packed),
            None => codec::pack(event, &mut self.blocks[at]),
        }
        self.heads.push(Head { at: event.at, seq: event.seq, from, tag: (Sort::Other as u32) << SORT_BITS });
        Some(place)
    }

    /// Says what an event is.
    pub fn name(&mut self, place: Place, tag: Tag) {
        self.heads[place as usize].tag = (tag.sort as u32) << SORT_BITS | tag.at;
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.heads.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// How many bytes they take, packed.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.full + self.blocks.last().map_or(0, Vec::len)
    }

    /// An event, whole.
    ///
    /// # Panics
    /// If there is none at that place.
    #[must_use]
    pub fn get(&self, place: Place) -> Event {
        codec::unpack(self.packed(place)).expect("it was packed here")
    }

    /// An event as it is packed.
    #[must_use]
    pub fn packed(&self, place: Place) -> &[u8] {
        let place_of = |from: u32| ((from >> BLOCK_BITS) as usize, (from & ((1 << BLOCK_BITS) - 1)) as usize);
        let (block, from) = place_of(self.heads[place as usize].from);
        let next = self.heads.get(place as usize + 1).map(|next| place_of(next.from)).filter(|next| next.0 == block);
        let block = &self.blocks[block];
        &block[from..next.map_or(block.len(), |next| next.1)]
    }

    /// When it was.
    #[must_use]
    pub fn at(&self, place: Place) -> Nanos {
        self.heads[place as usize].at
    }

    /// Its number.
    #[must_use]
    pub fn seq(&self, place: Place) -> Seq {
        self.heads[place as usize].seq
    }

    /// What it is.
    #[must_use]
    pub fn tag(&self, place: Place) -> Tag {
        let tag = self.heads[place as usize].tag;
        Tag { sort: Sort::ALL[(tag >> SORT_BITS) as usize], at: tag & ((1 << SORT_BITS) - 1) }
    }

    /// The place of the event with a number.
    #[must_use]
    pub fn place(&self, seq: Seq) -> Option<Place> {
        self.place_at(self.rank_of(seq)).filter(|place| self.seq(*place) == seq)
    }

    /// How many have a lower number.
    fn rank_of(&self, seq: Seq) -> usize {
        if self.astray {
            return self.by_seq.partition_point(|place| self.heads[*place as usize].seq < seq);
        }
        match self.heads.last() {
            Some(last) if last.seq >= seq => self.heads.partition_point(|head| head.seq < seq),
            _ => self.heads.len(),
        }
    }

    /// The place of the event with so many lower numbers.
    #[must_use]
    pub fn place_at(&self, rank: usize) -> Option<Place> {
        if self.astray { self.by_seq.get(rank).copied() } else { (rank < self.heads.len()).then_some(rank as Place) }
    }
}
