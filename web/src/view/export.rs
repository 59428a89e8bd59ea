//! The menu of files: opening a story, and taking it along as a trace, packets, a picture, a transcript.

use super::desk::body;
use super::outside;
use super::parts::{El, Said, button, el, svg as svg_el};
use super::popover::Popover;
use super::shelf::Shelf;
use crate::model::ladder::{self, Drawn, Window, heads, svg};
use crate::model::story::Line;
use crate::model::{Say, Story};
use crate::source::Place;
use crate::store::Store;
use crate::typed::escape;
use leptos::prelude::*;
use protocol::SysError;
use protocol::Transport;
use protocol::capability::Ability;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// The width of the picture, CSS pixels.
const WIDTH: f64 = 960.0;
/// The height of the lane titles, CSS pixels.
const HEADS: f64 = 46.0;
/// The highest picture, CSS pixels: viewers of pictures give up on larger ones. Of a longer story it is the end.
const HIGHEST: f64 = 30_000.0;
/// What a picture's elements look like, as attributes that every viewer of SVG understands.
const LOOKS: [&str; 9] = [
    "fill",
    "stroke",
    "stroke-width",
    "stroke-dasharray",
    "stroke-linecap",
    "opacity",
    "font-family",
    "font-size",
    "font-weight",
];
const TAPS: [&str; 3] = ["wire", "client", "server"];

/// The list.
#[must_use]
pub fn list(popover: Popover) -> El {
    let store = Store::get();
    let shelf = Shelf::get();
    let open = keyed(item(|words| words.shelf.open, |words| words.shelf.sorts), "Ctrl O").press(move || shelf.ask());
    let save =
        keyed(item(|words| words.shelf.save, |words| words.shelf.save_more), "Ctrl S").press(move || shelf.save());
    let mut items = vec![popover.closes(open), popover.closes(save)];
    // The program writes these files: another source has none of them.
    if store.heard() == Place::Bridge && store.can(Ability::Packets) {
        // Only where the wire is ours are its ends places of their own.
        let taps = if store.can(Ability::Wire) { 3 } else { 1 };
        items.extend(TAPS.iter().zip(PACKETS).take(taps).map(|(tap, title)| {
            let file = ["socketscope-", tap, ".pcapng"].concat();
            link(&["./trace.pcapng?tap=", tap].concat(), &file, title, |words| words.tools.packets_more)
        }));
    }
    let picture = item(|words| words.tools.picture, |words| words.tools.picture_more).press(move || {
        if let Some(picture) = picture(store) {
            // Fails only in a browser that cannot make files.
            let _ = outside::download("socketscope.svg", "image/svg+xml", &picture);
        }
    });
    items.push(popover.closes(picture));
    items.push(transcript_item(store));
    el("div").class("menu").children(items)
}

const PACKETS: [Said; 3] =
    [|words| words.tools.packets[0], |words| words.tools.packets[1], |words| words.tools.packets[2]];

fn titled(entry: El, title: Said, more: Said) -> El {
    entry.child(el("span").say(title)).child(el("small").say(more))
}

fn keyed(item: El, key: &str) -> El {
    item.class("item keyed").child(el("kbd").text(key))
}

fn item(title: Said, more: Said) -> El {
    titled(button("item"), title, more)
}

fn link(address: &str, file: &str, title: Said, more: Said) -> El {
    titled(el("a").class("item").attr("href", address).attr("download", file), title, more)
}

fn transcript_item(store: Store) -> El {
    let copied = RwSignal::new(0_usize);
    let more = move || {
        let words = &store.words().tools;
        match copied.get() {
            _ if store.followed.get().is_none() => words.no_transcript,
            0 => words.transcript_more,
            1 => words.copied,
            _ => words.not_copied,
        }
        .to_owned()
    };
    button("item")
        .attr_as("disabled", move || store.followed.get().is_none().then(String::new))
        .child(el("span").say(|words| words.tools.transcript))
        .child(el("small").attr("role", "status").text_as(more))
        .press(move || outside::copy(transcript(store), move |done| copied.set(if done { 1 } else { 2 })))
}

/// The transcript of the followed client as plain text.
fn transcript(store: Store) -> String {
    let words = store.words();
    let Some(client) = store.followed.get_untracked() else { return String::new() };
    let failed = |error: &SysError| format!("✗ {}", (words.trouble.call)(error));
    let line = |line: &Line| match line {
        Line::Sent { data, len, times, result, .. } => {
            let outcome = match result {
                None => words.console.waiting.to_owned(),
                Some(Ok(sent)) => format!("= {sent}"),
                Some(Err(error)) => failed(error),
            };
            let times = if *times > 1 { format!("  × {times}") } else { String::new() };
            format!(">>> {}    send({len}) {outcome}{times}", escape(data))
        }
        Line::Received { data, len, recvs, took, .. } => {
            let took = took.map(crate::model::wording::time);
            format!("{}    {}", escape(data), (words.console.received)(*len, *recvs, took.as_deref()))
        }
        Line::Call { call, result, .. } => match result {
            None => format!("{call} {}", words.console.waiting),
            Some(Ok(value)) => format!("{call} = {value}"),
            Some(Err(error)) => format!("{call} {}", failed(error)),
        },
        Line::End => words.console.end.to_owned(),
    };
    store.peek(|story| story.transcript(client).iter().map(line).collect::<Vec<_>>().join("\n"))
}

/// The ladder as one picture that needs no style sheet; `None` where the browser cannot draw it.
fn picture(store: Store) -> Option<String> {
    let words = store.words();
    let say = |what: &Say| (words.ladder.say)(what);
    let followed = store.followed.get_untracked();
    let mode = store.settings.with_untracked(|settings| settings.wanted.tcp_mode);
    let (titles, marks, top, bottom) = store.peek(|story: &Story| {
        let mut layout = ladder::Ladder::default();
        layout.update(story, followed);
        let now = store.now();
        let bottom = layout.height(now);
        let top = (bottom - HIGHEST).max(0.0);
        let marks: Vec<Drawn> =
            layout.picture(story, &Window { top, bottom, width: WIDTH, floor: 0.0, now, say: &say }).marks;
        let stream = layout.cast().transport.is_some_and(Transport::is_stream);
        let mode = if stream { (words.ladder.mode)(mode) } else { "" };
        (svg::shapes(&heads::heads(story, layout.cast(), WIDTH, mode, &say)), marks, top, bottom)
    });
    // Mounted for a moment, because only the document knows what the classes look like.
    // Without a style element: the policy of this page forbids one, even for a moment.
    let root = svg_el("svg").attr("xmlns", "http://www.w3.org/2000/svg").attr("width", &(WIDTH as i64).to_string());
    let root = root.attr("height", &((bottom - top + HEADS) as i64).to_string());
    let all: String = [svg::DEFS.to_owned()].into_iter().chain(marks.iter().map(svg::mark)).collect();
    root.element().set_inner_html(&all);
    let place = el("div").class("aloud").child(root.clone());
    body().append_child(place.element()).ok()?;
    let drawn = dress(root.element(), &titles, top, bottom);
    place.element().remove();
    drawn
}

fn dress(root: &Element, titles: &str, top: f64, bottom: f64) -> Option<String> {
    let box_ = [0.0, top - HEADS, WIDTH, bottom - top + HEADS].map(|part| (part as i64).to_string()).join(" ");
    root.set_attribute("viewBox", &box_).ok()?;
    let heads = svg_el("g").attr("transform", &["translate(0 ", &((top - HEADS) as i64).to_string(), ")"].concat());
    heads.element().set_inner_html(titles);
    root.append_child(heads.element()).ok()?;
    let ground = svg_el("rect").class("hatch-ground").attr("width", "100%").attr("height", "100%");
    let ground = ground.attr("y", &((top - HEADS) as i64).to_string());
    root.insert_before(ground.element(), root.first_child().as_ref()).ok()?;
    let all = root.query_selector_all("*").ok()?;
    for at in 0..all.length() {
        let Some(element) = all.get(at).and_then(|node| node.dyn_into::<Element>().ok()) else { continue };
        let Some(looks) = window().get_computed_style(&element).ok().flatten() else { continue };
        for name in LOOKS {
            if let Ok(value) = looks.get_property_value(name) {
                // A path in a definition is named from the document it was in.
                let value = if value.contains("#hatch") { "url(#hatch)" } else { &value };
                element.set_attribute(name, value).ok()?;
            }
        }
        element.remove_attribute("class").ok()?;
    }
    Some(root.outer_html())
}
