//! The header: brand, worlds, status, counts, language, theme.

use super::desk::{Desk, Dialog};
use super::parts::{Said, aria, live, press, say, text};
use crate::source::Link;
use crate::store::{Store, Theme};
use leptos::prelude::*;
use protocol::capability::{Ability, WorldInfo, WorldKind};
use protocol::command::{Command, WorldAction};

/// The header.
#[component]
pub fn Header() -> impl IntoView {
    let store = Store::get();
    let desk = Desk::get();
    let theme = move || store.words().shell.theme[store.theme.get() as usize];
    let half = move || match store.theme.get() {
        Theme::System => "M7 1a6 6 0 010 12z",
        Theme::Light => "",
        Theme::Dark => "M7 1a6 6 0 010 12a6 6 0 010-12z",
    };
    let keys = press(move || desk.dialog.set(Some(Dialog::Keys)));
    let language = press(move || store.lang.update(|lang| *lang = lang.other()));
    let next_theme = press(move || store.theme.update(|theme| *theme = theme.next()));
    view! {
        <header class="top">
            {side(|words| words.shell.toggle_left, desk.left, "left", "M2 4h12M2 8h12M2 12h12")}
            <span class="brand">
                <svg width="22" height="22" viewBox="0 0 24 24" fill="none" stroke-width="2.2" aria-hidden="true">
                    <path class="post" d="M5 2v20M19 2v20" />
                    <path class="out" d="M5 7l14 4" />
                    <path class="back" d="M19 14L5 18" />
                </svg>
                <h1>"Socketscope"</h1>
            </span>
            {Worlds().into_any()}
            {Status().into_any()}
            <span class="grow"></span>
            {Counts().into_any()}
            <button class="btn keys-button" type="button" aria-haspopup="dialog" on:click=keys>
                <span class="label">{say(|words| words.shell.keys)}</span>
                <kbd>"?"</kbd>
            </button>
            <button
                class="btn"
                type="button"
                lang=move || store.lang.get().other().tag()
                aria-label=say(|words| words.shell.switch_language)
                on:click=language
            >
                {say(|words| words.shell.other_language)}
            </button>
            <button class="btn" type="button" aria-label=theme title=theme on:click=next_theme>
                <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
                    <circle cx="7" cy="7" r="6" fill="none" stroke="currentColor" stroke-width="1.4" />
                    <path d=half fill="currentColor" />
                </svg>
            </button>
            {side(|words| words.shell.toggle_right, desk.right, "right", "M2 2.5h12v11H2zM10 2.5v11")}
        </header>
    }
}

/// The button that shows or hides a side panel.
fn side(label: Said, open: RwSignal<bool>, panel: &'static str, picture: &'static str) -> impl IntoView + use<> {
    let act = press(move || open.update(|open| *open = !*open));
    view! {
        <button
            class="btn quiet side"
            type="button"
            aria-label=say(label)
            title=say(label)
            aria-expanded=aria(open.into())
            aria-controls=panel
            on:click=act
        >
            <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
                <path d=picture fill="none" stroke="currentColor" stroke-width="1.5" />
            </svg>
        </button>
    }
}

/// The world switch. A world one cannot go to is shown, and opens the reason.
#[component]
pub fn Worlds() -> impl IntoView {
    let store = Store::get();
    let desk = Desk::get();
    live(move || {
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
            let go = press(move || {
                if off {
                    desk.dialog.set(Some(Dialog::Abilities));
                } else if kind != running {
                    desk.act(store, Command::World(WorldAction::Switch(kind)));
                }
            });
            let class = if off { "off" } else { "on" };
            let pressed = if kind == running { "true" } else { "false" };
            view! {
                <button type="button" class=class aria-pressed=pressed aria-label=label title=title on:click=go>
                    {name}
                </button>
            }
        };
        let shown = welcome.worlds.iter().filter(|info| info.kind != WorldKind::Replay).map(one).collect_view();
        let switch = view! {
            <div class="seg worlds" role="group" aria-label=words.shell.worlds>
                {shown}
            </div>
        };
        Some(switch.into_any())
    })
}

#[component]
fn Status() -> impl IntoView {
    let store = Store::get();
    let tone = move || match store.link.get() {
        Link::Live => "dot ok",
        Link::Connecting => "dot wait",
        Link::Away { .. } | Link::Broken(_) => "dot bad",
    };
    let words = move || {
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
        <span class="pill status" title=text(words)>
            <span class=tone></span>
            <span class="label">{text(words)}</span>
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
    let words = move || {
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
    view! { <span class="pill counts">{text(words)}</span> }
}
