//! A packet and the stages of its life on the wire.

use crate::bytes::Bytes;
use crate::ids::{Nanos, PacketId};
use serde::{Deserialize, Serialize};

/// One stage of one packet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packet {
    /// The same through all stages.
    pub id: PacketId,
    /// Where it was seen.
    pub tap: Tap,
    /// What became of it.
    pub stage: Stage,
    /// The packet this one is a copy of, made by the wire.
    pub copy_of: Option<PacketId>,
    /// The IP packet from its first header byte, up to the snap length; only with [`Stage::Sent`].
    pub data: Bytes,
    /// Its whole length, bytes.
    pub true_len: u32,
}

/// Where packets are observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Tap {
    /// The loopback interface of this computer.
    Loopback,
    /// Our wire.
    Wire,
    /// A capture file.
    File,
}

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Stage {
    /// A host gave it to the wire.
    Sent,
    /// The wire keeps it until somebody decides.
    Held(Hold),
    /// Somebody decided to let it go on; it is delivered after what remains of its delay.
    Released,
    /// The other host has it.
    Delivered,
    /// It is gone.
    Dropped(DropReason),
    /// The wire made this copy.
    Duplicated,
    /// The wire will deliver it then.
    Scheduled(Nanos),
    /// The wire cut it into fragments, for a smaller MTU (RFC 791); each is a copy of it and sent by itself.
    Fragmented,
}

/// Why the wire keeps a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Hold {
    /// The whole wire is held.
    Wire,
    /// It matched what a person wanted to catch.
    Caught,
}

/// Why a packet is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DropReason {
    /// A person dropped it.
    ByYou,
    /// Random loss.
    Loss,
    /// The cable is cut.
    Cut,
    /// The queue before the rate limit is full.
    QueueFull,
    /// It is larger than the path's MTU; the sender was told by ICMP where the rules want it.
    TooBig,
    /// No seat in the accept queue (In this page only: the kernel drops it itself elsewhere).
    AcceptQueueFull,
    /// The receiving interface took no more.
    Interface,
}
