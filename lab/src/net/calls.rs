//! The socket calls. None of them waits: what would block says so, and whoever called asks again when woken.

use super::{Alarm, Net, Try};
use crate::host::Side;
use crate::listener::Listener;
use crate::net::stream::apply;
use crate::socket::{Body, Datagram, Life, Socket};
use protocol::{Address, Cause, Direction, Errno, ProgramId, SocketId, SocketOption, TcpState, Transport};
use smoltcp::socket::tcp::State;
use std::collections::VecDeque;
use std::net::SocketAddr;

impl Net {
    /// `socket(family, type)`.
    pub(crate) fn open(&mut self, side: Side, program: ProgramId, transport: Transport, v6: bool) -> SocketId {
        let body = match transport {
            Transport::Tcp => Body::Fresh,
            _ => Body::Datagram(Datagram { handle: None, queue: VecDeque::new(), bytes: 0, drops: 0 }),
        };
        let id = self.enter(side, transport, v6, body);
        self.give(id, program);
        self.tell_socket(id);
        id
    }

    /// A program gets a socket, with the lowest descriptor it has free.
    fn give(&mut self, id: SocketId, program: ProgramId) {
        // 0, 1 and 2 are input, output and errors.
        let taken: Vec<i32> = self.sockets_of(program).filter_map(|socket| socket.fd).collect();
        let fd = (3..).find(|fd| !taken.contains(fd));
        if let Some(socket) = self.sockets.get_mut(&id) {
            (socket.program, socket.fd, socket.life) = (Some(program), fd, Life::Open);
        }
    }

    /// `setsockopt`.
    pub(crate) fn set_option(&mut self, id: SocketId, option: SocketOption) {
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        socket.options.set(option);
        let (options, about) = (socket.options, socket.about());
        let sized = matches!(option, SocketOption::SendBuffer(_) | SocketOption::RecvBuffer(_));
        if let Some(stream) = socket.stream() {
            apply(stream.tcp_mut(), &options);
            if sized {
                self.differs(about, "SO_SNDBUF, SO_RCVBUF: before connect and listen only");
            }
        }
    }

    /// `bind(address)`.
    pub(crate) fn bind(&mut self, id: SocketId, to: &Address) -> Result<(), Errno> {
        let Address::Inet(mut to) = *to else { return Err(Errno::Eafnosupport) };
        let Some(socket) = self.sockets.get(&id) else { return Err(Errno::Einval) };
        let (side, transport, v6, reuse) = (socket.side, socket.transport, socket.v6, socket.options.reuse);
        if socket.local.is_some() {
            return Err(Errno::Einval);
        }
        if to.is_ipv6() != v6 {
            return Err(Errno::Eafnosupport);
        }
        if to.ip() != side.address(v6) {
            return Err(Errno::Eaddrnotavail);
        }
        if to.port() == 0 {
            to.set_port(self.free_port(side, transport));
        }
        // As Linux: a port that somebody has, be it a connection in TIME_WAIT, may be had again if both allow it and
        // the other one does not listen.
        let conflicts = |other: &&Socket| {
            let listens = matches!(other.body, Body::Listener(_)) || transport == Transport::Udp;
            other.side == side
                && other.transport == transport
                && other.local == Some(to)
                && !(reuse && other.options.reuse && !listens)
        };
        if self.sockets.values().any(|other| conflicts(&other)) {
            return Err(Errno::Eaddrinuse);
        }
        if transport == Transport::Udp {
            self.open_port(id, to)?;
        }
        if let Some(socket) = self.sockets.get_mut(&id) {
            (socket.local, socket.bound) = (Some(to), true);
        }
        self.tell_socket(id);
        self.tell_gauges(id, true);
        Ok(())
    }

    /// `listen(backlog)`; again on a listening socket it changes the backlog.
    pub(crate) fn listen(&mut self, id: SocketId, backlog: u32, cause: Cause) -> Result<(), Errno> {
        let Some(socket) = self.sockets.get_mut(&id) else { return Err(Errno::Einval) };
        let side = socket.side;
        match &mut socket.body {
            Body::Listener(listener) => listener.backlog = backlog,
            Body::Fresh => {
                let Some(local) = socket.local else { return Err(Errno::Edestaddrreq) };
                if self.listeners.contains_key(&(side, local)) {
                    return Err(Errno::Eaddrinuse);
                }
                socket.body = Body::Listener(Listener::new(backlog));
                self.listeners.insert((side, local), id);
            }
            Body::Stream(_) => return Err(Errno::Einval),
            Body::Datagram(_) => return Err(Errno::Eopnotsupp),
        }
        self.listens(id, cause);
        self.tell_gauges(id, true);
        Ok(())
    }

    /// `accept()`.
    pub(crate) fn accept(&mut self, id: SocketId, program: ProgramId) -> Try<(SocketId, SocketAddr)> {
        let Some(listener) = self.sockets.get_mut(&id).and_then(Socket::listener) else {
            return Try::Failed(Errno::Einval);
        };
        let Some(connection) = listener.accept() else { return Try::Wait };
        self.give(connection, program);
        self.tell_socket(connection);
        self.tell_gauges(id, true);
        match self.sockets.get(&connection).and_then(|socket| socket.peer) {
            Some(peer) => Try::Done((connection, peer)),
            None => Try::Failed(Errno::Econnaborted),
        }
    }

    /// `connect(address)`: begins. A datagram socket only remembers the peer.
    pub(crate) fn connect(&mut self, id: SocketId, to: SocketAddr, cause: Cause) -> Try<()> {
        let Some(socket) = self.sockets.get(&id) else { return Try::Failed(Errno::Einval) };
        let (side, transport, v6, options) = (socket.side, socket.transport, socket.v6, socket.options);
        if to.is_ipv6() != v6 {
            return Try::Failed(Errno::Eafnosupport);
        }
        let unbound = socket.local.is_none();
        let local = socket.local.unwrap_or_else(|| SocketAddr::new(side.address(v6), self.free_port(side, transport)));
        if transport == Transport::Udp {
            if unbound && let Err(error) = self.open_port(id, local) {
                return Try::Failed(error);
            }
            self.speaks(id, local, to);
            return Try::Done(());
        }
        let mut stream = match self.sockets.get(&id).map(|socket| &socket.body) {
            Some(Body::Fresh) => self.new_stream(&options),
            Some(Body::Stream(stream)) if stream.state == State::Closed => self.new_stream(&options),
            Some(Body::Listener(_)) => return Try::Failed(Errno::Eopnotsupp),
            _ => return Try::Failed(Errno::Eisconn),
        };
        let now = self.story.now();
        let stack = self.hosts[side as usize].stack(v6);
        let handle = stream.handle;
        if stack.connect(now, stream.set.get_mut(handle), to, local).is_err() {
            return Try::Failed(Errno::Eaddrnotavail);
        }
        stream.state = State::SynSent;
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.body = Body::Stream(Box::new(stream));
            socket.told.state = None;
        }
        self.connections.insert((side, local, to), id);
        self.speaks(id, local, to);
        self.tell_state(id, TcpState::SynSent, Some(cause));
        self.awaits_answer(id);
        self.flush(id, Some(cause));
        self.connected(id)
    }

    /// Whether a `connect` that waited is done.
    pub(crate) fn connected(&mut self, id: SocketId) -> Try<()> {
        let Some(socket) = self.sockets.get_mut(&id) else { return Try::Failed(Errno::Einval) };
        if let Some(error) = socket.error.take() {
            return Try::Failed(error);
        }
        match socket.stream().map(|stream| stream.state) {
            Some(State::SynSent | State::SynReceived) => Try::Wait,
            Some(State::Closed) | None => Try::Failed(Errno::Econnaborted),
            Some(_) => Try::Done(()),
        }
    }

    /// A `connect` failed or was given up: the socket is as before.
    pub(crate) fn not_connected(&mut self, id: SocketId) {
        self.flows.gone(id);
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        if let Some((local, peer)) = socket.local.zip(socket.peer) {
            self.connections.remove(&(socket.side, local, peer));
        }
        if !socket.bound && socket.transport == Transport::Tcp {
            socket.local = None;
        }
        socket.peer = None;
        if socket.transport == Transport::Tcp {
            socket.body = Body::Fresh;
        }
        for alarm in [Alarm::Stack(id), Alarm::Patience(id), Alarm::Gauges(id)] {
            self.alarms.set(alarm, None);
        }
    }

    fn speaks(&mut self, id: SocketId, local: SocketAddr, to: SocketAddr) {
        if let Some(socket) = self.sockets.get_mut(&id) {
            (socket.local, socket.peer) = (Some(local), Some(to));
        }
        self.tell_socket(id);
        self.join(id, true);
    }

    /// A datagram socket that speaks without `bind` gets a port from the system.
    pub(crate) fn bind_any(&mut self, id: SocketId) -> Result<(), Errno> {
        let Some(socket) = self.sockets.get(&id).filter(|socket| socket.local.is_none()) else { return Ok(()) };
        let (side, transport, v6) = (socket.side, socket.transport, socket.v6);
        let port = self.free_port(side, transport);
        self.open_port(id, SocketAddr::new(side.address(v6), port))?;
        self.tell_socket(id);
        Ok(())
    }

    /// `send` on a connection: how many bytes it took.
    pub(crate) fn send(&mut self, id: SocketId, data: &[u8], cause: Cause) -> Try<usize> {
        let Some(socket) = self.sockets.get_mut(&id) else { return Try::Failed(Errno::Einval) };
        if let Some(error) = socket.error.take() {
            return Try::Failed(error);
        }
        let Some(stream) = socket.stream() else { return Try::Failed(Errno::Epipe) };
        if stream.shut_out || !stream.tcp().may_send() {
            return Try::Failed(Errno::Epipe);
        }
        if data.is_empty() {
            return Try::Done(0);
        }
        let taken = stream.tcp_mut().send_slice(data).unwrap_or(0);
        if taken == 0 {
            return Try::Wait;
        }
        stream.sent += taken as u64;
        self.flush(id, Some(cause));
        Try::Done(taken)
    }

    /// `recv(max)` on a connection: empty at the end of the stream.
    pub(crate) fn recv(&mut self, id: SocketId, max: u32, cause: Cause) -> Try<Vec<u8>> {
        let Some(socket) = self.sockets.get_mut(&id) else { return Try::Failed(Errno::Einval) };
        let error = socket.error;
        let Some(stream) = socket.stream() else { return Try::Failed(Errno::Enotconn) };
        if stream.tcp().can_recv() {
            let mut data = vec![0; stream.tcp().recv_queue().min(max as usize)];
            let taken = stream.tcp_mut().recv_slice(&mut data).unwrap_or(0);
            data.truncate(taken);
            stream.received += taken as u64;
            // Room in the buffer may be news for the peer.
            self.flush(id, Some(cause));
            return Try::Done(data);
        }
        if stream.shut_in {
            return Try::Done(Vec::new());
        }
        let state = stream.state;
        if error.is_some() {
            socket.error = None;
        }
        match (error, state) {
            (Some(error), _) => Try::Failed(error),
            (_, State::SynSent | State::SynReceived | State::Established | State::FinWait1 | State::FinWait2) => {
                Try::Wait
            }
            _ => Try::Done(Vec::new()),
        }
    }

    /// `shutdown(how)`.
    pub(crate) fn shutdown(&mut self, id: SocketId, how: Direction, cause: Cause) -> Result<(), Errno> {
        let Some(socket) = self.sockets.get_mut(&id) else { return Err(Errno::Einval) };
        if socket.transport == Transport::Udp {
            return if socket.peer.is_some() { Ok(()) } else { Err(Errno::Enotconn) };
        }
        let Some(stream) = socket.stream() else { return Err(Errno::Enotconn) };
        if stream.state == State::Closed {
            return Err(Errno::Enotconn);
        }
        if how != Direction::Out {
            stream.shut_in = true;
        }
        if how != Direction::In && !stream.shut_out {
            stream.shut_out = true;
            stream.tcp_mut().close();
            self.flush(id, Some(cause));
        }
        self.wake(id, Some(cause));
        Ok(())
    }

    /// `close()`; with `abort` the connection is reset.
    pub(crate) fn close(&mut self, id: SocketId, abort: bool, cause: Cause) {
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        (socket.life, socket.fd) = (Life::Orphan, None);
        socket.error = None;
        match &mut socket.body {
            Body::Fresh | Body::Datagram(_) => self.forget(id, Some(cause)),
            Body::Listener(listener) => {
                let waiting = listener.waiting();
                self.forget(id, Some(cause));
                self.abandon(waiting, cause);
            }
            Body::Stream(stream) => match stream.state {
                State::Closed => self.forget(id, Some(cause)),
                // Nobody answered yet: there is nobody to tell.
                State::SynSent => {
                    self.without_connection(id);
                    self.forget(id, Some(cause));
                }
                State::TimeWait => self.attend(id),
                _ => {
                    // RFC 2525, 2.17: who closes with bytes unread resets, so that the peer knows.
                    if abort || stream.tcp().recv_queue() > 0 {
                        stream.tcp_mut().abort();
                    } else {
                        stream.tcp_mut().close();
                    }
                    self.flush(id, Some(cause));
                }
            },
        }
    }
}
