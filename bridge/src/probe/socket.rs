//! A socket in a program's hands. Each method is one call, in and out.

use super::{OutcomeOf, Program, cancelled};
use crate::sockets::registered::Registered;
use crate::sockets::{as_seen_by, errno, from_system, options, to_system};
use protocol::{
    About, Address, Cause, Direction, Family, FlowId, Nanos, Op, Outcome, SocketId, SocketOption, Span, SysError,
    Transport,
};
use std::future::Future;
use std::io;
use std::net::Shutdown;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{RwLock, RwLockReadGuard};
use tokio_util::sync::CancellationToken;

/// How long a Unix-domain `connect` waits before it looks again for a seat: the system gives no sign of one.
const SEAT_POLL: Duration = Duration::from_millis(5);

/// A socket of a program of ours.
pub struct Socket {
    id: SocketId,
    transport: Transport,
    family: Family,
    program: Arc<Program>,
    /// Calls that wait hold it shared; `close` takes it away when they have given up.
    io: RwLock<Option<Registered>>,
    sent: AtomicU64,
    received: AtomicU64,
    /// The conversation, 0 while there is none.
    flow: AtomicU32,
    ends: Mutex<Ends>,
    hung_up: CancellationToken,
    hung_up_by: Mutex<Option<Cause>>,
}

#[derive(Clone, Default)]
struct Ends {
    local: Option<Address>,
    peer: Option<Address>,
}

/// What `recvfrom` gave.
#[derive(Debug)]
pub struct Received {
    /// The bytes that reached the program.
    pub data: Vec<u8>,
    /// Bytes of the whole datagram, where the system tells.
    pub true_len: Option<usize>,
    /// Who sent it.
    pub from: Address,
    /// In which conversation.
    pub flow: Option<FlowId>,
}

impl Socket {
    pub(super) async fn make(
        program: &Arc<Program>,
        family: Family,
        transport: Transport,
        cause: Option<Cause>,
    ) -> io::Result<Self> {
        let story = &program.story;
        let mut call = story.enter(program.about(), Op::Socket { family, transport }, None, &[], cause);
        match program.factory.socket(family, transport).await {
            Ok(socket) => {
                let fd = options::descriptor(&socket);
                let id = story.table.opened(program.id, transport, fd, options::cookie(&socket));
                let made = Self::around(program, id, family, transport, socket, Ends::default());
                call.is_about(made.about());
                story.leave(call, fd.map_or(Outcome::Done, Outcome::Fd), None, &[], 1);
                Ok(made)
            }
            Err(error) => {
                story.leave(call, Outcome::Failed(errno::named(&error)), None, &[], 1);
                Err(error)
            }
        }
    }

    fn around(
        program: &Arc<Program>,
        id: SocketId,
        family: Family,
        transport: Transport,
        socket: socket2::Socket,
        ends: Ends,
    ) -> Self {
        Self {
            id,
            transport,
            family,
            program: Arc::clone(program),
            io: RwLock::new(Some(Registered::new(socket))),
            sent: AtomicU64::new(0),
            received: AtomicU64::new(0),
            flow: AtomicU32::new(0),
            ends: Mutex::new(ends),
            hung_up: CancellationToken::new(),
            hung_up_by: Mutex::new(None),
        }
    }

    /// Which socket it is.
    #[must_use]
    pub fn id(&self) -> SocketId {
        self.id
    }

    /// What it speaks.
    #[must_use]
    pub fn transport(&self) -> Transport {
        self.transport
    }

    /// This end, once it is known.
    #[must_use]
    pub fn local(&self) -> Option<Address> {
        self.ends().local
    }

    /// Whom events about it are about.
    #[must_use]
    pub fn about(&self) -> About {
        let flow = self.flow.load(Ordering::Relaxed);
        About {
            host: self.program.story.host,
            program: Some(self.program.id),
            socket: Some(self.id),
            flow: (flow != 0).then_some(FlowId(flow)),
        }
    }

    /// `setsockopt`.
    ///
    /// # Errors
    /// The system's own.
    pub async fn set(&self, option: SocketOption, cause: Option<Cause>) -> io::Result<()> {
        self.plain(Op::SetOption(option), cause, |socket| options::set(socket, option)).await
    }

    /// `bind(address)`.
    ///
    /// # Errors
    /// The system's own, such as `EADDRINUSE`.
    pub async fn bind(&self, to: &Address, cause: Option<Cause>) -> io::Result<()> {
        let address = to_system(to)?;
        let bound = |socket: &socket2::Socket| {
            socket.bind(&address)?;
            socket.local_addr()
        };
        let local = from_system(&self.plain(Op::Bind { to: to.clone() }, cause, bound).await?);
        self.ends.lock().expect(UNPOISONED).local = Some(local.clone());
        self.program.story.table.bound(self.id, local);
        Ok(())
    }

    /// `listen(backlog)`; again on a listening socket it changes the backlog.
    ///
    /// # Errors
    /// The system's own.
    pub async fn listen(&self, backlog: u32, cause: Option<Cause>) -> io::Result<()> {
        let most = i32::try_from(backlog).unwrap_or(i32::MAX);
        self.plain(Op::Listen { backlog }, cause, |socket| socket.listen(most)).await
    }

    /// `accept()`: the next connection of the queue, as soon as the program may accept.
    ///
    /// # Errors
    /// The system's own, such as `EMFILE`; [`super::Cancelled`] when the server is stopped.
    pub async fn accept(&self) -> io::Result<Self> {
        let story = &self.program.story;
        loop {
            self.unless_hung_up(self.program.accepting.opened()).await?;
            let io = self.io().await?;
            let mut tries = 0;
            let call = story.enter(self.about(), Op::Accept, None, &[], None);
            let accepted = tokio::select! {
                biased;
                () = self.hung_up.cancelled() => Some(Err(cancelled())),
                () = self.program.accepting.closed() => None,
                accepted = story.watch(&call, io.accept(&mut tries)) => Some(accepted),
            };
            match accepted {
                Some(Ok((socket, peer))) => {
                    let connection = self.connection(socket, &from_system(&peer));
                    let peer = connection.ends().peer.unwrap_or(Address::Unix(None));
                    story.leave(call, Outcome::Accepted { socket: connection.id, peer }, None, &[], tries);
                    return Ok(connection);
                }
                Some(Err(error)) => {
                    story.leave(call, Outcome::of(&Err::<(), _>(copy(&error)), Outcome::Done), None, &[], tries);
                    return Err(error);
                }
                None => story.leave(call, Outcome::Cancelled, None, &[], tries),
            }
        }
    }

    fn connection(&self, socket: socket2::Socket, peer: &Address) -> Self {
        let local = socket.local_addr().ok().map(|address| from_system(&address));
        let fd = options::descriptor(&socket);
        let table = &self.program.story.table;
        let id = table.accepted(
            self.program.id,
            self.id,
            self.transport,
            fd,
            options::cookie(&socket),
            local.clone(),
            peer,
            options::peer_is_this_process(&socket),
        );
        let ends = Ends { local, peer: Some(peer.clone()) };
        let made = Self::around(&self.program, id, self.family, self.transport, socket, ends);
        made.learn_flow();
        made
    }

    /// `connect(address)`; for datagrams it only remembers the peer.
    ///
    /// # Errors
    /// The system's own; [`super::Cancelled`] when the socket is closed under it.
    pub async fn connect(&self, to: &Address, cause: Option<Cause>) -> io::Result<()> {
        let address = to_system(to)?;
        let io = self.io().await?;
        let story = &self.program.story;
        let mut call = story.enter(self.about(), Op::Connect { to: to.clone() }, None, &[], cause);
        let mut tries = 0;
        let result = tokio::select! {
            biased;
            () = self.hung_up.cancelled() => Err(cancelled()),
            result = story.watch(&call, self.connect_through(&io, &address, to, &mut tries)) => result,
        };
        if result.is_err() {
            story.table.not_connected(self.id);
            self.ends.lock().expect(UNPOISONED).peer = None;
        }
        call.is_about(self.about());
        story.leave(call, Outcome::of(&result, Outcome::Done), None, &[], tries);
        result
    }

    async fn connect_through(
        &self,
        io: &Registered,
        address: &socket2::SockAddr,
        to: &Address,
        tries: &mut u32,
    ) -> io::Result<()> {
        // A Unix stream client has no address: the order of connecting is what joins it with its accept, so it is told
        // before the system call, which the server's accept may overtake.
        if self.transport == Transport::UnixStream {
            self.speaks_to(io, to);
        }
        loop {
            *tries += 1;
            match io.with(|socket| socket.connect(address)) {
                Ok(()) => {
                    self.speaks_to(io, to);
                    return Ok(());
                }
                Err(error) if self.family == Family::Unix && error.kind() == io::ErrorKind::WouldBlock => {
                    tokio::time::sleep(SEAT_POLL).await;
                }
                Err(error) if is_under_way(&error) => {
                    self.speaks_to(io, to);
                    return io.connected().await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn speaks_to(&self, io: &Registered, to: &Address) {
        let local = io.with(socket2::Socket::local_addr).ok().map(|address| from_system(&address));
        {
            let mut ends = self.ends.lock().expect(UNPOISONED);
            if ends.peer.as_ref() == Some(to) {
                return;
            }
            *ends = Ends { local: local.clone(), peer: Some(to.clone()) };
        }
        self.program.story.table.connecting(self.id, local, to.clone());
        self.learn_flow();
    }

    fn learn_flow(&self) {
        if let Some(flow) = self.program.story.table.get(self.id).and_then(|row| row.flow) {
            self.flow.store(flow.0, Ordering::Relaxed);
        }
    }

    /// `send`, of all bytes, however many system calls that takes. Returns how many were sent, which is fewer only
    /// with an error.
    ///
    /// # Errors
    /// The system's own, such as `EPIPE`; [`super::Cancelled`] when the socket is closed under it.
    pub async fn send(&self, data: &[u8], cause: Option<Cause>) -> io::Result<()> {
        let io = self.io().await?;
        self.late_flow();
        let story = &self.program.story;
        let (span, datagram) = self.outgoing(data);
        let len = data.len() as u64;
        let call = story.enter(self.about(), Op::Send { len }, Some(span), data, cause);
        let (mut tries, mut sent) = (0, 0);
        let all = async {
            loop {
                sent += io.send(&data[sent..], &mut tries).await?;
                if sent >= data.len() {
                    return Ok(());
                }
            }
        };
        let result = tokio::select! {
            biased;
            () = self.hung_up.cancelled() => Err(cancelled()),
            result = story.watch(&call, all) => result,
        };
        self.sent.fetch_add(sent as u64, Ordering::Relaxed);
        let span = match span {
            Span::Stream { direction, start, .. } => Span::Stream { direction, start, len: sent as u64 },
            datagram => datagram,
        };
        if let (Err(_), Some((from, to, id))) = (&result, datagram) {
            story.table.datagram_failed(&from, &to, id);
        }
        story.leave(call, Outcome::of(&result, Outcome::Bytes(sent as u64)), Some(span), &[], tries);
        result
    }

    fn outgoing(&self, data: &[u8]) -> (Span, Option<(Address, Address, protocol::DatagramId)>) {
        if self.transport.is_stream() {
            let start = self.sent.load(Ordering::Relaxed);
            return (Span::Stream { direction: Direction::Out, start, len: data.len() as u64 }, None);
        }
        let ends = self.ends();
        let key = ends.local.zip(ends.peer).map(|(local, peer)| {
            let local = as_seen_by(&local, &peer);
            let id = self.program.story.table.datagram_sent(&local, &peer, data);
            (local, peer, id)
        });
        let id = key.as_ref().map(|(_, _, id)| *id);
        (whole_datagram(id, data.len()), key)
    }

    /// `sendto(bytes, address)`.
    ///
    /// # Errors
    /// The system's own, such as `EMSGSIZE`.
    pub async fn send_to(&self, data: &[u8], to: &Address, cause: Option<Cause>) -> io::Result<()> {
        let address = to_system(to)?;
        let io = self.io().await?;
        let story = &self.program.story;
        let mut local = self.ends().local.filter(super::is_bound);
        let began = local.is_none() || !self.serves();
        let known = local.as_ref().map(|local| as_seen_by(local, to));
        let flow = known.as_ref().and_then(|local| story.table.flow(self.id, local, to, began));
        // Before the first `sendto` the socket has no port; the datagram is told afterwards then.
        let id = known.as_ref().map(|local| story.table.datagram_sent(local, to, data));
        let about = About { flow, ..self.about() };
        let len = data.len() as u64;
        let mut call =
            story.enter(about, Op::SendTo { len, to: to.clone() }, Some(whole_datagram(id, data.len())), data, cause);
        let mut tries = 0;
        let result = tokio::select! {
            biased;
            () = self.hung_up.cancelled() => Err(cancelled()),
            result = story.watch(&call, io.send_to(data, &address, &mut tries)) => result,
        };
        if let (Err(_), Some(id), Some(known)) = (&result, id, &known) {
            story.table.datagram_failed(known, to, id);
        }
        if local.is_none() {
            local = io.with(socket2::Socket::local_addr).ok().map(|address| from_system(&address));
            self.ends.lock().expect(UNPOISONED).local.clone_from(&local);
            if let Some(local) = local {
                story.table.bound(self.id, local.clone());
                let flow = story.table.flow(self.id, &as_seen_by(&local, to), to, true);
                call.is_about(About { flow, ..self.about() });
            }
        }
        let span = whole_datagram(id, data.len());
        story.leave(call, Outcome::of(&result, Outcome::Bytes(len)), Some(span), &[], tries);
        result.map(drop)
    }

    /// A datagram socket that was bound before it spoke to anybody is a server's.
    fn serves(&self) -> bool {
        self.program.serves()
    }

    /// `recv(max)`: empty at the end of the stream. `max` is asked for when the program may read.
    ///
    /// # Errors
    /// The system's own, such as `ECONNRESET`; [`super::Cancelled`] when the socket is closed under it.
    pub async fn recv(&self, mut max: impl FnMut() -> u32, cause: Option<Cause>) -> io::Result<Vec<u8>> {
        let story = &self.program.story;
        loop {
            self.unless_hung_up(self.program.reading.opened()).await?;
            let io = self.io().await?;
            self.late_flow();
            let max = max();
            let mut buffer = vec![0; max as usize];
            let mut tries = 0;
            let call = story.enter(self.about(), Op::Recv { max }, None, &[], cause);
            let received = tokio::select! {
                biased;
                () = self.hung_up.cancelled() => Some(Err(cancelled())),
                () = self.program.reading.closed() => None,
                received = story.watch(&call, io.recv(&mut buffer, &mut tries)) => Some(received),
            };
            match received {
                Some(Ok(len)) => {
                    buffer.truncate(len);
                    let span = self.incoming(&buffer);
                    story.leave(call, Outcome::Bytes(len as u64), Some(span), &buffer, tries);
                    return Ok(buffer);
                }
                Some(Err(error)) => {
                    story.leave(call, Outcome::of(&Err::<(), _>(copy(&error)), Outcome::Done), None, &[], tries);
                    return Err(error);
                }
                None => story.leave(call, Outcome::Cancelled, None, &[], tries),
            }
        }
    }

    /// `recv(max)` without a record: for the program that never checks for the end, whose calls are counted.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    pub async fn recv_uncounted(&self, max: u32) -> io::Result<Vec<u8>> {
        self.unless_hung_up(self.program.reading.opened()).await?;
        let io = self.io().await?;
        let mut buffer = vec![0; max as usize];
        let len = self.unless_hung_up(io.recv(&mut buffer, &mut 0)).await??;
        buffer.truncate(len);
        Ok(buffer)
    }

    fn incoming(&self, data: &[u8]) -> Span {
        let len = data.len();
        if self.transport.is_stream() {
            let start = self.received.fetch_add(len as u64, Ordering::Relaxed);
            return Span::Stream { direction: Direction::In, start, len: len as u64 };
        }
        let ends = self.ends();
        let id = ends.local.zip(ends.peer).and_then(|(local, peer)| {
            let local = as_seen_by(&local, &peer);
            self.program.story.table.datagram_received(&peer, &local, data, None)
        });
        Span::Datagram { id, len: saturated(len), true_len: None }
    }

    /// `recvfrom(max)`. `max` is asked for when the program may read.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    pub async fn recv_from(&self, mut max: impl FnMut() -> u32, cause: Option<Cause>) -> io::Result<Received> {
        let story = &self.program.story;
        loop {
            self.unless_hung_up(self.program.reading.opened()).await?;
            let io = self.io().await?;
            let max = max();
            let mut buffer = vec![0; max as usize];
            let mut tries = 0;
            let mut call = story.enter(self.about(), Op::RecvFrom { max }, None, &[], cause);
            let received = tokio::select! {
                biased;
                () = self.hung_up.cancelled() => Some(Err(cancelled())),
                () = self.program.reading.closed() => None,
                received = story.watch(&call, io.recv_from(&mut buffer, &mut tries)) => Some(received),
            };
            match received {
                Some(Ok(datagram)) => {
                    buffer.truncate(datagram.len);
                    let (from, true_len) = (datagram.from, datagram.true_len);
                    let (id, flow) = self.arrived(&from, &buffer, true_len);
                    call.is_about(About { flow, ..self.about() });
                    let len = saturated(buffer.len());
                    let span = Span::Datagram { id, len, true_len: true_len.map(saturated) };
                    let outcome = Outcome::From(buffer.len() as u64, from.clone());
                    story.leave(call, outcome, Some(span), &buffer, tries);
                    return Ok(Received { data: buffer, true_len, from, flow });
                }
                Some(Err(error)) => {
                    story.leave(call, Outcome::of(&Err::<(), _>(copy(&error)), Outcome::Done), None, &[], tries);
                    return Err(error);
                }
                None => story.leave(call, Outcome::Cancelled, None, &[], tries),
            }
        }
    }

    fn arrived(
        &self,
        from: &Address,
        data: &[u8],
        true_len: Option<usize>,
    ) -> (Option<protocol::DatagramId>, Option<FlowId>) {
        let Some(local) = self.ends().local else { return (None, None) };
        let local = as_seen_by(&local, from);
        let table = &self.program.story.table;
        let id = table.datagram_received(from, &local, data, true_len);
        // Clients without a name cannot be told apart.
        let flow = super::is_bound(from).then(|| table.flow(self.id, &local, from, !self.serves())).flatten();
        (id, flow)
    }

    /// `shutdown(how)`.
    ///
    /// # Errors
    /// The system's own, such as `ENOTCONN`.
    pub async fn shutdown(&self, how: Direction, cause: Option<Cause>) -> io::Result<()> {
        let system = match how {
            Direction::In => Shutdown::Read,
            Direction::Out => Shutdown::Write,
            Direction::Both => Shutdown::Both,
        };
        self.plain(Op::Shutdown { how }, cause, |socket| socket.shutdown(system)).await
    }

    /// `close()`: calls that wait on the socket give up first.
    pub async fn close(&self, cause: Option<Cause>) {
        self.end(Op::Close, cause).await;
    }

    /// `close()` that resets the connection.
    pub async fn abort(&self, cause: Option<Cause>) {
        if let Ok(io) = self.io().await {
            // Fails on sockets that have no connection, which are closed all the same.
            let _ = io.with(options::reset_on_close);
        }
        self.end(Op::Abort, cause).await;
    }

    async fn end(&self, op: Op, cause: Option<Cause>) {
        self.hung_up.cancel();
        let mut io = self.io.write().await;
        let Some(registered) = io.take() else { return };
        let cause = cause.or(*self.hung_up_by.lock().expect(UNPOISONED));
        let story = &self.program.story;
        let call = story.enter(self.about(), op, None, &[], cause);
        drop(registered);
        story.leave(call, Outcome::Done, None, &[], 1);
        let lingers = self.transport == Transport::Tcp && cfg!(target_os = "linux") && story.recorder.is_watched();
        story.table.closed(self.id, lingers, cause);
        story.stir();
    }

    /// Somebody hangs up: calls that wait give up, and the program closes the socket.
    pub fn hang_up(&self, cause: Option<Cause>) {
        *self.hung_up_by.lock().expect(UNPOISONED) = cause;
        self.hung_up.cancel();
    }

    /// The sign that somebody hung up.
    #[must_use]
    pub fn hung_up(&self) -> &CancellationToken {
        &self.hung_up
    }

    /// Thinks about what it received, unless somebody hangs up.
    pub async fn think(&self, time: Nanos, flow: Option<FlowId>) {
        let about = About { flow: flow.or(self.about().flow), ..self.about() };
        tokio::select! {
            biased;
            () = self.hung_up.cancelled() => {}
            () = self.program.think(about, time) => {}
        }
    }

    /// Waits until something arrives, once per arrival: how a queue is noticed without a timer.
    ///
    /// Only for a socket that is a second handle on another one's queue.
    pub async fn duplicate(&self) -> io::Result<Registered> {
        Ok(Registered::new(self.io().await?.with(socket2::Socket::try_clone)?))
    }

    async fn plain<T>(
        &self,
        op: Op,
        cause: Option<Cause>,
        act: impl FnOnce(&socket2::Socket) -> io::Result<T>,
    ) -> io::Result<T> {
        let io = self.io().await?;
        let story = &self.program.story;
        let call = story.enter(self.about(), op, None, &[], cause);
        let result = io.with(act);
        story.leave(call, Outcome::of(&result, Outcome::Done), None, &[], 1);
        result
    }

    /// A client of a Unix stream learns its conversation when it is accepted.
    fn late_flow(&self) {
        if self.transport == Transport::UnixStream && self.flow.load(Ordering::Relaxed) == 0 {
            self.learn_flow();
        }
    }

    async fn io(&self) -> io::Result<RwLockReadGuard<'_, Registered>> {
        RwLockReadGuard::try_map(self.io.read().await, Option::as_ref).map_err(|_| cancelled())
    }

    async fn unless_hung_up<T>(&self, work: impl Future<Output = T>) -> io::Result<T> {
        tokio::select! {
            biased;
            () = self.hung_up.cancelled() => Err(cancelled()),
            done = work => Ok(done),
        }
    }

    fn ends(&self) -> Ends {
        self.ends.lock().expect(UNPOISONED).clone()
    }
}

const UNPOISONED: &str = "nothing panics while it holds the lock";

fn is_under_way(error: &io::Error) -> bool {
    use protocol::Errno::{Einprogress, Ewouldblock};
    matches!(errno::named(error), SysError { name: Einprogress | Ewouldblock, .. })
}

fn whole_datagram(id: Option<protocol::DatagramId>, len: usize) -> Span {
    Span::Datagram { id, len: saturated(len), true_len: Some(saturated(len)) }
}

fn saturated(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// The same error once more: the program and the record both need it.
fn copy(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(number) => io::Error::from_raw_os_error(number),
        None if super::is_cancelled(error) => cancelled(),
        None => error.kind().into(),
    }
}
