//! Time in one's hand: pause, step, speed, back into the past, and the runs that began there.

pub mod beside;
mod making;
mod runs;

use super::parts::{El, Said, button, el, holds, labelled, select, toggle, worded};
use crate::live::Memo;
use crate::model::wording;
use crate::store::{Store, request_frame};
use crate::time::{Clockwork, SPEEDS, TimeAction};
use leptos::prelude::*;
use std::cell::Cell;
use std::rc::Rc;

/// Whether time is in one's hand.
#[must_use]
pub fn is_ours() -> Memo<bool> {
    let store = Store::get();
    holds(move || store.time.with(Option::is_some))
}

/// A part of how time stands.
fn now<R: Default>(store: Store, look: impl FnOnce(&Clockwork) -> R) -> R {
    store.time.with(|time| time.as_ref().map(look)).unwrap_or_default()
}

/// Stops time, or lets it go on.
pub fn pause(store: Store) {
    let paused = store.time.with_untracked(|time| time.as_ref().is_some_and(|time| time.paused));
    store.act_on_time(TimeAction::Pause(!paused));
}

/// One moment back.
pub fn back(store: Store) {
    let shown = store.time.with_untracked(|time| time.as_ref().map_or(0, |time| time.shown));
    store.act_on_time(TimeAction::To(shown.saturating_sub(1)));
}

/// The bar.
#[must_use]
pub fn bar() -> El {
    let store = Store::get();
    let paused = holds(move || now(store, |time| time.paused));
    let words: (Said, Said) = (|words| words.time.pause, |words| words.time.go_on);
    let stop = toggle("btn", words, "k", paused)
        .class_if("primary", paused)
        .attr_said("title", |words| words.time.pause_title)
        .press(move || pause(store));
    let act = |label: Said, title: Said, key: &str, what: TimeAction| {
        let button = worded("btn", label).attr_said("title", title).press(move || store.act_on_time(what));
        if key.is_empty() { button } else { button.text(" ").child(el("kbd").text(key)) }
    };
    let step = act(|words| words.time.step, |words| words.time.step_title, ".", TimeAction::Step);
    let packet = act(|words| words.time.packet, |words| words.time.packet_title, "", TimeAction::Packet);
    let speed = select(
        || SPEEDS.map(speed_name).to_vec(),
        move || now(store, |time| time.speed),
        move |at| store.act_on_time(TimeAction::Speed(at)),
    );
    el("div")
        .class("bar time-bar")
        .attr("role", "group")
        .attr_said("aria-label", |words| words.time.controls)
        .child(stop)
        .child(step)
        .child(packet)
        .child(labelled(|words| words.time.speed, speed).class("knob"))
        .child(slider(store))
        .child(el("span").class("when").text_as(move || when(store)))
        .when(holds(move || now(store, |time| time.past)), || {
            el("span")
                .class("past")
                .attr("role", "status")
                .attr_said("title", |words| words.time.past_title)
                .say(|words| words.time.past)
        })
        .child(el("span").class("grow"))
        .when(holds(move || store.runs.with(|runs| runs.len() > 1)), runs::runs)
        .children(making::making())
}

fn speed_name((shown, per): (u64, u64)) -> String {
    let number = shown.to_string();
    if per == 1 { ["× ", &number].concat() } else { ["× ", &number, "/", &per.to_string()].concat() }
}

fn when(store: Store) -> String {
    let (shown, end, paused) = now(store, |time| (time.now, time.end, time.paused));
    if shown != end {
        return (store.words().time.of)(&wording::moment(shown), &wording::moment(end));
    }
    if !paused {
        // Nothing may be due, and what waits waits longer all the same.
        store.tick.track();
    }
    wording::moment(store.live_now())
}

/// From the first event to the last: idle time takes no room on it.
fn slider(store: Store) -> El {
    let wanted = Rc::new(Cell::new(None::<usize>));
    let go = move |typed: String| {
        let to = typed.parse().unwrap_or(1);
        // Once a frame, however fast it is dragged.
        if wanted.replace(Some(to)).is_none() {
            let wanted = wanted.clone();
            request_frame(move || wanted.take().into_iter().for_each(|to| store.act_on_time(TimeAction::To(to))));
        }
    };
    el("input")
        .class("moments")
        .attr("type", "range")
        .attr("min", "1")
        .attr_as("max", move || Some(now(store, |time| time.events).to_string()))
        .attr_said("aria-label", |words| words.time.back)
        .attr_said("title", |words| words.time.back)
        .attr_as("aria-valuetext", move || Some(when(store)))
        .prop("value", move || now(store, |time| time.shown).to_string().into())
        .on("input", move |event| go(event_target_value(&event)))
}

/// A button that is down while something holds.
fn chip(label: &str, title: &str, down: bool, act: impl Fn() + 'static) -> El {
    button("btn small")
        .attr("aria-pressed", if down { "true" } else { "false" })
        .attr("title", title)
        .text(label)
        .press(act)
}
