//! The conditions of the wire: delay and loss in the toolbar, everything in a list, for both ways or each.

use crate::store::Store;
use crate::view::desk::Desk;
use crate::view::parts::{El, Said, button, el, holds, labelled, number, select};
use crate::view::popover::menu;
use leptos::prelude::*;
use protocol::command::Command;
use protocol::ids::Nanos;
use protocol::wire::{Conditions, Way, WireAction};

/// Which directions the fields are for, as listed.
const FOR: [&[Way]; 3] = [&[Way::ToServer, Way::ToClient], &[Way::ToServer], &[Way::ToClient]];
const BOTH: &[Way] = FOR[0];
/// The end of the slider, milliseconds: longer delays can be typed.
const SLIDER: u64 = 500;

/// A condition: its label, range, how it is shown and set.
struct Knob {
    label: Said,
    range: (u64, u64),
    /// Whether 0 means that there is no limit, and the field is empty.
    limit: bool,
    step: &'static str,
    show: fn(&Conditions) -> f64,
    set: fn(&mut Conditions, f64),
}

/// Percent of a chance in thousandths, and back.
fn percent(chance: u16) -> f64 {
    f64::from(chance) / 10.0
}

fn chance(percent: f64) -> u16 {
    (percent.clamp(0.0, 100.0) * 10.0).round() as u16
}

fn millis(time: Nanos) -> f64 {
    time.as_millis()
}

fn nanos(millis: f64) -> Nanos {
    Nanos((millis.clamp(0.0, 60_000.0) * 1e6).round() as u64)
}

const DELAY: Knob = Knob {
    label: |words| words.wire.delay,
    range: (0, 60_000),
    limit: false,
    step: "any",
    show: |now| millis(now.delay),
    set: |to, value| to.delay = nanos(value),
};
const LOSS: Knob = Knob {
    label: |words| words.wire.loss,
    range: (0, 100),
    limit: false,
    step: "0.1",
    show: |now| percent(now.loss),
    set: |to, value| to.loss = chance(value),
};
const KNOBS: [Knob; 9] = [
    DELAY,
    Knob {
        label: |words| words.wire.jitter,
        show: |now| millis(now.jitter),
        set: |to, value| to.jitter = nanos(value),
        ..DELAY
    },
    LOSS,
    Knob {
        label: |words| words.wire.burst,
        range: (0, 1_000),
        limit: false,
        step: "1",
        show: |now| now.burst.into(),
        set: |to, value| to.burst = value.clamp(0.0, 1_000.0) as u16,
    },
    Knob {
        label: |words| words.wire.duplicate,
        show: |now| percent(now.duplicate),
        set: |to, value| to.duplicate = chance(value),
        ..LOSS
    },
    Knob {
        label: |words| words.wire.reorder,
        show: |now| percent(now.reorder),
        set: |to, value| to.reorder = chance(value),
        ..LOSS
    },
    Knob {
        label: |words| words.wire.rate,
        range: (0, 10_000_000),
        limit: true,
        step: "any",
        show: |now| now.rate as f64 / 1e3,
        set: |to, value| to.rate = (value.clamp(0.0, 1e7) * 1e3).round() as u64,
    },
    Knob {
        label: |words| words.wire.queue,
        range: (0, 100_000),
        limit: true,
        step: "1",
        show: |now| now.queue.into(),
        set: |to, value| to.queue = value.clamp(0.0, 100_000.0) as u32,
    },
    Knob {
        label: |words| words.wire.mtu,
        range: (68, 1_500),
        limit: true,
        step: "1",
        show: |now| now.mtu.into(),
        set: |to, value| to.mtu = if value > 0.0 { value.clamp(68.0, 1_500.0) as u16 } else { 0 },
    },
];

/// Sets one condition of some directions; the others stay.
fn turn(store: Store, desk: Desk, ways: &[Way], set: fn(&mut Conditions, f64), value: f64) {
    for way in ways {
        let mut conditions = store.wire.with_untracked(|wire| wire.of(*way).clone());
        set(&mut conditions, value);
        change(store, desk, *way, conditions);
    }
}

/// The events say what holds; until they come, the fields show what was asked for.
fn change(store: Store, desk: Desk, way: Way, conditions: Conditions) {
    store.command(Command::Wire(WireAction::Conditions(way, conditions)), move |answer| {
        if answer.is_err() {
            // The fields show again what holds.
            store.wire.update(|_| ());
        }
        desk.note(answer);
    });
}

/// Without the zeros that say nothing: `0.5`, `20`.
fn shown(value: f64) -> String {
    ((value * 1e3).round() / 1e3).to_string()
}

/// Delay and loss, and the button that opens the rest.
#[must_use]
pub fn knobs() -> Vec<El> {
    let store = Store::get();
    let desk = Desk::get();
    let now = move |knob: &Knob| store.wire.with(|wire| (knob.show)(&wire.to_server));
    let delay = el("input")
        .attr("type", "range")
        .attr("min", "0")
        .attr("max", &SLIDER.to_string())
        .attr("step", "5")
        .attr_said("aria-label", DELAY.label)
        .attr_as("aria-valuetext", move || Some([&shown(now(&DELAY)), " ms"].concat()))
        .prop("value", move || now(&DELAY).into())
        .change(move |typed| turn(store, desk, BOTH, DELAY.set, typed.parse().unwrap_or_default()));
    let loss = field(store, desk, LOSS, || BOTH).class("field loss");
    let delay_word = el("span").text_as(move || [&shown(now(&DELAY)), " ms"].concat());
    let slider = el("label").class("knob").child(delay).child(delay_word);
    let loss = labelled(LOSS.label, loss).class("knob");
    let [more, panel] = menu("btn", |words| words.wire.more, |_| list());
    vec![slider, loss, more, panel]
}

/// A number field for one condition.
fn field(store: Store, desk: Desk, knob: Knob, ways: impl Fn() -> &'static [Way] + Copy + 'static) -> El {
    let Knob { range, limit, step, show, set, .. } = knob;
    let value = move || {
        let way = ways().first().copied().unwrap_or(Way::ToServer);
        let value = store.wire.with(|wire| show(wire.of(way)));
        if limit && value == 0.0 { String::new() } else { shown(value) }
    };
    let change = move |typed: String| {
        let value = if typed.trim().is_empty() { Some(0.0) } else { typed.trim().parse().ok() };
        value.into_iter().for_each(|value| turn(store, desk, ways(), set, value));
    };
    let field = number(range, value, change).attr("step", step);
    if limit { field.attr_said("placeholder", |words| words.wire.unlimited) } else { field }
}

fn list() -> El {
    let store = Store::get();
    let desk = Desk::get();
    let chosen = RwSignal::new(0_usize);
    let ways = move || FOR[chosen.get() % FOR.len()];
    let names = move || store.words().wire.ways.map(str::to_owned).to_vec();
    let differ = holds(move || chosen.get() == 0 && store.wire.with(|wire| wire.to_server != wire.to_client));
    let fields = KNOBS.map(|knob| labelled(knob.label, field(store, desk, knob, ways)));
    let clean = button("btn").say(|words| words.wire.clean).press(move || {
        for way in BOTH {
            change(store, desk, *way, Conditions::default());
        }
    });
    el("div")
        .class("pop-form")
        .child(labelled(|words| words.wire.applies, select(names, move || chosen.get(), move |at| chosen.set(at))))
        .when(differ, || el("p").class("aside").say(|words| words.wire.differ))
        .children(fields)
        .child(clean)
        .child(el("p").class("aside").say(|words| words.wire.timers))
}
