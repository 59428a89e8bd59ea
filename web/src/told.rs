//! What clients were told and does not show otherwise: who does not read, and with which options.

use protocol::call::{Op, Outcome, Phase, SocketOption};
use protocol::command::{ClientAction, Command};
use protocol::event::{Event, Kind};
use protocol::ids::ProgramId;
use std::collections::{BTreeMap, BTreeSet};

/// What clients were told in the present epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Those that do not read.
    pub paused: BTreeSet<ProgramId>,
    no_delay: BTreeMap<ProgramId, bool>,
}

impl Told {
    /// Whether the client has `TCP_NODELAY`.
    #[must_use]
    pub fn no_delay(&self, client: ProgramId) -> bool {
        self.no_delay.get(&client).copied().unwrap_or(false)
    }

    /// Whether an event says something about it.
    pub fn hear(&mut self, event: &Event) {
        match &event.kind {
            Kind::Command { what: Command::Client { client, action: ClientAction::Reading(reading) }, .. } => {
                if *reading {
                    self.paused.remove(client);
                } else {
                    self.paused.insert(*client);
                }
            }
            Kind::Call(call) if call.phase == Phase::Returned && call.outcome == Some(Outcome::Done) => {
                if let (Op::SetOption(SocketOption::NoDelay(on)), Some(client)) = (&call.op, event.about.program) {
                    self.no_delay.insert(client, *on);
                }
            }
            _ => {}
        }
    }
}
