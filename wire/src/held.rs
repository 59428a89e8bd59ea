//! Packets that wait for a person's decision.

use crate::link::InFlight;
use protocol::{Hold, Nanos, PacketId};
use std::collections::BTreeMap;

/// A packet that waits.
#[derive(Clone, Debug)]
pub(crate) struct HeldPacket {
    pub(crate) packet: InFlight,
    pub(crate) hold: Hold,
    /// What remains of its delay.
    pub(crate) remaining: Nanos,
}

/// All that wait, in the order they came to a stop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shelf {
    packets: BTreeMap<u64, HeldPacket>,
    next: u64,
}

impl Shelf {
    /// The most packets held at a time: more than a person can decide about, and a few MiB at most.
    pub(crate) const MOST: usize = 4096;

    pub(crate) fn is_full(&self) -> bool {
        self.packets.len() >= Self::MOST
    }

    pub(crate) fn put(&mut self, packet: HeldPacket) {
        self.packets.insert(self.next, packet);
        self.next += 1;
    }

    /// Takes one packet away.
    pub(crate) fn take(&mut self, id: PacketId) -> Option<HeldPacket> {
        let place = self.packets.iter().find(|(_, held)| held.packet.id == id).map(|(&place, _)| place)?;
        self.packets.remove(&place)
    }

    /// Takes all that the hold of the whole wire keeps away, in order.
    pub(crate) fn take_wire(&mut self) -> Vec<HeldPacket> {
        let (wire, caught) =
            std::mem::take(&mut self.packets).into_iter().partition(|(_, held)| held.hold == Hold::Wire);
        self.packets = caught;
        let wire: BTreeMap<u64, HeldPacket> = wire;
        wire.into_values().collect()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &HeldPacket> {
        self.packets.values()
    }
}
