//! Datagrams on their way into one queue: which of them wait in it, and which are gone.

use super::{CallRecord, SocketRecord, Story};
use protocol::{Address, GaugeKey, Kind, Nanos, Op, Span};

/// So many of the newest calls are looked at.
const RECENT: usize = 256;

impl Story {
    /// The newest datagrams that were sent to a socket, the newest first.
    pub fn datagrams_to<'a>(&'a self, server: &'a SocketRecord) -> impl Iterator<Item = &'a CallRecord> {
        let recent = self.calls().iter().rev().take(RECENT);
        recent.filter(|call| call.sends() && !call.failed() && self.goes_to(call, server))
    }

    fn goes_to(&self, send: &CallRecord, server: &SocketRecord) -> bool {
        let datagram = matches!(send.span, Some(Span::Datagram { .. }));
        let from = send.socket.and_then(|id| self.socket(id)).filter(|socket| socket.id != server.id && datagram);
        let to = from.and_then(|socket| match &send.op {
            Op::SendTo { to, .. } => Some(to),
            _ => socket.peer.as_ref(),
        });
        let same = |a: &Address, b: &Address| a == b || (a.port().is_some() && a.port() == b.port());
        to.zip(server.local.as_ref()).is_some_and(|(to, local)| same(to, local))
    }

    /// Whether a datagram never came out of a socket's queue, and never will: one that was sent later did, or the kernel
    /// reported that it dropped so many since the last one that came out was sent, and while a queue is full it is the newest that find no room.
    #[must_use]
    pub fn is_gone(&self, send: &CallRecord, server: &SocketRecord) -> bool {
        if send.failed() || self.receipt(send).is_some() {
            return false;
        }
        let recvs = server.recvs.iter().rev().map(|at| &self.calls()[*at as usize]);
        let last = recvs.take(RECENT).find_map(|recv| self.datagram_send(recv));
        if last.is_some_and(|sent| sent.start > send.start) {
            return true;
        }
        let since = last.map(|sent| sent.start).unwrap_or_default();
        let dropped = server.value(GaugeKey::Drops).unwrap_or(0).saturating_sub(self.drops_by(server, since));
        let later = self.datagrams_to(server).filter(|other| other.start > send.start && self.receipt(other).is_none());
        (later.count() as u64) < dropped
    }

    /// How many datagrams the kernel had reported as dropped by a moment.
    fn drops_by(&self, server: &SocketRecord, at: Nanos) -> u64 {
        let before = server.gauges.iter().rev().filter(|place| self.at(**place) <= at).take(RECENT);
        let told = before.map(|place| self.event_at(*place)).find_map(|event| match event.kind {
            Kind::Gauge(values) => values.iter().find(|(key, _)| *key == GaugeKey::Drops).map(|(_, value)| *value),
            _ => None,
        });
        told.unwrap_or(0)
    }
}
