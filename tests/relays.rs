//! `/relay/…`, byte by byte and in bulk.

use futures_util::{SinkExt as _, StreamExt as _};
use support::relay::Relay;
use support::running::Running;
use support::soon;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Bytes, Message};

#[tokio::test]
async fn all_three_relays_echo() {
    let bridge = Running::start().await;
    for transport in ["tcp", "udp", "unix"] {
        let mut relay = Relay::open(&bridge.address, transport).await;
        relay.send("hello").await;
        assert_eq!(relay.recv_all(5).await, b"HELLO", "{transport}");
    }
}

#[tokio::test]
async fn an_empty_message_ends_a_stream_and_is_a_datagram_otherwise() {
    let bridge = Running::start().await;
    for transport in ["tcp", "unix"] {
        let mut relay = Relay::open(&bridge.address, transport).await;
        relay.send("last").await;
        relay.send("").await;
        assert_eq!(relay.recv_all(4).await, b"LAST", "{transport}");
        assert_eq!(relay.recv().await, "", "{transport}: the other direction ends too");
        assert_eq!(relay.closed().await, CloseCode::Normal, "{transport}");
    }
    let mut relay = Relay::open(&bridge.address, "udp").await;
    relay.send("").await;
    assert_eq!(relay.recv().await, "");
    relay.send("on").await;
    assert_eq!(relay.recv().await, "ON");
}

/// Resident memory, bytes.
#[cfg(target_os = "linux")]
fn memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_mebibytes_come_back_byte_exact_in_flat_memory() {
    const TOTAL: usize = 64 << 20;
    const CHUNK: usize = 64 << 10;
    let bridge = Running::start().await;
    let relay = Relay::open(&bridge.address, "tcp").await;
    let pid = bridge.pid();
    let before = memory(pid);
    // A pattern whose period is not a power of two, so that a lost or doubled chunk shows.
    let pattern: Vec<u8> = (0..CHUNK + 9973).map(|at| b"abcdefghijklmnopqrstuvwxyz0123456789"[at * 7 % 36]).collect();
    let chunk = move |number: usize| {
        let from = number * 31 % 9973;
        pattern[from..from + CHUNK].to_vec()
    };
    let (mut to, mut from) = relay.0.split();
    let chunks = chunk.clone();
    let sender = tokio::spawn(async move {
        for number in 0..TOTAL / CHUNK {
            to.send(Message::Binary(chunks(number).into())).await.unwrap();
        }
        to.send(Message::Binary(Bytes::new())).await.unwrap();
        to
    });
    let (mut got, mut number, mut most) = (Vec::new(), 0, 0);
    loop {
        let Message::Binary(bytes) = soon("more", from.next()).await.unwrap().unwrap() else { continue };
        if bytes.is_empty() {
            break;
        }
        got.extend_from_slice(&bytes);
        while got.len() >= CHUNK {
            assert!(got[..CHUNK] == chunk(number).to_ascii_uppercase(), "chunk {number} differs");
            got.drain(..CHUNK);
            number += 1;
        }
        if number % 64 == 0 {
            most = most.max(memory(pid));
        }
    }
    drop(sender.await.unwrap());
    assert_eq!((number, got.len()), (TOTAL / CHUNK, 0));
    let grown = most.saturating_sub(before);
    assert!(grown < 8 << 20, "grew by {grown} bytes");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_client_that_stops_reading_stops_the_sender_not_the_bridge() {
    let bridge = Running::start().await;
    let mut stuck = Relay::open(&bridge.address, "tcp").await;
    let pid = bridge.pid();
    let before = memory(pid);
    // Sends without reading: at some point every buffer on the way is full, and sending waits.
    let mut sent = 0_usize;
    let chunk = Bytes::from(vec![b'x'; 256 << 10]);
    loop {
        let send = stuck.0.send(Message::Binary(chunk.clone()));
        match tokio::time::timeout(std::time::Duration::from_secs(1), send).await {
            Ok(result) => result.unwrap(),
            Err(_) => break,
        }
        sent += chunk.len();
        assert!(sent < 1 << 30, "a gibibyte went somewhere");
    }
    let grown = memory(pid).saturating_sub(before);
    assert!(grown < 16 << 20, "the bridge holds {grown} bytes for one that does not read");
    // Nobody else notices.
    let mut other = Relay::open(&bridge.address, "tcp").await;
    other.send("hello").await;
    assert_eq!(other.recv_all(5).await, b"HELLO");
}

#[tokio::test]
async fn a_thousand_idle_relays_stay_open() {
    let (soft, _) = descriptors();
    assert!(soft > 2100, "the test needs 2100 descriptors, and may have {soft}: raise `ulimit -n`");
    let bridge = Running::start().await;
    let mut relays = Vec::new();
    for _ in 0..1000 {
        relays.push(Relay::open(&bridge.address, "tcp").await);
    }
    for relay in &mut relays {
        relay.send("hello").await;
    }
    for relay in &mut relays {
        assert_eq!(relay.recv_all(5).await, b"HELLO");
    }
}

/// Raises this process's own limit as far as it may.
fn descriptors() -> (u64, u64) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // Refused only above the hard limit, which this is.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    let limit = getrlimit(Resource::Nofile);
    (limit.current.unwrap_or(u64::MAX), limit.maximum.unwrap_or(u64::MAX))
}
