//! The writing half of a client: does what it is told, one thing after another, as its program would.

use super::{Client, Stage, Writing};
use crate::host::Side;
use crate::net::{Net, Try};
use crate::program::Reach;
use crate::program::probe::{Came, Sending, close, failed, hang_up, plain, send_datagram};
use crate::program::server::{open, set};
use crate::story::Entered;
use protocol::loop_rule::PREFIX;
use protocol::{Address, Arg, Bytes, Cause, ClientAction, LoopRule, Nanos, NoteId, Op, Outcome, SocketId};

/// Requests for one `recv` more that may wait; each is a person's click.
const MOST_ASKED: usize = 1_024;
/// How long a call that was told to make way for `close` may stand still before it is given up.
const STANDSTILL: Nanos = Nanos::from_millis(1_000);

impl Client {
    /// The writing half: when it wants to go on by itself, or what closed it.
    pub(super) fn write(&mut self, reach: &mut Reach<'_>) -> Result<Option<Nanos>, Option<Cause>> {
        if matches!(self.writing, Writing::Unborn) {
            let cause = Some(self.opened);
            let socket = open(reach.net, Side::Client, self.program, self.transport, self.to.is_ipv6(), cause);
            self.socket = Some(socket);
            for option in self.spec.options.clone() {
                set(reach.net, socket, option, cause);
            }
            self.writing = Writing::Idle;
        }
        let Some(socket) = self.socket else { return Ok(None) };
        loop {
            self.lose_patience(reach, socket);
            match std::mem::replace(&mut self.writing, Writing::Idle) {
                Writing::Idle | Writing::Unborn => {
                    let Some((cause, action)) = self.inbox.pop_front() else { return Ok(None) };
                    if let Some(closed_by) = self.obey(reach, socket, cause, action) {
                        return Err(Some(closed_by));
                    }
                }
                Writing::Connecting { call, since } => {
                    if let Some(call) = self.connecting(reach.net, socket, call) {
                        self.writing = Writing::Connecting { call, since };
                        return Ok(self.standstill(since));
                    }
                }
                Writing::Sending { now: mut sending, since, data, left, cause } => {
                    match sending.poll(reach.net, socket) {
                        Came::Waits => {
                            self.writing = Writing::Sending { now: sending, since, data, left, cause };
                            return Ok(self.standstill(since));
                        }
                        Came::Back(()) if left > 0 && !self.give_up => {
                            self.begin_send(reach.now(), data, left - 1, cause);
                            // Others have their turn between two sends.
                            return Ok(Some(reach.now()));
                        }
                        _ => self.pending = self.pending.saturating_sub(self.payload(&data)),
                    }
                }
            }
        }
    }

    /// Gives up a call that stands still while `close` or a reset is wanted.
    fn lose_patience(&mut self, reach: &mut Reach<'_>, socket: SocketId) {
        let (Writing::Connecting { since, .. } | Writing::Sending { since, .. }) = &self.writing else { return };
        if let Some(due) = self.standstill(*since)
            && reach.now() >= due
            && !self.give_up
        {
            let about = reach.net.about(socket);
            reach.net.story.note(about, None, NoteId::GaveUp, vec![Arg::Time(STANDSTILL)]);
            self.give_up = true;
        }
        if self.give_up {
            hang_up(reach.net, socket, None);
        }
    }

    fn standstill(&self, since: Nanos) -> Option<Nanos> {
        self.closing.map(|closing| closing.max(since).after(STANDSTILL))
    }

    /// Does one thing; returns what closed the socket, if that did.
    fn obey(&mut self, reach: &mut Reach<'_>, socket: SocketId, cause: Cause, action: ClientAction) -> Option<Cause> {
        let why = Some(cause);
        match action {
            ClientAction::Connect => {
                let about = reach.net.about(socket);
                let op = Op::Connect { to: Address::Inet(self.to) };
                let mut call = reach.net.story.enter(about, op, None, &[], why);
                call.tries = 1;
                let came = reach.net.connect(socket, self.to, call.cause());
                if let Some(call) = self.connect_came(reach.net, socket, call, &came, None) {
                    self.writing = Writing::Connecting { call, since: reach.now() };
                }
            }
            ClientAction::Send { data, repeat } => self.send(reach, socket, &data, repeat, cause),
            ClientAction::Recv => {
                if self.asked_by.len() < MOST_ASKED {
                    self.owed.ask();
                    self.asked_by.push_back(cause);
                }
            }
            ClientAction::Option(option) => set(reach.net, socket, option, why),
            ClientAction::Program { recv_size, rule } => {
                (self.recv_size, self.rule) = (recv_size, rule);
                reach.reads(self.program, recv_size, rule);
            }
            ClientAction::Shutdown(how) => {
                // What the system says is in the record.
                let _ = plain(reach.net, socket, Op::Shutdown { how }, why, |net, by| net.shutdown(socket, how, by));
            }
            ClientAction::Close | ClientAction::Abort => {
                hang_up(reach.net, socket, why);
                self.receiving.cancel(reach.net);
                close(reach.net, socket, action == ClientAction::Abort, why);
                return Some(cause);
            }
            // The gate was set by whoever took the command.
            ClientAction::Reading(_) => {}
        }
        None
    }

    /// A `connect` that waits: the call, if it waits still.
    fn connecting(&mut self, net: &mut Net, socket: SocketId, call: Entered) -> Option<Entered> {
        let cause = net.socket(socket).and_then(|socket| socket.stirred_by);
        if net.socket(socket).is_none_or(|socket| socket.hung_up.is_some()) {
            net.story.leave(call, Outcome::Cancelled, None, &[], None);
            self.stage = Stage::Closed;
            return None;
        }
        let came = net.connected(socket);
        self.connect_came(net, socket, call, &came, cause)
    }

    fn connect_came(
        &mut self,
        net: &mut Net,
        socket: SocketId,
        mut call: Entered,
        came: &Try<()>,
        cause: Option<Cause>,
    ) -> Option<Entered> {
        let outcome = match came {
            Try::Wait => return Some(call),
            Try::Done(()) => Outcome::Done,
            Try::Failed(error) => failed(*error),
        };
        self.connected = matches!(outcome, Outcome::Done);
        if self.stage != Stage::Closed {
            self.stage = if self.connected { Stage::Connected } else { Stage::Fresh };
        }
        call.is_about(net.about(socket));
        net.story.leave(call, outcome, None, &[], cause);
        if !self.connected {
            net.not_connected(socket);
        }
        None
    }

    fn send(&mut self, reach: &mut Reach<'_>, socket: SocketId, data: &Bytes, repeat: u32, cause: Cause) {
        let stream = self.transport.is_stream();
        if stream {
            let mut bytes = Vec::with_capacity(PREFIX + data.len());
            if self.rule == LoopRule::Framed {
                bytes.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
            }
            bytes.extend_from_slice(data);
            return self.begin_send(reach.now(), bytes, repeat - 1, cause);
        }
        for _ in 0..repeat {
            if self.give_up {
                break;
            }
            // Before the call: the answer may come before it returns.
            self.owed.sent(data.len());
            let came = send_datagram(reach.net, socket, data, self.to, !self.connected, Some(cause));
            if matches!(came, Came::Cancelled) {
                break;
            }
        }
        self.pending = self.pending.saturating_sub(data.len() as u64);
    }

    fn begin_send(&mut self, now: Nanos, data: Vec<u8>, left: u32, cause: Cause) {
        self.owed.sent(data.len());
        let sending = Sending::new(data.clone(), Some(cause));
        self.writing = Writing::Sending { now: sending, since: now, data, left, cause };
    }

    /// Bytes of a send as the command gave them.
    fn payload(&self, data: &[u8]) -> u64 {
        let prefix = if self.rule == LoopRule::Framed { PREFIX } else { 0 };
        data.len().saturating_sub(prefix) as u64
    }
}
