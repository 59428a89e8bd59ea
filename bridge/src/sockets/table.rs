//! Every socket we know, ours and others': who it is, what it is bound to, whom it speaks to, and what the kernel
//! last said of it.
//!
//! One lock guards it, held for no longer than a look-up. What it learns it tells as events, in the order learnt.

mod ending;
mod joining;
mod packets;
mod telling;

pub use packets::Passing;
pub use telling::Look;

use crate::recorder::Recorder;
use crate::sockets::datagrams::Datagrams;
use crate::sockets::flows::Flows;
use protocol::{About, Address, FlowId, GaugeKey, HostId, ProgramId, SocketId, TcpState, Transport};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Mutex;

/// What is known of one socket.
#[derive(Clone, Debug)]
pub struct Known {
    /// Which.
    pub id: SocketId,
    /// On which host.
    pub host: HostId,
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
    /// A program of ours made it or accepted it, whether or not it still has it.
    pub ours: bool,
    /// Its program knows that it is connected, whatever was told of its state last.
    connected: bool,
    /// Its handshake was completed: if it came from a listener, `accept` will return it, whatever becomes of it.
    established: bool,
    /// What its packets told.
    derived: packets::Derived,
}

/// A socket as it appears, or becomes known better: what is `None` is not known.
#[derive(Clone, Debug)]
pub struct Appearance {
    /// On which host.
    pub host: HostId,
    /// What it speaks.
    pub transport: Transport,
    /// Whose it is.
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
}

impl Known {
    /// Its state is another one now. Returns the one before.
    fn becomes(&mut self, to: TcpState) -> Option<TcpState> {
        self.established |= matches!(to, TcpState::Established | TcpState::CloseWait);
        self.state.replace(to)
    }
}

impl Appearance {
    /// One of which only this much is known.
    #[must_use]
    pub fn new(host: HostId, transport: Transport, cookie: Option<u64>) -> Self {
        Self { host, transport, program: None, fd: None, cookie, parent: None, local: None, peer: None }
    }
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

    /// A connection that was asked about at the very moment at which its handshake was completed: the kernel had given
    /// it a number as a half-open one, and gives it another as an established one. Only one can be between two ends.
    fn renumbered(&self, host: HostId, local: &Address, peer: &Address) -> Option<SocketId> {
        let row = self.connected(host, local, peer)?;
        let over = matches!(row.state, Some(TcpState::TimeWait | TcpState::Closed));
        let queued = row.parent.is_some() && row.program.is_none() && !row.open;
        (queued && !over).then_some(row.id)
    }
}

/// All sockets.
pub struct Table {
    recorder: Recorder,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    sockets: HashMap<SocketId, Known>,
    /// The kernel counts cookies anew in every network namespace, in some versions.
    by_cookie: HashMap<(HostId, u64), SocketId>,
    flows: Flows,
    datagrams: Datagrams,
    /// Unix stream clients have no address: the oldest that connected is the first to be accepted.
    unix_connecting: HashMap<Address, VecDeque<SocketId>>,
    lingering: HashSet<SocketId>,
    /// The kernel has shown sockets without telling their cookies.
    without_cookies: bool,
}

impl Table {
    /// An empty table, for all hosts of a world.
    #[must_use]
    pub fn new(recorder: Recorder) -> Self {
        Self { recorder, inner: Mutex::default() }
    }

    /// A program of ours made a socket.
    pub fn opened(&self, socket: Appearance) -> SocketId {
        self.enter(socket, true)
    }

    /// A socket that the kernel showed and that is none of ours, or not accepted yet.
    pub fn found(&self, socket: Appearance) -> SocketId {
        self.enter(socket, false)
    }

    /// A socket that is not known by its cookie appears, or one that is becomes known better.
    fn enter(&self, socket: Appearance, open: bool) -> SocketId {
        let Appearance { host, transport, program, fd, cookie, parent, local, peer } = socket;
        let mut inner = self.locked();
        inner.without_cookies |= cookie.is_none() && !open;
        let known = cookie.and_then(|cookie| inner.by_cookie.get(&(host, cookie)).copied());
        // Where the kernel's list has no cookies, a queued connection is known by its ends.
        let known = known.or_else(|| inner.queued_without_cookie(transport, local.as_ref()?, peer.as_ref()?));
        let known = known.or_else(|| inner.renumbered(host, local.as_ref()?, peer.as_ref()?));
        let id = known.unwrap_or_else(|| self.recorder.new_socket());
        if let Some(cookie) = cookie {
            inner.by_cookie.insert((host, cookie), id);
        }
        let row = inner.sockets.entry(id).or_insert_with(|| Known {
            id,
            host,
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
            ours: false,
            connected: false,
            established: false,
            derived: packets::Derived::default(),
        });
        let before = row.clone();
        let old = row.cookie;
        row.cookie = cookie.or(old);
        row.program = program.or(row.program);
        row.fd = fd.or(row.fd);
        row.parent = parent.or(row.parent);
        row.local = local.or_else(|| row.local.take());
        row.peer = peer.or_else(|| row.peer.take());
        row.open |= open;
        row.ours |= open;
        let news = known.is_none()
            || (&before.program, before.fd, before.cookie, before.parent, &before.local, &before.peer)
                != (&row.program, row.fd, row.cookie, row.parent, &row.local, &row.peer);
        if news {
            self.tell_socket(row);
        }
        if let Some(old) = old.filter(|old| Some(*old) != cookie && cookie.is_some()) {
            inner.by_cookie.remove(&(host, old));
        }
        id
    }

    /// The listening socket got a connection: the same socket that the kernel may have shown in its queue before.
    pub fn accepted(&self, socket: Appearance, peer: &Address, peer_is_ours: bool) -> SocketId {
        let (transport, local) = (socket.transport, socket.local.clone());
        let id = self.enter(socket, true);
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

    /// Whom an event of this socket is about.
    #[must_use]
    pub fn about(&self, id: SocketId) -> About {
        self.locked().sockets.get(&id).map_or_else(About::default, |row| self.about_row(row))
    }

    fn about_row(&self, row: &Known) -> About {
        About { host: row.host, program: row.program, socket: Some(row.id), flow: row.flow }
    }

    /// What is known of a socket.
    #[must_use]
    pub fn get(&self, id: SocketId) -> Option<Known> {
        self.locked().sockets.get(&id).cloned()
    }

    /// The socket with this cookie.
    #[must_use]
    pub fn by_cookie(&self, host: HostId, cookie: u64) -> Option<Known> {
        let inner = self.locked();
        inner.sockets.get(inner.by_cookie.get(&(host, cookie))?).cloned()
    }

    /// All sockets of a host.
    #[must_use]
    pub fn all(&self, host: HostId) -> Vec<Known> {
        self.locked().sockets.values().filter(|row| row.host == host).cloned().collect()
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

    fn locked(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().expect("nothing panics while it holds the table")
    }
}

#[cfg(test)]
mod tests;
