//! What a world can and cannot do, with reasons.

use serde::{Deserialize, Serialize};

/// The three worlds, and a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum WorldKind {
    /// The operating system's own TCP/IP, over loopback.
    ThisComputer,
    /// Two kernel stacks, joined by our wire.
    TwoHosts,
    /// Two stacks in the page, joined by our wire, in virtual time.
    InThisPage,
    /// A recorded trace.
    Replay,
}

/// A world and whether one can go there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorldInfo {
    /// Which.
    pub kind: WorldKind,
    /// Why not, if not.
    pub unavailable: Option<Unavailable>,
    /// What it can do; empty if one cannot go there.
    pub capabilities: Vec<Capability>,
}

/// One thing a world can do or cannot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capability {
    /// What.
    pub ability: Ability,
    /// Why not, if not.
    pub unavailable: Option<Unavailable>,
}

/// Something a world may be able to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Ability {
    /// TCP over IPv4.
    Tcp4,
    /// TCP over IPv6.
    Tcp6,
    /// UDP over IPv4.
    Udp4,
    /// UDP over IPv6.
    Udp6,
    /// Unix-domain stream sockets.
    UnixStream,
    /// Unix-domain datagram sockets.
    UnixDatagram,
    /// Packets are seen.
    Packets,
    /// Conditions, hold, catch and cut.
    Wire,
    /// The kernel's states and values are reported.
    KernelValues,
    /// Programs that are not ours appear.
    OtherPrograms,
    /// Their names are known.
    ProgramNames,
    /// Pause, rewind, fork.
    VirtualTime,
    /// `socketscope run`.
    RunPrograms,
}

/// Why something cannot be had here, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{detail}")]
pub struct Unavailable {
    /// The reason, for the page to say in the reader's language.
    pub reason: Reason,
    /// The reason in English, with the particulars of this machine.
    pub detail: String,
    /// The exact command or setting that would help; empty if nothing does.
    pub remedy: String,
}

/// Why something cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Reason {
    /// Not built yet in this version.
    ComingLater,
    /// Only on Linux.
    NeedsLinux,
    /// Only on Unix systems.
    NeedsUnix,
    /// Only on this computer, through the Socketscope program.
    NeedsBridge,
    /// The device is missing or may not be opened.
    NeedsTunDevice,
    /// User namespaces are denied.
    NeedsNamespaces,
    /// A right is missing (capture).
    NeedsPermission,
    /// The system does not tell.
    NotReported,
    /// Switched off on the command line.
    SwitchedOff,
    /// The port or path is taken by somebody else.
    AddressTaken,
    /// The address does not exist here (no IPv6).
    NoSuchAddress,
    /// It makes no sense in this world.
    NotInThisWorld,
    /// It is a recorded story: one can look at it, and nothing else.
    Recorded,
}
