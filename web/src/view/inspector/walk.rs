//! *And why that?*: from a mark to its cause, and back again.

use crate::live::Live;
use crate::model::{inspect, why};
use crate::store::{Selection, Store};
use crate::view::desk::Desk;
use protocol::Seq;

/// The marks on the way, the one that is shown last. A handle: copies share everything.
#[derive(Clone, Copy)]
pub struct Walk(Live<Vec<Seq>>);

impl Default for Walk {
    fn default() -> Self {
        Self(Live::new(Vec::new()))
    }
}

impl Walk {
    /// Goes to a mark that is a cause of the one shown.
    pub fn to(self, store: Store, seq: Seq) {
        let here = shown(store);
        self.0.update(|way| {
            // Whoever chose another mark meanwhile begins a new way there.
            if way.last().copied() != here {
                way.clear();
                way.extend(here);
            }
            way.push(seq);
        });
        store.selection.set(Some(Selection::Event(seq)));
    }

    /// Goes to the nearest cause of the mark shown, and says so where there is none.
    pub fn further(self, store: Store, desk: Desk) {
        let cause = shown(store).and_then(|seq| store.peek(|story| why::cause(story, seq, store.now())));
        match cause {
            Some(cause) => self.to(store, cause),
            None => desk.aloud.set(store.words().why.end.to_owned()),
        }
    }

    /// Goes back to where one came from.
    pub fn back(self, store: Store) {
        let here = shown(store);
        let mut before = None;
        self.0.update(|way| {
            if way.len() > 1 && way.last().copied() == here {
                way.pop();
                before = way.last().copied();
            }
        });
        if let Some(before) = before {
            store.selection.set(Some(Selection::Event(before)));
        }
    }

    /// Whether the mark shown was come to from another.
    pub fn came(self, store: Store) -> bool {
        let here = match store.selection.get() {
            Some(Selection::Event(seq)) => Some(seq),
            _ => None,
        };
        self.0.with(|way| way.len() > 1 && way.last().copied() == here)
    }
}

/// The mark that the inspector speaks of.
fn shown(store: Store) -> Option<Seq> {
    match store.selection.get_untracked() {
        Some(Selection::Event(seq)) => Some(seq),
        Some(_) => None,
        None => store.peek(|story| inspect::latest(story, store.followed.get_untracked()).0),
    }
}
