//! Time in one's hand, as the store keeps it: how it stands, and the runs.

use super::{Selection, Store};
use crate::model::story::Story;
use crate::time::{Clockwork, Pace, Run, TimeAction};
use crate::told::Told;
use leptos::prelude::*;
use protocol::event::Event;
use protocol::ids::Nanos;

/// The number of the run before the last clear, where runs have none.
pub const BEFORE: u32 = 0;
/// A story of more events is not kept when it is cleared: it would take as much memory again.
const KEPT: usize = 200_000;

impl Store {
    /// Stops the picture, or lets it go on. Only the picture: nothing in the world stops.
    pub fn freeze(&self, freeze: bool) {
        self.past.set_value(freeze.then(|| self.live(Clone::clone)));
        self.frozen.set(freeze.then(|| self.live_now()));
        if !freeze {
            self.still.update(|version| *version += 1);
        }
    }

    /// Shows the story as it was after its first `count` events, as one that stands still.
    pub fn scrub(&self, count: usize) {
        let (past, at) = self.live(|story| {
            let last = count.checked_sub(1).and_then(|last| story.in_order().get(last));
            (story.first(count), last.map_or(Nanos(0), |place| story.at(*place)))
        });
        self.past.set_value(Some(past));
        self.frozen.set(Some(at));
        self.still.update(|version| *version += 1);
    }

    /// Tells another part of the same story, or another story of the same beginning: who is followed and what is
    /// selected stay, if they are in it. `told` holds from before.
    pub fn retell(&self, told: Told, events: &[Event]) {
        let (followed, selection) = (self.followed.get_untracked(), self.selection.get_untracked());
        self.told.set(told);
        self.wired.update(|moved| *moved += 1);
        self.clear();
        self.push(events);
        self.story.with_value(|story| {
            self.followed.set(followed.filter(|id| story.program(*id).is_some()));
            self.selection.set(selection.filter(|chosen| match chosen {
                Selection::Event(seq) => story.event(*seq).is_some(),
                Selection::Socket(id) => story.socket(*id).is_some(),
                Selection::Program(id) => story.program(*id).is_some(),
            }));
        });
    }

    /// Lays another run beside the one that is shown, or takes it away.
    pub fn lay_beside(&self, run: Option<(u32, &[Event])>) {
        self.other.update_value(|story| {
            story.clear();
            run.iter().flat_map(|(_, events)| events.iter()).for_each(|event| story.push(event));
        });
        self.beside.set(run.map(|(number, _)| number));
    }

    /// Begins a new story as [`Store::clear`] does, and keeps the one before it, if anything happened in it and it is not
    /// too long.
    pub fn clear_and_keep(&self) {
        let before = self.story.try_update_value(Story::renew).unwrap_or_default();
        self.clear();
        if before.begun().is_some() && before.len() <= KEPT {
            let beside = self.beside.get_untracked();
            self.beside.set(None);
            self.other.set_value(before);
            self.kept.set(true);
            self.beside.set(beside);
        }
    }

    /// Lays the run before the last clear beside the one that is shown, or takes it away.
    pub fn compare(&self) {
        if self.kept.get_untracked() {
            self.beside.update(|beside| *beside = if beside.is_none() { Some(BEFORE) } else { None });
        }
    }

    /// The moments of the run that is shown and of the one beside that are the same one: in virtual time both began at
    /// 0, in real time when somebody began to do something.
    #[must_use]
    pub fn common(&self) -> (Nanos, Nanos) {
        if self.beside.get_untracked() != Some(BEFORE) {
            return (Nanos(0), Nanos(0));
        }
        let begun = |story: &Story| story.begun().unwrap_or_default();
        (self.peek(begun), self.other.with_value(begun))
    }

    /// Reads the story of the run beside, and again when another one lies there; `None` while none does.
    pub fn beside<R>(&self, look: impl FnOnce(&Story) -> R) -> Option<R> {
        self.beside.get()?;
        Some(self.other.with_value(look))
    }

    /// How virtual time stands, and which runs there are.
    pub fn tell_time(&self, pace: Pace, clockwork: Clockwork, runs: Vec<Run>) {
        let before = self.pace.get_value();
        self.pace.set_value(pace);
        if before.speed != pace.speed {
            // What waits says how long at once: when time stands, that is the last word.
            self.tick.update(|tick| *tick += 1);
        }
        if self.time.with_untracked(|before| before.as_ref() != Some(&clockwork)) {
            self.time.set(Some(clockwork));
        }
        if self.runs.with_untracked(|before| *before != runs) {
            self.runs.set(runs);
        }
    }

    /// Does something to time, where time is in one's hand.
    pub fn act_on_time(&self, what: TimeAction) {
        if let Some(station) = self.station() {
            station.time(what);
        }
    }
}
