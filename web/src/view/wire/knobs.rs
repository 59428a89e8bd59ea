//! The conditions of the wire: delay and loss in the toolbar, everything in a list, for both ways or each.

use crate::live::Live;
use crate::store::Store;
use crate::view::desk::Desk;
use crate::view::later::{Later, later};
use crate::view::parts::{El, Said, button, el, holds, labelled, number, select};
use crate::view::popover::menu;
use protocol::command::Command;
use protocol::ids::Nanos;
use protocol::wire::{Conditions, Way, WireAction};

/// Which directions the fields are for, as listed.
const FOR: [&[Way]; 3] = [&[Way::ToServer, Way::ToClient], &[Way::ToServer], &[Way::ToClient]];
const BOTH: &[Way] = FOR[0];
/// The end of the slider, milliseconds: longer delays can be typed.
const SLIDER: u64 = 500;

/// A condition: its label, range, how it is shown and set.
///
/// Values are thousandths of what the field shows: whole numbers, because printing and reading fractions costs the page
/// more than all these controls.
#[derive(Clone, Copy)]
struct Knob {
    label: Said,
    /// In what the field shows.
    range: (u64, u64),
    /// Whether 0 means that there is no limit, and the field is empty.
    limit: bool,
    step: &'static str,
    show: fn(&Conditions) -> u64,
    set: fn(&mut Conditions, u64),
}

/// A chance in thousandths, as thousandths of a percent, and back.
fn percent(chance: u16) -> u64 {
    u64::from(chance) * 100
}

fn chance(percent: u64) -> u16 {
    ((percent + 50) / 100).min(1_000) as u16
}

/// A time, as thousandths of a millisecond, and back.
fn micros(time: Nanos) -> u64 {
    time.0 / 1_000
}

fn nanos(micros: u64) -> Nanos {
    Nanos::from_micros(micros.min(60_000_000))
}

/// A count, as thousandths, and back.
fn thousandths(count: impl Into<u64>) -> u64 {
    count.into() * 1_000
}

fn count(thousandths: u64, most: u64) -> u64 {
    (thousandths / 1_000).min(most)
}

const DELAY: Knob = Knob {
    label: |words| words.wire.delay,
    range: (0, 60_000),
    limit: false,
    step: "any",
    show: |now| micros(now.delay),
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
        show: |now| micros(now.jitter),
        set: |to, value| to.jitter = nanos(value),
        ..DELAY
    },
    LOSS,
    Knob {
        label: |words| words.wire.burst,
        range: (0, 1_000),
        limit: false,
        step: "1",
        show: |now| thousandths(now.burst),
        set: |to, value| to.burst = count(value, 1_000) as u16,
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
        // Bits are thousandths of kilobits.
        show: |now| now.rate,
        set: |to, value| to.rate = value.min(10_000_000_000),
    },
    Knob {
        label: |words| words.wire.queue,
        range: (0, 100_000),
        limit: true,
        step: "1",
        show: |now| thousandths(now.queue),
        set: |to, value| to.queue = count(value, 100_000) as u32,
    },
    Knob {
        label: |words| words.wire.mtu,
        range: (68, 1_500),
        limit: true,
        step: "1",
        show: |now| thousandths(now.mtu),
        set: |to, value| to.mtu = if value > 0 { count(value, 1_500).max(68) as u16 } else { 0 },
    },
];

/// Sets one condition of some directions; the others stay.
fn turn(store: Store, desk: Desk, ways: &[Way], set: fn(&mut Conditions, u64), value: u64) {
    for way in ways {
        let mut conditions = store.wire_now(|wire| wire.of(*way).clone());
        set(&mut conditions, value);
        change(store, desk, *way, conditions);
    }
}

/// The events say what holds; until they come, the fields show what was asked for.
fn change(store: Store, desk: Desk, way: Way, conditions: Conditions) {
    store.command(Command::Wire(WireAction::Conditions(way, conditions)), move |answer| {
        if answer.is_err() {
            // The fields show again what holds.
            store.wired.update(|moved| *moved += 1);
        }
        desk.note(answer);
    });
}

/// Thousandths as a number, without the zeros that say nothing: `0.5`, `20`.
fn shown(value: u64) -> String {
    let rest = [value / 100 % 10, value / 10 % 10, value % 10].map(|digit| char::from(b'0' + digit as u8));
    let rest: String = rest.iter().collect();
    let whole = (value / 1_000).to_string();
    match rest.trim_end_matches('0') {
        "" => whole,
        rest => [&whole, ".", rest].concat(),
    }
}

/// A number as thousandths; `None` if it is none.
fn read(typed: &str) -> Option<u64> {
    let (whole, rest) = typed.split_once('.').unwrap_or((typed, ""));
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut rest: String = rest.chars().take(3).collect();
    while rest.len() < 3 {
        rest.push('0');
    }
    whole.checked_mul(1_000)?.checked_add(rest.parse().ok()?)
}

/// Delay and loss, and the button that opens the rest.
#[must_use]
pub fn knobs() -> Vec<El> {
    let store = Store::get();
    let desk = Desk::get();
    let now = move |knob: &Knob| store.wire(|wire| (knob.show)(&wire.to_server));
    let delay = el("input")
        .attr("type", "range")
        .attr("min", "0")
        .attr("max", &SLIDER.to_string())
        .attr("step", "5")
        .attr_said("aria-label", DELAY.label)
        .attr_as("aria-valuetext", move || Some([&shown(now(&DELAY)), " ms"].concat()))
        .prop("value", move || shown(now(&DELAY)).into())
        .change(move |typed| turn(store, desk, BOTH, DELAY.set, read(&typed).unwrap_or_default()));
    let loss = field(store, desk, LOSS, || BOTH).class("field loss");
    let delay_word = el("span").text_as(move || [&shown(now(&DELAY)), " ms"].concat());
    let slider = el("label").class("knob").child(delay).child(delay_word);
    let loss = labelled(LOSS.label, loss).class("knob seldom");
    let [more, panel] = menu("btn", |words| words.wire.more, |_| later(Later::Conditions));
    vec![slider, loss, more, panel]
}

/// A number field for one condition.
fn field(store: Store, desk: Desk, knob: Knob, ways: impl Fn() -> &'static [Way] + Copy + 'static) -> El {
    let Knob { range, limit, step, show, set, .. } = knob;
    let value = move || {
        let way = ways().first().copied().unwrap_or(Way::ToServer);
        let value = store.wire(|wire| show(wire.of(way)));
        if limit && value == 0 { String::new() } else { shown(value) }
    };
    let change = move |typed: String| {
        let value = if typed.trim().is_empty() { Some(0) } else { read(typed.trim()) };
        value.into_iter().for_each(|value| turn(store, desk, ways(), set, value));
    };
    let field = number(range, value, change).attr("step", step);
    if limit { field.attr_said("placeholder", |words| words.wire.unlimited) } else { field }
}

/// All conditions.
pub fn list() -> El {
    let store = Store::get();
    let desk = Desk::get();
    let chosen = Live::new(0_usize);
    let ways = move || FOR[chosen.get() % FOR.len()];
    let names = move || store.words().wire.ways.map(str::to_owned).to_vec();
    let differ = holds(move || chosen.get() == 0 && store.wire(|wire| wire.to_server != wire.to_client));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_as_they_were_typed() {
        for (typed, thousandths) in [("0", 0), ("20", 20_000), ("0.5", 500), ("12.345", 12_345), ("100", 100_000)] {
            assert_eq!(read(typed), Some(thousandths), "{typed}");
            assert_eq!(shown(thousandths), typed);
        }
        assert_eq!(read("0.50"), Some(500));
        assert_eq!(read("1e3"), None);
        assert_eq!(read(""), Some(0));
    }

    #[test]
    fn every_knob_shows_what_it_set() {
        for (at, knob) in KNOBS.iter().enumerate() {
            let mut conditions = Conditions::default();
            (knob.set)(&mut conditions, 100_000);
            assert_eq!((knob.show)(&conditions), 100_000, "knob {at}");
            (knob.set)(&mut conditions, 0);
            assert_eq!(conditions, Conditions::default(), "knob {at} goes back");
        }
    }
}
