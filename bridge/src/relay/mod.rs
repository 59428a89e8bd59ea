//! The plain relays: `/relay/tcp`, `/relay/udp` and `/relay/unix` join a WebSocket to a real socket, whose other end is
//! an echo server of the relays' own.
//!
//! What a message means: on stream relays its bytes are sent as they are, and an **empty** message is the end of the
//! stream in that direction, because WebSocket has no half-close; Close 1000 follows when both directions have ended.
//! On the datagram relay a message is a datagram, and an empty message an empty one. Text messages are taken as their
//! UTF-8 bytes, so that a line typed in any WebSocket tool works; answers are always binary.

mod actor;
mod datagram;
mod echo;
mod flows;
mod scratch;
mod shard;
mod stream;
mod witness;

pub use actor::Book;

use crate::doors::{Door, Full, Pass};
use crate::http::upgrade;
use crate::limits;
use crate::serve::Bridge;
use hyper::upgrade::OnUpgrade;
use protocol::Transport;
use shard::{Job, Shard};
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What is behind a relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// A TCP connection.
    Tcp,
    /// A UDP socket.
    Udp,
    /// A Unix-domain stream.
    Unix,
}

impl Wire {
    /// What carries the bytes.
    #[must_use]
    pub fn transport(self) -> Transport {
        match self {
            Self::Tcp => Transport::Tcp,
            Self::Udp => Transport::Udp,
            Self::Unix => Transport::UnixStream,
        }
    }
}

/// All relays.
///
/// They run on threads of their own, each with its own runtime and its own echo listeners: so both ends of a relayed
/// connection live on one thread, and a round trip wakes nobody else.
pub struct Relays {
    door: Door,
    most: usize,
    shards: Vec<Shard>,
    turn: AtomicUsize,
}

/// Why there is no relay.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRelay {
    /// Too many.
    #[error("no more than {0} relay connections at once; each takes three file descriptors (see `ulimit -n`)")]
    All(usize),
    /// Too many from one address.
    #[error("no more than {0} relay connections from one address")]
    Each(usize),
    /// No Unix-domain sockets.
    #[error("this system gave the relay no Unix-domain socket: {0}")]
    NoUnix(String),
}

impl Relays {
    /// Opens the listeners and starts the threads, which end when `stop` is cancelled and their connections are told.
    ///
    /// # Errors
    /// When a listener cannot be opened or a thread not be started.
    pub fn start(book: &Book, most: usize, stop: &CancellationToken, tasks: &TaskTracker) -> io::Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let shards = (0..cores.min(MOST_SHARDS)).map(|_| Shard::start(book, stop, tasks));
        Ok(Self {
            door: Door::new(most, most.min(limits::RELAYS_EACH)),
            most,
            shards: shards.collect::<io::Result<_>>()?,
            turn: AtomicUsize::new(0),
        })
    }

    /// Removes what is in the file system.
    pub fn close(&self) {
        self.shards.iter().for_each(Shard::close);
    }

    /// A place for one more.
    ///
    /// # Errors
    /// [`NoRelay`] says why not.
    pub fn admit(&self, wire: Wire, from: IpAddr) -> Result<Pass, NoRelay> {
        if let (Wire::Unix, Some(error)) = (wire, self.shards.iter().find_map(Shard::unix_error)) {
            return Err(NoRelay::NoUnix(error.to_owned()));
        }
        self.door.enter(from).map_err(|full| match full {
            Full::All(_) => NoRelay::All(self.most),
            Full::Each(most) => NoRelay::Each(most),
        })
    }
}

/// Four threads saturate a network of a classroom; more would only take memory.
const MOST_SHARDS: usize = 4;

/// Hands the connection that follows an accepted handshake to its thread.
pub async fn serve(bridge: Arc<Bridge>, wire: Wire, pass: Pass, upgrade: OnUpgrade) {
    let Some((socket, read_ahead)) = upgrade::socket(upgrade).await else { return };
    let Ok(socket) = socket.into_std() else { return };
    let relays = &bridge.relays;
    let turn = relays.turn.fetch_add(1, Ordering::Relaxed);
    relays.shards[turn % relays.shards.len()].take(Job { wire, socket, read_ahead, pass }).await;
}
