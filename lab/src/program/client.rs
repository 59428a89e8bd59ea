//! A client: one half does what it is told, one thing after another; the other half reads what is owed, so that sends
//! do not wait for answers.

use super::owed::{Owed, PREFIX};
use super::probe::{Came, Receiving, Sending, close, failed, hang_up, plain, send_datagram};
use super::server::{open, set};
use super::{Reach, Rest};
use crate::host::Side;
use crate::net::{Net, Try};
use crate::story::Entered;
use protocol::message::{Limit, Moment};
use protocol::program::OutOfRange;
use protocol::{
    Address, Arg, Bytes, Cause, ClientAction, ClientSpec, LoopRule, MemberId, Nanos, NoteId, Op, Outcome, ProgramId,
    Refusal, ServerSettings, SocketId, Transport,
};
use std::collections::VecDeque;
use std::net::SocketAddr;

/// Orders that wait in one client's inbox.
const INBOX: usize = 256;
/// Bytes that wait to be sent by one client.
const PENDING_BYTES: u64 = 8 << 20;
/// The most repetitions of one send.
const MOST_REPEAT: u32 = 10_000;
/// Requests for one `recv` more that may wait; each is a person's click.
const MOST_ASKED: usize = 1_024;
/// How long a call that was told to make way for `close` may stand still before it is given up.
const STANDSTILL: Nanos = Nanos::from_millis(1_000);

/// Where a client is in its life, as commands see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Fresh,
    Connected,
    Closed,
}

/// What the writing half does.
enum Writing {
    /// It has no socket yet.
    Unborn,
    Idle,
    Connecting {
        call: Entered,
        since: Nanos,
    },
    Sending {
        now: Sending,
        since: Nanos,
        data: Vec<u8>,
        left: u32,
        cause: Cause,
    },
}

/// A client.
pub(crate) struct Client {
    program: ProgramId,
    owner: MemberId,
    spec: ClientSpec,
    transport: Transport,
    to: SocketAddr,
    opened: Cause,
    socket: Option<SocketId>,
    stage: Stage,
    inbox: VecDeque<(Cause, ClientAction)>,
    /// Bytes of sends that are not done.
    pending: u64,
    /// `connect` succeeded.
    connected: bool,
    /// The gate before each `recv`.
    reading: bool,
    give_up: bool,
    /// `close` is wanted since then; what stands still is given up for it.
    closing: Option<Nanos>,
    writing: Writing,
    receiving: Receiving,
    owed: Owed,
    recv_size: u32,
    rule: LoopRule,
    /// The commands that asked for one `recv` each.
    asked_by: VecDeque<Cause>,
}

impl Client {
    pub(crate) fn new(
        program: ProgramId,
        owner: MemberId,
        spec: ClientSpec,
        (transport, to): (Transport, SocketAddr),
        opened: Cause,
    ) -> Self {
        Self {
            program,
            owner,
            recv_size: spec.recv_size,
            rule: spec.rule,
            spec,
            transport,
            to,
            opened,
            socket: None,
            stage: Stage::Fresh,
            inbox: VecDeque::new(),
            pending: 0,
            connected: false,
            reading: true,
            give_up: false,
            closing: None,
            writing: Writing::Unborn,
            receiving: Receiving::default(),
            owed: Owed::default(),
            asked_by: VecDeque::new(),
        }
    }

    pub(crate) fn program(&self) -> ProgramId {
        self.program
    }

    pub(crate) fn owner(&self) -> MemberId {
        self.owner
    }

    pub(super) fn socket(&self) -> Option<SocketId> {
        self.socket
    }

    /// Whether it may be told this now.
    pub(crate) fn may(&self, by: MemberId, action: &ClientAction) -> Result<(), Refusal> {
        if self.owner != by {
            return Err(Refusal::NotYours(self.program));
        }
        if self.stage == Stage::Closed && *action != ClientAction::Abort {
            return Err(Refusal::WrongMoment(Moment::Closed));
        }
        match action {
            ClientAction::Connect if self.stage == Stage::Connected => {
                return Err(Refusal::WrongMoment(Moment::AlreadyConnected));
            }
            ClientAction::Send { data, repeat } => {
                in_range("repeat", 1, MOST_REPEAT, *repeat)?;
                if self.stage == Stage::Fresh && self.transport.is_stream() {
                    return Err(Refusal::WrongMoment(Moment::NotConnected));
                }
                if self.pending + data.len() as u64 > PENDING_BYTES {
                    return Err(Refusal::Limit { what: Limit::PendingBytes, most: PENDING_BYTES });
                }
            }
            ClientAction::Program { recv_size, .. } => in_range("recv size", 1, ServerSettings::MOST_RECV, *recv_size)?,
            _ => {}
        }
        if self.inbox.len() >= INBOX && !matches!(action, ClientAction::Reading(_)) {
            return Err(Refusal::WrongMoment(Moment::Busy));
        }
        Ok(())
    }

    /// It is told this: the command was accepted.
    pub(crate) fn tell(&mut self, now: Nanos, cause: Cause, action: ClientAction) {
        match &action {
            ClientAction::Reading(reading) => {
                self.reading = *reading;
                return;
            }
            ClientAction::Connect => self.stage = Stage::Connected,
            ClientAction::Send { data, .. } => self.pending += data.len() as u64,
            ClientAction::Close => {
                self.stage = Stage::Closed;
                self.closing = Some(now);
            }
            ClientAction::Abort => {
                self.stage = Stage::Closed;
                self.give_up = true;
            }
            _ => {}
        }
        self.inbox.push_back((cause, action));
    }

    /// Its member left.
    pub(crate) fn leave(&mut self, cause: Cause) {
        self.stage = Stage::Closed;
        self.give_up = true;
        self.inbox.clear();
        self.inbox.push_back((cause, ClientAction::Close));
    }

    /// Goes as far as it can.
    pub(super) fn run(&mut self, reach: &mut Reach<'_>) -> Rest {
        let mut due = match self.write(reach) {
            Ok(due) => due,
            Err(cause) => {
                reach.ended(self.program, cause);
                return Rest::Ended;
            }
        };
        if self.read(reach) {
            due = Some(reach.now());
        }
        Rest::Until(due)
    }

    /// The writing half: when it wants to go on by itself, or what closed it.
    fn write(&mut self, reach: &mut Reach<'_>) -> Result<Option<Nanos>, Option<Cause>> {
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

    /// The reading half; whether it has more to do at once.
    fn read(&mut self, reach: &mut Reach<'_>) -> bool {
        let Some(socket) = self.socket else { return false };
        let stream = self.transport.is_stream();
        let due = self.receiving.is_entered()
            || (!stream || self.connected || !self.asked_by.is_empty()) && self.owed.reads(self.rule, stream);
        if !due {
            return false;
        }
        let cause = if self.receiving.is_entered() || !self.reading { None } else { self.asked_by.pop_front() };
        let from = !stream && !self.connected;
        match self.receiving.poll(reach.net, socket, self.reading, from, self.recv_size, cause) {
            Came::Back(received) => {
                self.owed.received(self.rule, stream, received.max, &received.data);
                true
            }
            Came::Failed(_) => {
                self.owed.failed(stream);
                true
            }
            Came::Cancelled | Came::Waits => false,
        }
    }
}

fn in_range(what: &str, least: u32, most: u32, given: u32) -> Result<(), Refusal> {
    if (least..=most).contains(&given) {
        return Ok(());
    }
    let (least, most, given) = (least.into(), most.into(), given.into());
    Err(OutOfRange { what: what.into(), least, most, given }.into())
}
