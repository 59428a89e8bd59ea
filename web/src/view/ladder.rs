//! The ladder: what is seen of it is in the document, as marks that can be pointed at, and nothing else.

use crate::model::ladder::{self, Window, heads, svg};
use crate::model::story::Index;
use crate::model::{MarkKind, Say};
use crate::store::{Selection, Store};
use leptos::html::Div;
use leptos::prelude::*;
use leptos::{ev, svg as s};
use protocol::{Seq, Transport};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

/// So much is drawn above and below what is seen, so that a short scroll shows no white.
const SPARE: f64 = 400.0;

/// One mark, ready for the document.
#[derive(Clone, PartialEq)]
struct Element {
    /// Its content as a number: an element whose number stays is not touched.
    key: u64,
    seq: Seq,
    kind: MarkKind,
    name: String,
    svg: String,
}

/// What is drawn now.
#[derive(Clone, PartialEq, Default)]
struct Frame {
    height: i32,
    top: i32,
    bottom: i32,
    heads: String,
    elements: Vec<Element>,
    empty: bool,
}

/// The ladder.
#[component]
pub fn Ladder() -> impl IntoView {
    let store = Store::get();
    let layout = StoredValue::new_local(ladder::Ladder::default());
    let room = NodeRef::<Div>::new();
    let size = RwSignal::new((850.0_f64, 600.0_f64));
    // In steps, so that a slow scroll does not draw anew for each pixel.
    let scrolled = RwSignal::new(0.0_f64);
    let newest = RwSignal::new(true);
    let opened = RwSignal::new(0_u32);

    watch_size(room, size);

    let frame = Memo::new(move |_| {
        opened.track();
        let words = store.words();
        let (width, high) = size.get();
        let top = scrolled.get();
        let followed = store.followed.get();
        let mode = store.settings.with(|settings| settings.wanted.tcp_mode);
        store.picture(|story| {
            layout.update_value(|layout| layout.update(story, followed));
            if layout.with_value(ladder::Ladder::is_waiting) {
                store.tick.track();
            }
            let now = store.now();
            layout.with_value(|layout| draw(layout, story, words, (width, high, top), now, mode))
        })
    });

    // The newest events stay in sight until somebody scrolls away from them.
    Effect::new(move |_| {
        let height = frame.with(|frame| frame.height);
        if let Some(element) = room.get()
            && newest.get()
        {
            element.set_scroll_top(height);
        }
    });

    let on_scroll = move |_| {
        let Some(element) = room.get_untracked() else { return };
        let top = f64::from(element.scroll_top());
        let left = f64::from(element.scroll_height() - element.client_height()) - top;
        newest.set(left < 24.0);
        let step = (top / 120.0).floor() * 120.0;
        if step != scrolled.get_untracked() {
            scrolled.set(step);
        }
    };

    let show = move |seq: Seq| {
        let Some(element) = room.get_untracked() else { return };
        let y = store.peek(|story| layout.with_value(|layout| layout.y_of(story, story.mark_of(seq))));
        let Some(y) = y else { return };
        let (top, high) = (f64::from(element.scroll_top()), f64::from(element.client_height()));
        if y < top + 20.0 || y > top + high - 60.0 {
            newest.set(false);
            element.set_scroll_top((y - high / 3.0).max(0.0) as i32);
        }
    };

    // Whoever chooses a mark, the ladder shows it.
    Effect::new(move |_| {
        if let Some(Selection::Event(seq)) = store.selection.get() {
            show(seq);
        }
    });

    let unfold = move |seq: Seq| {
        store.peek(|story| {
            if let Some(call) = story.call_of(seq) {
                layout.update_value(|layout| layout.toggle_fold(story, call));
            }
        });
        opened.update(|count| *count += 1);
    };

    let on_click = move |event: ev::MouseEvent| {
        let Some(mark) = closest_mark(event.target()) else { return };
        let Some(seq) = mark.get_attribute("data-seq").and_then(|seq| seq.parse().ok()).map(Seq) else { return };
        if mark.get_attribute("data-kind").as_deref() == Some(MarkKind::Fold.name()) {
            unfold(seq);
        } else if seq.0 > 0 {
            store.selection.set(Some(Selection::Event(seq)));
        }
    };

    let on_key = move |event: ev::KeyboardEvent| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let here = selected(store);
        let next = store.peek(|story| {
            layout.with_value(|layout| match event.key().as_str() {
                "ArrowDown" | "ArrowRight" | "j" => layout.neighbour(story, here, true),
                "ArrowUp" | "ArrowLeft" | "k" => layout.neighbour(story, here, false),
                "Home" => layout.neighbour(story, None, true),
                "End" => layout.neighbour(story, None, false),
                _ => None,
            })
        });
        if let Some(seq) = next {
            event.prevent_default();
            event.stop_propagation();
            store.selection.set(Some(Selection::Event(seq)));
        } else if matches!(event.key().as_str(), "Enter" | " ")
            && let Some(mark) = closest_mark(event.target())
            && let Some(seq) = mark.get_attribute("data-seq").and_then(|seq| seq.parse().ok()).map(Seq)
        {
            event.prevent_default();
            if mark.get_attribute("data-kind").as_deref() == Some(MarkKind::Fold.name()) {
                unfold(seq);
            } else {
                store.selection.set(Some(Selection::Event(seq)));
            }
        }
    };

    let chosen = Memo::new(move |_| match store.selection.get() {
        Some(Selection::Event(seq)) => Some(store.peek(|story| story.mark_of(seq))),
        _ => None,
    });

    view! {
        <div class="ladder">
            <svg class="ladder-heads" width=move || size.get().0 as i32 height=heads::HEIGHT as i32 aria-hidden="true"
                inner_html=move || frame.with(|frame| frame.heads.clone())></svg>
            <div class="ladder-scroll" node_ref=room tabindex="0" role="group"
                aria-label=move || store.words().ladder.ladder
                aria-activedescendant=move || chosen.get().map(|seq| ["mark-", &seq.0.to_string()].concat())
                on:scroll=on_scroll on:click=on_click on:keydown=on_key>
                <div class="ladder-room" style:height=move || frame.with(|frame| [&frame.height.to_string(), "px"].concat())>
                    <svg class="ladder-svg"
                        style:top=move || frame.with(|frame| [&frame.top.to_string(), "px"].concat())
                        width=move || (size.get().0 as i32).max(560)
                        height=move || frame.with(|frame| (frame.bottom - frame.top).max(0))
                        viewBox=move || frame.with(|frame| view_box(frame, size.get().0 as i32))>
                        <defs inner_html=DEFS></defs>
                        <For each=move || frame.with(|frame| frame.elements.clone()) key=|element| element.key
                            children=move |element| mark(element, chosen) />
                    </svg>
                </div>
            </div>
            <Show when=move || frame.with(|frame| frame.empty)>
                <div class="ladder-empty">{move || store.words().ladder.empty}</div>
            </Show>
            <Show when=move || !newest.get()>
                <button class="ladder-newest" on:click=move |_| newest.set(true)>
                    {move || store.words().ladder.newest}
                </button>
            </Show>
        </div>
    }
}

/// The hatching; the element around it is made by the view.
const DEFS: &str = "<pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" \
    patternTransform=\"rotate(45)\"><rect width=\"6\" height=\"6\" class=\"hatch-ground\"></rect>\
    <line y2=\"6\" class=\"hatch-line\"></line></pattern>";

// Whole numbers in the document: printing fractions costs more code than the whole ladder.
fn view_box(frame: &Frame, width: i32) -> String {
    let parts = [0, frame.top, width.max(560), (frame.bottom - frame.top).max(0)];
    parts.map(|part| part.to_string()).join(" ")
}

fn selected(store: Store) -> Option<Seq> {
    match store.selection.get_untracked() {
        Some(Selection::Event(seq)) => Some(store.peek(|story| story.mark_of(seq))),
        _ => None,
    }
}

/// The event that names the mark under a pointer.
pub fn mark_at(target: Option<web_sys::EventTarget>) -> Option<Seq> {
    let seq = closest_mark(target)?.get_attribute("data-seq")?.parse().ok()?;
    (seq > 0).then_some(Seq(seq))
}

fn closest_mark(target: Option<web_sys::EventTarget>) -> Option<web_sys::Element> {
    target?.dyn_into::<web_sys::Element>().ok()?.closest("[data-seq]").ok()?
}

/// One mark's element. What is inside is text made by [`svg`], which escapes everything.
fn mark(element: Element, chosen: Memo<Option<Seq>>) -> impl IntoView {
    let seq = element.seq;
    let scenery = element.kind == MarkKind::Scenery;
    let class = move || match scenery {
        true => "scenery",
        false if chosen.get() == Some(seq) => "mark chosen",
        false => "mark",
    };
    s::g()
        .attr("class", class)
        .attr("id", (!scenery && element.kind != MarkKind::Socket).then(|| ["mark-", &seq.0.to_string()].concat()))
        .attr("data-seq", (!scenery).then(|| seq.0.to_string()))
        .attr("data-kind", element.kind.name())
        .attr("tabindex", (!scenery).then_some("-1"))
        .attr("role", if scenery { "presentation" } else { "img" })
        .attr("aria-label", (!scenery).then_some(element.name))
        .inner_html(element.svg)
}

fn draw(
    layout: &ladder::Ladder,
    story: &crate::model::Story,
    words: &'static crate::i18n::Words,
    (width, high, scrolled): (f64, f64, f64),
    now: protocol::Nanos,
    mode: protocol::TcpMode,
) -> Frame {
    let say = |what: &Say| (words.ladder.say)(what);
    let height = layout.height(now);
    let top = (scrolled - SPARE).max(0.0);
    let bottom = (scrolled + high + SPARE + 120.0).min(height);
    let picture = layout.picture(story, &Window { top, bottom, width, now, say: &say });
    let stream = layout.cast().transport.is_some_and(Transport::is_stream);
    let mode = if stream { (words.ladder.mode)(mode) } else { "" };
    let heads = svg::shapes(&heads::heads(story, layout.cast(), width, mode, &say));
    let elements = picture.marks.into_iter().map(|drawn| {
        let svg = svg::shapes(&drawn.shapes);
        let key =
            number(&[svg.as_bytes(), drawn.name.as_bytes(), &drawn.seq.0.to_le_bytes(), drawn.kind.name().as_bytes()]);
        Element { key, seq: drawn.seq, kind: drawn.kind, name: drawn.name, svg }
    });
    let mut elements: Vec<Element> = elements.collect();
    // Two equal marks would be one to the document.
    let mut seen = Index::new();
    elements.retain(|element| seen.insert(element.key, 0).is_none());
    let (height, top, bottom) = (height.ceil() as i32, top as i32, bottom.ceil() as i32);
    Frame { height, top, bottom, heads, elements, empty: story.is_empty() }
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
pub fn watch_size(of: NodeRef<Div>, size: RwSignal<(f64, f64)>) {
    let observer = StoredValue::new_local(None::<(web_sys::ResizeObserver, Closure<dyn FnMut()>)>);
    Effect::new(move |_| {
        let Some(element) = of.get() else { return };
        let watched = element.clone();
        let measure = move || {
            let now = (f64::from(watched.client_width()), f64::from(watched.client_height()));
            if now.0 > 0.0 && size.try_get_untracked().is_some_and(|before| before != now) {
                size.set(now);
            }
        };
        measure();
        let changed = Closure::<dyn FnMut()>::new(measure);
        if let Ok(watcher) = web_sys::ResizeObserver::new(changed.as_ref().unchecked_ref()) {
            watcher.observe(&element);
            observer.set_value(Some((watcher, changed)));
        }
    });
    on_cleanup(move || {
        observer.update_value(|observer| {
            if let Some((watcher, _)) = observer.take() {
                watcher.disconnect();
            }
        });
    });
}
