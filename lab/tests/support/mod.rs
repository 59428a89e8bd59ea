//! What the tests share: a lab with a person at it, and stories as text.
#![allow(dead_code, reason = "each test takes what it needs")]
#![allow(clippy::needless_pass_by_value, reason = "an order is given away")]

use lab::{Lab, LabOptions};
use protocol::script::{Action, Condition, Play, Script, Step};
use protocol::{
    Bytes, ClientAction, Command, CommandId, Epoch, Event, MemberId, Nanos, ProgramId, Refusal, Reply, Seq,
    ServerAction, Setting, Witness,
};

pub use told::story;

pub mod told;

/// A lab, and a person who gives commands and watches.
pub struct Person {
    pub lab: Lab,
    pub witness: Witness,
    through: Seq,
    number: u32,
}

impl Person {
    pub fn new(seed: u64) -> Self {
        Self::with(seed, LabOptions::default())
    }

    pub fn with(seed: u64, options: LabOptions) -> Self {
        let lab = Lab::with(Epoch::default(), seed, options);
        let witness = Witness::new(lab.servers());
        let mut person = Self { lab, witness, through: Seq(0), number: 0 };
        person.look();
        person
    }

    /// Takes what was told.
    pub fn look(&mut self) {
        while let Some(event) = self.lab.poll_event() {
            assert_eq!(event.seq, self.through.next(), "the record is dense");
            self.through = event.seq;
            self.witness.see(event);
        }
        self.witness.servers(self.lab.servers());
    }

    pub fn order(&mut self, what: Command) -> Result<Reply, Refusal> {
        self.number += 1;
        let reply = self.lab.perform(CommandId { by: MemberId(1), number: self.number }, what);
        self.look();
        reply
    }

    pub fn open(&mut self, name: &str, play: &Play) -> ProgramId {
        self.act(&Action::Open(name.to_owned(), play.clone()));
        self.witness.client(name).expect("it was named when it was opened")
    }

    pub fn tell(&mut self, name: &str, action: ClientAction) {
        self.act(&Action::Client(name.to_owned(), action));
    }

    pub fn send(&mut self, name: &str, data: impl AsRef<[u8]>) {
        self.tell(name, ClientAction::Send { data: Bytes::from(data.as_ref()), repeat: 1 });
    }

    pub fn server(&mut self, action: ServerAction) {
        let reply = self.order(Command::Server(action.clone()));
        assert_eq!(reply, Ok(Reply::Done), "{action:?}");
    }

    pub fn set(&mut self, setting: Setting) {
        self.server(ServerAction::Set(setting));
    }

    /// Lets so much time pass.
    pub fn pass(&mut self, time: Nanos) {
        let to = self.lab.now().after(time);
        while self.lab.advance(to) < to {
            self.look();
        }
        self.look();
    }

    pub fn ms(&mut self, millis: u64) {
        self.pass(Nanos::from_millis(millis));
    }

    /// Lets time pass until the condition holds, and not a step longer.
    pub fn wait(&mut self, condition: &Condition, at_most: Nanos) {
        let until = self.lab.now().after(at_most);
        while !self.witness.holds(condition) {
            let due = self.lab.poll_timeout();
            let reached = due.filter(|due| *due <= until).and_then(|_| self.lab.step());
            self.look();
            assert!(reached.is_some(), "{condition:?} did not come to hold; seen:\n{}", self.seen());
        }
    }

    /// Plays a script to its end.
    pub fn play(&mut self, script: &Script) {
        for step in &script.steps {
            match step {
                Step::Do(action) => self.act(action),
                Step::Wait(condition, at_most) => self.wait(condition, *at_most),
                Step::Check(condition) => {
                    assert!(self.witness.holds(condition), "{condition:?} does not hold; seen:\n{}", self.seen());
                }
            }
        }
    }

    pub fn act(&mut self, action: &Action) {
        let command =
            self.witness.command(action).unwrap_or_else(|| panic!("whoever {action:?} is about is not there"));
        match self.order(command) {
            Ok(reply) => self.witness.answered(action, &reply),
            Err(refusal) => panic!("{action:?} was refused: {refusal:?}"),
        }
    }

    /// Forgets what was seen, but not who is who.
    pub fn forget(&mut self) {
        self.witness.forget();
    }

    pub fn events(&self) -> &[Event] {
        self.witness.events()
    }

    /// Everything seen, a line for each event.
    pub fn seen(&self) -> String {
        story(self.events())
    }
}
