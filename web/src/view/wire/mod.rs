//! The wire in one's hand: hold, catch, conditions, and the packets that stand still on it.

pub mod catch;
pub mod caught;
pub mod knobs;

use super::desk::Desk;
use super::parts::{El, Said, el, holds, toggle};
use crate::live::Memo;
use crate::store::Store;
use protocol::capability::Ability;
use protocol::command::Command;
use protocol::wire::{Matches, WireAction};

/// Gives the wire a command.
pub fn act(action: WireAction) {
    Desk::get().act(Store::get(), Command::Wire(action));
}

/// Whether the wire of the world that runs is ours.
#[must_use]
pub fn is_ours() -> Memo<bool> {
    let store = Store::get();
    holds(move || store.can(Ability::Wire))
}

/// The controls in the toolbar.
#[must_use]
pub fn controls() -> El {
    let store = Store::get();
    let desk = Desk::get();
    let held = holds(move || store.wire(|wire| wire.hold));
    let hold = toggle("btn", (|words| words.wire.hold, |words| words.wire.holding), "H", held)
        .attr_said("title", |words| words.wire.hold_title)
        .press(move || desk.act(store, Command::Wire(WireAction::Hold(!held.get_untracked()))));
    let cut = holds(move || store.wire(|wire| wire.cut));
    let words: (Said, Said) = (|words| words.wire.cut, |words| words.wire.mend);
    let cable = toggle("btn cable", words, "", cut)
        .attr_said("title", |words| words.wire.cut_title)
        .press(move || desk.act(store, Command::Wire(WireAction::Cut(!cut.get_untracked()))));
    el("div")
        .class("wire-bar")
        .attr("role", "group")
        .attr_said("aria-label", |words| words.wire.controls)
        .child(hold)
        .children(catch::catch())
        .child(cable)
        .children(knobs::knobs())
}

/// Every sort that can be caught, as listed.
pub const SORTS: [Matches; 8] = [
    Matches::DataSegment,
    Matches::Syn,
    Matches::PureAck,
    Matches::Fin,
    Matches::Rst,
    Matches::Udp,
    Matches::Icmp,
    Matches::Anything,
];
