//! Sessions: resume at every cut, gaps, resets, answers, and who may say what.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is its job")]

mod common;

use common::{Session, bare, closed, note, start, start_with};
use protocol::message::{Limit, ResetReason, Resume};
use protocol::trace::Bounds;
use protocol::{
    Codec, Command, Event, Farewell, Gap, GapReason, Interest, KindSet, Refusal, Seq, ServerAction, Setting, ToBridge,
    ToPage, WorldAction,
};

const CODECS: [Codec; 2] = [Codec::Postcard, Codec::Json];

/// Everything through `last`, with its gaps.
async fn watch(session: &mut Session, last: Seq) -> (Vec<Event>, Vec<Gap>) {
    let (mut events, mut gaps) = (Vec::new(), Vec::new());
    loop {
        match session.next().await.expect("the session goes on") {
            ToPage::Batch(batch) => {
                events.extend(batch.events);
                if batch.through >= last {
                    return (events, gaps);
                }
            }
            ToPage::Gap(gap) => gaps.push(gap),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_session_cut_at_any_event_and_resumed_gives_the_same_trace() {
    const EVENTS: u64 = 40;
    let bridge = start().await;
    for _ in 0..EVENTS {
        note(&bridge.recorder);
    }
    for codec in CODECS {
        let (mut whole, welcome) = Session::begin(bridge.address, codec, None).await;
        let (story, gaps) = watch(&mut whole, Seq(EVENTS)).await;
        assert_eq!((story.len() as u64, gaps.len()), (EVENTS, 0));
        for cut in 0..=EVENTS {
            let resume = Some(Resume { epoch: welcome.epoch, after: Seq(cut) });
            let (mut session, _) = Session::begin(bridge.address, codec, resume).await;
            let mut seen = story[..cut as usize].to_vec();
            if cut < EVENTS {
                let (rest, gaps) = watch(&mut session, Seq(EVENTS)).await;
                assert_eq!(gaps, []);
                seen.extend(rest);
            }
            assert_eq!(seen, story, "cut after {cut}");
        }
    }
}

#[tokio::test]
async fn what_fell_out_of_the_record_is_one_explicit_gap() {
    let bridge = start_with(bare(), Bounds { events: 10, bytes: 1 << 20 }).await;
    for _ in 0..30 {
        note(&bridge.recorder);
    }
    for cut in 0..30 {
        let resume = Some(Resume { epoch: bridge.recorder.epoch(), after: Seq(cut) });
        let (mut session, _) = Session::begin(bridge.address, Codec::Postcard, resume).await;
        let (events, gaps) = watch(&mut session, Seq(30)).await;
        let lost = Gap { first: Seq(cut + 1), last: Seq(20), reason: GapReason::TooOld };
        assert_eq!(gaps, if cut < 20 { vec![lost] } else { vec![] }, "cut after {cut}");
        let seen: Vec<u64> = events.iter().map(|event| event.seq.0).collect();
        assert_eq!(seen, (cut.max(20) + 1..=30).collect::<Vec<_>>(), "cut after {cut}");
    }
}

#[tokio::test]
async fn another_bridge_and_a_cleared_record_are_told_apart() {
    let (one, other) = (start().await, start().await);
    note(&other.recorder);
    let resume = Resume { epoch: one.recorder.epoch(), after: Seq(1) };
    let (mut session, welcome) = Session::begin(other.address, Codec::Json, Some(resume)).await;
    let reset = ToPage::Reset { epoch: welcome.epoch, why: ResetReason::Restarted };
    assert_eq!(session.next().await, Some(reset));
    assert_eq!(watch(&mut session, Seq(1)).await.0.len(), 1);

    let old = other.recorder.epoch();
    session.tell(&ToBridge::Do { number: 7, what: Command::World(WorldAction::Clear) }).await;
    let mut came = Vec::new();
    while came.len() < 3 {
        came.push(session.next().await.unwrap());
    }
    let epoch = other.recorder.epoch();
    assert_eq!(epoch.run, old.run + 1);
    assert!(matches!(came[0], ToPage::Answer { number: 7, result: Ok(protocol::Reply::Done), .. }), "{:?}", came[0]);
    assert_eq!(came[1], ToPage::Reset { epoch, why: ResetReason::Cleared });
    let ToPage::Batch(batch) = &came[2] else { panic!("{:?}", came[2]) };
    // The command itself begins the new story, then what lives is told again.
    assert_eq!((batch.after, batch.epoch, batch.events.len()), (Seq(0), epoch, 2));

    // A page that was away meanwhile hears the same.
    let resume = Resume { epoch: old, after: Seq(1) };
    let (mut late, _) = Session::begin(other.address, Codec::Json, Some(resume)).await;
    assert_eq!(late.next().await, Some(ToPage::Reset { epoch, why: ResetReason::Cleared }));
}

#[tokio::test]
async fn a_small_budget_gives_gaps_that_account_for_every_event() {
    let bridge = start().await;
    let mut session = Session::open(bridge.address, Codec::Postcard).await;
    let interest = Interest { budget: 100, ..Interest::default() };
    session.tell(&ToBridge::Hello { token: None, resume: None, interest }).await;
    assert!(matches!(session.next().await, Some(ToPage::Welcome(_))));
    for _ in 0..5_000 {
        note(&bridge.recorder);
    }
    let (events, gaps) = watch(&mut session, Seq(5_000)).await;
    assert!(!gaps.is_empty() && gaps.iter().all(|gap| gap.reason == GapReason::Budget), "{gaps:?}");
    let lost: u64 = gaps.iter().map(|gap| gap.last.0 - gap.first.0 + 1).sum();
    assert_eq!(events.len() as u64 + lost, 5_000);
    assert!(events.len() < 1_000, "{} events with a budget of 100 a second", events.len());
}

#[tokio::test]
async fn an_interest_filters_and_its_holes_are_no_gaps() {
    let bridge = start().await;
    let mut session = Session::open(bridge.address, Codec::Json).await;
    let interest = Interest { kinds: KindSet::COMMANDS, ..Interest::default() };
    session.tell(&ToBridge::Hello { token: None, resume: None, interest }).await;
    assert!(matches!(session.next().await, Some(ToPage::Welcome(_))));
    note(&bridge.recorder);
    let set = Command::Server(ServerAction::Set(Setting::RecvSize(7)));
    session.tell(&ToBridge::Do { number: 1, what: set }).await;
    let (mut answered, mut told) = (false, false);
    loop {
        match session.next().await.unwrap() {
            ToPage::Answer { number: 1, result, .. } => answered = result.is_ok(),
            ToPage::Settings(settings) => told = settings.wanted.recv_size == 7,
            ToPage::Batch(batch) if batch.through == Seq(2) => {
                assert_eq!(batch.events.len(), 1);
                if answered && told {
                    break;
                }
            }
            ToPage::Batch(batch) => assert!(batch.events.is_empty()),
            other => panic!("{other:?}"),
        }
        if answered && told && bridge.recorder.epoch().run == 0 && *bridge.recorder.changes().borrow() == Seq(2) {
            break;
        }
    }
}

#[tokio::test]
async fn pings_are_answered_and_rules_are_kept() {
    let bridge = start().await;
    let (mut session, _) = Session::begin(bridge.address, Codec::Postcard, None).await;
    session.tell(&ToBridge::Ping(77)).await;
    assert_eq!(session.next().await, Some(ToPage::Pong(77)));
    session.tell(&ToBridge::Hello { token: None, resume: None, interest: Interest::default() }).await;
    assert_eq!(session.next().await, Some(ToPage::Bye(Farewell::HelloFirst)));
    assert_eq!(session.next().await, None);

    let mut early = Session::open(bridge.address, Codec::Json).await;
    early.tell(&ToBridge::Ping(1)).await;
    assert_eq!(early.next().await, Some(ToPage::Bye(Farewell::HelloFirst)));

    for (codec, frame, code) in [
        (Codec::Json, "{\"Nonsense\":1}".into(), 1007),
        (Codec::Json, vec![1, 2, 3].into(), 1003),
        (Codec::Postcard, "text".into(), 1003),
        (Codec::Postcard, vec![0xff; 100].into(), 1007),
    ] as [(Codec, tokio_tungstenite::tungstenite::Message, u16); 4]
    {
        use futures_util::SinkExt;
        let mut session = Session::open(bridge.address, codec).await;
        session.socket.send(frame).await.unwrap();
        assert_eq!(u16::from(closed(&mut session.socket).await.unwrap().code), code);
    }
}

#[tokio::test]
async fn everybody_here_is_one_member_and_commands_never_share_a_number() {
    let bridge = start().await;
    let (mut one, first) = Session::begin(bridge.address, Codec::Json, None).await;
    let (mut two, second) = Session::begin(bridge.address, Codec::Json, None).await;
    assert_eq!((first.member, &first.token), (second.member, &second.token));
    for session in [&mut one, &mut two] {
        let set = Command::Server(ServerAction::Set(Setting::RecvSize(8)));
        session.tell(&ToBridge::Do { number: 1, what: set }).await;
    }
    let numbers = command_numbers(&mut one, 2).await;
    assert_ne!(numbers[0], numbers[1]);
}

/// The numbers of the first so many commands that are told.
async fn command_numbers(session: &mut Session, count: usize) -> Vec<u32> {
    let mut numbers = Vec::new();
    while numbers.len() < count {
        if let ToPage::Batch(batch) = session.next().await.unwrap() {
            numbers.extend(batch.events.iter().filter_map(|event| match event.kind {
                protocol::Kind::Command { id, .. } => Some(id.number),
                _ => None,
            }));
        }
    }
    numbers
}

#[tokio::test]
async fn a_flood_of_commands_is_refused_and_every_one_is_answered() {
    let bridge = start().await;
    let (mut session, _) = Session::begin(bridge.address, Codec::Postcard, None).await;
    let many = bridge::limits::COMMANDS_BURST + 200;
    let (mut answers, mut refused) = (0, 0);
    let set = Command::Server(ServerAction::Set(Setting::RecvSize(9)));
    for number in 0..many {
        session.tell(&ToBridge::Do { number, what: set.clone() }).await;
    }
    while answers < many {
        if let ToPage::Answer { number, result, .. } = session.next().await.unwrap() {
            assert_eq!(number, answers, "answers come in order, and none is lost");
            answers += 1;
            refused += u32::from(matches!(result, Err(Refusal::Limit { .. })));
        }
    }
    assert!(refused > 0);
}

#[tokio::test]
async fn a_member_who_stays_away_loses_its_clients_and_one_who_returns_does_not() {
    use std::sync::atomic::Ordering;
    let mut config = bare();
    config.member_grace = std::time::Duration::from_millis(300);
    let bridge = start_with(config, Bounds::default()).await;
    let (first, _) = Session::begin(bridge.address, Codec::Json, None).await;
    drop(first);
    let (second, _) = Session::begin(bridge.address, Codec::Json, None).await;
    assert_eq!(bridge.world.left.load(Ordering::Relaxed), 0);
    drop(second);
    common::soon("the leave", async {
        while bridge.world.left.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn the_trace_is_one_json_document() {
    let bridge = start().await;
    for _ in 0..2_500 {
        note(&bridge.recorder);
    }
    let address = bridge.address;
    let answer =
        common::exchange(address, &format!("GET /trace.json HTTP/1.0\r\nhost: {address}\r\nconnection: close\r\n\r\n"))
            .await;
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    let trace: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(trace["events"].as_array().unwrap().len(), 2_500);
    assert_eq!(trace["gaps"], serde_json::json!([]));
    // And the one that pages open.
    let mut reader = replay::trace::Reader::open(body.as_bytes().to_vec()).unwrap();
    let mut count = 0;
    while let Some(event) = reader.next_event().unwrap() {
        count += 1;
        assert_eq!(event.seq.0, count);
    }
    assert_eq!((count, reader.gaps().len()), (2_500, 0));
    assert_eq!(reader.head().epoch, bridge.recorder.epoch());
}

#[tokio::test]
async fn calls_above_the_budget_are_counted_and_told_though_no_further_call_comes() {
    use protocol::{Kind, Place};
    let bridge = start().await;
    let (mut session, _) = Session::begin(bridge.address, Codec::Postcard, None).await;
    let mut refused = 0;
    while refused < 100 {
        refused += u64::from(!bridge.recorder.may_record(Place::Relay));
    }
    let mut told = 0;
    while told < 2 * refused {
        let Some(ToPage::Batch(batch)) = session.next().await else { continue };
        for event in batch.events {
            if let Kind::Dropped { place, count } = event.kind {
                assert_eq!(place, Place::Relay);
                told += count;
            }
        }
    }
    assert_eq!(told, 2 * refused);
}

#[tokio::test]
async fn one_session_too_many_is_told_so_and_the_others_go_on() {
    let bridge = start().await;
    let mut sessions = Vec::new();
    for _ in 0..bridge::limits::SESSIONS_EACH {
        sessions.push(Session::begin(bridge.address, Codec::Postcard, None).await.0);
    }
    let mut refused = Session::open(bridge.address, Codec::Json).await;
    let most = bridge::limits::SESSIONS_EACH as u64;
    assert_eq!(refused.next().await, Some(ToPage::Bye(Farewell::Limit { what: Limit::SessionsEach, most })));
    assert_eq!(u16::from(closed(&mut refused.socket).await.map_or(1013.into(), |close| close.code)), 1013);
    let mut first = sessions.swap_remove(0);
    first.tell(&ToBridge::Ping(1)).await;
    assert_eq!(first.next().await, Some(ToPage::Pong(1)));
    // A place that is left is taken by the next one.
    drop(first);
    common::soon("a free seat", async {
        loop {
            let mut next = Session::open(bridge.address, Codec::Json).await;
            next.tell(&ToBridge::Hello { token: None, resume: None, interest: Interest::default() }).await;
            if let Some(ToPage::Welcome(_)) = next.next().await {
                return;
            }
        }
    })
    .await;
}
