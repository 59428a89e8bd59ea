//! The legend: a button, and every sign with what it stands for.

use super::dom::{El, el, svg as svg_el};
use super::popover::menu;
use crate::i18n::legend::meaning;
use crate::model::ladder::{Shape, legend, svg};
use crate::model::say::Entry;
use crate::part;
use crate::store::Store;
use leptos::prelude::GetUntracked;
use leptos::task::spawn_local;

/// The button that opens it.
#[must_use]
pub fn opener() -> [El; 2] {
    menu("btn legend-button", |words| words.ladder.legend, |_| place())
}

/// Where it comes when it is loaded.
fn place() -> El {
    let (place, lang) = (el("div"), Store::get().lang.get_untracked());
    let here = place.clone();
    spawn_local(async move {
        let list = part::legend(lang).await;
        drop(here.child(list.unwrap_or_else(|_| el("p").class("aside").text(lang.words().trouble.not_loaded))));
    });
    place
}

/// Every sign.
#[must_use]
pub fn list(lang: crate::i18n::Lang) -> El {
    let size = [legend::SIZE.0, legend::SIZE.1].map(|length| (length as i32).to_string());
    let row = |(entry, shapes): (Entry, Vec<Shape>)| {
        let picture = svg_el("svg").attr("width", &size[0]).attr("height", &size[1]).attr("aria-hidden", "true");
        picture.element().set_inner_html(&svg::shapes(&shapes));
        let picture = if shapes.is_empty() { el("span") } else { picture };
        el("li").child(picture).child(el("span").text(meaning(lang, entry)))
    };
    let again = svg_el("svg").class("legend-defs").attr("aria-hidden", "true");
    again.element().set_inner_html(svg::AGAIN);
    // One can go there by key: on a low screen it scrolls.
    let signs = el("ul").class("legend").attr("tabindex", "0");
    el("div").child(again).child(signs.children(legend::legend().into_iter().map(row)))
}
