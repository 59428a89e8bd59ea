//! The byte tracker.

use super::dom::{El, el, holds, svg as svg_el, watch};
use super::ladder::{mark_at, watch_size};
use super::light::{Light, all as all_in, number};
use crate::live::Live;
use crate::model::ladder::{Cast, svg};
use crate::model::{Say, tracker};
use crate::store::{Selection, Store};
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

/// The piece that the keys point at has this name in the document.
const HERE: &str = "byte-here";

/// The byte tracker of the followed client.
pub fn tracker() -> El {
    let store = Store::get();
    let light = Light::get();
    let size = Live::new((850.0_f64, 100.0_f64));
    let (all, earlier, nothing) = (Live::new(false), Live::new(false), Live::new(true));
    let caption = el("p").class("tracker-caption");
    let (blocks, column) = (svg_el("g"), svg_el("rect").class("column"));
    let picture = svg_el("svg").class("tracker-svg").child(blocks.clone()).child(column.clone());
    let picture = picture.attr("tabindex", "0").attr("role", "group");
    let picture = picture.attr_said("aria-label", |words| words.ladder.tracker);
    let here = picture.element().clone();
    let choose = move |target| {
        if let Some(seq) = mark_at(target) {
            store.selection.set(Some(Selection::Event(seq)));
        }
    };
    let picture = picture.on("keydown", move |event| {
        let key = event.unchecked_ref::<KeyboardEvent>().key();
        match key.as_str() {
            "Enter" | " " => choose(found(&here).map(Into::into)),
            "Escape" => leave(&here),
            _ => match next(&here, &key) {
                Some(piece) => stand(&here, &piece),
                None => return,
            },
        }
        light.point(found(&here).map(Into::into));
        event.prevent_default();
        event.stop_propagation();
    });
    let left = picture.element().clone();
    let picture = picture.on("blur", move |_| {
        leave(&left);
        light.point(None);
    });
    let room = el("div")
        .child(picture.clone())
        .on("pointerover", move |event| light.point(event.target()))
        .on("pointerleave", move |_| light.point(None))
        .on("click", move |event| choose(event.target()));
    watch_size(room.element(), size);
    let (words_at, picture, blocks) = (caption.element().clone(), picture.element().clone(), blocks.element().clone());
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
        let height = found.as_ref().map_or(0.0, tracker::height) as i32;
        if now.0 != before.0 {
            blocks.set_inner_html(&now.0);
            let [wide, high] = [width as i32, height].map(|length| length.to_string());
            // On paper it is made as wide as the page.
            let whole = ["0 0 ", &wide, " ", &high].concat();
            for (name, value) in [("width", &wide), ("height", &high), ("viewBox", &whole)] {
                // Fails only for a name that is none.
                let _ = picture.set_attribute(name, value);
            }
        }
        if now.1 != before.1 {
            words_at.set_text_content(Some(&now.1));
        }
        before = now;
        // The column of the bytes that are lit, through all rows.
        let lit = light.focus.get();
        let place = found.as_ref().zip(lit).and_then(|(found, focus)| tracker::lit(found, width, &focus));
        let (from, to) = place.unwrap_or_default();
        let sides = [("x", from), ("y", 0.0), ("width", to - from), ("height", f64::from(height) - 16.0)];
        for (name, value) in sides {
            // Fails only for a name that is none.
            let _ = column.element().set_attribute(name, &(value.max(0.0) as i32).to_string());
        }
        light.paint_pieces(&picture);
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

/// The piece that the keys point at.
fn found(picture: &Element) -> Option<Element> {
    picture.query_selector(&["#", HERE].concat()).ok()?
}

fn leave(picture: &Element) {
    if let Some(piece) = found(picture) {
        // Both fail only for a name that is none.
        let _ = piece.remove_attribute("id");
        let _ = picture.remove_attribute("aria-activedescendant");
    }
}

fn stand(picture: &Element, piece: &Element) {
    leave(picture);
    let name = piece.parent_element().and_then(|block| block.first_element_child()?.text_content());
    let parts = [("id", HERE), ("role", "img"), ("aria-label", name.as_deref().unwrap_or_default())];
    for (name, value) in parts {
        // Fails only for a name that is none.
        let _ = piece.set_attribute(name, value);
    }
    let _ = picture.set_attribute("aria-activedescendant", HERE);
}

/// The piece to which a key goes: the next one of its row, or the nearest of another row.
fn next(picture: &Element, key: &str) -> Option<Element> {
    let along = match key {
        "ArrowRight" | "ArrowDown" | "Home" => 1,
        "ArrowLeft" | "ArrowUp" | "End" => -1,
        _ => return None,
    };
    let rows = all_in(picture, "[data-row]").into_iter().map(|row| all_in(&row, "[data-from]"));
    let rows: Vec<Vec<Element>> = rows.filter(|row| !row.is_empty()).collect();
    let place = found(picture).and_then(|here| {
        let at = |row: &Vec<Element>| row.iter().position(|piece| *piece == here);
        rows.iter().enumerate().find_map(|(n, row)| Some((n, at(row)?)))
    });
    let Some((row, at)) = place else { return rows.first()?.first().cloned() };
    match key {
        "Home" => rows[row].first().cloned(),
        "End" => rows[row].last().cloned(),
        "ArrowRight" | "ArrowLeft" => rows[row].get(at.checked_add_signed(along)?).cloned(),
        _ => {
            let from = number(&rows[row][at], "data-from")?;
            let other = rows.get(row.checked_add_signed(along)?)?;
            other
                .iter()
                .min_by_key(|piece| number(piece, "data-from").map_or(u64::MAX, |at| at.abs_diff(from)))
                .cloned()
        }
    }
}
