//! Who may speak, and what becomes of nonsense.

use crate::echo::{connected, gives};
use futures_util::{SinkExt as _, StreamExt as _};
use protocol::script::{Play, Who};
use protocol::{Kind, Transport};
use support::http::{UPGRADE, get, raw};
use support::relay::Relay;
use support::running::Running;
use support::session::connect;
use support::soon;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn a_foreign_host_or_origin_is_refused_and_no_socket_is_touched() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    connected(&mut session, "a", &Play::new(Transport::Tcp)).await;
    let sockets = |session: &support::session::Session| {
        session.events().iter().filter(|event| matches!(event.kind, Kind::Socket { .. })).count()
    };
    let before = sockets(&session);
    for path in ["/", "/ws", "/relay/tcp", "/relay/udp", "/relay/unix", "/healthz", "/trace.json"] {
        let foreign = get(&bridge.address, path, &format!("Host: evil.example\r\n{UPGRADE}")).await;
        assert_eq!(foreign.status, 403, "{path}");
        assert!(foreign.text().contains("--allow-host"), "{}", foreign.text());
        let origin = format!("Origin: http://evil.example\r\n{UPGRADE}");
        let foreign = get(&bridge.address, path, &origin).await;
        assert_eq!(foreign.status, 403, "{path}");
        assert!(foreign.text().contains("--allow-origin"), "{}", foreign.text());
    }
    session.send("a", "x").await;
    session.wait(gives(&Who::Client("a".into()), 1)).await;
    assert_eq!(sockets(&session), before);
}

#[tokio::test]
async fn allowed_names_and_origins_are_let_in() {
    let bridge = Running::with(&["--allow-host", "class.example", "--allow-origin", "https://school.example"]).await;
    let port = bridge.address.rsplit(':').next().unwrap();
    let answer = get(&bridge.address, "/healthz", &format!("Host: class.example:{port}\r\n")).await;
    assert_eq!(answer.status, 200);
    let answer = get(&bridge.address, "/healthz", &format!("Host: localhost:{port}\r\n")).await;
    assert_eq!(answer.status, 200);
    let answer = get(&bridge.address, "/healthz", "Origin: https://school.example\r\n").await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn the_page_comes_with_a_strict_policy() {
    let bridge = Running::start().await;
    let answer = get(&bridge.address, "/", "").await;
    assert_eq!(answer.status, 200);
    let policy = answer.header("content-security-policy").unwrap();
    for part in ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "frame-ancestors 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(policy.contains(&format!("connect-src 'self' ws://{}", bridge.address)), "{policy}");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn bad_handshakes_get_their_status() {
    let bridge = Running::start().await;
    let host = format!("Host: {}\r\n", bridge.address);
    let post = raw(&bridge.address, format!("POST /ws HTTP/1.1\r\n{host}Content-Length: 0\r\n\r\n").as_bytes()).await;
    assert_eq!(post.status, 405);
    let old = UPGRADE.replace("Version: 13", "Version: 8");
    let old = get(&bridge.address, "/ws", &format!("{old}Sec-WebSocket-Protocol: socketscope.v1.json\r\n")).await;
    assert_eq!((old.status, old.header("sec-websocket-version")), (426, Some("13")));
    let plain = get(&bridge.address, "/ws", "").await;
    assert_eq!(plain.status, 426);
    let keyless = UPGRADE.replace("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "");
    let keyless =
        get(&bridge.address, "/ws", &format!("{keyless}Sec-WebSocket-Protocol: socketscope.v1.json\r\n")).await;
    assert_eq!(keyless.status, 400);
    let huge = get(&bridge.address, "/ws", &format!("X-Long: {}\r\n", "x".repeat(200_000))).await;
    assert_eq!(huge.status, 431);
}

#[tokio::test]
async fn bad_frames_get_their_close_code() {
    let bridge = Running::start().await;
    // Frames from a client must be masked (RFC 6455, 5.1), text must be UTF-8, and one reserved bit is enough.
    let cases: [(&str, &[u8], u16); 3] = [
        ("unmasked", b"\x82\x01x", 1002),
        ("reserved bit", b"\xf2\x81\0\0\0\0x", 1002),
        ("text that is no UTF-8", b"\x81\x82\0\0\0\0\xc3\x28", 1007),
    ];
    for (what, frame, code) in cases {
        let mut stream = TcpStream::connect(&bridge.address).await.unwrap();
        let request = format!(
            "GET /ws HTTP/1.1\r\nHost: {}\r\n{UPGRADE}Sec-WebSocket-Protocol: socketscope.v1.json\r\n\r\n",
            bridge.address
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = support::http::read(&mut stream).await;
        assert_eq!(answer.status, 101, "{what}");
        stream.write_all(frame).await.unwrap();
        let mut rest = Vec::new();
        soon("the close", stream.read_to_end(&mut rest)).await.unwrap();
        let close = rest.windows(4).find(|four| four[0] == 0x88).map(|four| u16::from_be_bytes([four[2], four[3]]));
        assert_eq!(close, Some(code), "{what}: {rest:?}");
    }
}

#[tokio::test]
async fn nonsense_ends_one_session_and_no_other() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    connected(&mut session, "a", &Play::new(Transport::Tcp)).await;
    for nonsense in [Message::text("hello?"), Message::text("{}"), Message::binary(vec![0xff; 1000])] {
        let mut socket = connect(&bridge.address, "/ws", protocol::message::JSON).await.unwrap();
        socket.send(nonsense).await.unwrap();
        let code = loop {
            match soon("the close", socket.next()).await {
                Some(Ok(Message::Close(Some(frame)))) => break u16::from(frame.code),
                Some(Ok(_)) => {}
                other => panic!("{other:?}"),
            }
        };
        assert!([1003, 1007, 1008].contains(&code), "{code}");
    }
    let mut socket = connect(&bridge.address, "/ws", protocol::message::POSTCARD).await.unwrap();
    // Refused at the latest by its length; the write may fail before all is sent.
    let _ = socket.send(Message::binary(vec![0; 64 << 20])).await;
    session.send("a", "fine").await;
    session.wait(gives(&Who::Client("a".into()), 4)).await;
}

#[tokio::test]
async fn two_echo_servers_cannot_be_made_to_talk_to_each_other() {
    let bridge = Running::start().await;
    let session = bridge.session().await;
    let servers: Vec<std::net::SocketAddr> = session
        .welcome
        .servers
        .iter()
        .filter(|server| server.transport == Transport::Udp)
        .filter_map(|server| server.address.inet())
        .collect();
    let v4 = servers.iter().find(|address| address.is_ipv4()).unwrap();
    // A source port that we serve, here on another address of the same computer, is never answered.
    let socket = tokio::net::UdpSocket::bind(("127.0.0.2", v4.port())).await;
    let Ok(socket) = socket else { return };
    socket.send_to(b"ping", v4).await.unwrap();
    let honest = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    honest.send_to(b"ping", v4).await.unwrap();
    let mut buffer = [0; 16];
    let (len, _) = soon("the answer", honest.recv_from(&mut buffer)).await.unwrap();
    assert_eq!(&buffer[..len], b"PING");
    // The server answers in order, so the other datagram has been passed over by now.
    assert!(socket.try_recv(&mut buffer).is_err());
}

#[tokio::test]
async fn a_page_of_ours_may_use_a_relay() {
    let bridge = Running::start().await;
    let mut relay = Relay::open(&bridge.address, "tcp").await;
    relay.send("x").await;
    assert_eq!(relay.recv().await, "X");
}
