//! Who speaks to whom: joins the two ends of a conversation by their addresses.
//!
//! A pair of addresses may be used again; each use is an incarnation of its own, told apart by its sockets.

use protocol::{Address, End, FlowId, SocketId, Transport};
use std::collections::HashMap;

/// Conversations remembered; past ones are forgotten first.
const MOST: usize = 8_192;

/// A conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Which.
    pub id: FlowId,
    /// What they speak.
    pub transport: Transport,
    /// The end that began.
    pub a: End,
    /// The end that was called.
    pub b: End,
    /// How many times this pair of addresses was used before.
    pub incarnation: u32,
    /// Whether an end is gone, so that nobody new can join.
    over: bool,
}

/// All conversations, by their addresses.
#[derive(Debug, Default)]
pub struct Flows {
    by_pair: HashMap<(Transport, Address, Address), Flow>,
    /// Those whose addresses do not tell them apart: clients of a Unix stream have none.
    alone: Vec<Flow>,
}

impl Flow {
    /// A conversation whose ends are known from elsewhere than their addresses.
    #[must_use]
    pub fn alone(
        id: FlowId,
        transport: Transport,
        socket_a: Option<SocketId>,
        a: &Address,
        socket_b: Option<SocketId>,
        b: &Address,
    ) -> Self {
        Self {
            id,
            transport,
            a: End { socket: socket_a, address: a.clone() },
            b: End { socket: socket_b, address: b.clone() },
            incarnation: 0,
            over: false,
        }
    }
}

/// One end as it appears.
#[derive(Debug)]
pub struct Appears<'a> {
    /// What it speaks.
    pub transport: Transport,
    /// Its socket; for a datagram socket that serves many, that one.
    pub socket: Option<SocketId>,
    /// Its address.
    pub local: &'a Address,
    /// The other end's.
    pub peer: &'a Address,
    /// Whether it is the end that began.
    pub began: bool,
}

impl Flows {
    /// The conversation an end belongs to, and whether that told anything new.
    pub fn join(&mut self, end: &Appears<'_>, new_id: impl FnOnce() -> FlowId) -> (Flow, bool) {
        let (a, b) = if end.began { (end.local, end.peer) } else { (end.peer, end.local) };
        if self.by_pair.len() >= MOST {
            self.by_pair.retain(|_, flow| !flow.over);
            if self.by_pair.len() >= MOST {
                self.by_pair.clear();
            }
        }
        let key = (end.transport, a.clone(), b.clone());
        let before = self.by_pair.get_mut(&key);
        if let Some(flow) = before {
            let mine = if end.began { &mut flow.a.socket } else { &mut flow.b.socket };
            if end.socket.is_none() || *mine == end.socket {
                return (flow.clone(), false);
            }
            if mine.is_none() && !flow.over {
                *mine = end.socket;
                return (flow.clone(), true);
            }
        }
        let incarnation = self.by_pair.get(&key).map_or(0, |flow| flow.incarnation + 1);
        let (socket_a, socket_b) = if end.began { (end.socket, None) } else { (None, end.socket) };
        let flow = Flow { incarnation, ..Flow::alone(new_id(), end.transport, socket_a, a, socket_b, b) };
        self.by_pair.insert(key, flow.clone());
        (flow, true)
    }

    /// Remembers one that is known from elsewhere.
    pub fn add_alone(&mut self, flow: Flow) {
        self.alone.push(flow);
    }

    /// A socket is gone: its conversations take nobody new.
    pub fn gone(&mut self, socket: SocketId, transport: Transport, local: Option<&Address>, peer: Option<&Address>) {
        let is_in = |flow: &Flow| flow.a.socket == Some(socket) || flow.b.socket == Some(socket);
        if transport == Transport::UnixStream {
            self.alone.retain(|flow| !is_in(flow));
            return;
        }
        if let (Some(local), Some(peer)) = (local, peer) {
            for (a, b) in [(local, peer), (peer, local)] {
                if let Some(flow) = self.by_pair.get_mut(&(transport, a.clone(), b.clone()))
                    && is_in(flow)
                {
                    flow.over = true;
                }
            }
            return;
        }
        for flow in self.by_pair.values_mut().filter(|flow| is_in(flow)) {
            flow.over = true;
        }
    }

    /// The conversations that are not over.
    pub fn living(&self) -> impl Iterator<Item = &Flow> {
        self.by_pair.values().chain(&self.alone).filter(|flow| !flow.over)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(port: u16) -> Address {
        Address::Inet(([127, 0, 0, 1], port).into())
    }

    fn join(flows: &mut Flows, next: &mut u32, began: bool, socket: u32) -> Flow {
        let (client, server) = (at(50_000), at(8_808));
        let (local, peer) = if began { (&client, &server) } else { (&server, &client) };
        let end = Appears { transport: Transport::Tcp, socket: Some(SocketId(socket)), local, peer, began };
        flows
            .join(&end, || {
                *next += 1;
                FlowId(*next)
            })
            .0
    }

    #[test]
    fn two_ends_make_one_conversation_whichever_comes_first() {
        for client_first in [true, false] {
            let (mut flows, mut next) = (Flows::default(), 0);
            let first = join(&mut flows, &mut next, client_first, 1);
            let second = join(&mut flows, &mut next, !client_first, 2);
            assert_eq!(first.id, second.id);
            assert_eq!(second.a.address, at(50_000));
            assert!(second.a.socket.is_some() && second.b.socket.is_some());
        }
    }

    #[test]
    fn the_same_addresses_used_again_are_another_incarnation() {
        let (mut flows, mut next) = (Flows::default(), 0);
        let first = join(&mut flows, &mut next, true, 1);
        join(&mut flows, &mut next, false, 2);
        flows.gone(SocketId(1), Transport::Tcp, Some(&at(50_000)), Some(&at(8_808)));
        let again = join(&mut flows, &mut next, false, 4);
        assert_ne!(again.id, first.id);
        assert_eq!(again.incarnation, 1);
        assert_eq!(join(&mut flows, &mut next, true, 3).id, again.id);
    }
}
