//! What clients and the wire were told and does not show otherwise: who does not read, with which options, what the
//! wire does to packets.

use crate::wire::WireState;
use protocol::call::{Op, Outcome, Phase, SocketOption};
use protocol::command::{ClientAction, Command};
use protocol::event::{Event, Kind};
use protocol::ids::ProgramId;

/// What clients were told in the present epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    // Lists, not maps: there are few clients, and each kind of map adds to the page.
    paused: Vec<ProgramId>,
    no_delay: Vec<ProgramId>,
    /// How the wire is set.
    pub wire: WireState,
}

impl Told {
    /// Whether the client does not read.
    #[must_use]
    pub fn paused(&self, client: ProgramId) -> bool {
        self.paused.contains(&client)
    }

    /// Whether the client has `TCP_NODELAY`.
    #[must_use]
    pub fn no_delay(&self, client: ProgramId) -> bool {
        self.no_delay.contains(&client)
    }

    /// Whether an event says something about it.
    pub fn hear(&mut self, event: &Event) {
        self.wire.hear(event);
        match &event.kind {
            Kind::Command { what: Command::Client { client, action: ClientAction::Reading(reading) }, .. } => {
                put(&mut self.paused, *client, !reading);
            }
            Kind::Call(call) if call.phase == Phase::Returned && call.outcome == Some(Outcome::Done) => {
                if let (Op::SetOption(SocketOption::NoDelay(on)), Some(client)) = (&call.op, event.about.program) {
                    put(&mut self.no_delay, client, *on);
                }
            }
            _ => {}
        }
    }
}

fn put(list: &mut Vec<ProgramId>, client: ProgramId, on: bool) {
    list.retain(|other| *other != client);
    if on {
        list.push(client);
    }
}
