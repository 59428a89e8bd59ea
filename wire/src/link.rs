//! One direction of the wire: what is on its way, and when it arrives.

use crate::conditions::{self, Loss};
use crate::random::Random;
use protocol::wire::{Conditions, Way};
use protocol::{Nanos, PacketId};
use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};

/// A packet on the wire.
#[derive(Clone, Debug)]
pub(crate) struct InFlight {
    pub(crate) id: PacketId,
    pub(crate) way: Way,
    pub(crate) copy_of: Option<PacketId>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) fate: Fate,
}

/// What happens to a packet at its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It arrives.
    Arrive,
    /// It is lost in mid-wire.
    Lose,
    /// It stops in mid-wire, with so much of its delay left.
    Stop(Nanos),
}

/// What the conditions make of one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// When the last bit has left the queue.
    pub(crate) departs: Nanos,
    /// The flight after that.
    pub(crate) flight: Nanos,
    pub(crate) lost: bool,
    pub(crate) duplicated: bool,
    /// Whether it may arrive before those sent earlier.
    pub(crate) overtakes: bool,
}

/// One direction.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) conditions: Conditions,
    random: Random,
    loss: Loss,
    queue: BinaryHeap<Due>,
    bytes: usize,
    /// When those that wait for the rate limit leave.
    departures: VecDeque<Nanos>,
    /// The latest arrival so far, which later packets do not undercut.
    latest: Nanos,
    order: u64,
}

impl Link {
    /// The most bytes on their way: what 60 seconds hold at 4 Mbit/s, and more than a TCP window.
    const BYTES_MOST: usize = 32 << 20;
    /// The most packets on their way.
    const PACKETS_MOST: usize = 65_536;

    pub(crate) fn new(random: Random) -> Self {
        Self {
            conditions: Conditions::default(),
            random,
            loss: Loss::default(),
            queue: BinaryHeap::new(),
            bytes: 0,
            departures: VecDeque::new(),
            latest: Nanos(0),
            order: 0,
        }
    }

    /// Lets chance and queue decide about a packet of `len` bytes. `None` if a queue is full.
    pub(crate) fn plan(&mut self, now: Nanos, len: usize) -> Option<Plan> {
        while self.departures.front().is_some_and(|&departs| departs <= now) {
            self.departures.pop_front();
        }
        if self.departures.len() > conditions::queue_limit(&self.conditions).min(Self::PACKETS_MOST)
            || self.is_full(len)
        {
            return None;
        }
        let departs = if self.conditions.rate == 0 {
            now
        } else {
            let free = self.departures.back().copied().unwrap_or(now).max(now);
            let departs = free.after(conditions::transmission(&self.conditions, len));
            self.departures.push_back(departs);
            departs
        };
        let Self { conditions, random, loss, .. } = self;
        let lost = loss.next(conditions, random);
        let duplicated = random.chance(u64::from(conditions.duplicate), 1000);
        // As in Linux's netem, a packet overtakes by taking no delay; without delay there is nobody to overtake.
        let reordered = random.chance(u64::from(conditions.reorder), 1000);
        let flight = if reordered { Nanos(0) } else { conditions::flight(conditions, random) };
        Some(Plan { departs, flight, lost, duplicated, overtakes: reordered || conditions.jitter.0 > 0 })
    }

    fn is_full(&self, len: usize) -> bool {
        self.bytes + len > Self::BYTES_MOST || self.queue.len() >= Self::PACKETS_MOST
    }

    /// When a packet that would arrive at `due` does so without overtaking: shortening the delay does not let new
    /// packets pass those already on their way.
    pub(crate) fn in_order(&mut self, due: Nanos) -> Nanos {
        self.latest = self.latest.max(due);
        self.latest
    }

    /// Sends a packet on, to meet its fate at `due`.
    pub(crate) fn push(&mut self, due: Nanos, packet: InFlight) {
        self.bytes += packet.bytes.len();
        self.queue.push(Due { at: due, order: self.order, packet });
        self.order += 1;
    }

    /// When the next packet meets its fate.
    pub(crate) fn next_due(&self) -> Option<Nanos> {
        self.queue.peek().map(|due| due.at)
    }

    /// The packet whose time came first, if it has come.
    pub(crate) fn pop(&mut self, now: Nanos) -> Option<InFlight> {
        if self.next_due()? > now {
            return None;
        }
        let due = self.queue.pop()?;
        self.bytes -= due.packet.bytes.len();
        Some(due.packet)
    }

    /// Takes the packet off the line that would arrive first, with what remains of its time.
    pub(crate) fn take(&mut self, now: Nanos) -> Option<(Nanos, InFlight)> {
        let due = self.queue.pop()?;
        self.bytes -= due.packet.bytes.len();
        self.latest = Nanos(0);
        Some((due.at.since(now), due.packet))
    }

    /// Whether the conditions bring packets out of order.
    pub(crate) fn may_reorder(&self) -> bool {
        self.conditions.jitter.0 > 0 || self.conditions.reorder > 0
    }

    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }
}

/// Sorted so that the heap's greatest is the earliest, and of those the first that was sent.
#[derive(Debug)]
struct Due {
    at: Nanos,
    order: u64,
    packet: InFlight,
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.order).cmp(&(self.at, self.order))
    }
}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Due {}
