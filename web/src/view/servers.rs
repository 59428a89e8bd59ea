//! The echo servers: where they listen, why one does not, and the buttons that stop, start and rebind it.

use super::console::order;
use super::desk::Desk;
use super::parts::{Said, always, button, command, live, press, say, text, toggle};
use crate::source::Link;
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
    let paused = Signal::derive(move || store.settings.with(|settings| !settings.wanted.reading));
    let switch = live(move || {
        if store.link.get() != Link::Live {
            return None;
        }
        let pause = press(move || {
            let what = Setting::Reading(paused.get_untracked());
            desk.act(store, Command::Server(ServerAction::Set(what)));
        });
        let labels: (Said, Said) = (|words| words.server.pause, |words| words.server.resume);
        Some(toggle("btn wide", labels, |words| words.server.pause_title, "p", paused, pause).into_any())
    });
    let list = live(move || Some(store.servers.get().into_iter().map(server).collect_view().into_any()));
    view! {
        {switch}
        <ul class="servers">{list}</ul>
    }
}

fn server(server: ServerInfo) -> AnyView {
    let store = Store::get();
    let id = server.id;
    let runs = server.socket.is_some();
    let tell = |action: ServerAction| command(Command::Server(action));
    let buttons = if runs {
        let waits = store.settings.with(|settings| !settings.waiting.is_empty());
        let class = if waits { "btn small primary" } else { "btn small" };
        let rebind = tell(ServerAction::Rebind(id));
        let stop = tell(ServerAction::Stop(id));
        let title: Said = |words| words.server.rebind_title;
        view! {
            {button(class, |words| words.server.rebind, title, always(false), rebind)}
            {button("btn small", |words| words.server.stop, |words| words.server.stop_title, always(false), stop)}
        }
        .into_any()
    } else {
        let start = tell(ServerAction::Start(id));
        let label: Said = |words| words.server.start;
        button("btn small primary", label, label, always(false), start).into_any()
    };
    let state: Said = match (runs, server.transport.is_stream()) {
        (true, true) => |words| words.server.listening,
        (true, false) => |words| words.server.receiving,
        (false, _) => |words| words.server.stopped,
    };
    let place = order(server.transport);
    let name = text(move || store.words().console.short[place].to_owned());
    let error = server.error.map(|error| {
        let words = text(move || (store.words().trouble.call)(&error));
        view! { <p class="bad">{words}</p> }
    });
    let address = server.address.to_string();
    view! {
        <li>
            <span class="what">
                <span class=if runs { "dot ok" } else { "dot bad" } role="img" aria-label=say(state) title=say(state)></span>
                <b>{name}</b>
            </span>
            <code class="address" title=address.clone()>
                {address.clone()}
            </code>
            <span class="acts">{buttons}</span>
            {error}
        </li>
    }
    .into_any()
}
