//! The slider over the record: the story as it was at any moment, while the world runs on.

use super::dom::{El, el, holds};
use crate::model::wording::time;
use crate::store::Store;
use leptos::prelude::*;
use web_sys::HtmlInputElement;

/// A longer story is told anew only when the slider is let go.
const QUICK: usize = 60_000;

/// The bar; it is there while the view is frozen.
pub fn scrub() -> El {
    let store = Store::get();
    let frozen = holds(move || store.frozen.get().is_some());
    el("div").class("scrub-place").when(frozen, bar)
}

fn bar() -> El {
    let store = Store::get();
    // The whole record at the moment the view was frozen.
    let (all, newest) = store.live(|story| (story.len(), story.latest()));
    let shown = move || store.picture(crate::model::Story::len).min(all);
    let said = move || {
        let at = store.frozen.get().unwrap_or_default();
        (store.words().find.then)(&time(at.min(newest)), &time(newest))
    };
    let slider = el("input")
        .attr("type", "range")
        .attr("min", "0")
        .attr("max", &all.to_string())
        .attr_said("aria-label", |words| words.find.scrub)
        .attr_as("aria-valuetext", move || Some(said()))
        .prop("value", move || shown().to_string().into());
    let input: HtmlInputElement = slider.cast();
    // However often it moves in a frame, the story is told once.
    let asked = StoredValue::new(false);
    let go = move |input: HtmlInputElement| {
        if asked.get_value() {
            return;
        }
        asked.set_value(true);
        request_animation_frame(move || {
            if asked.try_set_value(false).is_none() {
                store.scrub(input.value().parse().unwrap_or(all));
            }
        });
    };
    let let_go = input.clone();
    let slider = slider
        .on("input", move |_| {
            if all <= QUICK {
                go(input.clone());
            }
        })
        .on("change", move |_| go(let_go.clone()));
    el("div").class("scrub").child(slider).child(el("output").text_as(said))
}
