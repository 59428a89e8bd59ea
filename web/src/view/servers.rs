//! The echo servers: where they listen, why one does not, and the buttons that stop, start and rebind it.

use super::console::order;
use super::parts::{El, Said, button, command, el, holds, middle, worded};
use crate::live::Live;
use crate::store::Store;
use protocol::command::{Command, ServerAction};
use protocol::message::ServerInfo;

/// So many letters of an address fit beside its name.
const SHORT: usize = 24;

/// Adds the servers. Those on IPv6 that have a twin on IPv4 are folded away.
#[must_use]
pub fn servers(to: El) -> El {
    let store = Store::get();
    let (front, twins) = (move || split(store).0, move || split(store).1);
    let open = Live::new(false);
    let rows = |servers: Vec<ServerInfo>| servers.iter().map(server).collect::<Vec<_>>();
    let count = move || twins().len();
    let more = move || {
        button("more-servers")
            .aria("aria-expanded", open.into())
            .text_as(move || (store.words().server.twins)(count()))
            .press(move || open.update(|open| *open = !*open))
    };
    to.child(el("ul").class("servers").region(move || rows(front())))
        .when(holds(move || count() > 0), more)
        .when(open.into(), move || el("ul").class("servers").region(move || rows(twins())))
}

/// The servers, and apart those on IPv6 that have a twin on IPv4 and run.
fn split(store: Store) -> (Vec<ServerInfo>, Vec<ServerInfo>) {
    let servers = store.servers.get();
    let ipv4 = |server: &ServerInfo| server.address.inet().is_some_and(|address| address.is_ipv4());
    let twin = |server: &ServerInfo| {
        let other = |other: &ServerInfo| other.transport == server.transport && ipv4(other);
        let ipv6 = server.address.inet().is_some_and(|address| address.is_ipv6());
        ipv6 && server.socket.is_some() && servers.iter().any(other)
    };
    servers.iter().cloned().partition(|server| !twin(server))
}

fn server(server: &ServerInfo) -> El {
    let store = Store::get();
    let id = server.id;
    let runs = server.socket.is_some();
    let act = |class: &str, label: Said, title: Said, action: ServerAction| {
        worded(class, label).attr_said("title", title).press(command(Command::Server(action)))
    };
    let acts = el("span").class("acts");
    let waits = store.settings.with(|settings| !settings.waiting.is_empty());
    let acts = if runs {
        let class = if waits { "btn small primary" } else { "btn small" };
        let rebind = ServerAction::Rebind(id);
        acts.child(act(class, |words| words.server.rebind, |words| words.server.rebind_title, rebind)).child(act(
            "btn small",
            |words| words.server.stop,
            |words| words.server.stop_title,
            ServerAction::Stop(id),
        ))
    } else {
        let start: Said = |words| words.server.start;
        acts.child(act("btn small primary", start, start, ServerAction::Start(id)))
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
        .class(if runs && !waits { "" } else { "busy" })
        .child(el("span").class("what").child(dot).child(name))
        .child(el("code").class("address").attr("title", &address).text(&middle(&address, SHORT)))
        .child(acts)
        .children(error)
}
