//! The running bridge: one listener, one world, and everybody who comes to see it.

use crate::doors::Door;
use crate::guard::Guard;
use crate::http;
use crate::limits;
use crate::members::Members;
use crate::recorder::Recorder;
use crate::relay::{Book, Relays};
use crate::site::Site;
use crate::world::World;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What can be chosen.
pub struct Config {
    /// Where the page is.
    pub site: Site,
    /// Who may speak.
    pub guard: Guard,
    /// The most relay connections.
    pub relays: usize,
    /// How long a member keeps its clients after its last session.
    pub member_grace: Duration,
    /// How long the head of a request may take to come.
    pub head_time: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            site: Site::find(),
            guard: Guard::default(),
            relays: limits::RELAYS,
            member_grace: limits::MEMBER_GRACE,
            head_time: limits::HTTP_HEAD_TIME,
        }
    }
}

/// What all connections share.
pub struct Bridge {
    /// The world that is running.
    pub world: Arc<dyn World>,
    /// Where its story is written.
    pub recorder: Recorder,
    /// Who may speak.
    pub guard: Guard,
    /// The page.
    pub site: Site,
    /// Who is at a page.
    pub members: Members,
    /// How long the head of a request may take to come.
    pub head_time: Duration,
    /// The seats for sessions.
    pub sessions: Door,
    /// The plain relays.
    pub relays: Relays,
    /// Cancelled when the bridge leaves.
    pub stop: CancellationToken,
    /// Everything that has to end before it has left.
    pub tasks: TaskTracker,
}

impl Bridge {
    /// A bridge that shows `world`, whose story `recorder` writes. Its relays run from now on.
    ///
    /// # Errors
    /// When the relays' own listeners cannot be opened.
    pub fn new(world: Arc<dyn World>, recorder: Recorder, config: Config) -> io::Result<Arc<Self>> {
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let (written, host) = world.this_computer().map_or((recorder.clone(), None), |(own, host)| (own, Some(host)));
        let book = Book { recorder: written, host };
        Ok(Arc::new(Self {
            members: Members::new(Arc::clone(&world), config.member_grace),
            world,
            relays: Relays::start(&book, config.relays, &stop, &tasks)?,
            recorder,
            guard: config.guard,
            site: config.site,
            head_time: config.head_time,
            sessions: Door::new(limits::SESSIONS, limits::SESSIONS_EACH),
            stop,
            tasks,
        }))
    }
}

/// Serves until `shutdown` completes, then says goodbye to everybody.
///
/// # Errors
/// When the relays' own listeners cannot be opened.
pub async fn serve(
    listener: TcpListener,
    world: Arc<dyn World>,
    recorder: Recorder,
    config: Config,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let bridge = Bridge::new(world, recorder, config)?;
    tokio::select! {
        never = accept(&listener, &bridge) => match never {},
        () = shutdown => {}
    }
    // The port is free before the last goodbye, so that the next start need not wait for it.
    drop(listener);
    bridge.stop.cancel();
    bridge.tasks.close();
    if tokio::time::timeout(limits::LEAVE_TIME, bridge.tasks.wait()).await.is_err() {
        tracing::warn!(left = bridge.tasks.len(), "connections that did not end in time are dropped");
    }
    bridge.relays.close();
    Ok(())
}

async fn accept(listener: &TcpListener, bridge: &Arc<Bridge>) -> std::convert::Infallible {
    // One address may open them all: the count guards memory, not fairness, and heads must come in seconds.
    let door = Door::new(limits::HTTP_CONNECTIONS, limits::HTTP_CONNECTIONS);
    let mut pause = Pause::new();
    loop {
        match listener.accept().await {
            Ok((socket, peer)) => {
                pause = Pause::new();
                match door.enter(peer.ip()) {
                    Ok(pass) => bridge.tasks.spawn(http::connection(Arc::clone(bridge), socket, pass)),
                    Err(_) => bridge.tasks.spawn(http::too_many(socket, limits::HTTP_CONNECTIONS)),
                };
            }
            // The caller gave up while it waited: nothing is wrong here.
            Err(error) if is_callers(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept; trying again");
                tokio::time::sleep(pause.longer()).await;
            }
        }
    }
}

/// Whether an error of `accept` concerns only the connection that was to be accepted.
pub fn is_callers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Pauses that double, for errors that pass by themselves: descriptors and memory come back.
pub struct Pause(Duration);

impl Pause {
    const FIRST: Duration = Duration::from_millis(10);
    const LONGEST: Duration = Duration::from_secs(1);

    /// Begins with the shortest.
    #[must_use]
    pub fn new() -> Self {
        Self(Self::FIRST)
    }

    /// How long to wait now; the next time it is longer.
    #[must_use = "the pause is to be waited for"]
    pub fn longer(&mut self) -> Duration {
        let now = self.0;
        self.0 = Self::LONGEST.min(now * 2);
        now
    }
}

impl Default for Pause {
    fn default() -> Self {
        Self::new()
    }
}
