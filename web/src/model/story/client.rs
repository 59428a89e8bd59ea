//! What a client's console shows: who it is, how far it is, and what was said and answered.

use super::{CallRecord, ProgramRecord, SocketRecord, Story};
use crate::model::letter::{Letter, Share};
use crate::model::wording;
use protocol::{
    Address, Direction, Nanos, Op, Outcome, Owner, ProgramId, Reads, Role, Seq, SocketId, SysError, TcpState, Transport,
};

/// A program that speaks to a server: opened from a page, or somebody's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Client {
    /// Which.
    pub program: ProgramId,
    /// Its name, such as `client 1` or `nc`.
    pub name: String,
    /// Its process number, where known.
    pub pid: Option<u32>,
    /// Whether a page opened it.
    pub role: Role,
    /// Whose it is.
    pub owner: Owner,
    /// What it speaks.
    pub transport: Option<Transport>,
    /// How it reads.
    pub reads: Option<Reads>,
    /// Whether it is gone.
    pub ended: bool,
}

/// How far a client is, and what it waits for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientState {
    /// How far.
    pub phase: ClientPhase,
    /// Its socket.
    pub socket: Option<SocketId>,
    /// Its own end.
    pub local: Option<Address>,
    /// The other end.
    pub peer: Option<Address>,
    /// The kernel's state.
    pub tcp: Option<TcpState>,
    /// Whether it shut its sending direction down.
    pub shut: bool,
    /// Since when it waits in `recv`.
    pub reading_since: Option<Nanos>,
}

/// How far a client is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientPhase {
    /// It has a socket, no connection.
    #[default]
    Opened,
    /// `connect` waits.
    Connecting,
    /// It can send.
    Ready,
    /// `close` was called, or the program is gone.
    Closed,
}

/// What is still to come of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// Nothing: it is whole.
    Nothing,
    /// So many bytes that were sent are not back yet.
    Late(u64),
    /// So many bytes of the datagram were cut off, and will never come.
    Cut(u64),
    /// Nobody knows what it answers.
    Unknown,
}

/// One thing in the console.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// `>>> hello  send(5) = 5`.
    Sent {
        /// The call.
        seq: Seq,
        /// The letter of its bytes.
        letter: Option<Letter>,
        /// The bytes, as far as recorded.
        data: Vec<u8>,
        /// Bytes given.
        len: u64,
        /// How many equal sends are folded here.
        times: u32,
        /// `None` while it waits.
        result: Option<Result<u64, SysError>>,
        /// How long the call took; `None` while it waits.
        took: Option<Nanos>,
    },
    /// What came back.
    Received {
        /// The last receive.
        seq: Seq,
        /// Whose bytes they answer.
        shares: Vec<Share>,
        /// The bytes, as far as recorded.
        data: Vec<u8>,
        /// Bytes in all.
        len: u64,
        /// In how many receives.
        recvs: u32,
        /// Since the send it answers began.
        took: Option<Nanos>,
        /// What is still to come of it.
        rest: Rest,
    },
    /// Another call and its result.
    Call {
        /// The call.
        seq: Seq,
        /// As a person writes it: `connect(127.0.0.1:8808)`.
        call: String,
        /// `None` while it waits.
        result: Option<Result<String, SysError>>,
    },
    /// `recv` returned 0: the other side will send no more.
    End,
}

impl Story {
    /// Programs that speak to servers, oldest first.
    #[must_use]
    pub fn clients(&self) -> Vec<Client> {
        let clients = self.programs().iter().filter(|program| !self.serves(program.id));
        let client = clients.filter_map(|program| {
            Some(Client {
                program: program.id,
                name: program.name.clone(),
                pid: program.pid,
                role: program.role?,
                owner: program.owner,
                transport: program.transport.or_else(|| self.last_socket(program.id)?.transport),
                reads: program.reads,
                ended: program.ended.is_some(),
            })
        });
        client.collect()
    }

    /// The same, by number only.
    pub fn client_ids(&self) -> impl Iterator<Item = ProgramId> {
        let programs = self.programs().iter().filter(|program| program.role.is_some());
        programs.map(|program| program.id).filter(|id| !self.serves(*id))
    }

    /// A program's newest socket.
    #[must_use]
    pub fn last_socket(&self, program: ProgramId) -> Option<&SocketRecord> {
        self.program(program)?.sockets.last().and_then(|id| self.socket(*id))
    }

    /// A program's last calls as a console tells them: what is done when it is done, what comes back when it comes.
    fn last_calls(&self, program: &ProgramRecord, most: usize) -> Vec<&CallRecord> {
        let first = program.calls.len().saturating_sub(most);
        let mut calls: Vec<&CallRecord> = Vec::with_capacity(most.min(program.calls.len()));
        let when = |call: &CallRecord| {
            let at = if call.receives() { call.end.unwrap_or(Nanos(u64::MAX)) } else { call.start };
            // What came back is after what it answers, even if the send's beginning is not known.
            (at.max(self.answered_send(call).map_or(at, |send| send.start)), call.receives(), call.seq)
        };
        for at in &program.calls[first..] {
            let call = &self.calls()[*at as usize];
            // Nearly in order: the two threads of a program are seldom far apart.
            let place = calls.iter().rposition(|before| when(before) <= when(call)).map_or(0, |last| last + 1);
            calls.insert(place, call);
        }
        calls
    }

    /// The send whose bytes, echoed, a client's receive ends with.
    fn answered_send(&self, recv: &CallRecord) -> Option<&CallRecord> {
        let last = self.stretch(recv).filter(|range| recv.receives() && !range.is_empty())?.end - 1;
        let sends = &self.socket(recv.socket?)?.sends;
        let start = |at: &u32| self.stretch(&self.calls()[*at as usize]).map_or(u64::MAX, |sent| sent.start);
        let at = sends.partition_point(|at| start(at) <= last).checked_sub(1)?;
        Some(&self.calls()[sends[at] as usize])
    }

    /// How far a client is.
    #[must_use]
    pub fn client_state(&self, program: ProgramId) -> ClientState {
        let mut state = ClientState::default();
        let ended = self.program(program).is_some_and(|program| program.ended.is_some());
        if let Some(socket) = self.last_socket(program) {
            state.socket = Some(socket.id);
            (state.local, state.peer) = (socket.local.clone(), socket.peer.clone());
            state.tcp = self.state_of(socket, self.latest());
            if socket.transport.is_some_and(|transport| !transport.is_stream()) {
                // Nothing need be connected to send a datagram; an unconnected socket says where each time.
                let connected = socket.peer.is_some() || !socket.sends.is_empty();
                state.phase = if connected { ClientPhase::Ready } else { ClientPhase::Opened };
            } else if socket.peer.is_some() {
                // It was connected before this story began; where it was in it, its calls say so.
                state.phase = ClientPhase::Ready;
            }
            for call in socket.others.iter().map(|at| &self.calls()[*at as usize]) {
                match (&call.op, &call.outcome) {
                    (Op::Connect { .. }, None) => state.phase = ClientPhase::Connecting,
                    (Op::Connect { .. }, Some(Outcome::Done)) => state.phase = ClientPhase::Ready,
                    (Op::Connect { .. }, Some(_)) => state.phase = ClientPhase::Opened,
                    (Op::Shutdown { how: Direction::Out | Direction::Both }, Some(Outcome::Done)) => state.shut = true,
                    (Op::Close | Op::Abort, _) => state.phase = ClientPhase::Closed,
                    _ => {}
                }
            }
            // Few calls wait on one socket at once.
            let last = socket.recvs.iter().rev().take(8).map(|at| &self.calls()[*at as usize]);
            state.reading_since = last.into_iter().find(|recv| recv.outcome.is_none()).map(|recv| recv.start);
            let invisible = self.program(program).is_some_and(|program| !program.calls_visible);
            if invisible && socket.closed.is_none() && socket.peer.is_some() {
                state.phase = ClientPhase::Ready;
            }
            if socket.closed.is_some() {
                state.phase = ClientPhase::Closed;
            }
        }
        if ended {
            state.phase = ClientPhase::Closed;
        }
        if state.phase == ClientPhase::Closed {
            state.reading_since = None;
        }
        state
    }

    /// The state the kernel reported last before `at`, or that followed from packets.
    #[must_use]
    pub fn state_of(&self, socket: &SocketRecord, at: Nanos) -> Option<TcpState> {
        let before = socket.states.iter().rev().find(|place| self.at(**place) <= at)?;
        match self.event_at(*before).kind {
            protocol::Kind::State { to, .. } => Some(to),
            _ => None,
        }
    }

    /// What a client's console shows of its last thousand calls.
    #[must_use]
    pub fn transcript(&self, program: ProgramId) -> Vec<Line> {
        const MOST: usize = 1_000;
        let mut lines = Vec::new();
        let Some(program) = self.program(program) else { return lines };
        let calls = self.last_calls(program, MOST);
        // What was moved before them is needed to know what is still missing.
        let moved = |told: fn(&CallRecord) -> bool| {
            let done = calls.iter().filter(|call| told(call) && call.outcome.is_some());
            done.map(|call| call.bytes()).sum::<u64>()
        };
        let mut sent = program.moved.0.saturating_sub(moved(CallRecord::sends));
        let mut back = program.moved.1.saturating_sub(moved(CallRecord::receives));
        let mut waiting: Vec<(u64, Nanos)> = Vec::new();
        let mut answered = 0;
        for call in calls {
            match (&call.op, &call.outcome) {
                (Op::Send { len } | Op::SendTo { len, .. }, outcome) => {
                    let result = outcome.as_ref().map(|outcome| match outcome {
                        Outcome::Failed(error) => Err(*error),
                        _ => Ok(call.bytes()),
                    });
                    if !matches!(result, Some(Err(_))) {
                        sent += call.bytes();
                        waiting.push((sent, call.start));
                    }
                    self.say_sent(&mut lines, call, *len, result);
                }
                (Op::Recv { .. } | Op::RecvFrom { .. }, None) => {}
                (Op::Recv { .. }, Some(Outcome::Bytes(0))) if self.is_stream(call) => {
                    if lines.last() != Some(&Line::End) {
                        lines.push(Line::End);
                    }
                }
                (Op::Recv { .. } | Op::RecvFrom { .. }, Some(Outcome::Bytes(_) | Outcome::From(..))) => {
                    back += call.bytes();
                    let reached = |at: usize| waiting.get(at).is_some_and(|(through, _)| *through >= back);
                    while !reached(answered) && answered + 1 < waiting.len() {
                        answered += 1;
                    }
                    let began = waiting.get(answered).map(|(_, at)| *at);
                    let (began, rest) = match sent.saturating_sub(back) {
                        // A datagram answers one datagram: others have nothing to do with it.
                        _ if !self.is_stream(call) => match self.asked(call) {
                            Some(send) => (Some(send.start), Rest::of_datagram(send.bytes(), call.bytes())),
                            None => (began, Rest::Unknown),
                        },
                        0 => (began, Rest::Nothing),
                        bytes => (began, Rest::Late(bytes)),
                    };
                    let took = call.end.zip(began).map(|(end, began)| end.since(began));
                    self.say_received(&mut lines, call, took, rest);
                }
                // A wait that the program itself ended is no news.
                (Op::Recv { .. } | Op::RecvFrom { .. }, Some(Outcome::Cancelled)) => {}
                (Op::Think { .. } | Op::SetOption(_) | Op::Socket { .. }, Some(outcome)) if !failed(outcome) => {}
                (op, outcome) => {
                    let result = outcome.as_ref().map(|outcome| match outcome {
                        Outcome::Failed(error) => Err(*error),
                        other => Ok(wording::outcome(other)),
                    });
                    lines.push(Line::Call { seq: call.seq, call: wording::op(op), result });
                }
            }
        }
        lines
    }

    fn is_stream(&self, call: &CallRecord) -> bool {
        let socket = call.socket.and_then(|id| self.socket(id));
        socket.and_then(|socket| socket.transport).is_none_or(Transport::is_stream)
    }

    fn say_sent(&self, lines: &mut Vec<Line>, call: &CallRecord, len: u64, result: Option<Result<u64, SysError>>) {
        let data = self.data(call);
        if let Some(Line::Sent { data: before, len: as_long, times, result: as_before, .. }) = lines.last_mut()
            && before[..] == *data
            && *as_long == len
            && *as_before == result
            && matches!(result, Some(Ok(_)))
        {
            *times += 1;
            return;
        }
        let (seq, letter, took) = (call.seq, call.letter, call.took());
        lines.push(Line::Sent { seq, letter, data: data.to_vec(), len, times: 1, result, took });
    }

    /// The send of a client that a datagram it received answers.
    fn asked(&self, recv: &CallRecord) -> Option<&CallRecord> {
        let answer = self.datagram_send(recv)?;
        self.datagram_send(self.answered(answer, answer.socket?)?)
    }

    fn say_received(&self, lines: &mut Vec<Line>, call: &CallRecord, took: Option<Nanos>, rest: Rest) {
        let (bytes, whose) = (self.data(call), self.shares(call));
        if let Some(Line::Received { seq, shares, data, len, recvs, took: last, rest: still }) = lines.last_mut()
            && self.is_stream(call)
        {
            data.extend_from_slice(&bytes);
            shares.extend(whose);
            *len += call.bytes();
            *recvs += 1;
            (*seq, *last, *still) = (call.seq, took, rest);
            return;
        }
        lines.push(Line::Received {
            seq: call.seq,
            shares: whose,
            data: bytes.to_vec(),
            len: call.bytes(),
            recvs: 1,
            took,
            rest,
        });
    }
}

impl Rest {
    fn of_datagram(asked: u64, answered: u64) -> Self {
        match asked.saturating_sub(answered) {
            0 => Self::Nothing,
            bytes => Self::Cut(bytes),
        }
    }
}

fn failed(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Failed(_))
}
