//! How an open client reads, changed while it runs.

use super::console::Tabbed;
use super::desk::Desk;
use super::newcomer::RULES;
use super::parts::{El, Said, check, el, holds, labelled, number, select, toggle, worded};
use crate::live::Memo;
use crate::model::story::ClientPhase;
use crate::store::Store;
use protocol::address::Transport;
use protocol::call::SocketOption;
use protocol::command::{ClientAction, Command};
use protocol::event::Reads;
use protocol::program::{LoopRule, ServerSettings};

/// The options of the client in front.
#[must_use]
pub fn habits(current: Memo<Option<Tabbed>>) -> El {
    let store = Store::get();
    let desk = Desk::get();
    let client = move || current.get().map(|tab| tab.client);
    let program = Memo::new(move || client().map(|client| client.program));
    let open = holds(move || {
        let Some(client) = client() else { return false };
        let phase = store.read(|story| story.client_state(client.program).phase);
        !client.ended && phase != ClientPhase::Closed
    });
    let tell = move |action: ClientAction| {
        if let Some(client) = program.get_untracked() {
            desk.act(store, Command::Client { client, action });
        }
    };
    let reads = Memo::new(move || {
        client().and_then(|client| client.reads).unwrap_or(Reads { recv_size: 1024, rule: LoopRule::UntilLen })
    });
    let paused = holds(move || {
        store.version.track();
        store.told.with(|told| program.get().is_some_and(|program| told.paused(program)))
    });
    let no_delay = holds(move || {
        store.version.track();
        store.told.with(|told| program.get().is_some_and(|program| told.no_delay(program)))
    });
    let is_tcp = holds(move || client().is_some_and(|client| client.transport == Some(Transport::Tcp)));
    let size = move |typed: String| {
        if let Ok(recv_size) = typed.parse() {
            tell(ClientAction::Program { recv_size, rule: reads.get_untracked().rule });
        }
    };
    let rule = move |index: usize| {
        tell(ClientAction::Program { recv_size: reads.get_untracked().recv_size, rule: RULES[index % RULES.len()] });
    };
    let rules = move || RULES.map(|rule| (store.words().console.rules)(rule).into()).to_vec();
    let chosen = move || RULES.iter().position(|rule| *rule == reads.get().rule).unwrap_or_default();
    let most = (1, ServerSettings::MOST_RECV.into());
    let row = move || {
        let labels: (Said, Said) = (|words| words.console.pause_reading, |words| words.console.resume_reading);
        let pause =
            toggle("btn small", labels, "", paused).press(move || tell(ClientAction::Reading(paused.get_untracked())));
        let recv = worded("btn small", |words| words.console.one_recv)
            .attr_said("title", |words| words.console.one_recv_title)
            .press(move || tell(ClientAction::Recv));
        let size = number(most, move || reads.get().recv_size.to_string(), size);
        el("div")
            .class("options-row")
            .child(labelled(|words| words.console.recv_size, size))
            .child(labelled(|words| words.console.rule, select(rules, chosen, rule)))
            .when(is_tcp, move || {
                let set = move |on| tell(ClientAction::Option(SocketOption::NoDelay(on)));
                check(|words| words.console.no_delay, move || no_delay.get(), set)
            })
            .child(pause)
            .child(recv)
    };
    let closed = holds(move || !open.get());
    let gone = || el("p").class("aside").say(|words| words.console.is_closed);
    el("div").class("habits").when(open, row).when(closed, gone)
}
