//! Time in one's hand, as the store keeps it: how it stands, and the runs.

use super::{Selection, Store};
use crate::model::story::Story;
use crate::time::{Clockwork, Pace, Run, TimeAction};
use crate::told::Told;
use leptos::prelude::*;
use protocol::event::Event;

impl Store {
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
