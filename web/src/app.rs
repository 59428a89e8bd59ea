//! The page as a whole: what lives as long as it does, and where everything stands.

use crate::i18n::Lang;
use crate::memory;
use crate::source::bridge::Bridge;
use crate::store::{Store, Theme};
use crate::view::console::Console;
use crate::view::desk::{Desk, Tab, narrow};
use crate::view::header::Header;
use crate::view::inspector::Inspector;
use crate::view::keys;
use crate::view::ladder::Ladder;
use crate::view::modal::Modal;
use crate::view::notices::Notices;
use crate::view::panel::Panel;
use crate::view::parts::{aria, cross, holds, press, say, text, when};
use crate::view::table::Table;
use crate::view::toolbar::Toolbar;
use crate::view::tracker::Tracker;
use leptos::prelude::*;
use std::time::Duration;

/// Mounts it on the document, in place of the first paint.
pub fn mount() {
    if let Some(first_paint) = document().get_element_by_id("first-paint") {
        first_paint.remove();
    }
    mount_to_body(App);
}

/// The page.
#[component]
pub fn App() -> impl IntoView {
    let store = Store::new();
    let desk = Desk::new();
    provide_context(store);
    provide_context(desk);
    remember_choices(store);
    // The interval keeps the source alive as long as the page.
    let _source = StoredValue::new_local(Bridge::start(store));
    tick(store);
    // On a narrow screen the inspector comes up over what was tapped.
    Effect::new(move |_| desk.sheet.set(store.selection.get().is_some() && narrow()));
    keys::listen(store, desk);

    let hide_ladder = holds(move || desk.table.get());
    let tabs = Tab::ALL.map(|tab| {
        let go = press(move || {
            desk.sheet.set(false);
            desk.tab.set(tab);
        });
        let name = text(move || store.words().shell.tabs[tab as usize].to_owned());
        view! {
            <button class="tab" aria-pressed=aria(holds(move || desk.tab.get() == tab)) on:click=go>
                {name}
            </button>
        }
    });
    let close_sheet = press(move || desk.sheet.set(false));
    view! {
        <div
            id="page"
            class:no-left=holds(move || !desk.left.get())
            class:no-right=holds(move || !desk.right.get())
            class:sheet=holds(move || desk.sheet.get())
            data-tab=move || desk.tab.get().name()
        >
            <a class="skip" href="#message">
                {say(|words| words.shell.skip)}
            </a>
            {Header().into_any()}
            <aside class="left" id="left" aria-label=say(|words| words.shell.left_panel)>
                {Panel().into_any()}
            </aside>
            <main class="main">
                {Toolbar().into_any()} {Notices().into_any()} <div class="ladder-pane" class:hidden=hide_ladder>
                    {Ladder().into_any()}
                </div>
                {when(hide_ladder, || view! { <div class="table-pane">{Table().into_any()}</div> }.into_any())}
                <div class="tracker-pane">{Tracker().into_any()}</div> {Console().into_any()}
            </main>
            <aside class="right" id="right" aria-label=say(|words| words.shell.right_panel)>
                {cross("btn quiet sheet-close", |words| words.shell.close, close_sheet)} {Inspector().into_any()}
            </aside>
            <nav class="tabs" aria-label=say(|words| words.shell.tabs_name)>
                {tabs}
            </nav>
            <div class="aloud" role="status" aria-live="polite">
                {move || desk.aloud.get()}
            </div>
            {Modal().into_any()}
        </div>
    }
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
        if !document().hidden() && store.frozen.get_untracked().is_none() {
            store.tick.update(|tick| *tick += 1);
        }
    };
    // Fails only where there is no window.
    let _ = set_interval_with_handle(beat, Duration::from_millis(100));
}
