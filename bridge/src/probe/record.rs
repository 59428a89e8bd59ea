//! Both ends of a call as events, and the calls that wait.

use crate::recorder::Recorder;
use crate::sockets::table::Table;
use protocol::{About, Address, Bytes, Call, CallId, Cause, HostId, Kind, Op, Outcome, Phase, Place, Provenance, Span};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::Poll;
use tokio::sync::Notify;

/// Bytes of one call that are recorded; its length always is.
pub const SNAP: usize = 4_096;

/// What all programs of one host share: where they are written down.
pub struct Story {
    /// Writes events.
    pub recorder: Recorder,
    /// All sockets of the world.
    pub table: Arc<Table>,
    /// The host.
    pub host: HostId,
    /// The host's own addresses, if it has others than loopback.
    addresses: Vec<IpAddr>,
    /// Something happened that the kernel should be asked about.
    pub stirred: Notify,
    waiting: Mutex<BTreeMap<CallId, Waits>>,
    packets_first: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

struct Waits {
    about: About,
    op: Op,
    span: Option<Span>,
}

/// A call that was entered and has not returned.
pub struct Entered {
    id: CallId,
    about: About,
    op: Op,
    span: Option<Span>,
    recorded: bool,
}

impl Story {
    /// An empty story of a host that speaks with itself, over loopback.
    #[must_use]
    pub fn new(recorder: Recorder) -> Arc<Self> {
        let table = Arc::new(Table::new(recorder.clone()));
        Self::of_host(recorder, table, Vec::new())
    }

    /// An empty story of one of several hosts, which share the table of sockets.
    #[must_use]
    pub fn of_host(recorder: Recorder, table: Arc<Table>, addresses: Vec<IpAddr>) -> Arc<Self> {
        let host = recorder.new_host();
        let (stirred, waiting) = (Notify::new(), Mutex::default());
        Arc::new(Self { recorder, table, host, addresses, stirred, waiting, packets_first: OnceLock::new() })
    }

    /// Whether this is an address of the host's own.
    #[must_use]
    pub fn has(&self, ip: IpAddr) -> bool {
        self.addresses.contains(&ip)
    }

    /// This end of a conversation as the peer sees it.
    ///
    /// A socket bound to no particular address sends from the address it sends to when that is a loopback address,
    /// and else from the host's address of the same family.
    #[must_use]
    pub fn as_seen_by(&self, local: &Address, peer: &Address) -> Address {
        let (Address::Inet(here), Address::Inet(there)) = (local, peer) else { return local.clone() };
        if !here.ip().is_unspecified() {
            return local.clone();
        }
        let own = self.addresses.iter().copied().find(|own| own.is_ipv4() == there.is_ipv4());
        let ip = if there.ip().is_loopback() { there.ip() } else { own.unwrap_or(here.ip()) };
        Address::Inet(SocketAddr::new(ip, here.port()))
    }

    /// Packets are captured: `look` tells those that wait to be told. Said once.
    pub fn packets_first(&self, look: impl Fn() + Send + Sync + 'static) {
        // A second capture of one host would tell every packet twice; there is one.
        let _ = self.packets_first.set(Box::new(look));
    }

    /// To be called between asking the kernel and telling what it said: packets tell the same more exactly.
    pub fn look_at_packets(&self) {
        if let Some(look) = self.packets_first.get() {
            look();
        }
    }

    /// A program calls.
    pub fn enter(&self, about: About, op: Op, span: Option<Span>, data: &[u8], cause: Option<Cause>) -> Entered {
        let recorded = self.recorder.may_record(Place::Calls);
        let call = Entered { id: self.recorder.new_call(), about, op, span, recorded };
        if recorded {
            self.tell(&call, Phase::Entered, None, span, Bytes::snap(data, SNAP), 0, cause);
        }
        call
    }

    /// The call returns.
    #[expect(clippy::needless_pass_by_value, reason = "a call returns once")]
    pub fn leave(&self, call: Entered, outcome: Outcome, span: Option<Span>, data: &[u8], tries: u32) {
        if call.recorded {
            self.tell(&call, Phase::Returned, Some(outcome), span, Bytes::snap(data, SNAP), tries, None);
        }
        self.stir();
    }

    /// Asks for a look at the kernel, if somebody watches.
    pub fn stir(&self) {
        if self.recorder.is_watched() {
            self.stirred.notify_one();
        }
    }

    #[expect(clippy::too_many_arguments, reason = "they are the fields of a call")]
    fn tell(
        &self,
        call: &Entered,
        phase: Phase,
        outcome: Option<Outcome>,
        span: Option<Span>,
        data: Bytes,
        tries: u32,
        cause: Option<Cause>,
    ) {
        let kind = Call { id: call.id, phase, op: call.op.clone(), outcome, span, data, line: None, tries };
        self.recorder.record(call.about, Provenance::OBSERVED, cause, Kind::Call(kind));
    }

    /// Does the work of a call; if it waits, the call is remembered as one that does.
    pub async fn watch<T>(&self, call: &Entered, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        if let Poll::Ready(done) = poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await {
            return done;
        }
        let _waits = call.recorded.then(|| Waiting::new(self, call));
        self.stir();
        work.await
    }

    /// Tells again that calls wait, for a new epoch.
    pub fn tell_waiting(&self) {
        let waiting = self.waiting.lock().expect("nothing panics while it holds the list");
        for (id, waits) in waiting.iter() {
            let call = Entered { id: *id, about: waits.about, op: waits.op.clone(), span: None, recorded: true };
            self.tell(&call, Phase::Entered, None, waits.span, Bytes::default(), 0, None);
        }
    }
}

impl Entered {
    /// It turned out whom the call is about.
    pub fn is_about(&mut self, about: About) {
        self.about = about;
    }
}

/// A call is on the list of those that wait, as long as this lives.
struct Waiting<'a> {
    story: &'a Story,
    id: CallId,
}

impl<'a> Waiting<'a> {
    fn new(story: &'a Story, call: &Entered) -> Self {
        let waits = Waits { about: call.about, op: call.op.clone(), span: call.span };
        story.waiting.lock().expect("nothing panics while it holds the list").insert(call.id, waits);
        Self { story, id: call.id }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.story.waiting.lock().expect("nothing panics while it holds the list").remove(&self.id);
    }
}
