//! Every socket we know, ours and others': who it is, what it is bound to, whom it speaks to, and what the kernel
//! last said of it.
//!
//! One lock guards it, held for no longer than a look-up. What it learns it tells as events, in the order learnt.

use crate::recorder::Recorder;
use crate::sockets::datagrams::Datagrams;
use crate::sockets::flows::{Appears, Flow, Flows};
use protocol::ids::Nanos;
use protocol::{
    About, Address, Cause, DatagramId, FlowId, GaugeKey, HostId, Kind, ProgramId, Provenance, SocketId, TcpState,
    Transport,
};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Mutex;
use std::time::Instant;

/// Sockets that our programs closed and the kernel still holds, remembered so that their end can be told.
const MOST_LINGERING: usize = 2_048;

/// Senders of datagrams that the kernel is asked about at once.
const MOST_UNKNOWN: usize = 64;

/// What is known of one socket.
#[derive(Clone, Debug)]
pub struct Known {
    /// Which.
    pub id: SocketId,
    /// What it speaks.
    pub transport: Transport,
    /// Whose it is; nobody's while it waits to be accepted or when its program has closed it.
    pub program: Option<ProgramId>,
    /// Its descriptor in the program.
    pub fd: Option<i32>,
    /// The kernel's number for it.
    pub cookie: Option<u64>,
    /// The listener it came from.
    pub parent: Option<SocketId>,
    /// This end.
    pub local: Option<Address>,
    /// The other end.
    pub peer: Option<Address>,
    /// Its conversation.
    pub flow: Option<FlowId>,
    /// Its state as last told.
    pub state: Option<TcpState>,
    /// The values last told.
    pub gauges: BTreeMap<GaugeKey, u64>,
    /// Whether a program of ours has it open.
    pub open: bool,
}

impl Inner {
    fn queued_without_cookie(&self, transport: Transport, local: &Address, peer: &Address) -> Option<SocketId> {
        if !self.without_cookies {
            return None;
        }
        let queued = |row: &&Known| row.cookie.is_none() && !row.open && row.transport == transport;
        let there = |row: &&Known| row.local.as_ref() == Some(local) && row.peer.as_ref() == Some(peer);
        self.sockets.values().filter(queued).find(there).map(|row| row.id)
    }
}

/// All sockets.
pub struct Table {
    recorder: Recorder,
    host: HostId,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    sockets: HashMap<SocketId, Known>,
    by_cookie: HashMap<u64, SocketId>,
    flows: Flows,
    datagrams: Datagrams,
    /// Unix stream clients have no address: the oldest that connected is the first to be accepted.
    unix_connecting: HashMap<Address, VecDeque<SocketId>>,
    lingering: HashSet<SocketId>,
    /// The kernel has shown sockets without telling their cookies.
    without_cookies: bool,
}

impl Table {
    /// An empty table for one host.
    #[must_use]
    pub fn new(recorder: Recorder, host: HostId) -> Self {
        Self { recorder, host, inner: Mutex::default() }
    }

    /// A program of ours made a socket.
    pub fn opened(&self, program: ProgramId, transport: Transport, fd: Option<i32>, cookie: Option<u64>) -> SocketId {
        self.enter(Some(program), transport, fd, cookie, None, None, None, true)
    }

    /// A socket that is not known by its cookie appears, or one that is becomes known better.
    #[expect(clippy::too_many_arguments, reason = "they are the fields of a row")]
    fn enter(
        &self,
        program: Option<ProgramId>,
        transport: Transport,
        fd: Option<i32>,
        cookie: Option<u64>,
        parent: Option<SocketId>,
        local: Option<Address>,
        peer: Option<Address>,
        open: bool,
    ) -> SocketId {
        let mut inner = self.locked();
        inner.without_cookies |= cookie.is_none() && !open;
        let known = cookie.and_then(|cookie| inner.by_cookie.get(&cookie).copied());
        // Where the kernel's list has no cookies, a queued connection is known by its ends.
        let known = known.or_else(|| inner.queued_without_cookie(transport, local.as_ref()?, peer.as_ref()?));
        let id = known.unwrap_or_else(|| self.recorder.new_socket());
        if let Some(cookie) = cookie {
            inner.by_cookie.insert(cookie, id);
        }
        let row = inner.sockets.entry(id).or_insert_with(|| Known {
            id,
            transport,
            program: None,
            fd: None,
            cookie,
            parent: None,
            local: None,
            peer: None,
            flow: None,
            state: None,
            gauges: BTreeMap::new(),
            open: false,
        });
        let before = row.clone();
        row.program = program.or(row.program);
        row.fd = fd.or(row.fd);
        row.parent = parent.or(row.parent);
        row.local = local.or_else(|| row.local.take());
        row.peer = peer.or_else(|| row.peer.take());
        row.open |= open;
        let news = known.is_none()
            || (&before.program, before.fd, before.parent, &before.local, &before.peer)
                != (&row.program, row.fd, row.parent, &row.local, &row.peer);
        if news {
            self.tell_socket(row);
        }
        id
    }

    /// The listening socket got a connection: the same socket that the kernel may have shown in its queue before.
    #[expect(clippy::too_many_arguments, reason = "they are the fields of a row")]
    pub fn accepted(
        &self,
        program: ProgramId,
        parent: SocketId,
        transport: Transport,
        fd: Option<i32>,
        cookie: Option<u64>,
        local: Option<Address>,
        peer: &Address,
        peer_is_ours: bool,
    ) -> SocketId {
        let id =
            self.enter(Some(program), transport, fd, cookie, Some(parent), local.clone(), Some(peer.clone()), true);
        match (transport, local) {
            (Transport::UnixStream, Some(path)) => self.join_unix(id, &path, peer_is_ours),
            (_, Some(local)) => self.joined(id, &local, peer, false),
            (_, None) => {}
        }
        id
    }

    /// A socket got its own address.
    pub fn bound(&self, id: SocketId, local: Address) {
        self.update(id, |row| row.local = Some(local));
    }

    /// A socket of ours speaks to `peer` from now on, and began it.
    pub fn connecting(&self, id: SocketId, local: Option<Address>, peer: Address) {
        let mut transport = None;
        self.update(id, |row| {
            row.local = local.clone().or(row.local.take());
            row.peer = Some(peer.clone());
            transport = Some(row.transport);
        });
        match (transport, local) {
            (Some(Transport::UnixStream), _) => {
                self.locked().unix_connecting.entry(peer).or_default().push_back(id);
            }
            (_, Some(local)) => self.joined(id, &local, &peer, true),
            _ => {}
        }
    }

    /// It does not after all.
    pub fn not_connected(&self, id: SocketId) {
        let mut inner = self.locked();
        let peer = inner.sockets.get_mut(&id).and_then(|row| row.peer.take());
        if let Some(waiting) = peer.and_then(|peer| inner.unix_connecting.get_mut(&peer)) {
            waiting.retain(|waits| *waits != id);
        }
    }

    fn join_unix(&self, id: SocketId, path: &Address, peer_is_ours: bool) {
        let client = {
            let mut inner = self.locked();
            // Another program's connection has no client socket that we know.
            if peer_is_ours { inner.unix_connecting.get_mut(path).and_then(VecDeque::pop_front) } else { None }
        };
        let unnamed = Address::Unix(None);
        let flow = Flow::alone(self.recorder.new_flow(), Transport::UnixStream, client, &unnamed, Some(id), path);
        let mut inner = self.locked();
        for socket in [client, Some(id)].into_iter().flatten() {
            if let Some(row) = inner.sockets.get_mut(&socket) {
                row.flow = Some(flow.id);
            }
        }
        self.tell_flow(&flow);
        inner.flows.add_alone(flow);
    }

    /// The conversation of a connected socket, told when it is new.
    pub fn joined(&self, id: SocketId, local: &Address, peer: &Address, began: bool) {
        let flow = self.flow(id, local, peer, began);
        if let Some(row) = self.locked().sockets.get_mut(&id) {
            row.flow = flow;
        }
    }

    /// The conversation between a socket and a peer, told when it is new.
    pub fn flow(&self, id: SocketId, local: &Address, peer: &Address, began: bool) -> Option<FlowId> {
        let mut inner = self.locked();
        let transport = inner.sockets.get(&id)?.transport;
        let end = Appears { transport, socket: Some(id), local, peer, began };
        let (flow, news) = inner.flows.join(&end, || self.recorder.new_flow());
        if news {
            self.tell_flow(&flow);
        }
        Some(flow.id)
    }

    /// A datagram is about to be sent.
    pub fn datagram_sent(&self, from: &Address, to: &Address, data: &[u8]) -> DatagramId {
        let id = self.recorder.new_datagram();
        self.locked().datagrams.sent(from, to, id, data);
        id
    }

    /// It could not be sent.
    pub fn datagram_failed(&self, from: &Address, to: &Address, id: DatagramId) {
        self.locked().datagrams.failed(from, to, id);
    }

    /// A datagram was received.
    pub fn datagram_received(
        &self,
        from: &Address,
        to: &Address,
        data: &[u8],
        true_len: Option<usize>,
    ) -> Option<DatagramId> {
        self.locked().datagrams.received(from, to, data, true_len)
    }

    /// Its program closed it. Where `lingers`, the kernel may still have it and its end is told when it is forgotten.
    pub fn closed(&self, id: SocketId, lingers: bool, cause: Option<Cause>) {
        let mut inner = self.locked();
        let lingers = lingers && inner.lingering.len() < MOST_LINGERING;
        if let Some(row) = inner.sockets.get_mut(&id)
            && lingers
        {
            row.open = false;
            row.fd = None;
            inner.lingering.insert(id);
            return;
        }
        self.forget(&mut inner, id, Nanos(0), cause);
    }

    fn forget(&self, inner: &mut Inner, id: SocketId, uncertainty: Nanos, cause: Option<Cause>) {
        inner.lingering.remove(&id);
        let Some(row) = inner.sockets.remove(&id) else { return };
        if let Some(cookie) = row.cookie {
            inner.by_cookie.remove(&cookie);
        }
        inner.flows.gone(id, row.transport, row.local.as_ref(), row.peer.as_ref());
        let about = self.about_row(&row);
        let now = Instant::now();
        let (provenance, later) =
            if row.open { (Provenance::OBSERVED, Nanos(0)) } else { (Provenance::REPORTED, uncertainty) };
        if let Some(state) = row.state
            && state != TcpState::Closed
            && uncertainty > Nanos(0)
        {
            let kind = Kind::State { from: Some(state), to: TcpState::Closed };
            self.recorder.record_at(now, later, about, Provenance::REPORTED, None, kind);
        }
        self.recorder.record_at(now, later, about, provenance, cause, Kind::Closed);
    }

    /// Forgets what our programs closed: nobody asks the kernel about it any more.
    pub fn forget_lingering(&self) {
        let mut inner = self.locked();
        for id in std::mem::take(&mut inner.lingering) {
            self.forget(&mut inner, id, Nanos(0), None);
        }
    }

    /// The kernel forgot a socket at some time in the last `uncertainty`.
    pub fn forgotten(&self, id: SocketId, uncertainty: Nanos) {
        let mut inner = self.locked();
        self.forget(&mut inner, id, uncertainty.max(Nanos(1)), None);
    }

    /// Whom an event of this socket is about.
    #[must_use]
    pub fn about(&self, id: SocketId) -> About {
        self.locked().sockets.get(&id).map_or_else(About::default, |row| self.about_row(row))
    }

    fn about_row(&self, row: &Known) -> About {
        About { host: self.host, program: row.program, socket: Some(row.id), flow: row.flow }
    }

    /// What is known of a socket.
    #[must_use]
    pub fn get(&self, id: SocketId) -> Option<Known> {
        self.locked().sockets.get(&id).cloned()
    }

    /// The socket with this cookie.
    #[must_use]
    pub fn by_cookie(&self, cookie: u64) -> Option<Known> {
        let inner = self.locked();
        inner.sockets.get(inner.by_cookie.get(&cookie)?).cloned()
    }

    /// All sockets.
    #[must_use]
    pub fn all(&self) -> Vec<Known> {
        self.locked().sockets.values().cloned().collect()
    }

    /// How many sockets our programs have open.
    #[must_use]
    pub fn open_count(&self) -> usize {
        self.locked().sockets.values().filter(|row| row.open).count()
    }

    /// Changes a row and tells it again.
    pub fn update(&self, id: SocketId, change: impl FnOnce(&mut Known)) {
        let mut inner = self.locked();
        if let Some(row) = inner.sockets.get_mut(&id) {
            let before = (row.program, row.fd, row.parent, row.local.clone(), row.peer.clone());
            change(row);
            if before != (row.program, row.fd, row.parent, row.local.clone(), row.peer.clone()) {
                self.tell_socket(row);
            }
        }
    }

    /// Who sent us datagrams, and from which socket is not known yet.
    #[must_use]
    pub fn unknown_udp_peers(&self) -> Vec<std::net::SocketAddr> {
        let inner = self.locked();
        let unknown = inner.flows.living().filter(|flow| flow.transport == Transport::Udp && flow.a.socket.is_none());
        unknown.filter_map(|flow| flow.a.address.inet()).take(MOST_UNKNOWN).collect()
    }

    /// Whom the unconnected UDP socket at `local` has spoken to.
    #[must_use]
    pub fn unknown_udp_peer(&self, local: std::net::SocketAddr) -> Option<std::net::SocketAddr> {
        let inner = self.locked();
        let is_it = |at: std::net::SocketAddr| {
            at.port() == local.port() && (at.ip() == local.ip() || local.ip().is_unspecified())
        };
        let mut flows = inner.flows.living().filter(|flow| flow.transport == Transport::Udp);
        flows.find(|flow| flow.a.address.inet().is_some_and(is_it)).and_then(|flow| flow.b.address.inet())
    }

    /// A socket that the kernel showed and that is none of ours, or not accepted yet.
    pub fn found(
        &self,
        transport: Transport,
        cookie: Option<u64>,
        parent: Option<SocketId>,
        local: Address,
        peer: Option<Address>,
        program: Option<ProgramId>,
    ) -> SocketId {
        self.enter(program, transport, None, cookie, parent, Some(local), peer, false)
    }

    /// The kernel reported a state, which it had for up to `uncertainty`.
    pub fn state(&self, id: SocketId, to: TcpState, moment: Instant, uncertainty: Nanos) {
        let mut inner = self.locked();
        let Some(row) = inner.sockets.get_mut(&id) else { return };
        if row.state == Some(to) {
            return;
        }
        let from = row.state.replace(to);
        let kind = Kind::State { from, to };
        self.recorder.record_at(moment, uncertainty, self.about_row(row), Provenance::REPORTED, None, kind);
    }

    /// The kernel reported values: those that changed are told.
    pub fn gauges(&self, id: SocketId, values: &[(GaugeKey, u64)], moment: Instant, uncertainty: Nanos) {
        let mut inner = self.locked();
        let Some(row) = inner.sockets.get_mut(&id) else { return };
        let changed: Vec<_> =
            values.iter().copied().filter(|(key, value)| row.gauges.insert(*key, *value) != Some(*value)).collect();
        if !changed.is_empty() {
            let about = self.about_row(row);
            self.recorder.record_at(moment, uncertainty, about, Provenance::REPORTED, None, Kind::Gauge(changed));
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
            self.tell_flow(flow);
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

    fn tell_socket(&self, row: &Known) {
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

    fn tell_flow(&self, flow: &Flow) {
        let about = About { host: self.host, program: None, socket: None, flow: Some(flow.id) };
        let kind = Kind::Flow {
            transport: flow.transport,
            a: flow.a.clone(),
            b: flow.b.clone(),
            incarnation: flow.incarnation,
        };
        self.recorder.record(about, Provenance::OBSERVED, None, kind);
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().expect("nothing panics while it holds the table")
    }
}
