//! The packets that stand still on the wire: one large, with its three verdicts, and the others below it.

use super::super::parts::{El, Said, button, el, holds, worded};
use crate::held::{HeldPacket, count, held};
use crate::model::wording;
use crate::store::{Selection, Store};
use crate::view::desk::Desk;
use leptos::prelude::*;
use protocol::command::Command;
use protocol::ids::PacketId;
use protocol::packet::Hold;
use protocol::wire::{Verdict, WireAction};

/// The verdicts with their keys, as listed.
pub const VERDICTS: [(Verdict, &str); 3] = [(Verdict::Drop, "D"), (Verdict::LetGo, "L"), (Verdict::Twice, "T")];
/// So many are listed below the first.
const LISTED: usize = 6;

/// Decides about the packet in front. False if none is held.
pub fn decide(store: Store, desk: Desk, verdict: Verdict) -> bool {
    let first = store.peek(|story| held(story).first().map(|packet| packet.id));
    if let Some(packet) = first {
        tell(store, desk, packet, verdict);
    }
    first.is_some()
}

fn tell(store: Store, desk: Desk, packet: PacketId, verdict: Verdict) {
    desk.act(store, Command::Wire(WireAction::Decide(packet, verdict)));
}

/// What it is, in words: `1448 bytes A`, `SYN`.
fn what(store: Store, packet: &HeldPacket) -> String {
    let words = &store.words().wire;
    let data = (packet.data > 0).then(|| (words.data)(packet.data));
    let parts: Vec<String> = [packet.flags.clone()].into_iter().filter(|flags| !flags.is_empty()).chain(data).collect();
    if parts.is_empty() { (words.packet)(packet.true_len) } else { parts.join(" · ") }
}

/// The card over the ladder.
#[must_use]
pub fn caught() -> El {
    let store = Store::get();
    let desk = Desk::get();
    let all = Memo::new(move |_| store.read(held));
    let first = Memo::new(move |_| all.with(|all| all.first().cloned()));
    // Said once for each packet that stops, not for every frame it stands there.
    Effect::new(move |before: Option<Option<PacketId>>| {
        let now = first.get();
        let id = now.as_ref().map(|packet| packet.id);
        if before.flatten() != id {
            let words = &store.words().wire;
            match &now {
                Some(packet) => desk.aloud.set((words.aloud_caught)(&what(store, packet))),
                None => desk.aloud.set(words.aloud_none.to_owned()),
            }
        }
        id
    });
    el("div").class("caught-place").region(move || {
        let Some(packet) = first.get() else { return Vec::new() };
        vec![card(store, desk, &packet, all)]
    })
}

fn card(store: Store, desk: Desk, packet: &HeldPacket, all: Memo<Vec<HeldPacket>>) -> El {
    let words = &store.words().wire;
    let id = packet.id;
    let seq = packet.seq;
    let letter = packet.letter.map(|letter| {
        let class = ["chip-letter hue-", &char::from(b'a' + letter.hue()).to_string()].concat();
        el("span").class(&class).text(&letter.to_string())
    });
    let title = button("what")
        .text(&what(store, packet))
        .text(" ")
        .children(letter)
        .press(move || store.selection.set(Some(Selection::Event(seq))));
    let way = packet.to_server.map(|to_server| if to_server { words.to_server } else { words.to_client });
    let place = packet.place.map(|(first, last)| (words.place)(first, last));
    let state = if packet.hold == Hold::Caught { words.caught } else { words.held };
    let repeats = packet.repeats.then(|| words.repeats.to_owned());
    let facts = [Some(state.to_owned()), way.map(str::to_owned), place, repeats].into_iter().flatten();
    let verdicts = VERDICTS.map(|(verdict, key)| {
        button(if verdict == Verdict::Drop { "btn drop" } else { "btn" })
            .attr("title", (words.verdict_title)(verdict))
            .text((words.verdict)(verdict))
            .text(" ")
            .child(el("kbd").text(key))
            .press(move || tell(store, desk, id, verdict))
    });
    let (again, repeated) = (packet.again, packet.repeated);
    let countdown = again.zip(packet.to_server).map(|(again, client)| {
        el("p").class("again").text_as(move || {
            store.tick.track();
            let words = &store.words().wire;
            let left = again.since(store.live_now());
            match left.0 {
                _ if repeated => (words.again_done)(client),
                0 => (words.again_now)(client),
                _ => (words.again_in)(client, &wording::time(left)),
            }
        })
    });
    el("section")
        .class("caught")
        .attr("role", "group")
        .attr_said("aria-label", |words| words.wire.caught)
        .child(title)
        .child(el("p").class("facts").text(&facts.collect::<Vec<_>>().join(" · ")))
        .child(el("div").class("verdicts").children(verdicts))
        .children(countdown)
        .child(el("p").class("aside").say(|words| words.wire.timers))
        .when(holds(move || all.with(|all| all.len() > 1)), move || others(store, desk, all))
}

fn others(store: Store, desk: Desk, all: Memo<Vec<HeldPacket>>) -> El {
    let how_many = move || (store.words().wire.others)(store.read(count).saturating_sub(1));
    let rows = move || {
        let shown = all.with(|all| all.iter().skip(1).take(LISTED).cloned().collect::<Vec<_>>());
        shown.iter().map(|packet| row(store, desk, packet)).collect()
    };
    let go: Said = |words| words.wire.all_go;
    let all_go = worded("btn small", go).press(move || {
        // What the hold of the whole wire keeps, its end lets go; what was caught is decided one by one.
        if store.wire.with_untracked(|wire| wire.hold) {
            desk.act(store, Command::Wire(WireAction::Hold(false)));
        }
        for packet in all.get_untracked().iter().filter(|packet| packet.hold == Hold::Caught) {
            tell(store, desk, packet.id, Verdict::LetGo);
        }
    });
    el("div")
        .class("others")
        .child(el("p").class("aside").text_as(how_many).text(" ").child(all_go))
        .child(el("ul").region(rows))
}

fn row(store: Store, desk: Desk, packet: &HeldPacket) -> El {
    let words = &store.words().wire;
    let id = packet.id;
    let way = packet.to_server.map_or("", |to_server| if to_server { words.to_server } else { words.to_client });
    let repeats = if packet.repeats { [" · ", words.repeats].concat() } else { String::new() };
    let name = [&what(store, packet), " ", way, &repeats].concat();
    let verdicts = VERDICTS.map(|(verdict, _)| {
        let label = [(words.verdict)(verdict), ": ", &name].concat();
        button("btn small")
            .attr("aria-label", &label)
            .text((words.verdict)(verdict))
            .press(move || tell(store, desk, id, verdict))
    });
    el("li").child(el("span").text(&name)).children(verdicts)
}
