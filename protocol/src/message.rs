//! What a page and a bridge say to each other over the WebSocket.
//!
//! A session begins with [`ToBridge::Hello`], answered by [`ToPage::Welcome`]; then events flow as batches, and
//! commands are answered one by one. See the crate page for a whole session in JSON.

use crate::address::{Address, Transport};
use crate::capability::{Ability, Unavailable, WorldInfo, WorldKind};
use crate::command::{Command, Reply};
use crate::errno::SysError;
use crate::event::Event;
use crate::ids::{CommandId, Epoch, MemberId, Nanos, ProgramId, Seq, ServerId, SocketId};
use crate::interest::Interest;
use crate::program::{OutOfRange, ServerSettings, Setting};
use serde::{Deserialize, Serialize};

/// The WebSocket subprotocol for postcard in binary messages.
pub const POSTCARD: &str = "socketscope.v1.postcard";
/// The WebSocket subprotocol for JSON in text messages.
pub const JSON: &str = "socketscope.v1.json";

/// From a page, or any client of the bridge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToBridge {
    /// The first message of a session.
    Hello {
        /// Whoever this token belongs to; a new member if `None` or unknown.
        token: Option<String>,
        /// Go on after this event, if the bridge still has the epoch.
        resume: Option<Resume>,
        /// What to see.
        interest: Interest,
    },
    /// From now on, something else is wanted; events already passed over do not come again.
    Interest(Interest),
    /// Do something.
    Do {
        /// The session's own count, echoed in the answer.
        number: u32,
        /// What.
        what: Command,
    },
    /// Answered by [`ToPage::Pong`] with the same number: for those who cannot send WebSocket pings, as browsers cannot.
    Ping(u64),
}

/// Where a session was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resume {
    /// The epoch then.
    pub epoch: Epoch,
    /// The last event seen: the `through` of the last batch.
    pub after: Seq,
}

/// From the bridge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToPage {
    /// The answer to `Hello`.
    Welcome(Box<Welcome>),
    /// Events.
    Batch(Batch),
    /// Events that cannot be had; the batch that spans them follows.
    Gap(Gap),
    /// A new epoch: forget everything.
    Reset {
        /// The new one.
        epoch: Epoch,
        /// Why.
        why: ResetReason,
    },
    /// The answer to a command.
    Answer {
        /// Its number in the session.
        number: u32,
        /// Its name in the story: events that it causes name it so, and they come after this answer.
        id: CommandId,
        /// Whether it was accepted.
        result: Result<Reply, Refusal>,
    },
    /// The servers changed: all of them, as they are now.
    Servers(Vec<ServerInfo>),
    /// The settings changed.
    Settings(SettingsInfo),
    /// The answer to `Ping`.
    Pong(u64),
    /// The session ends, and why; the WebSocket's close follows.
    Bye(Farewell),
}

/// What a page must know to begin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// The bridge's own version, such as `0.1.0`.
    pub version: String,
    /// The epoch.
    pub epoch: Epoch,
    /// The time in it.
    pub now: Nanos,
    /// Who you are.
    pub member: MemberId,
    /// How to be the same one in the next session.
    pub token: String,
    /// The world that is running.
    pub world: WorldKind,
    /// All worlds, with reasons.
    pub worlds: Vec<WorldInfo>,
    /// The echo servers.
    pub servers: Vec<ServerInfo>,
    /// Their settings.
    pub settings: SettingsInfo,
    /// Further targets named on the command line.
    pub targets: Vec<TargetInfo>,
    /// The operating system, such as `Linux 6.18`.
    pub system: String,
}

/// One echo server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerInfo {
    /// How to name it in a command.
    pub id: ServerId,
    /// What it speaks.
    pub transport: Transport,
    /// Where it listens.
    pub address: Address,
    /// The program; `None` while it does not run.
    pub program: Option<ProgramId>,
    /// Its listening or datagram socket; `None` while it does not run.
    pub socket: Option<SocketId>,
    /// Why it does not run, if it does not.
    pub error: Option<SysError>,
}

/// The settings, and those that wait for a rebind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsInfo {
    /// As they were asked for.
    pub wanted: ServerSettings,
    /// Those that do not hold yet.
    pub waiting: Vec<Setting>,
}

/// A target named on the command line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetInfo {
    /// What it speaks.
    pub transport: Transport,
    /// Where it is.
    pub address: Address,
}

/// All that the viewer wants of the events in `(after, through]`: a hole inside it was filtered, not lost, unless a
/// [`Gap`] right before the batch says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// The epoch.
    pub epoch: Epoch,
    /// The last event before it.
    pub after: Seq,
    /// The last event it speaks of.
    pub through: Seq,
    /// The events, in recording order.
    pub events: Vec<Event>,
}

/// Events `first..=last` cannot be had, except for those that introduce somebody
/// ([`KindSet::STRUCTURE`](crate::interest::KindSet::STRUCTURE)) who still matters: these are in the batch that follows, which
/// spans the gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The first of them.
    pub first: Seq,
    /// The last of them.
    pub last: Seq,
    /// Why.
    pub reason: GapReason,
}

/// Why events cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum GapReason {
    /// The record is bounded, and they fell out of it.
    TooOld,
    /// The viewer's budget was used up.
    Budget,
    /// The viewer reads too slowly.
    SlowViewer,
}

/// Why an epoch begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ResetReason {
    /// The bridge was started anew, or does not know the epoch that was asked for.
    Restarted,
    /// Somebody went to another world.
    Switched,
    /// Somebody cleared the record.
    Cleared,
}

/// Why a command is refused. Nothing was done, and nobody else noticed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Refusal {
    /// There is no such client, or it is gone.
    #[error("there is no client {0}; open one first")]
    NoSuchClient(ProgramId),
    /// The client belongs to somebody else.
    #[error("client {0} belongs to somebody else")]
    NotYours(ProgramId),
    /// There is no such server.
    #[error("there is no server {0}; the welcome message lists them")]
    NoSuchServer(ServerId),
    /// There is no such target.
    #[error("there is no target {0}; name it with --allow-target when starting")]
    NoSuchTarget(u16),
    /// There is no such connection.
    #[error("there is no connection with socket {0}")]
    NoSuchSocket(SocketId),
    /// A value is out of range.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    /// A cap is reached.
    #[error("no more than {most} {what} at once")]
    Limit {
        /// Of what.
        what: Limit,
        /// How many.
        most: u64,
    },
    /// The world cannot do it.
    #[error("{0:?} is not available: {1}")]
    Unavailable(Ability, Unavailable),
    /// The client is not in a state for it.
    #[error("the client cannot do that now: {0}")]
    WrongMoment(Moment),
    /// Only the presenter may.
    #[error("only the presenter can do that")]
    PresenterOnly,
    /// The system said no.
    #[error("the system refused: {0}")]
    System(SysError),
    /// No such packet is held.
    #[error("that packet is not held on the wire any more")]
    NotHeld,
}

/// Why a client cannot do something now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Moment {
    /// It has not connected.
    NotConnected,
    /// It is connecting, or connected already.
    AlreadyConnected,
    /// It is closed.
    Closed,
    /// Too much that it was told to do is still waiting.
    Busy,
}

impl std::fmt::Display for Moment {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str(match self {
            Self::NotConnected => "connect it first",
            Self::AlreadyConnected => "it is connected, or connecting, already",
            Self::Closed => "it is closed; open a new one",
            Self::Busy => "it has not done yet what it was told before; wait for that",
        })
    }
}

/// Of what there can be too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Limit {
    /// Sessions in all.
    Sessions,
    /// Sessions of one address or member.
    SessionsEach,
    /// Clients of one member.
    Clients,
    /// Sockets in all.
    Sockets,
    /// Relay connections.
    Relays,
    /// Commands a second.
    Commands,
    /// Bytes in one message.
    MessageBytes,
    /// Bytes waiting to be sent by one client.
    PendingBytes,
}

impl std::fmt::Display for Limit {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str(match self {
            Self::Sessions => "sessions",
            Self::SessionsEach => "sessions from one address",
            Self::Clients => "clients for one person",
            Self::Sockets => "sockets",
            Self::Relays => "relay connections",
            Self::Commands => "commands a second",
            Self::MessageBytes => "bytes in a message",
            Self::PendingBytes => "bytes waiting to be sent by a client",
        })
    }
}

/// Why a session ends.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Farewell {
    /// The bridge was stopped.
    #[error("the Socketscope program was stopped")]
    Stopped,
    /// The message could not be read.
    #[error("that message could not be read: {0}")]
    Malformed(String),
    /// `Hello` did not come first, or came twice.
    #[error("a session begins with one Hello")]
    HelloFirst,
    /// Nothing was heard for too long.
    #[error("nothing was heard for too long")]
    Silent,
    /// The viewer did not read its replies.
    #[error("the page did not read for too long")]
    TooSlow,
    /// A cap is reached.
    #[error("no more than {most} {what} at once")]
    Limit {
        /// Of what.
        what: Limit,
        /// How many.
        most: u64,
    },
}
