//! Who belongs to whom: the other end of a socket, whoever has an address, whoever waits in a queue.

use super::records::Ends;
use super::{SocketRecord, Story};
use protocol::{Address, Nanos, ProgramId, Role, SocketId};
use std::net::{IpAddr, SocketAddr};

/// After so many that were accepted, whoever came earlier was accepted too: the queue is first come, first served.
const PATIENCE: usize = 64;

/// FNV-1a, from what was before.
fn mixed(mut hash: u64, bytes: &[u8]) -> u64 {
    if hash == 0 {
        hash = 0xcbf2_9ce4_8422_2325;
    }
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

fn with_inet(hash: u64, address: SocketAddr) -> u64 {
    let hash = match address.ip() {
        IpAddr::V4(ip) => mixed(hash, &ip.octets()),
        IpAddr::V6(ip) => mixed(hash, &ip.octets()),
    };
    mixed(hash, &address.port().to_be_bytes())
}

fn with(hash: u64, address: Option<&Address>) -> u64 {
    match address {
        Some(Address::Inet(address)) => with_inet(hash, *address),
        Some(Address::Unix(path)) => mixed(hash, path.as_deref().unwrap_or_default().as_bytes()),
        None => mixed(hash, &[0xff]),
    }
}

/// A number made of two ends.
pub(super) fn key(ends: Ends) -> u64 {
    with_inet(with_inet(0, ends.0), ends.1)
}

impl Story {
    /// Makes a socket known by its addresses: by both, and one that came from no other by its own alone.
    pub(super) fn know_address(&mut self, id: SocketId) {
        let Some(at) = self.by_socket.get(id.0.into()) else { return };
        let socket = &self.sockets[at as usize];
        let Some(local) = &socket.local else { return };
        let own = with(0, Some(local));
        let both = socket.peer.as_ref().map(|peer| with(own, Some(peer)));
        let alone = socket.parent.is_none().then(|| with(own, None));
        for key in [both, alone].into_iter().flatten() {
            let known = self.by_address.entry(key).or_insert(at);
            // The newest one: addresses are used again.
            *known = at.max(*known);
        }
    }

    /// The newest socket with these addresses; without the other one, one that came from no other socket.
    #[must_use]
    pub fn socket_at(&self, local: &Address, peer: Option<&Address>) -> Option<&SocketRecord> {
        let at = self.by_address.get(&with(with(0, Some(local)), peer))?;
        let socket = &self.sockets[*at as usize];
        let fits = socket.local.as_ref() == Some(local) && (peer.is_none() || socket.peer.as_ref() == peer);
        fits.then_some(socket)
    }

    /// The socket that sends from the first of these ends to the second.
    #[must_use]
    pub fn sender(&self, (from, to): Ends) -> Option<&SocketRecord> {
        let (from, to) = (Address::Inet(from), Address::Inet(to));
        self.socket_at(&from, Some(&to)).or_else(|| self.socket_at(&from, None))
    }

    /// Whether a program is on the server's side: a server, or somebody's program that was called.
    #[must_use]
    pub fn serves(&self, id: ProgramId) -> bool {
        let Some(program) = self.program(id) else { return false };
        match program.role {
            Some(Role::Server) => true,
            Some(Role::Client) => false,
            _ => program.sockets.iter().filter_map(|id| self.socket(*id)).any(|socket| {
                socket.listening.is_some()
                    || socket.parent.is_some()
                    || socket.flow.and_then(|id| self.flow(id)).is_some_and(|flow| flow.b.socket == Some(socket.id))
            }),
        }
    }

    /// The socket at the other end of a connection, if it is one we know.
    #[must_use]
    pub fn peer(&self, id: SocketId) -> Option<&SocketRecord> {
        let socket = self.socket(id)?;
        let flow = socket.flow.and_then(|id| self.flow(id)).and_then(|flow| match (flow.a.socket, flow.b.socket) {
            (Some(a), b) if a == id => b,
            (a, Some(b)) if b == id => a,
            _ => None,
        });
        if let Some(peer) = flow.and_then(|id| self.socket(id)) {
            return Some(peer);
        }
        let (Some(local), Some(peer)) = (&socket.local, &socket.peer) else { return None };
        self.socket_at(peer, Some(local)).filter(|other| other.id != id)
    }

    /// How many connections a listening socket holds before `accept`: one more than its backlog, as Linux does.
    #[must_use]
    pub fn seats(&self, listener: &SocketRecord) -> Option<u32> {
        let told = listener.value(protocol::GaugeKey::AcceptLimit).map(|limit| limit as u32);
        listener.listening.map(|(backlog, _)| backlog).or(told).map(|backlog| backlog + 1)
    }

    /// Connections that came from a listening socket and were not accepted at that time, the first that came first.
    #[must_use]
    pub fn queued(&self, listener: SocketId, at: Nanos) -> Vec<&SocketRecord> {
        let children = self.socket(listener).map_or(&[][..], |listener| &listener.children);
        // Those that came later do not count; their order is nearly that of time.
        let came = children.partition_point(|child| self.sockets[*child as usize].since <= at);
        let children = children[..children.len().min(came + PATIENCE)].iter().map(|at| &self.sockets[*at as usize]);
        let mut accepted = 0;
        let recent = children.rev().take_while(|socket| {
            accepted += usize::from(socket.accepted.is_some_and(|accepted| accepted <= at));
            accepted <= PATIENCE
        });
        let waits = |socket: &&SocketRecord| {
            socket.since <= at
                && socket.accepted.is_none_or(|accepted| accepted > at)
                && socket.closed.is_none_or(|closed| closed > at)
        };
        let mut waiting: Vec<_> = recent.filter(waits).collect();
        waiting.reverse();
        waiting
    }
}
