//! Why a TCP end changed its state.

use super::look::Look;
use super::reason::{Reason, Step};
use crate::model::story::Place;
use protocol::header::TcpFlags;
use protocol::{Cause, Kind, Op, TcpState};

impl Look<'_> {
    /// Why a socket is in this state: a call of its program, a packet it sent, or one that arrived.
    pub fn state(&self, place: Place) -> Vec<Step> {
        let event = self.story.event_at(place);
        let Kind::State { from, to } = event.kind else { return Vec::new() };
        let Some(socket) = event.about.socket.and_then(|id| self.story.socket(id)) else { return Vec::new() };
        let ends = self.ends(socket);
        if let Some(Cause::Event(cause)) = event.cause {
            let mark = self.story.mark_of(cause);
            let tag = self.story.place(mark).map(|place| self.story.tag(place)).filter(|tag| tag.sort.is_packet());
            let packet = tag.map(|tag| &self.story.packets()[tag.at as usize]);
            let ours = ends.zip(packet).is_some_and(|(ends, packet)| self.is_between(packet, ends));
            return match self.said(event.cause) {
                Some(_) if ours => vec![Reason::SentThat.by(mark)],
                said => said.into_iter().collect(),
            };
        }
        // The kernel reported it: what fits it best is the last of its sort.
        let arrived = |flag| {
            let packet = ends.and_then(|(local, peer)| self.flagged(place, (peer, local), flag));
            packet.map(|packet| Reason::Arrived.by(packet.seq))
        };
        let called = |test: fn(&Op) -> bool| {
            self.call(event.seq, socket.id, |call| test(&call.op)).map(|call| Reason::Followed.by(call.seq))
        };
        let connects = |op: &Op| matches!(op, Op::Connect { .. });
        let closes = |op: &Op| matches!(op, Op::Close | Op::Shutdown { .. });
        let step = match to {
            TcpState::Listen => called(|op| matches!(op, Op::Listen { .. })),
            TcpState::SynSent => called(connects),
            TcpState::SynReceived => arrived(TcpFlags::SYN),
            TcpState::Established if socket.parent.is_none() => arrived(TcpFlags::SYN).or_else(|| called(connects)),
            TcpState::Established => return self.seat(place),
            TcpState::CloseWait | TcpState::Closing | TcpState::TimeWait => arrived(TcpFlags::FIN),
            TcpState::FinWait1 | TcpState::LastAck => called(closes),
            TcpState::FinWait2 => arrived(TcpFlags::ACK),
            TcpState::Closed if from == Some(TcpState::LastAck) => arrived(TcpFlags::ACK),
            TcpState::Closed => arrived(TcpFlags::RST).or_else(|| called(|op| *op == Op::Abort)),
        };
        step.into_iter().collect()
    }
}
