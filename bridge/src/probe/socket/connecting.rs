//! Coming together: `accept` and `connect`.

use super::{Ends, Socket, UNPOISONED, copy};
use crate::probe::{OutcomeOf, cancelled};
use crate::sockets::gate::is_closed;
use crate::sockets::registered::Registered;
use crate::sockets::table::Appearance;
use crate::sockets::{errno, from_system, options, to_system};
use protocol::{Address, Cause, Errno, Family, Op, Outcome, SysError, Transport};
use std::io;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How long a Unix-domain `connect` waits before it looks again for a seat: the system gives no sign of one.
const SEAT_POLL: Duration = Duration::from_millis(5);

impl Socket {
    /// `accept()`: the next connection of the queue, as soon as the program may accept.
    ///
    /// # Errors
    /// The system's own, such as `EMFILE`; [`Cancelled`](crate::probe::Cancelled) when the server is stopped.
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
                accepted = story.watch(&call, io.accept(&self.program.accepting, &mut tries)) => Some(accepted),
            };
            match accepted.filter(|result| !result.as_ref().is_err_and(is_closed)) {
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
        let story = &self.program.story;
        let appears = Appearance {
            program: Some(self.program.id),
            fd,
            parent: Some(self.id),
            local: local.clone(),
            peer: Some(peer.clone()),
            ..Appearance::new(story.host, self.transport, options::cookie(&socket))
        };
        let id = story.table.accepted(appears, peer, options::peer_is_this_process(&socket));
        let ends = Ends { local, peer: Some(peer.clone()) };
        let made = Self::around(&self.program, id, self.family, self.transport, socket, ends);
        made.learn_flow();
        made
    }

    /// `connect(address)`; for datagrams it only remembers the peer.
    ///
    /// # Errors
    /// The system's own; [`Cancelled`](crate::probe::Cancelled) when the socket is closed under it.
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
        if result.is_ok() {
            story.table.connected_now(self.id);
        }
        if let Err(error) = &result {
            if errno::named(error).name == Errno::Etimedout {
                story.table.timed_out(self.id);
            }
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

    pub(super) fn learn_flow(&self) {
        if let Some(flow) = self.program.story.table.get(self.id).and_then(|row| row.flow) {
            self.flow.store(flow.0, Ordering::Relaxed);
        }
    }
}

fn is_under_way(error: &io::Error) -> bool {
    use protocol::Errno::{Einprogress, Ewouldblock};
    matches!(errno::named(error), SysError { name: Einprogress | Ewouldblock, .. })
}
