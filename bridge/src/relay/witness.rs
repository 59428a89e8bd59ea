//! Tells a relay's own calls while somebody watches. Unwatched, it costs one look at a number per call.

use super::actor::Actor;
use super::flows::{Ends, Flows, Side};
use crate::sockets::errno;
use protocol::{
    About, Address, Bytes, Call, CallId, Direction, Epoch, HostId, Kind, Nanos, Op, Outcome, Phase, Place, Provenance,
    SocketId, Span,
};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::Instant;

/// Bytes of one call that are recorded; its length always is.
const SNAP: usize = 256;

/// The story of one socket.
pub struct Witness {
    actor: Arc<Actor>,
    side: Side,
    flows: Flows,
    parent: Option<SocketId>,
    ends: OnceLock<Ends>,
    /// Where it listens, if it does.
    listens_at: Option<Address>,
    /// How far the streams are.
    sent: AtomicU64,
    received: AtomicU64,
    /// A call that waits has waited since then at most.
    since: Instant,
    told: Mutex<Option<Told>>,
}

#[derive(Clone, Copy)]
struct Told {
    about: About,
    epoch: Epoch,
    /// With its ends.
    whole: bool,
}

/// A call that has begun.
pub enum Begun {
    /// And was told so.
    Told(Entered),
    /// While nobody watched.
    Unwatched,
    /// Above the budget: it is counted.
    Counted,
}

/// A call that was told to have begun.
pub struct Entered {
    about: About,
    id: CallId,
    op: Op,
    epoch: Epoch,
}

impl Witness {
    /// A socket of the caller's side, not connected yet.
    pub fn caller(actor: Arc<Actor>, flows: Flows) -> Self {
        Self::new(actor, flows, Side::Caller, None, None)
    }

    /// A socket that listens, or takes datagrams from everybody.
    pub fn listener(actor: Arc<Actor>, flows: Flows, at: Address) -> Self {
        Self::new(actor, flows, Side::Called, None, Some(at))
    }

    fn new(actor: Arc<Actor>, flows: Flows, side: Side, parent: Option<SocketId>, listens_at: Option<Address>) -> Self {
        let (sent, received) = (0.into(), 0.into());
        let (ends, since, told) = (OnceLock::new(), Instant::now(), Mutex::default());
        Self { actor, side, flows, parent, ends, listens_at, sent, received, since, told }
    }

    /// A call begins.
    pub fn begins(&self, op: impl FnOnce() -> Op, data: &[u8]) -> Begun {
        let Some(host) = self.actor.watched() else { return Begun::Unwatched };
        if !self.actor.book.recorder.may_record(Place::Relay) {
            return Begun::Counted;
        }
        Begun::Told(self.enter(host, op(), data, Nanos(0)))
    }

    fn enter(&self, host: HostId, op: Op, data: &[u8], uncertainty: Nanos) -> Entered {
        let (epoch, about) = self.introduce(host);
        let entered = Entered { about, id: self.actor.book.recorder.new_call(), op, epoch };
        let span = matches!(entered.op, Op::Send { .. } | Op::SendTo { .. });
        let span = span.then(|| self.span(Direction::Out, data.len()));
        self.tell(&entered, Phase::Entered, None, span, data, uncertainty);
        entered
    }

    /// A call that may have waited from before somebody watched, or from another epoch.
    fn waited(&self, begun: Begun, op: impl FnOnce() -> Op) -> Option<Entered> {
        match begun {
            Begun::Told(entered) if entered.epoch == self.actor.book.recorder.epoch() => Some(entered),
            Begun::Counted => None,
            Begun::Told(_) | Begun::Unwatched => {
                let host = self.actor.watched().filter(|_| self.actor.book.recorder.may_record(Place::Relay))?;
                let waited = u64::try_from(self.since.elapsed().as_nanos()).unwrap_or(u64::MAX);
                Some(self.enter(host, op(), &[], Nanos(waited)))
            }
        }
    }

    /// `connect` is over.
    pub fn connected(&self, begun: Begun, result: io::Result<Ends>) {
        let outcome = match result {
            Ok(ends) => {
                // A socket connects once.
                let _ = self.ends.set(ends);
                Outcome::Done
            }
            Err(error) => Outcome::Failed(errno::named(&error)),
        };
        if let Begun::Told(mut entered) = begun {
            // Connected, it has an address, and with it a flow.
            let (epoch, about) = self.introduce(entered.about.host);
            if epoch == entered.epoch {
                entered.about = about;
            }
            self.tell(&entered, Phase::Returned, Some(outcome), None, &[], Nanos(0));
        }
    }

    /// `accept` is over: the story of the connection's socket.
    pub fn accepted(&self, begun: Begun, caller: Option<Address>) -> Self {
        let entered = self.waited(begun, || Op::Accept);
        let parent = self.told().map(|told| told.about.socket).unwrap_or_default();
        let connection = Self::new(Arc::clone(&self.actor), self.flows.clone(), Side::Called, parent, None);
        if let (Some(caller), Some(called)) = (caller, self.listens_at.clone()) {
            let _ = connection.ends.set(Ends { caller, called });
        }
        if let Some(entered) = entered {
            let (_, about) = connection.introduce(entered.about.host);
            let peer = connection.ends.get().map_or(Address::Unix(None), |ends| ends.caller.clone());
            let outcome = about.socket.map_or(Outcome::Done, |socket| Outcome::Accepted { socket, peer });
            self.tell(&entered, Phase::Returned, Some(outcome), None, &[], Nanos(0));
        }
        connection
    }

    /// A send is over.
    pub fn sent(&self, begun: Begun, len: usize, result: &io::Result<()>) {
        if let Begun::Told(entered) = begun {
            match result {
                Ok(()) => {
                    let span = self.span(Direction::Out, len);
                    self.tell(&entered, Phase::Returned, Some(Outcome::Bytes(len as u64)), Some(span), &[], Nanos(0));
                }
                Err(error) => self.fails(&entered, error),
            }
        }
        self.sent.fetch_add(len as u64, Ordering::Relaxed);
    }

    /// A receive is over.
    pub fn received(&self, begun: Begun, max: u32, result: Result<&[u8], &io::Error>) {
        let entered = self.waited(begun, || Op::Recv { max });
        match (result, &entered) {
            (Ok(data), Some(entered)) => {
                let span = self.span(Direction::In, data.len());
                let outcome = Some(Outcome::Bytes(data.len() as u64));
                self.tell(entered, Phase::Returned, outcome, Some(span), data, Nanos(0));
            }
            (Err(error), Some(entered)) => self.fails(entered, error),
            (_, None) => {}
        }
        self.received.fetch_add(result.map_or(0, <[u8]>::len) as u64, Ordering::Relaxed);
    }

    /// A datagram came from somebody; how the answer is to be told.
    pub fn received_from(&self, begun: Begun, max: u32, data: &[u8], from: &Address) -> Begun {
        let watched = matches!(begun, Begun::Unwatched | Begun::Told(_));
        let Some(mut entered) = self.waited(begun, || Op::RecvFrom { max }) else {
            return if watched { Begun::Unwatched } else { Begun::Counted };
        };
        entered.about.flow = self.flow_with(&entered.about, from);
        let span = self.span(Direction::In, data.len());
        let outcome = Outcome::From(data.len() as u64, from.clone());
        self.tell(&entered, Phase::Returned, Some(outcome), Some(span), data, Nanos(0));
        if !self.actor.book.recorder.may_record(Place::Relay) {
            return Begun::Counted;
        }
        let op = Op::SendTo { len: data.len() as u64, to: from.clone() };
        let answer = Entered { id: self.actor.book.recorder.new_call(), op, ..entered };
        let span = self.span(Direction::Out, data.len());
        let upper = data.to_ascii_uppercase();
        self.tell(&answer, Phase::Entered, None, Some(span), &upper, Nanos(0));
        Begun::Told(answer)
    }

    /// A call without bytes is over.
    pub fn done(&self, begun: Begun, result: &io::Result<()>) {
        if let Begun::Told(entered) = begun {
            match result {
                Ok(()) => self.tell(&entered, Phase::Returned, Some(Outcome::Done), None, &[], Nanos(0)),
                Err(error) => self.fails(&entered, error),
            }
        }
    }

    /// A call has failed.
    pub fn failed(&self, begun: Begun, error: &io::Error) {
        if let Begun::Told(entered) = begun {
            self.fails(&entered, error);
        }
    }

    fn fails(&self, entered: &Entered, error: &io::Error) {
        let outcome = Some(Outcome::Failed(errno::named(error)));
        self.tell(entered, Phase::Returned, outcome, None, &[], Nanos(0));
    }

    /// Tells who we are, once in every epoch and once more with the ends.
    fn introduce(&self, host: HostId) -> (Epoch, About) {
        let recorder = &self.actor.book.recorder;
        let epoch = recorder.epoch();
        let ends = self.ends.get();
        let mut told = self.told();
        if let Some(same) = told.filter(|told| told.epoch == epoch && told.whole == ends.is_some()) {
            return (epoch, same.about);
        }
        let program = Some(self.actor.introduce(host, epoch));
        let socket = told.and_then(|told| told.about.socket).unwrap_or_else(|| recorder.new_socket());
        let mut about = About { host, program, socket: Some(socket), flow: None };
        let (side, transport) = (self.side, self.actor.transport);
        let joined = ends.map(|ends| self.flows.join(recorder, transport, ends, side, socket));
        about.flow = joined.as_ref().map(|joined| joined.id);
        *told = Some(Told { about, epoch, whole: ends.is_some() });
        drop(told);
        recorder.record(about, Provenance::OBSERVED, None, self.socket());
        if let Some(joined) = joined {
            recorder.record(About { socket: None, ..about }, Provenance::OBSERVED, None, joined.kind);
        }
        (epoch, about)
    }

    fn flow_with(&self, about: &About, caller: &Address) -> Option<protocol::FlowId> {
        let recorder = &self.actor.book.recorder;
        let ends = Ends { caller: caller.clone(), called: self.listens_at.clone()? };
        let joined = self.flows.join(recorder, self.actor.transport, &ends, self.side, about.socket?);
        if joined.is_new {
            let about = About { socket: None, flow: Some(joined.id), ..*about };
            recorder.record(about, Provenance::OBSERVED, None, joined.kind);
        }
        Some(joined.id)
    }

    fn socket(&self) -> Kind {
        let (local, peer) = match self.ends.get().map(|ends| ends.seen_from(self.side)) {
            Some((local, peer)) => (Some(local.clone()), Some(peer.clone())),
            None => (self.listens_at.clone(), None),
        };
        let transport = self.actor.transport;
        Kind::Socket { transport, fd: None, cookie: None, parent: self.parent, local, peer }
    }

    fn tell(
        &self,
        entered: &Entered,
        phase: Phase,
        outcome: Option<Outcome>,
        span: Option<Span>,
        data: &[u8],
        uncertainty: Nanos,
    ) {
        let recorder = &self.actor.book.recorder;
        // A call that began before the record was cleared has no beginning in the new one.
        if recorder.epoch() != entered.epoch {
            return;
        }
        let (id, op, tries) = (entered.id, entered.op.clone(), u32::from(phase == Phase::Returned));
        let call = Call { id, phase, op, outcome, span, data: Bytes::snap(data, SNAP), line: None, tries };
        recorder.record_at(Instant::now(), uncertainty, entered.about, Provenance::OBSERVED, None, Kind::Call(call));
    }

    fn span(&self, direction: Direction, len: usize) -> Span {
        if !self.actor.transport.is_stream() {
            let len = u32::try_from(len).unwrap_or(u32::MAX);
            return Span::Datagram { id: None, len, true_len: Some(len) };
        }
        let so_far = if direction == Direction::Out { &self.sent } else { &self.received };
        Span::Stream { direction, start: so_far.load(Ordering::Relaxed), len: len as u64 }
    }

    fn told(&self) -> MutexGuard<'_, Option<Told>> {
        self.told.lock().expect("nothing panics while it holds the name")
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        let recorder = &self.actor.book.recorder;
        let Some(told) = *self.told() else { return };
        if told.epoch == recorder.epoch() {
            recorder.record(told.about, Provenance::OBSERVED, None, Kind::Closed);
        }
        if let Some(ends) = self.ends.get() {
            self.flows.leave(self.actor.transport, ends, self.side);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Actor, Flows, Witness};
    use crate::recorder::Recorder;
    use crate::relay::Book;
    use protocol::ids::Boot;
    use protocol::trace::Bounds;
    use protocol::{Errno, HostId, Interest, Kind, Op, Outcome, Role, Seq, Transport};
    use std::io;
    use std::sync::Arc;

    #[test]
    fn a_call_that_fails_says_why() {
        let recorder = Recorder::new(Boot(1), Bounds::default());
        let _watching = recorder.watch();
        let book = Book { recorder: recorder.clone(), host: Some(HostId(1)) };
        let actor = Arc::new(Actor::new(book, Role::Client, Transport::Tcp));
        let witness = Witness::caller(actor, Flows::default());
        let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
        let to = protocol::Address::Inet(([127, 0, 0, 1], 9).into());
        witness.connected(witness.begins(|| Op::Connect { to }, &[]), Err(refused()));
        witness.sent(witness.begins(|| Op::Send { len: 1 }, b"x"), 1, &Err(refused()));
        witness.received(witness.begins(|| Op::Recv { max: 1 }, &[]), 1, Err(&refused()));
        drop(witness);
        let events = recorder.read(Seq(0), &Interest::default(), 100).read.batch.unwrap().events;
        let failed = events.iter().filter(|event| match &event.kind {
            Kind::Call(call) => matches!(&call.outcome, Some(Outcome::Failed(why)) if why.name == Errno::Econnrefused),
            _ => false,
        });
        assert_eq!(failed.count(), 3);
        let last: Vec<&Kind> = events.iter().rev().take(2).map(|event| &event.kind).collect();
        assert_eq!(last, [&Kind::Ended, &Kind::Closed]);
    }
}
