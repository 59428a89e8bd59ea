//! The listening socket's queue, which smoltcp does not have.
//!
//! A kernel keeps connections that its program has not accepted yet, up to the backlog and one more. smoltcp instead
//! wants as many listening sockets as there are seats. Ours are made when a SYN comes for a free seat; when none is
//! free, the SYN is dropped before the stack sees it, as Linux does, so that the client sends it again.

use protocol::SocketId;
use std::collections::VecDeque;

/// A listening socket.
#[derive(Debug, Default)]
pub(crate) struct Listener {
    /// The argument of `listen`.
    pub(crate) backlog: u32,
    /// Who has sent a SYN and not finished the handshake.
    half_open: Vec<SocketId>,
    /// Who is connected and waits for `accept`, the first first.
    ready: VecDeque<SocketId>,
}

impl Listener {
    pub(crate) fn new(backlog: u32) -> Self {
        Self { backlog, ..Self::default() }
    }

    /// Whether one more SYN is taken. Backlog n holds n+1. A half-open connection has a seat already: it must find one
    /// when it is established.
    pub(crate) fn has_seat(&self) -> bool {
        self.half_open.len() + self.ready.len() <= self.backlog as usize
    }

    /// A SYN came and was taken.
    pub(crate) fn syn(&mut self, socket: SocketId) {
        self.half_open.push(socket);
    }

    /// The handshake is finished.
    pub(crate) fn established(&mut self, socket: SocketId) {
        if let Some(place) = self.half_open.iter().position(|waits| *waits == socket) {
            self.half_open.remove(place);
            self.ready.push_back(socket);
        }
    }

    /// `accept`.
    pub(crate) fn accept(&mut self) -> Option<SocketId> {
        self.ready.pop_front()
    }

    /// A socket is gone before anybody accepted it.
    pub(crate) fn gone(&mut self, socket: SocketId) {
        self.half_open.retain(|waits| *waits != socket);
        self.ready.retain(|waits| *waits != socket);
    }

    /// All that wait.
    pub(crate) fn waiting(&self) -> Vec<SocketId> {
        self.half_open.iter().chain(&self.ready).copied().collect()
    }

    /// How many are half open, and how many wait for `accept`.
    pub(crate) fn lengths(&self) -> (u64, u64) {
        (self.half_open.len() as u64, self.ready.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backlog_of_n_holds_one_more() {
        let mut listener = Listener::new(1);
        assert!(listener.has_seat());
        listener.syn(SocketId(1));
        listener.established(SocketId(1));
        assert!(listener.has_seat());
        listener.syn(SocketId(2));
        assert!(!listener.has_seat(), "half open counts");
        listener.established(SocketId(2));
        assert_eq!(listener.accept(), Some(SocketId(1)));
        assert!(listener.has_seat());
        listener.gone(SocketId(2));
        assert_eq!(listener.accept(), None);
    }
}
