//! How much has happened: the numbers in the header.

use protocol::call::Phase;
use protocol::event::{Event, Kind};
use protocol::packet::Stage;

/// Counts of the present epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Calls entered.
    pub calls: u64,
    /// Packets sent.
    pub packets: u64,
    /// Packets dropped.
    pub dropped: u64,
    /// Events that were lost and could not be recorded.
    pub lost: u64,
}

impl Tally {
    /// Counts one event.
    pub fn count(&mut self, event: &Event) {
        match &event.kind {
            Kind::Call(call) if call.phase == Phase::Entered => self.calls += 1,
            Kind::Packet(packet) => match packet.stage {
                Stage::Sent => self.packets += 1,
                Stage::Dropped(_) => self.dropped += 1,
                _ => {}
            },
            Kind::Dropped { count, .. } => self.lost += count,
            _ => {}
        }
    }
}
