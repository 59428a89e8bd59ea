//! One client at a time, seats, and the tutorial's own server.

use crate::echo::{connected, gives, received, returns};
use protocol::script::{Compare, Condition, Play, Verb, What, Who};
use protocol::{ClientAction, Errno, Family, GaugeKey, NoteId, ServerAction, Setting, TcpMode, TcpState, Transport};
use support::running::Running;

const SERVER: Who = Who::Server(Transport::Tcp, Family::Ipv4);

#[tokio::test]
async fn the_second_client_waits_in_its_seat() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    connected(&mut session, "a", &Play::new(Transport::Tcp)).await;
    session.send("a", "first").await;
    session.wait(gives(&Who::Client("a".into()), 5)).await;

    connected(&mut session, "b", &Play::new(Transport::Tcp)).await;
    session.send("b", "second").await;
    session.wait(returns("b", Verb::Send, 1)).await;
    // Established, its bytes in the kernel, one seat taken.
    let peer = Who::PeerOf("b".into());
    session.wait(Condition::Seen(peer.does(What::Queues), 1)).await;
    session.wait(Condition::IsIn(peer.clone(), TcpState::Established)).await;
    session.wait(Condition::Value(peer.clone(), GaugeKey::RecvQueue, Compare::Is, 6)).await;
    session.wait(Condition::Value(SERVER, GaugeKey::AcceptQueue, Compare::Is, 1)).await;
    assert!(session.witness.holds(&Condition::Exactly(SERVER.does(What::Returns(Verb::Accept)), 1)), "no accept");
    assert!(received(&session, "b").is_empty());

    session.tell("a", ClientAction::Close).await;
    session.wait(gives(&Who::Client("b".into()), 6)).await;
    assert_eq!(received(&session, "b"), [b"SECOND"]);
    session.wait(Condition::Value(SERVER, GaugeKey::AcceptQueue, Compare::Is, 0)).await;
}

#[tokio::test]
async fn the_exact_tutorial_never_accepts_again() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    session.server(ServerAction::Set(Setting::TcpMode(TcpMode::TutorialExactly))).await;
    connected(&mut session, "a", &Play::new(Transport::Tcp)).await;
    session.send("a", "first").await;
    session.wait(gives(&Who::Client("a".into()), 5)).await;
    session.tell("a", ClientAction::Close).await;
    // It receives nothing again and again, and says so.
    session.wait(Condition::Seen(SERVER.does(What::Notes(NoteId::EmptyRecvs)), 1)).await;
    session.wait(Condition::Seen(SERVER.does(What::Gives(Verb::Recv, 0)), 2)).await;

    connected(&mut session, "b", &Play::new(Transport::Tcp)).await;
    session.send("b", "hello?").await;
    session.wait(Condition::Value(Who::PeerOf("b".into()), GaugeKey::RecvQueue, Compare::Is, 6)).await;
    session.wait(Condition::Seen(SERVER.does(What::Notes(NoteId::EmptyRecvs)), 3)).await;
    assert!(session.witness.holds(&Condition::Exactly(SERVER.does(What::Returns(Verb::Accept)), 1)));
    assert!(received(&session, "b").is_empty());
}

#[tokio::test]
async fn a_task_per_client_serves_all_at_once() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    session.server(ServerAction::Set(Setting::TcpMode(TcpMode::TaskPerClient))).await;
    for name in ["a", "b", "c"] {
        connected(&mut session, name, &Play::new(Transport::Tcp)).await;
    }
    for name in ["c", "a", "b"] {
        session.send(name, "hello").await;
        session.wait(gives(&Who::Client(name.into()), 5)).await;
    }
}

/// Only a Linux kernel counts so.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_backlog_of_one_holds_two() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    session.server(ServerAction::Set(Setting::Accepting(false))).await;
    session.server(ServerAction::Set(Setting::Backlog(1))).await;
    session.wait(Condition::Seen(SERVER.does(What::Returns(Verb::Listen)), 2)).await;
    for name in ["a", "b"] {
        connected(&mut session, name, &Play::new(Transport::Tcp)).await;
    }
    session.client("c", &Play::new(Transport::Tcp)).await;
    session.tell("c", ClientAction::Connect).await;
    session.wait(Condition::Value(SERVER, GaugeKey::AcceptQueue, Compare::Is, 2)).await;
    session.wait(Condition::IsIn(Who::Client("c".into()), TcpState::SynSent)).await;
    assert!(!session.witness.holds(&returns("c", Verb::Connect, 1)));
    // A seat becomes free; the kernel sends the SYN again within a second or so.
    session.server(ServerAction::Set(Setting::Accepting(true))).await;
    session.wait(returns("c", Verb::Connect, 1)).await;
}

#[tokio::test]
async fn the_server_can_close_first_and_be_bound_again() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    connected(&mut session, "a", &Play::new(Transport::Tcp)).await;
    session.send("a", "x").await;
    session.wait(gives(&Who::Client("a".into()), 1)).await;
    let socket = session.witness.peer_socket("a").unwrap();
    session.server(ServerAction::HangUp(socket)).await;
    session.tell("a", ClientAction::Recv).await;
    session.wait(gives(&Who::Client("a".into()), 0)).await;
    session.tell("a", ClientAction::Close).await;

    let server = session.welcome.servers.iter().find(|server| server.transport == Transport::Tcp).unwrap().id;
    session.server(ServerAction::Rebind(server)).await;
    session.wait(Condition::Seen(SERVER.does(What::Returns(Verb::Listen)), 2)).await;
    connected(&mut session, "b", &Play::new(Transport::Tcp)).await;
    session.send("b", "again").await;
    session.wait(gives(&Who::Client("b".into()), 5)).await;
}

/// Without `SO_REUSEADDR` on both the first and the second socket, TIME_WAIT keeps the port.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn without_reuse_address_time_wait_keeps_the_port() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    let server = session.welcome.servers.iter().find(|server| server.transport == Transport::Tcp).unwrap().id;
    session.server(ServerAction::Set(Setting::ReuseAddress(false))).await;
    session.server(ServerAction::Rebind(server)).await;
    session.wait(Condition::Seen(SERVER.does(What::Returns(Verb::Listen)), 2)).await;
    connected(&mut session, "a", &Play::new(Transport::Tcp)).await;
    session.send("a", "x").await;
    session.wait(gives(&Who::Client("a".into()), 1)).await;
    let socket = session.witness.peer_socket("a").unwrap();
    session.server(ServerAction::HangUp(socket)).await;
    session.tell("a", ClientAction::Recv).await;
    session.wait(gives(&Who::Client("a".into()), 0)).await;
    session.tell("a", ClientAction::Close).await;
    session.wait(returns("a", Verb::Close, 1)).await;
    session.server(ServerAction::Rebind(server)).await;
    session.wait(Condition::Seen(SERVER.does(What::Fails(Verb::Bind, Errno::Eaddrinuse)), 1)).await;
}
