//! Tells a relay's own calls while somebody watches. Unwatched, it costs one look at a number per call.

use crate::recorder::Recorder;
use protocol::{
    About, Address, Bytes, Call, CallId, Direction, Epoch, HostId, Kind, Op, Outcome, Owner, Phase, Place, Provenance,
    Role, Span, Transport,
};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

/// Bytes of one call that are recorded; its length always is.
const SNAP: usize = 256;

/// Where relays are written down.
#[derive(Clone)]
pub struct Book {
    /// Writes events.
    pub recorder: Recorder,
    /// The host on which they run; none where this computer takes no part in the story.
    pub host: Option<HostId>,
}

/// The story of one relay connection.
pub struct Witness {
    book: Book,
    transport: Transport,
    local: Option<Address>,
    peer: Option<Address>,
    /// How far the streams are.
    sent: AtomicU64,
    received: AtomicU64,
    /// Who it is, and in which epoch that was told last.
    told: Mutex<Option<(Epoch, About)>>,
}

/// A call that was told to have begun.
pub struct Begun {
    about: About,
    id: CallId,
    op: Op,
    epoch: Epoch,
}

impl Witness {
    /// Nothing is told yet.
    pub fn new(book: Book, transport: Transport, local: Option<Address>, peer: Option<Address>) -> Self {
        Self { book, transport, local, peer, sent: 0.into(), received: 0.into(), told: Mutex::default() }
    }

    /// A call begins; `None` when nobody watches, or too much happens.
    pub fn begins(&self, op: impl FnOnce() -> Op, data: &[u8]) -> Option<Begun> {
        let host = self.book.host.filter(|_| self.book.recorder.is_watched())?;
        if !self.book.recorder.may_record(Place::Relay) {
            return None;
        }
        let (epoch, about) = self.introduce(host);
        let begun = Begun { about, id: self.book.recorder.new_call(), op: op(), epoch };
        let span = matches!(begun.op, Op::Send { .. }).then(|| self.span(Direction::Out, data.len()));
        self.tell(&begun, Phase::Entered, None, span, data);
        Some(begun)
    }

    /// A send is over.
    pub fn sent(&self, begun: Option<Begun>, data: &[u8]) {
        if let Some(begun) = begun {
            let span = self.span(Direction::Out, data.len());
            self.tell(&begun, Phase::Returned, Some(Outcome::Bytes(data.len() as u64)), Some(span), &[]);
        }
        self.sent.fetch_add(data.len() as u64, Ordering::Relaxed);
    }

    /// A receive is over.
    pub fn received(&self, begun: Option<Begun>, data: &[u8]) {
        if let Some(begun) = begun {
            let span = self.span(Direction::In, data.len());
            self.tell(&begun, Phase::Returned, Some(Outcome::Bytes(data.len() as u64)), Some(span), data);
        }
        self.received.fetch_add(data.len() as u64, Ordering::Relaxed);
    }

    /// A call without bytes is over.
    pub fn done(&self, begun: Option<Begun>) {
        if let Some(begun) = begun {
            self.tell(&begun, Phase::Returned, Some(Outcome::Done), None, &[]);
        }
    }

    /// Tells who we are, once in every epoch.
    fn introduce(&self, host: HostId) -> (Epoch, About) {
        let recorder = &self.book.recorder;
        let epoch = recorder.epoch();
        let mut told = self.told();
        let about = match *told {
            Some((same, about)) if same == epoch => return (epoch, about),
            Some((_, about)) => about,
            None => {
                About { host, program: Some(recorder.new_program()), socket: Some(recorder.new_socket()), flow: None }
            }
        };
        *told = Some((epoch, about));
        drop(told);
        recorder.record(About { socket: None, ..about }, Provenance::OBSERVED, None, self.program());
        recorder.record(about, Provenance::OBSERVED, None, self.socket());
        (epoch, about)
    }

    fn program(&self) -> Kind {
        let name = match self.transport {
            Transport::Tcp => "relay/tcp",
            Transport::Udp => "relay/udp",
            Transport::UnixStream | Transport::UnixDatagram => "relay/unix",
        };
        Kind::Program {
            pid: Some(std::process::id()),
            name: name.to_owned(),
            role: Role::Client,
            owner: Owner::Ours,
            transport: Some(self.transport),
            reads: None,
            calls_visible: true,
        }
    }

    fn socket(&self) -> Kind {
        Kind::Socket {
            transport: self.transport,
            fd: None,
            cookie: None,
            parent: None,
            local: self.local.clone(),
            peer: self.peer.clone(),
        }
    }

    fn tell(&self, begun: &Begun, phase: Phase, outcome: Option<Outcome>, span: Option<Span>, data: &[u8]) {
        // A call that began before the record was cleared has no beginning in the new one.
        if self.book.recorder.epoch() != begun.epoch {
            return;
        }
        let call = Call {
            id: begun.id,
            phase,
            op: begun.op.clone(),
            outcome,
            span,
            data: Bytes::snap(data, SNAP),
            line: None,
            tries: u32::from(phase == Phase::Returned),
        };
        self.book.recorder.record(begun.about, Provenance::OBSERVED, None, Kind::Call(call));
    }

    fn span(&self, direction: Direction, len: usize) -> Span {
        if !self.transport.is_stream() {
            let len = u32::try_from(len).unwrap_or(u32::MAX);
            return Span::Datagram { id: None, len, true_len: Some(len) };
        }
        let so_far = if direction == Direction::Out { &self.sent } else { &self.received };
        Span::Stream { direction, start: so_far.load(Ordering::Relaxed), len: len as u64 }
    }

    fn told(&self) -> MutexGuard<'_, Option<(Epoch, About)>> {
        self.told.lock().expect("nothing panics while it holds the name")
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        let recorder = &self.book.recorder;
        let Some((epoch, about)) = *self.told() else { return };
        if epoch == recorder.epoch() {
            recorder.record(about, Provenance::OBSERVED, None, Kind::Closed);
            recorder.record(About { socket: None, ..about }, Provenance::OBSERVED, None, Kind::Ended);
        }
    }
}
