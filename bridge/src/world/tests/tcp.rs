use super::stage::{ME, Stage, accepted, calls, path, received};
use crate::world::World;
use protocol::{
    ClientAction, ClientSpec, Command, Direction, Errno, Event, Kind, LoopRule, NoteId, Op, Outcome, Phase, Refusal,
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
