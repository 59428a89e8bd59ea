//! The story told by the events so far: who takes part, and every call, packet and state in the order of time.
//!
//! Events may come in any order. They are kept as they came; [`Story::in_order`] has them by time, and late ones are
//! put where they belong. Everything else is an index over them, so that no view searches: what a view asks for each
//! picture must not cost more when more has happened before.

mod bytes;
mod client;
mod datagrams;
mod events;
mod find;
mod forget;
mod numbers;
mod packets;
mod records;
mod take;
#[cfg(test)]
pub mod tell;
#[cfg(test)]
pub mod tell_packets;
#[cfg(test)]
mod tests;

pub use client::{Client, ClientPhase, ClientState, Line, Rest};
pub use events::{Sort, Tag};
pub use records::{
    CallRecord, Ends, FlowRecord, History, HostRecord, PacketRecord, Place, ProgramRecord, SocketRecord, StreamRecord,
    Tcp,
};

use crate::model::pages::Pages;
use events::Events;
use numbers::Numbers;
use protocol::{CallId, Event, FlowId, HostId, Nanos, PacketId, ProgramId, Seq, SocketId};
use std::collections::BTreeMap;

/// Numbers to places in a list. One type for all of them, sets included, keeps the page small.
pub type Index = BTreeMap<u64, u32>;

/// The story.
#[derive(Clone, Debug, Default)]
pub struct Story {
    events: Events,
    /// Places by time, then by `seq`.
    order: Vec<Place>,
    hosts: Vec<HostRecord>,
    programs: Vec<ProgramRecord>,
    by_program: Numbers,
    sockets: Vec<SocketRecord>,
    by_socket: Numbers,
    /// Sockets by a number made of their addresses.
    by_address: Index,
    flows: Vec<FlowRecord>,
    by_flow: Numbers,
    calls: Pages<CallRecord>,
    by_call: Numbers,
    packets: Pages<PacketRecord>,
    by_packet: Numbers,
    /// The ends of packets, each pair once, and their places by a number made of them.
    ends: Vec<Ends>,
    by_ends: Index,
    streams: Vec<StreamRecord>,
    /// The newest stream of each pair of ends.
    by_stream: Index,
    /// Packets that are held.
    stopped: Vec<u32>,
    /// Sends by their datagram.
    by_datagram: Numbers,
    /// Receives by their datagram.
    by_receipt: Numbers,
    letters: u32,
    latest: Nanos,
    /// How many events were forgotten.
    forgotten: u64,
    changes: Changes,
}

/// What changed, for pictures that are extended instead of drawn anew.
#[derive(Clone, Debug, Default)]
struct Changes {
    /// Moves with every clear.
    epoch: u32,
    /// For each late event: how many events there were, and its place in the order.
    late: Vec<(u32, u32)>,
}

impl Changes {
    /// So many are remembered apart; older ones are remembered as one.
    const MOST: usize = 1024;

    fn late(&mut self, when: u32, at: u32) {
        if self.late.len() >= Self::MOST {
            let old = self.late.drain(..Self::MOST / 2);
            let one = old.reduce(|one, other| (one.0.max(other.0), one.1.min(other.1)));
            self.late.splice(0..0, one);
        }
        self.late.push((when, at));
    }
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
        self.take_in(event, None);
    }

    /// Takes the next event, with the bytes it was read from if they are known: they are kept as they are.
    pub fn take_in(&mut self, event: &Event, packed: Option<&[u8]>) {
        if self.events.len() >= Self::MOST || self.events.bytes() >= Self::MOST_BYTES {
            self.forget();
        }
        let Some(place) = self.events.push(event, packed) else { return };
        let key = (event.at, event.seq);
        let mut at = self.order.len();
        // Late events are a little late: walking back is shorter than a search.
        while at > 0 && self.key(self.order[at - 1]) > key {
            at -= 1;
        }
        if at < self.order.len() {
            self.changes.late(place, at as u32);
        }
        self.order.insert(at, place);
        self.latest = self.latest.max(event.at);
        let tag = self.take(place, event);
        self.events.name(place, tag);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.renew();
    }

    /// Begins anew, and gives what was told until now.
    pub fn renew(&mut self) -> Self {
        let mut next = Self::default();
        next.changes.epoch = self.changes.epoch + 1;
        std::mem::replace(self, next)
    }

    /// When somebody began to do something: when the first client that a page opened was told of.
    #[must_use]
    pub fn begun(&self) -> Option<Nanos> {
        let ours = |program: &&ProgramRecord| program.role == Some(protocol::Role::Client);
        self.programs().iter().filter(ours).map(|program| program.since).min()
    }

    /// The story as it was after its first `count` events, by time. It counts as another one for whoever extends a
    /// picture.
    #[must_use]
    pub fn first(&self, count: usize) -> Self {
        let mut first = Self::default();
        // Others than those of stories that are cleared: they count up from 0.
        first.changes.epoch = (self.changes.epoch << 24).wrapping_sub(count as u32 + 1);
        self.order.iter().take(count).for_each(|place| first.push(&self.event_at(*place)));
        first
    }

    fn key(&self, place: Place) -> (Nanos, Seq) {
        (self.events.at(place), self.events.seq(place))
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

    /// The events in the order of their numbers, as places for [`Story::event_at`].
    pub fn as_recorded(&self) -> impl Iterator<Item = Place> {
        (0..self.events.len()).filter_map(|rank| self.events.place_at(rank))
    }

    /// The event at a place, unpacked: for all of them ask [`Story::tag`], [`Story::at`] and [`Story::seq`].
    ///
    /// # Panics
    /// If the place is of another story.
    #[must_use]
    pub fn event_at(&self, place: Place) -> Event {
        self.events.get(place)
    }

    /// What the event at a place is.
    #[must_use]
    pub fn tag(&self, place: Place) -> Tag {
        self.events.tag(place)
    }

    /// When the event at a place was.
    #[must_use]
    pub fn at(&self, place: Place) -> Nanos {
        self.events.at(place)
    }

    /// Whether a text stands in the event at a place as it is packed, in any case: a quick look before it is unpacked.
    #[must_use]
    pub fn mentions(&self, place: Place, word: &str) -> bool {
        let quick = self.events.packed(place);
        crate::model::search::contains(quick, word.as_bytes())
    }

    /// The number of the event at a place.
    #[must_use]
    pub fn seq(&self, place: Place) -> Seq {
        self.events.seq(place)
    }

    /// An event by its number.
    #[must_use]
    pub fn event(&self, seq: Seq) -> Option<Event> {
        self.place(seq).map(|place| self.event_at(place))
    }

    /// The place of an event.
    #[must_use]
    pub fn place(&self, seq: Seq) -> Option<Place> {
        self.events.place(seq)
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
        self.by_program.get(id.0.into()).map(|at| &self.programs[at as usize])
    }

    /// All sockets, oldest first.
    #[must_use]
    pub fn sockets(&self) -> &[SocketRecord] {
        &self.sockets
    }

    /// A socket.
    #[must_use]
    pub fn socket(&self, id: SocketId) -> Option<&SocketRecord> {
        self.by_socket.get(id.0.into()).map(|at| &self.sockets[at as usize])
    }

    /// A flow.
    #[must_use]
    pub fn flow(&self, id: FlowId) -> Option<&FlowRecord> {
        self.by_flow.get(id.0.into()).map(|at| &self.flows[at as usize])
    }

    /// All calls, in the order in which they came.
    #[must_use]
    pub fn calls(&self) -> &Pages<CallRecord> {
        &self.calls
    }

    /// A call by its number.
    #[must_use]
    pub fn call(&self, id: CallId) -> Option<&CallRecord> {
        self.by_call.get(id.0.into()).map(|at| &self.calls[at as usize])
    }

    /// The place of a call in [`Story::calls`].
    #[must_use]
    pub fn call_place(&self, id: CallId) -> Option<u32> {
        self.by_call.get(id.0.into())
    }

    /// The call an event is an end of.
    #[must_use]
    pub fn call_of(&self, seq: Seq) -> Option<&CallRecord> {
        let tag = self.tag(self.place(seq)?);
        tag.sort.is_call().then(|| &self.calls[tag.at as usize])
    }

    /// All packets, in the order in which they came.
    #[must_use]
    pub fn packets(&self) -> &Pages<PacketRecord> {
        &self.packets
    }

    /// A packet by its number.
    #[must_use]
    pub fn packet(&self, id: PacketId) -> Option<&PacketRecord> {
        self.by_packet.get(id.0.into()).map(|at| &self.packets[at as usize])
    }
}

impl Story {
    /// The event that names the mark which an event belongs to: the entry of a call, the sending of a packet.
    #[must_use]
    pub fn mark_of(&self, seq: Seq) -> Seq {
        let Some(place) = self.place(seq) else { return seq };
        let tag = self.tag(place);
        match tag.sort {
            sort if sort.is_call() => self.calls[tag.at as usize].seq,
            sort if sort.is_packet() => self.packets[tag.at as usize].seq,
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
