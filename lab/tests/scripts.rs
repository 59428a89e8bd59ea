//! Scripts, in the words that hold in every world, played in the page's.

mod support;

use What::{Calls, Fails, Gives, Notes, Queues, Reaches, Returns};
use protocol::script::{Action, Compare, Condition, Pattern, Play, Script, Step, Verb, What, Who};
use protocol::wire::{Conditions, Way, WireAction};
use protocol::{
    ClientAction, Command, DropReason, Errno, Family, GaugeKey, Kind, LoopRule, Nanos, NoteId, Refusal, ServerAction,
    Setting, SocketOption, Stage, TcpMode, TcpState, Transport, WorldAction,
};
use support::Person;

const SOON: Nanos = Nanos::from_millis(2_000);

fn a(name: &str) -> Who {
    Who::Client(name.into())
}

fn peer(name: &str) -> Who {
    Who::PeerOf(name.into())
}

fn server() -> Who {
    Who::Server(Transport::Tcp, Family::Ipv4)
}

fn seen(pattern: Pattern) -> Condition {
    Condition::Seen(pattern, 1)
}

fn wait(condition: Condition) -> Step {
    Step::Wait(condition, SOON)
}

fn never(pattern: Pattern) -> Step {
    Step::Check(Condition::Exactly(pattern, 0))
}

fn open(name: &str, play: Play) -> Step {
    Step::Do(Action::Open(name.into(), play))
}

fn tell(name: &str, action: ClientAction) -> Step {
    Step::Do(Action::Client(name.into(), action))
}

fn send(name: &str, data: &[u8]) -> Step {
    tell(name, ClientAction::Send { data: data.into(), repeat: 1 })
}

fn set(setting: Setting) -> Step {
    Step::Do(Action::Set(setting))
}

fn connect(name: &str, play: Play) -> [Step; 3] {
    [open(name, play), tell(name, ClientAction::Connect), wait(seen(a(name).does(Returns(Verb::Connect))))]
}

fn play(steps: Vec<Step>) -> Person {
    let mut person = Person::new(11);
    person.ms(1);
    person.play(&Script { steps });
    person
}

fn tcp() -> Play {
    Play::new(Transport::Tcp)
}

#[test]
fn three_sends_while_nobody_reads_are_one_recv() {
    let mut steps = vec![set(Setting::Reading(false))];
    steps.extend(connect("a", tcp()));
    steps.extend([send("a", b"one"), send("a", b"two"), send("a", b"three")]);
    steps.push(wait(Condition::Value(peer("a"), GaugeKey::RecvQueue, Compare::Is, 11)));
    steps.push(set(Setting::Reading(true)));
    steps.push(wait(seen(peer("a").does(Gives(Verb::Recv, 11)))));
    steps.push(wait(seen(a("a").does(Gives(Verb::Recv, 11)))));
    play(steps);
}

#[test]
fn the_second_client_waits_in_the_queue_until_the_first_has_closed() {
    let mut steps = Vec::from(connect("a", tcp()));
    steps.push(wait(Condition::Seen(server().does(Returns(Verb::Accept)), 1)));
    steps.extend(connect("b", tcp()));
    steps.push(send("b", b"hello"));
    steps.push(wait(Condition::Value(server(), GaugeKey::AcceptQueue, Compare::Is, 1)));
    steps.push(wait(Condition::Value(peer("b"), GaugeKey::RecvQueue, Compare::Is, 5)));
    steps.push(Step::Check(Condition::IsIn(peer("b"), TcpState::Established)));
    steps.push(Step::Check(seen(peer("b").does(Queues))));
    steps.push(never(a("b").does(Gives(Verb::Recv, 5))));
    steps.push(tell("a", ClientAction::Close));
    steps.push(wait(seen(a("b").does(Gives(Verb::Recv, 5)))));
    play(steps);
}

#[test]
fn the_tutorial_exactly_never_accepts_again() {
    let mut steps = vec![set(Setting::TcpMode(TcpMode::TutorialExactly))];
    steps.extend(connect("a", tcp()));
    steps.extend([send("a", b"hi"), wait(seen(a("a").does(Gives(Verb::Recv, 2)))), tell("a", ClientAction::Close)]);
    steps.push(wait(Condition::Seen(peer("a").does(Gives(Verb::Recv, 0)), 3)));
    steps.extend(connect("b", tcp()));
    steps.push(wait(seen(peer("a").does(Notes(NoteId::EmptyRecvs)))));
    steps.push(Step::Check(Condition::Exactly(server().does(Returns(Verb::Accept)), 1)));
    // Another mode frees it.
    steps.push(set(Setting::TcpMode(TcpMode::OneAtATime)));
    steps.push(wait(Condition::Seen(server().does(Returns(Verb::Accept)), 2)));
    play(steps);
}

#[test]
fn the_loop_that_stops_at_a_short_read_hangs_on_exactly_1024() {
    let rule = LoopRule::UntilShort;
    let mut steps = Vec::from(connect("a", Play { rule, ..tcp() }));
    steps.push(send("a", &[b'x'; 1024]));
    steps.push(wait(seen(a("a").does(Gives(Verb::Recv, 1024)))));
    steps.push(wait(Condition::Seen(a("a").does(Calls(Verb::Recv)), 2)));
    let mut person = play(steps);
    person.ms(5_000);
    assert_eq!(person.witness.times(&a("a").does(Returns(Verb::Recv))), 1, "the second recv waits for ever");
}

#[test]
fn small_buffers_stop_the_sender_and_the_window_is_probed() {
    let mut steps = vec![
        set(Setting::RecvBuffer(Some(4_096))),
        Step::Do(Action::Rebind(Transport::Tcp, Family::Ipv4)),
        wait(seen(Who::Anyone.does(Notes(NoteId::Rebound)))),
        set(Setting::Reading(false)),
    ];
    steps.extend(connect("a", Play { options: vec![SocketOption::SendBuffer(4_096)], ..tcp() }));
    steps.push(send("a", &[b'x'; 20_000]));
    steps.push(wait(Condition::Value(peer("a"), GaugeKey::RecvQueue, Compare::Is, 4_096)));
    let mut person = play(steps);
    person.ms(10_000);
    assert_eq!(person.witness.times(&a("a").does(Returns(Verb::Send))), 0, "send waits");
    let probes = person.seen().matches("ZeroWindowProbe").count();
    assert!((2..6).contains(&probes), "{probes} probes in ten seconds:\n{}", person.seen());
    person.set(Setting::Reading(true));
    person.wait(&seen(a("a").does(Gives(Verb::Send, 20_000))), Nanos::from_millis(60_000));
    person.wait(&Condition::Seen(a("a").does(Returns(Verb::Recv)), 20), Nanos::from_millis(60_000));
}

#[test]
fn a_small_mtu_of_the_path_is_learnt_for_each_family() {
    let mut person = Person::new(5);
    for (family, mtu, most) in [(Family::Ipv4, 576, 536), (Family::Ipv6, 1_280, 1_220)] {
        let name = format!("{family:?}");
        person.open(&name, &Play { family, ..tcp() });
        person.tell(&name, ClientAction::Connect);
        person.ms(10);
        for way in [Way::ToServer, Way::ToClient] {
            let conditions = Conditions { mtu, delay: Nanos::from_millis(5), ..Conditions::default() };
            person.order(Command::Wire(WireAction::Conditions(way, conditions))).expect("it is in range");
        }
        person.forget();
        person.send(&name, vec![b'x'; 6_000]);
        person.ms(20_000);
        person.tell(&name, ClientAction::Close);
        person.ms(20_000);
        let read: u64 = person
            .witness
            .matching(&a(&name).does(Returns(Verb::Recv)))
            .filter_map(|event| match &event.kind {
                Kind::Call(call) => match call.outcome {
                    Some(protocol::Outcome::Bytes(len)) => Some(len),
                    _ => None,
                },
                _ => None,
            })
            .sum();
        assert_eq!(read, 6_000, "{family:?}:\n{}", person.seen());
        let dropped = |event: &&protocol::Event| matches!(&event.kind, Kind::Packet(packet) if packet.stage == Stage::Dropped(DropReason::TooBig));
        assert!(person.events().iter().filter(dropped).count() > 0, "{family:?}: nothing was too big");
        assert!(person.seen().contains(&format!("len {most}")), "{family:?}:\n{}", person.seen());
        for way in [Way::ToServer, Way::ToClient] {
            let action = WireAction::Conditions(way, Conditions::default());
            person.order(Command::Wire(action)).expect("it is in range");
        }
    }
}

#[test]
fn an_address_in_time_wait_may_be_had_again_only_with_reuse_on_both_times() {
    for (first, second, works) in [(false, false, false), (true, true, true), (false, true, false)] {
        let mut person = Person::new(2);
        let stop = Step::Do(Action::Stop(Transport::Tcp, Family::Ipv4));
        let mut steps = vec![set(Setting::ReuseAddress(first)), Step::Do(Action::Rebind(Transport::Tcp, Family::Ipv4))];
        steps.extend(connect("a", tcp()));
        // The server closes first, and so TIME_WAIT is its.
        steps.push(wait(seen(server().does(Returns(Verb::Accept)))));
        steps.push(Step::Do(Action::HangUp("a".into())));
        steps.push(wait(seen(a("a").does(Reaches(TcpState::CloseWait)))));
        steps.push(tell("a", ClientAction::Close));
        steps.push(wait(Condition::IsIn(peer("a"), TcpState::TimeWait)));
        steps.extend([stop, set(Setting::ReuseAddress(second))]);
        steps.push(Step::Do(Action::Start(Transport::Tcp, Family::Ipv4)));
        person.play(&Script { steps });
        let failed = Who::Anyone.does(Fails(Verb::Bind, Errno::Eaddrinuse));
        assert_eq!(person.witness.times(&failed) == 0, works, "{first} {second}:\n{}", person.seen());
        assert_eq!(person.lab.servers()[0].error.is_none(), works);
        // TIME_WAIT ends, and then it works in any case.
        person.ms(20_000);
        let id = person.lab.servers()[0].id;
        person.server(ServerAction::Start(id));
        assert_eq!(person.lab.servers()[0].error, None);
    }
}

#[test]
fn nagle_joins_small_sends_and_no_delay_does_not() {
    let packets = |no_delay| {
        let mut person = Person::new(4);
        for way in [Way::ToServer, Way::ToClient] {
            let conditions = Conditions { delay: Nanos::from_millis(40), ..Conditions::default() };
            person.order(Command::Wire(WireAction::Conditions(way, conditions))).expect("it is in range");
        }
        person.play(&Script {
            steps: connect("a", Play { options: vec![SocketOption::NoDelay(no_delay)], ..tcp() }).into(),
        });
        person.forget();
        person.tell("a", ClientAction::Send { data: b"x".as_slice().into(), repeat: 8 });
        person.ms(2_000);
        assert!(person.seen().contains("b\"XXXXXXX\"") || no_delay, "{}", person.seen());
        person.seen().lines().filter(|line| line.contains("client s") && line.contains("Sent ACK,PSH len")).count()
    };
    assert_eq!((packets(false), packets(true)), (2, 8));
}

#[test]
fn a_new_epoch_tells_what_lives_and_the_past_can_be_played_again() {
    let mut person = Person::new(9);
    person.play(&Script { steps: connect("a", tcp()).into() });
    let run = person.lab.epoch().run;
    let id = protocol::CommandId { by: protocol::MemberId(1), number: 1_000 };
    person.lab.perform(id, Command::World(WorldAction::Clear)).expect("it can always be cleared");
    assert_eq!((person.lab.epoch().run, person.lab.now()), (run + 1, Nanos(0)));
    let told: Vec<_> = std::iter::from_fn(|| person.lab.poll_event()).collect();
    assert_eq!(told[0].seq, protocol::Seq(1));
    let count = |of: &dyn Fn(&Kind) -> bool| told.iter().filter(|event| of(&event.kind)).count();
    assert_eq!(count(&|kind| matches!(kind, Kind::Host { .. })), 2);
    assert_eq!(count(&|kind| matches!(kind, Kind::Program { .. })), 5);
    assert_eq!(count(&|kind| matches!(kind, Kind::Flow { .. })), 1);
    assert!(count(&|kind| matches!(kind, Kind::Socket { .. })) >= 6);
    assert!(told.iter().all(|event| event.provenance.simulated && event.at == Nanos(0)));
    let age = person.lab.log().inputs().last().expect("there were commands").at();
    let epoch = protocol::Epoch { run: 7, ..person.lab.epoch() };
    let mut fork = person.lab.fork(epoch, age);
    assert_eq!(fork.epoch(), epoch);
    let again: Vec<_> = std::iter::from_fn(|| fork.poll_event()).collect();
    assert_eq!(again[..told.len()], told);
    // From there on they go their own ways.
    fork.perform(id, Command::World(WorldAction::Clear)).expect("it can always be cleared");
    assert_eq!((person.lab.epoch().run, fork.epoch().run), (run + 1, 8));
}

#[test]
fn what_cannot_be_is_refused_and_nothing_happens() {
    let mut person = Person::new(1);
    let before = person.events().len();
    let conditions = Conditions { loss: 1_001, ..Conditions::default() };
    let refused = person.order(Command::Wire(WireAction::Conditions(Way::ToServer, conditions)));
    assert!(matches!(refused, Err(Refusal::OutOfRange(_))), "{refused:?}");
    let refused = person.order(Command::Server(ServerAction::Set(Setting::RecvSize(0))));
    assert!(matches!(refused, Err(Refusal::OutOfRange(_))), "{refused:?}");
    let client = protocol::ProgramId(99);
    let refused = person.order(Command::Client { client, action: ClientAction::Connect });
    assert_eq!(refused, Err(Refusal::NoSuchClient(client)));
    let target = protocol::Target::Nobody { transport: Transport::UnixStream, family: Family::Unix };
    let refused = person.order(Command::Open(protocol::ClientSpec::new(target)));
    assert!(matches!(refused, Err(Refusal::Unavailable(protocol::Ability::UnixStream, _))), "{refused:?}");
    assert_eq!(person.events().len(), before);
    person.open("a", &tcp());
    let client = person.witness.client("a").expect("it was opened");
    let action = ClientAction::Send { data: b"x".as_slice().into(), repeat: 1 };
    let refused = person.order(Command::Client { client, action });
    assert_eq!(refused, Err(Refusal::WrongMoment(protocol::message::Moment::NotConnected)));
}
