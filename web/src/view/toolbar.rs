//! The bar above the ladder: what can be done with the picture.

use super::console::Tabbed;
use super::desk::Desk;
use super::find::opener;
use super::legend;
use super::parts::{El, command, el, holds, labelled, select, toggle, worded};
use super::wire;
use crate::live::Memo;
use crate::model::story::Client;
use crate::source::Link;
use crate::store::Store;
use protocol::command::{Command, ServerAction, WorldAction};
use protocol::program::{Role, Setting};

/// The toolbar.
#[must_use]
pub fn toolbar() -> El {
    let store = Store::get();
    let desk = Desk::get();
    let frozen = holds(move || store.frozen.get().is_some());
    let freeze = toggle("btn", (|words| words.shell.freeze, |words| words.shell.unfreeze), "space", frozen)
        .attr_said("title", |words| words.shell.frozen)
        .press(move || store.freeze(!frozen.get_untracked()));
    // Neither can be asked of a file, nor of a program that is away.
    let clear = || {
        worded("btn", |words| words.shell.clear)
            .attr_said("title", |words| words.shell.clear_title)
            .press(command(Command::World(WorldAction::Clear)))
    };
    let table = toggle("btn seldom", (|words| words.shell.table, |words| words.shell.ladder), "t", desk.table.into())
        .press(move || desk.table.update(|table| *table = !*table));
    let step = worded("btn", |words| words.wire.step)
        .attr_said("title", |words| words.wire.step_title)
        .text(" ")
        .child(el("kbd").text("→"))
        .press(move || desk.steps.step(store, desk, true));
    let paused = holds(move || store.settings.with(|settings| !settings.wanted.reading));
    let live = holds(move || store.link.get() == Link::Live);
    let pause = move || {
        toggle("btn", (|words| words.server.pause, |words| words.server.resume), "p", paused)
            .attr_said("title", |words| words.server.pause_title)
            .press(move || {
                let what = Setting::Reading(paused.get_untracked());
                desk.act(store, Command::Server(ServerAction::Set(what)));
            })
    };
    let compares = holds(move || store.beside.get().is_some());
    let compare = move || {
        toggle("btn", (|words| words.time.compare, |words| words.time.compare), "v", compares)
            .attr_said("title", |words| words.time.compare_title)
            .press(move || store.compare())
    };
    let kept = store.kept.into();
    let bar = el("div").class("bar").child(freeze).child(step).when(wire::is_ours(), wire::controls);
    follow(
        bar.child(el("span").class("grow"))
            .when(live, pause)
            .child(opener())
            .children(legend::opener())
            .child(table)
            .when(kept, compare)
            .when(live, clear),
    )
}

/// Adds the choice of whom the ladder follows: any client, also somebody's own program.
fn follow(bar: El) -> El {
    let store = Store::get();
    let clients = Memo::new(move || {
        store.read(|story| {
            let mut number = 0;
            let name = |client: Client| {
                let program = client.program;
                if client.role != Role::Client {
                    return (program, client.name);
                }
                number += 1;
                (program, Tabbed { number, client }.name(store))
            };
            story.clients().into_iter().map(name).collect::<Vec<_>>()
        })
    });
    bar.when(holds(move || clients.with(|clients| clients.len() > 1)), move || {
        // Everybody comes first.
        let names = move || {
            let everybody = store.words().shell.everybody.to_owned();
            [everybody].into_iter().chain(clients.get().into_iter().map(|(_, name)| name)).collect()
        };
        let chosen = move || {
            let followed = store.followed.get();
            clients.with(|clients| clients.iter().position(|one| Some(one.0) == followed)).map_or(0, |at| at + 1)
        };
        let choose = move |index: usize| {
            let at = index.checked_sub(1);
            store.followed.set(at.and_then(|at| clients.with_untracked(|clients| clients.get(at).map(|one| one.0))));
        };
        labelled(|words| words.shell.following, select(names, chosen, choose)).class("knob")
    })
}
