//! The page as a whole: what lives as long as it does, and where everything stands.

use crate::i18n::Lang;
use crate::memory;
use crate::source::station::Station;
use crate::store::{Store, Theme};
use crate::view::console::{console, trouble};
use crate::view::desk::{Desk, Tab, narrow};
use crate::view::dom::{El, el, holds, watch};
use crate::view::find::{Finder, find};
use crate::view::header::header;
use crate::view::ladder::ladder;
use crate::view::later::{Later, later};
use crate::view::light::Light;
use crate::view::modal::modal;
use crate::view::newcomer::invitation;
use crate::view::notices::notices;
use crate::view::panel::panel;
use crate::view::parts::{button, cross};
use crate::view::scrub::scrub;
use crate::view::shelf::{self, Shelf};
use crate::view::time;
use crate::view::toolbar::toolbar;
use crate::view::wire::is_ours;
use crate::view::{desk, keys, link};
use leptos::mount::mount_to_body;
use leptos::prelude::*;
use std::time::Duration;

/// Mounts it on the document, in place of the first paint, in the language that its reader chose.
pub fn start() {
    let lang = Lang::recall();
    wasm_bindgen_futures::spawn_local(async move {
        let lang = lang.load().await.map_or(Lang::En, |()| lang);
        mount(lang);
    });
}

fn mount(lang: Lang) {
    if let Some(first_paint) = document().get_element_by_id("first-paint") {
        first_paint.remove();
    }
    // The empty view brings the executor and an owner that lives as long as the page.
    mount_to_body(move || {
        let store = Store::new(lang);
        let desk = Desk::new();
        provide_context(store);
        provide_context(desk);
        let shelf = Shelf::new(store, desk);
        provide_context(shelf);
        provide_context(Finder::default());
        provide_context(Light::default());
        remember_choices(store);
        Station::start(store);
        tick(store);
        // On a narrow screen the inspector comes up over what was tapped.
        watch(move || {
            let chosen = store.selection.get().is_some();
            desk.sheet.set(chosen && narrow());
            // Whoever points at something wants to know what it is.
            if chosen && !narrow() {
                desk.right.set(true);
            }
        });
        link::follow(store, desk);
        keys::listen(store, desk, shelf);
        // Fails only where there is no body.
        let _ = desk::body().append_child(page(desk).element());
    });
}

fn page(desk: Desk) -> El {
    let store = Store::get();
    let as_table = holds(move || desk.table.get());
    let tabs = Tab::ALL.map(|tab| {
        let pressed = holds(move || desk.tab.get() == tab);
        button("tab")
            .aria("aria-pressed", pressed)
            .text_as(move || store.words().shell.tabs[tab as usize].to_owned())
            .press(move || {
                desk.sheet.set(false);
                desk.tab.set(tab);
            })
    });
    let ladder_pane = el("div").class("ladder-pane").class_if("hidden", as_table).child(ladder());
    let ladder_pane = ladder_pane.child(invitation()).when(is_ours(), || later(Later::Caught));
    let two = time::beside::is_there();
    let ladder_pane = ladder_pane.class_if("two", two).when(two, || later(Later::Beside));
    // Always there for those who listen to it; seen in place of the ladder when it is asked for.
    let table_pane =
        el("div").class("table-pane").class_if("spoken", holds(move || !desk.table.get())).child(later(Later::Table));
    let main = el("main")
        .class("main")
        .child(toolbar())
        .when(time::is_ours(), || later(Later::Time))
        .child(find())
        .child(scrub())
        .child(notices())
        .child(later(Later::Tour))
        .child(ladder_pane)
        .child(table_pane)
        .child(el("div").class("tracker-pane").child(later(Later::Tracker)))
        .child(console());
    let right = el("aside")
        .class("right")
        .attr("id", "right")
        .attr_said("aria-label", |words| words.shell.right_panel)
        .child(cross("btn quiet sheet-close", |words| words.shell.close).press(move || desk.sheet.set(false)))
        .child(later(Later::Inspector));
    el("div")
        .attr("id", "page")
        .class_if("no-left", holds(move || !desk.left.get()))
        .class_if("no-right", holds(move || !desk.right.get()))
        .class_if("sheet", desk.sheet.into())
        .class_if("projector", desk.projector.into())
        .attr_as("data-tab", move || Some(desk.tab.get().name().to_owned()))
        .child(el("a").class("skip").attr("href", "#message").say(|words| words.shell.skip))
        .child(header())
        .child(panel())
        .child(main)
        .child(right)
        .child(el("nav").class("tabs").attr_said("aria-label", |words| words.shell.tabs_name).children(tabs))
        .child(
            el("div")
                .class("aloud")
                .attr("role", "status")
                .attr("aria-live", "polite")
                .text_as(move || desk.aloud.get()),
        )
        .child(el("div").class("toasts").region(|| trouble().into_iter().collect()))
        .child(shelf::target())
        .region(move || desk.dialog.get().map(modal).into_iter().collect())
}

/// Language and theme go to the root element, and to the browser's memory.
fn remember_choices(store: Store) {
    Effect::new(move |before: Option<(Lang, Theme)>| {
        let chosen = (store.lang.get(), store.theme.get());
        if let Some(root) = document().document_element() {
            // Setting an attribute fails only for a name that is none.
            let _ = root.set_attribute("lang", chosen.0.tag());
            let _ = root.set_attribute("data-theme", chosen.1.name());
        }
        if before.is_some() {
            memory::remember("lang", chosen.0.tag());
            memory::remember("theme", chosen.1.name());
        }
        chosen
    });
}

/// Lets what waits grow, while somebody can see it.
fn tick(store: Store) {
    let beat = move || {
        if !document().hidden() {
            store.beat();
        }
    };
    // Fails only where there is no window.
    let _ = set_interval_with_handle(beat, Duration::from_millis(100));
}
