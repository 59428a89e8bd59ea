//! The clients' consoles: a tab each, what was said and answered, and the message to send.

use super::desk::{Desk, focus};
use super::parts::{El, button, cross, el, holds, notice};
use super::{compose, divider, habits, newcomer, transcript};
use crate::live::Memo;
use crate::model::Story;
use crate::model::story::Client;
use crate::source::Link;
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
#[must_use]
pub fn console() -> El {
    let store = Store::get();
    let desk = Desk::get();
    let tabs = Memo::new(move || {
        let away = desk.away.get();
        store.read(|story| {
            let opened = story.clients().into_iter().filter(|client| client.role == Role::Client);
            let numbered = opened.enumerate().map(|(index, client)| Tabbed { number: index + 1, client });
            numbered.filter(|tab| !away.contains(&tab.client.program)).collect::<Vec<_>>()
        })
    });
    // The first client, or in a story that begins anew the newest, is followed without being asked.
    let epoch = Memo::new(move || store.read(Story::epoch));
    Effect::new(move |before: Option<(usize, u32)>| {
        let (tabs, epoch) = (tabs.get(), epoch.get());
        let newest = || tabs.iter().rev().find(|tab| !tab.client.ended).or(tabs.last()).map(|tab| tab.client.program);
        let begins = before.is_none_or(|(count, last)| count == 0 || last != epoch);
        if begins && store.followed.get_untracked().is_none() {
            store.followed.set(newest());
        }
        (tabs.len(), epoch)
    });
    let current = Memo::new(move || {
        let followed = store.followed.get()?;
        tabs.with(|tabs| tabs.iter().find(|tab| tab.client.program == followed).cloned())
    });
    // Nothing can be sent to a story that was recorded.
    let recorded = holds(move || matches!(store.link.get(), Link::Recorded(_)));
    let form = holds(move || !recorded.get() && (desk.form.get() || current.with(Option::is_none)));
    let talk = holds(move || !form.get() && current.with(Option::is_some));
    let first = holds(move || tabs.with(Vec::is_empty));
    // The composer is always there, also below the form: what follows the press of Connect is in sight before it.
    let in_front = Memo::new(move || if form.get() { None } else { current.get() });
    let high = divider::height();
    // Each button is built once: a focused one must not vanish when another client comes.
    let programs = Memo::new(move || tabs.with(|tabs| tabs.iter().map(|tab| tab.client.program).collect::<Vec<_>>()));
    let buttons = move || programs.get().into_iter().map(|program| tab_button(tabs, program, form)).collect::<Vec<_>>();
    let new_client = move || {
        button("ctab").aria("aria-pressed", form).say(|words| words.console.new_client).press(move || {
            desk.form.set(true);
            focus("transport");
        })
    };
    let options = move || {
        button("ctab options-button")
            .aria("aria-expanded", desk.options.into())
            .text_as(move || store.words().console.options.to_owned())
            .press(move || desk.options.update(|open| *open = !*open))
    };
    let options = el("span").class("ctabs-end").when(holds(move || talk.get() && !recorded.get()), options);
    el("section")
        .class("console")
        .class_if("first", first)
        .attr_said("aria-label", |words| words.console.name)
        .child(divider::divider(|words| words.console.divider, high))
        .child(
            el("div")
                .class("ctabs")
                .attr("role", "group")
                .region(buttons)
                .when(holds(move || !recorded.get()), new_client)
                .child(options),
        )
        .when(form, newcomer::form)
        .when(talk, move || transcript::transcript(current, high))
        .when(holds(move || talk.get() && !recorded.get() && desk.options.get()), move || habits::habits(current))
        .when(holds(move || !recorded.get()), move || compose::composer(in_front))
        .when(recorded, || el("p").class("compose-note recorded").say(|words| words.shelf.recorded))
}

fn tab_button(tabs: Memo<Vec<Tabbed>>, program: ProgramId, form: Memo<bool>) -> El {
    let store = Store::get();
    let desk = Desk::get();
    let tab = Memo::new(move || tabs.with(|tabs| tabs.iter().find(|tab| tab.client.program == program).cloned()));
    let name = move || tab.get().map(|tab| tab.name(store)).unwrap_or_default();
    let ended = holds(move || tab.with(|tab| tab.as_ref().is_some_and(|tab| tab.client.ended)));
    let on = holds(move || !form.get() && store.followed.get() == Some(program));
    let go = button("").aria("aria-pressed", on).text_as(name).press(move || {
        store.followed.set(Some(program));
        desk.form.set(false);
    });
    let put_away = move || {
        let label = move || Some(format!("{}: {}", name(), store.words().look.put_away));
        button("put-away").attr_as("aria-label", label).text("×").press(move || {
            desk.away.update(|away| away.push(program));
            if store.followed.get_untracked() == Some(program) {
                let other =
                    |tabs: &Vec<Tabbed>| tabs.iter().rev().map(|tab| tab.client.program).find(|one| *one != program);
                store.followed.set(tabs.with_untracked(other));
            }
        })
    };
    el("span").class("ctab").class_if("on", on).class_if("ended", ended).child(go).when(ended, put_away)
}

/// What was refused last, until something is accepted.
#[must_use]
pub fn trouble() -> Option<El> {
    let (store, desk) = (Store::get(), Desk::get());
    let trouble = desk.trouble.get()?;
    let dismiss = cross("btn quiet", |words| words.shell.dismiss).press(move || desk.trouble.set(None));
    Some(notice("notice bad", move || (store.words().trouble.command)(&trouble)).child(dismiss))
}
