//! Whose packets they are, and the states of TCP that follow from them.

use crate::probe::Story;
use crate::sockets::flows::Begins;
use crate::sockets::table::Passing;
use protocol::header::{Carries, FragmentKey, Headers, Segment, Summary, TcpFlags, ipproto};
use protocol::state_tracker::Change;
use protocol::{Address, Cause, FlowId, HostId, Packet, Seq, StateTracker, Transport};
use std::collections::{HashSet, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Datagrams in pieces whose conversation is remembered.
const MOST_FRAGMENTED: usize = 64;
/// How long a state waits for its socket to be known: it is accepted, or the kernel is asked.
const PATIENCE: Duration = Duration::from_secs(5);
/// States that wait.
const MOST_WAITING: usize = 4_096;

/// The conversations of one host with itself, or of several hosts that share a table of sockets.
pub struct Conversations {
    stories: Vec<Arc<Story>>,
    tracker: StateTracker,
    fragments: VecDeque<(FragmentKey, FlowId)>,
    waiting: VecDeque<Waiting>,
}

/// A state whose socket is not known yet.
struct Waiting {
    change: Change,
    moment: Instant,
    cause: Option<Seq>,
}

impl Conversations {
    /// None yet.
    ///
    /// # Panics
    /// Without a host.
    #[must_use]
    pub fn new(stories: Vec<Arc<Story>>) -> Self {
        assert!(!stories.is_empty(), "somebody has conversations");
        Self { stories, tracker: StateTracker::new(), fragments: VecDeque::new(), waiting: VecDeque::new() }
    }

    /// Forgets all states: what has happened meanwhile is unknown.
    pub fn forget(&mut self) {
        self.tracker = StateTracker::new();
        self.fragments.clear();
        self.waiting.clear();
    }

    /// A new story begins, in which no event of the old one can be a cause.
    pub fn new_epoch(&mut self) {
        self.waiting.iter_mut().for_each(|waits| waits.cause = None);
    }

    /// The conversation that a packet belongs to, seen by `host`; `None` if it is none that we know.
    ///
    /// `back` says that its sender is the end that was called, as far as that can be told from without.
    pub fn find(
        &mut self,
        host: HostId,
        headers: &Headers<'_>,
        summary: &Summary,
        back: bool,
        moment: Instant,
    ) -> Option<FlowId> {
        let table = Arc::clone(&self.stories[0].table);
        match &summary.carries {
            Carries::Tcp(segment) => {
                let (from, to) = summary.ends()?;
                let calls = segment.flags.has(TcpFlags::SYN) && !segment.flags.has(TcpFlags::ACK);
                let begins = if calls { self.begins(segment, from, to, moment) } else { Begins::No };
                let back = back && !calls;
                let flow = table.carrying(&Passing { host, transport: Transport::Tcp, from, to, back, begins });
                for (local, peer) in [(from, to), (to, from)] {
                    self.meet(flow, segment, local, peer);
                }
                Some(flow)
            }
            Carries::Udp(_) => {
                let (from, to) = summary.ends()?;
                let begins = if back { Begins::No } else { Begins::SentAt(moment) };
                let flow = table.carrying(&Passing { host, transport: Transport::Udp, from, to, back, begins });
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

    /// Whether a first SYN is another than the one that began what is there: its number tells.
    ///
    /// The end that was called may not know of that yet, and answer for what was there (RFC 9293, 3.5.1); how that ends
    /// is told by the kernel's reports.
    fn begins(&self, segment: &Segment, from: SocketAddr, to: SocketAddr, moment: Instant) -> Begins {
        let there = self.stories[0].table.carried(Transport::Tcp, from, to);
        match there.and_then(|flow| self.tracker.first_number(flow, from)) {
            Some(first) if first == segment.seq => Begins::No,
            Some(_) => Begins::Anew,
            None => Begins::SentAt(moment),
        }
    }

    /// An end that was there before anybody watched is in the state that the kernel reported.
    fn meet(&mut self, flow: FlowId, segment: &Segment, local: SocketAddr, peer: SocketAddr) {
        if !segment.flags.has(TcpFlags::SYN)
            && self.tracker.state(flow, local).is_none()
            && let Some(state) = self.stories[0].table.state_of(flow, &Address::Inet(local), &Address::Inet(peer))
        {
            self.tracker.resume(flow, local, state);
        }
    }

    /// What one stage of a packet changes.
    #[must_use]
    pub fn follow(&mut self, flow: FlowId, packet: &Packet, summary: Option<&Summary>) -> Vec<Change> {
        self.tracker.packet(flow, packet, summary)
    }

    /// These changes are to be told, caused by that event, as soon as their sockets are known.
    pub fn learn(&mut self, changes: Vec<Change>, moment: Instant, cause: Option<Seq>) {
        self.waiting.extend(changes.into_iter().map(|change| Waiting { change, moment, cause }));
    }

    /// Whether states wait for their sockets.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Tells the states whose sockets are known now.
    pub fn settle(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let now = Instant::now();
        let mut left: VecDeque<Waiting> = VecDeque::new();
        // One end's states are told in their order.
        let mut unknown = HashSet::new();
        for waits in std::mem::take(&mut self.waiting) {
            let end = (waits.change.flow, waits.change.local);
            let host = self.host_of(waits.change.local);
            let cause = waits.cause.filter(|cause| cause.0 > 0).map(Cause::Event);
            let table = &self.stories[0].table;
            let told = !unknown.contains(&end) && table.derived(host, &waits.change, waits.moment, cause);
            if !told && now.saturating_duration_since(waits.moment) < PATIENCE && left.len() < MOST_WAITING {
                unknown.insert(end);
                left.push_back(waits);
            }
        }
        self.waiting = left;
    }

    fn host_of(&self, local: SocketAddr) -> HostId {
        let mut stories = self.stories.iter();
        stories.find(|story| story.has(local.ip())).unwrap_or(&self.stories[0]).host
    }
}
