//! Every socket the story knows, and the programs that are not ours.

use super::console::order;
use super::parts::{El, button, command, el, holds, middle, watch, worded};
use crate::i18n::Lang;
use crate::live::Memo;
use crate::model::Story;
use crate::model::story::{Client, SocketRecord};
use crate::store::{Selection, Store};
use leptos::prelude::*;
use protocol::address::Transport;
use protocol::capability::Ability;
use protocol::command::{Command, ServerAction};
use protocol::event::Kind;
use protocol::gauge::GaugeKey;
use protocol::ids::{Nanos, SocketId};
use protocol::program::Role;
use protocol::state::TcpState;
use web_sys::{Element, Node};

/// More rows than this nobody reads.
const MOST: usize = 200;
/// So many letters of its two addresses are shown.
const LONGEST: usize = 64;

/// What one row says.
#[derive(Clone, PartialEq)]
struct Row {
    id: SocketId,
    transport: Option<Transport>,
    role: Option<Role>,
    name: String,
    ends: String,
    state: Option<TcpState>,
    seats: Option<(u64, u64)>,
    unread: u64,
    queued: bool,
    /// The server can hang up.
    accepted: bool,
    /// When the kernel's timer fires that one has to wait for.
    fires: Option<Nanos>,
}

fn state(story: &Story, socket: &SocketRecord) -> Option<TcpState> {
    socket.states.last().and_then(|place| match story.event_at(*place).kind {
        Kind::State { to, .. } => Some(to),
        _ => None,
    })
}

/// When the timer fires that keeps a socket in a state of waiting.
fn fires(story: &Story, socket: &SocketRecord, state: Option<TcpState>) -> Option<Nanos> {
    if !matches!(state, Some(TcpState::TimeWait | TcpState::SynReceived)) || socket.value(GaugeKey::Timer) == Some(0) {
        return None;
    }
    socket.gauges.iter().rev().find_map(|place| match story.event_at(*place).kind {
        Kind::Gauge(values) => {
            let (_, micros) = values.into_iter().find(|(key, _)| *key == GaugeKey::TimerExpires)?;
            Some(Nanos(story.at(*place).0 + micros * 1_000))
        }
        _ => None,
    })
}

fn row(story: &Story, socket: &SocketRecord) -> Row {
    let state = state(story, socket);
    let listens = socket.listening.is_some();
    let program = socket.program.and_then(|id| story.program(id));
    let local = socket.local.as_ref().map(ToString::to_string);
    let peer = socket.peer.as_ref().filter(|_| !listens).map(ToString::to_string);
    let ends = local.into_iter().chain(peer).collect::<Vec<_>>().join(" ↔ ");
    let seats = listens.then(|| {
        let limit = socket.value(GaugeKey::AcceptLimit).or(socket.listening.map(|(backlog, _)| backlog.into()));
        (socket.value(GaugeKey::AcceptQueue).unwrap_or(0), limit.unwrap_or(0) + 1)
    });
    let accepted = socket.closed.is_none()
        && socket.parent.is_some()
        && program.is_some_and(|program| program.role == Some(Role::Server));
    Row {
        id: socket.id,
        transport: socket.transport,
        role: program.and_then(|program| program.role),
        name: program.map(|program| program.name.clone()).unwrap_or_default(),
        ends,
        state: if listens { Some(TcpState::Listen) } else { state },
        seats,
        unread: socket.value(GaugeKey::RecvQueue).unwrap_or(0),
        // Before its handshake is over a connection has no seat.
        queued: socket.parent.is_some() && socket.program.is_none() && state != Some(TcpState::SynReceived),
        accepted,
        fires: fires(story, socket, state),
    }
}

impl Row {
    fn idle(&self) -> bool {
        self.role == Some(Role::Server) && !self.accepted && self.seats.is_none_or(|(taken, _)| taken == 0)
    }
}

/// The open sockets of all programs.
#[must_use]
pub fn sockets() -> El {
    let store = Store::get();
    let rows = Memo::new(move || {
        store.read(|story| {
            let stays = |socket: &&SocketRecord| socket.closed.is_none() || socket.lingers(state(story, socket));
            let open = story.sockets().iter().filter(stays);
            // What moves comes first; a server that waits for somebody is listed above already.
            let (idle, mut rows): (Vec<_>, Vec<_>) =
                open.take(MOST).map(|socket| row(story, socket)).partition(Row::idle);
            rows.extend(idle);
            rows
        })
    });
    let none = holds(move || rows.with(Vec::is_empty));
    let list = el("ul").class("sockets");
    keep_rows(store, rows, list.element().clone());
    list.when(none, || el("li").class("aside").say(|words| words.shell.no_sockets))
}

/// Keeps a row's element while it says the same: a button must not vanish under the pointer because another socket
/// changed.
fn keep_rows(store: Store, rows: Memo<Vec<Row>>, list: Element) {
    // What the rows hold on to lives here, and not in the run that built them.
    let home = Owner::current().unwrap_or_default();
    let mut kept: Vec<(Row, Lang, Element, Owner)> = Vec::new();
    watch(move || {
        let lang = store.lang.get();
        let mut old = std::mem::take(&mut kept);
        let mut next = list.first_child();
        for row in rows.get() {
            let same = old.iter().position(|(before, spoken, ..)| *before == row && *spoken == lang);
            let (element, owner) = match same {
                Some(at) => {
                    let (_, _, element, owner) = old.remove(at);
                    (element, owner)
                }
                None => {
                    let owner = home.child();
                    (owner.with(|| socket(store, &row)).element().clone(), owner)
                }
            };
            let node: &Node = &element;
            if next.as_ref() == Some(node) {
                next = element.next_sibling();
            } else {
                // Fails only if `next` had left the list, and it is in it.
                let _ = list.insert_before(node, next.as_ref());
            }
            kept.push((row, lang, element, owner));
        }
        for (_, _, element, owner) in old {
            element.remove();
            owner.cleanup();
        }
    });
}

fn socket(store: Store, row: &Row) -> El {
    let words = store.words();
    let notes = [
        row.seats.map(|(taken, of)| (words.shell.seats)(taken, of)),
        row.queued.then(|| words.shell.not_accepted.into()),
        (row.unread > 0 && row.seats.is_none()).then(|| (words.shell.unread)(row.unread)),
    ];
    let notes = notes.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let id = row.id;
    let hang_up = row.accepted.then(|| {
        worded("btn small", |words| words.server.hang_up)
            .attr("title", &(words.server.hang_up_on)(&row.ends))
            .press(command(Command::Server(ServerAction::HangUp(id))))
    });
    let transport = row.transport.map(|transport| words.console.short[order(transport)]).unwrap_or_default();
    let whose = match row.role {
        Some(Role::Server) => words.shell.server,
        Some(Role::Client) => words.shell.client,
        _ => &row.name,
    };
    let title = el("span")
        .class("what")
        .child(el("b").text(&[transport, " ", whose].concat()))
        .children(row.state.map(|state| el("small").class("state").text(state.name())));
    let choose = button("row")
        .aria("aria-pressed", holds(move || store.selection.get() == Some(Selection::Socket(id))))
        .child(title)
        .child(el("code").class("address").attr("title", &row.ends).text(&middle(&row.ends, LONGEST)))
        .children((!notes.is_empty()).then(|| el("small").text(&notes)))
        .children(row.fires.map(|fires| countdown(store, fires, row.state)))
        .press(move || store.selection.set(Some(Selection::Socket(id))));
    el("li").child(choose).children(hang_up)
}

/// What the kernel does when a timer fires, and how long that is from now.
fn countdown(store: Store, fires: Nanos, state: Option<TcpState>) -> El {
    el("small").text_as(move || {
        store.tick.track();
        let words = &store.words().shell;
        let says = if state == Some(TcpState::TimeWait) { words.kept } else { words.answers_again };
        // Whole seconds: who reads it has as many.
        says(fires.0.saturating_sub(store.now().0).div_ceil(1_000_000_000))
    })
}

/// Programs that nobody opened from a page.
#[must_use]
pub fn others() -> El {
    let store = Store::get();
    let others = Memo::new(move || {
        store.read(|story| {
            let mut clients = story.clients();
            clients.retain(|client| client.role == Role::Other);
            let sees = |client: &Client| story.program(client.program).is_some_and(|program| program.calls_visible);
            clients.into_iter().map(|client| (sees(&client), client)).collect::<Vec<_>>()
        })
    });
    el("ul").class("sockets").region(move || {
        others.with(|others| {
            if others.is_empty() {
                let words = store.words();
                let none = if store.can(Ability::VirtualTime) { words.place.no_others } else { words.shell.no_others };
                return vec![el("li").class("aside").text(none)];
            }
            others.iter().map(|(visible, client)| other(store, *visible, client)).collect()
        })
    })
}

fn other(store: Store, visible: bool, client: &Client) -> El {
    let words = &store.words().shell;
    let program = client.program;
    let notes = [
        client.pid.map(words.pid),
        (!visible).then(|| words.calls_hidden.into()),
        client.ended.then(|| words.gone.into()),
    ];
    let notes = notes.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let choose = button("row")
        .attr("title", &(words.follow)(&client.name))
        .aria("aria-pressed", holds(move || store.followed.get() == Some(program)))
        .child(el("b").text(&client.name))
        .child(el("small").text(&notes))
        .press(move || store.followed.set(Some(program)));
    el("li").child(choose)
}
