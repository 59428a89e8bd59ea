//! All worlds of the bridge, of which one is shown. The others live on: their servers answer, and nobody is told.

use super::World;
use super::ensemble::Changed;
use crate::recorder::Recorder;
use protocol::message::TargetInfo;
use protocol::{
    Ability, About, Capability, Command, CommandId, HostId, Kind, MemberId, Provenance, Reason, Refusal, Reply,
    ServerInfo, SettingsInfo, Unavailable, WorldAction, WorldInfo, WorldKind,
};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::watch;

/// A world, and the recorder that is heard while it is shown.
pub struct Place {
    /// The world.
    pub world: Arc<dyn World>,
    /// Where it writes.
    pub recorder: Recorder,
}

/// The worlds of a bridge.
pub struct Worlds {
    places: Vec<Place>,
    missing: Vec<(WorldKind, Unavailable)>,
    /// The place of the one that is shown.
    shown: Mutex<usize>,
    changed: Changed,
}

impl Worlds {
    /// The worlds that stand, beginning with the one of kind `first`, and why the others do not. All of them say by
    /// `changed` that their servers did.
    #[must_use]
    pub fn new(
        places: Vec<Place>,
        missing: Vec<(WorldKind, Unavailable)>,
        first: WorldKind,
        changed: Changed,
    ) -> Arc<Self> {
        let shown = places.iter().position(|place| place.world.kind() == first).unwrap_or(0);
        Arc::new(Self { places, missing, shown: Mutex::new(shown), changed })
    }

    fn shown(&self) -> &Arc<dyn World> {
        &self.places[*self.locked()].world
    }

    fn locked(&self) -> MutexGuard<'_, usize> {
        self.shown.lock().expect("nothing panics while it holds the place")
    }

    fn switch(&self, id: CommandId, to: WorldKind) -> Result<Reply, Refusal> {
        let mut shown = self.locked();
        if self.places[*shown].world.kind() == to {
            return Ok(Reply::Done);
        }
        let Some(next) = self.places.iter().position(|place| place.world.kind() == to) else {
            let known = self.missing.iter().find(|(kind, _)| *kind == to);
            let why = known.map_or_else(|| unavailable(to), |(_, why)| why.clone());
            return Err(Refusal::Unavailable(missing(to), why));
        };
        // Clients belong to the story that ends; the servers stay, for programs that know nothing of worlds.
        self.places[*shown].world.close_clients();
        *shown = next;
        let Place { world, recorder } = &self.places[next];
        recorder.take_floor();
        let what = Command::World(WorldAction::Switch(to));
        recorder.record(About::default(), Provenance::OBSERVED, None, Kind::Command { id, what });
        world.tell_again();
        drop(shown);
        self.changed.send_modify(|count| *count += 1);
        Ok(Reply::Done)
    }
}

impl World for Worlds {
    fn kind(&self) -> WorldKind {
        self.shown().kind()
    }

    fn capabilities(&self) -> Vec<Capability> {
        self.shown().capabilities()
    }

    fn servers(&self) -> Vec<ServerInfo> {
        self.shown().servers()
    }

    fn settings(&self) -> SettingsInfo {
        self.shown().settings()
    }

    fn targets(&self) -> Vec<TargetInfo> {
        self.shown().targets()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    fn perform(&self, id: CommandId, what: Command) -> Result<Reply, Refusal> {
        match what {
            Command::World(WorldAction::Switch(to)) => self.switch(id, to),
            what => self.shown().perform(id, what),
        }
    }

    fn leave(&self, member: MemberId) {
        self.places.iter().for_each(|place| place.world.leave(member));
    }

    fn close_clients(&self) {
        self.shown().close_clients();
    }

    fn tell_again(&self) {
        self.shown().tell_again();
    }

    fn this_computer(&self) -> Option<(Recorder, HostId)> {
        self.places.iter().find_map(|place| place.world.this_computer())
    }

    fn worlds(&self) -> Vec<WorldInfo> {
        let standing: Vec<_> = self.places.iter().map(|place| place.world.info()).collect();
        all(&standing, &self.missing)
    }
}

/// Every world one could wish to be in: those that stand, and why the others do not.
#[must_use]
pub fn all(standing: &[WorldInfo], missing: &[(WorldKind, Unavailable)]) -> Vec<WorldInfo> {
    let info = |kind| {
        standing.iter().find(|info| info.kind == kind).cloned().unwrap_or_else(|| {
            let known = missing.iter().find(|(missing, _)| *missing == kind);
            let why = known.map_or_else(|| unavailable(kind), |(_, why)| why.clone());
            WorldInfo { kind, unavailable: Some(why), capabilities: Vec::new() }
        })
    };
    [WorldKind::ThisComputer, WorldKind::TwoHosts, WorldKind::InThisPage].map(info).into()
}

fn unavailable(kind: WorldKind) -> Unavailable {
    let (reason, detail) = match kind {
        WorldKind::ThisComputer => (Reason::SwitchedOff, "this computer's own TCP/IP is not running"),
        WorldKind::TwoHosts => (Reason::SwitchedOff, "two hosts were not asked for"),
        WorldKind::InThisPage => {
            (Reason::NotInThisWorld, "two hosts simulated in a page are the page's own, not this program's")
        }
        WorldKind::Replay => (Reason::NotInThisWorld, "a recorded trace is opened by the page itself"),
    };
    Unavailable { reason, detail: detail.to_owned(), remedy: String::new() }
}

/// What one would have there and has not here.
fn missing(kind: WorldKind) -> Ability {
    match kind {
        WorldKind::InThisPage => Ability::VirtualTime,
        _ => Ability::Wire,
    }
}
