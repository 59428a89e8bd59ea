//! Ctrl-C, busy ports, exhausted descriptors.
#![cfg(unix)]

use crate::echo::{connected, gives};
use futures_util::StreamExt as _;
use protocol::script::{Condition, Play, Verb, What, Who, find_server};
use protocol::{Address, Family, NoteId, ToPage, Transport};
use rustix::process::Signal;
use std::process::Stdio;
use std::time::{Duration, Instant};
use support::relay::Relay;
use support::running::{Running, binary, fresh_folder, site};
use support::soon;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

#[tokio::test]
async fn ctrl_c_tells_pages_closes_sockets_and_exits_in_time() {
    for signal in [Signal::INT, Signal::TERM] {
        let mut bridge = Running::start().await;
        let mut session = bridge.session().await;
        connected(&mut session, "a", &Play::new(Transport::Tcp)).await;
        let path = session.welcome.servers.iter().find_map(|server| match &server.address {
            Address::Unix(Some(path)) => Some(path.clone()),
            _ => None,
        });
        let path = path.unwrap();
        assert!(std::path::Path::new(&path).exists());
        let began = Instant::now();
        bridge.signal(signal);
        let told = loop {
            match soon("the farewell", session.next()).await {
                Some(ToPage::Bye(why)) => break why,
                Some(_) => {}
                None => panic!("it closed without a word"),
            }
        };
        assert_eq!(told, protocol::Farewell::Stopped);
        assert_eq!(bridge.ended().await.code(), Some(0));
        assert!(began.elapsed() < Duration::from_secs(3));
        assert!(!std::path::Path::new(&path).exists(), "the socket file is gone");
    }
}

#[tokio::test]
async fn whoever_is_connected_is_let_go_and_the_ports_are_free_again() {
    let mut bridge = Running::start().await;
    let session = bridge.session().await;
    let server = find_server(&session.welcome.servers, Transport::Tcp, Family::Ipv4).unwrap();
    let echo = server.address.inet().unwrap();
    let mut program = soon("a connection", tokio::net::TcpStream::connect(echo)).await.unwrap();
    program.write_all(b"served").await.unwrap();
    soon("the answer", program.read_exact(&mut [0; 6])).await.unwrap();
    let mut relay = Relay::open(&bridge.address, "tcp").await;
    relay.send("hello").await;
    assert_eq!(relay.recv_all(5).await, b"HELLO");
    let mut page = session.into_socket();
    bridge.signal(Signal::INT);
    // RFC 6455, 7.4.1: 1001 says that the server goes away.
    let code = loop {
        match soon("the close", page.next()).await {
            Some(Ok(Message::Close(Some(frame)))) => break frame.code,
            Some(Ok(_)) => {}
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(code, CloseCode::Away);
    assert_eq!(relay.closed().await, CloseCode::Away);
    assert_eq!(soon("the end of the stream", program.read(&mut [0])).await.unwrap(), 0);
    assert_eq!(bridge.ended().await.code(), Some(0));
    let page: std::net::SocketAddr = bridge.address.parse().unwrap();
    for address in [echo, page] {
        std::net::TcpListener::bind(address).unwrap_or_else(|error| panic!("{address}: {error}"));
    }
}

#[tokio::test]
async fn a_busy_port_is_one_line_with_the_flag() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (flag, value) in [("--listen", format!("127.0.0.1:{port}")), ("--tcp", port.clone())] {
        let folder = fresh_folder();
        let mut command = Command::new(binary());
        command.args(["serve", "--no-open", "--udp", "0", "--unix"]).arg(folder.join("s"));
        if flag == "--listen" {
            command.args(["--tcp", "0"]);
        } else {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        command.args([flag, &value]).env("SOCKETSCOPE_SITE", site()).stdout(Stdio::null()).stderr(Stdio::piped());
        let output = soon("its end", command.output()).await.unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert_eq!(said.trim().lines().count(), 1, "{said}");
        assert!(said.contains(&port) && said.contains(flag), "{said}");
    }
}

/// The accept loops survive running out of descriptors, and recover.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn running_out_of_descriptors_is_survived() {
    const CROWD: u32 = 80;
    let folder = fresh_folder();
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -n 64; exec \"$0\" \"$@\""])
        .arg(binary())
        .args(["serve", "--no-open", "--world", "this-computer", "--hosts", "off", "--listen", "127.0.0.1:0"])
        .args(["--tcp", "0", "--udp", "0", "--unix"])
        .arg(folder.join("echo.sock"));
    let bridge = Running::spawn(command, folder).await;
    let mut session = bridge.session().await;
    let server = find_server(&session.welcome.servers, Transport::Tcp, Family::Ipv4).unwrap();
    let address = server.address.inet().unwrap();
    assert!(address.ip().is_loopback(), "{address} is not on this computer");
    session.server(protocol::ServerAction::Set(protocol::Setting::Backlog(128))).await;
    let per_client = protocol::Setting::TcpMode(protocol::TcpMode::TaskPerClient);
    session.server(protocol::ServerAction::Set(per_client)).await;
    let mut crowd = Vec::new();
    for _ in 0..CROWD {
        crowd.push(soon("a connection", tokio::net::TcpStream::connect(address)).await.unwrap());
    }
    let backed_off = Who::Anyone.does(What::Notes(NoteId::AcceptBackoff));
    session.wait(Condition::Seen(backed_off, 1)).await;
    drop(crowd);
    // Whoever waited is accepted now and found gone; before that, a client might get no descriptor either.
    let closes = Who::Server(Transport::Tcp, Family::Ipv4).does(What::Returns(Verb::Close));
    session.wait(Condition::Seen(closes, CROWD)).await;
    connected(&mut session, "a", &Play::new(Transport::Tcp)).await;
    session.send("a", "recovered").await;
    session.wait(gives(&Who::Client("a".into()), 9)).await;
    // So has the page's own listener.
    bridge.session().await;
}

#[tokio::test]
async fn a_stale_socket_file_is_no_obstacle_and_a_live_one_is_named() {
    let folder = fresh_folder();
    let path = folder.join("echo.sock");
    // Stale: bound once, and left behind.
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let mut command = Command::new(binary());
    command.args(["serve", "--no-open", "--listen", "127.0.0.1:0", "--tcp", "0", "--udp", "0", "--unix"]).arg(&path);
    let bridge = Running::spawn(command, folder).await;
    let mut session = bridge.session().await;
    session.wait(Condition::Seen(Who::Anyone.does(What::Notes(NoteId::StaleSocketFile)), 1)).await;

    let mut second = Command::new(binary());
    second.args(["serve", "--no-open", "--listen", "127.0.0.1:0", "--tcp", "0", "--udp", "0", "--unix"]).arg(&path);
    let output = soon("its end", second.output()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("--unix"), "{said}");
}
