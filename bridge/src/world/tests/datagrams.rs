use super::stage::{Stage, calls, received};
use crate::world::World;
use protocol::{
    ClientAction, ClientSpec, Errno, Family, Kind, NoteId, Op, Outcome, ServerSettings, Span, Target, Transport,
};

#[tokio::test]
async fn of_two_thousand_bytes_1024_come_back() {
    let stage = Stage::new(ServerSettings::default()).await;
    let server = stage.server(Transport::Udp).program.unwrap();
    let client = stage.client(Transport::Udp);
    stage.connected(client).await;
    stage.send(client, &[b'x'; 2000]);
    assert_eq!(stage.received(client, &[b'X'; 1024]).await, [1024]);
    let events = stage.events();
    let span = calls(&events, server)
        .find_map(|call| matches!(call.op, Op::RecvFrom { .. }).then_some(call.span).flatten())
        .unwrap();
    let Span::Datagram { id, len: 1024, true_len } = span else { panic!("{span:?}") };
    assert!(id.is_some(), "it is the one our client sent");
    if cfg!(target_os = "linux") {
        assert_eq!(true_len, Some(2000));
        assert!(events.iter().any(|event| matches!(event.kind, Kind::Note(NoteId::DatagramCut, _))));
    }
    let sent = calls(&events, client).find(|call| matches!(call.op, Op::Send { .. })).unwrap();
    assert!(matches!(sent.span, Some(Span::Datagram { id: sent, .. }) if sent == id));
    stage.world.shutdown().await;
}

#[tokio::test]
async fn an_empty_datagram_is_answered_by_an_empty_one() {
    for (transport, connected) in [
        (Transport::Udp, true),
        (Transport::Udp, false),
        (Transport::UnixDatagram, true),
        (Transport::UnixDatagram, false),
    ] {
        if !cfg!(unix) && transport == Transport::UnixDatagram {
            continue;
        }
        let stage = Stage::new(ServerSettings::default()).await;
        let spec = ClientSpec { connected, ..ClientSpec::new(Target::Server(stage.server(transport).id)) };
        let client = stage.open(spec);
        if connected {
            stage.connected(client).await;
        }
        stage.send(client, b"");
        stage.send(client, b"one");
        stage
            .until("both answers", |events| (received(events, client) == [b"".to_vec(), b"ONE".to_vec()]).then_some(()))
            .await;
        stage.world.shutdown().await;
    }
}

#[tokio::test]
async fn a_client_that_connects_to_nobody_learns_it_with_the_next_call() {
    let stage = Stage::new(ServerSettings::default()).await;
    let nobody = Target::Nobody { transport: Transport::Udp, family: Family::Ipv4 };
    let client = stage.open(ClientSpec::new(nobody));
    stage.connected(client).await;
    stage.send(client, b"anybody?");
    let call = stage.returned(client, |op| matches!(op, Op::Recv { .. })).await;
    assert!(matches!(call.outcome, Some(Outcome::Failed(error)) if error.name == Errno::Econnrefused), "{call:?}");
    stage.world.shutdown().await;
}

#[tokio::test]
async fn what_comes_from_a_port_we_serve_is_not_answered() {
    let stage = Stage::new(ServerSettings::default()).await;
    let servers: Vec<_> =
        stage.world.servers().into_iter().filter(|server| server.transport == Transport::Udp).collect();
    let [four, six] = &servers[..] else { return };
    // The same port on another address of this computer: to the server it looks like one of us.
    let port = six.address.port().unwrap();
    let Ok(forged) = tokio::net::UdpSocket::bind(("127.0.0.2", port)).await else { return };
    forged.send_to(b"loop", four.address.inet().unwrap()).await.unwrap();
    stage
        .until("the refusal", |events| {
            events.iter().find(|event| matches!(event.kind, Kind::Note(NoteId::DatagramRefused, _))).map(drop)
        })
        .await;
    let server = four.program.unwrap();
    assert!(!calls(&stage.events(), server).any(|call| matches!(call.op, Op::SendTo { .. })));
    stage.world.shutdown().await;
}

#[cfg(unix)]
#[tokio::test]
async fn the_same_over_a_path() {
    let stage = Stage::new(ServerSettings::default()).await;
    let client = stage.client(Transport::UnixStream);
    stage.connected(client).await;
    stage.send(client, b"hello");
    stage.received(client, b"HELLO").await;
    stage
        .until("its conversation, with both ends", |events| {
            events.iter().find_map(|event| match &event.kind {
                Kind::Flow { transport: Transport::UnixStream, a, b, .. } => a.socket.and(b.socket).map(drop),
                _ => None,
            })
        })
        .await;
    stage.tell(client, ClientAction::Close);
    stage.world.shutdown().await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn another_program_that_never_connects_appears_by_the_datagram_it_sent() {
    let stage = Stage::new(ServerSettings::default()).await;
    let server = stage.server(Transport::Udp).address.inet().unwrap();
    let other = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let local = protocol::Address::Inet(other.local_addr().unwrap());
    other.send_to(b"hello", server).await.unwrap();
    let mut buffer = [0; 16];
    let (len, from) = other.recv_from(&mut buffer).await.unwrap();
    assert_eq!((&buffer[..len], from), (&b"HELLO"[..], server));
    stage
        .until("the other program and both ends of its conversation", |events| {
            let socket = events.iter().find_map(|event| match &event.kind {
                Kind::Flow { a, b, .. } if a.address == local && b.socket.is_some() => a.socket,
                _ => None,
            })?;
            let program = events.iter().find_map(|event| match &event.kind {
                Kind::Program { role: protocol::Role::Other, pid, .. } => pid.map(|_| event.about.program)?,
                _ => None,
            })?;
            events
                .iter()
                .find(|event| event.about.socket == Some(socket) && event.about.program == Some(program))
                .map(drop)
        })
        .await;
    stage.world.shutdown().await;
}
