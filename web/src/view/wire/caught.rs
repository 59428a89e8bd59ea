//! The packets that stand still on the wire: one large, with its three verdicts, and the others below it.

use crate::held::{HeldPacket, count, held};
use crate::live::Live;
use crate::model::wording;
use crate::store::{Selection, Store};
use crate::view::desk::Desk;
use crate::view::parts::{El, Said, button, el, watch, worded};
use protocol::capability::Ability;
use protocol::command::Command;
use protocol::ids::PacketId;
use protocol::packet::Hold;
use protocol::wire::{Verdict, WireAction};
use std::cell::RefCell;
use std::rc::Rc;

/// What is held, as it was drawn last.
type Shelf = Rc<RefCell<Vec<HeldPacket>>>;

/// The verdicts with their keys, as listed.
pub const VERDICTS: [(Verdict, &str); 3] = [(Verdict::Drop, "D"), (Verdict::LetGo, "L"), (Verdict::Twice, "T")];
/// So many are listed below the first.
const LISTED: usize = 6;

/// Decides about the packet in front. False if none is held.
pub fn decide(store: Store, desk: Desk, verdict: Verdict) -> bool {
    let first = store.live(|story| held(story).first().map(|packet| packet.id));
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
    // Kept here and compared by hand, so that the buttons of a card stay while other packets come.
    let shelf = Shelf::default();
    let (front, rest) = (Live::new(0_u64), Live::new(0_u64));
    let kept = shelf.clone();
    watch(move || {
        let now = store.read(held);
        let before = kept.replace(now.clone());
        let id = |all: &[HeldPacket]| all.first().map(|packet| packet.id);
        // Said once for each packet that stops, not for every frame it stands there.
        if id(&before) != id(&now) {
            let words = &store.words().wire;
            desk.aloud.set(
                now.first()
                    .map_or_else(|| words.aloud_none.to_owned(), |packet| (words.aloud_caught)(&what(store, packet))),
            );
        }
        if id(&before) != id(&now) {
            front.update(|moved| *moved += 1);
        } else if before.get(1..) != now.get(1..) {
            rest.update(|moved| *moved += 1);
        }
    });
    el("div").class("caught-place").region(move || {
        front.track();
        let first = shelf.borrow().first().cloned();
        first.map(|packet| card(store, desk, &packet, &shelf, rest)).into_iter().collect()
    })
}

fn card(store: Store, desk: Desk, packet: &HeldPacket, shelf: &Shelf, rest: Live<u64>) -> El {
    let words = &store.words().wire;
    let shelf = shelf.clone();
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
    // What its sender does is read anew with every tick: the card itself stays, and the focus on it.
    let patience = shelf.clone();
    let countdown = el("p").class("again").text_as(move || {
        store.tick.track();
        let words = &store.words().wire;
        let now = patience.borrow().first().map(|packet| (packet.again, packet.to_server, packet.repeated));
        let Some((Some(again), Some(client), repeated)) = now else { return String::new() };
        let left = again.since(store.live_now());
        match left.0 {
            _ if repeated => (words.again_done)(client),
            0 => (words.again_now)(client),
            _ => (words.again_in)(client, &wording::time(left)),
        }
    });
    el("section")
        .class("caught")
        .attr("role", "group")
        .attr_said("aria-label", |words| words.wire.caught)
        .child(title)
        .child(el("p").class("facts").text(&facts.collect::<Vec<_>>().join(" · ")))
        .child(el("div").class("verdicts").children(verdicts))
        .child(countdown)
        .child(el("p").class("aside").text_as(move || {
            let words = store.words();
            if store.can(Ability::VirtualTime) { words.time.stands } else { words.wire.timers }.to_owned()
        }))
        .region(move || {
            rest.track();
            if shelf.borrow().len() > 1 { vec![others(store, desk, &shelf)] } else { Vec::new() }
        })
}

fn others(store: Store, desk: Desk, shelf: &Shelf) -> El {
    let how_many = move || (store.words().wire.others)(store.read(count).saturating_sub(1));
    let rows: Vec<El> = shelf.borrow().iter().skip(1).take(LISTED).map(|packet| row(store, desk, packet)).collect();
    let shelf = shelf.clone();
    let go: Said = |words| words.wire.all_go;
    let all_go = worded("btn small", go).press(move || {
        // What the hold of the whole wire keeps, its end lets go; what was caught is decided one by one.
        if store.wire_now(|wire| wire.hold) {
            desk.act(store, Command::Wire(WireAction::Hold(false)));
        }
        for packet in shelf.borrow().iter().filter(|packet| packet.hold == Hold::Caught) {
            tell(store, desk, packet.id, Verdict::LetGo);
        }
    });
    el("div")
        .class("others")
        .child(el("p").class("aside").text_as(how_many).text(" ").child(all_go))
        .child(el("ul").children(rows))
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
