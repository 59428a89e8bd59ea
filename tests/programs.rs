//! Python and nc, as servers and as clients, and `socketscope client`.

use protocol::script::{Condition, What, Who, find_server};
use protocol::{Address, Family, Kind, Owner, Role, ServerAction, Setting, TcpState, Transport};
use std::process::Stdio;
use support::running::{Running, binary};
use support::session::Session;
use support::soon;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};

fn address(session: &Session, transport: Transport) -> String {
    let address = &find_server(&session.welcome.servers, transport, Family::Ipv4).unwrap().address;
    assert!(address.inet().unwrap().ip().is_loopback(), "{address} is not on this computer");
    address.to_string()
}

pub fn python(code: &str) -> Child {
    Command::new("python3")
        .args(["-u", "-c", code])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("python3 is installed: `cargo xtask test` says how to get it")
}

/// Every other program that was told, by name.
fn others(session: &Session) -> Vec<String> {
    let programs = session.events().iter().filter_map(|event| match &event.kind {
        Kind::Program { name, role: Role::Other, owner: Owner::System, .. } => Some(name.clone()),
        _ => None,
    });
    programs.collect()
}

#[tokio::test]
async fn a_five_line_python_client_works_and_appears() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    let address = address(&session, Transport::Tcp);
    let (host, port) = address.rsplit_once(':').unwrap();
    let mut client = python(&format!(
        "import socket\n\
         s = socket.socket(); s.connect(('{host}', {port}))\n\
         while True:\n\
         \x20   s.send(input().encode())\n\
         \x20   print(s.recv(1024).decode())"
    ));
    let mut input = client.stdin.take().unwrap();
    let mut output = BufReader::new(client.stdout.take().unwrap()).lines();
    for (word, answer) in [("hello", "HELLO"), ("again", "AGAIN")] {
        input.write_all(format!("{word}\n").as_bytes()).await.unwrap();
        assert_eq!(soon("the answer", output.next_line()).await.unwrap().as_deref(), Some(answer));
    }
    if cfg!(target_os = "linux") {
        let named = |session: &Session| others(session).iter().any(|name| name.starts_with("python"));
        while !named(&session) {
            soon("the program's name", session.next()).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_five_line_python_udp_client_works_and_appears() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    let address = address(&session, Transport::Udp);
    let (host, port) = address.rsplit_once(':').unwrap();
    let mut client = python(&format!(
        "import socket\n\
         s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n\
         s.sendto(b'hello', ('{host}', {port}))\n\
         print(s.recv(1024).decode())\n\
         input()"
    ));
    let mut output = BufReader::new(client.stdout.take().unwrap()).lines();
    assert_eq!(soon("the answer", output.next_line()).await.unwrap().as_deref(), Some("HELLO"));
    let received = Who::Server(Transport::Udp, Family::Ipv4).does(What::Gives(protocol::script::Verb::Recv, 5));
    session.wait(Condition::Seen(received, 1)).await;
    let is_other = |session: &Session| !others(session).is_empty();
    while !is_other(&session) {
        soon("the program", session.next()).await.unwrap();
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn nc_in_the_queue_is_seen_before_it_is_accepted() {
    let bridge = Running::start().await;
    let mut session = bridge.session().await;
    session.server(ServerAction::Set(Setting::Accepting(false))).await;
    let address = address(&session, Transport::Tcp);
    let (host, port) = address.rsplit_once(':').unwrap();
    let mut nc = Command::new("nc")
        .args([host, port])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("nc is installed: `cargo xtask test` says how to get it");
    let mut input = nc.stdin.take().unwrap();
    input.write_all(b"queued\n").await.unwrap();
    session.wait(Condition::Seen(Who::Anyone.does(What::Queues), 1)).await;
    session.wait(Condition::Seen(Who::Anyone.does(What::Reaches(TcpState::Established)), 2)).await;
    // The listening server's accept() from before the gate closed may still be waiting and take it; its recv() is gated
    // neither, so only the order is certain.
    session.server(ServerAction::Set(Setting::Accepting(true))).await;
    let mut answer = [0; 7];
    soon("the answer", nc.stdout.take().unwrap().read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"QUEUED\n");
    while !others(&session).iter().any(|name| name.starts_with("nc")) {
        soon("the program's name", session.next()).await.unwrap();
    }
}

#[tokio::test]
async fn the_terminal_client_speaks_to_a_five_line_python_server() {
    let mut server = python(
        "import socket\n\
         s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1])\n\
         c, _ = s.accept()\n\
         while (data := c.recv(1024)): c.sendall(data[::-1])",
    );
    let mut output = BufReader::new(server.stdout.take().unwrap()).lines();
    let port = soon("the server's port", output.next_line()).await.unwrap().unwrap();
    let mut client = Command::new(binary())
        .args(["client", "tcp", &format!("127.0.0.1:{port}")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut input = client.stdin.take().unwrap();
    input.write_all(b"hello\n").await.unwrap();
    drop(input);
    let mut answer = String::new();
    soon("the answer", client.stdout.take().unwrap().read_to_string(&mut answer)).await.unwrap();
    assert!(answer.contains("olleh"), "{answer}");
    assert!(soon("the end", client.wait()).await.unwrap().success());
}

#[tokio::test]
async fn the_terminal_client_speaks_to_our_own_servers() {
    let bridge = Running::start().await;
    let session = bridge.session().await;
    for (word, transport) in [("tcp", Transport::Tcp), ("udp", Transport::Udp), ("unix", Transport::UnixStream)] {
        let server = find_server(&session.welcome.servers, transport, Family::Ipv4).unwrap();
        let address = match &server.address {
            Address::Unix(Some(path)) => path.clone(),
            other => other.to_string(),
        };
        let mut client = Command::new(binary())
            .args(["client", word, &address])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut input = client.stdin.take().unwrap();
        input.write_all(b"one\ntwo\n").await.unwrap();
        drop(input);
        let mut answer = String::new();
        soon("the answer", client.stdout.take().unwrap().read_to_string(&mut answer)).await.unwrap();
        assert!(answer.contains("ONE") && answer.contains("TWO"), "{word}: {answer}");
        assert!(soon("the end", client.wait()).await.unwrap().success());
    }
}

#[tokio::test]
async fn the_doctor_names_a_remedy_for_whatever_is_missing() {
    let output = soon("the doctor", Command::new(binary()).args(["doctor", "--json"]).output()).await.unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let checks = report["checks"].as_array().unwrap();
    assert!(checks.len() >= 6, "{report}");
    for check in checks {
        let fine = check["ok"].as_bool().unwrap();
        assert!(fine || check["why"].as_str().is_some_and(|why| !why.is_empty()), "{check}");
    }
}
