//! When views are drawn anew: at most once in an animation frame, and seldom while very much comes at once.

use super::{Store, clock, request_frame};
use leptos::prelude::*;
use std::time::Duration;

/// So many events since the last picture are very much: nobody can follow them, so there is no hurry to draw.
const MUCH: usize = 500;
/// Then the picture rests so many times as long as it took, which leaves the time for taking in what comes.
const REST: i64 = 12;
/// The longest it rests, nanoseconds.
const LONGEST: i64 = 500_000_000;
/// When nothing more has come for so long, it rests no longer.
const LULL: Duration = Duration::from_millis(50);

/// When views are drawn next. A handle: copies share everything.
#[derive(Clone, Copy)]
pub(super) struct Drawing {
    /// Whether they will be.
    scheduled: StoredValue<bool>,
    /// Events since they were drawn.
    fresh: StoredValue<usize>,
    /// How long the last picture took, nanoseconds; and when it was done, by the page's clock.
    last: StoredValue<(i64, i64)>,
}

impl Drawing {
    pub(super) fn new() -> Self {
        Self { scheduled: StoredValue::new(false), fresh: StoredValue::new(0), last: StoredValue::new((0, 0)) }
    }

    /// How long the picture rests still.
    fn rest(self) -> i64 {
        let (took, done) = self.last.get_value();
        let times = if self.fresh.get_value() < MUCH { 1 } else { REST };
        done + (took * times).min(LONGEST) - clock()
    }
}

impl Store {
    /// Moves the versions soon, once however often it is asked for; so many events came since it was asked last.
    pub(super) fn changed(&self, events: usize) {
        let (store, drawing) = (*self, self.drawing);
        drawing.fresh.update_value(|fresh| *fresh += events);
        if !drawing.scheduled.get_value() {
            drawing.scheduled.set_value(true);
            request_frame(move || store.draw(None));
        }
    }

    /// Lets what waits grow, unless there is more to do than to draw.
    pub fn beat(&self) {
        if self.frozen.get_untracked().is_none() && self.drawing.rest() <= 0 {
            self.tick.update(|tick| *tick += 1);
        }
    }

    /// Draws, or rests and looks again; `before` is how many events there were when it looked last.
    fn draw(self, before: Option<usize>) {
        let drawing = self.drawing;
        let (rest, fresh) = (drawing.rest(), drawing.fresh.get_value());
        if rest > 0 && before != Some(fresh) {
            let pause = LULL.min(Duration::from_nanos(rest.unsigned_abs()));
            return set_timeout(move || request_frame(move || self.draw(Some(fresh))), pause);
        }
        drawing.scheduled.set_value(false);
        drawing.fresh.set_value(0);
        let began = clock();
        self.version.update(|version| *version += 1);
        if self.frozen.get_untracked().is_none() {
            self.still.update(|version| *version += 1);
        }
        // The views are drawn right after this, before anything else happens.
        set_timeout(move || drawing.last.set_value((clock() - began, clock())), Duration::ZERO);
    }
}
