//! Long equal repetitions are folded: the first two and the last are drawn, the others counted. Errors never fold.

use super::cast::Cast;
use crate::model::story::{CallRecord, Index, Place, SocketRecord, Story};
use protocol::{Kind, Nanos, Outcome, Phase, ProgramId, SocketId, Span};

/// From so many equal ones on, they fold.
const LEAST: usize = 8;
/// So many stay at the beginning.
const KEEP: usize = 2;

/// What is folded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fold {
    /// The client whose echoes these are; `None` for empty receives.
    pub client: Option<ProgramId>,
    /// The socket that repeats itself.
    pub socket: SocketId,
    /// How many repetitions are hidden.
    pub count: u32,
    /// From the beginning to the end of each hidden one.
    pub times: Vec<Nanos>,
    /// When the first hidden one began.
    pub from: Nanos,
    /// When the last hidden one ended.
    pub to: Nanos,
    /// The first hidden call.
    first: u32,
}

impl Fold {
    /// The median of the times.
    #[must_use]
    pub fn median(&self) -> Nanos {
        let mut times = self.times.clone();
        let middle = times.len() / 2;
        if times.is_empty() { Nanos(0) } else { *times.select_nth_unstable(middle).1 }
    }
}

/// One repetition: its calls, as places in [`Story::calls`].
type Round = Vec<u32>;

/// A row of equal rounds that may still grow.
#[derive(Debug, Default)]
struct Run {
    /// The next send or receive to look at.
    next: usize,
    /// What the rounds have in common.
    size: u64,
    rounds: Vec<Round>,
    /// The fold they are in, once there are enough.
    fold: Option<u32>,
}

/// The run of each socket: there are few.
type Runs = Vec<(SocketId, Run)>;

fn take(runs: &mut Runs, id: SocketId) -> Run {
    let at = runs.iter().position(|(socket, _)| *socket == id);
    at.map(|at| runs.swap_remove(at).1).unwrap_or_default()
}

/// All folds of a story.
#[derive(Debug, Default)]
pub struct Folds {
    folds: Vec<Fold>,
    echoes: Runs,
    empties: Runs,
    /// Hidden calls and the fold they are in.
    hidden: Index,
    /// Folds that a person opened: nothing is hidden there.
    opened: Vec<(SocketId, u32)>,
}

impl Folds {
    /// Looks for repetitions that are complete by now. Returns the time from which on rows changed, if they did.
    pub fn look(&mut self, story: &Story, cast: &Cast) -> Option<Nanos> {
        let mut changed: Option<Nanos> = None;
        let mut note = |at: Option<Nanos>| changed = changed.into_iter().chain(at).min();
        for client in &cast.clients {
            for id in story.program(*client).into_iter().flat_map(|program| &program.sockets) {
                let Some(socket) = story.socket(*id) else { continue };
                let mut run = take(&mut self.echoes, *id);
                while let Some(send) = socket.sends.get(run.next) {
                    let send = &story.calls()[*send as usize];
                    let Some(round) = echo(story, socket, send) else { break };
                    run.next += 1;
                    let size = if round.is_empty() { 0 } else { send.bytes() };
                    note(self.grow(story, &mut run, Some(*client), socket.id, size, round));
                }
                self.echoes.push((*id, run));
            }
        }
        let server = cast.server.and_then(|id| story.program(id));
        for id in server.into_iter().flat_map(|program| &program.sockets) {
            let Some(socket) = story.socket(*id) else { continue };
            let mut run = take(&mut self.empties, *id);
            while let Some(at) = socket.recvs.get(run.next) {
                let recv = &story.calls()[*at as usize];
                let Some(outcome) = &recv.outcome else { break };
                run.next += 1;
                let empty = *outcome == Outcome::Bytes(0);
                let round = if empty { vec![*at] } else { Vec::new() };
                note(self.grow(story, &mut run, None, socket.id, u64::from(empty), round));
            }
            self.empties.push((*id, run));
        }
        changed
    }

    fn grow(
        &mut self,
        story: &Story,
        run: &mut Run,
        client: Option<ProgramId>,
        socket: SocketId,
        size: u64,
        round: Round,
    ) -> Option<Nanos> {
        if round.is_empty() || size != run.size {
            (run.rounds, run.fold, run.size) = (Vec::new(), None, size);
            if round.is_empty() {
                return None;
            }
        }
        run.rounds.push(round);
        if run.rounds.len() < LEAST {
            return None;
        }
        let at = *run.fold.get_or_insert_with(|| {
            self.folds.push(Fold { client, socket, first: run.rounds[KEEP][0], ..Fold::default() });
            self.folds.len() as u32 - 1
        });
        let fold = &mut self.folds[at as usize];
        let mut changed = None;
        let hide = KEEP + fold.count as usize..run.rounds.len() - 1;
        for round in &run.rounds[hide] {
            let calls = || round.iter().map(|at| &story.calls()[*at as usize]);
            let from = calls().map(|call| call.start).min().unwrap_or_default();
            let to = calls().filter_map(|call| call.end).max().unwrap_or_default();
            // A receive that waited already when the round began says nothing about the round.
            let began = story.calls()[round[0] as usize].start;
            fold.times.push(to.since(began));
            if fold.count == 0 {
                fold.from = from;
            }
            (fold.count, fold.to) = (fold.count + 1, to);
            changed = changed.or(Some(from));
            for call in round {
                self.hidden.insert(u64::from(*call), at);
            }
        }
        changed
    }

    /// The fold that hides an event, and whether the event is the first it hides.
    #[must_use]
    pub fn at(&self, story: &Story, place: Place) -> Option<(u32, bool)> {
        let Kind::Call(end) = &story.event_at(place).kind else { return None };
        if self.hidden.is_empty() {
            return None;
        }
        let at = story.call_place(end.id)?;
        let fold = *self.hidden.get(&u64::from(at))?;
        let folded = &self.folds[fold as usize];
        if self.opened.contains(&(folded.socket, folded.first)) {
            return None;
        }
        Some((fold, at == folded.first && end.phase == Phase::Entered))
    }

    /// A fold.
    #[must_use]
    pub fn get(&self, at: u32) -> Option<&Fold> {
        self.folds.get(at as usize)
    }

    /// Opens the fold that hides a call, or closes it again. Returns the time from which on rows change.
    pub fn toggle(&mut self, story: &Story, call: &CallRecord) -> Option<Nanos> {
        let at = story.call_place(call.id)?;
        let fold = &self.folds[*self.hidden.get(&u64::from(at))? as usize];
        let key = (fold.socket, fold.first);
        match self.opened.iter().position(|opened| *opened == key) {
            Some(at) => drop(self.opened.swap_remove(at)),
            None => self.opened.push(key),
        }
        Some(fold.from)
    }
}

/// The calls of one echo, the client's send first. `None` while it is not complete; empty when it is no plain echo.
fn echo(story: &Story, socket: &SocketRecord, send: &CallRecord) -> Option<Round> {
    send.outcome.as_ref()?;
    if matches!(send.span, Some(Span::Datagram { .. })) {
        return datagram_echo(story, send);
    }
    let (Some(range), false) = (story.stretch(send), send.failed()) else { return Some(Round::new()) };
    let peer = story.peer(socket.id)?;
    let mut round = vec![story.call_place(send.id)?];
    let lists = [(peer, &peer.recvs), (peer, &peer.sends), (socket, &socket.recvs)];
    for (_, list) in lists {
        let start = |at: &u32| story.stretch(&story.calls()[*at as usize]).map_or(u64::MAX, |range| range.start);
        let at = *list.get(list.partition_point(|at| start(at) < range.start))?;
        let call = &story.calls()[at as usize];
        call.outcome.as_ref()?;
        if story.stretch(call) != Some(range.clone()) {
            return Some(Round::new());
        }
        round.push(at);
    }
    Some(round)
}

/// The calls of one datagram's echo. `None` while it may still come; empty when some of it is cut or missing.
fn datagram_echo(story: &Story, send: &CallRecord) -> Option<Round> {
    let Some(recv) = story.receipt(send).filter(|_| !send.failed()) else {
        // It may be under way, or lost: a later one that was answered tells.
        return later_answered(story, send).then(Round::new);
    };
    let server = recv.socket.and_then(|id| story.socket(id))?;
    let end = recv.end?;
    let after = server.sends.partition_point(|at| story.calls()[*at as usize].start < end);
    let answers = server.sends[after..].iter().map(|at| &story.calls()[*at as usize]);
    let answer = answers.take(16).find(|answer| story.answered(answer, server.id).is_some_and(|of| of.id == recv.id));
    let Some(back) = answer.and_then(|answer| Some((answer, story.receipt(answer)?))) else {
        return later_answered(story, send).then(Round::new);
    };
    if back.1.bytes() != send.bytes() {
        return Some(Round::new());
    }
    [send, recv, back.0, back.1].into_iter().map(|call| story.call_place(call.id)).collect()
}

/// Whether a later datagram of the same socket was received: then this one will not be any more.
fn later_answered(story: &Story, send: &CallRecord) -> bool {
    let socket = send.socket.and_then(|id| story.socket(id));
    let recvs = socket.map_or(&[][..], |socket| &socket.recvs).iter().rev();
    let mut ends = recvs.filter_map(|at| story.calls()[*at as usize].end);
    let later = socket.and_then(|socket| socket.sends.iter().rev().map(|at| &story.calls()[*at as usize]).next());
    later.is_some_and(|later| later.id != send.id && ends.any(|end| end > later.start))
}
