//! One viewer's place in the record, across any number of connections: pure, so that every cut can be tested.

use protocol::ids::{Epoch, Seq};
use protocol::interest::Interest;
use protocol::message::{Gap, GapReason, Resume, ToBridge};

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

/// What of a batch is new.
#[derive(Debug, PartialEq, Eq)]
pub struct Fresh {
    /// Events up to this one were seen before.
    pub seen: Seq,
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

    /// Takes a batch of the events in `(after, through]`: what is new in it, and whether there is a hole before it.
    /// `None` if it is of another epoch: sent before the reset that is on its way, or after one we have seen.
    pub fn batch(&mut self, epoch: Epoch, after: Seq, through: Seq) -> Option<Fresh> {
        if Some(epoch) != self.epoch {
            return None;
        }
        let first = self.through.max(self.missed).next();
        let hole = (after >= first).then_some(Hole { first, last: after, reason: None });
        let seen = self.through;
        self.through = seen.max(through);
        Some(Fresh { seen, hole })
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
    use protocol::ids::Boot;

    const EPOCH: Epoch = Epoch { boot: Boot(7), run: 0 };

    /// Of events after one, through another, those that are new, with the hole before them.
    fn take(session: &mut Session, after: u64, through: u64) -> (Vec<u64>, Option<Hole>) {
        let Some(fresh) = session.batch(EPOCH, Seq(after), Seq(through)) else { return (Vec::new(), None) };
        ((after + 1..=through).filter(|seq| Seq(*seq) > fresh.seen).collect(), fresh.hole)
    }

    #[test]
    fn every_cut_resumes_without_duplicates_or_holes() {
        for cut in 0..=6 {
            let mut session = Session::default();
            assert!(!session.enter(EPOCH));
            let mut all = take(&mut session, 0, cut).0;
            let ToBridge::Hello { resume, .. } = session.hello(Interest::default()) else {
                panic!("a session begins with Hello")
            };
            assert_eq!(resume, Some(Resume { epoch: EPOCH, after: Seq(cut) }));
            assert!(!session.enter(EPOCH), "the same epoch again keeps the story");
            // A source that starts two too early is put right as well.
            let (fresh, hole) = take(&mut session, cut.saturating_sub(2), 6);
            assert_eq!(hole, None);
            all.extend(fresh);
            assert_eq!(all, [1, 2, 3, 4, 5, 6], "cut after {cut}");
        }
    }

    #[test]
    fn a_filtered_hole_is_none_and_an_unexplained_one_is_told() {
        let mut session = Session::default();
        session.enter(EPOCH);
        // Whatever is left out of it.
        assert_eq!(take(&mut session, 0, 4).1, None);
        let hole = Hole { first: Seq(5), last: Seq(6), reason: None };
        assert_eq!(take(&mut session, 6, 7), (vec![7], Some(hole)));
    }

    #[test]
    fn an_explained_gap_leaves_no_hole() {
        let mut session = Session::default();
        session.enter(EPOCH);
        take(&mut session, 0, 2);
        let gap = Gap { first: Seq(1), last: Seq(5), reason: GapReason::TooOld };
        let hole = Hole { first: Seq(3), last: Seq(5), reason: Some(GapReason::TooOld) };
        assert_eq!(session.gap(gap), Some(hole));
        assert_eq!(session.gap(gap), None, "told twice, lost once");
        // The batch that introduces who lives spans the gap.
        assert_eq!(take(&mut session, 1, 5), (vec![3, 4, 5], None));
        assert_eq!(take(&mut session, 5, 6).1, None);
    }

    #[test]
    fn cut_between_a_gap_and_its_batch_nothing_is_skipped() {
        let mut session = Session::default();
        session.enter(EPOCH);
        take(&mut session, 0, 2);
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
        take(&mut session, 0, 2);
        let next = Epoch { run: 1, ..EPOCH };
        assert!(session.enter(next));
        assert_eq!(session.batch(EPOCH, Seq(2), Seq(3)), None, "late news of the old epoch");
        assert_eq!(session.batch(next, Seq(0), Seq(1)), Some(Fresh { seen: Seq(0), hole: None }));
    }
}
