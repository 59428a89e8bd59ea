//! The runs: which one is shown, where each came from, and which one lies beside it.

use super::chip;
use crate::model::wording;
use crate::store::Store;
use crate::time::{Run, TimeAction};
use crate::view::parts::{El, el, labelled, select};
use leptos::prelude::*;

/// The runs, oldest first, and the choice of one to compare with.
pub fn runs() -> El {
    let store = Store::get();
    let others =
        move || store.runs.get().into_iter().filter(|run| !run.shown).map(|run| run.number).collect::<Vec<_>>();
    // Nothing comes first.
    let names = move || {
        let words = &store.words().time;
        let names = others().into_iter().map(words.run);
        [words.none.to_owned()].into_iter().chain(names).collect()
    };
    let chosen = move || {
        let beside = store.beside.get();
        others().iter().position(|number| Some(*number) == beside).map_or(0, |at| at + 1)
    };
    let choose = move |at: usize| {
        let number = at.checked_sub(1).and_then(|at| untrack(others).get(at).copied());
        store.act_on_time(TimeAction::Beside(number));
    };
    el("span")
        .class("runs")
        .attr("role", "group")
        .attr_said("aria-label", |words| words.time.runs)
        .region(move || store.runs.get().iter().map(|one| run(store, one)).collect())
        .child(labelled(|words| words.time.beside, select(names, chosen, choose)).class("knob"))
}

fn run(store: Store, run: &Run) -> El {
    let words = &store.words().time;
    let from = run.from.map_or_else(|| words.first.to_owned(), |(from, at)| (words.forked)(from, &wording::moment(at)));
    let number = run.number;
    chip(&(words.run)(number), &from, run.shown, move || store.act_on_time(TimeAction::Show(number)))
}
