//! Packets that wait for a person's decision.

use crate::link::InFlight;
use protocol::{Hold, Nanos, PacketId};

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
    packets: Vec<HeldPacket>,
}

impl Shelf {
    /// The most packets held at a time: more than a person can decide about, and a few MiB at most.
    pub(crate) const MOST: usize = 4096;

    pub(crate) fn is_full(&self) -> bool {
        self.packets.len() >= Self::MOST
    }

    pub(crate) fn put(&mut self, packet: HeldPacket) {
        self.packets.push(packet);
    }

    /// Takes one packet away.
    pub(crate) fn take(&mut self, id: PacketId) -> Option<HeldPacket> {
        let place = self.packets.iter().position(|held| held.packet.id == id)?;
        Some(self.packets.remove(place))
    }

    /// Takes all that the hold of the whole wire keeps away, in order.
    pub(crate) fn take_wire(&mut self) -> Vec<HeldPacket> {
        let (wire, caught) = std::mem::take(&mut self.packets).into_iter().partition(|held| held.hold == Hold::Wire);
        self.packets = caught;
        wire
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &HeldPacket> {
        self.packets.iter()
    }
}
