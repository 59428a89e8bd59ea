//! A socket in a program's hands. Each method is one call, in and out.

mod connected;
mod connecting;
mod datagram;

pub use datagram::Received;

use super::{OutcomeOf, Program, cancelled};
use crate::sockets::registered::Registered;
use crate::sockets::table::Appearance;
use crate::sockets::{errno, from_system, options, to_system};
use protocol::{
    About, Address, Cause, DatagramId, Direction, Family, FlowId, Nanos, Op, Outcome, SocketId, SocketOption, Span,
    Transport,
};
use std::future::Future;
use std::io;
use std::net::Shutdown;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::{RwLock, RwLockReadGuard};
use tokio_util::sync::CancellationToken;

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
                let appears = Appearance::new(story.host, transport, options::cookie(&socket));
                let id = story.table.opened(Appearance { program: Some(program.id), fd, ..appears });
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
        let aborts = op == Op::Abort;
        let call = story.enter(self.about(), op, None, &[], cause);
        drop(registered);
        story.leave(call, Outcome::Done, None, &[], 1);
        let lingers = self.transport == Transport::Tcp && cfg!(target_os = "linux") && story.recorder.is_watched();
        story.table.ends_in_silence(self.id, aborts, cause);
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

fn whole_datagram(id: Option<DatagramId>, len: usize) -> Span {
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
