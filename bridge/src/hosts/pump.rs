//! The pump: moves packets from one host's TUN over the wire to the other's, and tells their story.

use super::host::Hosts;
use super::timer::Timer;
use super::tun::Tun;
use protocol::wire::{Way, WireAction};
use protocol::{CommandId, DropReason, Nanos, Stage};
use rustix::fd::OwnedFd;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tokio::io::unix::AsyncFdReadyGuard;
use tokio::sync::mpsc;
use wire::{ActError, Delivery, Output, Report, Wire};

/// Packets read from one TUN before the other one, the timer and commands have their turn.
const BATCH: usize = 64;
/// Buffers kept for the next packets.
const POOL: usize = 256;
/// Who is told what happens on the wire.
pub trait Sink: Send + 'static {
    /// A stage of a packet's life. Its times count from [`Pump::origin`]. Must not block.
    fn report(&mut self, report: Report);
}

impl<F: FnMut(Report) + Send + 'static> Sink for F {
    fn report(&mut self, report: Report) {
        self(report);
    }
}

/// Why a command did not reach the wire, or could not be done there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireUnavailable {
    /// The wire says why.
    #[error(transparent)]
    Act(#[from] ActError),
    /// There is no wire any more.
    #[error("the wire between the hosts has ended: go to another world and back to start it again")]
    Ended,
}

/// Commands to a running wire; cheap to clone. The pump ends when the last one is dropped.
#[derive(Clone)]
pub struct WireHandle {
    line: Arc<Mutex<Line>>,
    /// Wakes the pump, which sees by its end that nobody is left.
    nudge: mpsc::Sender<()>,
}

impl WireHandle {
    /// Does something to the wire. `done` is called when it is, before anything that it causes is told.
    ///
    /// # Errors
    /// [`WireUnavailable`], and then nothing was done.
    pub fn act(&self, action: WireAction, by: Option<CommandId>, done: impl FnOnce()) -> Result<(), WireUnavailable> {
        if self.nudge.is_closed() {
            return Err(WireUnavailable::Ended);
        }
        let mut line = locked(&self.line);
        let now = line.now();
        line.wire.act(now, action, by)?;
        done();
        drop(line);
        self.wake();
        Ok(())
    }

    /// Sets how many bytes of each packet are reported; `None` reports nothing, for when nobody watches.
    pub fn watch(&self, snap: Option<usize>) {
        locked(&self.line).wire.watch(snap);
    }

    /// Whether somebody waits for a packet.
    #[must_use]
    pub fn is_catching(&self) -> bool {
        locked(&self.line).wire.is_catching()
    }

    fn wake(&self) {
        // A full channel is a pump that is awake already.
        let _ = self.nudge.try_send(());
    }
}

/// Moves packets between the two hosts.
pub struct Pump {
    /// The client's and the server's.
    tuns: [Tun; 2],
    timer: Timer,
    nudged: mpsc::Receiver<()>,
    line: Arc<Mutex<Line>>,
    origin: Instant,
}

/// All but what is waited on.
struct Line {
    wire: Wire,
    sink: Box<dyn Sink>,
    origin: Instant,
    pool: Vec<Vec<u8>>,
}

fn locked(line: &Mutex<Line>) -> MutexGuard<'_, Line> {
    line.lock().expect("nothing panics while it holds the line")
}

impl Pump {
    /// A pump between the hosts, which reads nothing yet. To be called on the runtime.
    ///
    /// # Errors
    /// What the system says when it has no more descriptors.
    pub fn new(hosts: &Hosts, wire: Wire, sink: impl Sink) -> io::Result<(Self, WireHandle)> {
        // One is as good as many: the pump looks at everything when it is woken.
        let (nudge, nudged) = mpsc::channel(1);
        let origin = Instant::now();
        let line = Line { wire, sink: Box::new(sink), origin, pool: Vec::with_capacity(POOL) };
        let line = Arc::new(Mutex::new(line));
        let pump = Self {
            tuns: [Tun::new(hosts.client.tun()?)?, Tun::new(hosts.server.tun()?)?],
            timer: Timer::new()?,
            nudged,
            line: Arc::clone(&line),
            origin,
        };
        Ok((pump, WireHandle { line, nudge }))
    }

    /// The moment from which times are counted.
    #[must_use]
    pub fn origin(&self) -> Instant {
        self.origin
    }

    /// Runs until every [`WireHandle`] is dropped.
    ///
    /// # Errors
    /// When a host and its TUN are gone.
    pub async fn run(self) -> io::Result<()> {
        let Self { tuns, timer, mut nudged, line, .. } = self;
        let [client, server] = &tuns;
        let mut set = None;
        loop {
            let (next, now) = {
                let mut line = locked(&line);
                line.forward(&tuns);
                (line.wire.next_deadline(), line.now())
            };
            if next != set {
                timer.set(next.map(|next| Duration::from_nanos(next.since(now).0)))?;
                set = next;
            }
            tokio::select! {
                ready = client.readable() => locked(&line).drain(Way::ToServer, client, &mut ready?, &tuns)?,
                ready = server.readable() => locked(&line).drain(Way::ToClient, server, &mut ready?, &tuns)?,
                fired = timer.fired() => { fired?; set = None; }
                nudge = nudged.recv() => if nudge.is_none() { return Ok(()) },
            }
        }
    }
}

impl Line {
    fn now(&self) -> Nanos {
        Nanos(u64::try_from(self.origin.elapsed().as_nanos()).unwrap_or(u64::MAX))
    }

    /// Takes what a host has sent, up to a batch.
    fn drain(
        &mut self,
        way: Way,
        from: &Tun,
        ready: &mut AsyncFdReadyGuard<'_, OwnedFd>,
        tuns: &[Tun; 2],
    ) -> io::Result<()> {
        for _ in 0..BATCH {
            let mut buffer = self.pool.pop().unwrap_or_default();
            if !from.read(&mut buffer)? {
                self.pool.push(buffer);
                ready.clear_ready();
                return Ok(());
            }
            let now = self.now();
            self.wire.offer(now, way, buffer);
            self.forward_at(now, tuns);
        }
        Ok(())
    }

    fn forward(&mut self, tuns: &[Tun; 2]) {
        self.forward_at(self.now(), tuns);
    }

    fn forward_at(&mut self, now: Nanos, tuns: &[Tun; 2]) {
        while let Some(output) = self.wire.poll(now) {
            match output {
                Output::Report(report) => self.sink.report(report),
                Output::Deliver(delivery) => self.deliver(delivery, tuns),
            }
        }
    }

    fn deliver(&mut self, delivery: Delivery, tuns: &[Tun; 2]) {
        let Delivery { way, bytes, report, .. } = delivery;
        let to = match way {
            Way::ToServer => &tuns[1],
            Way::ToClient => &tuns[0],
        };
        let taken = to.write(&bytes);
        if let Some(mut report) = report {
            if !taken {
                report.packet.stage = Stage::Dropped(DropReason::Interface);
            }
            self.sink.report(report);
        }
        if self.pool.len() < POOL {
            self.pool.push(bytes);
        }
    }
}
