//! The lab: its clock, and the loop that does one thing after another.

use crate::net::Net;
use crate::options::LabOptions;
use crate::program::Crew;
use crate::program::server::Server;
use crate::rewind::{Input, Log};
use crate::story::Story;
use protocol::{Command, CommandId, Epoch, Event, Nanos};

/// Events that nobody has taken before time stands still: what a page draws in a frame is far less.
const MOST_UNTAKEN: usize = 10_000;

/// Two hosts, the wire, and the echo programs.
pub struct Lab {
    pub(crate) net: Net,
    pub(crate) crew: Crew,
    pub(crate) servers: Vec<Server>,
    seed: u64,
    log: Log,
    /// Things done since the lab began: what orders an input among them.
    steps: u64,
}

impl Lab {
    /// A lab whose servers are bound and wait, at virtual time 0. The seed decides all chances to come.
    #[must_use]
    pub fn new(epoch: Epoch, seed: u64) -> Self {
        Self::with(epoch, seed, LabOptions::default())
    }

    /// The same, with other choices for the stacks.
    #[must_use]
    pub fn with(epoch: Epoch, seed: u64, options: LabOptions) -> Self {
        let mut lab = Self {
            net: Net::new(Story::new(epoch), seed, options),
            crew: Crew::new(),
            servers: Vec::new(),
            seed,
            log: Log::default(),
            steps: 0,
        };
        lab.tell_hosts();
        lab.make_servers();
        lab
    }

    /// The story that is being told; it changes with [`WorldAction::Clear`](protocol::WorldAction::Clear).
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.net.story.epoch()
    }

    /// The virtual time, since the epoch began.
    #[must_use]
    pub fn now(&self) -> Nanos {
        self.net.story.told(self.net.story.now())
    }

    /// When something will happen by itself, if nobody does anything; `None` if nothing ever will.
    ///
    /// Never earlier than [`now`](Self::now).
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Nanos> {
        let due = self.due()?.max(self.net.story.now());
        Some(self.net.story.told(due))
    }

    /// Lets time go on to `to`, a time of the epoch. Returns the time that was reached: earlier when 10,000 events wait to
    /// be taken (take them, and call again), and a few microseconds later when the last thing took so long.
    pub fn advance(&mut self, to: Nanos) -> Nanos {
        let until = self.net.story.untold(to);
        while self.due().is_some_and(|due| due <= until) {
            if self.net.story.untaken() >= MOST_UNTAKEN {
                return self.now();
            }
            self.do_next();
        }
        self.net.story.reach(until);
        self.now()
    }

    /// Does the next thing that tells anything, however far away: one packet, one call, one timer. Returns its time, or
    /// `None` if nothing will ever happen by itself.
    pub fn step(&mut self) -> Option<Nanos> {
        let before = self.net.story.last();
        while self.net.story.last() == before {
            self.due()?;
            self.do_next();
        }
        Some(self.now())
    }

    /// The next event that nobody has taken.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.net.story.take()
    }

    /// How often the stacks have been polled: the measure of work.
    #[must_use]
    pub fn polls(&self) -> u64 {
        self.net.polls()
    }

    /// The wire, to be asked about its conditions and what it holds.
    #[must_use]
    pub fn wire(&self) -> &wire::Wire {
        self.net.wire()
    }

    /// The seed it was made with.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// What the stacks were told to do when it was made.
    #[must_use]
    pub fn options(&self) -> LabOptions {
        self.net.options
    }

    /// What was done to it, for [`replay`](Self::replay).
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.log
    }

    fn due(&self) -> Option<Nanos> {
        [self.net.due(), self.crew.due()].into_iter().flatten().min()
    }

    /// Does one thing that is due first. Packets come before programs when both are due.
    pub(crate) fn do_next(&mut self) {
        let (net, crew) = (self.net.due(), self.crew.due());
        let Some(due) = [net, crew].into_iter().flatten().min() else { return };
        self.steps += 1;
        self.net.story.reach(due);
        if net == Some(due) {
            self.net.work();
        } else {
            self.crew.work(&mut self.net);
        }
        self.settle();
    }

    /// After something was done: whoever waits for it is due.
    pub(crate) fn settle(&mut self) {
        loop {
            let now = self.net.story.now();
            self.crew.wake(now, self.net.take_woken());
            let Some((socket, error)) = self.crew.failed.pop() else { return };
            if let Some(server) = self.servers.iter_mut().find(|server| server.socket() == Some(socket)) {
                server.failed(&mut self.net, &mut self.crew, error);
            }
        }
    }

    pub(crate) fn next_due(&self) -> Option<Nanos> {
        self.due()
    }

    pub(crate) fn steps(&self) -> u64 {
        self.steps
    }

    /// Virtual time since the lab began, which no new epoch sets back: what [`fork`](Self::fork) counts in.
    #[must_use]
    pub fn age(&self) -> Nanos {
        self.net.story.now()
    }

    /// A time of the present epoch as time since the lab began.
    #[must_use]
    pub fn age_at(&self, time: Nanos) -> Nanos {
        self.net.story.untold(time)
    }

    pub(crate) fn grow_to(&mut self, age: Nanos) {
        self.net.story.reach(age);
    }

    pub(crate) fn input(&self, id: CommandId, what: &Command) -> Input {
        Input { steps: self.steps, at: self.net.story.now(), id, what: what.clone() }
    }

    pub(crate) fn keep(&mut self, input: Input) {
        self.log.push(input);
    }
}
