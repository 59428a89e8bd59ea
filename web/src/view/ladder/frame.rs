//! One picture of the ladder, put into the document: marks that did not change are not touched.

use crate::i18n::Words;
use crate::model::ladder::{self, Scroll, Window, heads, scroll, svg};
use crate::model::story::Index;
use crate::model::{MarkKind, Say, Story};
use crate::view::dom::svg as svg_el;
use protocol::{How, Nanos, Seq, TcpMode, Transport};
use web_sys::{Element, HtmlElement};

/// So much is drawn above and below what is seen, so that a short scroll shows no white.
const SPARE: f64 = 400.0;
/// Pictures are drawn from a multiple of this on: the numbers in SVG have seven digits, and a long story has more
/// pixels than that.
const ORIGIN: f64 = 65_536.0;

/// One mark, ready for the document.
struct Ready {
    /// Its content as a number: an element whose number stays is not touched.
    key: u64,
    seq: Seq,
    kind: MarkKind,
    name: String,
    over: bool,
    how: How,
    svg: String,
}

/// What is drawn now. Whole numbers: printing fractions costs more code than the whole ladder.
pub struct Frame {
    /// How high the scrolled element is.
    room: i32,
    /// Where the picture is in it.
    at: i32,
    top: i32,
    bottom: i32,
    heads: String,
    marks: Vec<Ready>,
}

/// A mark in the document.
pub struct Placed {
    key: u64,
    element: Element,
}

/// What is in the document now.
#[derive(Default)]
pub struct Shown {
    placed: Vec<Placed>,
    heads: String,
}

/// The elements that a picture changes.
pub struct Parts {
    /// The titles.
    pub heads: Element,
    /// The picture.
    pub picture: Element,
    /// The part that is drawn.
    pub window: HtmlElement,
    /// As long as all of it.
    pub room: HtmlElement,
}

/// How high the heads of the lanes are, CSS pixels.
pub const HEADS: &str = "42";

impl Parts {
    /// Puts a frame into the document; marks that did not change are not touched, so they keep their focus.
    pub fn show(&self, kept: &mut Shown, frame: Frame, width: i32, chosen: Option<Seq>) {
        let drawn = width.max(320);
        if kept.heads != frame.heads {
            self.heads.set_inner_html(&frame.heads);
            kept.heads = frame.heads;
        }
        set(&self.heads, "width", &width.to_string());
        // On paper all is made as wide as the page.
        set(&self.heads, "viewBox", &["0 0 ", &width.to_string(), " ", HEADS].concat());
        let high = (frame.bottom - frame.top).max(0);
        set(&self.picture, "width", &drawn.to_string());
        set(&self.picture, "height", &high.to_string());
        set(&self.picture, "viewBox", &[0, frame.top, drawn, high].map(|part| part.to_string()).join(" "));
        style(&self.room, "height", frame.room);
        style(&self.window, "top", frame.at);

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
                let list = element.class_list();
                // Fails only for a class with a space in it.
                let _ = list.toggle_with_force("chosen", chosen == Some(mark.seq) && mark.kind != MarkKind::Cause);
            }
            next = Some(element.clone());
            placed.push(Placed { key: mark.key, element });
        }
        before.values().for_each(|at| kept.placed[*at as usize].element.remove());
        kept.placed = placed;
    }
}

/// Sets an attribute that is not so already.
pub fn set(element: &Element, name: &str, value: &str) {
    if element.get_attribute(name).as_deref() != Some(value) {
        // Fails only for a name that is none.
        let _ = element.set_attribute(name, value);
    }
}

fn style(element: &HtmlElement, name: &str, pixels: i32) {
    // Fails only for a name that is none.
    let _ = element.style().set_property(name, &[&pixels.to_string(), "px"].concat());
}

/// One mark's element. What is inside was written by [`svg`], which escapes every text.
fn element(mark: &Ready) -> Element {
    let group = svg_el("g").attr("data-kind", mark.kind.name());
    group.element().set_inner_html(&mark.svg);
    let group = if mark.seq.0 == 0 {
        group.attr("role", "presentation")
    } else {
        let seq = mark.seq.0.to_string();
        // What is on a card is pressed; everything else is looked at.
        let pressed = matches!(mark.kind, MarkKind::Cause | MarkKind::Remedy);
        let (tab, role) = if pressed { ("0", "button") } else { ("-1", "img") };
        let group = group.class("mark").attr("data-seq", &seq).attr("tabindex", tab).attr("role", role);
        let group = group.attr("data-how", how(mark.how)).attr("aria-label", &mark.name);
        // A connection has its line and its label, a packet too: only one of them can carry the name.
        if mark.over || mark.kind == MarkKind::Socket { group } else { group.attr("id", &["mark-", &seq].concat()) }
    };
    group.cast()
}

/// Draws what is seen of a layout.
pub fn draw(
    layout: &ladder::Ladder,
    story: &Story,
    words: &'static Words,
    (width, high, scroll): (f64, f64, Scroll),
    now: Nanos,
    mode: TcpMode,
) -> Frame {
    let say = |what: &Say| (words.ladder.say)(what);
    // Lanes go on to the bottom of what is seen.
    let height = layout.height(now).max(high);
    let top = (scroll.top - SPARE).max(0.0);
    let bottom = (scroll.top + high + SPARE + 120.0).min(height);
    let origin = (top / ORIGIN).floor() * ORIGIN;
    let picture = layout.picture(story, &Window { top, bottom, width, floor: height, now, say: &say });
    let stream = layout.cast().transport.is_some_and(Transport::is_stream);
    let mode = if stream { (words.ladder.mode)(mode) } else { "" };
    let heads = svg::shapes(&heads::heads(story, layout.cast(), width, heads::Told { mode, run: None }, &say));
    let marks = picture.marks.into_iter().map(|mut drawn| {
        drawn.shapes.iter_mut().for_each(|shape| shape.lift(origin));
        let svg = svg::shapes(&drawn.shapes);
        let known = match drawn.how {
            How::Observed => None,
            How::Reported => Some(words.ladder.known[0]),
            How::Derived => Some(words.ladder.known[1]),
        };
        // How it is known is said where it was not simply seen.
        let name = match known.filter(|_| drawn.seq.0 > 0 && drawn.kind != MarkKind::Cause) {
            Some(known) => [&drawn.name, ", ", known].concat(),
            None => drawn.name,
        };
        let (kind, sign) = (drawn.kind.name(), how(drawn.how));
        let key =
            number(&[svg.as_bytes(), name.as_bytes(), &drawn.seq.0.to_le_bytes(), kind.as_bytes(), sign.as_bytes()]);
        Ready { key, seq: drawn.seq, kind: drawn.kind, name, over: drawn.over, how: drawn.how, svg }
    });
    let mut marks: Vec<Ready> = marks.collect();
    // Two equal marks would be one to the document.
    let mut seen = Index::new();
    marks.retain(|mark| seen.insert(mark.key, 0).is_none());
    let at = (top - scroll.top + scroll.bar).round() as i32;
    let (top, bottom) = ((top - origin) as i32, (bottom - origin).ceil() as i32);
    Frame { room: scroll::room(height).ceil() as i32, at, top, bottom, heads, marks }
}

/// The word in the document.
fn how(how: How) -> &'static str {
    match how {
        How::Observed => "observed",
        How::Reported => "reported",
        How::Derived => "derived",
    }
}

/// FNV-1a: small, and good enough to tell one picture from the next.
fn number(parts: &[&[u8]]) -> u64 {
    parts
        .iter()
        .copied()
        .flatten()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
