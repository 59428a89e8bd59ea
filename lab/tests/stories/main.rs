//! Small stories, word for word.

#[path = "../support/mod.rs"]
mod support;

mod refused;
mod sent;

use expect_test::Expect;
use protocol::wire::{Conditions, Way, WireAction};
use protocol::{Command, Nanos};
use support::Person;

/// A person with a wire of 10 ms each way, and the introduction behind them.
fn person() -> Person {
    let mut person = Person::new(1);
    person.ms(1);
    delay(&mut person, 10);
    person.forget();
    person
}

fn delay(person: &mut Person, millis: u64) {
    for way in [Way::ToServer, Way::ToClient] {
        wire(
            person,
            WireAction::Conditions(way, Conditions { delay: Nanos::from_millis(millis), ..Conditions::default() }),
        );
    }
}

fn wire(person: &mut Person, action: WireAction) {
    person.order(Command::Wire(action)).expect("it is in range");
}

/// The story without what is the same in all of them.
fn is(person: &Person, expected: &Expect) {
    let dull = |line: &&str| {
        let words = ["Queue=", "Delivered", "Scheduled", "program ", "socket fd 3 - ", "Socket {", "flow ", "command "];
        !words.iter().any(|word| line.contains(word)) || line.contains(" <- command")
    };
    let seen = person.seen();
    let told: Vec<_> = seen.lines().filter(dull).map(str::trim_end).collect();
    expected.assert_eq(&(told.join("\n") + "\n"));
}
