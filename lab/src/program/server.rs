//! One echo server: binds, serves, stops, and binds again; and the loop around `accept`.

use super::connection::Connection;
use super::datagram::DatagramServer;
use super::probe::{close, failed, hang_up, plain};
use super::{Crew, Face, Reach, Rest, Task, TaskId};
use crate::host::Side;
use crate::net::{Net, Try};
use crate::story::Entered;
use protocol::{
    Address, Cause, Errno, Family, Op, Outcome, Owner, ProgramId, Role, ServerId, ServerInfo, ServerSettings, Setting,
    SocketId, SocketOption, SysError, TcpMode, Transport,
};
use std::net::SocketAddr;

/// An echo server.
pub(crate) struct Server {
    id: ServerId,
    transport: Transport,
    address: SocketAddr,
    program: ProgramId,
    running: Option<Running>,
    error: Option<SysError>,
}

struct Running {
    socket: SocketId,
    bound_with: ServerSettings,
}

impl Server {
    /// A server that is not bound yet.
    pub(crate) fn new(net: &mut Net, crew: &mut Crew, id: ServerId, transport: Transport, address: SocketAddr) -> Self {
        let name = if transport == Transport::Tcp { "TCP echo server" } else { "UDP echo server" };
        let face = Face {
            host: Side::Server.host(),
            name: name.into(),
            role: Role::Server,
            owner: Owner::Ours,
            transport,
            recv_size: crew.settings.recv_size,
            rule: crew.settings.rule,
        };
        let program = crew.start(net, face, None);
        Self { id, transport, address, program, running: None, error: None }
    }

    pub(crate) fn id(&self) -> ServerId {
        self.id
    }

    pub(crate) fn program(&self) -> ProgramId {
        self.program
    }

    pub(crate) fn transport(&self) -> Transport {
        self.transport
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn socket(&self) -> Option<SocketId> {
        self.running.as_ref().map(|running| running.socket)
    }

    /// As the page is told.
    pub(crate) fn info(&self) -> ServerInfo {
        ServerInfo {
            id: self.id,
            transport: self.transport,
            address: Address::Inet(self.address),
            program: self.running.is_some().then_some(self.program),
            socket: self.socket(),
            error: self.error,
        }
    }

    /// The settings that hold for it only after a rebind.
    pub(crate) fn waiting(&self, wanted: &ServerSettings) -> Vec<Setting> {
        let Some(running) = &self.running else { return Vec::new() };
        let had = &running.bound_with;
        let differs = [
            (had.send_buffer != wanted.send_buffer).then_some(Setting::SendBuffer(wanted.send_buffer)),
            (had.recv_buffer != wanted.recv_buffer).then_some(Setting::RecvBuffer(wanted.recv_buffer)),
            (had.reuse_address != wanted.reuse_address).then_some(Setting::ReuseAddress(wanted.reuse_address)),
        ];
        differs.into_iter().flatten().collect()
    }

    /// Binds and serves; a server that runs is left alone.
    pub(crate) fn start(&mut self, net: &mut Net, crew: &mut Crew, cause: Option<Cause>) {
        if self.running.is_some() {
            return;
        }
        let settings = crew.settings.clone();
        match self.bind(net, &settings, cause) {
            Ok(socket) => {
                self.error = None;
                self.running = Some(Running { socket, bound_with: settings });
                crew.times_bound += 1;
                let task = match self.transport {
                    Transport::Tcp => Task::Acceptor(Acceptor::new(socket, self.program)),
                    _ => Task::Datagrams(DatagramServer::new(socket)),
                };
                let now = net.story.now();
                crew.spawn(now, task);
                // Those that spin end when a server is bound again.
                crew.wake_all(now);
            }
            Err(error) => self.error = Some(SysError { name: error, number: 0 }),
        }
    }

    /// Closes the socket; accepted connections live on.
    pub(crate) fn stop(&mut self, net: &mut Net, crew: &mut Crew, cause: Option<Cause>) {
        if let Some(running) = self.running.take() {
            hang_up(net, running.socket, cause);
            crew.run_at(net, running.socket);
            close(net, running.socket, false, cause);
        }
    }

    /// Its program ended by an error.
    pub(crate) fn failed(&mut self, net: &mut Net, crew: &mut Crew, error: Errno) {
        self.stop(net, crew, None);
        self.error = Some(SysError { name: error, number: 0 });
    }

    /// `socket`, `setsockopt`, `bind` and, for a stream, `listen`.
    fn bind(&self, net: &mut Net, settings: &ServerSettings, cause: Option<Cause>) -> Result<SocketId, Errno> {
        let socket = open(net, Side::Server, self.program, self.transport, self.address.is_ipv6(), cause);
        let mut options = Vec::new();
        if self.transport == Transport::Tcp && settings.reuse_address {
            options.push(SocketOption::ReuseAddress(true));
        }
        if self.address.is_ipv6() {
            options.push(SocketOption::V6Only(true));
        }
        options.extend(settings.send_buffer.map(SocketOption::SendBuffer));
        options.extend(settings.recv_buffer.map(SocketOption::RecvBuffer));
        for option in options {
            set(net, socket, option, cause);
        }
        let to = Address::Inet(self.address);
        let mut prepared = plain(net, socket, Op::Bind { to: to.clone() }, cause, |net, _| net.bind(socket, &to));
        if prepared.is_ok() && self.transport == Transport::Tcp {
            prepared = listen(net, socket, settings.backlog, cause);
        }
        match prepared {
            Ok(()) => Ok(socket),
            Err(error) => {
                close(net, socket, false, cause);
                Err(error)
            }
        }
    }
}

/// `socket(family, type)`.
pub(super) fn open(
    net: &mut Net,
    side: Side,
    program: ProgramId,
    transport: Transport,
    v6: bool,
    cause: Option<Cause>,
) -> SocketId {
    let family = if v6 { Family::Ipv6 } else { Family::Ipv4 };
    let about = protocol::About { host: side.host(), program: Some(program), ..protocol::About::default() };
    let mut call = net.story.enter(about, Op::Socket { family, transport }, None, &[], cause);
    call.tries = 1;
    let socket = net.open(side, program, transport, v6);
    call.is_about(net.about(socket));
    let fd = net.socket(socket).and_then(|socket| socket.fd);
    net.story.leave(call, fd.map_or(Outcome::Done, Outcome::Fd), None, &[], None);
    socket
}

/// `setsockopt`.
pub(super) fn set(net: &mut Net, socket: SocketId, option: SocketOption, cause: Option<Cause>) {
    // None of these fails here.
    let _ = plain(net, socket, Op::SetOption(option), cause, |net, _| {
        net.set_option(socket, option);
        Ok(())
    });
}

/// `listen(backlog)`; again on a listening socket it changes the backlog.
pub(crate) fn listen(net: &mut Net, socket: SocketId, backlog: u32, cause: Option<Cause>) -> Result<(), Errno> {
    plain(net, socket, Op::Listen { backlog }, cause, |net, by| net.listen(socket, backlog, by))
}

/// The loop around `accept`.
pub(crate) struct Acceptor {
    listener: SocketId,
    program: ProgramId,
    call: Option<Entered>,
    /// The connection that is served before the next `accept`.
    serves: Option<TaskId>,
    failed: Option<Errno>,
}

impl Acceptor {
    fn new(listener: SocketId, program: ProgramId) -> Self {
        Self { listener, program, call: None, serves: None, failed: None }
    }

    pub(super) fn socket(&self) -> SocketId {
        self.listener
    }

    /// The connection is served.
    pub(super) fn served(&mut self, task: TaskId, error: Option<Errno>) {
        if self.serves == Some(task) {
            self.serves = None;
            self.failed = error;
        }
    }

    pub(super) fn run(&mut self, id: TaskId, reach: &mut Reach<'_>) -> Rest {
        let hung_up = reach.net.socket(self.listener).is_none_or(|socket| socket.hung_up.is_some());
        if hung_up {
            self.cancel(reach.net);
            return Rest::Ended;
        }
        if let Some(error) = self.failed.take()
            && reach.settings.tcp_mode == TcpMode::TutorialExactly
        {
            // An exception that nobody catches ends the program.
            reach.failed = Some((self.listener, error));
            return Rest::Until(None);
        }
        if reach.settings.tcp_mode == TcpMode::TaskPerClient {
            self.serves = None;
        }
        if self.serves.is_some() {
            return Rest::Until(None);
        }
        if !reach.settings.accepting {
            self.cancel(reach.net);
            return Rest::Until(None);
        }
        let net = &mut *reach.net;
        let waited = self.call.is_some();
        let mut call = self.call.take().unwrap_or_else(|| {
            let about = net.about(self.listener);
            net.story.enter(about, Op::Accept, None, &[], None)
        });
        call.tries += 1;
        let cause = net.socket(self.listener).filter(|_| waited).and_then(|socket| socket.stirred_by);
        match net.accept(self.listener, self.program) {
            Try::Done((socket, peer)) => {
                net.story.leave(call, Outcome::Accepted { socket, peer: Address::Inet(peer) }, None, &[], cause);
                self.serves = Some(reach.spawn(Task::Connection(Box::new(Connection::new(socket, id)))));
                // The connection has its turn before the next `accept`.
                Rest::Until(Some(reach.now()))
            }
            Try::Wait => {
                self.call = Some(call);
                Rest::Until(None)
            }
            Try::Failed(error) => {
                net.story.leave(call, failed(error), None, &[], cause);
                Rest::Until(Some(reach.now()))
            }
        }
    }

    fn cancel(&mut self, net: &mut Net) {
        if let Some(call) = self.call.take() {
            net.story.leave(call, Outcome::Cancelled, None, &[], None);
        }
    }
}
