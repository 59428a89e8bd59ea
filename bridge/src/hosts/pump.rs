//! The pump: moves packets from one host's TUN over the wire to the other's, and tells their story.

use super::host::Hosts;
use super::timer::Timer;
use super::tun::Tun;
use protocol::wire::{Way, WireAction};
use protocol::{CommandId, DropReason, Nanos, Stage};
use rustix::fd::OwnedFd;
use std::io;
use std::time::{Duration, Instant};
use tokio::io::unix::AsyncFdReadyGuard;
use tokio::sync::{mpsc, oneshot};
use wire::{ActError, Delivery, Output, Report, Wire};

/// Packets read from one TUN before the other one, the timer and commands have their turn.
const BATCH: usize = 64;
/// Buffers kept for the next packets.
const POOL: usize = 256;
/// Commands that may wait; they are a person's, so one is common.
const COMMANDS: usize = 64;

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
#[derive(Clone, Debug)]
pub struct WireHandle {
    asks: mpsc::Sender<Ask>,
}

#[derive(Debug)]
enum Ask {
    Act { action: WireAction, by: Option<CommandId>, answer: oneshot::Sender<Result<(), ActError>> },
    Watch(Option<usize>),
}

impl WireHandle {
    /// Does something to the wire.
    ///
    /// # Errors
    /// [`WireUnavailable`].
    pub async fn act(&self, action: WireAction, by: Option<CommandId>) -> Result<(), WireUnavailable> {
        let (answer, answered) = oneshot::channel();
        self.asks.send(Ask::Act { action, by, answer }).await.map_err(|_| WireUnavailable::Ended)?;
        Ok(answered.await.map_err(|_| WireUnavailable::Ended)??)
    }

    /// Sets how many bytes of each packet are reported; `None` reports nothing, for when nobody watches.
    ///
    /// # Errors
    /// [`WireUnavailable::Ended`].
    pub async fn watch(&self, snap: Option<usize>) -> Result<(), WireUnavailable> {
        self.asks.send(Ask::Watch(snap)).await.map_err(|_| WireUnavailable::Ended)
    }
}

/// Moves packets between the two hosts.
#[derive(Debug)]
pub struct Pump<S> {
    /// The client's and the server's.
    tuns: [Tun; 2],
    timer: Timer,
    asks: mpsc::Receiver<Ask>,
    line: Line<S>,
}

/// All but what is waited on.
#[derive(Debug)]
struct Line<S> {
    wire: Wire,
    sink: S,
    origin: Instant,
    pool: Vec<Vec<u8>>,
}

impl<S: Sink> Pump<S> {
    /// A pump between the hosts, which reads nothing yet. To be called on the runtime.
    ///
    /// # Errors
    /// What the system says when it has no more descriptors.
    pub fn new(hosts: &Hosts, wire: Wire, sink: S) -> io::Result<(Self, WireHandle)> {
        let (asks, asked) = mpsc::channel(COMMANDS);
        let pump = Self {
            tuns: [Tun::new(hosts.client.tun()?)?, Tun::new(hosts.server.tun()?)?],
            timer: Timer::new()?,
            asks: asked,
            line: Line { wire, sink, origin: Instant::now(), pool: Vec::with_capacity(POOL) },
        };
        Ok((pump, WireHandle { asks }))
    }

    /// The moment from which times are counted.
    #[must_use]
    pub fn origin(&self) -> Instant {
        self.line.origin
    }

    /// Runs until every [`WireHandle`] is dropped.
    ///
    /// # Errors
    /// When a host and its TUN are gone.
    pub async fn run(self) -> io::Result<()> {
        let Self { tuns, timer, mut asks, mut line } = self;
        let [client, server] = &tuns;
        let mut set = None;
        loop {
            line.forward(&tuns);
            let next = line.wire.next_deadline();
            if next != set {
                timer.set(next.map(|next| Duration::from_nanos(next.since(line.now()).0)))?;
                set = next;
            }
            tokio::select! {
                ready = client.readable() => line.drain(Way::ToServer, client, &mut ready?, &tuns)?,
                ready = server.readable() => line.drain(Way::ToClient, server, &mut ready?, &tuns)?,
                fired = timer.fired() => { fired?; set = None; }
                ask = asks.recv() => match ask {
                    Some(ask) => line.answer(ask),
                    None => return Ok(()),
                },
            }
        }
    }
}

impl<S: Sink> Line<S> {
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

    fn answer(&mut self, ask: Ask) {
        match ask {
            Ask::Act { action, by, answer } => {
                let done = self.wire.act(self.now(), action, by);
                // Whoever asked may have gone away meanwhile; it is done all the same.
                let _ = answer.send(done);
            }
            Ask::Watch(snap) => self.wire.watch(snap),
        }
    }
}
