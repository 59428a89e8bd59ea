//! A list over everything: the browser's own dialog, which keeps the focus and closes with Escape.

use super::desk::Desk;
use crate::store::Store;
use leptos::html::Dialog;
use leptos::prelude::*;

/// A dialog with a title and a button that closes it.
#[component]
pub fn Modal(
    /// What it is about.
    title: Signal<&'static str>,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    let store = Store::get();
    let desk = Desk::get();
    let node = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = node.get() {
            // Fails when it is open already.
            let _ = dialog.show_modal();
        }
    });
    view! {
        <dialog
            class="modal"
            node_ref=node
            aria-label=title
            on:close=move |_| desk.dialog.set(None)
        >
            <header>
                <h2>{title}</h2>
                <button
                    class="btn quiet"
                    aria-label=move || store.words().shell.close
                    on:click=move |_| desk.dialog.set(None)
                >
                    "×"
                </button>
            </header>
            {children()}
        </dialog>
    }
}
