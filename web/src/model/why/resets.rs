//! Why a connection was reset.

use super::look::Look;
use super::reason::{Reason, Step};
use crate::model::story::{Ends, PacketRecord};
use protocol::Op;
use protocol::header::TcpFlags;

impl Look<'_> {
    /// Why a reset was sent: what came just before it, a call of its program or a packet that fits nothing.
    pub fn reset_because(&self, packet: &PacketRecord, ends: Ends) -> Option<Step> {
        let back = (ends.1, ends.0);
        let socket = self.story.sender(ends).filter(|socket| socket.listening.is_none());
        for event in self.before(packet.seq) {
            let call = self.began(event).filter(|call| socket.is_some_and(|it| call.socket == Some(it.id)));
            match call.map(|call| (&call.op, call.seq)) {
                Some((Op::Abort, seq)) => return Some(Reason::Aborts.by(seq)),
                Some((Op::Close, seq)) => return Some(Reason::ClosedUnread.by(seq)),
                _ => {}
            }
            let Some(arrived) = self.arrival(event).filter(|it| self.story.ends_of(it) == Some(back)) else { continue };
            let flags = arrived.tcp?.flags;
            let opens = flags.has(TcpFlags::SYN) && !flags.has(TcpFlags::ACK);
            // Data for a socket whose program has closed it: nobody will read that.
            let closed = socket.and_then(|it| self.call(packet.seq, it.id, |call| call.op == Op::Close));
            return Some(match closed.filter(|_| arrived.payload() > 0) {
                Some(_) => Reason::NoSuchConnection.by(arrived.seq),
                None if opens => Reason::NobodyThere.by(arrived.seq),
                None => Reason::NoSuchConnection.by(arrived.seq),
            });
        }
        None
    }
}
