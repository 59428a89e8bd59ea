//! What comes out of the wire.

use protocol::wire::Way;
use protocol::{CommandId, Nanos, Packet, PacketId};

/// Something the caller must act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// A stage of a packet's life, to be recorded.
    Report(Report),
    /// A packet for the host at the end of its way.
    Deliver(Delivery),
}

/// A stage of a packet's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// When.
    pub at: Nanos,
    /// Which way it goes.
    pub way: Way,
    /// The packet and the stage.
    pub packet: Packet,
    /// What caused it, if the wire knows.
    pub why: Option<Why>,
}

/// What caused a stage of a packet's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// A person's command.
    Command(CommandId),
    /// Another packet: the one an ICMP message answers, or the one that was cut into fragments.
    Packet(PacketId),
}

/// A packet for the host at the end of its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Which packet.
    pub id: PacketId,
    /// Which way it went.
    pub way: Way,
    /// The IP packet; the buffer is the one it was offered in.
    pub bytes: Vec<u8>,
    /// Says that it was delivered; to be recorded once the interface has taken it. If the interface refuses, the
    /// caller turns the stage into `Dropped(Interface)`. `None` while nobody watches.
    pub report: Option<Report>,
}
