//! Small stories, word for word.

mod support;

use protocol::script::Play;
use protocol::{ClientAction, Transport};
use support::Person;

#[test]
fn hello() {
    let mut person = Person::new(1);
    person.ms(1);
    person.open("a", &Play::new(Transport::Tcp));
    person.tell("a", ClientAction::Connect);
    person.ms(100);
    person.send("a", "hello");
    person.ms(100);
    person.tell("a", ClientAction::Close);
    person.ms(20_000);
    assert!(person.seen().contains("b\"HELLO\""), "{}", person.seen());
}
