//! The first five minutes: one sentence and one thing to do at a time, above the ladder. Whoever wants to do something
//! else does it; whoever wants none of it puts it away for good.

use super::desk::{Desk, Dialog, VISITED};
use super::parts::{El, button, cross, el, holds, watch, worded};
use crate::live::{Live, Memo};
use crate::memory;
use crate::model::tour::Facts;
use crate::store::Store;
use protocol::address::Transport;
use protocol::bytes::Bytes;
use protocol::capability::Ability;
use protocol::command::{ClientAction, Command, ServerAction};
use protocol::ids::ProgramId;
use protocol::program::{Setting, TcpMode};

/// Under this name the browser remembers how far somebody came.
const TOUR: &str = "tour";
/// What is sent while the server is not reading.
const WORDS: [&str; 3] = ["one", "two", "three"];
/// Their bytes.
const BYTES: u64 = 11;

/// Where one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Until *Connect* was pressed, the ladder's own invitation speaks.
    Connect,
    /// `hello`.
    Hello,
    /// How many recvs?
    Ask,
    /// So many, it was said; what the client had moved and the server had received before.
    Wait(usize, (u64, u64), usize),
    /// So many it were: what was said.
    Outcome(usize, usize),
    /// A second client.
    Second,
    /// One's own program.
    Own,
    /// Over.
    Done,
}

/// The tour, while it goes on.
#[must_use]
pub fn tour() -> El {
    let store = Store::get();
    let desk = Desk::get();
    let begins = match memory::recall(TOUR) {
        Some(last) => last != "done",
        None => memory::recall(VISITED).is_none(),
    };
    let step = Live::new(if begins { Step::Connect } else { Step::Done });
    let facts = Memo::new(move || if step.get() == Step::Done { Facts::default() } else { store.read(Facts::read) });
    watch(move || facts.with(|facts| go_on(store, desk, step, facts)));
    let there = holds(move || !matches!(step.get(), Step::Connect | Step::Done));
    el("div").class("tour-place").when(there, move || {
        let skip = cross("btn quiet", |words| words.look.skip)
            .attr_said("title", |words| words.look.skip)
            .press(move || leave(step));
        el("section")
            .class("notice tour")
            .attr_said("aria-label", |words| words.look.tour)
            .child(el("p").attr("role", "status").text_as(move || said(store, step.get(), &facts.get())))
            .region(move || acts(store, desk, step, facts))
            .child(skip)
    })
}

fn leave(step: Live<Step>) {
    memory::remember(TOUR, "done");
    step.set(Step::Done);
}

/// What happened decides where one is; what is asked waits for an answer.
fn go_on(store: Store, desk: Desk, step: Live<Step>, facts: &Facts) {
    let now = step.get_untracked();
    let next = match now {
        Step::Connect if facts.connected && facts.moved.1 == 0 => Step::Hello,
        // Who is further than that needs nobody to lead.
        Step::Connect if facts.connected => Step::Ask,
        Step::Hello if facts.moved.1 > 0 => Step::Ask,
        Step::Wait(said, moved, recvs) if facts.moved.1 >= moved.1 + BYTES => {
            Step::Outcome(facts.recvs.saturating_sub(recvs), said)
        }
        Step::Wait(_, moved, _) => {
            let is_paused = store.settings.with(|settings| !settings.wanted.reading);
            if is_paused && have_arrived(store, facts, moved.0) {
                desk.act(store, Command::Server(ServerAction::Set(Setting::Reading(true))));
            }
            return;
        }
        _ => return,
    };
    if now == Step::Connect {
        memory::remember(TOUR, "began");
    }
    step.set(next);
}

/// Whether all three are with the server's kernel, so that it may read again. That `send` took them is not enough: the
/// client's kernel keeps what is small until the bytes before it are acknowledged (RFC 9293, 3.7.4), and the server's
/// acknowledges late (RFC 9293, 3.8.6.3).
fn have_arrived(store: Store, facts: &Facts, sent: u64) -> bool {
    let tells = store.can(Ability::KernelValues);
    let is_tcp = facts.first.as_ref().is_some_and(|client| client.transport == Some(Transport::Tcp));
    if is_tcp && tells { facts.unread >= BYTES } else { facts.moved.0 >= sent + BYTES }
}

fn is_stream(facts: &Facts) -> bool {
    facts.first.as_ref().and_then(|client| client.transport).is_none_or(Transport::is_stream)
}

/// The sentence.
fn said(store: Store, step: Step, facts: &Facts) -> String {
    let words = &store.words().look;
    match step {
        Step::Connect | Step::Done => String::new(),
        Step::Hello if is_stream(facts) => {
            [&(words.connected)(Some(facts.packets).filter(|count| *count > 0)), " ", words.press_enter].concat()
        }
        Step::Hello => [words.connected_datagrams, " ", words.press_enter].concat(),
        Step::Ask => [words.answered, " ", words.question].concat(),
        Step::Wait(..) => words.sending.into(),
        Step::Outcome(recvs, chosen) => (words.outcome)(recvs, chosen, is_stream(facts)),
        Step::Second => match facts.second {
            None => store.words().console.is_connecting.into(),
            Some(false) => words.seated.into(),
            Some(true) => words.taken.into(),
        },
        Step::Own => words.own.into(),
    }
}

/// What one can do next.
fn acts(store: Store, desk: Desk, step: Live<Step>, facts: Memo<Facts>) -> Vec<El> {
    match step.get() {
        Step::Connect | Step::Hello | Step::Wait(..) | Step::Done => Vec::new(),
        Step::Ask => {
            let choice = |count: usize| {
                button("btn")
                    .text(&count.to_string())
                    .press(move || ask(store, desk, step, &facts.get_untracked(), count))
            };
            vec![el("span").class("choices").children([1, 2, 3].map(choice))]
        }
        Step::Outcome(..) if is_stream(&facts.get()) => {
            vec![worded("btn primary", |words| words.look.second).press(move || second(store, desk, step))]
        }
        Step::Outcome(..) | Step::Second => {
            vec![worded("btn primary", |words| words.look.next).press(move || step.set(Step::Own))]
        }
        Step::Own => {
            let program = worded("btn primary", |words| words.tools.program).press(move || {
                desk.dialog.set(Some(Dialog::Program));
            });
            vec![program, worded("btn", |words| words.look.done).press(move || leave(step))]
        }
    }
}

/// The server stops reading, and then, not before, three words are sent.
fn ask(store: Store, desk: Desk, step: Live<Step>, facts: &Facts, count: usize) {
    let Some(client) = facts.first.as_ref().map(|client| client.program) else { return };
    step.set(Step::Wait(count, facts.moved, facts.recvs));
    store.command(Command::Server(ServerAction::Set(Setting::Reading(false))), move |answer| {
        if answer.is_ok() {
            send(store, desk, step, client, 0);
        } else {
            step.set(Step::Ask);
            desk.note(answer);
        }
    });
}

/// One after the other: each waits for the one before to be taken.
fn send(store: Store, desk: Desk, step: Live<Step>, client: ProgramId, at: usize) {
    let Some(word) = WORDS.get(at) else { return };
    let action = ClientAction::Send { data: Bytes(word.as_bytes().to_vec()), repeat: 1 };
    store.command(Command::Client { client, action }, move |answer| {
        if answer.is_ok() {
            return send(store, desk, step, client, at + 1);
        }
        // The client is closed, say: nobody shall wait for it, the server least.
        desk.act(store, Command::Server(ServerAction::Set(Setting::Reading(true))));
        step.set(Step::Own);
        desk.note(answer);
    });
}

/// Another client of the same server.
fn second(store: Store, desk: Desk, step: Live<Step>) {
    let server = store.servers.with_untracked(|servers| {
        servers
            .iter()
            .find(|server| server.transport == Transport::Tcp && server.socket.is_some())
            .map(|server| server.id)
    });
    let Some(server) = server else { return step.set(Step::Own) };
    // Where everybody is served at once there is no seat to be seen.
    let one = store.settings.with_untracked(|settings| settings.wanted.tcp_mode != TcpMode::TaskPerClient);
    desk.open(store, server, move || step.set(if one { Step::Second } else { Step::Own }));
}
