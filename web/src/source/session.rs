//! One viewer's place in the record, across any number of connections: pure, so that every cut can be tested.

use protocol::event::Event;
use protocol::ids::{Epoch, Seq};
use protocol::interest::Interest;
use protocol::message::{Batch, Gap, GapReason, Resume, ToBridge};

/// Events `first..=last` are missing from the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hole {
    /// The first of them.
    pub first: Seq,
    /// The last of them.
    pub last: Seq,
    /// Why; `None` if nobody said so, which is a fault.
    pub reason: Option<GapReason>,
}

/// What a batch brought.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Fresh {
    /// Events not seen before, in recording order.
    pub events: Vec<Event>,
    /// A hole before them that nobody explained.
    pub hole: Option<Hole>,
}

/// Where this viewer is.
#[derive(Clone, Debug, Default)]
pub struct Session {
    /// How to be the same member again.
    pub token: Option<String>,
    epoch: Option<Epoch>,
    through: Seq,
    /// The last event that is known to be missing.
    missed: Seq,
}

impl Session {
    /// One that has seen nothing yet, of the member with this token.
    #[must_use]
    pub fn new(token: Option<String>) -> Self {
        Self { token, ..Self::default() }
    }

    /// The first message of the next connection.
    #[must_use]
    pub fn hello(&self, interest: Interest) -> ToBridge {
        ToBridge::Hello {
            token: self.token.clone(),
            resume: self.epoch.map(|epoch| Resume { epoch, after: self.through }),
            interest,
        }
    }

    /// Another source is heard now: nothing that was seen counts, and it is all told again in the next session.
    pub fn leave(&mut self) {
        *self = Self::new(self.token.take());
    }

    /// The source is in this epoch. True if it is another one than before: the story must be forgotten.
    pub fn enter(&mut self, epoch: Epoch) -> bool {
        let known = self.epoch.replace(epoch);
        if known == Some(epoch) {
            return false;
        }
        (self.through, self.missed) = (Seq(0), Seq(0));
        known.is_some()
    }

    /// The story begins anew in this epoch.
    pub fn reset(&mut self, epoch: Epoch) {
        self.epoch = Some(epoch);
        (self.through, self.missed) = (Seq(0), Seq(0));
    }

    /// Takes a batch: what was seen before is left out, a hole is told.
    pub fn batch(&mut self, batch: Batch) -> Fresh {
        if Some(batch.epoch) != self.epoch {
            // Sent before the reset that is on its way, or after one we have seen.
            return Fresh::default();
        }
        let first = self.through.max(self.missed).next();
        let hole = (batch.after >= first).then_some(Hole { first, last: batch.after, reason: None });
        let seen = self.through;
        let mut events = batch.events;
        events.retain(|event| event.seq > seen);
        self.through = seen.max(batch.through);
        Fresh { events, hole }
    }

    /// Takes the news that events cannot be had. `None` if they were had already, or known to be missing.
    ///
    /// Only the batch that follows moves on: it spans the gap and still introduces who lives.
    pub fn gap(&mut self, gap: Gap) -> Option<Hole> {
        let first = gap.first.max(self.through.max(self.missed).next());
        if gap.last < first {
            return None;
        }
        self.missed = gap.last;
        Some(Hole { first, last: gap.last, reason: Some(gap.reason) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::event::{About, Kind, Provenance};
    use protocol::ids::{Boot, Nanos};

    const EPOCH: Epoch = Epoch { boot: Boot(7), run: 0 };

    fn event(seq: u64) -> Event {
        Event {
            seq: Seq(seq),
            at: Nanos(seq),
            uncertainty: Nanos(0),
            about: About::default(),
            provenance: Provenance::OBSERVED,
            cause: None,
            kind: Kind::Closed,
        }
    }

    fn batch(after: u64, through: u64) -> Batch {
        let events = (after + 1..=through).map(event).collect();
        Batch { epoch: EPOCH, after: Seq(after), through: Seq(through), events }
    }

    fn seqs(fresh: &Fresh) -> Vec<u64> {
        fresh.events.iter().map(|event| event.seq.0).collect()
    }

    #[test]
    fn every_cut_resumes_without_duplicates_or_holes() {
        for cut in 0..=6 {
            let mut session = Session::default();
            assert!(!session.enter(EPOCH));
            let mut all = seqs(&session.batch(batch(0, cut)));
            let ToBridge::Hello { resume, .. } = session.hello(Interest::default()) else {
                panic!("a session begins with Hello")
            };
            assert_eq!(resume, Some(Resume { epoch: EPOCH, after: Seq(cut) }));
            assert!(!session.enter(EPOCH), "the same epoch again keeps the story");
            // A source that starts two too early is put right as well.
            let fresh = session.batch(batch(cut.saturating_sub(2), 6));
            assert_eq!(fresh.hole, None);
            all.extend(seqs(&fresh));
            assert_eq!(all, [1, 2, 3, 4, 5, 6], "cut after {cut}");
        }
    }

    #[test]
    fn a_filtered_hole_is_none_and_an_unexplained_one_is_told() {
        let mut session = Session::default();
        session.enter(EPOCH);
        let filtered = Batch { events: vec![event(3)], ..batch(0, 4) };
        assert_eq!(session.batch(filtered).hole, None);
        let fresh = session.batch(batch(6, 7));
        assert_eq!(fresh.hole, Some(Hole { first: Seq(5), last: Seq(6), reason: None }));
        assert_eq!(seqs(&fresh), [7]);
    }

    #[test]
    fn an_explained_gap_leaves_no_hole() {
        let mut session = Session::default();
        session.enter(EPOCH);
        session.batch(batch(0, 2));
        let gap = Gap { first: Seq(1), last: Seq(5), reason: GapReason::TooOld };
        let hole = Hole { first: Seq(3), last: Seq(5), reason: Some(GapReason::TooOld) };
        assert_eq!(session.gap(gap), Some(hole));
        assert_eq!(session.gap(gap), None, "told twice, lost once");
        let introduces = Batch { events: vec![event(2), event(4)], ..batch(1, 5) };
        let fresh = session.batch(introduces);
        assert_eq!((fresh.hole, seqs(&fresh)), (None, vec![4]), "the batch spans the gap");
        assert_eq!(session.batch(batch(5, 6)).hole, None);
    }

    #[test]
    fn cut_between_a_gap_and_its_batch_nothing_is_skipped() {
        let mut session = Session::default();
        session.enter(EPOCH);
        session.batch(batch(0, 2));
        session.gap(Gap { first: Seq(3), last: Seq(5), reason: GapReason::Budget });
        let ToBridge::Hello { resume, .. } = session.hello(Interest::default()) else {
            panic!("a session begins with Hello")
        };
        assert_eq!(resume.map(|resume| resume.after), Some(Seq(2)));
    }

    #[test]
    fn another_epoch_forgets() {
        let mut session = Session::default();
        session.enter(EPOCH);
        session.batch(batch(0, 2));
        let next = Epoch { run: 1, ..EPOCH };
        assert!(session.enter(next));
        assert_eq!(session.batch(batch(2, 3)), Fresh::default(), "late news of the old epoch");
        assert_eq!(seqs(&session.batch(Batch { epoch: next, ..batch(0, 1) })), [1]);
    }
}
