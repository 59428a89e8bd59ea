//! The header: brand, worlds, status, counts, language, theme.

use super::desk::{Desk, Dialog};
use crate::source::Link;
use crate::store::Store;
use leptos::prelude::*;
use protocol::capability::{Ability, WorldInfo, WorldKind};
use protocol::command::{Command, WorldAction};

/// The header.
#[component]
pub fn Header() -> impl IntoView {
    let store = Store::get();
    let desk = Desk::get();
    let theme = move || store.words().shell.theme[store.theme.get() as usize];
    view! {
        <header class="top">
            <button
                class="btn quiet side"
                aria-label=move || store.words().shell.toggle_left
                aria-expanded=move || desk.left.get().to_string()
                aria-controls="left"
                title=move || store.words().shell.toggle_left
                on:click=move |_| desk.left.update(|open| *open = !*open)
            >
                <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
                    <path d="M2 4h12M2 8h12M2 12h12" stroke="currentColor" stroke-width="1.5" />
                </svg>
            </button>
            <span class="brand">
                <svg width="22" height="22" viewBox="0 0 24 24" fill="none" stroke-width="2.2" aria-hidden="true">
                    <path class="post" d="M5 2v20M19 2v20" />
                    <path class="out" d="M5 7l14 4" />
                    <path class="back" d="M19 14L5 18" />
                </svg>
                <h1>"Socketscope"</h1>
            </span>
            <Worlds />
            <Status />
            <span class="grow"></span>
            <Counts />
            <button class="btn" on:click=move |_| desk.dialog.set(Some(Dialog::Keys)) aria-haspopup="dialog">
                <span class="label">{move || store.words().shell.keys}</span>
                <kbd>"?"</kbd>
            </button>
            <button
                class="btn"
                lang=move || store.lang.get().other().tag()
                aria-label=move || store.words().shell.switch_language
                on:click=move |_| store.lang.update(|lang| *lang = lang.other())
            >
                {move || store.words().shell.other_language}
            </button>
            <button
                class="btn"
                aria-label=theme
                title=theme
                on:click=move |_| store.theme.update(|theme| *theme = theme.next())
            >
                {move || {
                    let half = match store.theme.get() {
                        crate::store::Theme::System => "M7 1a6 6 0 010 12z",
                        crate::store::Theme::Light => "",
                        crate::store::Theme::Dark => "M7 1a6 6 0 010 12a6 6 0 010-12z",
                    };
                    view! {
                        <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
                            <circle cx="7" cy="7" r="6" fill="none" stroke="currentColor" stroke-width="1.4" />
                            <path d=half fill="currentColor" />
                        </svg>
                    }
                }}
            </button>
            <button
                class="btn quiet side"
                aria-label=move || store.words().shell.toggle_right
                aria-expanded=move || desk.right.get().to_string()
                aria-controls="right"
                title=move || store.words().shell.toggle_right
                on:click=move |_| desk.right.update(|open| *open = !*open)
            >
                <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" fill="none" stroke="currentColor">
                    <rect x="1.5" y="2.5" width="13" height="11" rx="2" stroke-width="1.4" />
                    <path d="M10 2.5v11" stroke-width="1.4" />
                </svg>
            </button>
        </header>
    }
}

/// The world switch. A world one cannot go to is shown, and opens the reason.
#[component]
pub fn Worlds() -> impl IntoView {
    let store = Store::get();
    let desk = Desk::get();
    let worlds = move || {
        let welcome = store.welcome.get()?;
        let words = store.words();
        let running = welcome.world;
        let one = move |info: &WorldInfo| {
            let kind = info.kind;
            let why = info.unavailable.clone();
            let off = why.is_some();
            let title = why.map(|why| format!("{} {}", (words.trouble.reason)(why.reason), why.detail));
            let name = (words.shell.world)(kind);
            let label = if off { format!("{name}: {}", words.shell.world_later) } else { name.into() };
            let go = move |_| {
                if off {
                    desk.dialog.set(Some(Dialog::Abilities));
                } else if kind != running {
                    desk.act(store, Command::World(WorldAction::Switch(kind)));
                }
            };
            view! {
                <button
                    class:off=off
                    aria-pressed=(kind == running).to_string()
                    aria-label=label
                    title=title
                    on:click=go
                >
                    {name}
                </button>
            }
        };
        let shown = welcome.worlds.iter().filter(|info| info.kind != WorldKind::Replay).map(one).collect_view();
        Some(view! {
            <div class="seg worlds" role="group" aria-label=words.shell.worlds>
                {shown}
            </div>
        })
    };
    view! { {worlds} }
}

#[component]
fn Status() -> impl IntoView {
    let store = Store::get();
    let tone = move || match store.link.get() {
        Link::Live => "dot ok",
        Link::Connecting => "dot wait",
        Link::Away { .. } | Link::Broken(_) => "dot bad",
    };
    let text = move || {
        let words = &store.words().shell;
        match store.link.get() {
            Link::Connecting => words.connecting.into(),
            Link::Live => {
                let host = window().location().host().unwrap_or_default();
                let system = store.welcome.get().map(|welcome| welcome.system.clone()).unwrap_or_default();
                (words.running)(&host, &system)
            }
            Link::Away { .. } | Link::Broken(_) => words.away.into(),
        }
    };
    view! {
        <span class="pill status" title=text>
            <span class=tone></span>
            <span class="label">{text}</span>
        </span>
    }
}

#[component]
fn Counts() -> impl IntoView {
    let store = Store::get();
    let sees_packets = move || {
        let welcome = store.welcome.get()?;
        let world = welcome.worlds.iter().find(|info| info.kind == welcome.world)?;
        let packets = world.capabilities.iter().find(|capability| capability.ability == Ability::Packets)?;
        Some(packets.unavailable.is_none())
    };
    let text = move || {
        // The tally moves with every batch; the words on the screen move with the frame.
        store.version.track();
        let tally = store.tally.get_untracked();
        let words = &store.words().shell;
        if sees_packets() == Some(true) || tally.packets > 0 {
            (words.tally)(tally.calls, tally.packets, tally.dropped)
        } else {
            (words.tally_calls)(tally.calls)
        }
    };
    view! { <span class="pill counts">{text}</span> }
}
