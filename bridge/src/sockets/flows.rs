//! Who speaks to whom: joins the two ends of a conversation by their addresses.
//!
//! A pair of addresses may be used again; each use is an incarnation of its own, told apart by its sockets.

use protocol::{Address, End, FlowId, SocketId, Transport};
use std::collections::HashMap;
use std::time::Instant;

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
    /// Since when an end is gone, so that nobody new can join.
    over: Option<Instant>,
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
            over: None,
        }
    }

    /// The socket at the end with this address, if it is known.
    #[must_use]
    pub fn socket_at(&self, local: &Address) -> Option<SocketId> {
        if self.a.address == *local { self.a.socket } else { self.b.socket }
    }
}

/// Whether a packet is the first of a new use of its addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begins {
    /// It belongs to what is there.
    No,
    /// If it was sent after the end of what was there.
    SentAt(Instant),
    /// It is another beginning than that of what is there.
    Anew,
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
        self.make_room();
        let key = (end.transport, a.clone(), b.clone());
        let before = self.by_pair.get_mut(&key);
        if let Some(flow) = before {
            let mine = if end.began { &mut flow.a.socket } else { &mut flow.b.socket };
            if end.socket.is_none() || *mine == end.socket {
                return (flow.clone(), false);
            }
            if mine.is_none() && flow.over.is_none() {
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

    /// The conversation that a packet between `a`, which began, and `b` belongs to, and whether that is a new one.
    pub fn carrying(
        &mut self,
        transport: Transport,
        a: &Address,
        b: &Address,
        begins: Begins,
        new_id: impl FnOnce() -> FlowId,
    ) -> (Flow, bool) {
        let before = self.between(transport, a, b);
        let belongs = |flow: &&Flow| match begins {
            Begins::No => true,
            // Packets are looked at late: one from before the end belongs to what has ended.
            Begins::SentAt(moment) => flow.over.is_none_or(|over| moment <= over),
            Begins::Anew => false,
        };
        if let Some(flow) = before.filter(belongs) {
            return (flow.clone(), false);
        }
        let incarnation = before.map_or(0, |flow| flow.incarnation + 1);
        self.make_room();
        let flow = Flow { incarnation, ..Flow::alone(new_id(), transport, None, a, None, b) };
        self.by_pair.insert((transport, a.clone(), b.clone()), flow.clone());
        (flow, true)
    }

    /// The conversation between two ends, whichever began.
    #[must_use]
    pub fn between(&self, transport: Transport, one: &Address, other: &Address) -> Option<&Flow> {
        let pair = |a: &Address, b: &Address| self.by_pair.get(&(transport, a.clone(), b.clone()));
        pair(one, other).or_else(|| pair(other, one))
    }

    fn make_room(&mut self) {
        if self.by_pair.len() >= MOST {
            self.by_pair.retain(|_, flow| flow.over.is_none());
            if self.by_pair.len() >= MOST {
                self.by_pair.clear();
            }
        }
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
                    flow.over.get_or_insert_with(Instant::now);
                }
            }
            return;
        }
        for flow in self.by_pair.values_mut().filter(|flow| is_in(flow)) {
            flow.over.get_or_insert_with(Instant::now);
        }
    }

    /// The conversations that are not over.
    pub fn living(&self) -> impl Iterator<Item = &Flow> {
        self.by_pair.values().chain(&self.alone).filter(|flow| flow.over.is_none())
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
    fn packets_find_their_conversation_or_begin_it() {
        let (mut flows, mut next) = (Flows::default(), 0);
        let (client, server) = (at(50_000), at(8_808));
        let mut id = 100;
        let mut carrying = |flows: &mut Flows, begins: Begins| {
            flows.carrying(Transport::Tcp, &client, &server, begins, || {
                id += 1;
                FlowId(id)
            })
        };
        let before = Instant::now();
        let (flow, news) = carrying(&mut flows, Begins::SentAt(before));
        assert!(news);
        // The sockets of both ends are known later, and it is the same conversation.
        assert_eq!(join(&mut flows, &mut next, true, 1).id, flow.id);
        assert_eq!(join(&mut flows, &mut next, false, 2).id, flow.id);
        flows.gone(SocketId(1), Transport::Tcp, Some(&at(50_000)), Some(&at(8_808)));
        // Late news of the old one, and then a new one.
        assert_eq!(carrying(&mut flows, Begins::SentAt(before)).0.id, flow.id);
        assert_eq!(carrying(&mut flows, Begins::No).0.id, flow.id);
        let later = Instant::now() + std::time::Duration::from_secs(1);
        let (again, news) = carrying(&mut flows, Begins::SentAt(later));
        assert!(news && again.id != flow.id && again.incarnation == 1);
        assert_eq!(join(&mut flows, &mut next, true, 3).id, again.id);
        // Another SYN between the same ends, though nobody has noticed the end of the one before.
        let (third, news) = carrying(&mut flows, Begins::Anew);
        assert!(news && third.incarnation == 2);
        assert_eq!(join(&mut flows, &mut next, true, 4).id, third.id);
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
