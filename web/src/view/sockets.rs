//! Every socket the story knows, and the programs that are not ours.

use super::desk::Desk;
use crate::model::Story;
use crate::model::story::{Client, SocketRecord};
use crate::model::wording;
use crate::store::{Selection, Store};
use leptos::prelude::*;
use protocol::command::{Command, ServerAction};
use protocol::event::Kind;
use protocol::gauge::GaugeKey;
use protocol::ids::SocketId;
use protocol::program::Role;
use protocol::state::TcpState;

/// More rows than this nobody reads.
const MOST: usize = 200;

/// What one row says.
#[derive(Clone, PartialEq)]
struct Row {
    id: SocketId,
    title: String,
    ends: String,
    state: Option<TcpState>,
    seats: Option<(u64, u64)>,
    unread: u64,
    queued: bool,
    /// The server can hang up.
    accepted: bool,
}

fn row(story: &Story, socket: &SocketRecord) -> Row {
    let state = socket.states.last().and_then(|place| match story.event_at(*place).kind {
        Kind::State { to, .. } => Some(to),
        _ => None,
    });
    let listens = socket.listening.is_some();
    let program = socket.program.and_then(|id| story.program(id));
    let name = program.map(|program| program.name.as_str()).unwrap_or_default();
    let transport = socket.transport.map(wording::transport).unwrap_or_default();
    let local = socket.local.as_ref().map(ToString::to_string);
    let peer = socket.peer.as_ref().filter(|_| !listens).map(ToString::to_string);
    let ends = local.into_iter().chain(peer).collect::<Vec<_>>().join(" ↔ ");
    let seats = listens.then(|| {
        let limit = socket.value(GaugeKey::AcceptLimit).or(socket.listening.map(|(backlog, _)| backlog.into()));
        (socket.value(GaugeKey::AcceptQueue).unwrap_or(0), limit.unwrap_or(0) + 1)
    });
    let accepted = socket.parent.is_some() && program.is_some_and(|program| program.role == Some(Role::Server));
    Row {
        id: socket.id,
        title: [transport, " ", name].concat(),
        ends,
        state: if listens { Some(TcpState::Listen) } else { state },
        seats,
        unread: socket.value(GaugeKey::RecvQueue).unwrap_or(0),
        queued: socket.parent.is_some() && socket.program.is_none(),
        accepted,
    }
}

/// The open sockets of all programs.
#[component]
pub fn Sockets() -> impl IntoView {
    let store = Store::get();
    let rows = Memo::new(move |_| {
        store.read(|story| {
            let open = story.sockets().iter().filter(|socket| socket.closed.is_none());
            open.take(MOST).map(|socket| row(story, socket)).collect::<Vec<_>>()
        })
    });
    view! {
        <ul class="sockets">
            <For each=move || rows.get() key=|row| row.id let:row>
                <Socket rows id=row.id />
            </For>
        </ul>
        <Show when=move || rows.with(Vec::is_empty)>
            <p class="aside">{move || store.words().shell.no_sockets}</p>
        </Show>
    }
}

#[component]
fn Socket(rows: Memo<Vec<Row>>, id: SocketId) -> impl IntoView {
    let store = Store::get();
    let desk = Desk::get();
    let row = Memo::new(move |_| rows.with(|rows| rows.iter().find(|row| row.id == id).cloned()));
    let shown = move || {
        let row = row.get()?;
        let words = store.words();
        let notes = [
            row.seats.map(|(taken, of)| (words.shell.seats)(taken, of)),
            row.queued.then(|| words.shell.not_accepted.into()),
            (row.unread > 0 && row.seats.is_none()).then(|| (words.shell.unread)(row.unread)),
        ];
        let notes = notes.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        let hang_up = row.accepted.then(|| {
            view! {
                <button
                    class="btn small"
                    title=(words.server.hang_up_on)(&row.ends)
                    on:click=move |_| desk.act(store, Command::Server(ServerAction::HangUp(id)))
                >
                    {words.server.hang_up}
                </button>
            }
        });
        Some(view! {
            <button
                class="row"
                aria-pressed=move || (store.selection.get() == Some(Selection::Socket(id))).to_string()
                on:click=move |_| store.selection.set(Some(Selection::Socket(id)))
            >
                <span class="what">
                    <b>{row.title}</b>
                    {row.state.map(|state| view! { <small class="state">{state.name()}</small> })}
                </span>
                <code class="address">{row.ends}</code>
                {(!notes.is_empty()).then(|| view! { <small>{notes}</small> })}
            </button>
            {hang_up}
        })
    };
    view! { <li>{shown}</li> }
}

/// Programs that nobody opened from a page.
#[component]
pub fn Others() -> impl IntoView {
    let store = Store::get();
    let others = Memo::new(move |_| {
        store.read(|story| {
            let mut clients = story.clients();
            clients.retain(|client| client.role == Role::Other);
            let sees = |client: &Client| story.program(client.program).is_some_and(|program| program.calls_visible);
            clients.into_iter().map(|client| (sees(&client), client)).collect::<Vec<_>>()
        })
    });
    let item = move |(visible, client): (bool, Client)| {
        let words = &store.words().shell;
        let program = client.program;
        let follow = (words.follow)(&client.name);
        let notes = [
            client.pid.map(words.pid),
            (!visible).then(|| words.calls_hidden.into()),
            client.ended.then(|| words.gone.into()),
        ];
        let notes = notes.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        view! {
            <li>
                <button
                    class="row"
                    title=follow
                    aria-pressed=move || (store.followed.get() == Some(program)).to_string()
                    on:click=move |_| store.followed.set(Some(program))
                >
                    <b>{client.name}</b>
                    <small>{notes}</small>
                </button>
            </li>
        }
    };
    view! {
        <ul class="sockets">{move || others.get().into_iter().map(item).collect_view()}</ul>
        <Show when=move || others.with(Vec::is_empty)>
            <p class="aside">{move || store.words().shell.no_others}</p>
        </Show>
    }
}
