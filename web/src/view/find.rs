//! Finding marks, and choosing which are shown.

use super::dom::{El, el, holds, watch};
use super::later::{Later, later};
use super::parts::{button, cross, toggle, worded};
use crate::live::Live;
use crate::model::Story;
use crate::model::filter::Filter;
use crate::model::search::{Query, Search};
use crate::model::story::Place;
use crate::store::{Selection, Store};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, KeyboardEvent};

/// So many events are looked at in one frame: a long story is searched while the page goes on.
const PART: usize = 60_000;
/// So many hits are marked in the overview.
const MARKED: usize = 400;

/// What is looked for and what is shown. A handle: copies share everything.
#[derive(Clone, Copy)]
pub struct Finder {
    /// Whether the bar is there.
    pub open: Live<bool>,
    /// What is shown.
    pub filter: Live<Filter>,
    typed: Live<String>,
    search: StoredValue<Search, LocalStorage>,
    /// How many were found, and whether everything was looked at.
    found: Live<(usize, bool)>,
    /// The how many-th is chosen; 0 for none.
    at: Live<usize>,
    /// Moves when there is more to look at.
    more: Live<u32>,
}

impl Default for Finder {
    fn default() -> Self {
        Self {
            open: Live::new(false),
            filter: Live::new(Filter::default()),
            typed: Live::new(String::new()),
            search: StoredValue::new_local(Search::default()),
            found: Live::new((0, true)),
            at: Live::new(0),
            more: Live::new(0),
        }
    }
}

impl Finder {
    /// The one that [`crate::app`] provides.
    #[must_use]
    pub fn get() -> Self {
        expect_context()
    }

    /// Opens the bar, and goes to its field.
    pub fn show(self) {
        self.open.set(true);
        super::desk::focus("find");
    }

    fn hide(self) {
        self.open.set(false);
        self.typed.set(String::new());
        self.filter.set(Filter::default());
    }

    /// The events that were found, as many as an overview can mark.
    pub fn places(self) -> Vec<Place> {
        self.found.track();
        self.search.with_value(|search| search.found().iter().rev().take(MARKED).copied().collect())
    }

    fn turn(self, store: Store, forward: bool) {
        let here = match store.selection.get_untracked() {
            Some(Selection::Event(seq)) => Some(seq),
            _ => None,
        };
        let next = store.peek(|story| self.search.with_value(|search| search.next(story, here, forward)));
        if let Some((seq, at)) = next {
            self.at.set(at);
            store.selection.set(Some(Selection::Event(seq)));
        }
    }

    /// Looks at a part of what is new.
    fn look(self, store: Store) {
        let query = Query::read(&self.typed.get());
        self.more.track();
        let look = |story: &Story| {
            let found = self.search.try_update_value(|search| {
                search.ask(query);
                let all = search.go_on(story, PART);
                (search.count(), all)
            });
            found.unwrap_or_default()
        };
        let found = store.picture(look);
        if self.found.get_untracked() != found {
            self.found.set(found);
        }
        if !found.1 {
            request_animation_frame(move || self.more.update(|more| *more += 1));
        }
    }
}

/// The bar; it is there while it is open.
pub fn find() -> El {
    let finder = Finder::get();
    el("div").class("find-place").when(finder.open.into(), || later(Later::Find))
}

/// The bar itself.
pub fn bar() -> El {
    let (store, finder) = (Store::get(), Finder::get());
    watch(move || finder.look(store));
    let field = el("input")
        .class("field")
        .attr("id", "find")
        .attr("type", "search")
        .attr("autocomplete", "off")
        .attr("spellcheck", "false")
        .attr_said("aria-label", |words| words.find.find)
        .attr_said("placeholder", |words| words.find.hint);
    let input: HtmlInputElement = field.cast();
    let field = field
        .on("input", move |_| {
            finder.at.set(0);
            finder.typed.set(input.value());
        })
        .on("keydown", move |event| {
            let event: KeyboardEvent = event.unchecked_into();
            match event.key().as_str() {
                "Enter" => finder.turn(store, !event.shift_key()),
                "Escape" => finder.hide(),
                _ => return,
            }
            event.prevent_default();
            event.stop_propagation();
        });
    let asked = holds(move || finder.typed.with(|typed| !typed.trim().is_empty()));
    let count = move || {
        let words = &store.words().find;
        let (count, all) = finder.found.get();
        match (asked.get(), count, all) {
            (false, ..) => String::new(),
            (_, 0, true) => words.nothing.to_owned(),
            (_, count, true) => (words.count)(finder.at.get(), count),
            (_, count, false) => [&(words.count)(0, count), " · ", words.looking].concat(),
        }
    };
    let turn = move |way: usize, sign: &str| {
        button("btn quiet")
            .attr_said("aria-label", if way == 0 { |words| words.find.turns[0] } else { |words| words.find.turns[1] })
            .text(sign)
            .press(move || finder.turn(store, way == 1))
    };
    let sorts = [0, 1, 2, 3].map(|sort: usize| {
        let on = holds(move || finder.filter.get().sorts[sort]);
        button("btn small")
            .aria("aria-pressed", on)
            .text_as(move || store.words().find.sorts[sort].to_owned())
            .press(move || finder.filter.update(|filter| filter.sorts[sort] = !filter.sorts[sort]))
    });
    let trouble = holds(move || finder.filter.get().trouble);
    let only = worded("btn small", |words| words.find.trouble)
        .aria("aria-pressed", trouble)
        .press(move || finder.filter.update(|filter| filter.trouble = !filter.trouble));
    el("div")
        .class("find")
        .attr("role", "search")
        .child(field)
        .child(turn(0, "‹"))
        .child(turn(1, "›"))
        .child(el("span").class("find-count").attr("role", "status").text_as(count))
        .child(
            el("div")
                .class("find-sorts")
                .attr("role", "group")
                .attr_said("aria-label", |words| words.find.show)
                .children(sorts)
                .child(only),
        )
        .child(cross("btn quiet", |words| words.find.close).press(move || finder.hide()))
}

/// The button that opens it, pressed while it is open or something is not shown.
pub fn opener() -> El {
    let finder = Finder::get();
    let down = holds(move || finder.open.get());
    toggle("btn seldom", (|words| words.find.find, |words| words.find.find), "/", down)
        .press(move || if finder.open.get_untracked() { finder.hide() } else { finder.show() })
}
