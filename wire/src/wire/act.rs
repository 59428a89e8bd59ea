//! What a person does to the wire.

use super::Wire;
use crate::conditions::{self, BadConditions};
use crate::filter::Catch;
use crate::held::HeldPacket;
use crate::link::{Fate, InFlight, Link};
use crate::report::Why;
use protocol::wire::{Verdict, WireAction};
use protocol::{CommandId, DropReason, Hold, Nanos, PacketId, Stage};

/// An action that cannot be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// The conditions cannot be.
    #[error(transparent)]
    Conditions(#[from] BadConditions),
    /// Nobody holds this packet.
    #[error("packet {0} is not held: it has arrived, was lost, or somebody has decided already")]
    NotHeld(PacketId),
    /// Matches are counted from 1.
    #[error("there is no match number 0: count from 1")]
    NoSuchMatch,
}

impl Wire {
    /// A person does something to the wire.
    ///
    /// # Errors
    ///
    /// [`ActError`] says what cannot be; then nothing is changed.
    pub fn act(&mut self, now: Nanos, action: WireAction, by: Option<CommandId>) -> Result<(), ActError> {
        let why = by.map(Why::Command);
        match action {
            WireAction::Conditions(way, conditions) => {
                conditions::check(&conditions)?;
                self.links[way as usize].conditions = conditions;
            }
            WireAction::Hold(held) => self.set_held(now, held, why),
            WireAction::Cut(cut) => self.set_cut(now, cut, why),
            WireAction::Catch(Some(filter)) if filter.nth == 0 => return Err(ActError::NoSuchMatch),
            WireAction::Catch(filter) => self.catch = filter.map(Catch::new),
            WireAction::Decide(id, verdict) => {
                let held = self.shelf.take(id).ok_or(ActError::NotHeld(id))?;
                self.decide(now, held, verdict, why);
            }
        }
        Ok(())
    }

    fn set_held(&mut self, now: Nanos, held: bool, why: Option<Why>) {
        if self.held == held {
            return;
        }
        self.held = held;
        if held {
            for (remaining, packet) in self.take_all(now) {
                self.stop(now, packet, remaining, why);
            }
        } else {
            for held in self.shelf.take_wire() {
                self.release(now, held, why);
            }
        }
    }

    fn set_cut(&mut self, now: Nanos, cut: bool, why: Option<Why>) {
        self.cut = cut;
        if cut {
            // What is under way is lost with the cable. What is held is in a person's hand, not on the cable.
            for (_, packet) in self.take_all(now) {
                self.lose(now, packet.subject(), DropReason::Cut, why);
            }
        }
    }

    /// Everything under way, each with what remains of its time.
    fn take_all(&mut self, now: Nanos) -> Vec<(Nanos, InFlight)> {
        let mut all = Vec::new();
        let remains = |link: &&mut Link| link.next_due().map(|due| due.since(now));
        while let Some(link) = self.links.iter_mut().filter(|link| link.len() > 0).min_by_key(remains) {
            all.extend(link.take(now));
        }
        all
    }

    fn decide(&mut self, now: Nanos, mut held: HeldPacket, verdict: Verdict, why: Option<Why>) {
        // Chance had its turn; now a person decides.
        held.packet.fate = Fate::Arrive;
        match verdict {
            Verdict::Drop => self.lose(now, held.packet.subject(), DropReason::ByYou, why),
            Verdict::LetGo => self.release(now, held, why),
            Verdict::Twice => {
                let original = held.clone();
                self.release(now, held, why);
                let packet = self.copy(now, original.packet, why);
                self.go_on(now, HeldPacket { packet, ..original });
            }
        }
    }

    /// Lets a packet go on, even while the wire is held.
    fn release(&mut self, now: Nanos, held: HeldPacket, why: Option<Why>) {
        self.tell(now, held.packet.subject(), Stage::Released, why);
        self.go_on(now, held);
    }

    fn go_on(&mut self, now: Nanos, held: HeldPacket) {
        let HeldPacket { packet, hold, remaining } = held;
        if self.cut {
            return self.lose(now, packet.subject(), DropReason::Cut, None);
        }
        let due = now.after(remaining);
        let link = &mut self.links[packet.way as usize];
        // A caught packet may come late, that is what it was caught for; the others keep their order.
        let keeps_order = hold == Hold::Wire && packet.fate == Fate::Arrive && !link.may_reorder();
        let due = if keeps_order { link.in_order(due) } else { due };
        self.run(now, due, packet);
    }
}
