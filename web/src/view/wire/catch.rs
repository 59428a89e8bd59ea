//! *Catch next*: which packet stops in the middle of the wire.

use super::SORTS;
use crate::store::Store;
use crate::view::desk::Desk;
use crate::view::later::{Later, later};
use crate::view::parts::{El, button, el, holds, labelled, number, select};
use crate::view::popover::Popover;
use leptos::prelude::*;
use protocol::command::Command;
use protocol::wire::{Filter, Way, WireAction};

const WAYS: [Option<Way>; 3] = [None, Some(Way::ToServer), Some(Way::ToClient)];
/// More than a person counts.
const MOST: u32 = 1_000;

/// What the button and its key catch.
fn wanted(desk: Desk) -> Filter {
    let (sort, way, nth) = desk.catch;
    Filter { way: WAYS[way.get() % WAYS.len()], what: SORTS[sort.get() % SORTS.len()], nth: nth.get() }
}

/// Begins to wait for what the button says, or stops waiting.
pub fn toggle(store: Store, desk: Desk) {
    let waits = store.wire_now(|wire| wire.catch.is_some());
    let filter = (!waits).then(|| untrack(|| wanted(desk)));
    desk.act(store, Command::Wire(WireAction::Catch(filter)));
}

/// A filter in words.
fn name(store: Store, filter: &Filter) -> String {
    let words = &store.words().wire;
    let sort = (words.sort)(filter.what);
    if filter.nth > 1 { (words.nth_of)(filter.nth, sort) } else { sort.to_owned() }
}

/// The button, the one that opens the choice, and the choice.
#[must_use]
pub fn catch() -> [El; 2] {
    let store = Store::get();
    let desk = Desk::get();
    let waits = holds(move || store.wire(|wire| wire.catch.is_some()));
    let words = move || {
        let words = &store.words().wire;
        match store.wire(|wire| wire.catch.clone()) {
            Some(filter) => (words.catching)(&name(store, &filter)),
            None => (words.catch)(&name(store, &wanted(desk))),
        }
    };
    let go = button("btn catch")
        .class_if("armed", waits)
        .aria("aria-pressed", waits)
        .attr_said("title", |words| words.wire.catch_title)
        .text_as(words)
        .text(" ")
        .child(el("kbd").text("C"))
        .press(move || toggle(store, desk));
    let popover = Popover::new();
    let open = popover.opens(button("btn caret").attr_said("aria-label", |words| words.wire.catch_what).text("▾"));
    let panel = popover.panel(|words| words.wire.catch_what, &go, move || later(Later::Catch(popover)));
    [el("span").class("split").child(go).child(open), panel]
}

/// The choice of what is caught next.
pub fn choice(popover: Popover) -> El {
    let store = Store::get();
    let desk = Desk::get();
    let (chosen_sort, chosen_way, chosen_nth) = desk.catch;
    let sorts = [0, 1, 2, 3, 4, 5, 6, 7].map(|at| {
        let sort = SORTS[at];
        let chosen = holds(move || chosen_sort.get() == at);
        button("btn small")
            .aria("aria-pressed", chosen)
            .text_as(move || (store.words().wire.sort)(sort).to_owned())
            .press(move || chosen_sort.set(at))
    });
    let ways = move || store.words().wire.ways.map(str::to_owned).to_vec();
    let set_nth = move |typed: String| chosen_nth.set(typed.parse().unwrap_or(1).clamp(1, MOST));
    let nth = number((1, MOST.into()), move || chosen_nth.get().to_string(), set_nth);
    let go = button("btn primary").say(|words| words.wire.catch_now).press(move || {
        desk.act(store, Command::Wire(WireAction::Catch(Some(untrack(|| wanted(desk))))));
    });
    el("div")
        .class("pop-form")
        .child(el("div").class("sorts").attr("role", "group").children(sorts))
        .child(labelled(|words| words.wire.nth, nth))
        .child(labelled(|words| words.wire.way, select(ways, move || chosen_way.get(), move |at| chosen_way.set(at))))
        .child(popover.closes(go))
}
