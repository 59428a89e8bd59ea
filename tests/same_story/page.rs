//! A person at the world in the page, which has no clock but theirs.

use lab::Lab;
use protocol::script::{Action, Condition, Script, Step};
use protocol::{CommandId, Epoch, MemberId, Nanos, Witness};

/// Longer than a delayed acknowledgement, shorter than any retransmission.
const SETTLES: Nanos = Nanos::from_millis(500);

pub struct Page {
    pub lab: Lab,
    pub witness: Witness,
    number: u32,
}

impl Page {
    pub fn new() -> Self {
        let lab = Lab::new(Epoch::default(), 7);
        let witness = Witness::new(lab.servers());
        let mut page = Self { lab, witness, number: 0 };
        page.look();
        page
    }

    /// Plays a script to its end.
    pub fn play(&mut self, script: &Script) {
        for step in &script.steps {
            match step {
                Step::Do(action) => self.act(action),
                Step::Wait(condition, at_most) => self.wait(condition, *at_most),
                Step::Check(condition) => assert!(self.witness.holds(condition), "{condition:?} does not hold"),
            }
        }
    }

    /// Lets what is under way arrive.
    pub fn settle(&mut self) {
        self.lab.advance(self.lab.now().after(SETTLES));
        self.look();
    }

    fn act(&mut self, action: &Action) {
        let command =
            self.witness.command(action).unwrap_or_else(|| panic!("whoever {action:?} is about is not there"));
        self.number += 1;
        match self.lab.perform(CommandId { by: MemberId(1), number: self.number }, command) {
            Ok(reply) => self.witness.answered(action, &reply),
            Err(refusal) => panic!("{action:?} was refused: {refusal:?}"),
        }
        self.look();
    }

    /// Lets time pass until the condition holds, and not a step longer.
    fn wait(&mut self, condition: &Condition, at_most: Nanos) {
        let until = self.lab.now().after(at_most);
        while !self.witness.holds(condition) {
            let due = self.lab.poll_timeout();
            let reached = due.filter(|due| *due <= until).and_then(|_| self.lab.step());
            self.look();
            if reached.is_none() {
                let seen = self.witness.events().iter().map(|event| support::session::line(event) + "\n");
                panic!("{condition:?} did not come to hold; seen:\n{}", seen.collect::<String>());
            }
        }
    }

    fn look(&mut self) {
        while let Some(event) = self.lab.poll_event() {
            self.witness.see(event);
        }
        self.witness.servers(self.lab.servers());
    }
}
