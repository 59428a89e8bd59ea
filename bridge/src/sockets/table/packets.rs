//! What packets tell about sockets: whose they are, and the states that follow from them.

use super::{Inner, Known, Table};
use crate::sockets::flows::{Begins, Flow};
use protocol::state_tracker::Change;
use protocol::{About, Address, Cause, FlowId, HostId, Kind, Nanos, Provenance, SocketId, TcpState, Transport};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Derived states that are remembered of one socket: no connection has more in the time between two reports.
const MOST_STATES: usize = 8;
/// A kernel changes a state this long before or after its packet passes the capture, at the most.
const SLACK: Duration = Duration::from_millis(1);

/// A packet on its way.
#[derive(Clone, Copy, Debug)]
pub struct Passing {
    /// Who told of it.
    pub host: HostId,
    /// What it carries.
    pub transport: Transport,
    /// Its sender.
    pub from: SocketAddr,
    /// Whom it is for.
    pub to: SocketAddr,
    /// Whether its sender is the end that was called.
    pub back: bool,
    /// Whether it begins a new use of these addresses.
    pub begins: Begins,
}

/// What packets told about the state of a socket, to be compared with what the kernel reports.
#[derive(Clone, Debug, Default)]
pub(super) struct Derived {
    states: VecDeque<(Instant, TcpState)>,
    /// When the last state that was told began, or was reported.
    pub told: Option<Instant>,
}

impl Derived {
    fn push(&mut self, moment: Instant, state: TcpState) {
        if self.states.len() >= MOST_STATES {
            self.states.pop_front();
        }
        self.states.push_back((moment, state));
    }

    /// Whether packets say that it was in `state` at `moment` or since, so that a report of it is no news.
    pub fn confirms(&self, state: TcpState, moment: Instant) -> bool {
        let from = moment.checked_sub(SLACK).unwrap_or(moment);
        self.states.iter().enumerate().any(|(place, (_, held))| {
            let until = self.states.get(place + 1).map(|(next, _)| *next);
            *held == state && until.is_none_or(|until| until >= from)
        })
    }
}

impl Table {
    /// The conversation that a packet belongs to. It is told when nobody knew of it before.
    pub fn carrying(&self, passing: &Passing) -> FlowId {
        let Passing { host, transport, from, to, back, begins } = *passing;
        let (a, b) = if back { (to, from) } else { (from, to) };
        let (a, b) = (Address::Inet(a), Address::Inet(b));
        let mut inner = self.locked();
        let (flow, news) = inner.flows.carrying(transport, &a, &b, begins, || self.recorder.new_flow());
        if news {
            self.tell_flow(host, &flow);
        }
        flow.id
    }

    /// The conversation between two ends, if it is known.
    #[must_use]
    pub fn carried(&self, transport: Transport, one: SocketAddr, other: SocketAddr) -> Option<FlowId> {
        let (one, other) = (Address::Inet(one), Address::Inet(other));
        self.locked().flows.between(transport, &one, &other).map(|flow| flow.id)
    }

    /// Whether a socket of this host is known to be connected so.
    #[must_use]
    pub fn is_connected(&self, host: HostId, local: SocketAddr, peer: SocketAddr) -> bool {
        self.locked().connected(host, &Address::Inet(local), &Address::Inet(peer)).is_some()
    }

    /// The state of one end as last told.
    #[must_use]
    pub fn state_of(&self, flow: FlowId, local: &Address, peer: &Address) -> Option<TcpState> {
        let inner = self.locked();
        let id = inner.end(flow, local, peer)?;
        inner.sockets.get(&id)?.state
    }

    /// A packet shows that an end changed its state. Whether the socket is known, so that it could be told.
    pub fn derived(&self, host: HostId, change: &Change, moment: Instant, cause: Option<Cause>) -> bool {
        let (local, peer) = (Address::Inet(change.local), Address::Inet(change.peer));
        let mut inner = self.locked();
        let Some(id) = inner.end(change.flow, &local, &peer) else { return false };
        let (about, from) = match inner.sockets.get_mut(&id) {
            Some(row) => {
                row.derived.push(moment, change.to);
                // The kernel reported it already, or what came after it.
                if row.state == Some(change.to) || row.derived.told.is_some_and(|told| told > moment) {
                    return true;
                }
                row.derived.told = Some(moment);
                (self.about_row(row), row.becomes(change.to))
            }
            // It was closed and forgotten before its last packets were looked at.
            None => {
                let about = About { host, program: None, socket: Some(id), flow: Some(change.flow) };
                (about, change.from)
            }
        };
        let kind = Kind::State { from, to: change.to };
        self.recorder.record_at(moment, Nanos(0), about, Provenance::DERIVED, cause, kind);
        true
    }
}

impl Inner {
    /// The socket at one end of a conversation.
    fn end(&self, flow: FlowId, local: &Address, peer: &Address) -> Option<SocketId> {
        let is_it = |known: &&Flow| known.id == flow;
        self.flows.between(Transport::Tcp, local, peer).filter(is_it)?.socket_at(local)
    }

    /// The socket of a host at one end of a TCP connection that is there now.
    pub(super) fn connected(&self, host: HostId, local: &Address, peer: &Address) -> Option<&Known> {
        let id = self.flows.between(Transport::Tcp, local, peer)?.socket_at(local)?;
        self.sockets.get(&id).filter(|row| row.host == host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use TcpState::{Established, FinWait1, FinWait2, SynSent};

    #[test]
    fn a_report_is_no_news_where_packets_told_the_same() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut derived = Derived::default();
        assert!(!derived.confirms(SynSent, at(0)));
        for (millis, state) in [(100, SynSent), (110, Established), (200, FinWait1), (201, FinWait2)] {
            derived.push(at(millis), state);
        }
        let table = [
            (SynSent, 105, true),
            (SynSent, 150, false),
            (Established, 150, true),
            // Asked just before the packet, looked at just after.
            (Established, 109, true),
            (Established, 250, false),
            (FinWait2, 900, true),
            (FinWait1, 900, false),
        ];
        for (state, millis, no_news) in table {
            assert_eq!(derived.confirms(state, at(millis)), no_news, "{state} at {millis}");
        }
    }
}
