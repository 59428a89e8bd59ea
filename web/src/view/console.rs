//! The clients' consoles: a tab each, what was said and answered, and the message to send.

use super::desk::{Desk, focus};
use super::parts::{aria, cross, holds, live, notice, press, say, text, when};
use super::{compose, habits, newcomer, transcript};
use crate::model::story::Client;
use crate::store::Store;
use leptos::prelude::*;
use protocol::address::Transport;
use protocol::ids::ProgramId;
use protocol::program::Role;

/// A client with a tab.
#[derive(Clone, Debug, PartialEq)]
pub struct Tabbed {
    /// Its number on the screen.
    pub number: usize,
    /// The client.
    pub client: Client,
}

impl Tabbed {
    /// `TCP client 1`.
    #[must_use]
    pub fn name(&self, store: Store) -> String {
        let words = &store.words().console;
        (words.client)(words.short[order(self.client.transport.unwrap_or(Transport::Tcp))], self.number)
    }
}

/// The place of a transport in lists of words.
#[must_use]
pub fn order(transport: Transport) -> usize {
    match transport {
        Transport::Tcp => 0,
        Transport::Udp => 1,
        Transport::UnixStream => 2,
        Transport::UnixDatagram => 3,
    }
}

/// All consoles.
#[component]
pub fn Console() -> impl IntoView {
    let store = Store::get();
    let desk = Desk::get();
    let tabs = Memo::new(move |_| {
        let away = desk.away.get();
        store.read(|story| {
            let opened = story.clients().into_iter().filter(|client| client.role == Role::Client);
            let numbered = opened.enumerate().map(|(index, client)| Tabbed { number: index + 1, client });
            numbered.filter(|tab| !away.contains(&tab.client.program)).collect::<Vec<_>>()
        })
    });
    // The first client, or after a reload the newest, is followed without being asked; one that vanished is not.
    Effect::new(move |before: Option<usize>| {
        let tabs = tabs.get();
        let newest = || tabs.iter().rev().find(|tab| !tab.client.ended).or(tabs.last()).map(|tab| tab.client.program);
        let vanished = |program| store.peek(|story| !story.is_empty() && story.program(program).is_none());
        match store.followed.get_untracked() {
            None if before.unwrap_or_default() == 0 => store.followed.set(newest()),
            Some(program) if vanished(program) => store.followed.set(newest()),
            _ => {}
        }
        tabs.len()
    });
    let current = Memo::new(move |_| {
        let followed = store.followed.get()?;
        tabs.with(|tabs| tabs.iter().find(|tab| tab.client.program == followed).cloned())
    });
    let form = holds(move || desk.form.get() || current.with(Option::is_none));
    let talk = holds(move || !form.get());
    let first = holds(move || tabs.with(Vec::is_empty));
    let new_client = press(move || {
        desk.form.set(true);
        focus("transport");
    });
    // Each button is built once: a focused one must not vanish when another client comes.
    let programs = Memo::new(move |_| tabs.with(|tabs| tabs.iter().map(|tab| tab.client.program).collect::<Vec<_>>()));
    let buttons = live(move || {
        let buttons = programs.get().into_iter().map(|program| tab_button(tabs, program, form));
        Some(buttons.collect_view().into_any())
    });
    view! {
        <section class="console" aria-label=say(|words| words.console.name)>
            <div class="ctabs" role="group">
                {buttons}
                <button class="ctab" type="button" aria-pressed=aria(form) on:click=new_client>
                    "+ "
                    {say(|words| words.console.new_client)}
                </button>
            </div>
            {live(move || trouble(desk))}
            {when(form, move || newcomer::form(first))}
            {when(
                talk,
                move || {
                    view! {
                        {transcript::transcript(current)}
                        {habits::habits(current)}
                        {compose::composer(current)}
                    }
                        .into_any()
                },
            )}
        </section>
    }
}

fn tab_button(tabs: Memo<Vec<Tabbed>>, program: ProgramId, form: Signal<bool>) -> AnyView {
    let store = Store::get();
    let desk = Desk::get();
    let tab = Memo::new(move |_| tabs.with(|tabs| tabs.iter().find(|tab| tab.client.program == program).cloned()));
    let name = move || tab.get().map(|tab| tab.name(store)).unwrap_or_default();
    let ended = holds(move || tab.with(|tab| tab.as_ref().is_some_and(|tab| tab.client.ended)));
    let on = holds(move || !form.get() && store.followed.get() == Some(program));
    let go = press(move || {
        store.followed.set(Some(program));
        desk.form.set(false);
    });
    let put_away = when(ended, move || {
        let act = press(move || {
            desk.away.update(|away| away.push(program));
            if store.followed.get_untracked() == Some(program) {
                let other =
                    tabs.with_untracked(|tabs| tabs.iter().rev().find(|tab| tab.client.program != program).cloned());
                store.followed.set(other.map(|tab| tab.client.program));
            }
        });
        let label = text(move || format!("{}: {}", name(), store.words().shell.dismiss));
        view! {
            <button class="put-away" type="button" aria-label=label on:click=act>
                "×"
            </button>
        }
        .into_any()
    });
    view! {
        <span class="ctab" class:on=on class:ended=ended>
            <button type="button" aria-pressed=aria(on) on:click=go>
                {text(name)}
            </button>
            {put_away}
        </span>
    }
    .into_any()
}

/// What was refused last, until something is accepted.
fn trouble(desk: Desk) -> Option<AnyView> {
    let store = Store::get();
    let trouble = desk.trouble.get()?;
    let sentence = text(move || (store.words().trouble.command)(&trouble));
    let dismiss = press(move || desk.trouble.set(None));
    Some(notice("notice bad", sentence, cross("btn quiet", |words| words.shell.dismiss, dismiss)))
}
