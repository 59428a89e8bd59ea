//! What must be said above the ladder: the source is away, events are missing, the first steps.

use super::parts::{Said, always, button, cross, holds, live, notice, press, say, text, when};
use crate::source::Link;
use crate::store::Store;
use leptos::prelude::*;

/// The notices.
#[component]
pub fn Notices() -> impl IntoView {
    let store = Store::get();
    let frozen = holds(move || store.frozen.get().is_some());
    let no_client = holds(move || store.read(|story| story.clients().is_empty()));
    let begin = holds(move || store.link.get() == Link::Live && no_client.get());
    view! {
        <div class="notices">
            {live(move || away(store))} {live(move || holes(store))}
            {when(frozen, || view! { <p class="notice">{say(|words| words.shell.frozen)}</p> }.into_any())}
            {when(
                begin,
                || {
                    view! {
                        <p class="notice hint">
                            <b>{say(|words| words.shell.welcome)}</b>
                            " "
                            {say(|words| words.shell.welcome_more)}
                        </p>
                    }
                        .into_any()
                },
            )}
        </div>
    }
}

fn away(store: Store) -> Option<AnyView> {
    match store.link.get() {
        Link::Connecting | Link::Live => None,
        Link::Away { farewell, next, .. } => {
            let sentence = text(move || {
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
            });
            let retry = press(move || store.reconnect());
            let label: Said = |words| words.shell.try_now;
            Some(notice("notice bad", sentence, button("btn", label, label, always(false), retry)))
        }
        Link::Broken(why) => {
            let sentence = text(move || (store.words().shell.broken)(&why));
            let reload = press(|| {
                // Fails only in a frame that may not navigate, and the button stays.
                let _ = window().location().reload();
            });
            let label: Said = |words| words.shell.reload;
            Some(notice("notice bad", sentence, button("btn", label, label, always(false), reload)))
        }
    }
}

fn holes(store: Store) -> Option<AnyView> {
    let holes = store.holes.get();
    let last = *holes.last()?;
    let count = holes.iter().map(|hole| hole.last.0 + 1 - hole.first.0).sum();
    // An unexplained one is the one to tell about.
    let reason = if holes.iter().any(|hole| hole.reason.is_none()) { None } else { last.reason };
    let sentence = text(move || (store.words().shell.hole)(count, reason));
    let dismiss = press(move || store.holes.set(Vec::new()));
    Some(notice("notice warn", sentence, cross("btn quiet", |words| words.shell.dismiss, dismiss)))
}
