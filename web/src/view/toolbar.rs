//! The bar above the ladder: what can be done with the picture.

use super::console::Tabbed;
use super::desk::Desk;
use super::parts::{always, button, command, holds, place, press, say, select, toggle, when};
use crate::model::story::Client;
use crate::store::Store;
use leptos::prelude::*;
use protocol::command::{Command, WorldAction};
use protocol::program::Role;

/// The toolbar.
#[component]
pub fn Toolbar() -> impl IntoView {
    let store = Store::get();
    let desk = Desk::get();
    let frozen = holds(move || store.frozen.get().is_some());
    let freeze = press(move || store.freeze(!frozen.get_untracked()));
    let clear = command(Command::World(WorldAction::Clear));
    let table = press(move || desk.table.update(|table| *table = !*table));
    view! {
        <div class="bar">
            {toggle(
                "btn",
                (|words| words.shell.freeze, |words| words.shell.unfreeze),
                |words| words.shell.frozen,
                "space",
                frozen,
                freeze,
            )}
            {button("btn", |words| words.shell.clear, |words| words.shell.clear_title, always(false), clear)}
            {toggle(
                "btn",
                (|words| words.shell.table, |words| words.shell.ladder),
                |words| words.shell.table,
                "t",
                desk.table.into(),
                table,
            )} <span class="grow"></span> <Follow />
        </div>
    }
}

/// Whom the ladder follows: any client, also somebody's own program.
#[component]
fn Follow() -> impl IntoView {
    let store = Store::get();
    let clients = Memo::new(move |_| {
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
    // Everybody comes first.
    let names = move || {
        let everybody = store.words().shell.everybody.to_owned();
        [everybody].into_iter().chain(clients.get().into_iter().map(|(_, name)| name)).collect()
    };
    let chosen = place(move || {
        let followed = store.followed.get();
        clients
            .with(|clients| clients.iter().position(|(program, _)| Some(*program) == followed))
            .map_or(0, |at| at + 1)
    });
    let choose = move |index: usize| {
        let program =
            index.checked_sub(1).and_then(|at| clients.with_untracked(|clients| clients.get(at).map(|one| one.0)));
        store.followed.set(program);
    };
    when(holds(move || clients.with(|clients| clients.len() > 1)), move || {
        view! {
            <label class="knob">
                <span>{say(|words| words.shell.following)}</span>
                {select("", names, chosen, choose)}
            </label>
        }
        .into_any()
    })
}
