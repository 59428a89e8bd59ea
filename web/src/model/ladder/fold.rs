//! Long equal repetitions are folded: the first two and the last are drawn, the others counted. Errors never fold.

use super::cast::Cast;
use crate::model::story::{CallRecord, Index, Place, SocketRecord, Sort, Story};
use protocol::{Nanos, Outcome, ProgramId, SocketId, Span};

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
    /// From the beginning to the end of each hidden one, in units of [`UNIT`].
    times: Vec<u32>,
    /// When the first hidden one began.
    pub from: Nanos,
    /// When the last hidden one ended.
    pub to: Nanos,
    /// The first hidden call.
    first: u32,
}

/// The unit of a fold's times, as a shift of nanoseconds: fine enough for the quickest, and a minute fits.
const UNIT: u32 = 4;

impl Fold {
    /// The median of the times.
    #[must_use]
    pub fn median(&self) -> Nanos {
        let mut times = self.times.clone();
        let middle = times.len() / 2;
        if times.is_empty() { Nanos(0) } else { Nanos(u64::from(*times.select_nth_unstable(middle).1) << UNIT) }
    }
}

/// One repetition: its calls, as places in [`Story::calls`]. Fewer than four are told more than once.
type Round = [u32; 4];

/// A row of equal rounds that may still grow.
#[derive(Debug, Default)]
struct Run {
    /// The next send or receive to look at.
    next: usize,
    /// What the rounds have in common.
    size: u64,
    /// How many there are.
    count: usize,
    /// Those that are not hidden yet.
    rounds: Vec<Round>,
    /// The fold they are in, once there are enough.
    fold: Option<u32>,
}

/// All folds of a story.
#[derive(Debug, Default)]
pub struct Folds {
    folds: Vec<Fold>,
    /// The runs of sockets, and their places by socket: echoes at even numbers, empty receives at odd ones.
    runs: Vec<Run>,
    by_socket: Index,
    /// For each call, the fold that hides it, plus one.
    hidden: Vec<u32>,
    /// Folds that a person opened: nothing is hidden there.
    opened: Vec<(SocketId, u32)>,
}

impl Folds {
    /// Looks for repetitions that are complete by now, after what is new in the story's order `from` there on. Returns
    /// the time from which on rows changed, if they did.
    pub fn look(&mut self, story: &Story, cast: &Cast, from: usize) -> Option<Nanos> {
        let mut changed: Option<Nanos> = None;
        for id in touched(story, cast, from) {
            let Some(socket) = story.socket(id) else { continue };
            let client = socket.program.filter(|program| cast.clients.contains(program));
            let echoes = client.is_some();
            if !echoes && (socket.program.is_none() || socket.program != cast.server) {
                continue;
            }
            let next = self.runs.len() as u32;
            let at = *self.by_socket.entry(u64::from(id.0) << 1 | u64::from(!echoes)).or_insert(next);
            if at == next {
                self.runs.push(Run::default());
            }
            let mut run = std::mem::take(&mut self.runs[at as usize]);
            let list = if echoes { &socket.sends } else { &socket.recvs };
            while let Some(call) = list.get(run.next) {
                let record = &story.calls()[*call as usize];
                let round = match (echoes, &record.outcome) {
                    (true, _) => echo(story, socket, record),
                    (false, None) => None,
                    (false, Some(outcome)) => Some((*outcome == Outcome::Bytes(0)).then_some([*call; 4])),
                };
                let Some(round) = round else { break };
                run.next += 1;
                let size = if echoes { record.bytes() } else { 1 };
                let grown = self.grow(story, &mut run, (client, id), size, round);
                changed = changed.into_iter().chain(grown).min();
            }
            self.runs[at as usize] = run;
        }
        changed
    }

    fn grow(
        &mut self,
        story: &Story,
        run: &mut Run,
        (client, socket): (Option<ProgramId>, SocketId),
        size: u64,
        round: Option<Round>,
    ) -> Option<Nanos> {
        if round.is_none() || size != run.size {
            *run = Run { next: run.next, size, ..Run::default() };
        }
        run.rounds.push(round?);
        run.count += 1;
        if run.count < LEAST {
            return None;
        }
        let at = match run.fold {
            Some(at) => at,
            None => {
                run.rounds.drain(..KEEP);
                self.folds.push(Fold { client, socket, first: run.rounds[0][0], ..Fold::default() });
                self.folds.len() as u32 - 1
            }
        };
        run.fold = Some(at);
        let fold = &mut self.folds[at as usize];
        let mut changed = None;
        let hide = run.rounds.len() - 1;
        for round in run.rounds.drain(..hide) {
            let calls = || round.iter().map(|at| &story.calls()[*at as usize]);
            let from = calls().map(|call| call.start).min().unwrap_or_default();
            let to = calls().filter_map(|call| call.end).max().unwrap_or_default();
            // A receive that waited already when the round began says nothing about the round.
            let began = story.calls()[round[0] as usize].start;
            fold.times.push(u32::try_from(to.since(began).0 >> UNIT).unwrap_or(u32::MAX));
            if fold.count == 0 {
                fold.from = from;
            }
            (fold.count, fold.to) = (fold.count + 1, to);
            changed = changed.or(Some(from));
            let most = round.into_iter().max().unwrap_or(0) as usize;
            if self.hidden.len() <= most {
                self.hidden.resize(story.calls().len().max(most + 1), 0);
            }
            for call in round {
                self.hidden[call as usize] = at + 1;
            }
        }
        changed
    }

    /// The fold that hides a call.
    fn of(&self, call: u32) -> Option<u32> {
        self.hidden.get(call as usize)?.checked_sub(1)
    }

    /// The fold that hides an event, and whether the event is the first it hides.
    #[must_use]
    pub fn at(&self, story: &Story, place: Place) -> Option<(u32, bool)> {
        let tag = story.tag(place);
        let fold = tag.sort.is_call().then(|| self.of(tag.at)).flatten()?;
        let folded = &self.folds[fold as usize];
        if self.opened.contains(&(folded.socket, folded.first)) {
            return None;
        }
        Some((fold, tag.at == folded.first && tag.sort == Sort::Entered))
    }

    /// A fold.
    #[must_use]
    pub fn get(&self, at: u32) -> Option<&Fold> {
        self.folds.get(at as usize)
    }

    /// Opens the fold that hides a call, or closes it again. Returns the time from which on rows change.
    pub fn toggle(&mut self, story: &Story, call: &CallRecord) -> Option<Nanos> {
        let at = story.call_place(call.id)?;
        let fold = &self.folds[self.of(at)? as usize];
        let key = (fold.socket, fold.first);
        match self.opened.iter().position(|opened| *opened == key) {
            Some(at) => drop(self.opened.swap_remove(at)),
            None => self.opened.push(key),
        }
        Some(fold.from)
    }
}

/// Sockets that may repeat themselves more often now: those of calls that are new, and those at their other ends.
fn touched(story: &Story, cast: &Cast, from: usize) -> Vec<SocketId> {
    let mut sockets = Vec::new();
    for place in &story.in_order()[from..] {
        let tag = story.tag(*place);
        if tag.sort.is_call() {
            let call = &story.calls()[tag.at as usize];
            let near = call.socket.filter(|_| cast.has(call.program));
            // The same one again and again.
            if near.is_some() && sockets.last() != near.as_ref() {
                sockets.extend(near);
            }
        }
    }
    sockets.sort_unstable();
    sockets.dedup();
    let peers: Vec<_> = sockets.iter().filter_map(|id| Some(story.peer(*id)?.id)).collect();
    // A server's only socket of datagrams has no other end: any client may have been answered.
    let clients = cast.clients.iter().filter_map(|id| Some(story.last_socket(*id)?.id));
    sockets.extend(peers.into_iter().chain(clients));
    sockets.sort_unstable();
    sockets.dedup();
    sockets
}

/// The calls of one echo, the client's send first. `None` while it is not complete; nothing in it when it is no plain
/// echo.
fn echo(story: &Story, socket: &SocketRecord, send: &CallRecord) -> Option<Option<Round>> {
    send.outcome.as_ref()?;
    if matches!(send.span, Some(Span::Datagram { .. })) {
        return datagram_echo(story, send);
    }
    let (Some(range), false) = (story.stretch(send), send.failed()) else { return Some(None) };
    if range.is_empty() {
        return Some(None);
    }
    let peer = story.peer(socket.id)?;
    let mut round = [story.call_place(send.id)?; 4];
    for (n, list) in [&peer.recvs, &peer.sends, &socket.recvs].into_iter().enumerate() {
        let start = |at: &u32| story.stretch(&story.calls()[*at as usize]).map_or(u64::MAX, |range| range.start);
        let at = *list.get(list.partition_point(|at| start(at) < range.start))?;
        let call = &story.calls()[at as usize];
        call.outcome.as_ref()?;
        if story.stretch(call) != Some(range.clone()) {
            return Some(None);
        }
        round[n + 1] = at;
    }
    Some(Some(round))
}

/// The calls of one datagram's echo. `None` while it may still come; nothing in it when some of it is cut or missing.
fn datagram_echo(story: &Story, send: &CallRecord) -> Option<Option<Round>> {
    let Some(recv) = story.receipt(send).filter(|_| !send.failed()) else {
        // It may be under way, or lost: a later one that was answered tells.
        return later_answered(story, send).then_some(None);
    };
    let server = recv.socket.and_then(|id| story.socket(id))?;
    let end = recv.end?;
    let after = server.sends.partition_point(|at| story.calls()[*at as usize].start < end);
    let answers = server.sends[after..].iter().map(|at| &story.calls()[*at as usize]);
    let answer = answers.take(16).find(|answer| story.answered(answer, server.id).is_some_and(|of| of.id == recv.id));
    let Some(back) = answer.and_then(|answer| Some((answer, story.receipt(answer)?))) else {
        return later_answered(story, send).then_some(None);
    };
    if back.1.bytes() != send.bytes() {
        return Some(None);
    }
    let place = |call: &CallRecord| story.call_place(call.id);
    Some(Some([place(send)?, place(recv)?, place(back.0)?, place(back.1)?]))
}

/// Whether a later datagram of the same socket was received: then this one will not be any more.
fn later_answered(story: &Story, send: &CallRecord) -> bool {
    let socket = send.socket.and_then(|id| story.socket(id));
    let recvs = socket.map_or(&[][..], |socket| &socket.recvs).iter().rev();
    let mut ends = recvs.filter_map(|at| story.calls()[*at as usize].end);
    let later = socket.and_then(|socket| socket.sends.iter().rev().map(|at| &story.calls()[*at as usize]).next());
    later.is_some_and(|later| later.id != send.id && ends.any(|end| end > later.start))
}
