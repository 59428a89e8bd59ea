use super::stage::{ME, Stage, accepted, calls, received};
use protocol::{
    ClientAction, ClientSpec, Command, Direction, Errno, Event, Kind, LoopRule, NoteId, Op, Outcome, Phase,
    ServerAction, ServerSettings, Setting, Span, Target, TcpMode, Transport,
};

#[tokio::test]
async fn hello_comes_back_in_upper_case_with_every_call_on_both_sides() {
    let stage = Stage::new(ServerSettings::default()).await;
    let server = stage.server(Transport::Tcp).program.unwrap();
    let client = stage.client(Transport::Tcp);
    stage.connected(client).await;
    stage.send(client, b"hello");
    assert_eq!(stage.received(client, b"HELLO").await, [5]);
    stage.tell(client, ClientAction::Close);
    stage
        .until("the server's end", |events| {
            calls(events, server).find(|call| call.op == Op::Close && call.phase == Phase::Returned).cloned()
        })
        .await;
    let events = stage.events();
    let mine: Vec<_> =
        calls(&events, client).filter(|call| call.phase == Phase::Returned).map(|call| call.op.clone()).collect();
    assert!(
        matches!(
            mine[..],
            [Op::Socket { .. }, Op::Connect { .. }, Op::Send { len: 5 }, Op::Recv { max: 1024 }, Op::Close]
                | [Op::Socket { .. }, Op::Connect { .. }, Op::Recv { max: 1024 }, Op::Send { len: 5 }, Op::Close]
        ),
        "{mine:?}"
    );
    let theirs: Vec<_> =
        calls(&events, server).filter(|call| call.phase == Phase::Entered).map(|call| call.op.clone()).collect();
    assert!(
        matches!(
            theirs[..],
            [
                Op::Socket { .. },
                Op::SetOption(_),
                Op::Bind { .. },
                Op::Listen { backlog: 5 },
                Op::Accept,
                Op::Recv { .. },
                Op::Send { len: 5 },
                Op::Recv { .. },
                Op::Close,
                ..
            ]
        ),
        "{theirs:?}"
    );
    let spans: Vec<_> = calls(&events, client).filter_map(|call| call.span).collect();
    assert!(spans.contains(&Span::Stream { direction: Direction::In, start: 0, len: 5 }));
    stage.world.shutdown().await;
}

/// The bytes the kernel holds for a socket, as last reported.
fn queued(events: &[Event], find: impl Fn(&Event) -> bool, key: protocol::GaugeKey) -> Option<u64> {
    events.iter().rev().filter(|event| find(event)).find_map(|event| match &event.kind {
        Kind::Gauge(values) => values.iter().find(|(have, _)| *have == key).map(|(_, value)| *value),
        _ => None,
    })
}

/// A client whose connection is accepted, and one whose connection is not, because the server is busy.
#[cfg(target_os = "linux")]
async fn one_served_and_one_waiting(stage: &Stage, server: protocol::ProgramId) -> [protocol::ProgramId; 2] {
    let a = stage.client(Transport::Tcp);
    stage.connected(a).await;
    stage.until("A to be accepted", |events| (accepted(events, server).len() == 1).then_some(())).await;
    let b = stage.client(Transport::Tcp);
    stage.connected(b).await;
    [a, b]
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn one_at_a_time_is_real_the_second_client_connects_and_waits_in_its_seat() {
    use protocol::{GaugeKey, TcpState};
    let stage = Stage::new(ServerSettings::default()).await;
    let info = stage.server(Transport::Tcp);
    let (server, listener) = (info.program.unwrap(), info.socket.unwrap());
    let [a, b] = one_served_and_one_waiting(&stage, server).await;
    stage.send(b, b"hello from b");
    let waiting = stage
        .until("B's socket in the queue, established, with its bytes", |events| {
            let queue = queued(events, |event| event.about.socket == Some(listener), GaugeKey::AcceptQueue)?;
            let waiting = events.iter().find_map(|event| match &event.kind {
                Kind::Socket { parent: Some(parent), .. } if *parent == listener && event.about.program.is_none() => {
                    event.about.socket
                }
                _ => None,
            })?;
            let established = events.iter().any(|event| {
                event.about.socket == Some(waiting)
                    && matches!(event.kind, Kind::State { to: TcpState::Established, .. })
            });
            let bytes = queued(events, |event| event.about.socket == Some(waiting), GaugeKey::RecvQueue)?;
            (queue == 1 && bytes == 12 && established).then_some(waiting)
        })
        .await;
    assert_eq!(accepted(&stage.events(), server).len(), 1, "B is not accepted");
    stage.tell(a, ClientAction::Close);
    assert_eq!(stage.received(b, b"HELLO FROM B").await, [12]);
    let accepted = accepted(&stage.events(), server);
    assert_eq!(accepted[1], waiting, "the accepted socket is the one that waited");
    stage.world.shutdown().await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_connection_that_is_reset_in_its_seat_keeps_it_and_accept_returns_it() {
    use protocol::{Call, TcpState};
    let stage = Stage::new(ServerSettings::default()).await;
    let info = stage.server(Transport::Tcp);
    let (server, listener) = (info.program.unwrap(), info.socket.unwrap());
    let [a, b] = one_served_and_one_waiting(&stage, server).await;
    let became = |events: &[Event], socket, state| {
        let is_it = |event: &Event| matches!(event.kind, Kind::State { to, .. } if to == state);
        events.iter().any(|event| event.about.socket == Some(socket) && is_it(event))
    };
    let waiting = stage
        .until("B's socket in the queue, established", |events| {
            let queued = |event: &Event| match &event.kind {
                Kind::Socket { parent: Some(parent), .. } if *parent == listener && event.about.program.is_none() => {
                    event.about.socket
                }
                _ => None,
            };
            events.iter().find_map(queued).filter(|socket| became(events, *socket, TcpState::Established))
        })
        .await;
    stage.tell(b, ClientAction::Abort);
    stage.until("its end", |events| became(events, waiting, TcpState::Closed).then_some(())).await;
    let gone = |event: &Event| matches!(event.kind, Kind::Closed) && event.about.socket == Some(waiting);
    assert!(!stage.events().iter().any(gone), "it has its seat still");
    stage.tell(a, ClientAction::Close);
    let reset = |call: &Call| matches!(&call.outcome, Some(Outcome::Failed(why)) if why.name == Errno::Econnreset);
    stage.until("the server to learn of it", |events| calls(events, server).any(reset).then_some(())).await;
    assert_eq!(accepted(&stage.events(), server)[1], waiting, "the accepted socket is the one that was reset");
    stage.world.shutdown().await;
}

#[tokio::test]
async fn in_the_exact_tutorial_the_second_client_is_never_accepted_until_the_mode_changes() {
    let stage = Stage::new(ServerSettings { tcp_mode: TcpMode::TutorialExactly, ..Default::default() }).await;
    let server = stage.server(Transport::Tcp).program.unwrap();
    let (a, b) = (stage.client(Transport::Tcp), stage.client(Transport::Tcp));
    stage.connected(a).await;
    stage.send(a, b"a");
    stage.received(a, b"A").await;
    stage.connected(b).await;
    stage.send(b, b"b");
    stage.tell(a, ClientAction::Close);
    let count = stage
        .until("the note about empty recvs", |events| {
            events.iter().find_map(|event| match &event.kind {
                Kind::Note(NoteId::EmptyRecvs, args) => Some(args.clone()),
                _ => None,
            })
        })
        .await;
    assert!(matches!(count[0], protocol::Arg::Count(count) if count > 10), "{count:?}");
    let events = stage.events();
    let empty = |call: &&protocol::Call| matches!(call.op, Op::Recv { .. }) && call.outcome == Some(Outcome::Bytes(0));
    assert_eq!(calls(&events, server).filter(empty).count(), 3, "the first few are shown, the rest is counted");
    assert_eq!(accepted(&events, server).len(), 1, "B is never accepted");
    stage.set(Setting::TcpMode(TcpMode::OneAtATime));
    assert_eq!(stage.received(b, b"B").await, [1]);
    stage.world.shutdown().await;
}

#[tokio::test]
async fn three_thousand_bytes_come_back_through_recvs_of_at_most_1024() {
    let stage = Stage::new(ServerSettings::default()).await;
    let server = stage.server(Transport::Tcp).program.unwrap();
    let client = stage.client(Transport::Tcp);
    stage.connected(client).await;
    let data: Vec<u8> = (0..3000).map(|at| b'a' + (at % 26) as u8).collect();
    stage.send(client, &data);
    let pieces = stage.received(client, &data.to_ascii_uppercase()).await;
    assert!(pieces.len() >= 3 && pieces.iter().all(|len| *len <= 1024), "{pieces:?}");
    let theirs = received(&stage.events(), server);
    assert!(theirs.len() >= 3 && theirs.iter().all(|piece| piece.len() <= 1024));
    stage.world.shutdown().await;
}

#[tokio::test]
async fn three_sends_while_reading_is_paused_are_one_recv_of_eleven_bytes_whenever_the_pause_comes() {
    for pause_first in [true, false] {
        let stage = Stage::new(ServerSettings::default()).await;
        let server = stage.server(Transport::Tcp).program.unwrap();
        let client = stage.client(Transport::Tcp);
        if pause_first {
            stage.set(Setting::Reading(false));
        }
        stage.connected(client).await;
        if !pause_first {
            stage
                .until("the server's recv to wait", |events| {
                    calls(events, server).find(|call| matches!(call.op, Op::Recv { .. })).map(drop)
                })
                .await;
            stage.set(Setting::Reading(false));
        }
        for word in ["one", "two", "three"] {
            stage.send(client, word.as_bytes());
        }
        stage
            .until("three sends", |events| {
                let sent = |call: &&protocol::Call| matches!(call.op, Op::Send { .. }) && call.phase == Phase::Returned;
                (calls(events, client).filter(sent).count() == 3).then_some(())
            })
            .await;
        assert!(received(&stage.events(), server).is_empty());
        stage.set(Setting::Reading(true));
        assert_eq!(stage.received(client, b"ONETWOTHREE").await, [11]);
        assert_eq!(received(&stage.events(), server), [b"onetwothree".to_vec()]);
        stage.world.shutdown().await;
    }
}

#[tokio::test]
async fn with_length_prefixes_three_sends_are_three_messages_again() {
    let settings = ServerSettings { rule: LoopRule::Framed, reading: false, ..Default::default() };
    let stage = Stage::new(settings).await;
    let server = stage.server(Transport::Tcp);
    let spec = ClientSpec { rule: LoopRule::Framed, ..ClientSpec::new(Target::Server(server.id)) };
    let client = stage.open(spec);
    stage.connected(client).await;
    for word in ["one", "two", "three"] {
        stage.send(client, word.as_bytes());
    }
    stage.set(Setting::Reading(true));
    stage.received(client, b"\0\0\0\x03ONE\0\0\0\x03TWO\0\0\0\x05THREE").await;
    let events = stage.events();
    let sends: Vec<_> = calls(&events, server.program.unwrap())
        .filter(|call| matches!(call.op, Op::Send { .. }) && call.phase == Phase::Returned)
        .map(|call| call.outcome.clone().unwrap())
        .collect();
    assert_eq!(sends, [Outcome::Bytes(7), Outcome::Bytes(7), Outcome::Bytes(9)]);
    stage.world.shutdown().await;
}

#[tokio::test]
async fn letters_that_are_not_ascii_come_back_as_they_are() {
    let stage = Stage::new(ServerSettings::default()).await;
    let client = stage.client(Transport::Tcp);
    stage.connected(client).await;
    stage.send(client, "你好é".as_bytes());
    stage.received(client, "你好é".as_bytes()).await;
    stage.world.shutdown().await;
}

#[tokio::test]
async fn a_port_where_nobody_listens_refuses_and_the_error_has_its_name() {
    let stage = Stage::new(ServerSettings::default()).await;
    let nobody = Target::Nobody { transport: Transport::Tcp, family: protocol::Family::Ipv4 };
    let client = stage.open(ClientSpec::new(nobody));
    stage.tell(client, ClientAction::Connect);
    let call = stage.returned(client, |op| matches!(op, Op::Connect { .. })).await;
    assert!(matches!(call.outcome, Some(Outcome::Failed(error)) if error.name == Errno::Econnrefused), "{call:?}");
    stage.world.shutdown().await;
}

#[tokio::test]
async fn a_half_closed_client_still_receives_and_the_server_sees_the_end() {
    let stage = Stage::new(ServerSettings { rule: LoopRule::UntilEof, ..Default::default() }).await;
    let client = stage.client(Transport::Tcp);
    stage.connected(client).await;
    stage.send(client, b"all of it");
    stage.tell(client, ClientAction::Shutdown(Direction::Out));
    assert_eq!(stage.received(client, b"ALL OF IT").await, [9]);
    stage.world.shutdown().await;
}

#[tokio::test]
async fn the_server_hangs_up_first_and_its_close_says_who_wanted_it() {
    let stage = Stage::new(ServerSettings::default()).await;
    let server = stage.server(Transport::Tcp).program.unwrap();
    let client = stage.client(Transport::Tcp);
    stage.connected(client).await;
    let socket = stage.until("the accept", |events| accepted(events, server).first().copied()).await;
    assert!(stage.perform(ME, Command::Server(ServerAction::HangUp(socket))).is_ok());
    let cause = stage
        .until("the server's close", |events| {
            events.iter().find_map(|event| match &event.kind {
                Kind::Call(call) if event.about.socket == Some(socket) && call.op == Op::Close => Some(event.cause),
                _ => None,
            })
        })
        .await;
    assert!(matches!(cause, Some(protocol::Cause::Command(_))));
    stage.tell(client, ClientAction::Recv);
    let end = stage.returned(client, |op| matches!(op, Op::Recv { .. })).await;
    assert_eq!(end.outcome, Some(Outcome::Bytes(0)));
    stage.tell(client, ClientAction::Close);
    if cfg!(target_os = "linux") {
        stage
            .until("TIME_WAIT at the end that closed first", |events| {
                let waits = |kind: &Kind| matches!(kind, Kind::State { to: protocol::TcpState::TimeWait, .. });
                events.iter().find(|event| event.about.socket == Some(socket) && waits(&event.kind)).map(drop)
            })
            .await;
    }
    stage.world.shutdown().await;
}
