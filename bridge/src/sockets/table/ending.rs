//! How sockets end: closed by their program, and later forgotten by the kernel.

use super::{Inner, Table};
use protocol::{Cause, HostId, Kind, Nanos, Provenance, SocketId, TcpState};
use std::time::Instant;

/// Sockets that our programs closed and the kernel still holds, remembered so that their end can be told.
const MOST_LINGERING: usize = 2_048;

impl Table {
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

    pub(super) fn forget(&self, inner: &mut Inner, id: SocketId, uncertainty: Nanos, cause: Option<Cause>) {
        inner.lingering.remove(&id);
        let Some(row) = inner.sockets.remove(&id) else { return };
        if let Some(cookie) = row.cookie {
            inner.by_cookie.remove(&(row.host, cookie));
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

    /// Forgets what our programs on this host closed: nobody asks the kernel about it any more.
    pub fn forget_lingering(&self, host: HostId) {
        let mut inner = self.locked();
        let here = |id: &SocketId| inner.sockets.get(id).is_none_or(|row| row.host == host);
        let ids: Vec<_> = inner.lingering.iter().copied().filter(here).collect();
        for id in ids {
            self.forget(&mut inner, id, Nanos(0), None);
        }
    }

    /// The kernel forgot a socket at some time in the last `uncertainty`.
    pub fn forgotten(&self, id: SocketId, uncertainty: Nanos) {
        let mut inner = self.locked();
        self.forget(&mut inner, id, uncertainty.max(Nanos(1)), None);
    }
}
