//! How sockets end: closed by their program, and later forgotten by the kernel.

use super::{Inner, Known, Look, Table};
use protocol::{Cause, HostId, Kind, Nanos, Provenance, SocketId, TcpState, TimerKind};
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
        self.forget(&mut inner, id, None, cause);
    }

    /// Its program closed it, or `aborts` it: tells the end where the kernel has forgotten it at once and sends nothing
    /// that would tell. So ends an attempt that nobody has answered (RFC 9293, 3.10.4), and by an abort also a
    /// connection both of whose ends have finished, whether or not the last FIN has arrived (3.10.5).
    pub fn ends_in_silence(&self, id: SocketId, aborts: bool, cause: Option<Cause>) {
        let mut inner = self.locked();
        let Some(row) = inner.sockets.get_mut(&id) else { return };
        match row.state {
            Some(TcpState::SynSent) if !row.connected => self.tell_end(row, cause),
            Some(TcpState::LastAck | TcpState::Closing) if aborts => self.tell_end(row, cause),
            _ => {}
        }
    }

    /// The kernel gave an attempt to connect up, after its last SYN had been without an answer for long enough.
    pub fn timed_out(&self, id: SocketId) {
        let mut inner = self.locked();
        if let Some(row) = inner.sockets.get_mut(&id)
            && row.state == Some(TcpState::SynSent)
        {
            self.tell_end(row, Some(Cause::Timer(TimerKind::Retransmission)));
        }
    }

    fn tell_end(&self, row: &mut Known, cause: Option<Cause>) {
        let kind = Kind::State { from: row.becomes(TcpState::Closed), to: TcpState::Closed };
        self.recorder.record(self.about_row(row), Provenance::DERIVED, cause, kind);
    }

    pub(super) fn forget(&self, inner: &mut Inner, id: SocketId, look: Option<&Look>, cause: Option<Cause>) {
        inner.lingering.remove(&id);
        let Some(row) = inner.sockets.remove(&id) else { return };
        if let Some(cookie) = row.cookie {
            inner.by_cookie.remove(&(row.host, cookie));
        }
        inner.flows.gone(id, row.transport, row.local.as_ref(), row.peer.as_ref());
        let about = self.about_row(&row);
        let (at, earlier) = look.map_or_else(|| (Instant::now(), Nanos(0)), |look| (look.answered, look.uncertainty()));
        let provenance = if row.open { Provenance::OBSERVED } else { Provenance::REPORTED };
        if let Some(state) = row.state
            && state != TcpState::Closed
            && look.is_some()
        {
            let kind = Kind::State { from: Some(state), to: TcpState::Closed };
            self.recorder.record_at(at, earlier, about, Provenance::REPORTED, None, kind);
        }
        self.recorder.record_at(at, earlier, about, provenance, cause, Kind::Closed);
    }

    /// Forgets what our programs on this host closed: nobody asks the kernel about it any more.
    pub fn forget_lingering(&self, host: HostId) {
        let mut inner = self.locked();
        let here = |id: &SocketId| inner.sockets.get(id).is_none_or(|row| row.host == host);
        let ids: Vec<_> = inner.lingering.iter().copied().filter(here).collect();
        for id in ids {
            self.forget(&mut inner, id, None, None);
        }
    }

    /// The kernel does not show a socket any more.
    pub fn forgotten(&self, id: SocketId, look: &Look) {
        let mut inner = self.locked();
        // It was accepted while the kernel was asked, and known by another number.
        if inner.sockets.get(&id).is_none_or(|row| row.open) {
            return;
        }
        match inner.reset_in_queue(id) {
            Some(row) if row.state == Some(TcpState::Closed) => {}
            Some(row) => {
                let kind = Kind::State { from: row.becomes(TcpState::Closed), to: TcpState::Closed };
                let (at, earlier) = (look.answered, look.uncertainty());
                self.recorder.record_at(at, earlier, self.about_row(row), Provenance::REPORTED, None, kind);
            }
            None => self.forget(&mut inner, id, Some(look), None),
        }
    }
}

impl Inner {
    /// A connection that was reset while it waited to be accepted: the kernel shows it no more, but it keeps its place
    /// in the queue, and `accept` returns it (`accept(2)`: the error comes with the first call on it).
    fn reset_in_queue(&mut self, id: SocketId) -> Option<&mut Known> {
        let row = self.sockets.get(&id).filter(|row| row.established && row.program.is_none() && !row.ours)?;
        self.sockets.get(&row.parent?).filter(|listener| listener.open)?;
        self.sockets.get_mut(&id)
    }
}
