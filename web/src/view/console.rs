//! The clients' consoles: a tab each, what was said and answered, and the message to send.

use super::compose::Composer;
use super::desk::{Desk, focus};
use super::habits::Habits;
use super::newcomer::Newcomer;
use super::transcript::Transcript;
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
    // The first client is followed without being asked, and nobody follows one that is not in the story any more.
    Effect::new(move |_| {
        let tabs = tabs.get();
        let followed = store.followed.get_untracked();
        if followed.is_none() && tabs.len() == 1 {
            store.followed.set(Some(tabs[0].client.program));
        } else if let Some(program) = followed
            && store.peek(|story| story.program(program).is_none())
            && store.peek(|story| !story.is_empty())
        {
            store.followed.set(tabs.last().map(|tab| tab.client.program));
        }
    });
    let current = Memo::new(move |_| {
        let followed = store.followed.get()?;
        tabs.with(|tabs| tabs.iter().find(|tab| tab.client.program == followed).cloned())
    });
    let form = Memo::new(move |_| desk.form.get() || current.with(Option::is_none));
    view! {
        <section class="console" aria-label=move || store.words().console.name>
            <div class="ctabs" role="group">
                <For each=move || tabs.get() key=|tab| tab.client.program let:tab>
                    <TabButton tabs program=tab.client.program form />
                </For>
                <button
                    class="ctab new"
                    aria-pressed=move || form.get().to_string()
                    on:click=move |_| {
                        desk.form.set(true);
                        focus("transport");
                    }
                >
                    "+ "
                    {move || store.words().console.new_client}
                </button>
            </div>
            <Trouble />
            <Show
                when=move || form.get()
                fallback=move || {
                    view! {
                        <Transcript current />
                        <Habits current />
                        <Composer current />
                    }
                }
            >
                <Newcomer first=Signal::derive(move || tabs.with(Vec::is_empty)) />
            </Show>
        </section>
    }
}

#[component]
fn TabButton(tabs: Memo<Vec<Tabbed>>, program: ProgramId, form: Memo<bool>) -> impl IntoView {
    let store = Store::get();
    let desk = Desk::get();
    let tab = Memo::new(move |_| tabs.with(|tabs| tabs.iter().find(|tab| tab.client.program == program).cloned()));
    let name = move || tab.get().map(|tab| tab.name(store)).unwrap_or_default();
    let ended = move || tab.with(|tab| tab.as_ref().is_some_and(|tab| tab.client.ended));
    let on = move || !form.get() && store.followed.get() == Some(program);
    view! {
        <span class="ctab" class:on=on class:ended=ended>
            <button
                aria-pressed=move || on().to_string()
                on:click=move |_| {
                    store.followed.set(Some(program));
                    desk.form.set(false);
                }
            >
                {name}
            </button>
            <Show when=ended>
                <button
                    class="put-away"
                    aria-label=move || format!("{}: {}", name(), store.words().shell.dismiss)
                    on:click=move |_| {
                        desk.away.update(|away| away.push(program));
                        if store.followed.get_untracked() == Some(program) {
                            store.followed.set(None);
                        }
                    }
                >
                    "×"
                </button>
            </Show>
        </span>
    }
}

/// What was refused last, until something is accepted.
#[component]
fn Trouble() -> impl IntoView {
    let store = Store::get();
    let desk = Desk::get();
    let shown = move || {
        let trouble = desk.trouble.get()?;
        let words = store.words();
        Some(view! {
            <div class="notice bad" role="alert">
                <p>{(words.trouble.command)(&trouble)}</p>
                <button
                    class="btn quiet"
                    aria-label=words.shell.dismiss
                    on:click=move |_| desk.trouble.set(None)
                >
                    "×"
                </button>
            </div>
        })
    };
    view! { {shown} }
}
