//! What holds whatever the wire does and whatever a person sends.

mod support;

use lab::{Congestion, Lab, LabOptions};
use proptest::prelude::*;
use protocol::script::{Play, Verb};
use protocol::wire::{Conditions, Way, WireAction};
use protocol::{
    ClientAction, Codec, Command, Direction, Epoch, Event, Kind, LoopRule, Nanos, Outcome, Phase, Setting, Span,
    TcpMode, Transport,
};
use support::Person;

/// What a person does, some milliseconds after the thing before.
#[derive(Clone, Debug)]
enum Deed {
    Send(usize, u32),
    Reading(bool),
    ServerReading(bool),
    NoDelay(bool),
    Conditions(Conditions),
}

fn conditions() -> impl Strategy<Value = Conditions> {
    (0u64..80, 0u64..30, 0u16..=600, 0u16..6, 0u16..=300, 0u16..=300, prop_oneof![Just(0u64), 200_000u64..10_000_000])
        .prop_map(|(delay, jitter, loss, burst, duplicate, reorder, rate)| Conditions {
            delay: Nanos::from_millis(delay),
            jitter: Nanos::from_millis(jitter),
            loss,
            burst,
            duplicate,
            reorder,
            rate,
            queue: 0,
            mtu: 0,
        })
}

fn deed() -> impl Strategy<Value = (u64, Deed)> {
    let what = prop_oneof![
        6 => (prop_oneof![0usize..20, 1_000usize..5_000, 20_000usize..90_000], 1u32..4)
            .prop_map(|(len, repeat)| Deed::Send(len, repeat)),
        1 => any::<bool>().prop_map(Deed::Reading),
        1 => any::<bool>().prop_map(Deed::ServerReading),
        1 => any::<bool>().prop_map(Deed::NoDelay),
        2 => conditions().prop_map(Deed::Conditions),
    ];
    (0u64..400, what)
}

fn options() -> impl Strategy<Value = LabOptions> {
    let congestion = prop_oneof![Just(Congestion::Reno), Just(Congestion::Cubic), Just(Congestion::None)];
    (congestion, any::<bool>()).prop_map(|(congestion, delayed)| LabOptions {
        congestion,
        delayed_ack: delayed.then_some(Nanos::from_millis(40)),
    })
}

/// Bytes that tell their place.
fn pattern(from: usize, len: usize) -> Vec<u8> {
    (from..from + len).map(|place| b'a' + (place % 26) as u8 + u8::from(place % 7 == 0) * 128).collect()
}

fn all_conditions(person: &mut Person, conditions: &Conditions) {
    for way in [Way::ToServer, Way::ToClient] {
        let action = WireAction::Conditions(way, conditions.clone());
        person.order(Command::Wire(action)).expect("the conditions are in range");
    }
}

/// The bytes that this client's `recv`s returned, and what the record says of their places.
fn returned(events: &[Event], program: protocol::ProgramId) -> usize {
    let mut at = 0;
    for event in events.iter().filter(|event| event.about.program == Some(program)) {
        let Kind::Call(call) = &event.kind else { continue };
        let (Verb::Recv, Phase::Returned, Some(Outcome::Bytes(len))) = (call.op.verb(), call.phase, &call.outcome)
        else {
            continue;
        };
        let len = *len as usize;
        assert_eq!(call.span, Some(Span::Stream { direction: Direction::In, start: at as u64, len: len as u64 }));
        let expected = pattern(at, len).to_ascii_uppercase();
        assert_eq!(call.data.0, expected[..len.min(4_096)], "recv at {at}");
        at += len;
    }
    at
}

/// No busy loop: a few polls for each packet, and nothing when nothing is due.
fn is_not_busy(person: &Person) -> bool {
    let packets = person.events().iter().filter(|event| matches!(event.kind, Kind::Packet(_))).count() as u64;
    let seconds = person.lab.now().0 / 1_000_000_000 + 1;
    person.lab.polls() <= 4 * packets + 50 * seconds
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// What comes back is a prefix of what was sent, in upper case, and all of it once the wire heals.
    #[test]
    fn tcp_brings_everything_in_order(
        seed in any::<u64>(),
        v6 in any::<bool>(),
        options in options(),
        first in conditions(),
        deeds in prop::collection::vec(deed(), 1..14),
    ) {
        let mut person = Person::with(seed, options);
        let mut play = Play::new(Transport::Tcp);
        play.family = if v6 { protocol::Family::Ipv6 } else { protocol::Family::Ipv4 };
        play.recv_size = 2_000;
        let program = person.open("a", &play);
        person.tell("a", ClientAction::Connect);
        person.ms(10);
        all_conditions(&mut person, &first);
        let mut sent = 0;
        for (pause, deed) in deeds {
            person.ms(pause);
            match deed {
                Deed::Send(len, repeat) => {
                    // Each repetition is the same bytes, so the pattern is kept by sending them one by one.
                    for _ in 0..repeat {
                        person.send("a", pattern(sent, len));
                        sent += len;
                    }
                }
                Deed::Reading(on) => person.tell("a", ClientAction::Reading(on)),
                Deed::ServerReading(on) => person.set(Setting::Reading(on)),
                Deed::NoDelay(on) => {
                    person.tell("a", ClientAction::Option(protocol::SocketOption::NoDelay(on)));
                }
                Deed::Conditions(conditions) => all_conditions(&mut person, &conditions),
            }
            prop_assert!(returned(person.events(), program) <= sent);
        }
        person.ms(5_000);
        all_conditions(&mut person, &Conditions::default());
        person.tell("a", ClientAction::Reading(true));
        person.set(Setting::Reading(true));
        prop_assert!(is_not_busy(&person), "while the wire was bad");
        for _ in 0..60 {
            if returned(person.events(), program) == sent {
                break;
            }
            person.ms(10_000);
        }
        let tail: Vec<_> = person.seen().lines().rev().take(40).map(str::to_owned).collect();
        prop_assert_eq!(returned(person.events(), program), sent, "\n{}", tail.join("\n"));
        prop_assert!(is_not_busy(&person), "when it was well again");
    }

    /// Datagrams arrive whole or not at all, whatever the wire does to their fragments.
    #[test]
    fn udp_datagrams_are_whole_or_lost(
        seed in any::<u64>(),
        conditions in conditions(),
        mtu in prop_oneof![Just(0u16), 576u16..1_500],
        lens in prop::collection::vec(0usize..9_000, 1..12),
    ) {
        let mut person = Person::new(seed);
        person.set(Setting::RecvSize(65_536));
        let mut play = Play::new(Transport::Udp);
        play.recv_size = 65_536;
        person.open("u", &play);
        person.tell("u", ClientAction::Connect);
        all_conditions(&mut person, &Conditions { mtu, ..conditions });
        for len in &lens {
            person.send("u", pattern(*len, *len));
            person.ms(20);
        }
        person.ms(1_000);
        for event in person.events() {
            let Kind::Call(call) = &event.kind else { continue };
            if let Some(Outcome::Bytes(len) | Outcome::From(len, _)) = call.outcome
                && call.op.verb() == Verb::Recv
            {
                let len = len as usize;
                prop_assert!(lens.contains(&len));
                let sent = pattern(len, len);
                let shown = len.min(4_096);
                let upper = sent.to_ascii_uppercase();
                prop_assert!(call.data.0 == sent[..shown] || call.data.0 == upper[..shown]);
            }
        }
    }

    /// The same seed and the same commands make the same events, byte for byte, however time was cut.
    #[test]
    fn the_same_seed_and_script_make_the_same_story(
        seed in any::<u64>(),
        first in conditions(),
        deeds in prop::collection::vec(deed(), 1..8),
        cut in 1u64..7_000_000,
    ) {
        let play = |small_steps: bool| {
            let mut person = Person::new(seed);
            person.open("a", &Play::new(Transport::Tcp));
            person.tell("a", ClientAction::Connect);
            all_conditions(&mut person, &first);
            for (pause, deed) in &deeds {
                let until = person.lab.now().after(Nanos::from_millis(*pause));
                while small_steps && person.lab.now().after(Nanos(cut)) < until {
                    person.pass(Nanos(cut));
                }
                person.pass(until.since(person.lab.now()));
                match deed {
                    Deed::Send(len, repeat) => {
                        let client = person.witness.client("a").expect("it was opened");
                        let action = ClientAction::Send { data: pattern(0, *len).into(), repeat: *repeat };
                        // Not connected yet, perhaps: then it is refused both times.
                        let _ = person.order(Command::Client { client, action });
                    }
                    Deed::Reading(on) => person.tell("a", ClientAction::Reading(*on)),
                    Deed::ServerReading(on) => person.set(Setting::Reading(*on)),
                    Deed::NoDelay(on) => {
                        person.tell("a", ClientAction::Option(protocol::SocketOption::NoDelay(*on)));
                    }
                    Deed::Conditions(conditions) => all_conditions(&mut person, conditions),
                }
            }
            person.ms(3_000);
            person
        };
        let once = play(false);
        let written = Codec::Postcard.encode(&once.events());
        prop_assert!(written == Codec::Postcard.encode(&play(true).events()), "time cut in pieces");
        // And so does the log, played again.
        let mut again = Lab::replay(Epoch::default(), seed, LabOptions::default(), once.lab.log(), once.lab.now());
        let events: Vec<Event> = std::iter::from_fn(|| again.poll_event()).collect();
        prop_assert!(written == Codec::Postcard.encode(&events), "replayed");
    }
}

#[test]
fn idle_time_costs_nothing() {
    let mut person = Person::new(3);
    person.open("a", &Play::new(Transport::Tcp));
    person.tell("a", ClientAction::Connect);
    person.ms(100);
    let (polls, events) = (person.lab.polls(), person.events().len());
    assert_eq!(person.lab.poll_timeout(), None, "nothing will ever happen by itself");
    person.ms(24 * 60 * 60 * 1_000);
    assert_eq!((person.lab.polls(), person.events().len()), (polls, events));
}

#[test]
fn the_program_that_never_checks_for_the_end_costs_a_note_every_five_seconds() {
    let mut person = Person::new(3);
    person.set(Setting::TcpMode(TcpMode::TutorialExactly));
    person.open("a", &Play { rule: LoopRule::Once, ..Play::new(Transport::Tcp) });
    person.tell("a", ClientAction::Connect);
    person.ms(10);
    person.tell("a", ClientAction::Close);
    person.ms(10_000);
    let (polls, events) = (person.lab.polls(), person.events().len());
    person.ms(100_000);
    assert!(person.lab.polls() - polls < 10, "it spins without the stack");
    let notes = person.events().len() - events;
    assert!((15..25).contains(&notes), "{notes} notes in a hundred seconds");
}
