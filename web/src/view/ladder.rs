//! The ladder: what is seen of it is in the document, as marks that can be pointed at, and nothing else.

mod frame;
mod map;

use super::desk::Desk;
use super::dom::{El, el, holds, svg as svg_el, watch};
use super::find::Finder;
use super::light::Light;
use super::remedy;
use crate::live::Live;
use crate::model::ladder::{self, Scroll, minimap, strips, svg};
use crate::model::{MarkKind, Story};
use crate::source::Link;
use crate::store::{Selection, Store};
use frame::{HEADS, Parts, Shown, draw, set};
use leptos::prelude::*;
use protocol::Seq;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, Event, EventTarget, HtmlElement, KeyboardEvent};

/// So high a picture is printed: some twenty pages.
const PAPER: f64 = 20_000.0;

/// So far one scrolls before it is drawn anew, CSS pixels.
const STEP: f64 = 120.0;

/// What the ladder keeps between two pictures.
#[derive(Default)]
struct Kept {
    layout: ladder::Ladder,
    shown: Shown,
}

/// The ladder.
pub fn ladder() -> El {
    let store = Store::get();
    let kept = Rc::new(RefCell::new(Kept::default()));
    let size = Live::new((850.0_f64, 600.0_f64));
    // Where it is scrolled to, and where it was when the last picture was drawn.
    let place = Rc::new(Cell::new(Scroll::default()));
    let scrolled = Live::new(Scroll::default());
    let newest = Live::new(true);
    let opened = Live::new(0_u32);
    let crowd = Live::new(Vec::new());

    let heads_svg = svg_el("svg")
        .class("ladder-heads")
        .attr("aria-hidden", "true")
        .attr("height", HEADS)
        .attr("preserveAspectRatio", "xMinYMin slice");
    let picture = svg_el("svg").class("ladder-svg");
    picture.element().set_inner_html(svg::DEFS);
    let window = el("div").class("ladder-window").child(picture.clone());
    let room = el("div").class("ladder-room").child(window.clone());
    let finder = Finder::get();
    let (light, desk) = (Light::get(), Desk::get());
    let chosen = move || chosen(store);
    let scroll = el("div")
        .class("ladder-scroll")
        .attr("tabindex", "0")
        .attr("role", "group")
        .attr_said("aria-label", |words| words.ladder.ladder)
        .attr_as("aria-activedescendant", move || chosen().map(|seq| ["mark-", &seq.0.to_string()].concat()))
        .child(room.clone());
    let view: HtmlElement = scroll.cast();
    watch_size(scroll.element(), size);
    on_paper(&kept, size);

    let (going, seen, at) = (kept.clone(), view.clone(), place.clone());
    let overview = map::map(move |part| {
        let high = f64::from(seen.client_height());
        let height = going.borrow().layout.height(store.now()).max(high);
        let there = Scroll::to(part * height - high / 2.0, height, high);
        newest.set(there.is_at_end(height, high));
        at.set(there);
        scrolled.set(there);
        seen.set_scroll_top(there.bar as i32);
    });
    let beside = overview.clone();
    let overview = overview.element().clone();

    let parts = Parts { heads: heads_svg.cast(), picture: picture.cast(), window: window.cast(), room: room.cast() };
    let (drawing, seen, at) = (kept.clone(), view.clone(), place.clone());
    watch(move || {
        opened.track();
        let words = store.words();
        let ((width, high), scroll) = (size.get(), scrolled.get());
        let newest = newest.get();
        let followed = store.followed.get();
        let mode = store.settings.with(|settings| settings.wanted.tcp_mode);
        let mut kept = drawing.borrow_mut();
        let frame = store.picture(|story| {
            kept.layout.fit(width);
            kept.layout.let_act(store.link.get() == Link::Live);
            kept.layout.filter(finder.filter.get());
            kept.layout.update(story, followed);
            let now = strips::strips(story, kept.layout.cast());
            if crowd.with_untracked(|before| *before != now) {
                crowd.set(now);
            }
            if kept.layout.is_waiting() {
                store.tick.track();
            }
            let now = store.now();
            let height = kept.layout.height(now).max(high);
            // The newest events stay in sight until somebody scrolls away from them.
            let scroll = if newest { Scroll::to(height, height, high) } else { scroll };
            // Beside a ladder of a few screens it would say nothing.
            let lines = (height > high * 3.0).then(|| {
                let rows: Vec<_> = finder.places().into_iter().map(|at| kept.layout.axis().row(at)).collect();
                map::lines(&minimap::draw(&kept.layout, height, high, &rows))
            });
            let frame = draw(&kept.layout, story, words, (width, high, scroll), now, mode);
            (frame, scroll, lines.map(|lines| (lines, height)))
        });
        let (frame, scroll, lines) = frame;
        match lines {
            Some((lines, height)) => {
                map::show(&overview, &lines, (scroll.top / height * high, high / height * high));
                set(&overview, "class", "ladder-map");
            }
            None => set(&overview, "class", "ladder-map away"),
        }
        parts.show(&mut kept.shown, frame, width as i32, chosen());
        light.paint(&parts.picture);
        if newest && at.replace(scroll) != scroll {
            seen.set_scroll_top(scroll.bar as i32);
        }
    });

    // Whoever chooses a mark, the ladder shows it.
    let (looking, seen, at) = (kept.clone(), view.clone(), place.clone());
    watch(move || {
        let Some(Selection::Event(seq)) = store.selection.get() else { return };
        let y = store.peek(|story| looking.borrow().layout.y_of(story, story.mark_of(seq)));
        let Some(y) = y else { return };
        let (top, high) = (at.get().top, f64::from(seen.client_height()));
        if y < top + 20.0 || y > top + high - 60.0 {
            newest.set(false);
            let height = looking.borrow().layout.height(store.now());
            let there = Scroll::to(y - high / 3.0, height, high);
            at.set(there);
            scrolled.set(there);
            seen.set_scroll_top(there.bar as i32);
        }
    });

    let (seen, measured) = (view, kept.clone());
    let on_scroll = move |_| {
        let (bar, high) = (f64::from(seen.scroll_top()), f64::from(seen.client_height()));
        // We put it there ourselves, and have drawn it.
        if bar == place.get().bar {
            return;
        }
        // It has another height than the picture was drawn for: nobody scrolled, and it is drawn anew in a moment.
        if high != size.get_untracked().1 {
            return;
        }
        let height = measured.borrow().layout.height(store.now()).max(high);
        let there = place.get().moved(bar, height, high);
        if there == place.replace(there) {
            return;
        }
        if there.bar != bar {
            seen.set_scroll_top(there.bar as i32);
        }
        let at_end = there.is_at_end(height, high);
        if newest.get_untracked() != at_end {
            newest.set(at_end);
        }
        // In steps, so that a slow scroll does not draw anew for each pixel.
        let drawn = scrolled.get_untracked();
        let (moved, apart) = (there.top - drawn.top, (there.top - there.bar) - (drawn.top - drawn.bar));
        if moved.abs() >= STEP || apart != 0.0 {
            scrolled.set(there);
        }
    };
    let folding = kept.clone();
    let act = Rc::new(move |target: Option<EventTarget>| {
        let Some((seq, kind)) = mark_under(target) else { return false };
        if kind.as_deref() == Some(MarkKind::Fold.name()) {
            store.peek(|story| {
                if let Some(call) = story.call_of(seq) {
                    folding.borrow_mut().layout.toggle_fold(story, call);
                }
            });
            opened.update(|count| *count += 1);
        } else if kind.as_deref() == Some(MarkKind::Remedy.name()) {
            remedy::perform(store, desk, seq);
        } else {
            store.selection.set(Some(Selection::Event(seq)));
        }
        true
    });
    let walking = kept;
    let press = act.clone();
    let on_key = move |event: Event| {
        let event: KeyboardEvent = event.unchecked_into();
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let here = chosen_now(store);
        let key = event.key();
        let next = store.peek(|story| {
            let layout = &walking.borrow().layout;
            match key.as_str() {
                "ArrowDown" | "ArrowRight" | "j" => layout.neighbour(story, here, true),
                "ArrowUp" | "ArrowLeft" | "k" => layout.neighbour(story, here, false),
                "Home" => layout.neighbour(story, None, true),
                "End" => layout.neighbour(story, None, false),
                _ => None,
            }
        });
        if let Some(seq) = next {
            store.selection.set(Some(Selection::Event(seq)));
        } else if !(matches!(key.as_str(), "Enter" | " ") && press(event.target())) {
            return;
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let scroll = scroll
        .on("scroll", on_scroll)
        .on("keydown", on_key)
        .on("pointerover", move |event| light.point(event.target()))
        .on("pointerleave", move |_| light.point(None))
        .on("click", move |event| {
            act(event.target());
        });

    let empty = holds(move || store.picture(Story::is_empty));
    let away = holds(move || !newest.get());
    el("div")
        .class("ladder")
        .child(super::strips::strips(crowd))
        .child(heads_svg)
        .child(el("div").class("ladder-body").child(scroll).child(beside))
        .when(empty, || el("div").class("ladder-empty").say(|words| words.ladder.empty))
        .when(away, move || {
            el("button")
                .class("ladder-newest")
                .attr("type", "button")
                .say(|words| words.ladder.newest)
                .press(move || newest.set(true))
        })
}

/// Before the page is printed everything is drawn that paper can bear, and afterwards what is seen again.
fn on_paper(kept: &Rc<RefCell<Kept>>, size: Live<(f64, f64)>) {
    let store = Store::get();
    let (kept, seen) = (kept.clone(), StoredValue::new((0.0, 0.0)));
    let before = window_event_listener_untyped("beforeprint", move |_| {
        seen.set_value(size.get_untracked());
        let high = kept.borrow().layout.height(store.now());
        size.update(|size| size.1 = high.min(PAPER).max(size.1));
    });
    let after = window_event_listener_untyped("afterprint", move |_| size.set(seen.get_value()));
    on_cleanup(move || {
        before.remove();
        after.remove();
    });
}

fn chosen(store: Store) -> Option<Seq> {
    store.selection.track();
    chosen_now(store)
}

fn chosen_now(store: Store) -> Option<Seq> {
    match store.selection.get_untracked() {
        Some(Selection::Event(seq)) => Some(store.peek(|story| story.mark_of(seq))),
        _ => None,
    }
}

/// The event that names the mark under a pointer.
pub fn mark_at(target: Option<EventTarget>) -> Option<Seq> {
    mark_under(target).map(|(seq, _)| seq)
}

fn mark_under(target: Option<EventTarget>) -> Option<(Seq, Option<String>)> {
    let mark = target?.dyn_into::<Element>().ok()?.closest("[data-seq]").ok()??;
    let seq = mark.get_attribute("data-seq")?.parse().ok()?;
    (seq > 0).then(|| (Seq(seq), mark.get_attribute("data-kind")))
}

/// Keeps `size` at the width and height of an element.
pub fn watch_size(of: &Element, size: Live<(f64, f64)>) {
    let watched = of.clone();
    let measure = move || {
        let now = (f64::from(watched.client_width()), f64::from(watched.client_height()));
        if now.0 > 0.0 && size.is_there() && size.get_untracked() != now {
            size.set(now);
        }
    };
    let changed = Closure::<dyn FnMut()>::new(measure);
    if let Ok(watcher) = web_sys::ResizeObserver::new(changed.as_ref().unchecked_ref()) {
        watcher.observe(of);
        let kept = StoredValue::new_local(Some((watcher, changed)));
        on_cleanup(move || {
            if let Some((watcher, _)) = kept.try_update_value(Option::take).flatten() {
                watcher.disconnect();
            }
        });
    }
}
