//! Two hosts: the kernel's own TCP and UDP, over a wire that loses what it is told to lose.

mod rest;
mod run;

pub use rest::rests;
pub use run::descendants;

use crate::echo::{connected, gives, received, returns};
use protocol::header::{Summary, TcpFlags, summary};
use protocol::script::{Compare, Condition, Play, Verb, What, Who};
use protocol::wire::{Conditions, Filter, Matches, Verdict, Way, WireAction};
use protocol::{
    Cause, ClientAction, Command, DropReason, Errno, Event, Family, GaugeKey, HostId, Kind, LoopRule, Nanos, PacketId,
    Reply, ServerAction, Setting, SocketOption, Stage, TcpMode, TcpState, Transport, WorldAction, WorldKind,
};
use std::collections::BTreeMap;
use std::time::Duration;
use support::running::Running;
use support::session::Session;

/// A wire that loses a third needs the kernels' own timeouts, which double.
const LOSSY: Duration = Duration::from_secs(120);

pub async fn wire(session: &mut Session, action: WireAction) {
    let reply = session.order(Command::Wire(action.clone())).await;
    assert_eq!(reply, Ok(Reply::Done), "{action:?}");
}

pub async fn conditions(session: &mut Session, conditions: &Conditions) {
    for way in [Way::ToServer, Way::ToClient] {
        wire(session, WireAction::Conditions(way, conditions.clone())).await;
    }
}

/// Takes events until `look` finds something in them.
pub async fn until<T>(session: &mut Session, what: &str, look: impl Fn(&[Event]) -> Option<T>) -> T {
    until_at_most(session, what, support::DEADLINE, look).await
}

async fn until_at_most<T>(
    session: &mut Session,
    what: &str,
    at_most: Duration,
    look: impl Fn(&[Event]) -> Option<T>,
) -> T {
    let waiting = async {
        loop {
            if let Some(found) = look(session.events()) {
                return found;
            }
            assert!(session.next().await.is_some(), "the session ended");
        }
    };
    let found = tokio::time::timeout(at_most, waiting).await;
    found.unwrap_or_else(|_| panic!("waited for {what}; seen:\n{}", story(session.events())))
}

fn story(events: &[Event]) -> String {
    let line = |event: &Event| match &event.kind {
        Kind::Packet(packet) => {
            let about = summary(&packet.data, packet.true_len as usize).map(|found| found.carries);
            format!("{} {} {:?} {about:?}\n", event.at.as_millis(), packet.id, packet.stage)
        }
        _ => support::session::line(event) + "\n",
    };
    events.iter().map(line).collect()
}

/// A packet from its beginning to its end.
#[derive(Clone, Debug)]
struct Life {
    id: PacketId,
    host: HostId,
    header: Summary,
    data: Vec<u8>,
    last: Stage,
    cause: Option<Cause>,
}

/// All packets in the order they were sent.
fn lives(events: &[Event]) -> Vec<Life> {
    let mut lives: BTreeMap<PacketId, Life> = BTreeMap::new();
    for event in events {
        let Kind::Packet(packet) = &event.kind else { continue };
        if packet.stage == Stage::Sent {
            let header = summary(&packet.data, packet.true_len as usize).expect("an IP packet");
            let (host, data) = (event.about.host, packet.data.to_vec());
            lives.insert(packet.id, Life { id: packet.id, host, header, data, last: Stage::Sent, cause: None });
        } else if let Some(life) = lives.get_mut(&packet.id) {
            (life.last, life.cause) = (packet.stage, event.cause);
        }
    }
    lives.into_values().collect()
}

fn flags(life: &Life) -> Option<TcpFlags> {
    Some(life.header.tcp()?.flags)
}

/// The segments with data that a host sent.
fn data_segments(events: &[Event], host: HostId) -> Vec<Life> {
    let with_data = |life: &Life| life.host == host && life.header.tcp().is_some() && life.header.payload_len > 0;
    lives(events).into_iter().filter(with_data).collect()
}

pub fn host(events: &[Event], name: &str) -> HostId {
    let found = events.iter().find(|event| matches!(&event.kind, Kind::Host { name: this, .. } if this.contains(name)));
    found.expect("both hosts are told").about.host
}

/// The other worlds live on, and are not told of.
#[tokio::test]
async fn its_story_is_about_its_own_hosts() {
    let bridge = Running::two_hosts().await;
    let mut session = bridge.session().await;
    connected(&mut session, "a", &Play::new(Transport::Tcp)).await;
    let hosts = session.events().iter().filter_map(|event| match &event.kind {
        Kind::Host { name, world, .. } => Some((name.as_str(), *world)),
        _ => None,
    });
    let both = [("client host", WorldKind::TwoHosts), ("server host", WorldKind::TwoHosts)];
    assert_eq!(hosts.collect::<Vec<_>>(), both);
}

#[tokio::test]
async fn connect_shows_the_kernels_handshake() {
    let bridge = Running::two_hosts().await;
    let mut session = bridge.session().await;
    assert_eq!(session.welcome.world, WorldKind::TwoHosts);
    for (name, family) in [("four", Family::Ipv4), ("six", Family::Ipv6)] {
        connected(&mut session, name, &Play { family, ..Play::new(Transport::Tcp) }).await;
        let (mut client, mut server) = (Vec::new(), Vec::new());
        for state in [TcpState::SynSent, TcpState::Established] {
            session.wait(Condition::Seen(Who::Client(name.into()).does(What::Reaches(state)), 1)).await;
            client.push(state);
        }
        for state in [TcpState::SynReceived, TcpState::Established] {
            session.wait(Condition::Seen(Who::PeerOf(name.into()).does(What::Reaches(state)), 1)).await;
            server.push(state);
        }
        session.send(name, "hello").await;
        session.wait(gives(&Who::Client(name.into()), 5)).await;
        assert_eq!(received(&session, name), [b"HELLO"]);
        let of_family = |life: &Life| life.header.src.is_ipv4() == (family == Family::Ipv4);
        let begun: Vec<_> =
            lives(session.events()).into_iter().filter(of_family).filter_map(|life| flags(&life)).collect();
        assert_eq!(begun[..3], [TcpFlags::SYN, TcpFlags::SYN | TcpFlags::ACK, TcpFlags::ACK], "{name}");
        let flow = session.witness.client(name).and_then(|client| {
            session
                .events()
                .iter()
                .filter(|event| event.about.program == Some(client))
                .find_map(|event| event.about.flow)
        });
        let carried = session.events().iter().filter(|event| matches!(event.kind, Kind::Packet(_)));
        assert!(
            carried.filter(|event| event.about.flow == flow && flow.is_some()).count() >= 6,
            "packets know their flow"
        );
    }
}

#[tokio::test]
async fn one_lost_segment_is_one_retransmission() {
    let bridge = Running::two_hosts().await;
    one_loss(&bridge).await;
}

/// 3000 bytes whose second segment is lost: what must be seen of it. The session is at the end of it.
pub async fn one_loss(bridge: &Running) -> Session {
    let mut session = bridge.session().await;
    // Long enough that a busy machine is not late for the kernel, whose tail loss probe comes after two round trips.
    conditions(&mut session, &Conditions { delay: Nanos::from_millis(100), ..Conditions::default() }).await;
    connected(&mut session, "a", &Play::new(Transport::Tcp)).await;
    let filter = Filter { way: Some(Way::ToServer), what: Matches::DataSegment, nth: 2 };
    wire(&mut session, WireAction::Catch(Some(filter))).await;
    let message: Vec<u8> = (0..3000).map(|at| b'a' + (at % 26) as u8).collect();
    session.send("a", &message).await;
    let caught = until(&mut session, "the catch", |events| {
        events.iter().find_map(|event| match &event.kind {
            Kind::Packet(packet) if matches!(packet.stage, Stage::Held(_)) => Some(packet.id),
            _ => None,
        })
    })
    .await;
    wire(&mut session, WireAction::Decide(caught, Verdict::Drop)).await;
    let mut recvs = 0;
    while received(&session, "a").concat().len() < message.len() {
        recvs += 1;
        session.wait(returns("a", Verb::Recv, recvs)).await;
    }
    assert_eq!(received(&session, "a").concat(), message.to_ascii_uppercase(), "all bytes, in order");
    session.wait(Condition::Value(Who::Client("a".into()), GaugeKey::TotalRetrans, Compare::Is, 1)).await;

    let client = host(session.events(), "client");
    let sent = data_segments(session.events(), client);
    let lost = sent.iter().find(|life| life.id == caught).expect("it was sent");
    assert_eq!(lost.last, Stage::Dropped(DropReason::ByYou));
    assert!(matches!(lost.cause, Some(Cause::Command(_))), "{:?}", lost.cause);
    let seq = |life: &Life| life.header.tcp().expect("a segment").seq;
    let mut seen = std::collections::BTreeSet::new();
    let again: Vec<u32> = sent.iter().map(seq).filter(|seq| !seen.insert(*seq)).collect();
    assert_eq!(again, [seq(lost)], "exactly one retransmission, of what was lost:\n{}", story(session.events()));
    let sacks = lives(session.events()).into_iter().filter(|life| life.host != client);
    let sack = sacks.filter_map(|life| life.header.tcp().copied()).find(|segment| !segment.sack.is_empty());
    let sack = sack.expect("a duplicate ACK with SACK");
    assert_eq!(sack.ack, seq(lost), "it asks for what was lost");
    session
}

#[tokio::test]
async fn every_byte_survives_a_wire_that_loses_a_third() {
    const CLIENTS: usize = 10;
    const WORDS: usize = 10;
    const TIMES: usize = 10;
    let bridge = Running::two_hosts().await;
    let mut session = bridge.session().await;
    session.server(ServerAction::Set(Setting::TcpMode(TcpMode::TaskPerClient))).await;
    session.server(ServerAction::Set(Setting::Backlog(64))).await;
    let names: Vec<String> = (0..CLIENTS).map(|number| format!("client {number}")).collect();
    // Without Nagle each echo is a segment of its own, whose loss is met by itself.
    let play =
        Play { options: vec![SocketOption::NoDelay(true)], rule: LoopRule::UntilLen, ..Play::new(Transport::Tcp) };
    for name in &names {
        connected(&mut session, name, &play).await;
    }
    conditions(&mut session, &Conditions { loss: 300, ..Conditions::default() }).await;
    for name in &names {
        for word in 0..WORDS {
            let data = format!("{name} word {word};").into_bytes().into();
            session.tell(name, ClientAction::Send { data, repeat: TIMES as u32 }).await;
        }
    }
    for name in &names {
        let expected: String =
            (0..WORDS).map(|word| format!("{name} word {word};").to_uppercase().repeat(TIMES)).collect();
        let client = session.witness.client(name);
        until_at_most(&mut session, name, LOSSY, |events| {
            let recvs = events.iter().filter(|event| event.about.program == client);
            let bytes: usize = recvs
                .map(|event| match &event.kind {
                    Kind::Call(call) if call.op.verb() == Verb::Recv => call.data.len(),
                    _ => 0,
                })
                .sum();
            (bytes >= expected.len()).then_some(())
        })
        .await;
        assert_eq!(String::from_utf8(received(&session, name).concat()).unwrap(), expected);
    }
    let dropped = lives(session.events()).iter().filter(|life| life.last == Stage::Dropped(DropReason::Loss)).count();
    assert!(dropped > 20, "the wire did lose packets: {dropped}");
}

#[tokio::test]
async fn udp_loses_exactly_what_the_wire_says() {
    const COUNT: usize = 200;
    let bridge = Running::two_hosts().await;
    let mut session = bridge.session().await;
    connected(&mut session, "a", &Play::new(Transport::Udp)).await;
    conditions(&mut session, &Conditions { loss: 300, ..Conditions::default() }).await;
    for number in 0..COUNT {
        session.send("a", format!("datagram {number}")).await;
    }
    // Every datagram and every answer has come to its end.
    let ends = until(&mut session, "the end of all datagrams", |events| {
        let all = lives(events);
        let ended = |life: &&Life| matches!(life.last, Stage::Delivered | Stage::Dropped(_));
        let client = host(events, "client");
        let asked: Vec<_> = all.iter().filter(|life| life.host == client && life.header.udp().is_some()).collect();
        let answered = all.iter().filter(|life| life.host != client && life.header.udp().is_some());
        let reached = asked.iter().filter(|life| life.last == Stage::Delivered).count();
        (asked.len() == COUNT && answered.filter(ended).count() == reached && asked.iter().all(ended))
            .then(|| all.clone())
    })
    .await;
    let text = |life: &Life| String::from_utf8(life.data[life.header.payload_at as usize..].to_vec()).unwrap();
    let client = host(session.events(), "client");
    let mut expected: Vec<String> =
        ends.iter().filter(|life| life.host != client && life.last == Stage::Delivered).map(text).collect();
    let lost = ends.iter().filter(|life| life.last == Stage::Dropped(DropReason::Loss)).count();
    session.wait(returns("a", Verb::Recv, u32::try_from(expected.len()).unwrap())).await;
    let mut came: Vec<String> =
        received(&session, "a").into_iter().map(|data| String::from_utf8(data).unwrap()).collect();
    expected.sort();
    came.sort();
    assert_eq!(came, expected, "what arrived is what the wire delivered");
    assert!((40..200).contains(&lost), "{lost} of {COUNT} and their answers");
}

#[tokio::test]
async fn syns_that_are_lost_end_in_a_timeout() {
    let bridge = Running::two_hosts().await;
    let mut session = bridge.session().await;
    wire(&mut session, WireAction::Conditions(Way::ToServer, Conditions { loss: 1000, ..Conditions::default() })).await;
    session.client("a", &Play::new(Transport::Tcp)).await;
    session.tell("a", ClientAction::Connect).await;
    let timeout = Who::Client("a".into()).does(What::Fails(Verb::Connect, Errno::Etimedout));
    session.wait_at_most(&Condition::Seen(timeout, 1), Duration::from_secs(30)).await;
    let syns = lives(session.events()).into_iter().filter(|life| flags(life) == Some(TcpFlags::SYN)).count();
    assert_eq!(syns, 3, "one and two retries, as the hosts are set");
    let note = Who::Anyone.does(What::Notes(protocol::NoteId::SynRetriesShortened));
    assert!(session.heard(&note), "and that is said");
}

#[tokio::test]
async fn a_closed_port_refuses() {
    let bridge = Running::two_hosts().await;
    let mut session = bridge.session().await;
    session.client("tcp", &Play { to_nobody: true, ..Play::new(Transport::Tcp) }).await;
    session.tell("tcp", ClientAction::Connect).await;
    let refused = Who::Client("tcp".into()).does(What::Fails(Verb::Connect, Errno::Econnrefused));
    session.wait(Condition::Seen(refused, 1)).await;
    let resets = |events: &[Event]| {
        lives(events).into_iter().find(|life| flags(life).is_some_and(|flags| flags.has(TcpFlags::RST))).map(drop)
    };
    until(&mut session, "the RST", resets).await;

    connected(&mut session, "udp", &Play { to_nobody: true, ..Play::new(Transport::Udp) }).await;
    session.send("udp", "anybody?").await;
    let refused = Who::Client("udp".into()).does(What::Fails(Verb::Recv, Errno::Econnrefused));
    session.wait(Condition::Seen(refused, 1)).await;
    let unreachable = |events: &[Event]| {
        let icmp = |life: &Life| matches!(life.header.carries, protocol::header::Carries::Icmp(_));
        lives(events).into_iter().find(icmp).map(drop)
    };
    until(&mut session, "the ICMP message", unreachable).await;
}

#[tokio::test]
async fn a_mended_cable_lets_the_stream_go_on() {
    let bridge = Running::two_hosts().await;
    let mut session = bridge.session().await;
    connected(&mut session, "a", &Play::new(Transport::Tcp)).await;
    session.send("a", "before").await;
    session.wait(gives(&Who::Client("a".into()), 6)).await;
    wire(&mut session, WireAction::Cut(true)).await;
    session.send("a", "meanwhile").await;
    until(&mut session, "the loss", |events| {
        lives(events).into_iter().find(|life| life.last == Stage::Dropped(DropReason::Cut)).map(drop)
    })
    .await;
    wire(&mut session, WireAction::Cut(false)).await;
    session.wait(gives(&Who::Client("a".into()), 9)).await;
    assert_eq!(received(&session, "a").concat(), b"BEFOREMEANWHILE");
}

#[tokio::test]
async fn a_held_packet_is_told_again_in_a_new_story() {
    let bridge = Running::two_hosts().await;
    let mut session = bridge.session().await;
    connected(&mut session, "a", &Play::new(Transport::Tcp)).await;
    wire(&mut session, WireAction::Hold(true)).await;
    session.send("a", "held").await;
    let is_held = |event: &Event| matches!(&event.kind, Kind::Packet(packet) if matches!(packet.stage, Stage::Held(_)));
    until(&mut session, "the hold", |events| events.iter().any(is_held).then_some(())).await;
    assert_eq!(session.order(Command::World(WorldAction::Clear)).await, Ok(Reply::Done));
    let mut later = bridge.session().await;
    until(&mut later, "the hold again", |events| events.iter().any(is_held).then_some(())).await;
    let hold = |event: &Event| matches!(event.kind, Kind::Command { what: Command::Wire(WireAction::Hold(true)), .. });
    assert!(later.events().iter().any(hold), "the wire is told as it is");
    wire(&mut later, WireAction::Hold(false)).await;
    until(&mut later, "the delivery", |events| {
        lives(events).into_iter().find(|life| life.last == Stage::Delivered && life.header.payload_len == 4).map(drop)
    })
    .await;
}

#[tokio::test]
async fn one_goes_from_world_to_world_and_back() {
    let bridge = Running::two_hosts().await;
    let mut session = bridge.session().await;
    connected(&mut session, "a", &Play::new(Transport::Tcp)).await;
    let all = |session: &Session| session.welcome.worlds.iter().filter(|world| world.unavailable.is_none()).count();
    assert_eq!(all(&session), 2);
    for (to, ip) in [(WorldKind::ThisComputer, "127.0.0.1"), (WorldKind::TwoHosts, "10.0.0.2")] {
        assert_eq!(session.order(Command::World(WorldAction::Switch(to))).await, Ok(Reply::Done));
        session = bridge.session().await;
        assert_eq!(session.welcome.world, to);
        assert!(session.welcome.servers[0].address.to_string().starts_with(ip), "{:?}", session.welcome.servers);
        connected(&mut session, "b", &Play::new(Transport::Tcp)).await;
        session.send("b", "still here").await;
        session.wait(gives(&Who::Client("b".into()), 10)).await;
        let worlds = session.events().iter().filter_map(|event| match &event.kind {
            Kind::Host { world, .. } => Some(*world),
            _ => None,
        });
        assert!(worlds.into_iter().all(|world| world == to), "nobody of the other world is told");
    }
    let refused = session.order(Command::World(WorldAction::Switch(WorldKind::InThisPage))).await;
    assert!(matches!(refused, Err(protocol::Refusal::Unavailable(..))), "{refused:?}");
}
