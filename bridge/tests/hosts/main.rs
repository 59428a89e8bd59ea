//! Two hosts for real: the kernel's TCP over our wire, as root and as an ordinary user.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot set its stage should fail there")]

mod life;
mod theatre;

use bridge::hosts::{HostRole, Want};
use protocol::header::{Carries, Segment, TcpFlags, icmpv4, icmpv6, summary};
use protocol::wire::{Conditions, Filter, Matches, Verdict, Way, WireAction};
use protocol::{DropReason, Hold, Nanos, PacketId, Stage};
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};
use theatre::{Theatre, in_time, segments};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UdpSocket;

const DELAY: Nanos = Nanos::from_millis(20);

fn flags(segments: &[(PacketId, Way, Segment, u32)]) -> Vec<(Way, TcpFlags)> {
    segments.iter().map(|(_, way, segment, _)| (*way, segment.flags)).collect()
}

async fn lost_segment(at: IpAddr) {
    let stage = Theatre::new();
    // Long enough that a busy machine is not late for the kernel, whose tail loss probe comes after two round trips.
    stage.conditions(Conditions { delay: Nanos::from_millis(100), ..Conditions::default() }).await;
    let (mut client, mut server) = stage.connect(at).await;
    stage.until("the handshake", |told| (segments(told).len() >= 3).then_some(())).await;
    assert_eq!(
        flags(&stage.segments())[..3],
        [
            (Way::ToServer, TcpFlags::SYN),
            (Way::ToClient, TcpFlags::SYN | TcpFlags::ACK),
            (Way::ToServer, TcpFlags::ACK)
        ]
    );

    let filter = Filter { way: Some(Way::ToServer), what: Matches::DataSegment, nth: 2 };
    stage.act(WireAction::Catch(Some(filter))).await;
    let sent: Vec<u8> = (0..3000_u32).map(|byte| byte as u8).collect();
    client.write_all(&sent).await.unwrap();
    let caught = stage
        .until("the catch", |told| {
            told.iter().find(|report| report.packet.stage == Stage::Held(Hold::Caught)).map(|report| report.packet.id)
        })
        .await;
    stage.act(WireAction::Decide(caught, Verdict::Drop)).await;
    let mut received = vec![0; 3000];
    in_time("all bytes", server.read_exact(&mut received)).await.unwrap();
    assert!(received == sent, "the bytes arrived changed or out of order");

    let segments = stage.segments();
    let data: Vec<_> = segments.iter().filter(|(_, way, _, len)| *way == Way::ToServer && *len > 0).collect();
    let lost = data.iter().find(|(id, ..)| *id == caught).unwrap();
    let mut first_seen = BTreeSet::new();
    let repeated: Vec<u32> =
        data.iter().map(|(_, _, segment, _)| segment.seq).filter(|&seq| !first_seen.insert(seq)).collect();
    assert_eq!(repeated, [lost.2.seq], "exactly one retransmission, of what was lost:\n{}", stage.story());
    let sack = segments
        .iter()
        .find(|(_, way, segment, _)| *way == Way::ToClient && !segment.sack.is_empty())
        .unwrap_or_else(|| panic!("no SACK:\n{}", stage.story()));
    assert_eq!(sack.2.ack, lost.2.seq, "it asks for what was lost");
    assert_eq!(sack.2.sack.edges()[0].0, lost.2.seq.wrapping_add(lost.3), "and has what came after");
    let ends = |id| {
        let told = stage.told.lock().unwrap();
        told.iter().rfind(|report| report.packet.id == id).map(|report| report.packet.stage)
    };
    assert_eq!(ends(caught), Some(Stage::Dropped(DropReason::ByYou)));
}

async fn closed_port(at: IpAddr) {
    let stage = Theatre::new();
    let error =
        in_time("a refusal", stage.tcp(HostRole::Client, at).connect(SocketAddr::new(at, 9))).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused, "{}", stage.story());
    let client = stage.udp(
        HostRole::Client,
        0,
        if at.is_ipv4() { HostRole::Client.v4().into() } else { HostRole::Client.v6().into() },
    );
    client.connect(SocketAddr::new(at, 9)).await.unwrap();
    client.send(b"nobody").await.unwrap();
    let error = in_time("the ICMP error", client.recv(&mut [0; 8])).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
    let unreachable = if at.is_ipv4() { icmpv4::UNREACHABLE } else { icmpv6::UNREACHABLE };
    stage
        .until("the ICMP message on the wire", |told| {
            told.iter()
                .find(|report| {
                    let found = summary(&report.packet.data, report.packet.true_len as usize);
                    found.is_some_and(
                        |found| matches!(found.carries, Carries::Icmp(message) if message.kind == unreachable),
                    )
                })
                .map(drop)
        })
        .await;
}

/// A path with a small MTU: TCP is told and sends smaller segments.
async fn small_mtu(at: IpAddr) {
    let stage = Theatre::new();
    stage.conditions(Conditions { mtu: 1300, ..Conditions::default() }).await;
    let (mut client, mut server) = stage.connect(at).await;
    let sent: Vec<u8> = (0..100_000_u32).map(|byte| (byte / 251) as u8).collect();
    let mut received = vec![0; sent.len()];
    let (wrote, read) = tokio::join!(
        in_time("the way in", client.write_all(&sent)),
        in_time("the way out", server.read_exact(&mut received))
    );
    wrote.unwrap();
    read.unwrap();
    assert!(received == sent);
    let told = stage.told.lock().unwrap();
    let too_big = told.iter().filter(|report| report.packet.stage == Stage::Dropped(DropReason::TooBig)).count();
    assert!(too_big > 0, "the first large segments do not fit");
    assert!(told.iter().all(|report| report.packet.stage != Stage::Delivered || report.packet.true_len <= 1300));
}

async fn everything() {
    for at in HostRole::Server.addresses() {
        lost_segment(at).await;
        closed_port(at).await;
        small_mtu(at).await;
    }
    let stage = Theatre::new();
    for host in [&stage.hosts.client, &stage.hosts.server] {
        for setting in host.settings() {
            assert_eq!(setting.refused, None, "{setting:?}");
        }
        host.open(Want::SockDiag).unwrap();
    }
}

#[tokio::test]
async fn tcp_over_the_wire() {
    everything().await;
}

/// A delayed packet leaves when it should: not before, and in the median less than a millisecond after, not counting
/// what every exchange takes on a machine that is busy with something else.
#[tokio::test]
async fn a_delay_is_what_was_asked_for() {
    let stage = Theatre::new();
    let server = stage.udp(HostRole::Server, 8080, HostRole::Server.v4().into());
    let client = stage.udp(HostRole::Client, 0, HostRole::Client.v4().into());
    let mut overruns = Vec::new();
    // A busy machine may be late in one round; a timer that counts in milliseconds is late in all of them.
    for _ in 0..20 {
        stage.conditions(Conditions::default()).await;
        let plain = round_of_exchanges(&client, &server).await;
        stage.conditions(Conditions { delay: DELAY, ..Conditions::default() }).await;
        let delayed = round_of_exchanges(&client, &server).await;
        let (least, median) = (delayed[0], delayed[delayed.len() / 2]);
        eprintln!("20 ms take {least:?} at least, {median:?} in the median; 0 take {:?}", plain[plain.len() / 2]);
        assert!(least >= Duration::from_millis(20), "{least:?}");
        overruns.push((median - Duration::from_millis(20)).saturating_sub(plain[plain.len() / 2]));
        if overruns.last().is_some_and(|overrun| *overrun < Duration::from_millis(1)) {
            return;
        }
    }
    panic!("20 ms always took too long, by {overruns:?}");
}

/// How long datagrams take, sorted.
async fn round_of_exchanges(client: &UdpSocket, server: &UdpSocket) -> Vec<Duration> {
    let to = server.local_addr().unwrap();
    let mut took = Vec::new();
    for number in 0..25_u8 {
        let sent = Instant::now();
        client.send_to(&[number], to).await.unwrap();
        let mut received = [0; 8];
        in_time("a datagram", server.recv_from(&mut received)).await.unwrap();
        assert_eq!(received[0], number);
        took.push(sent.elapsed());
    }
    took.sort_unstable();
    took
}

/// What was held goes on, and a stream survives a cut.
#[tokio::test]
async fn hold_and_cut() {
    let stage = Theatre::new();
    let (mut client, mut server) = stage.connect(HostRole::Server.v4().into()).await;
    stage.act(WireAction::Hold(true)).await;
    client.write_all(b"held").await.unwrap();
    stage
        .until("the hold", |told| {
            told.iter().any(|report| report.packet.stage == Stage::Held(Hold::Wire)).then_some(())
        })
        .await;
    assert!(server.try_read(&mut [0; 8]).is_err(), "nothing arrives over a held wire");
    stage.act(WireAction::Hold(false)).await;
    let mut received = [0; 4];
    in_time("what was held", server.read_exact(&mut received)).await.unwrap();
    assert_eq!(&received, b"held");

    stage.act(WireAction::Cut(true)).await;
    client.write_all(b"lost").await.unwrap();
    stage
        .until("the loss", |told| {
            told.iter().any(|report| report.packet.stage == Stage::Dropped(DropReason::Cut)).then_some(())
        })
        .await;
    stage.act(WireAction::Cut(false)).await;
    in_time("the kernel's retry", server.read_exact(&mut received)).await.unwrap();
    assert_eq!(&received, b"lost");
}

/// Whatever UDP loses, the wire says so, and it says nothing else: no packet disappears in an interface.
#[tokio::test]
async fn udp_loses_exactly_what_the_wire_dropped() {
    const COUNT: u16 = 500;
    let stage = Theatre::new();
    stage.conditions(Conditions { loss: 300, ..Conditions::default() }).await;
    let server = stage.udp(HostRole::Server, 8080, HostRole::Server.v4().into());
    let client = stage.udp(HostRole::Client, 0, HostRole::Client.v4().into());
    let mut arrived = BTreeSet::new();
    let mut bytes = [0; 2];
    for number in 0..COUNT {
        client.send_to(&number.to_be_bytes(), server.local_addr().unwrap()).await.unwrap();
        while server.try_recv(&mut bytes).is_ok() {
            arrived.insert(u16::from_be_bytes(bytes));
        }
    }
    let ended = |stage| matches!(stage, Stage::Delivered | Stage::Dropped(_));
    let dropped: BTreeSet<u16> = stage
        .until("the end of all", |told| {
            let ends: Vec<_> = told.iter().filter(|report| ended(report.packet.stage)).collect();
            let number = |id| {
                let sent = told.iter().find(|sent| sent.packet.id == id && sent.packet.stage == Stage::Sent)?;
                Some(u16::from_be_bytes(sent.packet.data[28..30].try_into().ok()?))
            };
            let dropped = ends.iter().filter(|end| end.packet.stage == Stage::Dropped(DropReason::Loss));
            (ends.len() == usize::from(COUNT)).then(|| dropped.filter_map(|end| number(end.packet.id)).collect())
        })
        .await;
    while arrived.len() + dropped.len() < usize::from(COUNT) {
        in_time("what was not dropped", server.readable()).await.unwrap();
        while server.try_recv(&mut bytes).is_ok() {
            arrived.insert(u16::from_be_bytes(bytes));
        }
    }
    assert!(arrived.is_disjoint(&dropped));
    assert!((100..200).contains(&dropped.len()), "{} of {COUNT} is not about 30 %", dropped.len());
}

/// A third of all packets lost, both ways: TCP brings every byte, in order.
#[tokio::test]
async fn tcp_brings_every_byte_over_a_bad_wire() {
    const CONNECTIONS: usize = 10;
    const ECHOES: u32 = 10;
    let stage = Theatre::new();
    let at = SocketAddr::new(HostRole::Server.v4().into(), 808);
    let listener = stage.listen(at);
    let mut clients = tokio::task::JoinSet::new();
    let mut pairs = Vec::new();
    // Connected while the wire is good: with two SYN retries one connection in eight would not come about.
    for _ in 0..CONNECTIONS {
        let client = in_time("connect", stage.tcp(HostRole::Client, at.ip()).connect(at)).await.unwrap();
        pairs.push((client, in_time("accept", listener.accept()).await.unwrap().0));
    }
    stage.conditions(Conditions { loss: 300, burst: 2, duplicate: 50, ..Conditions::default() }).await;
    for (mut client, mut server) in pairs {
        tokio::spawn(async move {
            let (mut read, mut write) = server.split();
            tokio::io::copy(&mut read, &mut write).await
        });
        clients.spawn(async move {
            for number in 0..ECHOES {
                let sent = number.to_be_bytes().repeat(700);
                let mut received = vec![0; sent.len()];
                client.write_all(&sent).await.unwrap();
                client.read_exact(&mut received).await.unwrap();
                assert!(received == sent, "echo {number} came back changed");
            }
        });
    }
    // The kernel doubles its patience with every loss: who has bad luck often enough waits for minutes. So after a while
    // the wire is mended, and the next attempt, which comes within the time that has passed, gets through.
    let mut all = std::pin::pin!(clients.join_all());
    let in_luck = tokio::time::timeout(Duration::from_secs(45), &mut all).await;
    let all = match in_luck {
        Ok(all) => all,
        Err(_) => {
            stage.conditions(Conditions::default()).await;
            let late = tokio::time::timeout(Duration::from_secs(135), all).await;
            late.map_err(|_| stage.story()).unwrap()
        }
    };
    assert_eq!(all.len(), CONNECTIONS);
    let told = stage.told.lock().unwrap();
    assert!(told.iter().any(|report| report.packet.stage == Stage::Dropped(DropReason::Loss)));
    assert!(told.iter().all(|report| report.packet.stage != Stage::Dropped(DropReason::Interface)));
}
