//! The header: brand, worlds, status, counts, language, theme.

use super::abilities;
use super::desk::{Desk, Dialog};
use super::later::{Later, later};
use super::parts::{El, Said, button, el, svg, worded};
use super::popover::{Popover, menu};
use crate::live::Live;
use crate::source::Link;
use crate::source::station::ADDRESS;
use crate::store::{Store, Theme};
use leptos::prelude::*;
use protocol::capability::{Ability, Reason, Unavailable, WorldInfo, WorldKind};
use protocol::command::{Command, WorldAction};

/// The header.
#[must_use]
pub fn header() -> El {
    let store = Store::get();
    let desk = Desk::get();
    let path = |class: &str, path: &str| svg("path").class(class).attr("d", path);
    let mark = picture("22", "0 0 24 24")
        .attr("stroke-width", "2.2")
        .child(path("post", "M5 2v20M19 2v20"))
        .child(path("out", "M5 7l14 4"))
        .child(path("back", "M19 14L5 18"));
    let keys = button("btn keys-button")
        .attr("aria-haspopup", "dialog")
        .child(el("span").class("label").say(|words| words.shell.keys))
        .child(el("kbd").text("?"))
        .press(move || desk.dialog.set(Some(Dialog::Keys)));
    let program = worded("btn wide-only", |words| words.tools.program)
        .attr("aria-haspopup", "dialog")
        .press(move || desk.dialog.set(Some(Dialog::Program)));
    let language = button("btn")
        .attr_as("lang", move || Some(store.lang.get().other().tag().to_owned()))
        .attr_said("aria-label", |words| words.shell.switch_language)
        .say(|words| words.shell.other_language)
        .press(move || desk.speak(store, store.lang.get_untracked().other()));
    let projector = button("btn quiet wide-only")
        .attr_said("aria-label", |words| words.look.projector)
        .attr_said("title", |words| words.look.projector)
        .aria("aria-pressed", desk.projector.into())
        .child(picture("16", "0 0 16 16").child(lines("M1.5 2.5h13v8h-13zM8 10.5v2M5 14.5l3-2 3 2")))
        .press(move || desk.project());
    el("header")
        .class("top")
        .child(side(|words| words.shell.toggle_left, desk.left, "left", "M2 4h12M2 8h12M2 12h12"))
        .child(el("span").class("brand").child(mark).child(el("h1").text("Socketscope")))
        .child(worlds())
        .child(status())
        .child(el("span").class("grow"))
        .child(counts())
        .child(program)
        .children(menu("btn", |words| words.shelf.file, |popover| later(Later::Files(popover))))
        .child(keys)
        .child(language)
        .child(theme())
        .child(projector)
        .child(side(|words| words.shell.toggle_right, desk.right, "right", "M2 2.5h12v11H2zM10 2.5v11"))
}

fn picture(size: &str, view_box: &str) -> El {
    let picture = svg("svg").attr("width", size).attr("height", size).attr("viewBox", view_box);
    picture.attr("fill", "none").attr("aria-hidden", "true")
}

fn theme() -> El {
    let store = Store::get();
    let name = move || Some(store.words().shell.theme[store.theme.get() as usize].to_owned());
    let filled = move || {
        let path = match store.theme.get() {
            Theme::System => "M7 1a6 6 0 010 12z",
            Theme::Light => "",
            Theme::Dark => "M7 1a6 6 0 010 12a6 6 0 010-12z",
        };
        Some(path.to_owned())
    };
    let ring = svg("circle").attr("cx", "7").attr("cy", "7").attr("r", "6").attr("stroke", "currentColor");
    let half = svg("path").attr("fill", "currentColor").attr_as("d", filled);
    button("btn")
        .attr_as("aria-label", name)
        .attr_as("title", name)
        .child(picture("14", "0 0 14 14").attr("stroke-width", "1.4").child(ring).child(half))
        .press(move || store.theme.update(|theme| *theme = theme.next()))
}

fn lines(path: &str) -> El {
    svg("path").attr("d", path).attr("stroke", "currentColor").attr("stroke-width", "1.5")
}

/// The button that shows or hides a side panel.
fn side(label: Said, open: Live<bool>, panel: &'static str, path: &str) -> El {
    let desk = Desk::get();
    button("btn quiet side")
        .attr_said("aria-label", label)
        .attr_said("title", label)
        .aria("aria-expanded", open.into())
        .attr("aria-controls", panel)
        .child(picture("16", "0 0 16 16").child(lines(path)))
        .press(move || desk.toggle(open, panel))
}

/// The world switch. A world one cannot go to is shown, and opens the reason.
#[must_use]
pub fn worlds() -> El {
    let store = Store::get();
    el("div").class("seg worlds").attr("role", "group").attr_said("aria-label", |words| words.shell.worlds).region(
        move || {
            let Some(welcome) = store.welcome.get() else { return Vec::new() };
            welcome.worlds.iter().flat_map(|info| world(store, info, welcome.world)).collect()
        },
    )
}

fn world(store: Store, info: &WorldInfo, running: WorldKind) -> Vec<El> {
    let desk = Desk::get();
    let words = store.words();
    let kind = info.kind;
    let name = (words.shell.world)(kind);
    let here = button("").attr("aria-pressed", if kind == running { "true" } else { "false" }).text(name);
    match &info.unavailable {
        Some(why) => {
            let popover = Popover::new();
            let label = [name, ": ", words.shell.world_later].concat();
            let here = popover.opens(here.class("off").attr("aria-label", &label));
            let why = why.clone();
            let panel = popover.panel(|words| words.shell.world_later, &here, move || unavailable(popover, kind, &why));
            vec![here, panel]
        }
        None if kind == running => vec![here],
        None => vec![here.press(move || {
            desk.aloud.set((store.words().shell.switching)(name));
            desk.act(store, Command::World(WorldAction::Switch(kind)));
        })],
    }
}

/// Why one cannot go there, and what would help.
fn unavailable(popover: Popover, kind: WorldKind, why: &Unavailable) -> El {
    let desk = Desk::get();
    let words = Store::get().words();
    let all = worded("btn", |words| words.shell.abilities).press(move || desk.dialog.set(Some(Dialog::Abilities)));
    let page = (why.reason == Reason::NeedsBridge).then(|| el("a").attr("href", ADDRESS).text(ADDRESS));
    el("div")
        .class("pop-form")
        .child(el("h3").text((words.shell.world)(kind)))
        .child(abilities::reason(words, el("p"), why).children(page))
        .child(popover.closes(all))
}

fn status() -> El {
    let store = Store::get();
    let tone = move || {
        let tone = match store.link.get() {
            Link::Live => "dot ok",
            Link::Recorded(_) => "dot",
            Link::Connecting => "dot wait",
            Link::Away { .. } | Link::Broken(_) => "dot bad",
        };
        Some(tone.to_owned())
    };
    let words = move || {
        let words = &store.words().shell;
        match store.link.get() {
            Link::Connecting => words.connecting.into(),
            Link::Live => {
                let place = &store.words().place;
                let Some(welcome) = store.welcome.get() else { return words.connecting.into() };
                match welcome.world {
                    WorldKind::InThisPage => (place.in_page)(&welcome.system),
                    _ => (words.running)(&window().location().host().unwrap_or_default(), &welcome.system),
                }
            }
            Link::Recorded(name) => [store.words().place.recorded, " · ", &name].concat(),
            Link::Away { .. } | Link::Broken(_) => words.away.into(),
        }
    };
    let connection = move || {
        let name = match store.link.get() {
            Link::Connecting => "connecting",
            Link::Live => "live",
            Link::Recorded(_) => "recorded",
            Link::Away { .. } | Link::Broken(_) => "lost",
        };
        Some(name.to_owned())
    };
    el("span")
        .class("pill status")
        .attr("role", "status")
        .attr_as("data-connection", connection)
        .attr_as("title", move || Some(words()))
        .child(el("span").attr_as("class", tone))
        .child(el("span").class("label").text_as(words))
}

fn counts() -> El {
    let store = Store::get();
    el("span").class("pill counts").text_as(move || {
        // The tally moves with every batch; the words on the screen move with the frame.
        store.version.track();
        let tally = store.tally.get_untracked();
        let words = &store.words().shell;
        if tally.packets > 0 || store.can(Ability::Packets) {
            (words.tally)(tally.calls, tally.packets, tally.dropped)
        } else {
            (words.tally_calls)(tally.calls)
        }
    })
}
