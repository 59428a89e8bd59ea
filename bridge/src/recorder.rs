//! Where events are written down, and where viewers read them.
//!
//! Recording never waits: it takes a short lock and pushes. Viewers pull at their own pace, so that a slow one costs
//! nothing and loses only its own events. What a program does faster than the budget is counted, not recorded.

mod ids;

use ids::{Ids, next};
use protocol::ids::Boot;
use protocol::message::ResetReason;
use protocol::trace::{Bounds, Read};
use protocol::{About, Cause, Epoch, Event, GapReason, Interest, Kind, Nanos, Place, Provenance, Seq, Trace};
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Calls recorded a second, in the long run, before the rest is only counted.
pub const EVENTS_A_SECOND: u64 = 10_000;
/// Calls recorded in one burst.
const BURST: u64 = 20_000;
/// When the budget is used up, no call is recorded for so long: whole exchanges in turns say more than single calls.
pub const REST: Duration = Duration::from_millis(100);

/// Writes events; cheap to clone.
#[derive(Clone)]
pub struct Recorder {
    shared: Arc<Shared>,
    /// Whose words these are; 0 is heard always, the others only while they have the floor.
    voice: u32,
}

struct Shared {
    boot: Boot,
    record: Mutex<Record>,
    /// The number of events ever recorded, as a signal for viewers.
    changed: watch::Sender<Seq>,
    watchers: AtomicUsize,
    /// When it was made: the zero of `resting_until`.
    born: Instant,
    /// Until then nothing is recorded of calls; nanoseconds since `born`.
    resting_until: AtomicU64,
    /// Events that were not recorded and not told yet.
    uncounted: AtomicU64,
    /// Whether somebody watches, and which voice has the floor: a signal for those who make costly knowledge.
    watched: watch::Sender<Scene>,
    /// The voice that has the floor.
    floor: AtomicU32,
    ids: Ids,
}

struct Record {
    trace: Trace,
    /// Time zero of the epoch.
    began: Instant,
    /// The voice that has the floor.
    floor: u32,
    /// The last epoch that began with a switch of worlds.
    switched: u32,
    /// Events that may still be recorded in this burst.
    tokens: u64,
    refilled: Instant,
    /// Who used the budget up.
    spender: Place,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Scene {
    watched: bool,
    floor: u32,
}

/// What a viewer reads: the epoch it belongs to comes with it, so that a new one is noticed.
#[derive(Debug)]
pub struct Reading {
    /// The epoch.
    pub epoch: Epoch,
    /// What is new in it.
    pub read: Read,
}

/// Somebody watches, as long as this lives.
pub struct Watching(Arc<Shared>);

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.watchers.fetch_sub(1, Ordering::Relaxed);
        self.0.signal();
    }
}

impl Shared {
    fn signal(&self) {
        self.watched.send_if_modified(|scene| {
            let watched = self.watchers.load(Ordering::Relaxed) > 0;
            let now = Scene { watched, floor: self.floor.load(Ordering::Relaxed) };
            std::mem::replace(scene, now) != now
        });
    }
}

impl Recorder {
    /// A recorder with an empty epoch that begins now.
    #[must_use]
    pub fn new(boot: Boot, bounds: Bounds) -> Self {
        let now = Instant::now();
        let record = Record {
            trace: Trace::new(Epoch { boot, run: 0 }, bounds),
            began: now,
            floor: 0,
            switched: 0,
            tokens: BURST,
            refilled: now,
            spender: Place::Calls,
        };
        Self {
            shared: Arc::new(Shared {
                boot,
                record: Mutex::new(record),
                changed: watch::Sender::new(Seq(0)),
                watchers: AtomicUsize::new(0),
                born: now,
                resting_until: AtomicU64::new(0),
                uncounted: AtomicU64::new(0),
                watched: watch::Sender::new(Scene::default()),
                floor: AtomicU32::new(0),
                ids: Ids::default(),
            }),
            voice: 0,
        }
    }

    /// A recorder of the same story for one of several worlds: what it writes is kept only while it has the floor.
    #[must_use]
    pub fn voice(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), voice: next(&self.shared.ids.voice) }
    }

    /// Whether what it writes is kept.
    fn has_floor(&self) -> bool {
        self.voice == 0 || self.shared.floor.load(Ordering::Relaxed) == self.voice
    }

    /// The time in the present epoch.
    #[must_use]
    pub fn now(&self) -> Nanos {
        self.time_of(Instant::now())
    }

    /// A moment as time in the present epoch; 0 if it was before it.
    #[must_use]
    pub fn time_of(&self, moment: Instant) -> Nanos {
        elapsed(self.locked().began, moment)
    }

    /// The present epoch.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.locked().trace.epoch()
    }

    /// Records what happens now.
    pub fn record(&self, about: About, provenance: Provenance, cause: Option<Cause>, kind: Kind) -> Seq {
        self.record_at(Instant::now(), Nanos(0), about, provenance, cause, kind)
    }

    /// Records what happened at `moment`, or up to `uncertainty` earlier. Of a world that has not the floor nothing is
    /// kept, and there is no event: number 0.
    pub fn record_at(
        &self,
        moment: Instant,
        uncertainty: Nanos,
        about: About,
        provenance: Provenance,
        cause: Option<Cause>,
        kind: Kind,
    ) -> Seq {
        let mut record = self.locked();
        if self.voice != 0 && record.floor != self.voice {
            return Seq(0);
        }
        let at = elapsed(record.began, moment);
        let seq = record.trace.push(Event { seq: Seq(0), at, uncertainty, about, provenance, cause, kind });
        // Told under the lock, so that the last number told is the last event's: resuming relies on it.
        self.shared.changed.send_replace(seq);
        seq
    }

    /// Whether one more call may be recorded: ask before building its events, for both ends of the call at once.
    ///
    /// What is refused is counted and told later as one [`Kind::Dropped`].
    #[must_use]
    pub fn may_record(&self, place: Place) -> bool {
        if !self.has_floor() {
            return false;
        }
        let now = Instant::now();
        let age = elapsed(self.shared.born, now);
        // Programs that are far too fast must not queue for the lock to hear so, again and again.
        if age.0 < self.shared.resting_until.load(Ordering::Relaxed) {
            self.shared.uncounted.fetch_add(2, Ordering::Relaxed);
            return false;
        }
        {
            let mut record = self.locked();
            let earned = elapsed(record.refilled, now).0.saturating_mul(EVENTS_A_SECOND) / 1_000_000_000;
            if earned > 0 {
                record.tokens = BURST.min(record.tokens + earned);
                record.refilled = now;
            }
            if record.tokens < 2 {
                record.spender = place;
                self.shared.resting_until.store(age.0 + REST.as_nanos() as u64, Ordering::Relaxed);
                self.shared.uncounted.fetch_add(2, Ordering::Relaxed);
                drop(record);
                // Nothing new to read, but something is owed: see `settle`.
                self.shared.changed.send_modify(|_| {});
                return false;
            }
            record.tokens -= 2;
        }
        self.tell_uncounted(place);
        true
    }

    /// Tells how many events were not recorded, unless there will be more of them in a moment. Whether some are still
    /// owed: then ask again after [`REST`].
    ///
    /// A program that was too fast and then stopped makes no further call that would tell it.
    #[must_use]
    pub fn settle(&self) -> bool {
        if self.shared.uncounted.load(Ordering::Relaxed) == 0 {
            return false;
        }
        if elapsed(self.shared.born, Instant::now()).0 < self.shared.resting_until.load(Ordering::Relaxed) {
            return true;
        }
        let spender = self.locked().spender;
        self.tell_uncounted(spender);
        false
    }

    fn tell_uncounted(&self, place: Place) {
        let count = self.shared.uncounted.swap(0, Ordering::Relaxed);
        if count > 0 {
            self.record(About::default(), Provenance::OBSERVED, None, Kind::Dropped { place, count });
        }
    }

    /// What a viewer that has seen everything through `after` gets next, looking at no more than `most` events.
    #[must_use]
    pub fn read(&self, after: Seq, interest: &Interest, most: usize) -> Reading {
        let record = self.locked();
        Reading { epoch: record.trace.epoch(), read: record.trace.read(after, interest, most) }
    }

    /// Leaves out what was recorded in `(after, to]`, except for introductions, of which it takes no more than `most`.
    #[must_use]
    pub fn skip(&self, after: Seq, to: Seq, interest: &Interest, most: usize, reason: GapReason) -> Reading {
        let record = self.locked();
        Reading { epoch: record.trace.epoch(), read: record.trace.skip(after, to, interest, most, reason) }
    }

    /// Changes whenever something was recorded. Wait on it, then read.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<Seq> {
        self.shared.changed.subscribe()
    }

    /// Says that somebody watches, until the guard is dropped.
    #[must_use]
    pub fn watch(&self) -> Watching {
        self.shared.watchers.fetch_add(1, Ordering::Relaxed);
        self.shared.signal();
        Watching(Arc::clone(&self.shared))
    }

    /// Whether somebody watches. Costly knowledge (kernel samples, relay events) is made only then.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.has_floor() && self.shared.watchers.load(Ordering::Relaxed) > 0
    }

    /// Waits until somebody watches, or nobody does any more.
    pub async fn becomes_watched(&self, watched: bool) {
        let mut scenes = self.shared.watched.subscribe();
        let is_it = |scene: &Scene| (scene.watched && (self.voice == 0 || scene.floor == self.voice)) == watched;
        // The sender lives in what we hold.
        let _ = scenes.wait_for(is_it).await;
    }

    /// Begins a new, empty epoch, and returns it. Whoever calls it tells the living hosts, programs and sockets again.
    pub fn begin_epoch(&self) -> Epoch {
        let floor = self.locked().floor;
        self.begin(floor)
    }

    /// Takes the floor, and begins a new, empty epoch with it; the first to take it begins in the first epoch.
    pub fn take_floor(&self) -> Epoch {
        {
            let mut record = self.locked();
            if record.floor == 0 && record.trace.last() == Seq(0) {
                record.floor = self.voice;
                self.shared.floor.store(self.voice, Ordering::Relaxed);
                let epoch = record.trace.epoch();
                drop(record);
                self.shared.signal();
                return epoch;
            }
        }
        self.begin(self.voice)
    }

    fn begin(&self, floor: u32) -> Epoch {
        let epoch = {
            let mut record = self.locked();
            let epoch = Epoch { boot: self.shared.boot, run: record.trace.epoch().run + 1 };
            let bounds = record.trace.bounds();
            record.trace = Trace::new(epoch, bounds);
            record.began = Instant::now();
            if std::mem::replace(&mut record.floor, floor) != floor {
                record.switched = epoch.run;
                self.shared.floor.store(floor, Ordering::Relaxed);
            }
            self.shared.uncounted.store(0, Ordering::Relaxed);
            self.shared.changed.send_replace(Seq(0));
            epoch
        };
        self.shared.signal();
        epoch
    }

    /// Why the story of `old` is not told any more.
    #[must_use]
    pub fn why_not(&self, old: Epoch) -> ResetReason {
        let record = self.locked();
        if old.boot != self.shared.boot {
            ResetReason::Restarted
        } else if old.run < record.switched {
            ResetReason::Switched
        } else {
            ResetReason::Cleared
        }
    }

    fn locked(&self) -> MutexGuard<'_, Record> {
        self.shared.record.lock().expect("nothing panics while it holds the record")
    }
}

fn elapsed(from: Instant, to: Instant) -> Nanos {
    Nanos(u64::try_from(to.saturating_duration_since(from).as_nanos()).unwrap_or(u64::MAX))
}
