//! *Step*: through what was recorded, one mark after the other, whatever has the focus.

use super::desk::Desk;
use crate::model::ladder::Ladder;
use crate::store::{Selection, Store};
use leptos::prelude::*;
use web_sys::{ScrollIntoViewOptions, ScrollLogicalPosition};

/// A layout of its own, which knows what comes after what: the one on the screen belongs to the ladder.
#[derive(Clone, Copy)]
pub struct Steps(StoredValue<Ladder, LocalStorage>);

impl Default for Steps {
    fn default() -> Self {
        Self(StoredValue::new_local(Ladder::default()))
    }
}

impl Steps {
    /// Chooses the next mark, or the one before. The picture stands still meanwhile: the newest would run away.
    pub fn step(self, store: Store, desk: Desk, forward: bool) {
        if store.frozen.get_untracked().is_none() {
            store.freeze(true);
        }
        let followed = store.followed.get_untracked();
        let next = store.peek(|story| {
            let here = match store.selection.get_untracked() {
                Some(Selection::Event(seq)) => Some(story.mark_of(seq)),
                _ => None,
            };
            self.0.try_update_value(|layout| {
                layout.update(story, followed);
                layout.neighbour(story, here, forward)
            })
        });
        match next.flatten() {
            Some(seq) => {
                store.selection.set(Some(Selection::Event(seq)));
                if desk.table.get_untracked() {
                    request_animation_frame(show_row);
                }
            }
            None => desk.aloud.set(store.words().wire.step_end.to_owned()),
        }
    }
}

/// Scrolls the table to the chosen row.
fn show_row() {
    if let Some(row) = document().query_selector("tr.chosen").ok().flatten() {
        let place = ScrollIntoViewOptions::new();
        place.set_block(ScrollLogicalPosition::Nearest);
        row.scroll_into_view_with_scroll_into_view_options(&place);
    }
}
