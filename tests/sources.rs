//! The programs that the inspector shows are real ones: compiled, run, and spoken to.

use protocol::Family;
use protocol::Transport;
use protocol::script::find_server;
use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use support::running::{Running, fresh_folder};
use support::soon;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::Command;

const TONGUES: [&str; 3] = ["py", "rs", "c"];

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../www/source")
}

/// A program with another port in it, ready to run.
async fn made(folder: &Path, name: &str, tongue: &str, port: u16) -> Command {
    let text = std::fs::read_to_string(sources().join(format!("{name}.{tongue}"))).unwrap();
    let text = text.replace("8808", &port.to_string()).replace("8080", &port.to_string());
    let file = folder.join(format!("{name}.{tongue}"));
    std::fs::write(&file, text).unwrap();
    let program = folder.join(format!("{name}-{tongue}"));
    let mut compiler = match tongue {
        "py" => {
            let mut python = Command::new("python3");
            python.arg("-u").arg(file);
            return python;
        }
        "rs" => {
            let mut rustc = Command::new("rustc");
            rustc.args(["--edition=2024", "-o"]).arg(&program).arg(&file);
            rustc
        }
        _ => {
            let mut cc = Command::new("cc");
            cc.args([
                "-std=c11",
                "-D_GNU_SOURCE",
                "-Wall",
                "-Wextra",
                "-Wno-sign-compare",
                "-Werror",
                "-pthread",
                "-I",
            ]);
            cc.arg(sources()).arg("-o").arg(&program).arg(&file);
            cc
        }
    };
    let output = compiler.output().await.expect("a compiler is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Command::new(program)
}

fn piped(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true)
}

async fn clients(name: &str, transport: Transport) {
    let bridge = Running::start().await;
    let session = bridge.session().await;
    let server = find_server(&session.welcome.servers, transport, Family::Ipv4).unwrap();
    let port = server.address.port().unwrap();
    for tongue in TONGUES {
        let mut command = made(bridge.folder(), name, tongue, port).await;
        let mut child = piped(&mut command).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(b"hello\nsecond line\n").await.unwrap();
        drop(input);
        let output = soon("the client's end", child.wait_with_output()).await.unwrap();
        assert!(output.status.success(), "{name}.{tongue}: {output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "HELLO\nSECOND LINE\n", "{name}.{tongue}");
    }
}

#[tokio::test]
async fn stream_clients_speak_to_the_program() {
    clients("tcp_client", Transport::Tcp).await;
}

#[tokio::test]
async fn datagram_clients_speak_to_the_program() {
    clients("udp_client", Transport::Udp).await;
}

/// Says something to a TCP server and takes the answer; `None` if nobody is there.
async fn echoed(port: u16, text: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    stream.write_all(text.as_bytes()).await.ok()?;
    let mut answer = vec![0; text.len()];
    stream.read_exact(&mut answer).await.ok()?;
    Some(String::from_utf8_lossy(&answer).into_owned())
}

async fn stream_server(name: &str, clients: usize) {
    let folder = fresh_folder();
    for tongue in TONGUES {
        // A free port now may be taken in a moment: then another one is.
        let serves = async {
            loop {
                let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
                let mut server = piped(&mut made(&folder, name, tongue, port).await).spawn().unwrap();
                while server.try_wait().unwrap().is_none() {
                    if let Some(answer) = echoed(port, "hello, source").await {
                        return (server, port, answer);
                    }
                    tokio::task::yield_now().await;
                }
            }
        };
        let (_server, port, answer) = soon("the server's answer", serves).await;
        assert_eq!(answer, "HELLO, SOURCE", "{name}.{tongue}");
        for _ in 1..clients {
            let again = soon("the next client's answer", echoed(port, "again")).await;
            assert_eq!(again.as_deref(), Some("AGAIN"), "{name}.{tongue}");
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn the_server_for_one_client_at_a_time() {
    stream_server("tcp_server", 2).await;
}

#[tokio::test]
async fn the_server_with_tasks() {
    stream_server("tcp_server_tasks", 2).await;
}

#[tokio::test]
async fn the_tutorials_server_answers_its_first_client() {
    stream_server("tcp_server_tutorial", 1).await;
}

#[tokio::test]
async fn datagram_servers() {
    let folder = fresh_folder();
    for tongue in TONGUES {
        let serves = async {
            loop {
                let port = UdpSocket::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
                let mut server = piped(&mut made(&folder, "udp_server", tongue, port).await).spawn().unwrap();
                let socket = tokio::net::UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
                socket.connect(("127.0.0.1", port)).await.unwrap();
                while server.try_wait().unwrap().is_none() {
                    // Nobody says whether it is bound already: what was sent before is lost.
                    let _ = socket.send(b"hello").await;
                    let mut answer = [0; 16];
                    let came = tokio::time::timeout(Duration::from_millis(50), socket.recv(&mut answer)).await;
                    if let Ok(Ok(count)) = came {
                        return (server, answer[..count].to_vec());
                    }
                }
            }
        };
        let (_server, answer) = soon("the server's answer", serves).await;
        assert_eq!(answer, b"HELLO", "udp_server.{tongue}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}
