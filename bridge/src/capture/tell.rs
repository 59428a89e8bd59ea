//! What captured packets are: events about conversations, and the states that follow from them.

use super::Ports;
use crate::probe::Story;
use crate::recorder::EVENTS_A_SECOND;
use protocol::header::{Carries, FragmentKey, Headers, Summary, TcpFlags, ipproto};
use protocol::state_tracker::Change;
use protocol::{
    About, Address, Bytes, Cause, Epoch, FlowId, Kind, Nanos, Packet, Place, Provenance, Seq, Stage, StateTracker, Tap,
    Transport,
};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Events recorded in one burst; what comes above it is only counted.
const BURST: f64 = 20_000.0;
/// A packet is two events: it is sent, and it arrives.
const EACH: f64 = 2.0;
/// Datagrams in pieces whose conversation is remembered.
const MOST_FRAGMENTED: usize = 64;
/// How long a state waits for its socket to be known: it is accepted, or the kernel is asked.
const PATIENCE: Duration = Duration::from_secs(2);
/// States that wait.
const MOST_WAITING: usize = 4_096;
/// Between two tellings of what was lost.
const LOSSES_EVERY: Duration = Duration::from_millis(100);

/// Tells packets.
pub(super) struct Teller {
    story: Arc<Story>,
    ports: Ports,
    tracker: StateTracker,
    fragments: VecDeque<(FragmentKey, FlowId)>,
    waiting: VecDeque<Waiting>,
    epoch: Epoch,
    budget: f64,
    refilled: Instant,
    lost: u64,
    told_lost: Instant,
    /// Something came since the last tick.
    busy: bool,
}

/// A state whose socket is not known yet.
struct Waiting {
    change: Change,
    moment: Instant,
    cause: Option<Seq>,
}

impl Teller {
    pub fn new(story: Arc<Story>, ports: Ports) -> Self {
        let now = Instant::now();
        Self {
            epoch: story.recorder.epoch(),
            story,
            ports,
            tracker: StateTracker::new(),
            fragments: VecDeque::new(),
            waiting: VecDeque::new(),
            budget: BURST,
            refilled: now,
            lost: 0,
            told_lost: now,
            busy: false,
        }
    }

    /// Somebody watches again; what happened meanwhile is unknown.
    pub fn begin(&mut self) {
        self.tracker = StateTracker::new();
        self.fragments.clear();
        self.waiting.clear();
    }

    /// Whether there may be something to tell though no packet comes.
    pub fn is_busy(&self) -> bool {
        self.busy || self.lost > 0 || !self.waiting.is_empty()
    }

    /// A packet of which these bytes were captured.
    pub fn packet(&mut self, bytes: &[u8], true_len: u32, moment: Instant) {
        self.busy = true;
        let Some(headers) = Headers::read(bytes, true_len as usize) else { return };
        let Some(summary) = headers.summary() else { return };
        let Some(flow) = self.flow(&headers, &summary, moment) else { return };
        self.new_epoch();
        // What was captured before the present epoch belongs to no story any more, but to the state of its ends.
        let recorded = self.story.recorder.time_of(moment) > Nanos(0) && self.afford(moment);
        let id = self.story.recorder.new_packet();
        let about = About { host: self.story.host, flow: Some(flow), ..About::default() };
        let mut packet = Packet {
            id,
            tap: Tap::Loopback,
            stage: Stage::Sent,
            copy_of: None,
            data: if recorded { Bytes::from(bytes) } else { Bytes::default() },
            true_len,
        };
        if let Some((from, to)) = summary.ends().filter(|_| summary.tcp().is_some()) {
            for (local, peer) in [(from, to), (to, from)] {
                self.meet(flow, &summary, local, peer);
            }
        }
        for stage in [Stage::Sent, Stage::Delivered] {
            packet.stage = stage;
            let changes = self.tracker.packet(flow, &packet, Some(&summary));
            let seq = recorded.then(|| {
                let kind = Kind::Packet(packet.clone());
                self.story.recorder.record_at(moment, Nanos(0), about, Provenance::OBSERVED, None, kind)
            });
            packet.data = Bytes::default();
            for change in changes {
                self.waiting.push_back(Waiting { change, moment, cause: seq });
            }
        }
    }

    /// Tells the states whose sockets are known now.
    pub fn settle(&mut self) {
        self.new_epoch();
        if self.waiting.is_empty() {
            return;
        }
        let now = Instant::now();
        let mut left = VecDeque::new();
        for waits in std::mem::take(&mut self.waiting) {
            // One end's states are told in their order.
            let later =
                |other: &Waiting| (other.change.flow, other.change.local) == (waits.change.flow, waits.change.local);
            let cause = waits.cause.map(Cause::Event);
            let told = !left.iter().any(later)
                && self.story.table.derived(self.story.host, &waits.change, waits.moment, cause);
            if !told && now.saturating_duration_since(waits.moment) < PATIENCE && left.len() < MOST_WAITING {
                left.push_back(waits);
            }
        }
        self.waiting = left;
    }

    /// Some time passed; the kernel had no room for `lost` packets since the last time.
    pub fn tick(&mut self, lost: u32) {
        self.busy = false;
        self.lost += u64::from(lost);
        let now = Instant::now();
        if self.lost > 0 && now.saturating_duration_since(self.told_lost) >= LOSSES_EVERY {
            self.told_lost = now;
            let kind = Kind::Dropped { place: Place::Capture, count: std::mem::take(&mut self.lost) };
            let about = About { host: self.story.host, ..About::default() };
            self.story.recorder.record(about, Provenance::OBSERVED, None, kind);
        }
    }

    /// The conversation a packet belongs to; `None` if it is none of ours.
    fn flow(&mut self, headers: &Headers<'_>, summary: &Summary, moment: Instant) -> Option<FlowId> {
        let table = &self.story.table;
        match &summary.carries {
            Carries::Tcp(segment) => {
                let (from, to) = summary.ends()?;
                let begins = segment.flags.has(TcpFlags::SYN) && !segment.flags.has(TcpFlags::ACK);
                let back = !begins && self.ports.tcp.contains(&from.port());
                Some(table.carrying(self.story.host, Transport::Tcp, from, to, back, begins, moment))
            }
            Carries::Udp(_) => {
                let (from, to) = summary.ends()?;
                let back = self.ports.udp.contains(&from.port());
                let flow = table.carrying(self.story.host, Transport::Udp, from, to, back, !back, moment);
                if let Some(fragment) = summary.fragment {
                    if self.fragments.len() >= MOST_FRAGMENTED {
                        self.fragments.pop_front();
                    }
                    self.fragments.push_back((fragment.key, flow));
                }
                Some(flow)
            }
            Carries::Icmp(message) => {
                let (from, to) = message.about?;
                let (_, quoted) = headers.quoted()?;
                let transport = if quoted.protocol == ipproto::TCP { Transport::Tcp } else { Transport::Udp };
                table.carried(transport, from, to)
            }
            Carries::Continued => {
                let key = summary.fragment?.key;
                self.fragments.iter().rev().find(|(known, _)| *known == key).map(|(_, flow)| *flow)
            }
            Carries::Other => None,
        }
    }

    /// An end that was there before anybody watched is in the state that the kernel reported.
    fn meet(&mut self, flow: FlowId, summary: &Summary, local: SocketAddr, peer: SocketAddr) {
        let begins = summary.tcp().is_some_and(|segment| segment.flags.has(TcpFlags::SYN));
        if !begins
            && self.tracker.state(flow, local).is_none()
            && let Some(state) = self.story.table.state_of(flow, &Address::Inet(local), &Address::Inet(peer))
        {
            self.tracker.resume(flow, local, state);
        }
    }

    /// Whether one more packet may be recorded; else it is counted.
    fn afford(&mut self, now: Instant) -> bool {
        let earned = now.saturating_duration_since(self.refilled).as_secs_f64() * EVENTS_A_SECOND as f64;
        self.budget = BURST.min(self.budget + earned);
        self.refilled = self.refilled.max(now);
        if self.budget < EACH {
            self.lost += 1;
            return false;
        }
        self.budget -= EACH;
        true
    }

    /// A cause must be an event of the same story.
    fn new_epoch(&mut self) {
        let epoch = self.story.recorder.epoch();
        if std::mem::replace(&mut self.epoch, epoch) != epoch {
            self.waiting.iter_mut().for_each(|waits| waits.cause = None);
        }
    }
}
