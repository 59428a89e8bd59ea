//! What the trace says of every end of every connection.

use super::End;
use protocol::header::{TcpFlags, summary};
use protocol::state_tracker::StateTracker;
use protocol::{Address, Event, How, Kind, Op, Phase, SocketId, Stage, TcpState};
use std::collections::HashMap;

/// What no packet tells, and is so all the same. Each has its place in RFC 9293 or in Linux.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Unsaid {
    /// One packet led through two states, the first for as long as the kernel worked on it.
    Passed,
    /// Its FIN waits, or waited, for its turn behind data.
    WaitsToFinish,
    /// An attempt that was not answered, or whose answer was not, is over by time or given up by its program.
    NeverOpen,
    /// Its program aborted it when both ends had finished: nothing is sent (RFC 9293, 3.10.5).
    AbortedInSilence,
    /// A reset in the window reached FIN-WAIT-2 that no program holds; elsewhere only the next number resets.
    ResetUnheld,
    /// It waited for a minute, as long as Linux does.
    Waited,
    /// The other end forgot it and began anew from the same port (RFC 9293, 3.5.1): what is sent belongs to the new one.
    FoundHalfOpen,
    /// It waited, and made room for a new connection from the same port (RFC 9293, 3.6.1).
    MadeRoom,
}

#[derive(Default)]
pub(super) struct Told {
    /// The states that follow from the packets, and since when, in nanoseconds.
    pub(super) derived: HashMap<End, Vec<(u64, TcpState)>>,
    /// When its program first said that it sends no more.
    finished: HashMap<End, u64>,
    /// When its program let it go, and whether by an abort.
    left: HashMap<End, Vec<(u64, bool)>>,
    /// When resets reached it.
    resets: HashMap<End, Vec<u64>>,
    /// The kernel's states that packets had not told: between two moments.
    pub(super) reported: Vec<([u64; 2], End, TcpState)>,
    /// Values of connections that the kernel reported: at each, it was asked for the state as well.
    pub(super) values: usize,
    /// By how much the bridge was behind the kernels, and when: as long it had to wait for a processor.
    late: Vec<(u64, u64)>,
    /// The kernel's clock, in milliseconds, that each packet of an end bears (RFC 7323), and when it was read.
    clocks: HashMap<End, Vec<(u64, u32)>>,
}

impl Told {
    pub(super) fn new(events: &[Event]) -> Self {
        let (mut told, mut tracker) = (Self::default(), StateTracker::new());
        let mut ends: HashMap<SocketId, End> = HashMap::new();
        let (mut due, mut under_way) = (HashMap::new(), HashMap::new());
        for event in events {
            let at = event.at.0;
            let end = event.about.socket.and_then(|socket| ends.get(&socket)).copied();
            match &event.kind {
                Kind::Dropped { place, count } => panic!("{count} events are missing: {place:?}"),
                Kind::Socket { local: Some(Address::Inet(local)), peer: Some(Address::Inet(peer)), .. } => {
                    ends.extend(event.about.socket.map(|socket| (socket, (*local, *peer))));
                }
                Kind::Packet(packet) => {
                    let Some(flow) = event.about.flow else { continue };
                    let header = match packet.stage {
                        Stage::Sent => summary(&packet.data, packet.true_len as usize),
                        _ => None,
                    };
                    for change in tracker.packet(flow, packet, header.as_ref()) {
                        let end = (change.local, change.peer);
                        told.derived.entry(end).or_default().push((at, change.to));
                    }
                    match packet.stage {
                        Stage::Sent => {
                            let Some(header) = header else { continue };
                            let (Some(tcp), Some((from, to))) = (header.tcp(), header.ends()) else { continue };
                            if tcp.flags.has(TcpFlags::RST) {
                                under_way.insert(packet.id, (to, from));
                            }
                            if let Some((clock, _)) = tcp.timestamps {
                                told.clocks.entry((from, to)).or_default().push((at, clock));
                            }
                        }
                        Stage::Scheduled(time) => drop(due.insert(packet.id, time.0)),
                        Stage::Delivered => {
                            told.late.extend(due.remove(&packet.id).map(|due| (at, at.saturating_sub(due))));
                            if let Some(end) = under_way.remove(&packet.id) {
                                told.resets.entry(end).or_default().push(at);
                            }
                        }
                        _ => {}
                    }
                }
                Kind::Call(call) if call.phase == Phase::Entered => {
                    let Some(end) = end else { continue };
                    if matches!(call.op, Op::Shutdown { .. } | Op::Close | Op::Abort) {
                        told.finished.entry(end).or_insert(at);
                    }
                    if matches!(call.op, Op::Close | Op::Abort) {
                        told.left.entry(end).or_default().push((at, call.op == Op::Abort));
                    }
                }
                Kind::State { to, .. } if event.provenance.how == How::Reported => {
                    let since = at.saturating_sub(event.uncertainty.0);
                    told.reported.extend(end.map(|end| ([since, at], end, *to)));
                }
                Kind::Gauge(_) => told.values += usize::from(end.is_some()),
                _ => {}
            }
        }
        told.note_clocks();
        told.late.sort_unstable();
        told
    }

    /// The kernel's clock against the time of reading: the packet of an end that was read soonest sets them equal.
    fn note_clocks(&mut self) {
        for packets in self.clocks.values() {
            let first = packets[0].1;
            // Milliseconds since the first packet; a stamp may be a little older than its neighbour's.
            let ahead = |(at, clock): &(u64, u32)| {
                let passed = i64::from(clock.wrapping_sub(first).cast_signed()) * 1_000_000;
                at.cast_signed() - passed
            };
            let soonest = packets.iter().map(ahead).min().unwrap_or(0);
            self.late.extend(packets.iter().map(|packet| (packet.0, (ahead(packet) - soonest).cast_unsigned())));
        }
    }

    /// Whether packets say that an end was in this state at some time of these.
    pub(super) fn held(&self, end: End, state: TcpState, [from, until]: [u64; 2]) -> bool {
        let Some(states) = self.derived.get(&end) else { return false };
        states.iter().enumerate().any(|(at, (since, held))| {
            let over = states.get(at + 1).map_or(u64::MAX, |(next, _)| *next);
            *held == state && *since <= until && over >= from
        })
    }

    /// Why the kernel may have an end in a state that its packets do not tell.
    pub(super) fn unsaid(&self, end: End, state: TcpState, [from, until]: [u64; 2]) -> Option<Unsaid> {
        use TcpState::{
            CloseWait, Closed, Closing, Established, FinWait1, FinWait2, LastAck, SynReceived, SynSent, TimeWait,
        };
        let held = |states: &[TcpState]| states.iter().any(|state| self.held(end, *state, [from, until]));
        let around = match state {
            FinWait2 => Some([FinWait1, TimeWait]),
            Established => Some([SynReceived, CloseWait]),
            _ => None,
        };
        if around.is_some_and(|around| around.iter().all(|state| held(&[*state]))) {
            return Some(Unsaid::Passed);
        }
        let has_finished = self.finished.get(&end).is_some_and(|finished| *finished <= until);
        let before: &[TcpState] = match state {
            FinWait1 => &[Established, SynReceived],
            LastAck => &[CloseWait],
            // Both finished at once: its FIN waited behind data when the other's came.
            Closing => &[CloseWait, LastAck],
            TimeWait => &[LastAck, Closed],
            _ => &[],
        };
        if has_finished && held(before) {
            return Some(Unsaid::WaitsToFinish);
        }
        if state != Closed {
            return None;
        }
        // The same ports may have been used again.
        let mut left = self.left.get(&end).into_iter().flatten().filter(|(at, _)| *at <= until);
        let (is_left, aborted) = (left.clone().next().is_some(), left.any(|(_, aborts)| *aborts));
        let reset = |at: &u64| *at <= until && self.held(end, FinWait2, [*at, *at]);
        let is_reset = self.resets.get(&end).is_some_and(|resets| resets.iter().any(reset));
        match () {
            () if held(&[SynSent, SynReceived]) => Some(Unsaid::NeverOpen),
            () if aborted && held(&[LastAck, Closing]) => Some(Unsaid::AbortedInSilence),
            // Its FIN was behind data: the program had finished, and the packet was not there yet.
            () if aborted && has_finished && held(&[CloseWait, FinWait1]) => Some(Unsaid::AbortedInSilence),
            () if is_left && is_reset => Some(Unsaid::ResetUnheld),
            () if held(&[TimeWait]) && self.began_anew((end.1, end.0), until) => Some(Unsaid::MadeRoom),
            () if held(&[TimeWait]) && self.waited(end, until) => Some(Unsaid::Waited),
            () if self.began_anew(end, until) => Some(Unsaid::FoundHalfOpen),
            () => None,
        }
    }

    /// Whether it has been waiting for as long as it must.
    fn waited(&self, end: End, until: u64) -> bool {
        const LONG: u64 = 60_000_000_000;
        let states = self.derived.get(&end).into_iter().flatten();
        // The kernel's clock for these ticks in hundredths.
        states.filter(|(_, state)| *state == TcpState::TimeWait).any(|(since, _)| since + LONG <= until + 100_000_000)
    }

    /// Whether the other end has begun a second time by then.
    fn began_anew(&self, (local, peer): End, until: u64) -> bool {
        let begun = self.derived.get(&(peer, local)).into_iter().flatten();
        begun.filter(|(since, state)| *state == TcpState::SynSent && *since <= until).count() > 1
    }

    /// By how much the bridge was behind the kernels, at the most, within half a second of these moments: what it read
    /// late was on its way then.
    pub(super) fn lateness(&self, [from, until]: [u64; 2]) -> u64 {
        const AROUND: u64 = 500_000_000;
        const MOST: u64 = 5_000_000_000;
        let after = self.late.partition_point(|(at, _)| *at < from.saturating_sub(AROUND));
        let before = self.late.partition_point(|(at, _)| *at < until + MOST);
        let near = self.late[after..before].iter().filter(|(at, late)| at.saturating_sub(*late) < until + AROUND);
        near.map(|(_, late)| *late).max().unwrap_or(0)
    }

    pub(super) fn story(&self, end: End) -> String {
        let states = self.derived.get(&end).map(Vec::as_slice).unwrap_or_default();
        states.iter().map(|(at, state)| format!("{:.3} {state}, ", *at as f64 / 1e6)).collect()
    }
}

/// Prints what both ends called and sent, and what became of it.
pub(super) fn print(events: &[Event], (local, peer): End) {
    let (mut packets, mut sockets) = (HashMap::new(), HashMap::new());
    for event in events {
        let at = event.at.as_millis();
        match &event.kind {
            Kind::Socket { local: Some(Address::Inet(one)), peer: Some(Address::Inet(other)), cookie, .. } => {
                if [(local, peer), (peer, local)].contains(&(*one, *other)) {
                    sockets.extend(event.about.socket.map(|socket| (socket, *one)));
                    println!("  {at:.3} {one} {:?} is number {cookie:?}", event.about.socket);
                }
            }
            Kind::Packet(packet) => {
                if let Some(header) = summary(&packet.data, packet.true_len as usize)
                    && header.ends().is_some_and(|ends| ends == (local, peer) || ends == (peer, local))
                {
                    packets.insert(packet.id, header);
                }
                if let Some(header) = packets.get(&packet.id)
                    && let Some(tcp) = header.tcp()
                    && !matches!(packet.stage, Stage::Scheduled(_))
                {
                    let (from, len, flow) = (header.src, header.payload_len, event.about.flow);
                    let (stage, numbers) = (packet.stage, format!("seq {} ack {} len {len}", tcp.seq, tcp.ack));
                    println!("  {at:.3} {from} {flow:?} {stage:?} {:?} {numbers}", tcp.flags);
                }
            }
            kind => {
                let Some(one) = event.about.socket.and_then(|socket| sockets.get(&socket)) else { continue };
                if !matches!(kind, Kind::Gauge(_)) {
                    println!("  {at:.3} {one} {}", support::session::line(event));
                }
            }
        }
    }
}
