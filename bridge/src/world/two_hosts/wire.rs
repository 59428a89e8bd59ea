//! What a person does to the wire, and what of it still holds when a new epoch begins.

use super::packets::{self, Packets};
use crate::hosts::{WireHandle, WireUnavailable};
use crate::probe::SNAP;
use crate::recorder::Recorder;
use ::wire::{ActError, BadConditions};
use protocol::program::OutOfRange;
use protocol::wire::WireAction;
use protocol::{Ability, Command, CommandId, Nanos, Reason, Refusal, Reply, Unavailable};
use std::sync::{Arc, Mutex};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Where commands to the wire arrive.
pub(super) struct WireDesk {
    handle: Mutex<Option<WireHandle>>,
    packets: Arc<Mutex<Packets>>,
    /// The last command of each sort that still says how the wire is.
    holds: Mutex<Vec<(CommandId, WireAction)>>,
    stop: CancellationToken,
}

impl WireDesk {
    /// A wire without conditions, whose packets are told while somebody watches.
    pub fn new(recorder: Recorder, handle: WireHandle, packets: Arc<Mutex<Packets>>, tasks: &TaskTracker) -> Self {
        let stop = CancellationToken::new();
        let (watched, stopped) = (handle.clone(), stop.clone());
        tasks.spawn(async move {
            let follow = async {
                loop {
                    watched.watch(None);
                    recorder.becomes_watched(true).await;
                    watched.watch(Some(SNAP));
                    recorder.becomes_watched(false).await;
                }
            };
            tokio::select! {
                biased;
                () = stopped.cancelled() => {}
                () = follow => {}
            }
        });
        Self { handle: Mutex::new(Some(handle)), packets, holds: Mutex::default(), stop }
    }

    /// Does something to the wire. `record` writes the command down before anything that it causes is told.
    ///
    /// # Errors
    /// [`Refusal`], and then nothing was done.
    pub fn act(&self, id: CommandId, action: WireAction, record: impl FnOnce(Command)) -> Result<Reply, Refusal> {
        let handle = self.handle.lock().expect(UNPOISONED);
        let handle = handle.as_ref().ok_or_else(|| refusal(&WireUnavailable::Ended))?;
        let told = action.clone();
        handle
            .act(action, Some(id), || {
                record(Command::Wire(told.clone()));
                self.remember(id, told);
            })
            .map_err(|error| refusal(&error))?;
        Ok(Reply::Done)
    }

    fn remember(&self, id: CommandId, action: WireAction) {
        if matches!(action, WireAction::Decide(..)) {
            return;
        }
        let mut holds = self.holds.lock().expect(UNPOISONED);
        holds.retain(|(_, before)| match (before, &action) {
            (WireAction::Conditions(way, _), WireAction::Conditions(now, _)) => way != now,
            (before, now) => std::mem::discriminant(before) != std::mem::discriminant(now),
        });
        holds.push((id, action));
    }

    /// Tells again how the wire is, for a new epoch.
    pub fn tell_again(&self, record: impl Fn(CommandId, Command)) {
        let catching = self.handle.lock().expect(UNPOISONED).as_ref().is_some_and(WireHandle::is_catching);
        let holds = self.holds.lock().expect(UNPOISONED);
        let held = holds.iter().filter(|(_, action)| !matches!(action, WireAction::Catch(_)) || catching);
        held.for_each(|(id, action)| record(*id, Command::Wire(action.clone())));
    }

    /// Tells again which packets wait for a decision.
    pub fn tell_held(&self) {
        packets::locked(&self.packets).tell_held();
    }

    /// Is cancelled when the wire is needed no more.
    #[must_use]
    pub fn stopped(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// The wire is needed no more.
    pub fn end(&self) {
        self.stop.cancel();
        self.handle.lock().expect(UNPOISONED).take();
    }
}

const UNPOISONED: &str = "nothing panics while it holds the wire's desk";

fn refusal(error: &WireUnavailable) -> Refusal {
    let range = |what: &str, least, most, given| OutOfRange { what: what.into(), least, most, given }.into();
    match error {
        WireUnavailable::Act(ActError::NotHeld(_)) => Refusal::NotHeld,
        WireUnavailable::Act(ActError::NoSuchMatch) => range("match", 1, u32::MAX.into(), 0),
        WireUnavailable::Act(ActError::Conditions(BadConditions::Delay(Nanos(given)))) => {
            range("delay in milliseconds", 0, 60_000, given / 1_000_000)
        }
        WireUnavailable::Act(ActError::Conditions(BadConditions::Chance { name, given })) => {
            range(&format!("{name} in thousandths"), 0, 1_000, (*given).into())
        }
        WireUnavailable::Act(ActError::Conditions(BadConditions::Mtu(given))) => {
            range("MTU", 68, u16::MAX.into(), (*given).into())
        }
        WireUnavailable::Ended => Refusal::Unavailable(
            Ability::Wire,
            Unavailable { reason: Reason::NeedsBridge, detail: error.to_string(), remedy: String::new() },
        ),
    }
}
