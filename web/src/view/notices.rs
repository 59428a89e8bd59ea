//! What must be said above the ladder: the source is away, events are missing, the first steps.

use crate::memory;
use crate::source::Link;
use crate::store::Store;
use leptos::prelude::*;

/// The notices.
#[component]
pub fn Notices() -> impl IntoView {
    let store = Store::get();
    view! {
        <div class="notices">
            <Away />
            <Holes />
            <Show when=move || store.frozen.get().is_some()>
                <p class="notice">{move || store.words().shell.frozen}</p>
            </Show>
            <Hint />
        </div>
    }
}

#[component]
fn Away() -> impl IntoView {
    let store = Store::get();
    let notice = move || {
        let words = store.words();
        match store.link.get() {
            Link::Connecting | Link::Live => None,
            Link::Away { farewell, next, .. } => {
                let said = farewell.map(|farewell| (words.trouble.farewell)(&farewell));
                let when = move || {
                    store.tick.track();
                    match next {
                        Some(next) => {
                            let left = (next as f64 - js_sys::Date::now()).max(0.0) / 1e3;
                            (words.shell.retry_in)(left.ceil() as u64)
                        }
                        None => words.shell.retrying.into(),
                    }
                };
                Some(
                    view! {
                        <div class="notice bad" role="alert">
                            <p>{said} " " {words.shell.away_long} " " <span aria-live="off">{when}</span></p>
                            <button class="btn" on:click=move |_| store.reconnect()>
                                {words.shell.try_now}
                            </button>
                        </div>
                    }
                    .into_any(),
                )
            }
            Link::Broken(why) => Some(
                view! {
                    <div class="notice bad" role="alert">
                        <p>{(words.shell.broken)(&why)}</p>
                        <button
                            class="btn"
                            on:click=move |_| {
                                // Fails only in a frame that may not navigate, and the button stays.
                                let _ = window().location().reload();
                            }
                        >
                            {words.shell.reload}
                        </button>
                    </div>
                }
                .into_any(),
            ),
        }
    };
    view! { {notice} }
}

#[component]
fn Holes() -> impl IntoView {
    let store = Store::get();
    let notice = move || {
        let words = &store.words().shell;
        let holes = store.holes.get();
        let last = holes.last()?;
        let count = holes.iter().map(|hole| hole.last.0 + 1 - hole.first.0).sum();
        // An unexplained one is the one to tell about.
        let reason = if holes.iter().any(|hole| hole.reason.is_none()) { None } else { last.reason };
        Some(view! {
            <div class="notice warn" role="alert">
                <p>{(words.hole)(count, reason)}</p>
                <button
                    class="btn quiet"
                    aria-label=words.dismiss
                    on:click=move |_| store.holes.set(Vec::new())
                >
                    "×"
                </button>
            </div>
        })
    };
    view! { {notice} }
}

/// The first sentences of the first visit; gone with the first client.
#[component]
fn Hint() -> impl IntoView {
    let store = Store::get();
    let has_client = Memo::new(move |_| store.read(|story| !story.clients().is_empty()));
    Effect::new(move |_| {
        if has_client.get() {
            memory::remember("visited", "yes");
        }
    });
    let shown = move || store.link.get() == Link::Live && !has_client.get();
    view! {
        <Show when=shown>
            <p class="notice hint">
                <b>{move || store.words().shell.welcome}</b>
                " "
                {move || store.words().shell.welcome_more}
            </p>
        </Show>
    }
}
