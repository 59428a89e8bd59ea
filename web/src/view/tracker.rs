//! The byte tracker.

use super::dom::{El, el, holds, svg as svg_el, watch};
use super::ladder::{mark_at, watch_size};
use crate::model::ladder::{Cast, svg};
use crate::model::{Say, tracker};
use crate::store::{Selection, Store};
use leptos::prelude::*;

/// The byte tracker of the followed client.
pub fn tracker() -> El {
    let store = Store::get();
    let size = RwSignal::new((850.0_f64, 100.0_f64));
    let (all, earlier, nothing) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(true));
    let caption = el("p").class("tracker-caption");
    let picture = svg_el("svg").class("tracker-svg");
    let room = el("div").child(picture.clone()).on("click", move |event| {
        if let Some(seq) = mark_at(event.target()) {
            store.selection.set(Some(Selection::Event(seq)));
        }
    });
    watch_size(room.element(), size);
    let (words_at, picture) = (caption.element().clone(), picture.element().clone());
    let mut before = (String::new(), String::new());
    watch(move || {
        let words = store.words();
        let say = |what: &Say| (words.ladder.say)(what);
        let followed = store.followed.get();
        let width = size.get().0;
        let (found, otherwise) = store.picture(|story| {
            let client = followed.or_else(|| Cast::around(story, None, false).clients.first().copied());
            // Of a program whose calls nobody sees one does not know that it sent nothing.
            let hidden = client.and_then(|id| story.program(id)).is_some_and(|program| !program.calls_visible);
            let otherwise = if hidden { Say::CallsNotVisible } else { Say::NothingYet };
            (client.and_then(|client| tracker::tracker(story, client, all.get())), otherwise)
        });
        let drawn = match &found {
            Some(found) => tracker::draw(found, width, &say).iter().map(svg::row).collect::<String>() + svg::AGAIN,
            None => String::new(),
        };
        let now = (drawn, found.as_ref().map_or_else(|| say(&otherwise), |found| say(&found.moral)));
        if now.0 != before.0 {
            picture.set_inner_html(&now.0);
            let height = found.as_ref().map_or(0.0, tracker::height) as i32;
            for (name, value) in [("width", width as i32), ("height", height)] {
                // Fails only for a name that is none.
                let _ = picture.set_attribute(name, &value.to_string());
            }
        }
        if now.1 != before.1 {
            words_at.set_text_content(Some(&now.1));
        }
        before = now;
        if nothing.get_untracked() == found.is_some() {
            nothing.set(found.is_none());
        }
        let more = found.is_some_and(|found| found.earlier);
        if earlier.get_untracked() != more {
            earlier.set(more);
        }
    });
    let choose = move || {
        el("button")
            .class("tracker-all")
            .attr("type", "button")
            .aria("aria-pressed", all.into())
            .say(|words| words.ladder.all)
            .press(move || all.update(|all| *all = !*all))
    };
    el("section")
        .class("tracker")
        .class_if("none", nothing.into())
        .attr_said("aria-label", |words| words.ladder.tracker)
        .child(el("div").class("tracker-line").child(caption).when(holds(move || earlier.get() || all.get()), choose))
        .child(room)
}
