//! The story told by the events so far: who takes part, and every call, packet and state in the order of time.
//!
//! Events may come in any order. They are kept as they came; [`Story::in_order`] has them by time, and late ones are
//! put where they belong. Everything else is an index over them, so that no view searches.

mod bytes;
mod client;
mod packets;
mod records;
mod take;
#[cfg(test)]
pub mod tell;
#[cfg(test)]
pub mod tell_packets;
#[cfg(test)]
mod tests;

pub use client::{Client, ClientPhase, ClientState, Line};
pub use records::{
    CallRecord, Ends, FlowRecord, HostRecord, PacketRecord, Place, ProgramRecord, SocketRecord, StreamRecord,
};

use protocol::{CallId, Event, FlowId, HostId, Nanos, PacketId, ProgramId, Role, Seq, SocketId};
use std::collections::BTreeMap;

/// Numbers to places in a list. One type for all of them, sets included, keeps the page small.
pub type Index = BTreeMap<u64, u32>;

/// The story.
#[derive(Debug, Default)]
pub struct Story {
    events: Vec<Event>,
    /// Places by time, then by `seq`.
    order: Vec<Place>,
    by_seq: Index,
    hosts: Vec<HostRecord>,
    programs: Vec<ProgramRecord>,
    by_program: Index,
    sockets: Vec<SocketRecord>,
    by_socket: Index,
    flows: Vec<FlowRecord>,
    by_flow: Index,
    calls: Vec<CallRecord>,
    by_call: Index,
    packets: Vec<PacketRecord>,
    by_packet: Index,
    streams: Vec<StreamRecord>,
    /// Packets that are held.
    stopped: Vec<u32>,
    /// Sends by their datagram.
    by_datagram: Index,
    /// Receives by their datagram.
    by_receipt: Index,
    letters: u32,
    latest: Nanos,
    changes: Changes,
}

/// What changed, for pictures that are extended instead of drawn anew.
#[derive(Debug, Default)]
struct Changes {
    /// Moves with every clear.
    epoch: u32,
    /// For each late event: how many events there were, and its place in the order.
    late: Vec<(u32, u32)>,
}

impl Story {
    /// Within so long after an event, earlier ones may still come: captured packets and kernel reports are late.
    pub const LATE: Nanos = Nanos::from_millis(50);

    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next event. One that is there already is not taken twice.
    pub fn push(&mut self, event: &Event) {
        let place = self.events.len() as Place;
        if self.by_seq.contains_key(&event.seq.0) {
            return;
        }
        self.by_seq.insert(event.seq.0, place);
        self.events.push(event.clone());
        let key = (event.at, event.seq);
        let mut at = self.order.len();
        // Late events are a little late: walking back is shorter than a search.
        while at > 0 && self.key(self.order[at - 1]) > key {
            at -= 1;
        }
        if at < self.order.len() {
            self.changes.late.push((place, at as u32));
        }
        self.order.insert(at, place);
        self.latest = self.latest.max(event.at);
        self.take(place);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        let epoch = self.changes.epoch + 1;
        *self = Self::default();
        self.changes.epoch = epoch;
    }

    fn key(&self, place: Place) -> (Nanos, Seq) {
        let event = &self.events[place as usize];
        (event.at, event.seq)
    }

    /// Moves with every [`Story::clear`].
    #[must_use]
    pub fn epoch(&self) -> u32 {
        self.changes.epoch
    }

    /// The first place of the order that is not as it was when there were `seen` events.
    #[must_use]
    pub fn changed_since(&self, seen: usize) -> usize {
        let late = self.changes.late.iter().rev().take_while(|(when, _)| *when as usize >= seen);
        late.map(|(_, at)| *at as usize).min().unwrap_or(seen).min(seen)
    }

    /// How many events there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether nothing was told yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The time of the latest event.
    #[must_use]
    pub fn latest(&self) -> Nanos {
        self.latest
    }

    /// The events by time, as places for [`Story::event_at`].
    #[must_use]
    pub fn in_order(&self) -> &[Place] {
        &self.order
    }

    /// The event at a place.
    ///
    /// # Panics
    /// If the place is of another story.
    #[must_use]
    pub fn event_at(&self, place: Place) -> &Event {
        &self.events[place as usize]
    }

    /// An event by its number.
    #[must_use]
    pub fn event(&self, seq: Seq) -> Option<&Event> {
        self.place(seq).map(|place| self.event_at(place))
    }

    fn place(&self, seq: Seq) -> Option<Place> {
        self.by_seq.get(&seq.0).copied()
    }

    /// All hosts.
    #[must_use]
    pub fn hosts(&self) -> &[HostRecord] {
        &self.hosts
    }

    /// A host.
    #[must_use]
    pub fn host(&self, id: HostId) -> Option<&HostRecord> {
        self.hosts.iter().find(|host| host.id == id)
    }

    /// All programs, oldest first.
    #[must_use]
    pub fn programs(&self) -> &[ProgramRecord] {
        &self.programs
    }

    /// A program.
    #[must_use]
    pub fn program(&self, id: ProgramId) -> Option<&ProgramRecord> {
        self.by_program.get(&id.0.into()).map(|at| &self.programs[*at as usize])
    }

    /// All sockets, oldest first.
    #[must_use]
    pub fn sockets(&self) -> &[SocketRecord] {
        &self.sockets
    }

    /// A socket.
    #[must_use]
    pub fn socket(&self, id: SocketId) -> Option<&SocketRecord> {
        self.by_socket.get(&id.0.into()).map(|at| &self.sockets[*at as usize])
    }

    /// A flow.
    #[must_use]
    pub fn flow(&self, id: FlowId) -> Option<&FlowRecord> {
        self.by_flow.get(&id.0.into()).map(|at| &self.flows[*at as usize])
    }

    /// All calls, in the order in which they came.
    #[must_use]
    pub fn calls(&self) -> &[CallRecord] {
        &self.calls
    }

    /// A call by its number.
    #[must_use]
    pub fn call(&self, id: CallId) -> Option<&CallRecord> {
        self.by_call.get(&id.0.into()).map(|at| &self.calls[*at as usize])
    }

    /// The place of a call in [`Story::calls`].
    #[must_use]
    pub fn call_place(&self, id: CallId) -> Option<u32> {
        self.by_call.get(&id.0.into()).copied()
    }

    /// The call an event is an end of.
    #[must_use]
    pub fn call_of(&self, seq: Seq) -> Option<&CallRecord> {
        match &self.event(seq)?.kind {
            protocol::Kind::Call(call) => self.call(call.id),
            _ => None,
        }
    }

    /// All packets, in the order in which they came.
    #[must_use]
    pub fn packets(&self) -> &[PacketRecord] {
        &self.packets
    }

    /// A packet by its number.
    #[must_use]
    pub fn packet(&self, id: PacketId) -> Option<&PacketRecord> {
        self.by_packet.get(&id.0.into()).map(|at| &self.packets[*at as usize])
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
        let fits = |other: &&SocketRecord| {
            other.id != id && other.local.as_ref() == Some(peer) && other.peer.as_ref() == Some(local)
        };
        self.sockets.iter().rev().find(fits)
    }

    /// How many connections a listening socket holds before `accept`: one more than its backlog, as Linux does.
    #[must_use]
    pub fn seats(&self, listener: &SocketRecord) -> Option<u32> {
        let told = listener.value(protocol::GaugeKey::AcceptLimit).map(|limit| limit as u32);
        listener.listening.map(|(backlog, _)| backlog).or(told).map(|backlog| backlog + 1)
    }

    /// Connections that came from a listening socket and were not accepted at that time.
    pub fn queued(&self, listener: SocketId, at: Nanos) -> impl Iterator<Item = &SocketRecord> {
        self.sockets.iter().filter(move |socket| {
            socket.parent == Some(listener)
                && socket.since <= at
                && socket.accepted.is_none_or(|accepted| accepted > at)
                && socket.closed.is_none_or(|closed| closed > at)
        })
    }
}

impl Story {
    /// The event that names the mark which an event belongs to: the entry of a call, the sending of a packet.
    #[must_use]
    pub fn mark_of(&self, seq: Seq) -> Seq {
        match self.event(seq).map(|event| &event.kind) {
            Some(protocol::Kind::Call(call)) => self.call(call.id).map_or(seq, |call| call.seq),
            Some(protocol::Kind::Packet(packet)) => self.packet(packet.id).map_or(seq, |packet| packet.seq),
            _ => seq,
        }
    }

    /// The place of an event in [`Story::in_order`].
    #[must_use]
    pub fn rank(&self, seq: Seq) -> Option<usize> {
        let key = self.key(self.place(seq)?);
        self.order.binary_search_by_key(&key, |place| self.key(*place)).ok()
    }
}
