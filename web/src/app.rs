//! The page as a whole: what lives as long as it does, and where everything stands.

use crate::i18n::Lang;
use crate::memory;
use crate::source::bridge::Bridge;
use crate::store::{Store, Theme};
use crate::view::abilities::Abilities;
use crate::view::console::Console;
use crate::view::desk::{Desk, Dialog, Tab};
use crate::view::header::Header;
use crate::view::inspector::Inspector;
use crate::view::keys::{self, Keys};
use crate::view::ladder::Ladder;
use crate::view::notices::Notices;
use crate::view::panel::Panel;
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
    keys::listen(store, desk);

    let tab = move || desk.tab.get().name();
    view! {
        <div
            id="page"
            class:no-left=move || !desk.left.get()
            class:no-right=move || !desk.right.get()
            class:sheet=move || desk.sheet.get()
            data-tab=tab
        >
            <a class="skip" href="#message">{move || store.words().shell.skip}</a>
            <Header />
            <aside class="left" id="left" aria-label=move || store.words().shell.left_panel>
                <Panel />
            </aside>
            <main class="main">
                <Toolbar />
                <Notices />
                <div class="ladder-pane" class:hidden=move || desk.table.get()>
                    <Ladder />
                </div>
                <Show when=move || desk.table.get()>
                    <div class="table-pane">
                        <Table />
                    </div>
                </Show>
                <div class="tracker-pane">
                    <Tracker />
                </div>
                <Console />
            </main>
            <aside class="right" id="right" aria-label=move || store.words().shell.right_panel>
                <button
                    class="btn quiet sheet-close"
                    aria-label=move || store.words().shell.close
                    on:click=move |_| desk.sheet.set(false)
                >
                    "×"
                </button>
                <Inspector />
            </aside>
            <nav class="tabs" aria-label=move || store.words().shell.tabs_name>
                {Tab::ALL
                    .map(|tab| {
                        view! {
                            <button
                                class="tab"
                                aria-pressed=move || (desk.tab.get() == tab).to_string()
                                on:click=move |_| {
                                    desk.sheet.set(false);
                                    desk.tab.set(tab);
                                }
                            >
                                {move || store.words().shell.tabs[tab as usize]}
                            </button>
                        }
                    })}
            </nav>
            <div class="aloud" role="status" aria-live="polite">
                {move || desk.aloud.get()}
            </div>
            <Show when=move || desk.dialog.get() == Some(Dialog::Keys)>
                <Keys />
            </Show>
            <Show when=move || desk.dialog.get() == Some(Dialog::Abilities)>
                <Abilities />
            </Show>
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
