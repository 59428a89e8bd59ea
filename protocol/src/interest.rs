//! What a viewer wants to see.

use crate::event::{Event, Kind};
use crate::ids::{HostId, ProgramId};
use serde::{Deserialize, Serialize};

/// A filter over events. The default is everything, with all recorded bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interest {
    /// Which kinds.
    pub kinds: KindSet,
    /// Only events about these hosts; all if empty.
    pub hosts: Vec<HostId>,
    /// Only events about these programs, or about no program; all if empty.
    pub programs: Vec<ProgramId>,
    /// Payload bytes wanted per event; the rest is cut, and the lengths still tell it.
    pub data: u32,
    /// The most events a second; what comes above it is told as one [`Gap`](crate::message::Gap). 0 is the bridge's own limit.
    pub budget: u32,
}

impl Default for Interest {
    fn default() -> Self {
        Self { kinds: KindSet::ALL, hosts: Vec::new(), programs: Vec::new(), data: u32::MAX, budget: 0 }
    }
}

impl Interest {
    /// The most hosts or programs that can be listed.
    pub const MOST_LISTED: usize = 256;

    /// Whether the viewer wants this event.
    #[must_use]
    pub fn matches(&self, event: &Event) -> bool {
        self.kinds.contains(&event.kind)
            && (self.hosts.is_empty() || self.hosts.contains(&event.about.host))
            && (self.programs.is_empty() || event.about.program.is_none_or(|program| self.programs.contains(&program)))
    }

    /// The event with no more payload than wanted.
    #[must_use]
    pub fn cut(&self, event: &Event) -> Event {
        let mut event = event.clone();
        let keep = self.data as usize;
        match &mut event.kind {
            Kind::Call(call) => call.data.0.truncate(keep),
            Kind::Packet(packet) => packet.data.0.truncate(keep),
            _ => {}
        }
        event
    }
}

/// A set of event kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct KindSet(pub u32);

impl KindSet {
    /// Hosts, programs, sockets, flows, closed and ended: without these the others mean little.
    pub const STRUCTURE: Self = Self(1);
    /// Commands.
    pub const COMMANDS: Self = Self(1 << 1);
    /// Calls.
    pub const CALLS: Self = Self(1 << 2);
    /// Packets.
    pub const PACKETS: Self = Self(1 << 3);
    /// States.
    pub const STATES: Self = Self(1 << 4);
    /// Kernel values.
    pub const GAUGES: Self = Self(1 << 5);
    /// Notes and losses.
    pub const NOTES: Self = Self(1 << 6);
    /// Everything, also what is added later.
    pub const ALL: Self = Self(u32::MAX);

    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether it has the kind.
    #[must_use]
    pub fn contains(self, kind: &Kind) -> bool {
        let bit = match kind {
            Kind::Host { .. }
            | Kind::Program { .. }
            | Kind::Socket { .. }
            | Kind::Flow { .. }
            | Kind::Closed
            | Kind::Ended => Self::STRUCTURE,
            Kind::Command { .. } => Self::COMMANDS,
            Kind::Call(_) => Self::CALLS,
            Kind::Packet(_) => Self::PACKETS,
            Kind::State { .. } => Self::STATES,
            Kind::Gauge(_) => Self::GAUGES,
            Kind::Dropped { .. } | Kind::Note(..) => Self::NOTES,
        };
        self.0 & bit.0 != 0
    }
}
