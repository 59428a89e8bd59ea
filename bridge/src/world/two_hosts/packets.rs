//! What the wire tells, as events: packets of conversations, and the states of TCP that follow from them.

use crate::probe::Story;
use crate::recorder::EVENTS_A_SECOND;
use ::wire::{Report, Why};
use protocol::header::{Carries, FragmentKey, Headers, Summary, TcpFlags, ipproto};
use protocol::state_tracker::Change;
use protocol::wire::Way;
use protocol::{
    About, Address, Bytes, Cause, Epoch, FlowId, Kind, Nanos, Packet, PacketId, Place, Provenance, Seq, Stage,
    StateTracker, Transport,
};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// Packets recorded in one burst; what comes above it is only counted.
const BURST: f64 = 20_000.0;
/// What one packet costs of it: it is sent, scheduled and delivered.
const EACH: f64 = 3.0;
/// Packets under way that are remembered: the wire holds no more.
const MOST_UNDER_WAY: usize = 16_384;
/// Datagrams in pieces whose conversation is remembered.
const MOST_FRAGMENTED: usize = 64;
/// How long a state waits for its socket to be known: it is accepted, or the kernel is asked.
const PATIENCE: Duration = Duration::from_secs(2);
/// States that wait.
const MOST_WAITING: usize = 4_096;
/// Between two tellings of what was not recorded.
const LOSSES_EVERY: Duration = Duration::from_millis(100);

/// The packets on the wire.
pub(super) struct Packets {
    /// The client host's and the server host's.
    stories: [Arc<Story>; 2],
    /// The wire's time 0.
    origin: Instant,
    tracker: StateTracker,
    under_way: HashMap<PacketId, UnderWay>,
    /// Those that wait for a decision, with what was told of them: they live on in a new epoch.
    held: BTreeMap<PacketId, Held>,
    fragments: VecDeque<(FragmentKey, FlowId)>,
    waiting: VecDeque<Waiting>,
    epoch: Epoch,
    budget: f64,
    refilled: Instant,
    lost: u64,
    told_lost: Instant,
}

#[derive(Clone)]
struct UnderWay {
    about: About,
    /// Its [`Stage::Sent`]; none if it was too much to record.
    sent: Option<Seq>,
    data: Bytes,
}

struct Held {
    about: About,
    moment: Instant,
    /// As it was sent, and as it was held.
    stages: [Packet; 2],
}

/// A state whose socket is not known yet.
struct Waiting {
    change: Change,
    moment: Instant,
    cause: Option<Seq>,
}

/// The packets, for as long as it takes to tell one.
pub(super) fn locked(packets: &Mutex<Packets>) -> MutexGuard<'_, Packets> {
    packets.lock().expect("nothing panics while it holds the packets")
}

impl Packets {
    /// No packet yet, between these hosts.
    pub fn new(stories: [Arc<Story>; 2]) -> Arc<Mutex<Self>> {
        let now = Instant::now();
        Arc::new(Mutex::new(Self {
            epoch: stories[0].recorder.epoch(),
            stories,
            origin: now,
            tracker: StateTracker::new(),
            under_way: HashMap::new(),
            held: BTreeMap::new(),
            fragments: VecDeque::new(),
            waiting: VecDeque::new(),
            budget: BURST,
            refilled: now,
            lost: 0,
            told_lost: now,
        }))
    }

    /// From which moment the wire counts its time.
    pub fn begins(&mut self, origin: Instant) {
        self.origin = origin;
    }

    /// The wire tells a stage of a packet's life.
    pub fn report(&mut self, report: Report) {
        self.new_epoch();
        let Report { at, way, mut packet, why } = report;
        let moment = self.origin + Duration::from_nanos(at.0);
        let headers =
            if packet.stage == Stage::Sent { Headers::read(&packet.data, packet.true_len as usize) } else { None };
        let summary = headers.as_ref().and_then(Headers::summary);
        let cause = self.cause(why);
        let known = match packet.stage {
            Stage::Sent => Some(self.sent(way, &packet, headers.as_ref(), summary.as_ref(), moment)),
            Stage::Duplicated => packet.copy_of.and_then(|id| self.under_way.get(&id)).cloned(),
            _ => self.under_way.get(&packet.id).cloned(),
        };
        // What nobody watched from its beginning has no bytes, and nobody could say what it is.
        let Some(mut life) = known else { return };
        if let Stage::Scheduled(due) = &mut packet.stage {
            *due = self.recorder().time_of(self.origin + Duration::from_nanos(due.0));
        }
        let begins = matches!(packet.stage, Stage::Sent | Stage::Duplicated);
        let recorded = if begins { self.afford(moment) } else { life.sent.is_some() };
        let changes = match life.about.flow {
            Some(flow) => self.tracker.packet(flow, &packet, summary.as_ref()),
            None => Vec::new(),
        };
        let seq = recorded.then(|| {
            let kind = Kind::Packet(packet.clone());
            self.recorder().record_at(moment, Nanos(0), life.about, Provenance::OBSERVED, cause, kind)
        });
        for change in changes {
            self.waiting.push_back(Waiting { change, moment, cause: seq });
        }
        if begins {
            life.sent = seq;
        }
        self.remember(life, &packet, moment);
        self.settle();
        self.tell_lost();
        self.stories.iter().for_each(|story| story.stir());
    }

    fn sent(
        &mut self,
        way: Way,
        packet: &Packet,
        headers: Option<&Headers<'_>>,
        summary: Option<&Summary>,
        moment: Instant,
    ) -> UnderWay {
        let host = self.stories[sender(way)].host;
        let flow = headers.zip(summary).and_then(|(headers, summary)| self.flow(way, headers, summary, moment));
        if let (Some(flow), Some(summary)) = (flow, summary)
            && let Some((from, to)) = summary.ends().filter(|_| summary.tcp().is_some())
        {
            for (local, peer) in [(from, to), (to, from)] {
                self.meet(flow, summary, local, peer);
            }
        }
        UnderWay { about: About { host, flow, ..About::default() }, sent: None, data: packet.data.clone() }
    }

    /// Follows a packet until its end.
    fn remember(&mut self, life: UnderWay, packet: &Packet, moment: Instant) {
        if let Stage::Held(_) = packet.stage {
            let sent = Packet { stage: Stage::Sent, data: life.data.clone(), ..packet.clone() };
            self.held.insert(packet.id, Held { about: life.about, moment, stages: [sent, packet.clone()] });
        } else {
            self.held.remove(&packet.id);
        }
        match packet.stage {
            Stage::Delivered | Stage::Dropped(_) => {
                self.under_way.remove(&packet.id);
            }
            _ if self.under_way.len() < MOST_UNDER_WAY => {
                self.under_way.insert(packet.id, life);
            }
            _ => {}
        }
    }

    /// Tells the states whose sockets are known now.
    pub fn settle(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let now = Instant::now();
        let mut left: VecDeque<Waiting> = VecDeque::new();
        for waits in std::mem::take(&mut self.waiting) {
            // One end's states are told in their order.
            let later =
                |other: &Waiting| (other.change.flow, other.change.local) == (waits.change.flow, waits.change.local);
            let host = self.host_of(waits.change.local);
            let cause = waits.cause.map(Cause::Event);
            let table = &self.stories[0].table;
            let told = !left.iter().any(later) && table.derived(host, &waits.change, waits.moment, cause);
            if !told && now.saturating_duration_since(waits.moment) < PATIENCE && left.len() < MOST_WAITING {
                left.push_back(waits);
            }
        }
        self.waiting = left;
    }

    /// Tells again which packets wait for a decision, for a new epoch.
    pub fn tell_held(&mut self) {
        self.new_epoch();
        for held in self.held.values() {
            for stage in &held.stages {
                let kind = Kind::Packet(stage.clone());
                let seq =
                    self.recorder().record_at(held.moment, Nanos(0), held.about, Provenance::OBSERVED, None, kind);
                if stage.stage == Stage::Sent
                    && let Some(life) = self.under_way.get(&stage.id).cloned()
                {
                    self.under_way.insert(stage.id, UnderWay { sent: Some(seq), ..life });
                }
            }
        }
    }

    /// The conversation a packet belongs to.
    fn flow(&mut self, way: Way, headers: &Headers<'_>, summary: &Summary, moment: Instant) -> Option<FlowId> {
        let Story { table, host, .. } = &*self.stories[sender(way)];
        match &summary.carries {
            Carries::Tcp(segment) => {
                let (from, to) = summary.ends()?;
                let begins = segment.flags.has(TcpFlags::SYN) && !segment.flags.has(TcpFlags::ACK);
                Some(table.carrying(*host, Transport::Tcp, from, to, !begins && way == Way::ToClient, begins, moment))
            }
            Carries::Udp(_) => {
                let (from, to) = summary.ends()?;
                let back = way == Way::ToClient;
                let flow = table.carrying(*host, Transport::Udp, from, to, back, !back, moment);
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
            && let Some(state) = self.stories[0].table.state_of(flow, &Address::Inet(local), &Address::Inet(peer))
        {
            self.tracker.resume(flow, local, state);
        }
    }

    fn cause(&self, why: Option<Why>) -> Option<Cause> {
        match why? {
            Why::Command(id) => Some(Cause::Command(id)),
            Why::Packet(id) => self.under_way.get(&id).and_then(|life| life.sent).map(Cause::Event),
        }
    }

    fn host_of(&self, local: SocketAddr) -> protocol::HostId {
        let is_server = crate::hosts::HostRole::Server.addresses().contains(&local.ip());
        self.stories[usize::from(is_server)].host
    }

    fn recorder(&self) -> &crate::recorder::Recorder {
        &self.stories[0].recorder
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

    fn tell_lost(&mut self) {
        let now = Instant::now();
        if self.lost > 0 && now.saturating_duration_since(self.told_lost) >= LOSSES_EVERY {
            self.told_lost = now;
            let kind = Kind::Dropped { place: Place::Capture, count: std::mem::take(&mut self.lost) };
            self.recorder().record(About::default(), Provenance::OBSERVED, None, kind);
        }
    }

    /// A cause must be an event of the same story.
    fn new_epoch(&mut self) {
        let epoch = self.recorder().epoch();
        if std::mem::replace(&mut self.epoch, epoch) != epoch {
            self.waiting.iter_mut().for_each(|waits| waits.cause = None);
            // What is under way was told in another story; those that are held are told again in this one.
            self.under_way.values_mut().for_each(|life| life.sent = None);
        }
    }
}

/// Whose packets go this way: the client's, or the server's.
fn sender(way: Way) -> usize {
    match way {
        Way::ToServer => 0,
        Way::ToClient => 1,
    }
}
