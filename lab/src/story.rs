//! The writer of events: who is who, what time it is, and what happened.

use crate::table::Table;
use protocol::{
    About, Arg, Bytes, Call, CallId, Cause, DatagramId, Epoch, Event, FlowId, How, Kind, Nanos, NoteId, Op, Outcome,
    Phase, ProgramId, Provenance, Seq, SocketId, Span,
};
use std::collections::VecDeque;

/// Bytes of one call or packet that are recorded; its length always is.
pub(crate) const SNAP: usize = 4_096;
/// Everything here was seen by ourselves, and happened in a simulation.
const SIMULATED: Provenance = Provenance { how: How::Observed, simulated: true };

/// A call that was entered and has not returned.
#[derive(Debug)]
pub(crate) struct Entered {
    id: CallId,
    about: About,
    op: Op,
    /// The event that says so.
    pub(crate) seq: Seq,
    /// How many times the socket was asked.
    pub(crate) tries: u32,
}

impl Entered {
    /// It turned out whom the call is about.
    pub(crate) fn is_about(&mut self, about: About) {
        self.about = about;
    }

    /// As a cause.
    pub(crate) fn cause(&self) -> Cause {
        Cause::Event(self.seq)
    }
}

#[derive(Debug, Default)]
struct Ids {
    program: u32,
    socket: u32,
    flow: u32,
    call: u32,
    datagram: u32,
}

/// The story so far, and what of it nobody has taken yet.
#[derive(Debug)]
pub(crate) struct Story {
    epoch: Epoch,
    now: Nanos,
    /// When the epoch began.
    origin: Nanos,
    /// Counts events since the lab began, so that a cause of an earlier epoch is known as one.
    last: Seq,
    /// The last event of the epoch before.
    base: Seq,
    fresh: VecDeque<Event>,
    ids: Ids,
    /// Calls that have not returned, to be told again in a new epoch.
    waiting: Table<CallId, (About, Op, Option<Span>)>,
}

impl Story {
    pub(crate) fn new(epoch: Epoch) -> Self {
        Self {
            epoch,
            now: Nanos(0),
            origin: Nanos(0),
            last: Seq(0),
            base: Seq(0),
            fresh: VecDeque::new(),
            ids: Ids::default(),
            waiting: Table::default(),
        }
    }

    pub(crate) fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The epoch has this name.
    pub(crate) fn is_called(&mut self, epoch: Epoch) {
        self.epoch = epoch;
    }

    /// Virtual time since the lab began.
    pub(crate) fn now(&self) -> Nanos {
        self.now
    }

    /// That time as the events of this epoch tell it.
    pub(crate) fn told(&self, time: Nanos) -> Nanos {
        time.since(self.origin)
    }

    /// A time of this epoch as time since the lab began.
    pub(crate) fn untold(&self, time: Nanos) -> Nanos {
        self.origin.after(time)
    }

    /// Time goes on to `to`; never back.
    pub(crate) fn reach(&mut self, to: Nanos) {
        self.now = self.now.max(to);
    }

    /// Work takes time.
    pub(crate) fn spend(&mut self, time: Nanos) {
        self.now = self.now.after(time);
    }

    /// The last event, counted since the lab began.
    pub(crate) fn last(&self) -> Seq {
        self.last
    }

    /// The next event that nobody has taken.
    pub(crate) fn take(&mut self) -> Option<Event> {
        self.fresh.pop_front()
    }

    /// How many nobody has taken.
    pub(crate) fn untaken(&self) -> usize {
        self.fresh.len()
    }

    /// Begins another epoch, which is empty. Whoever calls it tells again what lives.
    pub(crate) fn begin_epoch(&mut self) {
        self.epoch.run += 1;
        self.origin = self.now;
        self.base = self.last;
        self.fresh.clear();
    }

    /// Records what happens now. What it returns counts since the lab began and is good as a cause.
    pub(crate) fn record(&mut self, about: About, cause: Option<Cause>, kind: Kind) -> Seq {
        self.last = self.last.next();
        let (seq, at) = (Seq(self.last.0 - self.base.0), self.told(self.now));
        let cause = match cause {
            Some(Cause::Event(cause)) if cause <= self.base => None,
            Some(Cause::Event(cause)) => Some(Cause::Event(Seq(cause.0 - self.base.0))),
            other => other,
        };
        self.fresh.push_back(Event { seq, at, uncertainty: Nanos(0), about, provenance: SIMULATED, cause, kind });
        self.last
    }

    pub(crate) fn note(&mut self, about: About, cause: Option<Cause>, note: NoteId, args: Vec<Arg>) {
        self.record(about, cause, Kind::Note(note, args));
    }

    /// A program calls.
    pub(crate) fn enter(
        &mut self,
        about: About,
        op: Op,
        span: Option<Span>,
        data: &[u8],
        cause: Option<Cause>,
    ) -> Entered {
        self.spend(crate::costs::CALL);
        self.ids.call += 1;
        let id = CallId(self.ids.call);
        self.waiting.insert(id, (about, op.clone(), span));
        let seq = self.tell(about, cause, id, Phase::Entered, op.clone(), None, span, Bytes::snap(data, SNAP), 0);
        Entered { id, about, op, seq, tries: 0 }
    }

    /// The call returns.
    pub(crate) fn leave(
        &mut self,
        call: Entered,
        outcome: Outcome,
        span: Option<Span>,
        data: &[u8],
        cause: Option<Cause>,
    ) -> Seq {
        self.waiting.remove(&call.id);
        let Entered { id, about, op, tries, .. } = call;
        self.tell(about, cause, id, Phase::Returned, op, Some(outcome), span, Bytes::snap(data, SNAP), tries)
    }

    #[expect(clippy::too_many_arguments, reason = "they are the fields of a call")]
    fn tell(
        &mut self,
        about: About,
        cause: Option<Cause>,
        id: CallId,
        phase: Phase,
        op: Op,
        outcome: Option<Outcome>,
        span: Option<Span>,
        data: Bytes,
        tries: u32,
    ) -> Seq {
        let call = Call { id, phase, op, outcome, span, data, line: None, tries };
        self.record(about, cause, Kind::Call(call))
    }

    /// Tells again which calls wait.
    pub(crate) fn tell_waiting(&mut self) {
        for (id, (about, op, span)) in self.waiting.clone().iter().cloned() {
            self.tell(about, None, id, Phase::Entered, op, None, span, Bytes::default(), 0);
        }
    }

    pub(crate) fn new_program(&mut self) -> ProgramId {
        self.ids.program += 1;
        ProgramId(self.ids.program)
    }

    pub(crate) fn new_socket(&mut self) -> SocketId {
        self.ids.socket += 1;
        SocketId(self.ids.socket)
    }

    pub(crate) fn new_flow(&mut self) -> FlowId {
        self.ids.flow += 1;
        FlowId(self.ids.flow)
    }

    pub(crate) fn new_datagram(&mut self) -> DatagramId {
        self.ids.datagram += 1;
        DatagramId(self.ids.datagram)
    }
}
