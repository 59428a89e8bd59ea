//! The echo servers: where they listen, why one does not, and the buttons that stop, start and rebind it.

use super::console::order;
use super::desk::Desk;
use super::parts::{El, Said, command, el, holds, toggle, worded};
use crate::source::Link;
use crate::store::Store;
use leptos::prelude::*;
use protocol::command::{Command, ServerAction};
use protocol::message::ServerInfo;
use protocol::program::Setting;

/// Adds the servers, and the one switch that lessons use most.
#[must_use]
pub fn servers(to: El) -> El {
    let store = Store::get();
    let desk = Desk::get();
    let paused = holds(move || store.settings.with(|settings| !settings.wanted.reading));
    let live = holds(move || store.link.get() == Link::Live);
    let list = el("ul").class("servers").region(move || store.servers.get().iter().map(server).collect());
    to.when(live, move || {
        toggle("btn wide", (|words| words.server.pause, |words| words.server.resume), "p", paused)
            .attr_said("title", |words| words.server.pause_title)
            .press(move || {
                let what = Setting::Reading(paused.get_untracked());
                desk.act(store, Command::Server(ServerAction::Set(what)));
            })
    })
    .child(list)
}

fn server(server: &ServerInfo) -> El {
    let store = Store::get();
    let id = server.id;
    let runs = server.socket.is_some();
    let button = |class: &str, label: Said, title: Said, action: ServerAction| {
        worded(class, label).attr_said("title", title).press(command(Command::Server(action)))
    };
    let acts = el("span").class("acts");
    let acts =
        if runs {
            let waits = store.settings.with(|settings| !settings.waiting.is_empty());
            let class = if waits { "btn small primary" } else { "btn small" };
            let rebind = ServerAction::Rebind(id);
            acts.child(button(class, |words| words.server.rebind, |words| words.server.rebind_title, rebind)).child(
                button("btn small", |words| words.server.stop, |words| words.server.stop_title, ServerAction::Stop(id)),
            )
        } else {
            let start: Said = |words| words.server.start;
            acts.child(button("btn small primary", start, start, ServerAction::Start(id)))
        };
    let state: Said = match (runs, server.transport.is_stream()) {
        (true, true) => |words| words.server.listening,
        (true, false) => |words| words.server.receiving,
        (false, _) => |words| words.server.stopped,
    };
    let dot = el("span")
        .class(if runs { "dot ok" } else { "dot bad" })
        .attr("role", "img")
        .attr_said("aria-label", state)
        .attr_said("title", state);
    let place = order(server.transport);
    let name = el("b").text_as(move || store.words().console.short[place].to_owned());
    let address = server.address.to_string();
    let error = server.error.map(|error| el("p").class("bad").text_as(move || (store.words().trouble.call)(&error)));
    el("li")
        .child(el("span").class("what").child(dot).child(name))
        .child(el("code").class("address").attr("title", &address).text(&address))
        .child(acts)
        .children(error)
}
