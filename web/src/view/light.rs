//! The same bytes, lit in the ladder and in the tracker: while somebody points at them, and while they are chosen.

use super::dom::watch;
use crate::live::Live;
use crate::model::focus::{self, Focus};
use crate::model::story::Index;
use crate::store::{Selection, Store};
use leptos::prelude::*;
use protocol::Seq;
use std::ops::Range;
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget};

/// The ladder's picture.
const LADDER: &str = "main .ladder-svg";

/// What is pointed at: a mark, and which of its bytes.
type Pointed = Option<(Seq, Option<Range<u64>>)>;

/// What is lit. A handle: copies share everything.
#[derive(Clone, Copy)]
pub struct Light {
    pointed: Live<Pointed>,
    /// The bytes that are lit.
    pub focus: Live<Option<Focus>>,
    /// The marks that carried them.
    lit: StoredValue<Index>,
}

impl Default for Light {
    fn default() -> Self {
        Self { pointed: Live::new(None), focus: Live::new(None), lit: StoredValue::new(Index::new()) }
    }
}

impl Light {
    /// The one that [`crate::app`] provides.
    #[must_use]
    pub fn get() -> Self {
        expect_context()
    }

    /// Somebody points at the mark under a pointer, or at nothing.
    pub fn point(self, target: Option<EventTarget>) {
        let pointed = target.and_then(pointed);
        if self.pointed.with_untracked(|before| *before != pointed) {
            self.pointed.set(pointed);
        }
    }

    /// Keeps what is lit as it is pointed at or chosen. The inspector does it: it is loaded when the first picture is drawn.
    pub fn shine(self) {
        let store = Store::get();
        watch(move || {
            let pointed = self.pointed.get();
            let chosen = match store.selection.get() {
                Some(Selection::Event(seq)) => Some((seq, None)),
                _ => None,
            };
            let now = store.picture(|story| {
                let (seq, part) = pointed.or(chosen)?;
                let focus = focus::of_mark(story, seq, part.as_ref())?;
                let lit: Index = focus::marks(story, &focus).into_iter().map(|seq| (seq.0, 0)).collect();
                Some((focus, lit))
            });
            let (focus, lit) = now.unzip();
            self.lit.set_value(lit.unwrap_or_default());
            if self.focus.with_untracked(|before| *before != focus) {
                self.focus.set(focus);
            }
            if let Ok(Some(ladder)) = document().query_selector(LADDER) {
                self.paint(&ladder);
            }
        });
    }

    /// Lights the marks in a picture; what was drawn just now, too.
    pub fn paint(self, picture: &Element) {
        let pointed = self.pointed.with_untracked(Option::is_some);
        self.lit.with_value(|lit| {
            // Fails only for a class with a space in it.
            let _ = picture.class_list().toggle_with_force("pointed", pointed && !lit.is_empty());
            for mark in all(picture, ".mark") {
                let seq = number(&mark, "data-seq");
                let is = seq.is_some_and(|seq| lit.contains_key(&seq));
                let _ = mark.class_list().toggle_with_force("lit", is);
            }
        });
    }

    /// Lights the pieces of blocks in the tracker.
    pub fn paint_pieces(self, picture: &Element) {
        let focus = self.focus.get_untracked();
        self.lit.with_value(|lit| {
            for piece in all(picture, "[data-from]") {
                let its = number(&piece, "data-from").zip(number(&piece, "data-to"));
                let kept = piece.closest("[data-row=recv-buffer]").is_ok_and(|row| row.is_some());
                let seq = piece.parent_element().and_then(|block| number(&block, "data-seq"));
                let carries = kept || seq.is_some_and(|seq| lit.contains_key(&seq));
                let within = focus.as_ref().zip(its).is_some_and(|(focus, (from, to))| {
                    (focus.letter.is_none() || !kept) && from < focus.range.end && focus.range.start < to
                });
                let _ = piece.class_list().toggle_with_force("lit", carries && within);
            }
        });
    }
}

/// All elements under another that a selector names.
pub fn all(under: &Element, selector: &str) -> Vec<Element> {
    // Fails only for what is no selector.
    let Ok(list) = under.query_selector_all(selector) else { return Vec::new() };
    (0..list.length()).filter_map(|at| list.get(at)?.dyn_into().ok()).collect()
}

/// A number in an attribute.
pub fn number(of: &Element, name: &str) -> Option<u64> {
    of.get_attribute(name)?.parse().ok()
}

fn pointed(target: EventTarget) -> Option<(Seq, Option<Range<u64>>)> {
    let target = target.dyn_into::<Element>().ok()?;
    let mark = target.closest("[data-seq]").ok()??;
    let seq = number(&mark, "data-seq").filter(|seq| *seq > 0)?;
    let piece = target.closest("[data-from]").ok()?;
    // Of a datagram the places on the ruler are no offsets, and it is whole or not at all.
    let part = piece.and_then(|piece| Some(number(&piece, "data-from")?..number(&piece, "data-to")?));
    Some((Seq(seq), part))
}
