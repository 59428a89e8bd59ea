//! Why a call failed.

use super::look::Look;
use super::reason::{Reason, Step};
use crate::model::story::{CallRecord, Ends, PacketRecord, Place};
use protocol::header::TcpFlags;
use protocol::{Errno, Op, Outcome};

impl<'a> Look<'a> {
    /// Why a call failed.
    pub fn failed(&self, call: &CallRecord, returned: Place, error: Errno) -> Vec<Step> {
        let socket = call.socket.and_then(|id| self.story.socket(id));
        let ends = socket.and_then(|socket| self.ends(socket)).or_else(|| self.wanted(call));
        let step = match error {
            Errno::Econnrefused | Errno::Ehostunreach | Errno::Enetunreach | Errno::Emsgsize => {
                let reset = ends.and_then(|(local, peer)| self.flagged(returned, (peer, local), TcpFlags::RST));
                let said = ends.and_then(|ends| self.icmp(returned, ends));
                let nobody = (error == Errno::Econnrefused).then(|| Reason::NobodyListens.alone());
                let reset = reset.map(|packet| Reason::ResetArrived.by(packet.seq));
                reset.or_else(|| said.map(|packet| Reason::IcmpArrived.by(packet.seq))).or(nobody)
            }
            Errno::Econnreset | Errno::Econnaborted | Errno::Epipe => {
                let reset = ends.and_then(|(local, peer)| self.flagged(returned, (peer, local), TcpFlags::RST));
                let own = || {
                    let socket = (error == Errno::Epipe).then_some(call.socket)??;
                    let shut =
                        self.call(self.story.seq(returned), socket, |call| matches!(call.op, Op::Shutdown { .. }))?;
                    Some(Reason::Ends.by(shut.seq))
                };
                let other = || {
                    let peer = call.socket.and_then(|id| self.story.peer(id))?;
                    Some(Reason::OtherSideEnded.by(self.ended(returned, peer.id)?.seq))
                };
                // What this end shut down itself needs nobody else.
                own().or_else(|| reset.map(|packet| Reason::ResetArrived.by(packet.seq))).or_else(other)
            }
            Errno::Etimedout => {
                let last = ends.and_then(|ends| self.unanswered(returned, ends, call));
                last.or(Some(Reason::NobodyAnswers.alone()))
            }
            Errno::Eaddrinuse => self.holder(call, returned),
            _ => None,
        };
        step.into_iter().collect()
    }

    /// The ends of a connection that never was, as its packets have them: the socket's own end, and the wanted one.
    fn wanted(&self, call: &CallRecord) -> Option<Ends> {
        let local = self.story.socket(call.socket?)?.local.as_ref()?.inet()?;
        match &call.op {
            Op::Connect { to } | Op::SendTo { to, .. } => Some((local, to.inet()?)),
            _ => None,
        }
    }

    /// The last packet of a call that nobody answered, and how many there were.
    fn unanswered(&self, returned: Place, ends: Ends, call: &CallRecord) -> Option<Step> {
        let takes_room = |packet: &&PacketRecord| self.story.stretch_of(packet).is_none_or(|range| !range.is_empty());
        let mut sent = self.sent(self.story.seq(returned), ends).filter(takes_room);
        let last = sent.next()?;
        let same = self.story.relative_seq(last);
        let before = sent.take_while(|packet| packet.start >= call.start || self.story.relative_seq(packet) == same);
        let times = 1 + before.filter(|packet| self.story.relative_seq(packet) == same).count() as u32;
        Some(Reason::Unanswered(times).by(last.seq))
    }

    /// Who has the address that a call wanted.
    fn holder(&self, call: &CallRecord, returned: Place) -> Option<Step> {
        let (Op::Bind { to } | Op::Connect { to }) = &call.op else { return None };
        let mut sockets = self.story.sockets().iter().rev();
        let has = sockets.find(|socket| {
            Some(socket.id) != call.socket
                && socket.local.as_ref() == Some(to)
                && socket.since <= self.story.at(returned)
                && socket.closed.is_none_or(|closed| closed > self.story.at(returned))
        })?;
        let bound = self.call(self.story.seq(returned), has.id, |call| {
            matches!(call.op, Op::Bind { .. }) && call.outcome == Some(Outcome::Done)
        })?;
        Some(Reason::Taken.by(bound.seq))
    }
}
