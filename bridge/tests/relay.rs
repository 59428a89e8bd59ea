//! The plain relays: every byte, both ends, and who waits for whom.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is its job")]

mod common;

use common::{Socket, bare, closed, open, soon, start, start_with};
use futures_util::{SinkExt, StreamExt};
use protocol::trace::Bounds;
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

#[tokio::test]
async fn watched_relays_tell_their_calls_and_their_end() {
    use protocol::{Codec, Direction, Kind, Op, Phase, Span, ToPage};
    let bridge = start().await;
    let (mut session, _) = common::Session::begin(bridge.address, Codec::Postcard, None).await;
    let mut relay = open(bridge.address, "/relay/tcp", None).await.unwrap();
    for word in ["one", "three"] {
        send(&mut relay, word).await;
        assert_eq!(recv_all(&mut relay, word.len()).await, word.to_uppercase().as_bytes());
    }
    send(&mut relay, "").await;
    assert_eq!(u16::from(closed(&mut relay).await.unwrap().code), 1000);
    let mut events = Vec::new();
    while !events.iter().any(|event: &protocol::Event| event.kind == Kind::Ended) {
        if let Some(ToPage::Batch(batch)) = session.next().await {
            events.extend(batch.events);
        }
    }
    assert!(events.iter().any(|event| matches!(&event.kind, Kind::Program { name, .. } if name == "relay/tcp")));
    assert!(events.iter().any(|event| matches!(&event.kind, Kind::Socket { local: Some(_), peer: Some(_), .. })));
    let sends: Vec<_> = events
        .iter()
        .filter_map(|event| match &event.kind {
            Kind::Call(call) if call.phase == Phase::Entered && matches!(call.op, Op::Send { .. }) => {
                Some((call.span, call.data.to_vec()))
            }
            _ => None,
        })
        .collect();
    let span = |start, len| Some(Span::Stream { direction: Direction::Out, start, len });
    assert_eq!(sends, [(span(0, 3), b"one".to_vec()), (span(3, 5), b"three".to_vec())]);
    let received: u64 = events
        .iter()
        .filter_map(|event| match &event.kind {
            Kind::Call(call) => match (call.phase, call.span) {
                (Phase::Returned, Some(Span::Stream { direction: Direction::In, len, .. })) => Some(len),
                _ => None,
            },
            _ => None,
        })
        .sum();
    assert_eq!(received, 8);
}
