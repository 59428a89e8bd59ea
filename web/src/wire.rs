//! What the wire was told, by anybody: heard from the record, so that the controls of all pages agree.

use protocol::command::Command;
use protocol::event::{Event, Kind};
use protocol::packet::{Hold, Stage};
use protocol::wire::{Conditions, Filter, Way, WireAction};

/// How the wire is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WireState {
    /// Packets on their way to the server.
    pub to_server: Conditions,
    /// Packets on their way to the client.
    pub to_client: Conditions,
    /// Whether all deliveries wait.
    pub hold: bool,
    /// Whether the cable is cut.
    pub cut: bool,
    /// What is waited for.
    pub catch: Option<Filter>,
}

impl WireState {
    /// The conditions of a direction.
    #[must_use]
    pub fn of(&self, way: Way) -> &Conditions {
        match way {
            Way::ToServer => &self.to_server,
            Way::ToClient => &self.to_client,
        }
    }

    /// Whether an event says something about it.
    pub fn hear(&mut self, event: &Event) {
        match &event.kind {
            Kind::Command { what: Command::Wire(action), .. } => match action {
                WireAction::Conditions(Way::ToServer, conditions) => self.to_server = conditions.clone(),
                WireAction::Conditions(Way::ToClient, conditions) => self.to_client = conditions.clone(),
                WireAction::Hold(hold) => self.hold = *hold,
                WireAction::Cut(cut) => self.cut = *cut,
                WireAction::Catch(filter) => self.catch.clone_from(filter),
                WireAction::Decide(..) => {}
            },
            // One is caught, and no more are waited for.
            Kind::Packet(packet) if packet.stage == Stage::Held(Hold::Caught) => self.catch = None,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::event::{About, Provenance};
    use protocol::packet::{Packet, Tap};
    use protocol::wire::Matches;
    use protocol::{Bytes, CommandId, Nanos, PacketId, Seq};

    fn event(kind: Kind) -> Event {
        Event {
            seq: Seq(1),
            at: Nanos(0),
            uncertainty: Nanos(0),
            about: About::default(),
            provenance: Provenance::OBSERVED,
            cause: None,
            kind,
        }
    }

    fn told(action: WireAction) -> Event {
        event(Kind::Command { id: CommandId::default(), what: Command::Wire(action) })
    }

    #[test]
    fn what_anybody_sets_holds_and_a_caught_packet_ends_the_waiting() {
        let mut wire = WireState::default();
        let slow = Conditions { delay: Nanos::from_millis(20), ..Conditions::default() };
        let filter = Filter { way: None, what: Matches::DataSegment, nth: 2 };
        wire.hear(&told(WireAction::Conditions(Way::ToClient, slow.clone())));
        wire.hear(&told(WireAction::Hold(true)));
        wire.hear(&told(WireAction::Catch(Some(filter.clone()))));
        let set = WireState { to_client: slow, hold: true, catch: Some(filter), ..WireState::default() };
        assert_eq!(wire, set);
        let packet = |stage| {
            let packet =
                Packet { id: PacketId(1), tap: Tap::Wire, stage, copy_of: None, data: Bytes::default(), true_len: 40 };
            event(Kind::Packet(packet))
        };
        wire.hear(&packet(Stage::Held(Hold::Wire)));
        assert_eq!(wire, set, "the hold of the whole wire catches nothing");
        wire.hear(&packet(Stage::Held(Hold::Caught)));
        assert_eq!(wire, WireState { catch: None, ..set });
    }
}
