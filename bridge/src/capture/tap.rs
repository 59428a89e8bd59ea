//! The socket while somebody watches: listens, takes packets out, and rests.

use super::clock::Clocks;
use super::tell::Teller;
use super::{Ports, helper};
use crate::probe::Story;
use crate::sys::packet_socket::Ring;
use crate::sys::readable::register_readable;
use rustix::fd::OwnedFd;
use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tokio::io::unix::AsyncFd;

/// Between two looks at what is left to tell while packets come: losses, and states of sockets nobody knew yet.
const TICK: Duration = Duration::from_millis(20);

/// Reads the packet socket.
pub(super) struct Tap {
    story: Arc<Story>,
    readable: AsyncFd<OwnedFd>,
    shared: Arc<Mutex<Open>>,
}

struct Open {
    story: Arc<Story>,
    ring: Ring,
    interface: u32,
    listens: bool,
    teller: Teller,
    /// Packets that are in the ring came after this.
    looked: Instant,
}

impl Tap {
    /// Takes over the socket that the child opened, with its ring. If somebody watches already, it listens at once.
    ///
    /// # Errors
    /// There is no loopback interface, or too many descriptors are open.
    pub fn new(story: Arc<Story>, ports: Ports, ring: Ring) -> io::Result<Self> {
        let socket = ring.socket()?;
        let interface = helper::interface(&socket)?;
        let readable = register_readable(socket)?;
        let teller = Teller::new(Arc::clone(&story), ports);
        let open = Open { story: Arc::clone(&story), ring, interface, listens: false, teller, looked: Instant::now() };
        let shared = Arc::new(Mutex::new(open));
        let weak = Arc::downgrade(&shared);
        story.packets_first(move || {
            if let Some(shared) = weak.upgrade() {
                locked(&shared).look();
            }
        });
        locked(&shared).look();
        Ok(Self { story, readable, shared })
    }

    /// Captures whenever somebody watches.
    pub async fn run(self) -> Infallible {
        loop {
            self.story.recorder.becomes_watched(true).await;
            if let Err(error) = self.listen().await {
                tracing::warn!(%error, "packets cannot be captured");
                self.story.recorder.becomes_watched(false).await;
            }
        }
    }

    /// Captures until nobody watches.
    async fn listen(&self) -> io::Result<()> {
        locked(&self.shared).listen()?;
        loop {
            let busy = locked(&self.shared).teller.is_busy();
            tokio::select! {
                () = self.story.recorder.becomes_watched(false) => break,
                ready = self.readable.readable() => {
                    let mut ready = ready?;
                    locked(&self.shared).look();
                    ready.clear_ready();
                }
                () = tokio::time::sleep(TICK), if busy => locked(&self.shared).tick(),
            }
        }
        locked(&self.shared).rest();
        Ok(())
    }
}

impl Open {
    /// Listens from now on, if it does not yet.
    fn listen(&mut self) -> io::Result<()> {
        if !self.listens {
            self.looked = Instant::now();
            self.ring.listen(self.interface)?;
            self.teller.begin();
            self.listens = true;
        }
        Ok(())
    }

    fn rest(&mut self) {
        if self.listens {
            self.listens = false;
            self.ring.rest();
        }
    }

    /// Tells the packets that have come; whoever acts afterwards can be sure that it listens, or rests, as it should.
    fn look(&mut self) {
        if !self.story.recorder.is_watched() {
            return self.rest();
        }
        if self.listen().is_err() {
            // The task says why.
            return;
        }
        let earliest = std::mem::replace(&mut self.looked, Instant::now());
        let mut clocks = Clocks::read();
        let Self { ring, teller, .. } = self;
        let mut more = true;
        while more {
            let took = ring.take(|frame| {
                if frame.wall > clocks.wall() {
                    clocks = Clocks::read();
                }
                teller.packet(frame.bytes, frame.true_len, clocks.moment(frame.wall, earliest));
            });
            more = took.is_some();
        }
        teller.settle();
    }

    fn tick(&mut self) {
        self.look();
        let lost = self.ring.drops();
        self.teller.tick(lost);
    }
}

fn locked(shared: &Mutex<Open>) -> MutexGuard<'_, Open> {
    shared.lock().expect("nothing panics while it holds the ring")
}
