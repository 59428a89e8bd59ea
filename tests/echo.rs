//! What comes back, over TCP, UDP and Unix sockets.

use protocol::script::{Compare, Condition, Play, Verb, What, Who};
use protocol::{
    ClientAction, Direction, Errno, Event, Family, GaugeKey, Kind, LoopRule, Outcome, Phase, ServerAction, Setting,
    SocketOption, Span, TcpMode, Transport,
};
use support::running::Running;
use support::session::Session;

/// What the client's receives returned, in order.
pub fn received(session: &Session, name: &str) -> Vec<Vec<u8>> {
    let pattern = Who::Client(name.into()).does(What::Returns(Verb::Recv));
    session.witness.matching(&pattern).map(data).collect()
}

/// How many bytes each of the server's receives returned, in order.
pub fn served(session: &Session, name: &str) -> Vec<u64> {
    let pattern = Who::PeerOf(name.into()).does(What::Returns(Verb::Recv));
    session.witness.matching(&pattern).filter_map(bytes).collect()
}

pub fn data(event: &Event) -> Vec<u8> {
    match &event.kind {
        Kind::Call(call) => call.data.0.clone(),
        _ => Vec::new(),
    }
}

fn bytes(event: &Event) -> Option<u64> {
    match &event.kind {
        Kind::Call(call) => match call.outcome {
            Some(Outcome::Bytes(bytes) | Outcome::From(bytes, _)) => Some(bytes),
            _ => None,
        },
        _ => None,
    }
}

/// A client of this name that has connected.
pub async fn connected(session: &mut Session, name: &str, play: &Play) {
    session.client(name, play).await;
    session.tell(name, ClientAction::Connect).await;
    session.wait(returns(name, Verb::Connect, 1)).await;
}

pub fn returns(name: &str, verb: Verb, times: u32) -> Condition {
    Condition::Seen(Who::Client(name.into()).does(What::Returns(verb)), times)
}

pub fn gives(who: &Who, bytes: u64) -> Condition {
    Condition::Seen(who.does(What::Gives(Verb::Recv, bytes)), 1)
}

#[tokio::test]
async fn hello_comes_back_in_upper_case_over_everything() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    for (name, transport) in [
        ("tcp", Transport::Tcp),
        ("udp", Transport::Udp),
        ("stream", Transport::UnixStream),
        ("datagram", Transport::UnixDatagram),
    ] {
        connected(&mut session, name, &Play::new(transport)).await;
        session.send(name, "hello").await;
        session.wait(gives(&Who::Client(name.into()), 5)).await;
        assert_eq!(received(&session, name), [b"HELLO"], "{name}");
    }
}

#[tokio::test]
async fn ipv6_serves_as_ipv4_does() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    for (name, transport) in [("tcp", Transport::Tcp), ("udp", Transport::Udp)] {
        let play = Play { family: Family::Ipv6, ..Play::new(transport) };
        connected(&mut session, name, &play).await;
        session.send(name, "six").await;
        session.wait(gives(&Who::Client(name.into()), 3)).await;
        assert_eq!(received(&session, name), [b"SIX"], "{name}");
    }
}

#[tokio::test]
async fn every_call_of_both_sides_is_told_in_order_from_socket_on() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    connected(&mut session, "a", &Play::new(Transport::Tcp)).await;
    session.send("a", "hello").await;
    session.wait(gives(&Who::Client("a".into()), 5)).await;
    session.tell("a", ClientAction::Close).await;
    let server_closes = Who::Server(Transport::Tcp, Family::Ipv4).does(What::Returns(Verb::Close));
    session.wait(Condition::Seen(server_closes, 1)).await;

    let verbs = |who: Who| -> Vec<Verb> {
        let calls = session.events().iter().filter(|event| {
            let pattern = |verb| who.does(What::Calls(verb));
            [Verb::Socket, Verb::Bind, Verb::Listen, Verb::Accept, Verb::Connect, Verb::Recv, Verb::Send, Verb::Close]
                .into_iter()
                .any(|verb| session.witness.matching(&pattern(verb)).any(|seen| seen.seq == event.seq))
        });
        calls.map(|event| if let Kind::Call(call) = &event.kind { call.op.verb() } else { unreachable!() }).collect()
    };
    let client = verbs(Who::Client("a".into()));
    assert_eq!(client, [Verb::Socket, Verb::Connect, Verb::Send, Verb::Recv, Verb::Close]);
    let server = verbs(Who::Server(Transport::Tcp, Family::Ipv4));
    let expected = [
        [Verb::Socket, Verb::Bind, Verb::Listen, Verb::Accept].as_slice(),
        // One answer, the empty recv, and the next accept.
        &[Verb::Recv, Verb::Send, Verb::Recv, Verb::Close],
    ]
    .concat();
    assert_eq!(server[..8], expected);
}

#[tokio::test]
async fn letters_outside_ascii_come_back_unchanged() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    connected(&mut session, "a", &Play::new(Transport::Tcp)).await;
    session.send("a", "你好, é!x").await;
    session.wait(gives(&Who::Client("a".into()), "你好, é!x".len() as u64)).await;
    assert_eq!(received(&session, "a"), ["你好, é!X".as_bytes()]);
}

#[tokio::test]
async fn three_thousand_bytes_come_back_whole_through_recvs_of_1024() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    connected(&mut session, "a", &Play::new(Transport::Tcp)).await;
    let message = b"hello ".repeat(500);
    session.send("a", &message).await;
    let mut answer = Vec::new();
    let mut recvs = 0;
    while answer.len() < 3000 {
        recvs += 1;
        session.wait(returns("a", Verb::Recv, recvs)).await;
        answer = received(&session, "a").concat();
    }
    assert_eq!(answer, message.to_ascii_uppercase());
    let shares = served(&session, "a");
    assert!(shares.iter().all(|&share| share <= 1024), "{shares:?}");
    assert_eq!(shares.iter().sum::<u64>(), 3000);
    assert!(shares.len() >= 3);
}

#[tokio::test]
async fn of_a_datagram_of_2000_bytes_1024_come_back() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    connected(&mut session, "a", &Play::new(Transport::Udp)).await;
    session.send("a", [b'a'; 2000]).await;
    session.wait(gives(&Who::Client("a".into()), 1024)).await;
    assert_eq!(received(&session, "a"), [[b'A'; 1024]]);
    if cfg!(target_os = "linux") {
        let pattern = Who::Server(Transport::Udp, Family::Ipv4).does(What::Gives(Verb::Recv, 1024));
        let cut = session.witness.matching(&pattern).next().unwrap();
        let Kind::Call(call) = &cut.kind else { unreachable!() };
        assert!(
            matches!(call.span, Some(Span::Datagram { id: Some(_), len: 1024, true_len: Some(2000) })),
            "{:?}",
            call.span
        );
    }
}

#[tokio::test]
async fn an_empty_datagram_is_answered_by_an_empty_datagram() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    connected(&mut session, "a", &Play::new(Transport::Udp)).await;
    session.send("a", "").await;
    session.wait(gives(&Who::Client("a".into()), 0)).await;
    session.send("a", "still here").await;
    session.wait(gives(&Who::Client("a".into()), 10)).await;
}

#[tokio::test]
async fn an_unconnected_udp_client_sends_to_and_receives_from() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    let play = Play { connected: false, ..Play::new(Transport::Udp) };
    session.client("a", &play).await;
    session.send("a", "one").await;
    session.wait(gives(&Who::Client("a".into()), 3)).await;
    assert_eq!(received(&session, "a"), [b"ONE"]);
    assert!(!session.witness.holds(&returns("a", Verb::Connect, 1)));
}

#[tokio::test]
async fn three_sends_while_nobody_reads_end_in_one_recv() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    session.server(ServerAction::Set(Setting::Reading(false))).await;
    connected(&mut session, "a", &Play::new(Transport::Tcp)).await;
    for word in ["one", "two", "three"] {
        session.send("a", word).await;
    }
    session.wait(returns("a", Verb::Send, 3)).await;
    assert!(served(&session, "a").is_empty(), "nothing is read yet");
    session.server(ServerAction::Set(Setting::Reading(true))).await;
    session.wait(gives(&Who::Client("a".into()), 11)).await;
    assert_eq!(served(&session, "a")[0], 11);
    assert_eq!(received(&session, "a"), [b"ONETWOTHREE"]);
}

#[tokio::test]
async fn reading_can_be_paused_at_any_moment() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    // Nagle's algorithm would keep the later words back until the first one's delayed acknowledgement.
    let play = Play { options: vec![SocketOption::NoDelay(true)], ..Play::new(Transport::Tcp) };
    connected(&mut session, "a", &play).await;
    session.send("a", "before").await;
    session.wait(gives(&Who::Client("a".into()), 6)).await;
    // The server waits in recv() now, or will in a moment.
    session.server(ServerAction::Set(Setting::Reading(false))).await;
    for word in ["one", "two", "three"] {
        session.send("a", word).await;
    }
    session.wait(returns("a", Verb::Send, 4)).await;
    session.wait(Condition::Value(Who::PeerOf("a".into()), GaugeKey::RecvQueue, Compare::Is, 11)).await;
    session.server(ServerAction::Set(Setting::Reading(true))).await;
    session.wait(gives(&Who::Client("a".into()), 11)).await;
    assert_eq!(served(&session, "a"), [6, 11]);
}

#[tokio::test]
async fn a_program_that_reads_until_a_short_recv_hangs_on_exactly_1024() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    session.server(ServerAction::Set(Setting::Rule(LoopRule::UntilShort))).await;
    connected(&mut session, "a", &Play::new(Transport::Tcp)).await;
    session.send("a", [b'a'; 1024]).await;
    // It has all 1024 bytes and calls recv() once more.
    let server = Who::Server(Transport::Tcp, Family::Ipv4);
    session.wait(Condition::Seen(server.does(What::Calls(Verb::Recv)), 2)).await;
    assert_eq!(received(&session, "a"), [] as [Vec<u8>; 0]);
    session.send("a", "b").await;
    session.wait(returns("a", Verb::Recv, 1)).await;
    assert_eq!(served(&session, "a"), [1024, 1]);
}

#[tokio::test]
async fn after_shutdown_the_answer_still_comes() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    let play = Play { rule: LoopRule::UntilEof, ..Play::new(Transport::Tcp) };
    connected(&mut session, "a", &play).await;
    session.send("a", "last words").await;
    session.tell("a", ClientAction::Shutdown(Direction::Out)).await;
    session.wait(gives(&Who::Client("a".into()), 0)).await;
    assert_eq!(received(&session, "a").concat(), b"LAST WORDS");
}

#[tokio::test]
async fn nobody_listening_is_refused_in_words() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    let play = Play { to_nobody: true, ..Play::new(Transport::Tcp) };
    session.client("tcp", &play).await;
    session.tell("tcp", ClientAction::Connect).await;
    let refused = Who::Client("tcp".into()).does(What::Fails(Verb::Connect, Errno::Econnrefused));
    session.wait(Condition::Seen(refused, 1)).await;

    // A connected UDP socket learns of it on the next call.
    let play = Play { to_nobody: true, ..Play::new(Transport::Udp) };
    connected(&mut session, "udp", &play).await;
    session.send("udp", "anybody?").await;
    let refused = Who::Client("udp".into()).does(What::Fails(Verb::Recv, Errno::Econnrefused));
    session.wait(Condition::Seen(refused, 1)).await;
}

#[tokio::test]
async fn an_abort_is_a_reset() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    connected(&mut session, "a", &Play::new(Transport::Tcp)).await;
    session.send("a", "x").await;
    session.wait(gives(&Who::Client("a".into()), 1)).await;
    session.tell("a", ClientAction::Abort).await;
    let reset = Who::Server(Transport::Tcp, Family::Ipv4).does(What::Fails(Verb::Recv, Errno::Econnreset));
    session.wait(Condition::Seen(reset, 1)).await;
    // The server goes on.
    connected(&mut session, "b", &Play::new(Transport::Tcp)).await;
    session.send("b", "still").await;
    session.wait(gives(&Who::Client("b".into()), 5)).await;
}

#[tokio::test]
async fn a_call_has_two_ends_and_the_command_that_caused_it() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    session.server(ServerAction::Set(Setting::TcpMode(TcpMode::TaskPerClient))).await;
    connected(&mut session, "a", &Play::new(Transport::Tcp)).await;
    session.send("a", "hello").await;
    session.wait(gives(&Who::Client("a".into()), 5)).await;
    let sends = Who::Client("a".into()).does(What::Calls(Verb::Send));
    let entered = session.witness.matching(&sends).next().unwrap();
    assert!(matches!(entered.cause, Some(protocol::Cause::Command(_))), "{:?}", entered.cause);
    let mut open = std::collections::BTreeSet::new();
    for event in session.events() {
        let Kind::Call(call) = &event.kind else { continue };
        match call.phase {
            Phase::Entered => assert!(open.insert(call.id), "{:?} entered twice", call.id),
            Phase::Returned => assert!(open.remove(&call.id), "{:?} returned without entering", call.id),
        }
    }
}
