//! What must be said above the ladder: the source is away, events are missing.

use super::parts::{El, cross, el, holds, notice, worded};
use crate::source::Link;
use crate::store::Store;
use leptos::prelude::*;

/// The notices.
#[must_use]
pub fn notices() -> El {
    let store = Store::get();
    let frozen = holds(move || store.frozen.get().is_some());
    el("div")
        .class("notices")
        .region(move || away(store).into_iter().collect())
        .region(move || holes(store).into_iter().collect())
        .when(frozen, || el("p").class("notice").say(|words| words.shell.frozen))
}

fn away(store: Store) -> Option<El> {
    match store.link.get() {
        Link::Connecting | Link::Live => None,
        Link::Away { farewell, next, .. } => {
            let sentence = move || {
                store.tick.track();
                let words = store.words();
                let said = farewell.as_deref().map(words.trouble.farewell).unwrap_or_default();
                let when = next.map_or_else(
                    || words.shell.retrying.to_owned(),
                    |next| {
                        let now = js_sys::Date::now() as u64;
                        (words.shell.retry_in)(next.saturating_sub(now).div_ceil(1_000))
                    },
                );
                [&said, words.shell.away_long, &when].join(" ")
            };
            let retry = worded("btn", |words| words.shell.try_now).press(move || store.reconnect());
            Some(notice("notice bad", sentence).child(retry))
        }
        Link::Broken(why) => {
            let reload = worded("btn", |words| words.shell.reload).press(|| {
                // Fails only in a frame that may not navigate, and the button stays.
                let _ = window().location().reload();
            });
            Some(notice("notice bad", move || (store.words().shell.broken)(&why)).child(reload))
        }
    }
}

fn holes(store: Store) -> Option<El> {
    let holes = store.holes.get();
    let last = *holes.last()?;
    let count = holes.iter().map(|hole| hole.last.0 + 1 - hole.first.0).sum();
    // An unexplained one is the one to tell about.
    let reason = if holes.iter().any(|hole| hole.reason.is_none()) { None } else { last.reason };
    let dismiss = cross("btn quiet", |words| words.shell.dismiss).press(move || store.holes.set(Vec::new()));
    Some(notice("notice warn", move || (store.words().shell.hole)(count, reason)).child(dismiss))
}
