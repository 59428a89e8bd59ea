//! Sessions: codecs, resuming, members.

use crate::echo::{connected, gives};
use protocol::message::Resume;
use protocol::script::{Play, Who};
use protocol::{
    Address, ClientAction, ClientSpec, Codec, Command, Event, Interest, Kind, KindSet, ProgramId, Refusal, Reply, Seq,
    ServerAction, ServerId, Setting, Target, ToBridge, ToPage, Transport, WorldAction, WorldKind,
};
use support::running::Running;
use support::session::{Session, connect};
use support::soon;
use tokio_tungstenite::tungstenite::Error;

async fn through(session: &mut Session, seq: Seq) {
    while session.through < seq {
        soon("more events", session.next()).await.unwrap();
    }
}

#[tokio::test]
async fn both_codecs_tell_the_same_story() {
    let bridge = Running::start().await;
    let mut postcard = bridge.session().await;
    let mut json = Session::with(&bridge.address, Codec::Json, None, None, Interest::default()).await;
    connected(&mut json, "a", &Play::new(Transport::Tcp)).await;
    json.send("a", "hello").await;
    json.wait(gives(&Who::Client("a".into()), 5)).await;
    through(&mut postcard, json.through).await;
    assert_eq!(postcard.events()[..json.events().len()], *json.events());
}

#[tokio::test]
async fn cut_at_any_event_and_resumed_it_is_the_same_story() {
    let bridge = Running::start().await;
    let mut whole = bridge.session().await;
    connected(&mut whole, "a", &Play::new(Transport::Tcp)).await;
    whole.send("a", "hello").await;
    whole.wait(gives(&Who::Client("a".into()), 5)).await;
    let events: Vec<Event> = whole.events().to_vec();
    for cut in 0..=events.len() {
        let resume = Resume { epoch: whole.epoch(), after: Seq(cut as u64) };
        let mut session =
            Session::with(&bridge.address, Codec::Postcard, None, Some(resume), Interest::default()).await;
        through(&mut session, Seq(events.len() as u64)).await;
        assert_eq!(session.events()[..events.len() - cut], events[cut..]);
        assert_eq!(session.others, []);
    }
}

#[tokio::test]
async fn another_epoch_resets_the_viewer() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    let stale = Resume { epoch: protocol::Epoch::default(), after: Seq(7) };
    let resume = Some(stale);
    let mut other = Session::with(&bridge.address, Codec::Postcard, None, resume, Interest::default()).await;
    let message = soon("the reset", other.next()).await.unwrap();
    assert!(matches!(message, ToPage::Reset { epoch, .. } if epoch == session.epoch()), "{message:?}");

    // Clearing begins a new epoch for everybody, and what lives is told again.
    assert_eq!(session.order(Command::World(WorldAction::Clear)).await, Ok(Reply::Done));
    let is_reset = |session: &Session| session.others.iter().any(|message| matches!(message, ToPage::Reset { .. }));
    while !is_reset(&session) {
        soon("the reset", session.next()).await.unwrap();
    }
}

#[tokio::test]
async fn only_what_is_wanted_comes() {
    let bridge = Running::start().await;
    let interest = Interest { kinds: KindSet::STRUCTURE.and(KindSet::COMMANDS), data: 2, ..Interest::default() };
    let mut session = Session::with(&bridge.address, Codec::Postcard, None, None, interest).await;
    let mut driver = bridge.session().await;
    connected(&mut driver, "a", &Play::new(Transport::Tcp)).await;
    driver.send("a", "hello").await;
    driver.wait(gives(&Who::Client("a".into()), 5)).await;
    through(&mut session, driver.through).await;
    assert!(session.events().iter().any(|event| matches!(event.kind, Kind::Flow { .. })));
    assert!(!session.events().iter().any(|event| matches!(event.kind, Kind::Call(_))));
}

#[tokio::test]
async fn a_client_outlives_its_session() {
    let bridge = Running::start().await;
    let mut first = bridge.session().await;
    connected(&mut first, "a", &Play::new(Transport::Tcp)).await;
    let client = first.witness.client("a").unwrap();
    let (token, resume) = (first.welcome.token.clone(), first.resume());
    drop(first);
    let mut second =
        Session::with(&bridge.address, Codec::Postcard, Some(token), Some(resume), Interest::default()).await;
    second.witness.name("a", client);
    second.send("a", "again").await;
    second.wait(gives(&Who::Client("a".into()), 5)).await;
}

#[tokio::test]
async fn refusals_say_which_and_why() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    let order = |what| what;
    let nobody = Command::Client { client: ProgramId(4_000_000), action: ClientAction::Connect };
    assert_eq!(session.order(nobody).await, Err(Refusal::NoSuchClient(ProgramId(4_000_000))));
    let nowhere = Command::Open(ClientSpec::new(Target::Server(ServerId(999))));
    assert_eq!(session.order(nowhere).await, Err(Refusal::NoSuchServer(ServerId(999))));
    let unnamed = Command::Open(ClientSpec::new(Target::Named(3)));
    assert_eq!(session.order(unnamed).await, Err(Refusal::NoSuchTarget(3)));
    let huge = order(Command::Server(ServerAction::Set(Setting::RecvSize(0))));
    assert!(matches!(session.order(huge).await, Err(Refusal::OutOfRange(_))));
    let world = Command::World(WorldAction::Switch(WorldKind::InThisPage));
    assert!(matches!(session.order(world).await, Err(Refusal::Unavailable(..))));
}

#[tokio::test]
async fn a_session_begins_with_hello_in_a_known_subprotocol() {
    let bridge = Running::start().await;
    let refused = connect(&bridge.address, "/ws", "").await;
    assert!(matches!(&refused, Err(Error::Http(answer)) if answer.status() == 400), "{refused:?}");
    let mut session = bridge.session().await;
    session.say(&ToBridge::Hello { token: None, resume: None, interest: Interest::default() }).await;
    let bye = loop {
        match soon("the farewell", session.next()).await {
            Some(ToPage::Bye(why)) => break why,
            Some(_) => {}
            None => panic!("it closed without a word"),
        }
    };
    assert_eq!(bye, protocol::Farewell::HelloFirst);
}

#[tokio::test]
async fn nobody_reaches_anything_but_the_servers_and_named_targets() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = listener.local_addr().unwrap();
    let bridge = Running::with(&["--allow-target", &format!("tcp://{target}")]).await;
    let mut session = bridge.session().await;
    assert_eq!(session.welcome.targets.len(), 1);
    assert_eq!(session.welcome.targets[0].address, Address::Inet(target));
    let Ok(Reply::Opened(client)) = session.order(Command::Open(ClientSpec::new(Target::Named(0)))).await else {
        panic!("a named target may be reached")
    };
    session.witness.name("a", client);
    session.tell("a", ClientAction::Connect).await;
    soon("the connection", listener.accept()).await.unwrap();
}
