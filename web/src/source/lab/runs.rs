//! The runs of the two hosts in this page: one is shown, at its end or in its past. Pure, so that every turn can be
//! tested.
//!
//! A run keeps its lab and everything it told. So the past is shown from the record, which costs nothing, and is played
//! again ([`Lab::fork`]) only when somebody acts in it: then a new run begins, and the old future stays where it was.

#[cfg(test)]
mod tests;

use crate::time::{Making, Run as RunInfo};
use crate::told::Told;
use lab::Lab;
use protocol::command::{Command, Reply, WorldAction};
use protocol::event::{Event, Kind};
use protocol::ids::{Boot, CommandId, Epoch, MemberId, Nanos};
use protocol::message::Refusal;
use protocol::packet::{Hold, Stage};

/// So many runs are kept; the oldest goes first, as one that is compared with is rarely older.
const MOST: usize = 8;
/// Whoever is at this page: there is nobody else in it.
pub const ME: MemberId = MemberId(1);

/// One run.
pub struct Run {
    number: u32,
    from: Option<(u32, Nanos)>,
    making: Making,
    lab: Lab,
    events: Vec<Event>,
    /// Moves when the events begin anew.
    cleared: u32,
    /// What was told before the events began anew, and holds.
    told: Told,
    /// Counts commands: whoever does the same in another run makes the same story.
    commands: u32,
}

impl Run {
    fn take(&mut self) {
        while let Some(event) = self.lab.poll_event() {
            self.events.push(event);
        }
    }

    /// How many events had happened by then.
    fn count(&self, time: Nanos) -> usize {
        self.events.partition_point(|event| event.at <= time)
    }

    /// The time of the so many-th event, from 0, unless nothing comes after it.
    fn moment(&self, place: usize) -> Option<Nanos> {
        let last = self.events.last()?.at;
        self.events.get(place).map(|event| event.at).filter(|at| *at < last)
    }

    /// Its number, from 1.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Everything it told since it was cleared last.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// What was told before that, and holds.
    #[must_use]
    pub fn told(&self) -> Told {
        self.told.clone()
    }

    /// The lab.
    #[must_use]
    pub fn lab(&self) -> &Lab {
        &self.lab
    }

    /// How it was made.
    #[must_use]
    pub fn making(&self) -> Making {
        self.making
    }
}

/// All runs, of which one is shown.
pub struct Runs {
    boot: Boot,
    runs: Vec<Run>,
    shown: usize,
    /// The time that is shown, while it is in the past.
    past: Option<Nanos>,
    /// What comes after it has not been seen yet: a step shows one event of a thing that tells several.
    unseen: bool,
    made: u32,
}

/// Why time was let go on no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// That time was reached.
    Reached,
    /// A packet was caught: time is where it was then.
    Caught,
    /// There was too much to do.
    Tired,
}

/// What is shown, for whoever has to show more: as long as the first part stays, events were only added.
pub type Shown = ((u32, u32), usize);

impl Runs {
    /// A first run, at its beginning.
    #[must_use]
    pub fn new(boot: Boot, making: Making) -> Self {
        let mut runs = Self { boot, runs: Vec::new(), shown: 0, past: None, unseen: false, made: 0 };
        runs.anew(making);
        runs
    }

    /// Begins another run from nothing.
    pub fn anew(&mut self, making: Making) {
        let lab = Lab::with(self.epoch(), making.seed, making.options);
        self.add(Run {
            number: 0,
            from: None,
            making,
            lab,
            events: Vec::new(),
            cleared: 0,
            told: Told::default(),
            commands: 0,
        });
    }

    fn epoch(&self) -> Epoch {
        Epoch { boot: self.boot, run: self.made + 1 }
    }

    fn add(&mut self, mut run: Run) {
        self.made += 1;
        run.number = self.made;
        run.take();
        if self.runs.len() >= MOST {
            let oldest = usize::from(self.shown == 0);
            self.runs.remove(oldest);
        }
        self.runs.push(run);
        self.shown = self.runs.len() - 1;
        self.past = None;
    }

    /// The one that is shown.
    #[must_use]
    pub fn run(&self) -> &Run {
        &self.runs[self.shown]
    }

    /// One of them.
    #[must_use]
    pub fn find(&self, number: u32) -> Option<&Run> {
        self.runs.iter().find(|run| run.number == number)
    }

    /// All of them, oldest first.
    #[must_use]
    pub fn list(&self) -> Vec<RunInfo> {
        let shown = self.run().number;
        self.runs.iter().map(|run| RunInfo { number: run.number, from: run.from, shown: run.number == shown }).collect()
    }

    /// Shows another one, at its end.
    pub fn show(&mut self, number: u32) {
        if let Some(at) = self.runs.iter().position(|run| run.number == number) {
            self.shown = at;
            self.past = None;
        }
    }

    /// The time that is shown.
    #[must_use]
    pub fn now(&self) -> Nanos {
        self.past.unwrap_or_else(|| self.run().lab.now())
    }

    /// Whether that is the past.
    #[must_use]
    pub fn is_past(&self) -> bool {
        self.past.is_some() && !self.unseen
    }

    /// What is shown.
    #[must_use]
    pub fn shown(&self) -> Shown {
        let run = self.run();
        let count = self.past.map_or(run.events.len(), |past| run.count(past));
        ((run.number, run.cleared), count)
    }

    /// When something happens next by itself, in the record or in the lab; `None` if nothing ever does.
    #[must_use]
    pub fn due(&self) -> Option<Nanos> {
        let run = self.run();
        match self.past {
            Some(past) => Some(run.events.get(run.count(past)).map_or(run.lab.now(), |event| event.at)),
            None => run.lab.poll_timeout(),
        }
    }

    /// Lets time go on to `to`, until it is tired. What is recorded happens as it did; then the lab goes on.
    pub fn advance(&mut self, to: Nanos, tired: &mut dyn FnMut() -> bool) -> Stop {
        let run = &mut self.runs[self.shown];
        if self.past.is_some() {
            if to < run.lab.now() {
                self.past = Some(to);
                return Stop::Reached;
            }
            self.past = None;
        }
        loop {
            // One thing at a time, so that whoever catches a packet finds it where it was caught.
            let next = run.lab.poll_timeout().map_or(to, |due| due.min(to));
            run.lab.advance(next);
            let before = run.events.len();
            run.take();
            if run.events[before..].iter().any(is_caught) {
                return Stop::Caught;
            }
            if next >= to {
                return Stop::Reached;
            }
            if tired() {
                return Stop::Tired;
            }
        }
    }

    /// On to the next thing that happens; false if nothing ever does.
    pub fn step(&mut self) -> bool {
        let run = &mut self.runs[self.shown];
        let Some(past) = self.past else {
            let before = run.events.len();
            let stepped = run.lab.step().is_some();
            run.take();
            self.past = run.moment(before);
            self.unseen = self.past.is_some();
            return stepped;
        };
        // The end of the record is the present.
        self.past = run.moment(run.count(past));
        true
    }

    /// On to the next thing that happens to a packet; false if nothing ever does. It gives up after so many steps: a
    /// program may go round in a circle without the wire.
    pub fn to_packet(&mut self) -> bool {
        const ENOUGH: usize = 10_000;
        for _ in 0..ENOUGH {
            let (_, before) = self.shown();
            if !self.step() {
                return false;
            }
            let (_, now) = self.shown();
            let run = self.run();
            if run
                .events
                .get(before..now)
                .is_some_and(|new| new.iter().any(|event| matches!(event.kind, Kind::Packet(_))))
            {
                return true;
            }
        }
        true
    }

    /// To where so many events have happened, at least the first.
    pub fn to(&mut self, count: usize) {
        let run = self.run();
        self.past = run.moment(count.max(1) - 1);
        self.unseen = false;
    }

    /// Gives a command. In the past it begins another run, unless it is refused.
    ///
    /// # Errors
    /// [`Refusal`], and then nothing was done.
    pub fn perform(&mut self, what: Command) -> Result<Reply, Refusal> {
        if self.unseen {
            self.past = None;
        }
        let run = &mut self.runs[self.shown];
        let id = CommandId { by: ME, number: run.commands + 1 };
        let Some(past) = self.past else {
            let clears = what == Command::World(WorldAction::Clear);
            let reply = run.lab.perform(id, what)?;
            run.commands = id.number;
            if clears {
                run.events.iter().for_each(|event| run.told.hear(event));
                run.events.clear();
                run.cleared += 1;
            }
            run.take();
            return Ok(reply);
        };
        let epoch = Epoch { boot: self.boot, run: self.made + 1 };
        let mut lab = run.lab.fork(epoch, run.lab.age_at(past));
        let reply = lab.perform(id, what)?;
        let fork = Run {
            number: 0,
            from: Some((run.number, past)),
            making: run.making,
            lab,
            events: Vec::new(),
            cleared: run.cleared,
            told: run.told.clone(),
            commands: id.number,
        };
        self.add(fork);
        Ok(reply)
    }
}

fn is_caught(event: &Event) -> bool {
    matches!(&event.kind, Kind::Packet(packet) if packet.stage == Stage::Held(Hold::Caught))
}
