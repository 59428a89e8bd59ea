//! Stories that two stacks told, with the producer's own causes to compare with.

use super::{call, is};
use crate::model::played::Person;
use crate::model::played::told::line;
use crate::model::story::{CallRecord, Story};
use crate::model::why::{Reason, Step, chain};
use expect_test::expect;
use protocol::script::Play;
use protocol::wire::{Conditions, Filter, Matches, Verdict, Way, WireAction};
use protocol::{
    Cause, ClientAction, Command, DropReason, Event, Kind, Nanos, Op, Outcome, Phase, Role, Seq, ServerAction, Setting,
    Stage, TcpMode, Transport,
};

/// A person with a wire of 10 ms each way.
fn person() -> Person {
    let mut person = Person::new(1);
    person.ms(1);
    conditions(&mut person, &Conditions { delay: Nanos::from_millis(10), ..Conditions::default() });
    person
}

fn conditions(person: &mut Person, all: &Conditions) {
    for way in [Way::ToServer, Way::ToClient] {
        wire(person, WireAction::Conditions(way, all.clone()));
    }
}

fn wire(person: &mut Person, action: WireAction) {
    person.order(Command::Wire(action)).expect("it is in range");
}

fn connected(person: &mut Person) {
    person.open("a", &Play::new(Transport::Tcp));
    person.tell("a", ClientAction::Connect);
    person.ms(100);
}

fn story(events: &[Event]) -> Story {
    let mut story = Story::new();
    events.iter().for_each(|event| story.push(event));
    story
}

/// Drops the next packet of a sort on its way to the server.
fn drop_next(person: &mut Person, what: Matches) {
    wire(person, WireAction::Catch(Some(Filter { way: Some(Way::ToServer), what, nth: 1 })));
}

fn dropped(person: &mut Person) {
    let held = story(person.events()).held().next().map(|packet| packet.id).expect("it was caught");
    wire(person, WireAction::Decide(held, Verdict::Drop));
}

fn by_client(call: &CallRecord, story: &Story) -> bool {
    story.program(call.program).is_some_and(|program| program.role == Some(Role::Client))
}

#[test]
fn a_tail_that_is_lost_is_sent_again_by_a_timer() {
    let mut person = person();
    connected(&mut person);
    drop_next(&mut person, Matches::DataSegment);
    person.send("a", "hello");
    person.ms(8);
    dropped(&mut person);
    // Nothing has come back by now.
    person.ms(200);
    let waits = story(person.events());
    is(
        &waits,
        call(&waits, 0, |it| it.receives() && by_client(it, &waits)),
        &expect![[r#"
            What it waits for was lost (dropped by you): 5 bytes, 1–5
            You dropped it
            The bytes came from TCP client: send(5)
            A command: you chose send()
        "#]],
    );
    person.ms(5_000);
    let story = story(person.events());
    is(
        &story,
        call(&story, 0, |it| it.receives() && by_client(it, &story)),
        &expect![[r#"
            This arrived and woke it: 5 bytes, 1–5
            The bytes came from TCP echo server: send(5)
            It answers what came in TCP echo server: recv(1024)
            This arrived and woke it: 5 bytes, 1–5
            No acknowledgement came in 1 s, so the kernel's timer fired, for 5 bytes, 1–5
            You dropped it
            The bytes came from TCP client: send(5)
            A command: you chose send()
        "#]],
    );
}

#[test]
fn a_segment_in_the_middle_is_sent_again_because_of_acknowledgements() {
    let mut person = person();
    connected(&mut person);
    // The window of a new connection is small: it has to grow before enough is behind the gap.
    person.send("a", "hello ".repeat(4_000));
    person.ms(1_000);
    drop_next(&mut person, Matches::DataSegment);
    person.send("a", "again ".repeat(4_000));
    person.ms(8);
    dropped(&mut person);
    person.ms(5_000);
    let story = story(person.events());
    let again = story.packets().iter().find(|packet| story.repeats(packet).is_some()).expect("it was sent again");
    is(
        &story,
        again.seq,
        &expect![[r#"
            3 acknowledgements asked for these bytes; the last was ACK 24001, SACK 25461–29840
            This arrived beyond a gap; the kernel keeps it and asks for what is missing: 1460 bytes, 28381–29840
            What should have come before it: 1460 bytes, 24001–25460
            You dropped it
            The bytes came from TCP client: send(24000)
            A command: you chose send()
        "#]],
    );
}

#[test]
fn a_syn_without_a_seat_is_ignored() {
    let mut person = person();
    person.set(Setting::Accepting(false));
    person.set(Setting::Backlog(0));
    for name in ["a", "b", "c"] {
        person.open(name, &Play::new(Transport::Tcp));
        person.tell(name, ClientAction::Connect);
        person.ms(100);
    }
    let story = story(person.events());
    let lost = |it: &&crate::model::story::PacketRecord| it.lost == Some(DropReason::AcceptQueueFull);
    let lost = story.packets().iter().find(lost).expect("a SYN was ignored");
    is(
        &story,
        lost.seq,
        &expect![[r#"
            All seats of the accept queue were taken; the SYN was ignored
            connect() asks with a SYN: TCP client 2: connect(10.0.0.2:808)
            A command: you chose connect()
        "#]],
    );
    let connect = |it: &CallRecord| matches!(it.op, Op::Connect { .. }) && it.outcome.is_none();
    is(
        &story,
        call(&story, 0, connect),
        &expect![[r#"
            What it waits for was lost (no seat free): SYN
            All seats of the accept queue were taken; the SYN was ignored
            connect() asks with a SYN: TCP client 2: connect(10.0.0.2:808)
            A command: you chose connect()
        "#]],
    );
}

#[test]
fn a_datagram_that_is_lost_is_not_sent_again() {
    let mut person = person();
    person.open("u", &Play::new(Transport::Udp));
    person.tell("u", ClientAction::Connect);
    person.send("u", "one");
    person.ms(100);
    drop_next(&mut person, Matches::Udp);
    person.send("u", "two");
    person.ms(8);
    dropped(&mut person);
    person.ms(100);
    let story = story(person.events());
    let recvs = |it: &CallRecord| it.receives() && by_client(it, &story);
    is(
        &story,
        call(&story, 0, recvs),
        &expect![[r#"
        This arrived and woke it: UDP, 3 bytes
        The bytes came from UDP echo server: sendto(3, 10.0.0.1:42545)
        It answers what came in UDP echo server: recvfrom(1024)
        This arrived and woke it: UDP, 3 bytes
        The bytes came from UDP client: send(3)
        A command: you chose send()
    "#]],
    );
    is(
        &story,
        call(&story, 0, |it| recvs(it) && it.outcome.is_none()),
        &expect![[r#"
            What it waits for was lost (dropped by you): UDP, 3 bytes
            You dropped it
            The bytes came from UDP client: send(3)
            A command: you chose send()
        "#]],
    );
}

#[test]
fn nobody_there_says_so_with_a_reset_or_an_error() {
    let mut person = person();
    person.open("a", &Play { to_nobody: true, ..Play::new(Transport::Tcp) });
    person.tell("a", ClientAction::Connect);
    person.ms(50);
    person.open("u", &Play { to_nobody: true, ..Play::new(Transport::Udp) });
    person.tell("u", ClientAction::Connect);
    person.send("u", "x");
    person.ms(50);
    person.send("u", "y");
    person.ms(50);
    let story = story(person.events());
    let failed = |it: &CallRecord| it.failed();
    is(
        &story,
        call(&story, 0, failed),
        &expect![[r#"
        A reset arrived: RST, ACK
        Nobody listens there for SYN
        connect() asks with a SYN: TCP client: connect(10.0.0.2:9)
        A command: you chose connect()
    "#]],
    );
    is(
        &story,
        call(&story, 1, failed),
        &expect![[r#"
        An error came back from the network: ICMP 3/3
        Nobody listens there for UDP, 1 byte
        The bytes came from UDP client: send(1)
        A command: you chose send()
    "#]],
    );
}

#[test]
fn an_abort_and_an_end_are_told_apart() {
    let mut person = person();
    person.set(Setting::TcpMode(TcpMode::TaskPerClient));
    connected(&mut person);
    person.tell("a", ClientAction::Close);
    person.ms(200);
    person.open("b", &Play::new(Transport::Tcp));
    person.tell("b", ClientAction::Connect);
    person.ms(100);
    person.tell("b", ClientAction::Abort);
    person.ms(200);
    let story = story(person.events());
    let ended = |it: &CallRecord| it.receives() && !by_client(it, &story) && it.outcome == Some(Outcome::Bytes(0));
    is(
        &story,
        call(&story, 0, ended),
        &expect![[r#"
            The other side's end arrived: FIN, ACK
            The program ended its sending: TCP client 1: close()
            A command: you chose close()
        "#]],
    );
    let reset = |it: &CallRecord| it.receives() && !by_client(it, &story) && it.failed();
    is(
        &story,
        call(&story, 0, reset),
        &expect![[r#"
            A reset arrived: RST, ACK
            The program aborted: TCP client 2: close() SO_LINGER 0
            A command: you chose close() + RST
        "#]],
    );
    let closes = |it: &CallRecord| it.op == Op::Close && !by_client(it, &story);
    is(
        &story,
        call(&story, 0, closes),
        &expect![[r#"
            The program saw the end in TCP echo server: recv(1024)
            The other side's end arrived: FIN, ACK
            The program ended its sending: TCP client 1: close()
            A command: you chose close()
        "#]],
    );
}

#[test]
fn what_waits_in_a_queue_says_behind_how_many() {
    let mut person = person();
    connected(&mut person);
    person.send("a", "hello ".repeat(2_000));
    person.ms(1_000);
    let slow = Conditions { delay: Nanos::from_millis(10), rate: 1_000_000, ..Conditions::default() };
    conditions(&mut person, &slow);
    person.send("a", "again ".repeat(2_000));
    person.ms(1_000);
    let story = story(person.events());
    let queued = |it: &&crate::model::story::PacketRecord| {
        matches!(chain(&story, it.seq, story.latest())[0].reason, Reason::Queued(_))
    };
    let last = story.packets().iter().rfind(queued).expect("packets waited for each other");
    is(
        &story,
        last.seq,
        &expect![[r#"
            It waited behind 2 others, at the rate that is set: you set how the wire behaves
            It says that this arrived: 1460 bytes, 17405–18864
            The kernel had waited for this acknowledgement before sending more: 1460 bytes, 17841–19300
            The bytes came from TCP echo server: send(436)
            It answers what came in TCP echo server: recv(1024)
            The kernel had it already, from 1460 bytes, 16381–17840
            The bytes came from TCP client: send(12000)
            A command: you chose send()
        "#]],
    );
}

fn story_end(story: &Story, seq: Seq) -> Nanos {
    match story.event(seq).map(|event| event.kind) {
        Some(Kind::Packet(packet)) => story.packet(packet.id).and_then(|packet| packet.end).unwrap_or_default(),
        _ => Nanos(0),
    }
}

/// What woke a call, let a packet be sent, or changed a state: worked out without the producer's word, it is the same.
#[test]
fn worked_out_causes_are_the_producers_own() {
    let mut person = person();
    person.set(Setting::TcpMode(TcpMode::TaskPerClient));
    connected(&mut person);
    for round in 0..4 {
        if round == 2 {
            conditions(
                &mut person,
                &Conditions {
                    delay: Nanos::from_millis(10),
                    loss: 100,
                    reorder: 50,
                    duplicate: 50,
                    ..Conditions::default()
                },
            );
        }
        person.send("a", "hello ".repeat(1_000));
        person.ms(20_000);
    }
    person.tell("a", ClientAction::Close);
    person.server(ServerAction::Set(Setting::Reading(true)));
    person.ms(20_000);
    let told = story(person.events());
    let bare: Vec<Event> = person.events().iter().map(|event| Event { cause: None, ..event.clone() }).collect();
    let bare = story(&bare);
    let (mut same, mut all) = (0, 0);
    let mut other = Vec::new();
    for event in person.events() {
        let Some(Cause::Event(cause)) = event.cause else { continue };
        let wanted = told.mark_of(cause);
        if !matches!(told.event(wanted).map(|event| event.kind), Some(Kind::Packet(_))) {
            continue;
        }
        let counts = match &event.kind {
            Kind::Call(end) => end.phase == Phase::Returned,
            // Data that goes out in the moment of a call came from the call.
            Kind::Packet(packet) => {
                packet.stage == Stage::Sent && told.packet(packet.id).is_some_and(|packet| packet.payload() == 0)
            }
            Kind::State { .. } => true,
            _ => false,
        };
        if !counts {
            continue;
        }
        all += 1;
        let steps = chain(&bare, event.seq, bare.latest());
        // Of several packets that arrive in one moment the lab names the last, which is not the one that mattered.
        let when = |seq: Seq| story_end(&told, seq);
        let near = |step: &Step| {
            step.seq.is_some_and(|seq| {
                let (a, b) = (when(seq), when(wanted));
                a <= b && b.since(a) < Nanos::from_micros(100)
            })
        };
        if steps.iter().take(3).any(|step| step.seq == Some(wanted) || near(step)) {
            same += 1;
        } else {
            other.push(format!(
                "{}\n   because {:?}, not\n{}",
                line(event),
                steps.first(),
                line(&told.event(wanted).unwrap())
            ));
        }
    }
    assert!(all > 50, "the story is long enough: {all}");
    assert!(other.is_empty(), "{same} of {all}; the others: {}", other.join("\n"));
}
