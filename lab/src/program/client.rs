//! A client: one half does what it is told, one thing after another; the other half reads what is owed, so that sends
//! do not wait for answers.

mod writing;

use super::probe::{Came, Receiving, Sending};
use super::{Reach, Rest};
use crate::story::Entered;
use protocol::loop_rule::Owed;
use protocol::message::{Limit, Moment};
use protocol::program::OutOfRange;
use protocol::{
    Cause, ClientAction, ClientSpec, LoopRule, MemberId, Nanos, ProgramId, Refusal, ServerSettings, SocketId, Transport,
};
use std::collections::VecDeque;
use std::net::SocketAddr;

/// Orders that wait in one client's inbox.
const INBOX: usize = 256;
/// Bytes that wait to be sent by one client.
const PENDING_BYTES: u64 = 8 << 20;
/// The most repetitions of one send.
const MOST_REPEAT: u32 = 10_000;

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
