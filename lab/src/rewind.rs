//! Rewind and fork: the same seed and the same inputs at the same steps make the same story, so the past is played again.

use crate::lab::Lab;
use crate::options::LabOptions;
use protocol::{Command, CommandId, Epoch, Nanos};

/// A command that was accepted, and exactly when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// After so many things were done: two commands at one moment may have something between them.
    pub(crate) steps: u64,
    /// At this time since the lab began.
    pub(crate) at: Nanos,
    /// Whose it was, and which.
    pub id: CommandId,
    /// What it was.
    pub what: Command,
}

impl Input {
    /// When it was given, since the lab began.
    #[must_use]
    pub fn at(&self) -> Nanos {
        self.at
    }
}

/// Everything that was done to a lab.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log(Vec<Input>);

impl Log {
    pub(crate) fn push(&mut self, input: Input) {
        self.0.push(input);
    }

    /// The inputs, in order.
    pub fn inputs(&self) -> impl Iterator<Item = &Input> {
        self.0.iter()
    }

    /// Those given before `time`, or at it.
    #[must_use]
    pub fn until(&self, time: Nanos) -> Self {
        Self(self.0.iter().filter(|input| input.at <= time).cloned().collect())
    }
}

impl Lab {
    /// Plays a log up to `until`, since the lab began: the past again, or with another epoch the beginning of a fork.
    /// What was due by then has been done.
    ///
    /// The events are those of the first time, byte for byte, but for the epoch, which they do not carry. They wait to be
    /// taken; there may be many.
    #[must_use]
    pub fn replay(epoch: Epoch, seed: u64, options: LabOptions, log: &Log, until: Nanos) -> Self {
        let mut lab = Self::with(epoch, seed, options);
        for input in log.inputs().filter(|input| input.at <= until) {
            while lab.steps() < input.steps {
                lab.do_next();
            }
            lab.grow_to(input.at);
            // It was accepted the first time.
            let _ = lab.perform(input.id, input.what.clone());
        }
        lab.run_to(until);
        // The story was cleared again as often as the first time; it is one story all the same.
        lab.net.story.is_called(epoch);
        lab
    }

    /// This lab as it was at `until`, since the lab began (see [`age_at`](Self::age_at)), in a new epoch.
    #[must_use]
    pub fn fork(&self, epoch: Epoch, until: Nanos) -> Self {
        Self::replay(epoch, self.seed(), self.options(), self.log(), until)
    }

    fn run_to(&mut self, until: Nanos) {
        while self.next_due().is_some_and(|due| due <= until) && self.age() <= until {
            self.do_next();
        }
        self.grow_to(until);
    }
}
