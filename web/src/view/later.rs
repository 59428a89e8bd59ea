//! Views that come with a part of the page which is loaded right after the first paint: a place for each until then.

use super::dom::{El, el};
use super::popover::Popover;
use super::{
    abilities, export, find, inspector, keys, legend, program, settings, shelf, table, time, tour, tracker, wire,
};
use crate::part;
use leptos::prelude::{Owner, StoredValue};
use leptos::task::spawn_local;

/// One of them.
#[derive(Clone, Copy)]
pub enum Later {
    /// The inspector.
    Inspector,
    /// What the signs stand for.
    Legend,
    /// Time in one's hand.
    Time,
    /// The run beside.
    Beside,
    /// The byte tracker.
    Tracker,
    /// The table of events.
    Table,
    /// The bar to find something.
    Find,
    /// The first five minutes.
    Tour,
    /// The settings of the servers.
    Settings,
    /// Which packet is caught next.
    Catch(Popover),
    /// The packets that stand still on the wire.
    Caught,
    /// How the wire behaves.
    Conditions,
    /// Files, and what can be taken along.
    Files(Popover),
    /// The keys.
    Keys,
    /// What the worlds can do.
    Abilities,
    /// A program of one's own.
    Program,
    /// The conversations of a capture.
    Conversations,
}

impl Later {
    /// Draws it. Only the part may come here, or all of it is in the page's own wasm.
    pub fn draw(self) -> El {
        match self {
            Self::Inspector => inspector::inspector(),
            Self::Legend => legend::list(),
            Self::Time => time::bar(),
            Self::Beside => time::beside::beside(),
            Self::Tracker => tracker::tracker(),
            Self::Table => table::table(),
            Self::Find => find::bar(),
            Self::Tour => tour::tour(),
            Self::Settings => settings::settings(),
            Self::Catch(popover) => wire::catch::choice(popover),
            Self::Caught => wire::caught::caught(),
            Self::Conditions => wire::knobs::list(),
            Self::Files(popover) => export::list(popover),
            Self::Keys => keys::list(),
            Self::Abilities => abilities::list(),
            Self::Program => program::panel(),
            Self::Conversations => shelf::picker(),
        }
    }
}

/// Its place, where it is as soon as it is loaded. To what lies around, the place is none.
pub fn later(which: Later) -> El {
    let place = el("div").class("later");
    let (here, owner, alive) = (place.clone(), Owner::current(), StoredValue::new(()));
    spawn_local(async move {
        // One that is gone has no page.
        let Some(owner) = owner else { return };
        let view = part::view(owner.clone(), alive, which).await;
        let missing = || owner.with(|| el("p").class("aside").say(|words| words.trouble.not_loaded));
        drop(here.child(view.unwrap_or_else(|_| missing())));
    });
    place
}
