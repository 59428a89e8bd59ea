//! Who speaks with whom: both ends of a relayed conversation are ours, and each knows the caller's address.

use crate::recorder::Recorder;
use protocol::{Address, End, FlowId, Kind, SocketId, Transport};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// The conversations that were told, by the caller's address. Cheap to clone.
#[derive(Clone, Default)]
pub struct Flows(Arc<Mutex<Known>>);

type Known = HashMap<(Transport, Address), Flow>;

#[derive(Clone, Copy)]
struct Flow {
    id: FlowId,
    caller: Option<SocketId>,
    called: Option<SocketId>,
}

/// A conversation with one end more.
pub struct Joined {
    /// Which.
    pub id: FlowId,
    /// How it is told now.
    pub kind: Kind,
    /// Whether this end was not known before.
    pub is_new: bool,
}

/// Which end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The relay's.
    Caller,
    /// The echo's.
    Called,
}

/// The two addresses of a conversation, the same from both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ends {
    /// The relay's.
    pub caller: Address,
    /// The echo's.
    pub called: Address,
}

impl Ends {
    /// One side's own address, and the other's.
    pub fn seen_from(&self, side: Side) -> (&Address, &Address) {
        match side {
            Side::Caller => (&self.caller, &self.called),
            Side::Called => (&self.called, &self.caller),
        }
    }
}

impl Flows {
    /// The conversation between these ends, in which `socket` is on this side.
    pub fn join(&self, recorder: &Recorder, transport: Transport, ends: &Ends, side: Side, socket: SocketId) -> Joined {
        let mut flows = self.locked();
        let new = || Flow { id: recorder.new_flow(), caller: None, called: None };
        let flow = flows.entry((transport, ends.caller.clone())).or_insert_with(new);
        let mine = match side {
            Side::Caller => &mut flow.caller,
            Side::Called => &mut flow.called,
        };
        let is_new = mine.replace(socket) != Some(socket);
        let end = |socket, address: &Address| End { socket, address: address.clone() };
        let (a, b) = (end(flow.caller, &ends.caller), end(flow.called, &ends.called));
        Joined { id: flow.id, kind: Kind::Flow { transport, a, b, incarnation: 0 }, is_new }
    }

    /// This side's socket has left; with the other's the conversation is over.
    pub fn leave(&self, transport: Transport, ends: &Ends, side: Side) {
        let mut flows = self.locked();
        let key = (transport, ends.caller.clone());
        let Some(flow) = flows.get_mut(&key) else { return };
        match side {
            Side::Caller => flow.caller = None,
            Side::Called => flow.called = None,
        }
        // The socket of a datagram echo outlives every conversation.
        if flow.caller.is_none() && (flow.called.is_none() || !transport.is_stream()) {
            flows.remove(&key);
        }
    }

    fn locked(&self) -> MutexGuard<'_, Known> {
        self.0.lock().expect("nothing panics while it holds the flows")
    }
}
