use super::stage::{ME, Stage, calls, path};
use crate::world::World;
use protocol::{
    ClientAction, Command, Kind, NoteId, Op, Phase, Refusal, ServerAction, ServerSettings, Setting, Transport,
};

#[tokio::test]
async fn a_client_that_never_reads_closes_the_window_and_abort_gets_it_out_of_its_send() {
    let settings = ServerSettings { reading: false, ..Default::default() };
    let stage = Stage::new(settings).await;
    let client = stage.client(Transport::Tcp);
    stage.connected(client).await;
    stage.tell(client, ClientAction::Send { data: vec![b'x'; 1 << 20].into(), repeat: 64 });
    stage
        .until("a send to wait", |events| {
            let sends = || calls(events, client).filter(|call| matches!(call.op, Op::Send { .. }));
            let entered = sends().filter(|call| call.phase == Phase::Entered).count();
            let returned = sends().filter(|call| call.phase == Phase::Returned).count();
            (entered > returned).then_some(())
        })
        .await;
    stage.tell(client, ClientAction::Abort);
    stage
        .until("the client's end", |events| {
            events.iter().find(|event| event.about.program == Some(client) && event.kind == Kind::Ended).map(drop)
        })
        .await;
    let last = stage.perform(ME, Command::Client { client, action: ClientAction::Close });
    assert_eq!(last, Err(Refusal::NoSuchClient(client)));
    stage.world.shutdown().await;
}

#[tokio::test]
async fn only_the_owner_tells_a_client_and_leaving_closes_it() {
    let stage = Stage::new(ServerSettings::default()).await;
    let client = stage.client(Transport::Tcp);
    let other = protocol::MemberId(2);
    let refused = stage.perform(other, Command::Client { client, action: ClientAction::Connect });
    assert_eq!(refused, Err(Refusal::NotYours(client)));
    let early = stage.perform(
        ME,
        Command::Client { client, action: ClientAction::Send { data: b"x".as_slice().into(), repeat: 1 } },
    );
    assert_eq!(early, Err(Refusal::WrongMoment(protocol::message::Moment::NotConnected)));
    stage.world.leave(ME);
    stage
        .until("the client's end", |events| {
            events.iter().find(|event| event.about.program == Some(client) && event.kind == Kind::Ended).map(drop)
        })
        .await;
    stage.world.shutdown().await;
}

#[tokio::test]
async fn clearing_begins_an_epoch_that_knows_who_lives_and_what_waits() {
    let stage = Stage::new(ServerSettings::default()).await;
    let server = stage.server(Transport::Tcp);
    let client = stage.client(Transport::Tcp);
    stage.connected(client).await;
    stage
        .until("the server's recv to wait", |events| {
            calls(events, server.program.unwrap()).find(|call| matches!(call.op, Op::Recv { .. })).map(drop)
        })
        .await;
    let before = stage.recorder.epoch();
    assert!(stage.perform(ME, Command::World(protocol::WorldAction::Clear)).is_ok());
    assert_eq!(stage.recorder.epoch().run, before.run + 1);
    let events = stage.events();
    assert!(events.iter().any(|event| matches!(event.kind, Kind::Host { .. })));
    assert!(
        events.iter().any(|event| event.about.program == Some(client) && matches!(event.kind, Kind::Program { .. }))
    );
    assert!(
        events.iter().any(|event| event.about.socket == server.socket && matches!(event.kind, Kind::Socket { .. }))
    );
    assert!(
        events
            .iter()
            .any(|event| matches!(&event.kind, Kind::Flow { a, b, .. } if a.socket.is_some() && b.socket.is_some()))
    );
    let waits = calls(&events, server.program.unwrap()).filter(|call| matches!(call.op, Op::Recv { .. })).count();
    assert_eq!(waits, 1, "the recv that waits is told again");
    stage.world.shutdown().await;
}

#[tokio::test]
async fn a_rebind_takes_the_settings_that_waited_for_it() {
    let stage = Stage::new(ServerSettings::default()).await;
    let server = stage.server(Transport::Tcp);
    stage.set(Setting::ReuseAddress(false));
    assert_eq!(stage.world.settings().waiting, [Setting::ReuseAddress(false)]);
    for server in stage.world.servers() {
        assert!(stage.perform(ME, Command::Server(ServerAction::Rebind(server.id))).is_ok());
    }
    let mut changes = stage.world.changes();
    while !stage.world.settings().waiting.is_empty() {
        changes.changed().await.unwrap();
    }
    let again = stage.server(Transport::Tcp);
    assert_eq!(again.address, server.address);
    assert_ne!(again.socket, server.socket);
    stage.world.shutdown().await;
}

#[tokio::test]
async fn a_taken_port_names_the_flag_and_the_holder() {
    use crate::recorder::Recorder;
    use crate::world::this_computer::{StartError, ThisComputer, WorldOptions};
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let options = WorldOptions { tcp: vec![port], tutorial_port: false, udp: vec![], unix: None, ..Default::default() };
    let recorder = Recorder::new(protocol::ids::Boot(1), protocol::trace::Bounds::default());
    let Err(error) = ThisComputer::start(recorder, options).await else { panic!("the port is taken") };
    let text = error.to_string();
    assert!(text.contains(&port.to_string()) && text.contains("--tcp"), "{text}");
    let StartError::AddressTaken { holder, .. } = error else { panic!("{text}") };
    if cfg!(target_os = "linux") {
        assert!(holder.unwrap().contains(&std::process::id().to_string()));
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn another_program_appears_with_its_name_and_its_connection() {
    let stage = Stage::new(ServerSettings::default()).await;
    let info = stage.server(Transport::Tcp);
    let other = tokio::net::TcpStream::connect(info.address.inet().unwrap()).await.unwrap();
    let local = protocol::Address::Inet(other.local_addr().unwrap());
    let program = stage
        .until("the other program", |events| {
            events.iter().find_map(|event| match &event.kind {
                Kind::Program { role: protocol::Role::Other, pid, calls_visible: false, .. } => {
                    assert_eq!(*pid, Some(std::process::id()));
                    event.about.program
                }
                _ => None,
            })
        })
        .await;
    stage
        .until("both ends of its flow", |events| {
            events.iter().find_map(|event| match &event.kind {
                Kind::Flow { a, b, .. } if a.address == local => a.socket.and(b.socket).map(drop),
                _ => None,
            })
        })
        .await;
    drop(other);
    stage
        .until("its end", |events| {
            events.iter().find(|event| event.about.program == Some(program) && event.kind == Kind::Ended).map(drop)
        })
        .await;
    stage.world.shutdown().await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_stale_socket_file_is_removed_and_a_living_one_is_not() {
    use crate::recorder::Recorder;
    use crate::world::this_computer::{StartError, ThisComputer, WorldOptions};
    let file = path("stale");
    drop(std::os::unix::net::UnixListener::bind(&file).unwrap());
    assert!(file.exists(), "nobody removed it");
    let options =
        WorldOptions { tcp: vec![], tutorial_port: false, udp: vec![], unix: Some(file.clone()), ..Default::default() };
    let stage = Stage::with(options.clone()).await;
    assert!(stage.events().iter().any(|event| matches!(event.kind, Kind::Note(NoteId::StaleSocketFile, _))));
    let recorder = Recorder::new(protocol::ids::Boot(1), protocol::trace::Bounds::default());
    let Err(error) = ThisComputer::start(recorder, options).await else { panic!("somebody listens there") };
    assert!(matches!(error, StartError::AddressTaken { flag: "--unix", .. }), "{error}");
    assert!(file.exists(), "the living one is still there");
    stage.world.shutdown().await;
    assert!(!file.exists(), "ours is removed at the end");
}
