//! What a person can do. Commands are events too: settings and wire actions are part of the story.

use crate::bytes::Bytes;
use crate::call::{Direction, SocketOption};
use crate::capability::WorldKind;
use crate::ids::{ProgramId, ServerId, SocketId};
use crate::program::{ClientSpec, LoopRule, Setting};
use crate::wire::WireAction;
use serde::{Deserialize, Serialize};

/// A command to a world. All worlds accept the same ones; what one cannot do it refuses with the reason.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Command {
    /// Makes a client with a socket; it does not connect yet. Answered by [`Reply::Opened`].
    Open(ClientSpec),
    /// Tells one of one's own clients to do something.
    Client {
        /// Which.
        client: ProgramId,
        /// What.
        action: ClientAction,
    },
    /// Changes the servers.
    Server(ServerAction),
    /// Changes the wire.
    Wire(WireAction),
    /// Changes the world or the story as a whole.
    World(WorldAction),
}

/// What a client can be told. It is answered when it is accepted, not when the call returns: watch the events for that.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ClientAction {
    /// `connect` to its target.
    Connect,
    /// `send` all these bytes (`sendto` when not connected), then read by its loop rule.
    Send {
        /// The bytes; empty sends an empty datagram, and on a stream calls `send` with nothing.
        data: Bytes,
        /// How many times, one call each, 1 to 10,000.
        repeat: u32,
    },
    /// One `recv` more than its rule asks for.
    Recv,
    /// Stops before the next `recv`, or goes on.
    Reading(bool),
    /// Sets a socket option.
    Option(SocketOption),
    /// Changes how it reads.
    Program {
        /// The argument of `recv`, bytes.
        recv_size: u32,
        /// When it stops reading.
        rule: LoopRule,
    },
    /// `shutdown`.
    Shutdown(Direction),
    /// `close`.
    Close,
    /// `close` with a reset.
    Abort,
}

/// What can be done to the servers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ServerAction {
    /// Changes a setting, for all echo servers.
    Set(Setting),
    /// Closes the listening socket and binds it again, with the settings that waited for it.
    Rebind(ServerId),
    /// Closes the listening socket; connections live on.
    Stop(ServerId),
    /// Binds a stopped server again.
    Start(ServerId),
    /// The server closes this connection first.
    HangUp(SocketId),
}

/// What can be done to the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum WorldAction {
    /// Begins a new, empty epoch; sockets live on and are told again.
    Clear,
    /// Goes to another world.
    Switch(WorldKind),
}

/// That a command was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Reply {
    /// It was done, or is being done.
    Done,
    /// The client that was made.
    Opened(ProgramId),
}
