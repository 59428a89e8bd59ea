//! Saving the story as a file, piece by piece.

use super::{Doing, Problem, Shelf};
use crate::part;
use crate::source::Link;
use crate::source::session::Hole;
use crate::view::outside;
use protocol::capability::WorldKind;
use protocol::ids::Seq;
use protocol::message::{Gap, GapReason};
use replay::trace::{EXTENSION, Head, Writer};
use std::sync::Arc;

/// Events in one step.
const STEP: usize = 2_000;
/// Gaps that are told apart; further ones are told as one.
const MOST_GAPS: usize = 1_000;

impl Shelf {
    /// Gives the reader a file with everything that is known of the story.
    pub fn save(self) {
        self.needs_part(part::save_file(self));
    }

    /// The same, once what is needed for it is loaded.
    pub fn write(self) {
        let store = self.store;
        let work = self.begin();
        let name = Arc::new(self.file_name());
        let mut piece = Vec::new();
        let mut writer = Some(Writer::begin(&self.describe(), &mut piece));
        let holes = store.holes.get_untracked();
        let mut gaps: Vec<Gap> = Vec::new();
        let mut last = Seq(0);
        let (epoch, places) = store.peek(|story| (story.epoch(), story.as_recorded().collect::<Vec<_>>()));
        let parts = js_sys::Array::new();
        let mut done = 0;
        let step = move || {
            let until = places.len().min(done + STEP);
            let same = store.peek(|story| {
                let same = story.epoch() == epoch;
                for place in places[done..until].iter().filter(|_| same) {
                    let event = story.event_at(*place);
                    if event.seq > last.next() {
                        missing(last.next(), Seq(event.seq.0 - 1), &holes, &mut gaps);
                    }
                    last = event.seq;
                    if let Some(writer) = &mut writer {
                        writer.event(&event, &mut piece);
                    }
                }
                same
            });
            done = until;
            // Cleared while it was written: what came before that is a story as well.
            let ends = done == places.len() || !same;
            if ends && let Some(writer) = writer.take() {
                writer.end(&gaps, &mut piece);
            }
            parts.push(&js_sys::Uint8Array::from(&piece[..]));
            piece.clear();
            if !ends {
                return Some((done * 100 / places.len()) as u64);
            }
            match outside::give(&name, "application/json", &parts) {
                Ok(()) => self.set_doing(Doing::Nothing),
                Err(_) => self.fail(&name, Problem::Unwritable),
            }
            None
        };
        self.drive(work, Doing::Saves, Box::new(step));
    }

    /// What one must know besides the events.
    fn describe(&self) -> Head {
        let store = self.store;
        if self.is_file() {
            let head = self.state().borrow().head.clone();
            return Head { world: head.world.or(Some(WorldKind::Replay)), ..head };
        }
        let Some(welcome) = store.welcome.get_untracked() else { return Head::default() };
        Head {
            epoch: welcome.epoch,
            world: Some(welcome.world),
            by: Some(["Socketscope ", &welcome.version].concat()),
            system: Some(welcome.system.clone()),
            // What waits has waited until the moment that is seen.
            now: Some(store.now()),
            servers: Some(store.servers.get_untracked()),
            settings: Some(store.settings.get_untracked()),
        }
    }

    fn is_file(&self) -> bool {
        self.store.link.with_untracked(|link| matches!(link, Link::Recorded(_)))
    }

    /// The name of the file that is open, or the time.
    fn file_name(&self) -> String {
        if let Link::Recorded(name) = self.store.link.get_untracked() {
            let plain = name.rsplit_once('.').map_or(name.as_str(), |(plain, _)| plain);
            return [plain, EXTENSION].concat();
        }
        // Without the seconds' fraction, and without colons, which some systems forbid in names.
        let now: String = js_sys::Date::new_0().to_iso_string().into();
        ["socketscope-", &now.get(..19).unwrap_or_default().replace(':', "-"), EXTENSION].concat()
    }
}

/// Tells that these events are missing: as the page was told, else because there was no room for them.
fn missing(first: Seq, last: Seq, holes: &[Hole], gaps: &mut Vec<Gap>) {
    let known = holes.iter().find(|hole| hole.first <= last && first <= hole.last);
    let reason = known.and_then(|hole| hole.reason).unwrap_or(GapReason::TooOld);
    let full = gaps.len() >= MOST_GAPS;
    match gaps.last_mut().filter(|_| full) {
        Some(gap) => gap.last = last,
        None => gaps.push(Gap { first, last, reason }),
    }
}
