//! The scenes as they are played, by the program and a script.

use super::scene::Scene;
use protocol::script::{Compare, Condition, Play, Verb, What, Who};
use protocol::wire::{Conditions, Filter, Matches, Verdict, Way, WireAction};
use protocol::{
    ClientAction, Command, Errno, Family, GaugeKey, Hold, Kind, Nanos, NoteId, Packet, ServerAction, Setting,
    SocketOption, Stage, TcpMode, Transport,
};
use std::time::Duration;
use support::running::Running;
use support::session::Session;

/// A long story is told in so many slices of a hundred sends, which make some five events each.
const SLICES: u32 = 200;
/// One begins after the other, so far apart.
const PACE: Duration = Duration::from_millis(150);
/// By when a hundred thousand events have happened.
const LONG: Duration = Duration::from_secs(300);

impl Scene {
    /// Plays it, and leaves the program running.
    pub async fn play(self) -> Running {
        let bridge = match self {
            Self::LostSegment | Self::Caught => Running::two_hosts().await,
            _ => Running::start().await,
        };
        let mut session = bridge.session().await;
        match self {
            Self::FirstVisit | Self::InThisPage | Self::TimeStands => {}
            Self::LostSegment | Self::Caught => lose(&mut session, self == Self::LostSegment).await,
            Self::Hello | Self::Legend => {
                connect(&mut session, "a", Transport::Tcp).await;
                echo(&mut session, "a", "hello").await;
            }
            Self::ThreeSends | Self::Focus => {
                session.server(ServerAction::Set(Setting::Reading(false))).await;
                connect(&mut session, "a", Transport::Tcp).await;
                for word in ["one", "two", "three"] {
                    session.send("a", word).await;
                }
                session.wait(seen(&client("a"), What::Returns(Verb::Send), 3)).await;
                session.server(ServerAction::Set(Setting::Reading(true))).await;
                session.wait(seen(&client("a"), What::Gives(Verb::Recv, 11), 1)).await;
            }
            Self::Shares => {
                connect(&mut session, "a", Transport::Tcp).await;
                session.send("a", "hello ".repeat(500)).await;
                session.wait(seen(&client("a"), What::Returns(Verb::Recv), 3)).await;
            }
            Self::Udp => {
                connect(&mut session, "a", Transport::Udp).await;
                for word in ["one", "two", "three"] {
                    echo(&mut session, "a", word).await;
                }
                session.send("a", [b'x'; 2000]).await;
                session.wait(seen(&client("a"), What::Gives(Verb::Recv, 1024), 1)).await;
            }
            Self::Levels => {
                session.server(ServerAction::Set(Setting::Reading(false))).await;
                connect(&mut session, "a", Transport::Tcp).await;
                for (number, bytes) in [3, 700, 2000].into_iter().enumerate() {
                    session.send("a", "abcdefg ".repeat(bytes / 8 + 1)).await;
                    session.wait(seen(&client("a"), What::Returns(Verb::Send), number as u32 + 1)).await;
                }
                let server = Who::PeerOf("a".into());
                session.wait(Condition::Value(server, GaugeKey::RecvQueue, Compare::AtLeast, 2700)).await;
            }
            Self::UdpFull => {
                let server = session.welcome.servers.iter().find(|server| {
                    server.transport == Transport::Udp && server.address.inet().is_some_and(|at| at.is_ipv4())
                });
                let server = server.expect("there is a UDP server").id;
                session.server(ServerAction::Set(Setting::RecvBuffer(Some(4096)))).await;
                session.server(ServerAction::Rebind(server)).await;
                session.server(ServerAction::Set(Setting::Reading(false))).await;
                connect(&mut session, "a", Transport::Udp).await;
                for number in 1..=6 {
                    session.send("a", [b'a' + number; 1200]).await;
                    session.wait(seen(&client("a"), What::Returns(Verb::Send), number.into())).await;
                }
                let server = Who::Server(Transport::Udp, Family::Ipv4);
                session.wait(Condition::Value(server, GaugeKey::Drops, Compare::AtLeast, 1)).await;
            }
            Self::Unix => {
                connect(&mut session, "a", Transport::UnixStream).await;
                echo(&mut session, "a", "hello").await;
            }
            Self::SecondClient => {
                connect(&mut session, "a", Transport::Tcp).await;
                echo(&mut session, "a", "first").await;
                connect(&mut session, "b", Transport::Tcp).await;
                session.send("b", "second").await;
                let peer = Who::PeerOf("b".into());
                session.wait(Condition::Value(peer, GaugeKey::RecvQueue, Compare::Is, 6)).await;
            }
            Self::Tutorial => {
                session.server(ServerAction::Set(Setting::TcpMode(TcpMode::TutorialExactly))).await;
                connect(&mut session, "a", Transport::Tcp).await;
                echo(&mut session, "a", "first").await;
                session.tell("a", ClientAction::Close).await;
                connect(&mut session, "b", Transport::Tcp).await;
                session.send("b", "hello?").await;
                let server = Who::Server(Transport::Tcp, Family::Ipv4);
                session.wait(seen(&server, What::Notes(NoteId::EmptyRecvs), 2)).await;
            }
            Self::TwelveClients => {
                connect(&mut session, "a", Transport::Tcp).await;
                echo(&mut session, "a", "first").await;
                for number in 2..=12 {
                    let name = format!("c{number}");
                    session.client(&name, &Play::new(Transport::Tcp)).await;
                    session.tell(&name, ClientAction::Connect).await;
                }
                // The backlog of five holds six.
                for number in 2..=7 {
                    let name = format!("c{number}");
                    session.wait(seen(&client(&name), What::Returns(Verb::Connect), 1)).await;
                    session.send(&name, "hello").await;
                }
                session.wait(seen(&client("c7"), What::Returns(Verb::Send), 1)).await;
            }
            Self::Long => {
                connect(&mut session, "a", Transport::Tcp).await;
                // Not faster than the record takes it: what is above its budget would only be counted.
                let mut pace = tokio::time::interval(PACE);
                for _ in 0..SLICES {
                    pace.tick().await;
                    session.tell("a", ClientAction::Send { data: b"hello"[..].into(), repeat: 100 }).await;
                }
                let client = client("a");
                session.wait_at_most(&seen(&client, What::Returns(Verb::Send), SLICES * 100), LONG).await;
                session.send("a", "last").await;
                session.wait_at_most(&seen(&client, What::Gives(Verb::Recv, 4), 1), LONG).await;
            }
            Self::Error => {
                let play = Play { to_nobody: true, ..Play::new(Transport::Tcp) };
                session.client("a", &play).await;
                session.tell("a", ClientAction::Connect).await;
                session.wait(seen(&client("a"), What::Fails(Verb::Connect, Errno::Econnrefused), 1)).await;
            }
        }
        bridge
    }
}

fn client(name: &str) -> Who {
    Who::Client(name.into())
}

fn seen(who: &Who, what: What, times: u32) -> Condition {
    Condition::Seen(who.does(what), times)
}

async fn connect(session: &mut Session, name: &str, transport: Transport) {
    session.client(name, &Play::new(transport)).await;
    session.tell(name, ClientAction::Connect).await;
    session.wait(seen(&client(name), What::Returns(Verb::Connect), 1)).await;
}

async fn echo(session: &mut Session, name: &str, text: &str) {
    session.send(name, text).await;
    session.wait(seen(&client(name), What::Gives(Verb::Recv, text.len() as u64), 1)).await;
}

/// Catches the second data segment of 3000 bytes, and drops it if asked to.
async fn lose(session: &mut Session, drop: bool) {
    let delay = Conditions { delay: Nanos::from_millis(20), ..Conditions::default() };
    for way in [Way::ToServer, Way::ToClient] {
        wire(session, WireAction::Conditions(way, delay.clone())).await;
    }
    let options = vec![SocketOption::NoDelay(true)];
    session.client("a", &Play { options, ..Play::new(Transport::Tcp) }).await;
    session.tell("a", ClientAction::Connect).await;
    session.wait(seen(&client("a"), What::Returns(Verb::Connect), 1)).await;
    let second = Filter { way: Some(Way::ToServer), what: Matches::DataSegment, nth: 2 };
    wire(session, WireAction::Catch(Some(second))).await;
    session.send("a", "hello ".repeat(500)).await;
    let caught = loop {
        let held = session.events().iter().find_map(|event| match &event.kind {
            Kind::Packet(Packet { id, stage: Stage::Held(Hold::Caught), .. }) => Some(*id),
            _ => None,
        });
        match held {
            Some(packet) => break packet,
            None => drop_message(session).await,
        }
    };
    if drop {
        wire(session, WireAction::Decide(caught, Verdict::Drop)).await;
        session.wait(seen(&client("a"), What::Returns(Verb::Recv), 3)).await;
    }
}

async fn drop_message(session: &mut Session) {
    support::soon("a packet", session.next()).await.expect("the session is open");
}

async fn wire(session: &mut Session, action: WireAction) {
    session.order(Command::Wire(action)).await.expect("the wire does it");
}
