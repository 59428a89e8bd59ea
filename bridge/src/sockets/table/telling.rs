//! What is told of sockets and conversations as events.

use super::{Known, Table};
use crate::sockets::flows::Flow;
use protocol::{About, GaugeKey, HostId, Kind, Nanos, Provenance, SocketId, TcpState};
use std::time::Instant;

/// One look at all sockets of a host. The kernel walks through them for a while, and what it says of one was so at some
/// moment of it.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// When it was asked the time before, if it was.
    pub before: Option<Instant>,
    /// When it was asked.
    pub asked: Instant,
    /// When all was answered.
    pub answered: Instant,
}

impl Look {
    /// What this look found and the one before did not has happened this long before its answer, at the most.
    #[must_use]
    pub fn uncertainty(&self) -> Nanos {
        let since = self.answered.saturating_duration_since(self.before.unwrap_or(self.asked));
        Nanos(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
    }
}

impl Table {
    /// The kernel reported a state.
    pub fn state(&self, id: SocketId, to: TcpState, look: &Look) {
        let mut inner = self.locked();
        let Some(row) = inner.sockets.get_mut(&id) else { return };
        // It was asked before the socket ended.
        if row.state == Some(TcpState::Closed) && !row.open {
            return;
        }
        // Packets tell a state exactly when it began; a report that agrees with them is no news.
        if row.state == Some(to) || row.derived.confirms(to, look.asked) {
            return;
        }
        // A packet that came after the question may have come after the answer.
        row.derived.told = Some(look.asked);
        let from = row.becomes(to);
        let kind = Kind::State { from, to };
        let (at, earlier) = (look.answered, look.uncertainty());
        self.recorder.record_at(at, earlier, self.about_row(row), Provenance::REPORTED, None, kind);
    }

    /// The kernel reported values: those that changed are told.
    pub fn gauges(&self, id: SocketId, values: &[(GaugeKey, u64)], look: &Look) {
        let mut inner = self.locked();
        let Some(row) = inner.sockets.get_mut(&id) else { return };
        let changed: Vec<_> =
            values.iter().copied().filter(|(key, value)| row.gauges.insert(*key, *value) != Some(*value)).collect();
        if !changed.is_empty() {
            let about = self.about_row(row);
            let (at, earlier) = (look.answered, look.uncertainty());
            self.recorder.record_at(at, earlier, about, Provenance::REPORTED, None, Kind::Gauge(changed));
        }
    }

    /// Tells every socket, conversation and state, for a new epoch.
    pub fn tell_again(&self) {
        let inner = self.locked();
        let mut rows: Vec<_> = inner.sockets.values().collect();
        rows.sort_by_key(|row| row.id);
        for row in &rows {
            self.tell_socket(row);
        }
        let mut flows: Vec<_> = inner.flows.living().collect();
        flows.sort_by_key(|flow| flow.id);
        for flow in flows {
            let socket = flow.a.socket.or(flow.b.socket);
            let host = socket.and_then(|id| inner.sockets.get(&id)).map_or_else(Default::default, |row| row.host);
            self.tell_flow(host, flow);
        }
        for row in rows {
            let about = self.about_row(row);
            if let Some(to) = row.state {
                self.recorder.record(about, Provenance::REPORTED, None, Kind::State { from: None, to });
            }
            if !row.gauges.is_empty() {
                let values = row.gauges.iter().map(|(key, value)| (*key, *value)).collect();
                self.recorder.record(about, Provenance::REPORTED, None, Kind::Gauge(values));
            }
        }
    }

    pub(super) fn tell_socket(&self, row: &Known) {
        let kind = Kind::Socket {
            transport: row.transport,
            fd: row.fd,
            cookie: row.cookie,
            parent: row.parent,
            local: row.local.clone(),
            peer: row.peer.clone(),
        };
        let provenance = if row.open { Provenance::OBSERVED } else { Provenance::REPORTED };
        self.recorder.record(self.about_row(row), provenance, None, kind);
    }

    pub(super) fn tell_flow(&self, host: HostId, flow: &Flow) {
        let about = About { host, program: None, socket: None, flow: Some(flow.id) };
        let kind = Kind::Flow {
            transport: flow.transport,
            a: flow.a.clone(),
            b: flow.b.clone(),
            incarnation: flow.incarnation,
        };
        self.recorder.record(about, Provenance::OBSERVED, None, kind);
    }
}
