//! Who speaks with whom: conversations, and the datagrams in them.

use super::Table;
use crate::sockets::flows::{Appears, Flow};
use protocol::{Address, DatagramId, FlowId, SocketId, Transport};
use std::collections::VecDeque;
use std::net::SocketAddr;

/// Senders of datagrams that the kernel is asked about at once.
const MOST_UNKNOWN: usize = 64;

impl Table {
    /// A socket of ours speaks to `peer` from now on, and began it.
    pub fn connecting(&self, id: SocketId, local: Option<Address>, peer: Address) {
        let mut transport = None;
        self.update(id, |row| {
            row.local = local.clone().or(row.local.take());
            row.peer = Some(peer.clone());
            transport = Some(row.transport);
        });
        match (transport, local) {
            (Some(Transport::UnixStream), _) => {
                self.locked().unix_connecting.entry(peer).or_default().push_back(id);
            }
            (_, Some(local)) => self.joined(id, &local, &peer, true),
            _ => {}
        }
    }

    /// Its program was told that the connection is there. The kernel's own word may be older.
    pub fn connected_now(&self, id: SocketId) {
        self.update(id, |row| row.connected = true);
    }

    /// It does not after all.
    pub fn not_connected(&self, id: SocketId) {
        let mut inner = self.locked();
        let peer = inner.sockets.get_mut(&id).and_then(|row| row.peer.take());
        if let Some(waiting) = peer.and_then(|peer| inner.unix_connecting.get_mut(&peer)) {
            waiting.retain(|waits| *waits != id);
        }
    }

    pub(super) fn join_unix(&self, id: SocketId, path: &Address, peer_is_ours: bool) {
        let client = {
            let mut inner = self.locked();
            // Another program's connection has no client socket that we know.
            if peer_is_ours { inner.unix_connecting.get_mut(path).and_then(VecDeque::pop_front) } else { None }
        };
        let unnamed = Address::Unix(None);
        let flow = Flow::alone(self.recorder.new_flow(), Transport::UnixStream, client, &unnamed, Some(id), path);
        let mut inner = self.locked();
        let host = inner.sockets.get(&id).map_or_else(Default::default, |row| row.host);
        for socket in [client, Some(id)].into_iter().flatten() {
            if let Some(row) = inner.sockets.get_mut(&socket) {
                row.flow = Some(flow.id);
            }
        }
        self.tell_flow(host, &flow);
        inner.flows.add_alone(flow);
    }

    /// The conversation of a connected socket, told when it is new.
    pub fn joined(&self, id: SocketId, local: &Address, peer: &Address, began: bool) {
        let flow = self.flow(id, local, peer, began);
        if let Some(row) = self.locked().sockets.get_mut(&id) {
            row.flow = flow;
        }
    }

    /// The conversation between a socket and a peer, told when it is new.
    pub fn flow(&self, id: SocketId, local: &Address, peer: &Address, began: bool) -> Option<FlowId> {
        let mut inner = self.locked();
        let row = inner.sockets.get(&id)?;
        let (host, transport) = (row.host, row.transport);
        let end = Appears { transport, socket: Some(id), local, peer, began };
        let (flow, news) = inner.flows.join(&end, || self.recorder.new_flow());
        if news {
            self.tell_flow(host, &flow);
        }
        Some(flow.id)
    }

    /// A datagram is about to be sent.
    pub fn datagram_sent(&self, from: &Address, to: &Address, data: &[u8]) -> DatagramId {
        let id = self.recorder.new_datagram();
        self.locked().datagrams.sent(from, to, id, data);
        id
    }

    /// It could not be sent.
    pub fn datagram_failed(&self, from: &Address, to: &Address, id: DatagramId) {
        self.locked().datagrams.failed(from, to, id);
    }

    /// A datagram was received.
    pub fn datagram_received(
        &self,
        from: &Address,
        to: &Address,
        data: &[u8],
        true_len: Option<usize>,
    ) -> Option<DatagramId> {
        self.locked().datagrams.received(from, to, data, true_len)
    }

    /// Who sent us datagrams, and from which socket is not known yet.
    #[must_use]
    pub fn unknown_udp_peers(&self) -> Vec<SocketAddr> {
        let inner = self.locked();
        let unknown = inner.flows.living().filter(|flow| flow.transport == Transport::Udp && flow.a.socket.is_none());
        unknown.filter_map(|flow| flow.a.address.inet()).take(MOST_UNKNOWN).collect()
    }

    /// Whom the unconnected UDP socket at `local` has spoken to.
    #[must_use]
    pub fn unknown_udp_peer(&self, local: SocketAddr) -> Option<SocketAddr> {
        let inner = self.locked();
        let is_it =
            |at: SocketAddr| at.port() == local.port() && (at.ip() == local.ip() || local.ip().is_unspecified());
        let mut flows = inner.flows.living().filter(|flow| flow.transport == Transport::Udp);
        flows.find(|flow| flow.a.address.inet().is_some_and(is_it)).and_then(|flow| flow.b.address.inet())
    }
}
