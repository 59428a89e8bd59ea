//! The wire: two links, what a person does to them, and the story of each packet.

mod act;
mod story;

pub use act::ActError;

use crate::filter::Catch;
use crate::held::{HeldPacket, Shelf};
use crate::link::{Fate, InFlight, Link};
use crate::mtu::{self, Judgement, Router};
use crate::random::Random;
use crate::report::{Delivery, Output, Why};
use protocol::header::summary;
use protocol::wire::{Conditions, Way};
use protocol::{DropReason, Hold, Nanos, PacketId, Stage};
use std::collections::VecDeque;

/// The wire between a client host and a server host.
#[derive(Debug)]
pub struct Wire {
    links: [Link; 2],
    shelf: Shelf,
    held: bool,
    cut: bool,
    catch: Option<Catch>,
    router: Router,
    /// How many bytes of a packet are reported; `None` if nothing is.
    snap: Option<usize>,
    last_id: u32,
    outbox: VecDeque<Output>,
}

impl Wire {
    /// A wire without any conditions. The seed decides all chances to come.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            // Each way has chances of its own, so that traffic one way does not change the other's story.
            links: [Link::new(Random::new(seed)), Link::new(Random::new(!seed))],
            shelf: Shelf::default(),
            held: false,
            cut: false,
            catch: None,
            router: Router::default(),
            snap: Some(usize::MAX),
            last_id: 0,
            outbox: VecDeque::new(),
        }
    }

    /// Sets how many bytes of each packet are reported; `None` reports nothing, which is a good deal cheaper.
    pub fn watch(&mut self, snap: Option<usize>) {
        self.snap = snap;
    }

    /// Sets the addresses from which the wire sends ICMP.
    pub fn set_router(&mut self, router: Router) {
        self.router = router;
    }

    /// The conditions of one direction.
    #[must_use]
    pub fn conditions(&self, way: Way) -> &Conditions {
        &self.links[way as usize].conditions
    }

    /// Whether all deliveries are stopped.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.held
    }

    /// Whether the cable is cut.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// Whether somebody waits for a packet.
    #[must_use]
    pub fn is_catching(&self) -> bool {
        self.catch.is_some()
    }

    /// The packets that wait for a decision, in the order they stopped.
    pub fn held(&self) -> impl Iterator<Item = (PacketId, Way, Hold)> {
        self.shelf.iter().map(|held| (held.packet.id, held.packet.way, held.hold))
    }

    /// How many packets are on their way, without those held.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.links.iter().map(Link::len).sum()
    }

    /// A host gives the wire an IP packet. What comes of it is told by [`Wire::poll`].
    pub fn offer(&mut self, now: Nanos, way: Way, bytes: Vec<u8>) -> PacketId {
        let id = self.new_id();
        let packet = InFlight { id, way, copy_of: None, bytes, fate: Fate::Arrive };
        self.sent(now, &packet, None);
        if self.cut {
            self.lose(now, packet.subject(), DropReason::Cut, None);
            return id;
        }
        let caused = Some(Why::Packet(id));
        match mtu::judge(&packet.bytes, self.conditions(way).mtu, self.router) {
            Judgement::Fits => self.enter(now, packet),
            Judgement::Pieces(pieces) => {
                self.tell(now, packet.subject(), Stage::Fragmented, None);
                for bytes in pieces {
                    let piece = InFlight { id: self.new_id(), copy_of: Some(id), bytes, ..packet };
                    self.sent(now, &piece, caused);
                    self.enter(now, piece);
                }
            }
            Judgement::Answer(answer) => {
                self.lose(now, packet.subject(), DropReason::TooBig, None);
                let icmp = InFlight { id: self.new_id(), way: way.back(), bytes: answer, ..packet };
                self.sent(now, &icmp, caused);
                self.enter(now, icmp);
            }
            Judgement::Silence => self.lose(now, packet.subject(), DropReason::TooBig, None),
        }
        id
    }

    /// What has to be done now: call until `None`.
    pub fn poll(&mut self, now: Nanos) -> Option<Output> {
        loop {
            if let Some(output) = self.outbox.pop_front() {
                return Some(output);
            }
            let link = self.links.iter_mut().min_by_key(|link| link.next_due().unwrap_or(Nanos(u64::MAX)))?;
            let packet = link.pop(now)?;
            self.meet_fate(now, packet);
        }
    }

    /// When to poll next, if nothing is offered or done before. A time that has passed means at once.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Nanos> {
        if !self.outbox.is_empty() {
            return Some(Nanos(0));
        }
        self.links.iter().filter_map(Link::next_due).min()
    }

    fn new_id(&mut self) -> PacketId {
        self.last_id = self.last_id.wrapping_add(1);
        PacketId(self.last_id)
    }

    /// A packet that fits the path begins its way.
    fn enter(&mut self, now: Nanos, mut packet: InFlight) {
        let caught = self
            .catch
            .as_mut()
            .is_some_and(|catch| catch.is_it(packet.way, summary(&packet.bytes, packet.bytes.len()).as_ref()));
        let link = &mut self.links[packet.way as usize];
        let Some(plan) = link.plan(now, packet.bytes.len()) else {
            return self.lose(now, packet.subject(), DropReason::QueueFull, None);
        };
        let arrival = plan.departs.after(plan.flight);
        let halfway = plan.departs.after(Nanos(plan.flight.0 / 2));
        if caught {
            // A person's choice comes before chance: no loss, no copy.
            self.catch = None;
            packet.fate = Fate::Stop(arrival.since(halfway));
            return self.send_on(now, halfway, packet);
        }
        if plan.lost {
            packet.fate = Fate::Lose;
            return self.send_on(now, halfway, packet);
        }
        let in_order = link.in_order(arrival);
        let due = if plan.overtakes { arrival } else { in_order };
        let copy = plan.duplicated.then(|| packet.clone());
        self.send_on(now, due, packet);
        if let Some(original) = copy {
            let copy = self.copy(now, original, None);
            self.send_on(now, due, copy);
        }
    }

    /// Makes a copy of a packet, which is told, but not sent yet.
    fn copy(&mut self, now: Nanos, original: InFlight, why: Option<Why>) -> InFlight {
        let copy = InFlight { id: self.new_id(), copy_of: Some(original.id), fate: Fate::Arrive, ..original };
        self.tell(now, copy.subject(), Stage::Duplicated, why.or(Some(Why::Packet(original.id))));
        copy
    }

    /// Puts a packet on the line, or on the shelf if the wire is held.
    fn send_on(&mut self, now: Nanos, due: Nanos, packet: InFlight) {
        if self.held { self.stop(now, packet, due.since(now), None) } else { self.run(now, due, packet) }
    }

    /// Puts a packet on the line, to meet its fate at `due`.
    fn run(&mut self, now: Nanos, due: Nanos, packet: InFlight) {
        let link = &mut self.links[packet.way as usize];
        // Nobody is before it and its time has come: the queue would only cost.
        if due <= now && link.next_due().is_none_or(|first| first > now) {
            return self.meet_fate(now, packet);
        }
        let arrives = (packet.fate == Fate::Arrive && due > now).then(|| packet.subject());
        link.push(due, packet);
        if let Some(subject) = arrives {
            self.tell(now, subject, Stage::Scheduled(due), None);
        }
    }

    fn meet_fate(&mut self, now: Nanos, packet: InFlight) {
        match packet.fate {
            Fate::Lose => self.lose(now, packet.subject(), DropReason::Loss, None),
            Fate::Stop(_) => self.stop(now, packet, Nanos(0), None),
            Fate::Arrive => {
                let report = self.stage(now, packet.subject(), Stage::Delivered, None);
                let InFlight { id, way, bytes, .. } = packet;
                self.outbox.push_back(Output::Deliver(Delivery { id, way, bytes, report }));
            }
        }
    }

    /// Puts a packet on the shelf; it would have met its fate after `remaining`.
    fn stop(&mut self, now: Nanos, mut packet: InFlight, remaining: Nanos, why: Option<Why>) {
        if self.shelf.is_full() {
            return self.lose(now, packet.subject(), DropReason::QueueFull, None);
        }
        let (hold, remaining) = match packet.fate {
            // It was on its way to where a person wants to have it: now it is there.
            Fate::Stop(rest) => (Hold::Caught, remaining.after(rest)),
            Fate::Arrive | Fate::Lose => (Hold::Wire, remaining),
        };
        if hold == Hold::Caught {
            packet.fate = Fate::Arrive;
        }
        self.tell(now, packet.subject(), Stage::Held(hold), why);
        self.shelf.put(HeldPacket { packet, hold, remaining });
    }
}
