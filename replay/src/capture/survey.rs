//! The first look at a capture: which conversations are in it.

use super::conversations::{Conversation, Conversations};
use super::link;
use super::reader::{Frame, Item, Reader};
use crate::fault::{Fault, What};
use protocol::Nanos;
use protocol::header::Headers;

/// So many conversations are shown at once without being asked for: as many as have lanes of their own.
const FEW: usize = 3;

/// Looks through a capture.
#[derive(Clone, Debug)]
pub struct Survey {
    reader: Reader,
    clock: Clock,
    conversations: Conversations,
    others: u64,
    strange_link: Option<u16>,
}

impl Survey {
    /// Begins to look.
    ///
    /// # Errors
    /// It is no capture that can be read here.
    pub fn open(bytes: &[u8]) -> Result<Self, Fault> {
        Ok(Self {
            reader: Reader::open(bytes)?,
            clock: Clock::default(),
            conversations: Conversations::default(),
            others: 0,
            strange_link: None,
        })
    }

    /// Looks at up to `most` packets more; false when that was all.
    ///
    /// # Errors
    /// What is wrong, and where; what was found before can be told all the same. Also when nothing was found.
    pub fn look(&mut self, bytes: &[u8], most: usize) -> Result<bool, Fault> {
        for _ in 0..most {
            let frame = match self.reader.next(bytes)? {
                Some(Item::Frame(frame) | Item::Remarked { frame, .. }) => frame,
                Some(Item::Lost(_)) => continue,
                None => return self.is_good().map(|()| false),
            };
            let time = self.clock.read(&frame);
            self.take(&frame, time);
        }
        Ok(true)
    }

    fn take(&mut self, frame: &Frame<'_>, time: u64) {
        if !link::is_known(frame.link) {
            self.strange_link = Some(frame.link);
        }
        let packet = packet(frame);
        let found = packet.and_then(|(_, bytes, true_len)| {
            let headers = Headers::read(bytes, true_len as usize)?;
            Some((self.conversations.of(&headers)?, true_len))
        });
        let Some((at, true_len)) = found else {
            self.others += 1;
            return;
        };
        if let Some(conversation) = self.conversations.counted(at) {
            let time = Nanos(time);
            conversation.first = if conversation.packets == 0 { time } else { conversation.first.min(time) };
            conversation.packets += 1;
            conversation.bytes += u64::from(true_len);
        }
    }

    fn is_good(&self) -> Result<(), Fault> {
        let what = match self.strange_link {
            _ if !self.conversations().is_empty() => return Ok(()),
            Some(link) => What::LinkType(link),
            None => What::NoPackets,
        };
        Err(Fault::new(0, what))
    }

    /// The conversations found so far, in the order of their first packets; times are since 1970.
    #[must_use]
    pub fn conversations(&self) -> &[Conversation] {
        self.conversations.list()
    }

    /// Packets that belong to no conversation of TCP or UDP, or to one too many.
    #[must_use]
    pub fn others(&self) -> u64 {
        self.others
    }

    /// The earliest time in it, nanoseconds since 1970: the story's time zero.
    #[must_use]
    pub fn zero(&self) -> u64 {
        self.clock.first.unwrap_or(0)
    }

    /// How far it is: bytes.
    #[must_use]
    pub fn at(&self) -> usize {
        self.reader.at()
    }

    /// What to show unasked: everything if it is a few, else the few with the most packets. Places, in order.
    #[must_use]
    pub fn few(&self) -> Vec<usize> {
        let list = self.conversations();
        let mut chosen: Vec<usize> = Vec::new();
        while chosen.len() < FEW.min(list.len()) {
            let rest = (0..list.len()).filter(|at| !chosen.contains(at));
            // Of equal ones the first.
            chosen.extend(rest.rev().max_by_key(|at| list[*at].packets));
        }
        (0..list.len()).filter(|at| chosen.contains(at)).collect()
    }
}

/// The packet in a frame: where in the file it begins, what was captured of it, and its whole length.
pub fn packet<'a>(frame: &Frame<'a>) -> Option<(usize, &'a [u8], u32)> {
    if !link::is_known(frame.link) {
        return None;
    }
    let (at, bytes, true_len) = link::packet(frame.link, frame.data, frame.true_len)?;
    Some((frame.start + at, bytes, true_len))
}

/// What time it is in a capture.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    first: Option<u64>,
    last: u64,
}

impl Clock {
    /// The time of the newest frame.
    pub fn now(&self) -> u64 {
        self.last
    }

    /// The time of a frame; one without a time has that of the frame before it.
    pub fn read(&mut self, frame: &Frame<'_>) -> u64 {
        self.last = frame.time.unwrap_or(self.last);
        self.first = Some(self.first.map_or(self.last, |first| first.min(self.last)));
        self.last
    }
}
