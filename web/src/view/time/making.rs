//! How the two hosts are made: what can be chosen only before they live.

use crate::live::Live;
use crate::store::Store;
use crate::time::{Making, TimeAction};
use crate::view::parts::{El, check, el, labelled, number, select, worded};
use crate::view::popover::{Popover, menu};
use lab::{Congestion, LabOptions};

/// Every way to react to loss, as listed.
const CONGESTIONS: [Congestion; 3] = [Congestion::None, Congestion::Reno, Congestion::Cubic];

/// The button and what it opens.
pub fn making() -> [El; 2] {
    let [button, panel] = menu("btn", |words| words.time.hosts, form);
    [button.attr_said("title", |words| words.time.hosts_title), panel]
}

fn form(popover: Popover) -> El {
    let store = Store::get();
    let now = store.time.with_untracked(|time| time.as_ref().map(|time| time.making));
    let Some(now) = now else { return el("div") };
    let (seed, congestion) = (Live::new(now.seed), Live::new(order(now.options.congestion)));
    let delayed = Live::new(now.options.delayed_ack.is_some());
    let names = move || store.words().time.congestions.map(str::to_owned).to_vec();
    let set_seed = move |typed: String| seed.set(typed.parse().unwrap_or(1));
    let begin = move || {
        let congestion = CONGESTIONS[congestion.get_untracked() % CONGESTIONS.len()];
        let delayed_ack = LabOptions::default().delayed_ack.filter(|_| delayed.get_untracked());
        let options = LabOptions { congestion, delayed_ack };
        store.act_on_time(TimeAction::Anew(Making { seed: seed.get_untracked(), options }));
    };
    let go = worded("btn primary", |words| words.time.anew).press(begin);
    let select = select(names, move || congestion.get(), move |at| congestion.set(at));
    el("div")
        .class("pop-form")
        .child(labelled(|words| words.time.congestion, select))
        .child(check(|words| words.time.delayed_ack, move || delayed.get(), move |on| delayed.set(on)))
        .child(labelled(|words| words.time.seed, number((0, u64::MAX), move || seed.get().to_string(), set_seed)))
        .child(el("p").class("aside").say(|words| words.time.nagle))
        .child(popover.closes(go))
}

fn order(congestion: Congestion) -> usize {
    CONGESTIONS.iter().position(|one| *one == congestion).unwrap_or_default()
}
