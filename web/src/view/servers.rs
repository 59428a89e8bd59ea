//! The echo servers: where they listen, why one does not, and the buttons that stop, start and rebind it.

use super::desk::Desk;
use crate::model::wording;
use crate::store::Store;
use leptos::prelude::*;
use protocol::command::{Command, ServerAction};
use protocol::message::ServerInfo;
use protocol::program::Setting;

/// The servers, and the one switch that lessons use most.
#[component]
pub fn Servers() -> impl IntoView {
    let store = Store::get();
    let desk = Desk::get();
    let reading = Memo::new(move |_| store.settings.with(|settings| settings.wanted.reading));
    let pause = move |_| {
        let what = Setting::Reading(!reading.get_untracked());
        desk.act(store, Command::Server(ServerAction::Set(what)));
    };
    view! {
        <button
            class="btn wide"
            class:on=move || !reading.get()
            aria-pressed=move || (!reading.get()).to_string()
            title=move || store.words().server.pause_title
            on:click=pause
        >
            {move || {
                let words = &store.words().server;
                if reading.get() { words.pause } else { words.resume }
            }}
            <kbd>"p"</kbd>
        </button>
        <ul class="servers">
            {move || store.servers.get().into_iter().map(|server| view! { <Server server /> }).collect_view()}
        </ul>
    }
}

#[component]
fn Server(server: ServerInfo) -> impl IntoView {
    let store = Store::get();
    let desk = Desk::get();
    let id = server.id;
    let runs = server.socket.is_some();
    let error = server.error;
    let stream = server.transport.is_stream();
    let state = move || {
        let words = &store.words().server;
        match (runs, stream) {
            (true, true) => words.listening,
            (true, false) => words.receiving,
            (false, _) => words.stopped,
        }
    };
    let waits = move || store.settings.with(|settings| !settings.waiting.is_empty());
    let give = move |action: ServerAction| move |_| desk.act(store, Command::Server(action.clone()));
    let buttons = if runs {
        view! {
            <button
                class="btn small"
                class:primary=waits
                title=move || store.words().server.rebind_title
                on:click=give(ServerAction::Rebind(id))
            >
                {move || store.words().server.rebind}
            </button>
            <button
                class="btn small"
                title=move || store.words().server.stop_title
                on:click=give(ServerAction::Stop(id))
            >
                {move || store.words().server.stop}
            </button>
        }
        .into_any()
    } else {
        view! {
            <button class="btn small primary" on:click=give(ServerAction::Start(id))>
                {move || store.words().server.start}
            </button>
        }
        .into_any()
    };
    view! {
        <li>
            <span class="what">
                <b>{wording::transport(server.transport)}</b>
                <small class:bad=error.is_some()>{state}</small>
            </span>
            <code class="address" title=server.address.to_string()>{server.address.to_string()}</code>
            <span class="acts">{buttons}</span>
            {error
                .map(|error| {
                    view! { <p class="bad">{move || (store.words().trouble.call)(&error)}</p> }
                })}
        </li>
    }
}
