//! What a person can do to the wire: conditions, hold, catch, and a verdict on one packet.

use crate::ids::{Nanos, PacketId};
use serde::{Deserialize, Serialize};

/// Which way on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Way {
    /// From the client host to the server host.
    ToServer,
    /// From the server host to the client host.
    ToClient,
}

impl Way {
    /// The other way.
    #[must_use]
    pub fn back(self) -> Self {
        match self {
            Self::ToServer => Self::ToClient,
            Self::ToClient => Self::ToServer,
        }
    }
}

/// What the wire does to packets of one direction.
///
/// Chances are in thousandths, 0 to 1000.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Conditions {
    /// Time each packet takes, up to a minute.
    pub delay: Nanos,
    /// The delay varies by up to so much, both ways; never below 0.
    pub jitter: Nanos,
    /// Chance that a packet is lost.
    pub loss: u16,
    /// Mean length of a burst of losses, packets; 0 and 1 mean that losses are independent (Gilbert-Elliott otherwise).
    pub burst: u16,
    /// Chance that a packet arrives twice.
    pub duplicate: u16,
    /// Chance that a packet overtakes those before it.
    pub reorder: u16,
    /// Bits per second; 0 is unlimited.
    pub rate: u64,
    /// Packets that may wait for the rate limit; 0 means 1000, as Linux interfaces do.
    pub queue: u32,
    /// The path's MTU, bytes; 0 means that of the interface, 1500. IPv4 from 68, IPv6 from 1280.
    pub mtu: u16,
}

/// What to stop in mid-wire.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Filter {
    /// Only this way; both if `None`.
    pub way: Option<Way>,
    /// Only packets of this sort.
    pub what: Matches,
    /// The so many-th match, from 1.
    pub nth: u32,
}

/// A sort of packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Matches {
    /// Any packet.
    Anything,
    /// A TCP segment with data.
    DataSegment,
    /// A segment with SYN.
    Syn,
    /// A segment with FIN.
    Fin,
    /// A segment with RST.
    Rst,
    /// A segment with nothing but an acknowledgement.
    PureAck,
    /// A UDP datagram (its first fragment).
    Udp,
    /// An ICMP message.
    Icmp,
}

/// A command to the wire.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum WireAction {
    /// Sets the conditions of one direction.
    Conditions(Way, Conditions),
    /// Stops all deliveries, or lets them go on.
    Hold(bool),
    /// Cuts the cable, or mends it.
    Cut(bool),
    /// Stops the next match in mid-wire; `None` stops waiting for one.
    Catch(Option<Filter>),
    /// Decides about a held packet.
    Decide(PacketId, Verdict),
}

/// What becomes of a held packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Verdict {
    /// It is lost.
    Drop,
    /// It goes on.
    LetGo,
    /// It goes on, and so does a copy.
    Twice,
}
