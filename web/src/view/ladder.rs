//! The ladder: what is seen of it is in the document, as marks that can be pointed at, and nothing else.

use super::dom::{El, el, holds, svg as svg_el, watch};
use crate::i18n::Words;
use crate::model::ladder::{self, Window, heads, strips, svg};
use crate::model::story::Index;
use crate::model::{MarkKind, Say, Story};
use crate::store::{Selection, Store};
use leptos::prelude::*;
use protocol::{Nanos, Seq, TcpMode, Transport};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, Event, EventTarget, HtmlElement, KeyboardEvent};

/// So much is drawn above and below what is seen, so that a short scroll shows no white.
const SPARE: f64 = 400.0;

/// So high a picture is printed: some twenty pages.
const PAPER: f64 = 20_000.0;

/// One mark, ready for the document.
struct Ready {
    /// Its content as a number: an element whose number stays is not touched.
    key: u64,
    seq: Seq,
    kind: MarkKind,
    name: String,
    over: bool,
    svg: String,
}

/// What is drawn now. Whole numbers: printing fractions costs more code than the whole ladder.
struct Frame {
    height: i32,
    top: i32,
    bottom: i32,
    heads: String,
    marks: Vec<Ready>,
}

/// A mark in the document.
struct Placed {
    key: u64,
    element: Element,
}

/// What the ladder keeps between two pictures.
#[derive(Default)]
struct Kept {
    layout: ladder::Ladder,
    placed: Vec<Placed>,
    heads: String,
}

/// The ladder.
pub fn ladder() -> El {
    let store = Store::get();
    let kept = Rc::new(RefCell::new(Kept::default()));
    let size = RwSignal::new((850.0_f64, 600.0_f64));
    let scrolled = RwSignal::new(0.0_f64);
    let newest = RwSignal::new(true);
    let opened = RwSignal::new(0_u32);
    let crowd = RwSignal::new(Vec::new());

    let heads_svg = svg_el("svg").class("ladder-heads").attr("aria-hidden", "true").attr("height", "42");
    let picture = svg_el("svg").class("ladder-svg");
    picture.element().set_inner_html(svg::DEFS);
    let window = el("div").class("ladder-window").child(picture.clone());
    let room = el("div").class("ladder-room").child(window.clone());
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

    let parts = Parts { heads: heads_svg.cast(), picture: picture.cast(), window: window.cast(), room: room.cast() };
    let (drawing, seen) = (kept.clone(), view.clone());
    watch(move || {
        opened.track();
        let words = store.words();
        let ((width, high), top) = (size.get(), scrolled.get());
        let followed = store.followed.get();
        let mode = store.settings.with(|settings| settings.wanted.tcp_mode);
        let mut kept = drawing.borrow_mut();
        let frame = store.picture(|story| {
            kept.layout.fit(width);
            kept.layout.update(story, followed);
            let now = strips::strips(story, kept.layout.cast());
            if crowd.with_untracked(|before| *before != now) {
                crowd.set(now);
            }
            if kept.layout.is_waiting() {
                store.tick.track();
            }
            draw(&kept.layout, story, words, (width, high, top), store.now(), mode)
        });
        parts.show(&mut kept, frame, width as i32, chosen());
        if newest.get() {
            // The newest events stay in sight until somebody scrolls away from them.
            seen.set_scroll_top(i32::MAX);
        }
    });

    // Whoever chooses a mark, the ladder shows it.
    let (looking, seen) = (kept.clone(), view.clone());
    watch(move || {
        let Some(Selection::Event(seq)) = store.selection.get() else { return };
        let y = store.peek(|story| looking.borrow().layout.y_of(story, story.mark_of(seq)));
        let Some(y) = y else { return };
        let (top, high) = (f64::from(seen.scroll_top()), f64::from(seen.client_height()));
        if y < top + 20.0 || y > top + high - 60.0 {
            newest.set(false);
            seen.set_scroll_top((y - high / 3.0).max(0.0) as i32);
        }
    });

    let seen = view;
    let on_scroll = move |_| {
        let top = seen.scroll_top();
        let at_end = seen.scroll_height() - seen.client_height() - top < 24;
        if newest.get_untracked() != at_end {
            newest.set(at_end);
        }
        // In steps, so that a slow scroll does not draw anew for each pixel.
        let step = f64::from(top / 120 * 120);
        if step != scrolled.get_untracked() {
            scrolled.set(step);
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
    let scroll = scroll.on("scroll", on_scroll).on("keydown", on_key).on("click", move |event| {
        act(event.target());
    });

    let empty = holds(move || store.picture(Story::is_empty));
    let away = holds(move || !newest.get());
    el("div")
        .class("ladder")
        .child(super::strips::strips(crowd))
        .child(heads_svg)
        .child(scroll)
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
fn on_paper(kept: &Rc<RefCell<Kept>>, size: RwSignal<(f64, f64)>) {
    let store = Store::get();
    let (kept, seen) = (kept.clone(), StoredValue::new((0.0, 0.0)));
    let before = window_event_listener_untyped("beforeprint", move |_| {
        seen.set_value(size.get_untracked());
        let high = kept.borrow().layout.height(store.now());
        size.update(|size| size.1 = high.clamp(size.1, PAPER));
    });
    let after = window_event_listener_untyped("afterprint", move |_| size.set(seen.get_value()));
    on_cleanup(move || {
        before.remove();
        after.remove();
    });
}

/// The elements that a picture changes.
struct Parts {
    heads: Element,
    picture: Element,
    window: HtmlElement,
    room: HtmlElement,
}

impl Parts {
    /// Puts a frame into the document; marks that did not change are not touched, so they keep their focus.
    fn show(&self, kept: &mut Kept, frame: Frame, width: i32, chosen: Option<Seq>) {
        let drawn = width.max(320);
        if kept.heads != frame.heads {
            self.heads.set_inner_html(&frame.heads);
            kept.heads = frame.heads;
        }
        set(&self.heads, "width", &width.to_string());
        let high = (frame.bottom - frame.top).max(0);
        set(&self.picture, "width", &drawn.to_string());
        set(&self.picture, "height", &high.to_string());
        set(&self.picture, "viewBox", &[0, frame.top, drawn, high].map(|part| part.to_string()).join(" "));
        style(&self.room, "height", frame.height);
        style(&self.window, "top", frame.top);

        let mut before = Index::new();
        for (at, placed) in kept.placed.iter().enumerate() {
            before.insert(placed.key, at as u32);
        }
        let mut placed: Vec<Placed> = Vec::with_capacity(frame.marks.len());
        let mut next: Option<Element> = None;
        for mark in frame.marks.into_iter().rev() {
            let element = match before.remove(&mark.key) {
                Some(at) => kept.placed[at as usize].element.clone(),
                None => {
                    let element = element(&mark);
                    // Fails only if `next` had left the picture, and it is in it.
                    let _ = self.picture.insert_before(&element, next.as_deref());
                    element
                }
            };
            if mark.seq.0 > 0 {
                set(&element, "class", if chosen == Some(mark.seq) { "mark chosen" } else { "mark" });
            }
            next = Some(element.clone());
            placed.push(Placed { key: mark.key, element });
        }
        before.values().for_each(|at| kept.placed[*at as usize].element.remove());
        kept.placed = placed;
    }
}

fn set(element: &Element, name: &str, value: &str) {
    if element.get_attribute(name).as_deref() != Some(value) {
        // Fails only for a name that is none.
        let _ = element.set_attribute(name, value);
    }
}

fn style(element: &HtmlElement, name: &str, pixels: i32) {
    // Fails only for a name that is none.
    let _ = element.style().set_property(name, &[&pixels.to_string(), "px"].concat());
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

/// One mark's element. What is inside was written by [`svg`], which escapes every text.
fn element(mark: &Ready) -> Element {
    let group = svg_el("g").attr("data-kind", mark.kind.name());
    group.element().set_inner_html(&mark.svg);
    let group = if mark.seq.0 == 0 {
        group.attr("role", "presentation")
    } else {
        let seq = mark.seq.0.to_string();
        let group =
            group.attr("data-seq", &seq).attr("tabindex", "-1").attr("role", "img").attr("aria-label", &mark.name);
        // A connection has its line and its label, a packet too: only one of them can carry the name.
        if mark.over || mark.kind == MarkKind::Socket { group } else { group.attr("id", &["mark-", &seq].concat()) }
    };
    group.cast()
}

fn draw(
    layout: &ladder::Ladder,
    story: &Story,
    words: &'static Words,
    (width, high, scrolled): (f64, f64, f64),
    now: Nanos,
    mode: TcpMode,
) -> Frame {
    let say = |what: &Say| (words.ladder.say)(what);
    // Lanes go on to the bottom of what is seen.
    let height = layout.height(now).max(high);
    let top = (scrolled - SPARE).max(0.0);
    let bottom = (scrolled + high + SPARE + 120.0).min(height);
    let picture = layout.picture(story, &Window { top, bottom, width, floor: height, now, say: &say });
    let stream = layout.cast().transport.is_some_and(Transport::is_stream);
    let mode = if stream { (words.ladder.mode)(mode) } else { "" };
    let heads = svg::shapes(&heads::heads(story, layout.cast(), width, mode, &say));
    let marks = picture.marks.into_iter().map(|drawn| {
        let svg = svg::shapes(&drawn.shapes);
        let key =
            number(&[svg.as_bytes(), drawn.name.as_bytes(), &drawn.seq.0.to_le_bytes(), drawn.kind.name().as_bytes()]);
        Ready { key, seq: drawn.seq, kind: drawn.kind, name: drawn.name, over: drawn.over, svg }
    });
    let mut marks: Vec<Ready> = marks.collect();
    // Two equal marks would be one to the document.
    let mut seen = Index::new();
    marks.retain(|mark| seen.insert(mark.key, 0).is_none());
    let (height, top, bottom) = (height.ceil() as i32, top as i32, bottom.ceil() as i32);
    Frame { height, top, bottom, heads, marks }
}

/// FNV-1a: small, and good enough to tell one picture from the next.
fn number(parts: &[&[u8]]) -> u64 {
    parts
        .iter()
        .copied()
        .flatten()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// Keeps `size` at the width and height of an element.
pub fn watch_size(of: &Element, size: RwSignal<(f64, f64)>) {
    let watched = of.clone();
    let measure = move || {
        let now = (f64::from(watched.client_width()), f64::from(watched.client_height()));
        if now.0 > 0.0 && size.try_get_untracked().is_some_and(|before| before != now) {
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
