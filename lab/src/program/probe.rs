//! Calls as events: what a program does to a socket goes through here, entered and returned, at once or later.

use crate::net::{Net, Try};
use crate::socket::{Arrived, Socket};
use crate::story::Entered;
use protocol::{About, Address, Bytes, Cause, DatagramId, Direction, Errno, Op, Outcome, SocketId, Span, SysError};
use std::net::SocketAddr;

/// What came of a call.
#[derive(Debug)]
pub(crate) enum Came<T> {
    /// It returned.
    Back(T),
    /// It failed.
    Failed(Errno),
    /// The socket was closed under it, or somebody hung up.
    Cancelled,
    /// It waits, or the program stands before a closed gate.
    Waits,
}

/// An error as an outcome. The page has no numbers: they differ between systems.
pub(crate) fn failed(name: Errno) -> Outcome {
    Outcome::Failed(SysError { name, number: 0 })
}

/// A call that never waits.
pub(crate) fn plain(
    net: &mut Net,
    id: SocketId,
    op: Op,
    cause: Option<Cause>,
    act: impl FnOnce(&mut Net, Cause) -> Result<(), Errno>,
) -> Result<(), Errno> {
    let about = net.about(id);
    let mut call = net.story.enter(about, op, None, &[], cause);
    call.tries = 1;
    let result = act(net, call.cause());
    let outcome = result.map_or_else(failed, |()| Outcome::Done);
    net.story.leave(call, outcome, None, &[], None);
    result
}

/// What happened last to a socket, as the cause of a return that waited.
fn stirred(net: &Net, id: SocketId, waited: bool) -> Option<Cause> {
    net.socket(id).filter(|_| waited).and_then(|socket| socket.stirred_by)
}

fn hung_up(net: &Net, id: SocketId) -> bool {
    net.socket(id).is_none_or(|socket| socket.hung_up.is_some())
}

/// A `recv` or `recvfrom`, entered or not.
#[derive(Debug, Default)]
pub(crate) struct Receiving {
    call: Option<(Entered, u32)>,
}

/// What was received.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) data: Vec<u8>,
    /// The argument of the call.
    pub(crate) max: u32,
    /// Bytes of the whole datagram.
    pub(crate) true_len: usize,
    /// Who sent the datagram.
    pub(crate) from: Option<SocketAddr>,
    /// Whom it was about.
    pub(crate) about: About,
}

impl Receiving {
    /// Whether a call waits.
    pub(crate) fn is_entered(&self) -> bool {
        self.call.is_some()
    }

    /// Receives as soon as the gate is open and something is there. `from` makes it `recvfrom`.
    pub(crate) fn poll(
        &mut self,
        net: &mut Net,
        id: SocketId,
        gate: bool,
        from: bool,
        max: u32,
        cause: Option<Cause>,
    ) -> Came<Received> {
        if hung_up(net, id) {
            self.cancel(net);
            return Came::Cancelled;
        }
        if !gate {
            self.cancel(net);
            return Came::Waits;
        }
        let waited = self.call.is_some();
        let (mut call, max) = self.call.take().unwrap_or_else(|| {
            let op = if from { Op::RecvFrom { max } } else { Op::Recv { max } };
            let about = net.about(id);
            (net.story.enter(about, op, None, &[], cause), max)
        });
        call.tries += 1;
        let stream = net.socket(id).is_some_and(|socket| socket.transport.is_stream());
        if stream { self.stream(net, id, call, max, waited) } else { self.datagram(net, id, call, max, waited, from) }
    }

    fn stream(&mut self, net: &mut Net, id: SocketId, call: Entered, max: u32, waited: bool) -> Came<Received> {
        let start = net.socket_mut(id).and_then(Socket::stream).map_or(0, |stream| stream.received);
        let cause = stirred(net, id, waited);
        match net.recv(id, max, call.cause()) {
            Try::Done(data) => {
                let len = data.len() as u64;
                let span = Span::Stream { direction: Direction::In, start, len };
                net.story.leave(call, Outcome::Bytes(len), Some(span), &data, cause);
                let about = net.about(id);
                Came::Back(Received { true_len: data.len(), data, max, from: None, about })
            }
            other => self.not_yet(net, call, max, cause, &other),
        }
    }

    fn datagram(
        &mut self,
        net: &mut Net,
        id: SocketId,
        mut call: Entered,
        max: u32,
        waited: bool,
        from: bool,
    ) -> Came<Received> {
        let stirred = stirred(net, id, waited);
        match net.recv_datagram(id) {
            Try::Done(arrived) => {
                let Arrived { id: datagram, from: sender, mut data, cause } = arrived;
                let true_len = data.len();
                data.truncate(max as usize);
                let mut about = net.about(id);
                let began = net.socket(id).is_some_and(|socket| !socket.bound);
                if from {
                    about.flow = net.flow_with(id, sender, began);
                    call.is_about(about);
                }
                let len = data.len() as u64;
                // `recv` does not say how long the datagram was; `recvfrom` of ours asks for it (MSG_TRUNC).
                let span =
                    Span::Datagram { id: datagram, len: count(data.len()), true_len: from.then(|| count(true_len)) };
                let outcome = if from { Outcome::From(len, Address::Inet(sender)) } else { Outcome::Bytes(len) };
                net.story.leave(call, outcome, Some(span), &data, cause.filter(|_| waited));
                Came::Back(Received { data, max, true_len, from: Some(sender), about })
            }
            Try::Wait => self.not_yet(net, call, max, stirred, &Try::<()>::Wait),
            Try::Failed(error) => self.not_yet(net, call, max, stirred, &Try::<()>::Failed(error)),
        }
    }

    fn not_yet<T>(
        &mut self,
        net: &mut Net,
        call: Entered,
        max: u32,
        cause: Option<Cause>,
        came: &Try<T>,
    ) -> Came<Received> {
        if let Try::Failed(error) = came {
            net.story.leave(call, failed(*error), None, &[], cause);
            return Came::Failed(*error);
        }
        self.call = Some((call, max));
        Came::Waits
    }

    /// A call that waits comes back without having done anything.
    pub(crate) fn cancel(&mut self, net: &mut Net) {
        if let Some((call, _)) = self.call.take() {
            net.story.leave(call, Outcome::Cancelled, None, &[], None);
        }
    }
}

/// A `send` of all bytes on a stream.
#[derive(Debug)]
pub(crate) struct Sending {
    call: Option<Entered>,
    data: Vec<u8>,
    start: u64,
    done: usize,
    cause: Option<Cause>,
}

impl Sending {
    pub(crate) fn new(data: Vec<u8>, cause: Option<Cause>) -> Self {
        Self { call: None, data, start: 0, done: 0, cause }
    }

    /// Sends until all bytes are taken.
    pub(crate) fn poll(&mut self, net: &mut Net, id: SocketId) -> Came<()> {
        let waited = self.call.is_some();
        let mut call = match self.call.take() {
            Some(call) => call,
            None => {
                self.start = net.socket_mut(id).and_then(Socket::stream).map_or(0, |stream| stream.sent);
                let len = self.data.len() as u64;
                let span = Span::Stream { direction: Direction::Out, start: self.start, len };
                let about = net.about(id);
                net.story.enter(about, Op::Send { len }, Some(span), &self.data, self.cause)
            }
        };
        let outcome = loop {
            if hung_up(net, id) {
                break (Came::Cancelled, Outcome::Cancelled);
            }
            call.tries += 1;
            match net.send(id, &self.data[self.done..], call.cause()) {
                Try::Done(taken) => {
                    self.done += taken;
                    if self.done >= self.data.len() {
                        break (Came::Back(()), Outcome::Bytes(self.done as u64));
                    }
                }
                Try::Failed(error) => break (Came::Failed(error), failed(error)),
                Try::Wait => {
                    self.call = Some(call);
                    return Came::Waits;
                }
            }
        };
        let span = Span::Stream { direction: Direction::Out, start: self.start, len: self.done as u64 };
        let cause = stirred(net, id, waited);
        net.story.leave(call, outcome.1, Some(span), &[], cause);
        outcome.0
    }
}

/// `sendto`, or `send` on a connected datagram socket: it never waits.
pub(crate) fn send_datagram(
    net: &mut Net,
    id: SocketId,
    data: &[u8],
    to: SocketAddr,
    named: bool,
    cause: Option<Cause>,
) -> Came<()> {
    if hung_up(net, id) {
        return Came::Cancelled;
    }
    let bound = net.bind_any(id);
    let began = net.socket(id).is_some_and(|socket| !socket.bound);
    let mut about = net.about(id);
    if named {
        about.flow = net.flow_with(id, to, began);
    }
    let datagram: Option<DatagramId> = net.datagram_sent(id, to, data);
    let len = data.len() as u64;
    let span = Span::Datagram { id: datagram, len: count(data.len()), true_len: Some(count(data.len())) };
    let op = if named { Op::SendTo { len, to: Address::Inet(to) } } else { Op::Send { len } };
    let mut call = net.story.enter(about, op, Some(span), data, cause);
    call.tries = 1;
    let result = match bound {
        Ok(()) => net.send_datagram(id, data, to, call.cause()),
        Err(error) => Try::Failed(error),
    };
    let (came, outcome) = match result {
        Try::Failed(error) => {
            if let Some(datagram) = datagram {
                net.datagram_failed(id, to, datagram);
            }
            (Came::Failed(error), failed(error))
        }
        _ => (Came::Back(()), Outcome::Bytes(len)),
    };
    net.story.leave(call, outcome, Some(span), &[], None);
    came
}

/// `close()`; calls that wait must have been given up before.
pub(crate) fn close(net: &mut Net, id: SocketId, abort: bool, cause: Option<Cause>) {
    let Some(socket) = net.socket(id) else { return };
    let (about, cause) = (socket.about(), cause.or(socket.hung_up.flatten()));
    let mut call = net.story.enter(about, if abort { Op::Abort } else { Op::Close }, None, &[], cause);
    call.tries = 1;
    let by = call.cause();
    net.story.leave(call, Outcome::Done, None, &[], None);
    net.close(id, abort, by);
}

/// Somebody hangs up: calls that wait give up, and the program closes the socket.
pub(crate) fn hang_up(net: &mut Net, id: SocketId, cause: Option<Cause>) {
    if let Some(socket) = net.socket_mut(id)
        && socket.hung_up.is_none()
    {
        socket.hung_up = Some(cause);
    }
}

/// Bytes that a command event repeats.
pub(crate) fn shown(data: &Bytes) -> Bytes {
    const COMMAND_SNAP: usize = 64;
    Bytes::snap(data, COMMAND_SNAP)
}

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
