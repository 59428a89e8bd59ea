//! The scenes: what has happened when the picture is taken.

use protocol::script::{Compare, Condition, Play, Verb, What, Who};
use protocol::wire::{Conditions, Filter, Matches, Verdict, Way, WireAction};
use protocol::{
    ClientAction, Command, Errno, Family, GaugeKey, Hold, Kind, Nanos, NoteId, Packet, ServerAction, Setting,
    SocketOption, Stage, TcpMode, Transport,
};
use support::running::Running;
use support::session::Session;

/// One scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scene {
    /// Nothing has happened yet.
    FirstVisit,
    /// One echo over TCP.
    Hello,
    /// Three sends, one recv.
    ThreeSends,
    /// 3000 bytes.
    Shares,
    /// Datagrams, one of them cut.
    Udp,
    /// A Unix stream.
    Unix,
    /// The second client in its seat.
    SecondClient,
    /// The tutorial's server, spinning.
    Tutorial,
    /// Nobody listens.
    Error,
    /// Two hosts: the second of three segments is dropped, and sent again.
    LostSegment,
    /// Two hosts: a segment is caught, and nobody has decided yet.
    Caught,
    /// In this page: two runs, and a look back.
    InThisPage,
    /// In this page: a segment is caught, and time stands.
    TimeStands,
}

impl Scene {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::FirstVisit,
        Self::Hello,
        Self::ThreeSends,
        Self::Shares,
        Self::Udp,
        Self::Unix,
        Self::SecondClient,
        Self::Tutorial,
        Self::Error,
        Self::LostSegment,
        Self::Caught,
        Self::InThisPage,
        Self::TimeStands,
    ];

    /// The name of its pictures.
    pub fn name(self) -> &'static str {
        match self {
            Self::FirstVisit => "first-visit",
            Self::Hello => "hello",
            Self::ThreeSends => "three-sends",
            Self::Shares => "shares",
            Self::Udp => "udp",
            Self::Unix => "unix",
            Self::SecondClient => "second-client",
            Self::Tutorial => "tutorial",
            Self::Error => "error",
            Self::LostSegment => "lost-segment",
            Self::Caught => "caught",
            Self::InThisPage => "in-this-page",
            Self::TimeStands => "time-stands",
        }
    }

    /// A JavaScript expression that is true once it is on the page.
    pub fn is_shown(self) -> &'static str {
        match self {
            Self::FirstVisit | Self::InThisPage | Self::TimeStands => {
                "document.querySelectorAll('svg [data-kind]').length > 0"
            }
            Self::Hello => "document.body.innerText.includes('HELLO')",
            Self::ThreeSends => "document.body.innerText.includes('ONETWOTHREE')",
            Self::Shares => "document.body.innerText.includes('3000')",
            Self::Udp => "document.body.innerText.includes('ONE')",
            Self::Unix => "document.body.innerText.includes('HELLO')",
            Self::SecondClient | Self::Tutorial => "document.querySelectorAll('svg [data-kind]').length > 10",
            Self::Error => "document.body.innerText.includes('ECONNREFUSED')",
            Self::LostSegment | Self::Caught => "document.querySelectorAll('svg [data-kind=\"packet\"]').length > 4",
        }
    }

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
            Self::Hello => {
                connect(&mut session, "a", Transport::Tcp).await;
                echo(&mut session, "a", "hello").await;
            }
            Self::ThreeSends => {
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
