//! The bar above the ladder: what can be done with the picture.

use super::desk::Desk;
use crate::store::Store;
use leptos::prelude::*;
use protocol::command::{Command, WorldAction};
use protocol::ids::ProgramId;

/// The toolbar.
#[component]
pub fn Toolbar() -> impl IntoView {
    let store = Store::get();
    let desk = Desk::get();
    let frozen = move || store.frozen.get().is_some();
    view! {
        <div class="bar">
            <button
                class="btn"
                aria-pressed=move || frozen().to_string()
                on:click=move |_| store.freeze(store.frozen.get_untracked().is_none())
            >
                {move || {
                    let words = &store.words().shell;
                    if frozen() { words.unfreeze } else { words.freeze }
                }}
                <kbd>"space"</kbd>
            </button>
            <button
                class="btn"
                title=move || store.words().shell.clear_title
                on:click=move |_| desk.act(store, Command::World(WorldAction::Clear))
            >
                {move || store.words().shell.clear}
            </button>
            <button
                class="btn"
                aria-pressed=move || desk.table.get().to_string()
                on:click=move |_| desk.table.update(|table| *table = !*table)
            >
                {move || {
                    let words = &store.words().shell;
                    if desk.table.get() { words.ladder } else { words.table }
                }}
                <kbd>"t"</kbd>
            </button>
            <span class="grow"></span>
            <Follow />
        </div>
    }
}

/// Whom the ladder follows: any client, also somebody's own program.
#[component]
fn Follow() -> impl IntoView {
    let store = Store::get();
    let clients = Memo::new(move |_| {
        store.read(|story| {
            let clients = story.clients();
            clients.into_iter().map(|client| (client.program, client.name)).collect::<Vec<_>>()
        })
    });
    let choose = move |event: web_sys::Event| {
        let chosen = event_target_value(&event).parse().ok().map(ProgramId);
        store.followed.set(chosen);
    };
    let options = move || {
        let followed = store.followed.get();
        let option = move |(program, name): (ProgramId, String)| {
            view! { <option value=program.to_string() selected=followed == Some(program)>{name}</option> }
        };
        clients.get().into_iter().map(option).collect_view()
    };
    view! {
        <Show when=move || { clients.with(|clients| clients.len() > 1) }>
            <label class="knob">
                {move || store.words().shell.following}
                <select class="field" on:change=choose>
                    <option value="" selected=move || store.followed.get().is_none()>
                        {move || store.words().shell.everybody}
                    </option>
                    {options}
                </select>
            </label>
        </Show>
    }
}
