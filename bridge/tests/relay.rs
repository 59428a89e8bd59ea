//! The plain relays: every byte, both ends, and who waits for whom.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is its job")]

mod common;

use common::{Socket, bare, closed, open, soon, start, start_with};
use futures_util::{SinkExt, StreamExt};
use protocol::trace::Bounds;
use protocol::{Call, Codec, Event, FlowId, Kind, Op, Outcome, Phase, SocketId, Span, ToPage};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};

async fn send(socket: &mut Socket, data: impl Into<Bytes>) {
    socket.send(Message::Binary(data.into())).await.unwrap();
}

async fn recv(socket: &mut Socket) -> Bytes {
    soon("a message", async {
        loop {
            match socket.next().await.expect("it is open").expect("it is well") {
                Message::Binary(bytes) => return bytes,
                Message::Close(frame) => panic!("closed: {frame:?}"),
                _ => {}
            }
        }
    })
    .await
}

async fn recv_all(socket: &mut Socket, len: usize) -> Vec<u8> {
    let mut all = Vec::new();
    while all.len() < len {
        all.extend(recv(socket).await);
    }
    all
}

const STREAMS: &[&str] = if cfg!(unix) { &["/relay/tcp", "/relay/unix"] } else { &["/relay/tcp"] };

#[tokio::test]
async fn bytes_come_back_in_upper_case_and_others_unchanged() {
    let bridge = start().await;
    for path in STREAMS {
        let mut relay = open(bridge.address, path, None).await.unwrap();
        send(&mut relay, "hello, 你好, é\0\u{7f}").await;
        let wanted = "HELLO, 你好, é\0\u{7f}".as_bytes();
        assert_eq!(recv_all(&mut relay, wanted.len()).await, wanted, "{path}");
        relay.send(Message::text("typed")).await.unwrap();
        assert_eq!(recv_all(&mut relay, 5).await, b"TYPED", "{path}");
    }
}

#[tokio::test]
async fn an_empty_message_ends_one_direction_and_close_follows_both() {
    let bridge = start().await;
    for path in STREAMS {
        let mut relay = open(bridge.address, path, None).await.unwrap();
        send(&mut relay, "last").await;
        send(&mut relay, "").await;
        assert_eq!(recv_all(&mut relay, 4).await, b"LAST", "{path}");
        assert_eq!(recv(&mut relay).await, "", "{path}");
        assert_eq!(u16::from(closed(&mut relay).await.unwrap().code), 1000, "{path}");
    }
}

#[tokio::test]
async fn datagrams_keep_their_edges_and_may_be_empty() {
    let bridge = start().await;
    let mut relay = open(bridge.address, "/relay/udp", None).await.unwrap();
    for datagram in ["one", "", "three"] {
        send(&mut relay, datagram).await;
        assert_eq!(recv(&mut relay).await, datagram.to_uppercase());
    }
    let largest = vec![b'x'; 60_000];
    send(&mut relay, largest.clone()).await;
    assert_eq!(recv(&mut relay).await, largest.to_ascii_uppercase());
    send(&mut relay, vec![0; 65_508]).await;
    let close = closed(&mut relay).await.unwrap();
    assert_eq!(u16::from(close.code), 1009);
    assert!(close.reason.contains("65507"), "{}", close.reason);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bulk_in_both_directions_at_once_is_exact() {
    const TOTAL: usize = 16 << 20;
    let bridge = start().await;
    for path in STREAMS {
        let relay = open(bridge.address, path, None).await.unwrap();
        let (mut to, mut from) = relay.split();
        // Sizes that fit nothing, so that every boundary falls somewhere else.
        let sizes = [1, 70_001, 4_093, 65_536, 17, 262_139];
        let byte = |at: usize| b"abcdefghijklmnopqrstuvwxyz0123456789"[at * 7 % 36];
        let sender = tokio::spawn(async move {
            let (mut at, mut turn) = (0, 0);
            while at < TOTAL {
                let end = TOTAL.min(at + sizes[turn % sizes.len()]);
                let data: Vec<u8> = (at..end).map(byte).collect();
                to.send(Message::Binary(data.into())).await.unwrap();
                (at, turn) = (end, turn + 1);
            }
            to.send(Message::Binary(Bytes::new())).await.unwrap();
            to
        });
        let mut at = 0;
        loop {
            let message = soon("more", from.next()).await.unwrap().unwrap();
            let Message::Binary(bytes) = message else { continue };
            if bytes.is_empty() {
                break;
            }
            for got in bytes {
                assert_eq!(got, byte(at).to_ascii_uppercase(), "{path}: byte {at}");
                at += 1;
            }
        }
        assert_eq!(at, TOTAL, "{path}");
        drop(soon("the sender", sender).await.unwrap());
    }
}

#[tokio::test]
async fn one_who_does_not_read_waits_and_others_do_not() {
    let bridge = start().await;
    let mut stuck = open(bridge.address, "/relay/tcp", None).await.unwrap();
    let chunk = Bytes::from(vec![b'x'; 256 << 10]);
    let mut sent = 0;
    while tokio::time::timeout(std::time::Duration::from_millis(500), stuck.send(Message::Binary(chunk.clone())))
        .await
        .is_ok()
    {
        sent += chunk.len();
        assert!(sent < 256 << 20, "somebody keeps {sent} bytes");
    }
    let mut other = open(bridge.address, "/relay/tcp", None).await.unwrap();
    send(&mut other, "through").await;
    assert_eq!(recv_all(&mut other, 7).await, b"THROUGH");
}

#[tokio::test]
async fn data_after_the_end_is_refused() {
    let bridge = start().await;
    let mut relay = open(bridge.address, "/relay/tcp", None).await.unwrap();
    relay.feed(Message::Binary(Bytes::new())).await.unwrap();
    relay.feed(Message::Binary("more".into())).await.unwrap();
    relay.flush().await.unwrap();
    // Either it is refused, or both directions had ended before it was read.
    let code = u16::from(closed(&mut relay).await.unwrap().code);
    assert!(code == 1008 || code == 1000, "{code}");
}

#[tokio::test]
async fn a_full_house_says_so_and_takes_the_next_one_after_a_departure() {
    let mut config = bare();
    config.relays = 2;
    let bridge = start_with(config, Bounds::default()).await;
    let one = open(bridge.address, "/relay/tcp", None).await.unwrap();
    let mut two = open(bridge.address, "/relay/tcp", None).await.unwrap();
    match open(bridge.address, "/relay/tcp", None).await {
        Err(Error::Http(response)) => assert_eq!(response.status(), 503),
        other => panic!("a third relay: {:?}", other.map(drop)),
    }
    send(&mut two, "still here").await;
    assert_eq!(recv_all(&mut two, 10).await, b"STILL HERE");
    drop(one);
    soon("a free place", async { while open(bridge.address, "/relay/tcp", None).await.is_err() {} }).await;
}

#[tokio::test]
async fn unwatched_relays_build_no_events() {
    let bridge = start().await;
    for path in STREAMS.iter().copied().chain(["/relay/udp"]) {
        let mut relay = open(bridge.address, path, None).await.unwrap();
        send(&mut relay, "quiet").await;
        assert_eq!(recv_all(&mut relay, 5).await, b"QUIET");
    }
    assert_eq!(bridge.recorder.changes().borrow().0, 0);
}

/// The story of one relay connection, as a viewer hears it.
struct Story(Vec<Event>);

impl Story {
    /// Everything until the relay's program has ended and its echo's socket, if it has one of its own, is closed.
    async fn hear(session: &mut common::Session, sockets: usize) -> Self {
        let mut events: Vec<Event> = Vec::new();
        let count = |events: &[Event], kind: &Kind| events.iter().filter(|event| event.kind == *kind).count();
        while count(&events, &Kind::Ended) < 1 || count(&events, &Kind::Closed) < sockets {
            if let Some(ToPage::Batch(batch)) = session.next().await {
                events.extend(batch.events);
            }
        }
        Self(events)
    }

    /// The calls of a program in the order in which they returned, with their bytes. There may be several of a name.
    fn calls(&self, program: &str) -> Vec<String> {
        let is_it = |event: &&Event| matches!(&event.kind, Kind::Program { name, .. } if name == program);
        let programs: Vec<_> = self.0.iter().filter(is_it).map(|event| event.about.program).collect();
        assert!(!programs.is_empty() && !programs.contains(&None), "{program}");
        let of = |event: &Event| match &event.kind {
            Kind::Call(call) if programs.contains(&event.about.program) => Some((event.about, call.clone())),
            _ => None,
        };
        let calls: Vec<_> = self.0.iter().filter_map(of).collect();
        let entered =
            |call: &Call| calls.iter().find(|(_, other)| other.id == call.id && other.phase == Phase::Entered);
        let returned = calls.iter().filter(|(_, call)| call.phase == Phase::Returned);
        returned
            .map(|(_, call)| {
                let (_, before) = entered(call).expect("it was entered before");
                let name = match call.op {
                    Op::Connect { .. } => "connect",
                    Op::Accept => "accept",
                    Op::Send { .. } => "send",
                    Op::SendTo { .. } => "sendto",
                    Op::Recv { .. } => "recv",
                    Op::RecvFrom { .. } => "recvfrom",
                    Op::Shutdown { .. } => "shutdown",
                    _ => "another",
                };
                let data = if call.data.is_empty() { &before.data } else { &call.data };
                let at = match call.span {
                    Some(Span::Stream { start, len, .. }) => format!(" {start}+{len}"),
                    Some(Span::Datagram { len, .. }) => format!(" {len}"),
                    None => String::new(),
                };
                let failed = if matches!(call.outcome, Some(Outcome::Failed(_))) { " failed" } else { "" };
                format!("{name} {}{at}{failed}", String::from_utf8_lossy(data))
            })
            .collect()
    }

    /// The one conversation, with both of its sockets known at last.
    fn flow(&self) -> (FlowId, SocketId, SocketId) {
        let last = self.0.iter().rev().find_map(|event| match &event.kind {
            Kind::Flow { a, b, .. } => Some((event.about.flow.unwrap(), a.socket.unwrap(), b.socket.unwrap())),
            _ => None,
        });
        let flow = last.expect("a conversation is told");
        assert!(self.0.iter().all(|event| event.about.flow.is_none_or(|other| other == flow.0)));
        flow
    }
}

#[tokio::test]
async fn watched_relays_tell_both_ends_of_a_stream() {
    let bridge = start().await;
    for path in STREAMS {
        let (mut session, _) = common::Session::begin(bridge.address, Codec::Postcard, None).await;
        let mut relay = open(bridge.address, path, None).await.unwrap();
        for word in ["one", "three"] {
            send(&mut relay, word).await;
            assert_eq!(recv_all(&mut relay, word.len()).await, word.to_uppercase().as_bytes());
        }
        send(&mut relay, "").await;
        assert_eq!(u16::from(closed(&mut relay).await.unwrap().code), 1000);
        let story = Story::hear(&mut session, 2).await;
        let name = path.trim_start_matches('/');
        let ours = story.calls(name);
        let (reads, writes): (Vec<String>, Vec<String>) = ours.into_iter().partition(|call| call.starts_with("recv"));
        assert_eq!(writes, ["connect ", "send one 0+3", "send three 3+5", "shutdown "]);
        assert_eq!(reads, ["recv ONE 0+3", "recv THREE 3+5", "recv  8+0"]);
        let echo = story.calls(&format!("relays' echo/{}", name.trim_start_matches("relay/")));
        let wanted = ["recv one 0+3", "send ONE 0+3", "recv three 3+5", "send THREE 3+5", "recv  8+0", "shutdown "];
        assert_eq!(echo, [&["accept "], &wanted[..]].concat(), "{path}");
        let accepted = story.0.iter().find_map(|event| match &event.kind {
            Kind::Call(Call { outcome: Some(Outcome::Accepted { socket, .. }), .. }) => Some(*socket),
            _ => None,
        });
        if *path == "/relay/tcp" {
            let (flow, caller, called) = story.flow();
            assert_eq!(Some(called), accepted);
            let sends = |event: &&Event| matches!(&event.kind, Kind::Call(call) if matches!(call.op, Op::Send { .. }));
            for event in story.0.iter().filter(sends) {
                assert_eq!(event.about.flow, Some(flow), "{event:?}");
                assert!([Some(caller), Some(called)].contains(&event.about.socket), "{event:?}");
            }
        }
        // The next round begins with nobody watching, and so with an accept that waited unseen.
        let old = bridge.recorder.epoch();
        session.tell(&protocol::ToBridge::Do { number: 1, what: CLEAR }).await;
        soon("the clear", async {
            while bridge.recorder.epoch() == old {
                session.next().await;
            }
        })
        .await;
    }
}

const CLEAR: protocol::Command = protocol::Command::World(protocol::WorldAction::Clear);

#[tokio::test]
async fn watched_relays_tell_both_ends_of_datagrams() {
    let bridge = start().await;
    let (mut session, _) = common::Session::begin(bridge.address, Codec::Postcard, None).await;
    let mut relay = open(bridge.address, "/relay/udp", None).await.unwrap();
    for datagram in ["one", ""] {
        send(&mut relay, datagram).await;
        assert_eq!(recv(&mut relay).await, datagram.to_uppercase());
    }
    relay.close(None).await.unwrap();
    let story = Story::hear(&mut session, 1).await;
    let ours = story.calls("relay/udp");
    let (reads, writes): (Vec<String>, Vec<String>) = ours.into_iter().partition(|call| call.starts_with("recv"));
    assert_eq!(writes, ["connect ", "send one 3", "send  0"]);
    assert_eq!(reads, ["recv ONE 3", "recv  0"]);
    let echo = story.calls("relays' echo/udp");
    assert_eq!(echo, ["recvfrom one 3", "sendto ONE 3", "recvfrom  0", "sendto  0"]);
    story.flow();
}

#[tokio::test]
async fn the_datagram_echo_answers_nobody_but_the_relays() {
    let bridge = start().await;
    let (mut session, _) = common::Session::begin(bridge.address, Codec::Postcard, None).await;
    let mut relay = open(bridge.address, "/relay/udp", None).await.unwrap();
    let echo = loop {
        let Some(ToPage::Batch(batch)) = session.next().await else { continue };
        let to = batch.events.iter().find_map(|event| match &event.kind {
            Kind::Call(Call { op: Op::Connect { to }, .. }) => to.inet(),
            _ => None,
        });
        if let Some(to) = to {
            break to;
        }
    };
    let stranger = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    stranger.set_nonblocking(true).unwrap();
    stranger.send_to(b"hello?", echo).unwrap();
    // The echo takes datagrams in their order, so once this one is answered it has seen the other.
    send(&mut relay, "ours").await;
    assert_eq!(recv(&mut relay).await, "OURS");
    let error = stranger.recv(&mut [0; 16]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
}
