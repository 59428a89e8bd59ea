//! The states of all TCP ends of a host or a wire, derived packet by packet.

use crate::header::{Segment, Summary};
use crate::ids::{FlowId, PacketId};
use crate::packet::{Packet, Stage};
use crate::state::TcpState;
use crate::tcp_end::{Steps, TcpEnd};
use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;

/// Ends that are remembered; past it the oldest are forgotten, and their states are only reported.
const MOST_ENDS: usize = 16_384;
/// Packets under way that are remembered.
const MOST_UNDER_WAY: usize = 16_384;

/// One end of one flow changed its state, by the packet that was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Change {
    /// The conversation.
    pub flow: FlowId,
    /// Which end: its own address.
    pub local: SocketAddr,
    /// The other end's.
    pub peer: SocketAddr,
    /// Before, if it was known.
    pub from: Option<TcpState>,
    /// After.
    pub to: TcpState,
}

/// Derives states: feed it every packet event, and record what it says as [`Provenance::DERIVED`] at the packet's
/// time, caused by the packet's event.
///
/// [`Provenance::DERIVED`]: crate::event::Provenance::DERIVED
#[derive(Debug, Default)]
pub struct StateTracker {
    ends: HashMap<(FlowId, SocketAddr), TcpEnd>,
    /// The keys of `ends` in the order they came.
    order: VecDeque<(FlowId, SocketAddr)>,
    under_way: HashMap<PacketId, UnderWay>,
    /// The keys of `under_way` in the order they came.
    sent: VecDeque<PacketId>,
}

#[derive(Clone, Copy, Debug)]
struct UnderWay {
    flow: FlowId,
    from: SocketAddr,
    to: SocketAddr,
    segment: Segment,
    payload: u32,
}

impl StateTracker {
    /// A tracker that knows of no connection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one event of a packet of `flow`; `summary` is its header, needed with [`Stage::Sent`] only.
    ///
    /// A copy made by the wire is told by its [`Stage::Duplicated`], and arrives like any other.
    pub fn packet(&mut self, flow: FlowId, packet: &Packet, summary: Option<&Summary>) -> Vec<Change> {
        match packet.stage {
            Stage::Sent => {
                let Some(way) = summary.and_then(|summary| UnderWay::new(flow, summary)) else { return Vec::new() };
                self.remember(packet.id, way);
                // A fragment made by the wire is not sent by the end itself.
                if packet.copy_of.is_some() { Vec::new() } else { self.sent(&way) }
            }
            Stage::Duplicated => {
                let original = packet.copy_of.and_then(|id| self.under_way.get(&id)).copied();
                if let Some(way) = original {
                    self.remember(packet.id, way);
                }
                Vec::new()
            }
            Stage::Delivered => self.under_way.remove(&packet.id).map_or_else(Vec::new, |way| self.delivered(&way)),
            Stage::Dropped(_) => {
                self.under_way.remove(&packet.id);
                Vec::new()
            }
            Stage::Held(_) | Stage::Released | Stage::Scheduled(_) | Stage::Fragmented => Vec::new(),
        }
    }

    /// The kernel reported a state of an end whose beginning no packet told.
    ///
    /// Changes nothing where the end is known.
    pub fn resume(&mut self, flow: FlowId, local: SocketAddr, state: TcpState) {
        let key = (flow, local);
        if !self.ends.contains_key(&key) {
            *self.end(key) = TcpEnd::resumed(state);
        }
    }

    /// The derived state of an end.
    #[must_use]
    pub fn state(&self, flow: FlowId, local: SocketAddr) -> Option<TcpState> {
        self.ends.get(&(flow, local)).and_then(TcpEnd::state)
    }

    /// The number of the first SYN that an end sent.
    #[must_use]
    pub fn first_number(&self, flow: FlowId, local: SocketAddr) -> Option<u32> {
        self.ends.get(&(flow, local)).and_then(TcpEnd::first_number)
    }

    fn sent(&mut self, way: &UnderWay) -> Vec<Change> {
        let steps = self.end((way.flow, way.from)).sent(&way.segment, way.payload);
        changes(steps, way.flow, way.from, way.to)
    }

    fn delivered(&mut self, way: &UnderWay) -> Vec<Change> {
        let steps = self.end((way.flow, way.to)).received(&way.segment, way.payload);
        changes(steps, way.flow, way.to, way.from)
    }

    fn end(&mut self, key: (FlowId, SocketAddr)) -> &mut TcpEnd {
        if !self.ends.contains_key(&key) {
            if self.order.len() >= MOST_ENDS
                && let Some(oldest) = self.order.pop_front()
            {
                self.ends.remove(&oldest);
            }
            self.order.push_back(key);
        }
        self.ends.entry(key).or_default()
    }

    fn remember(&mut self, id: PacketId, way: UnderWay) {
        // Most have arrived meanwhile; what is forgotten here is only their place in the row.
        while self.sent.len() >= MOST_UNDER_WAY {
            if let Some(oldest) = self.sent.pop_front() {
                self.under_way.remove(&oldest);
            }
        }
        self.sent.push_back(id);
        self.under_way.insert(id, way);
    }
}

impl UnderWay {
    fn new(flow: FlowId, summary: &Summary) -> Option<Self> {
        let (from, to) = summary.ends()?;
        Some(Self { flow, from, to, segment: *summary.tcp()?, payload: summary.payload_len })
    }
}

fn changes(steps: Steps, flow: FlowId, local: SocketAddr, peer: SocketAddr) -> Vec<Change> {
    steps.into_iter().flatten().map(|(from, to)| Change { flow, local, peer, from, to }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::Bytes;
    use crate::header::{Carries, SackBlocks, TcpFlags};
    use crate::packet::{DropReason, Tap};
    use TcpState::{Closed, Established, FinWait1, SynReceived, SynSent};

    const FLOW: FlowId = FlowId(3);

    fn at(host: u8) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, host], if host == 1 { 50_000 } else { 808 }))
    }

    fn packet(id: u32, stage: Stage, copy_of: Option<u32>) -> Packet {
        Packet {
            id: PacketId(id),
            tap: Tap::Wire,
            stage,
            copy_of: copy_of.map(PacketId),
            data: Bytes::default(),
            true_len: 40,
        }
    }

    fn header(from: u8, flags: TcpFlags, seq: u32, ack: u32) -> Summary {
        let (src, dst) = (at(from), at(3 - from));
        let segment = Segment {
            src_port: src.port(),
            dst_port: dst.port(),
            seq,
            ack,
            flags,
            window: 64_000,
            mss: None,
            window_scale: None,
            sack_permitted: false,
            sack: SackBlocks::default(),
            timestamps: None,
        };
        Summary {
            src: src.ip(),
            dst: dst.ip(),
            protocol: 6,
            ttl: 64,
            fragment: None,
            carries: Carries::Tcp(segment),
            payload_at: 40,
            payload_len: 0,
        }
    }

    #[test]
    fn an_end_learns_of_a_packet_when_it_arrives() {
        let mut tracker = StateTracker::new();
        let mut told = Vec::new();
        let mut feed = |packet: Packet, header: Option<Summary>| {
            let changes = tracker.packet(FLOW, &packet, header.as_ref());
            told.extend(changes.iter().map(|change| (packet.id.0, change.local, change.to)));
        };
        let syn_ack = TcpFlags::SYN | TcpFlags::ACK;
        feed(packet(1, Stage::Sent, None), Some(header(1, TcpFlags::SYN, 9, 0)));
        feed(packet(1, Stage::Delivered, None), None);
        feed(packet(2, Stage::Sent, None), Some(header(2, syn_ack, 49, 10)));
        // The wire makes a copy, loses the first, and delivers the copy.
        feed(packet(3, Stage::Duplicated, Some(2)), None);
        feed(packet(2, Stage::Dropped(DropReason::ByYou), None), None);
        feed(packet(3, Stage::Delivered, Some(2)), None);
        feed(packet(4, Stage::Sent, None), Some(header(1, TcpFlags::ACK, 10, 50)));
        feed(packet(4, Stage::Delivered, None), None);
        feed(packet(5, Stage::Sent, None), Some(header(1, TcpFlags::FIN | TcpFlags::ACK, 10, 50)));
        feed(packet(6, Stage::Sent, None), Some(header(2, TcpFlags::RST, 50, 0)));
        feed(packet(6, Stage::Delivered, None), None);
        let (client, server) = (at(1), at(2));
        let expected = [
            (1, client, SynSent),
            (2, server, SynReceived),
            (3, client, Established),
            (4, server, Established),
            (5, client, FinWait1),
            (6, server, Closed),
            (6, client, Closed),
        ];
        assert_eq!(told, expected);
        assert_eq!(tracker.state(FLOW, client), Some(Closed));
    }

    #[test]
    fn memory_is_bounded() {
        let mut tracker = StateTracker::new();
        for id in 0..40_000 {
            let syn = header(1, TcpFlags::SYN, 9, 0);
            tracker.packet(FlowId(id), &packet(id, Stage::Sent, None), Some(&syn));
        }
        assert_eq!((tracker.ends.len(), tracker.order.len()), (MOST_ENDS, MOST_ENDS));
        assert_eq!((tracker.under_way.len(), tracker.sent.len()), (MOST_UNDER_WAY, MOST_UNDER_WAY));
    }
}
