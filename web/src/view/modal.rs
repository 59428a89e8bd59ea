//! A list over everything: the browser's own dialog, which keeps the focus and closes with Escape.

use super::desk::{Desk, Dialog};
use super::parts::{Said, cross, live, press, say};
use super::{abilities, keys};
use leptos::html;
use leptos::prelude::*;

/// Whichever list is open.
#[component]
pub fn Modal() -> impl IntoView {
    let desk = Desk::get();
    live(move || {
        let (title, list): (Said, AnyView) = match desk.dialog.get()? {
            Dialog::Keys => (|words| words.shell.keys, keys::list()),
            Dialog::Abilities => (|words| words.shell.abilities, abilities::list()),
        };
        let node = NodeRef::<html::Dialog>::new();
        Effect::new(move |_| {
            if let Some(dialog) = node.get() {
                // Fails when it is open already.
                let _ = dialog.show_modal();
            }
        });
        let close = press(move || desk.dialog.set(None));
        let view = view! {
            <dialog class="modal" node_ref=node aria-label=say(title) on:close=move |_| desk.dialog.set(None)>
                <header>
                    <h2>{say(title)}</h2>
                    {cross("btn quiet", |words| words.shell.close, close)}
                </header>
                {list}
            </dialog>
        };
        Some(view.into_any())
    })
}
