//! The settings of all echo servers: each live, and each says when it holds.

use super::desk::Desk;
use super::parts::{El, Said, check, el, labelled, number, select};
use crate::store::Store;
use leptos::prelude::*;
use protocol::command::{Command, ServerAction};
use protocol::ids::Nanos;
use protocol::program::{Holds, LoopRule, ServerSettings, Setting, TcpMode};
use std::mem::discriminant;

const MODES: [TcpMode; 3] = [TcpMode::OneAtATime, TcpMode::TaskPerClient, TcpMode::TutorialExactly];
const RULES: [LoopRule; 4] = [LoopRule::Once, LoopRule::UntilShort, LoopRule::UntilEof, LoopRule::Framed];

/// Buffer sizes, bytes.
const BUFFER: (u64, u64) = (ServerSettings::LEAST_BUFFER as u64, ServerSettings::MOST_BUFFER as u64);

/// A number field: its label, its range, how it is shown and read.
type Number = (Said, (u64, u64), fn(&ServerSettings) -> String, fn(&str) -> Option<Setting>);
/// A checkbox: its label, how it is shown and set.
type Flag = (Said, fn(&ServerSettings) -> bool, fn(bool) -> Setting);

const NUMBERS: [Number; 5] = [
    (
        |words| words.server.recv_size,
        (1, ServerSettings::MOST_RECV as u64),
        |now| now.recv_size.to_string(),
        |typed| typed.parse().ok().map(Setting::RecvSize),
    ),
    (
        |words| words.server.backlog,
        (0, ServerSettings::MOST_BACKLOG as u64),
        |now| now.backlog.to_string(),
        |typed| typed.parse().ok().map(Setting::Backlog),
    ),
    (
        |words| words.server.think,
        (0, ServerSettings::MOST_THINK.0 / 1_000_000),
        |now| (now.think.0 / 1_000_000).to_string(),
        |typed| typed.parse().ok().map(|millis| Setting::Think(Nanos::from_millis(millis))),
    ),
    (
        |words| words.server.send_buffer,
        BUFFER,
        |now| size(now.send_buffer),
        |typed| buffer(typed).map(Setting::SendBuffer),
    ),
    (
        |words| words.server.recv_buffer,
        BUFFER,
        |now| size(now.recv_buffer),
        |typed| buffer(typed).map(Setting::RecvBuffer),
    ),
];

const FLAGS: [Flag; 3] = [
    (|words| words.server.accepting, |now| now.accepting, Setting::Accepting),
    (|words| words.server.no_delay, |now| now.no_delay, Setting::NoDelay),
    (|words| words.server.reuse_address, |now| now.reuse_address, Setting::ReuseAddress),
];

fn size(bytes: Option<u32>) -> String {
    bytes.map(|bytes| bytes.to_string()).unwrap_or_default()
}

/// An empty field is the system's own size.
fn buffer(typed: &str) -> Option<Option<u32>> {
    if typed.is_empty() { Some(None) } else { typed.parse().ok().map(Some) }
}

fn at<T: PartialEq>(list: &[T], one: &T) -> usize {
    list.iter().position(|other| other == one).unwrap_or_default()
}

/// The settings.
#[must_use]
pub fn settings() -> El {
    let store = Store::get();
    let desk = Desk::get();
    let set = move |setting: Setting| {
        store.command(Command::Server(ServerAction::Set(setting)), move |answer| {
            if answer.is_err() {
                // The fields show again what holds.
                store.settings.update(|_| ());
            }
            desk.note(answer);
        });
    };
    let wanted = Signal::derive(move || store.settings.with(|settings| settings.wanted.clone()));
    let mode = move || wanted.with(|wanted| at(&MODES, &wanted.tcp_mode));
    let rule = move || wanted.with(|wanted| at(&RULES, &wanted.rule));
    let modes = move || MODES.map(|mode| (store.words().server.modes)(mode).into()).to_vec();
    let rules = move || RULES.map(|rule| (store.words().server.rules)(rule).into()).to_vec();
    let set_mode = move |index: usize| set(Setting::TcpMode(MODES[index % MODES.len()]));
    let set_rule = move |index: usize| set(Setting::Rule(RULES[index % RULES.len()]));
    let numbers = NUMBERS.map(|(label, range, value, read)| {
        let change = move |typed: String| read(typed.trim()).into_iter().for_each(set);
        let field = number(range, move || wanted.with(value), change);
        from_when(store, labelled(label, field), read(&range.0.to_string()))
    });
    let flags = FLAGS.map(|(label, value, make)| {
        let field = check(label, move || wanted.with(value), move |on| set(make(on)));
        from_when(store, field, Some(make(true)))
    });
    let help = move || (store.words().server.mode_help)(MODES[mode()]).to_owned();
    let waiting = move || {
        let words = &store.words().server;
        let waiting = store.settings.with(|settings| settings.waiting.clone());
        let names = waiting.iter().map(words.setting).collect::<Vec<_>>().join(", ");
        let all = (!waiting.is_empty()).then(|| el("p").class("warn").text(&(words.waiting)(&names)));
        all.into_iter().collect()
    };
    el("div")
        .class("settings")
        .child(el("p").class("aside").say(|words| words.server.for_all))
        .child(labelled(|words| words.server.mode, select(modes, mode, set_mode)))
        .child(el("p").class("aside").text_as(help))
        .child(labelled(|words| words.server.rule, select(rules, rule, set_rule)))
        .children(numbers)
        .children(flags)
        .region(waiting)
}

/// Adds when a setting like this one holds, if that is not at once.
fn from_when(store: Store, to: El, example: Option<Setting>) -> El {
    to.region(move || {
        let Some(example) = &example else { return Vec::new() };
        let words = &store.words().server;
        let kind = discriminant(example);
        let waits = store.settings.with(|settings| settings.waiting.iter().any(|one| discriminant(one) == kind));
        match example.holds() {
            Holds::Rebind if waits => vec![el("small").class("warn").text(words.waits)],
            Holds::NextConnection => vec![el("small").text(words.next_connection)],
            _ => Vec::new(),
        }
    })
}
