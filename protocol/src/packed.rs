//! A batch as it came in postcard: its events are read one by one, each with the bytes that it was read from, so that
//! whoever keeps a million of them needs not write them again.

use crate::codec::DecodeError;
use crate::event::Event;
use crate::ids::{Epoch, Seq};

/// The place of [`ToPage::Batch`](crate::message::ToPage::Batch) among its siblings, which is how postcard begins it.
const BATCH: u32 = 1;

/// A [`Batch`](crate::message::Batch) whose events are still packed. Yields each with its bytes, for
/// [`unpack`](crate::codec::unpack); an error is the last thing it yields.
#[derive(Debug)]
pub struct PackedBatch<'a> {
    /// The epoch.
    pub epoch: Epoch,
    /// The last event before it.
    pub after: Seq,
    /// The last event it speaks of.
    pub through: Seq,
    left: usize,
    rest: &'a [u8],
}

impl<'a> PackedBatch<'a> {
    /// The batch that a message is; `None` if it is another message, or does not begin as one of this version does.
    #[must_use]
    pub fn of(message: &'a [u8]) -> Option<Self> {
        let (head, rest) = postcard::take_from_bytes::<(u32, Epoch, Seq, Seq, usize)>(message).ok()?;
        let (BATCH, epoch, after, through, left) = head else { return None };
        Some(Self { epoch, after, through, left, rest })
    }
}

impl<'a> Iterator for PackedBatch<'a> {
    type Item = Result<(Event, &'a [u8]), DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            let over = std::mem::take(&mut self.rest).len();
            return (over > 0).then_some(Err(DecodeError::LeftOver(over)));
        }
        match postcard::take_from_bytes(self.rest) {
            Ok((event, rest)) => {
                let bytes = &self.rest[..self.rest.len() - rest.len()];
                self.left -= 1;
                self.rest = rest;
                Some(Ok((event, bytes)))
            }
            Err(error) => {
                (self.left, self.rest) = (0, &[]);
                Some(Err(DecodeError::Postcard(error)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{self, Codec};
    use crate::event::{About, Kind, Provenance};
    use crate::ids::{Boot, Nanos};
    use crate::message::{Batch, ToPage};

    fn batch() -> Batch {
        let event = |seq| Event {
            seq: Seq(seq),
            at: Nanos(seq << 40),
            uncertainty: Nanos(0),
            about: About::default(),
            provenance: Provenance::OBSERVED,
            cause: None,
            kind: if seq % 2 == 0 { Kind::Closed } else { Kind::Gauge(Vec::new()) },
        };
        let epoch = Epoch { boot: Boot(u128::MAX), run: 3 };
        Batch { epoch, after: Seq(400), through: Seq(700), events: (401..=403).map(event).collect() }
    }

    #[test]
    fn each_event_comes_with_its_bytes() {
        let message = Codec::Postcard.encode(&ToPage::Batch(batch()));
        let packed = PackedBatch::of(&message).unwrap();
        let Batch { epoch, after, through, events } = batch();
        assert_eq!((packed.epoch, packed.after, packed.through), (epoch, after, through));
        for (read, event) in packed.zip(events) {
            let (read, bytes) = read.unwrap();
            assert_eq!(read, event);
            let mut written = Vec::new();
            codec::pack(&event, &mut written);
            assert_eq!(bytes, written);
        }
        assert_eq!(PackedBatch::of(&message).unwrap().count(), 3);
    }

    #[test]
    fn other_messages_are_none() {
        for message in
            [ToPage::Pong(1), ToPage::Reset { epoch: Epoch::default(), why: crate::message::ResetReason::Cleared }]
        {
            assert!(PackedBatch::of(&Codec::Postcard.encode(&message)).is_none(), "{message:?}");
        }
        assert!(PackedBatch::of(&[]).is_none());
    }

    #[test]
    fn what_is_cut_or_too_long_ends_in_one_error() {
        let whole = Codec::Postcard.encode(&ToPage::Batch(batch()));
        for cut in 0..whole.len() {
            let Some(packed) = PackedBatch::of(&whole[..cut]) else { continue };
            let read: Vec<_> = packed.collect();
            assert!(read.last().is_some_and(Result::is_err), "cut at {cut}");
            assert_eq!(read.iter().filter(|one| one.is_err()).count(), 1);
        }
        let longer = [&whole[..], &[0, 0]].concat();
        let last = PackedBatch::of(&longer).unwrap().last().unwrap();
        assert!(matches!(last, Err(DecodeError::LeftOver(2))), "{last:?}");
    }
}
