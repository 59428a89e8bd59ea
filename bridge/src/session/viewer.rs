//! What one viewer gets to see next: the place it has reached, its interest, and its budget.
//!
//! It owns no events. It asks the recorder, so a viewer that waits costs nothing.

use super::budget::Budget;
use crate::limits;
use crate::recorder::Recorder;
use protocol::message::{ResetReason, Resume};
use protocol::{Codec, Epoch, GapReason, Interest, Seq, ToPage};
use std::time::{Duration, Instant};

/// One viewer's place in the story.
pub struct Viewer {
    recorder: Recorder,
    codec: Codec,
    epoch: Epoch,
    after: Seq,
    /// What was recorded before the session is history: it comes whole, whatever the budget.
    live_after: Seq,
    interest: Interest,
    budget: Budget,
    /// Events in the next batch; fewer while they are large.
    batch: usize,
}

/// What a viewer asks the record for.
#[derive(Clone, Copy)]
enum Want {
    /// So many events at most.
    Next(usize),
    /// To be spared everything through this one.
    Skip(Seq, GapReason),
}

/// What is to be sent.
#[derive(Debug, Default)]
pub struct News {
    /// Encoded messages, in order.
    pub messages: Vec<Vec<u8>>,
    /// Events in them.
    pub events: usize,
    /// When to ask again: at once, or when the budget has something again. `None` when all has been seen.
    pub again: Option<Duration>,
}

impl Viewer {
    /// A viewer at the beginning of the present epoch, or where it was cut.
    ///
    /// If it was cut in another epoch, the second value says why it has to begin anew.
    #[must_use]
    pub fn new(
        recorder: &Recorder,
        codec: Codec,
        interest: Interest,
        resume: Option<Resume>,
        now: Instant,
    ) -> (Self, Option<ResetReason>) {
        let epoch = recorder.epoch();
        let last = *recorder.changes().borrow();
        let (after, reset) = match resume {
            Some(Resume { epoch: old, after }) if old == epoch => (after.min(last), None),
            Some(Resume { epoch: old, .. }) => (Seq(0), Some(recorder.why_not(old))),
            None => (Seq(0), None),
        };
        let viewer = Self {
            recorder: recorder.clone(),
            codec,
            epoch,
            after,
            live_after: last,
            budget: budget(&interest, now),
            interest,
            batch: limits::BATCH_EVENTS,
        };
        (viewer, reset)
    }

    /// The epoch it is in.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// From now on, something else is wanted.
    pub fn set_interest(&mut self, interest: Interest, now: Instant) {
        self.budget = budget(&interest, now);
        self.interest = interest;
    }

    /// What comes next. `was_blocked` says that the network kept the viewer from asking earlier.
    pub fn pull(&mut self, now: Instant, was_blocked: bool) -> News {
        let last = *self.recorder.changes().borrow();
        let lag = last.0.saturating_sub(self.after.0);
        if self.after < self.live_after {
            return self.take(Want::Next(self.batch), last);
        }
        let left = self.budget.left(now);
        if was_blocked && lag > limits::SLOW_LAG {
            return self.take(Want::Skip(Seq(last.0 - limits::SLOW_LAG / 2), GapReason::SlowViewer), last);
        }
        if left > 0 {
            let news = self.take(Want::Next(self.batch.min(left as usize)), last);
            self.budget.spend(u32::try_from(news.events).unwrap_or(u32::MAX));
            return news;
        }
        // One gap for a while, not one for every event: what can be had of the next while is kept.
        let while_ = self.budget_burst() / 10;
        let mut news = News::default();
        if lag > u64::from(self.budget_burst()) {
            let to = Seq(last.0 - u64::from(while_));
            news = self.take(Want::Skip(to, GapReason::Budget), last);
            if self.after < to {
                return news;
            }
        }
        news.again = Some(self.budget.time_to(while_.max(1)));
        news
    }

    fn take(&mut self, want: Want, last: Seq) -> News {
        let mut news = News::default();
        let mut most = match want {
            Want::Next(most) => most,
            Want::Skip(..) => self.batch,
        };
        loop {
            let reading = match want {
                Want::Next(_) => self.recorder.read(self.after, &self.interest, most),
                Want::Skip(to, reason) => self.recorder.skip(self.after, to, &self.interest, most, reason),
            };
            if reading.epoch != self.epoch {
                let why = self.recorder.why_not(self.epoch);
                (self.epoch, self.after, self.live_after) = (reading.epoch, Seq(0), Seq(0));
                news.messages.push(self.codec.encode(&ToPage::Reset { epoch: reading.epoch, why }));
                news.again = Some(Duration::ZERO);
                return news;
            }
            let Some(batch) = reading.read.batch else { return news };
            let (through, events) = (batch.through, batch.events.len());
            // A batch in which nothing matches is told as well: resuming after it saves looking again.
            let bytes = self.codec.encode(&ToPage::Batch(batch));
            if bytes.len() > limits::BATCH_BYTES && most > 1 {
                most = (most / 2).max(1);
                self.batch = most;
                continue;
            }
            news.messages.extend(reading.read.gap.map(|gap| self.codec.encode(&ToPage::Gap(gap))));
            news.messages.push(bytes);
            news.events = events;
            self.after = through;
            self.batch = limits::BATCH_EVENTS.min(self.batch * 2);
            news.again = (through < last).then_some(Duration::ZERO);
            return news;
        }
    }

    fn budget_burst(&self) -> u32 {
        events_a_second(&self.interest)
    }
}

fn events_a_second(interest: &Interest) -> u32 {
    match interest.budget {
        0 => limits::VIEWER_EVENTS,
        wanted => wanted.min(limits::VIEWER_EVENTS),
    }
}

/// One second's worth may come at once.
fn budget(interest: &Interest, now: Instant) -> Budget {
    let rate = events_a_second(interest);
    Budget::new(rate, rate, now)
}
