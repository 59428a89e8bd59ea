//! The legend: a button, and every sign with what it stands for.

use super::dom::{El, el, svg as svg_el};
use super::later::{Later, later};
use super::popover::menu;
use crate::i18n::legend::meaning;
use crate::model::ladder::{Shape, legend, svg};
use crate::model::say::Entry;
use crate::store::Store;

/// The button that opens it.
#[must_use]
pub fn opener() -> [El; 2] {
    menu("btn seldom legend-button", |words| words.ladder.legend, |_| later(Later::Legend))
}

/// Every sign.
#[must_use]
pub fn list() -> El {
    let lang = Store::get().lang.get_untracked();
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
