//! The record of one epoch: bounded, append-only, read by any number of viewers at their own pace.
//!
//! A viewer is nothing but a [`Seq`] it has seen and an [`Interest`]. So a slow viewer costs no memory, and one that
//! falls behind the bound gets an explicit [`Gap`].
//!
//! What introduces hosts, programs, sockets and flows is not lost in a gap: of those who fell out of the record the last
//! introduction is kept as long as they live, and whoever skips a part of the record is still introduced to its people.

mod living;

use crate::command::{ClientAction, Command};
use crate::event::{Event, Kind};
use crate::ids::{Epoch, Seq};
use crate::interest::{Interest, KindSet};
use crate::message::{Batch, Gap, GapReason};
use living::Living;
use std::collections::VecDeque;

/// The most a trace holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Events.
    pub events: usize,
    /// Payload bytes of all events together.
    pub bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { events: 200_000, bytes: 64 << 20 }
    }
}

/// The events of one epoch.
#[derive(Debug)]
pub struct Trace {
    epoch: Epoch,
    bounds: Bounds,
    /// `seq` of the first event in `events`.
    first: Seq,
    events: VecDeque<Event>,
    bytes: usize,
    /// Who was introduced by events that fell out, and lives.
    living: Living,
}

/// What a viewer gets next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// What of the batch's `(after, through]` cannot be had, except for introductions.
    pub gap: Option<Gap>,
    /// The events; `None` when there is nothing new.
    pub batch: Option<Batch>,
}

impl Trace {
    /// An empty trace.
    #[must_use]
    pub fn new(epoch: Epoch, bounds: Bounds) -> Self {
        Self { epoch, bounds, first: Seq(1), events: VecDeque::new(), bytes: 0, living: Living::default() }
    }

    /// Its epoch.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The most it holds.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// The last event's place, 0 if there is none.
    #[must_use]
    pub fn last(&self) -> Seq {
        Seq(self.first.0 + self.events.len() as u64 - 1)
    }

    /// Adds an event, giving it the next place; the oldest fall out when the bounds are reached.
    pub fn push(&mut self, mut event: Event) -> Seq {
        event.seq = self.last().next();
        let seq = event.seq;
        self.bytes += payload(&event);
        self.events.push_back(event);
        while self.events.len() > self.bounds.events || self.bytes > self.bounds.bytes {
            let Some(old) = self.events.pop_front() else { break };
            self.bytes -= payload(&old);
            self.first = self.first.next();
            self.living.take(old);
        }
        seq
    }

    /// The events still held, in recording order.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.events.iter()
    }

    /// What a viewer that has seen everything through `after` gets next: it looks at no more than `most` events.
    ///
    /// An `after` from the future is treated as "everything seen".
    #[must_use]
    pub fn read(&self, after: Seq, interest: &Interest, most: usize) -> Read {
        let last = self.last();
        if after >= last {
            return Read { gap: None, batch: None };
        }
        if after.next() < self.first {
            let fallen_out = Seq(self.first.0 - 1);
            return self.introductions(after, fallen_out, interest, most, GapReason::TooOld, self.living.after(after));
        }
        let through = Seq(last.0.min(after.0 + most as u64));
        let events = self.events.iter().skip(self.index(after)).take((through.0 - after.0) as usize);
        let events = events.filter(|event| interest.matches(event)).map(|event| interest.cut(event)).collect();
        Read { gap: None, batch: Some(Batch { epoch: self.epoch, after, through, events }) }
    }

    /// Leaves out `(after, to]` for a `reason`: a gap, and a batch with no more than `most` of its introductions.
    ///
    /// With more of them the gap ends earlier. What fell out of the record anyway is left out first, as too old.
    #[must_use]
    pub fn skip(&self, after: Seq, to: Seq, interest: &Interest, most: usize, reason: GapReason) -> Read {
        let to = to.min(self.last());
        if after >= to || after.next() < self.first {
            return self.read(after, interest, most);
        }
        let skipped = self.events.iter().skip(self.index(after)).take((to.0 - after.0) as usize);
        self.introductions(after, to, interest, most, reason, skipped)
    }

    fn introductions<'a>(
        &self,
        after: Seq,
        to: Seq,
        interest: &Interest,
        most: usize,
        reason: GapReason,
        events: impl Iterator<Item = &'a Event>,
    ) -> Read {
        let most = most.max(1);
        let wanted = |event: &&Event| KindSet::STRUCTURE.contains(&event.kind) && interest.matches(event);
        let events: Vec<Event> = events.filter(wanted).take(most).cloned().collect();
        let through = events.last().filter(|_| events.len() == most).map_or(to, |event| event.seq);
        Read {
            gap: Some(Gap { first: after.next(), last: through, reason }),
            batch: Some(Batch { epoch: self.epoch, after, through, events }),
        }
    }

    /// Where the event after this one is.
    fn index(&self, after: Seq) -> usize {
        (after.0 + 1 - self.first.0) as usize
    }
}

fn payload(event: &Event) -> usize {
    match &event.kind {
        Kind::Call(call) => call.data.len(),
        Kind::Packet(packet) => packet.data.len(),
        Kind::Command { what: Command::Client { action: ClientAction::Send { data, .. }, .. }, .. } => data.len(),
        _ => 0,
    }
}
