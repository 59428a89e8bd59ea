//! What the system counts: system calls, memory, time to start.

use crate::pipe::{Way, Ways};
use std::process::Stdio;
use std::time::Instant;
use support::relay::Relay;
use support::running::{Running, binary, fresh_folder, site};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;

/// System calls of the bridge per relayed round trip, counted by strace; `None` where that is not to be had.
pub async fn system_calls(ways: &Ways) -> Option<f64> {
    const TRIPS: u32 = 2_000;
    let mut pipe = ways.open(Way::Relay).await?;
    pipe.round_trip(b"warm").await;
    let pid = ways.bridge.pid().to_string();
    let strace =
        Command::new("strace").args(["-f", "-c", "-U", "name,calls", "-p", &pid]).stderr(Stdio::piped()).spawn();
    let Ok(mut strace) = strace else {
        eprintln!("  strace is not installed, so system calls are not counted");
        return None;
    };
    let mut output = BufReader::new(strace.stderr.take()?);
    let mut line = String::new();
    output.read_line(&mut line).await.ok()?;
    if !line.contains("attached") {
        eprintln!("  strace may not attach here, so system calls are not counted: {}", line.trim());
        return None;
    }
    for _ in 0..TRIPS {
        pipe.round_trip(b"sixteen bytes ok").await;
    }
    let stop = strace.id().and_then(|pid| rustix::process::Pid::from_raw(pid.cast_signed()))?;
    rustix::process::kill_process(stop, rustix::process::Signal::INT).ok()?;
    let mut table = String::new();
    output.read_to_string(&mut table).await.ok()?;
    let total = table.lines().rev().find(|line| line.contains("total"))?;
    let calls: f64 = total.split_whitespace().find_map(|word| word.parse().ok())?;
    Some(calls / f64::from(TRIPS))
}

/// Resident memory of the bridge per idle relay connection with its echo, KiB.
pub async fn memory_each() -> Option<f64> {
    const CONNECTIONS: u32 = 1_000;
    let bridge = Running::start().await;
    let mut relays = Vec::new();
    // The first ones pay for what is made only once.
    for _ in 0..100 {
        relays.push(Relay::open(&bridge.address, "tcp").await);
    }
    let before = resident(bridge.pid())?;
    for _ in 0..CONNECTIONS {
        let mut relay = Relay::open(&bridge.address, "tcp").await;
        relay.send("hello").await;
        relay.recv().await;
        relays.push(relay);
    }
    let after = resident(bridge.pid())?;
    Some((after - before) / f64::from(CONNECTIONS))
}

fn resident(pid: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find(|line| line.starts_with("VmRSS"))?.split_whitespace().nth(1)?.parse().ok()
}

/// From starting the program to the first echo of its TCP server, milliseconds.
pub async fn start() -> f64 {
    let free = || std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (echo, folder) = (free(), fresh_folder());
    let began = Instant::now();
    let mut child = Command::new(binary())
        .args(["serve", "--no-open", "--listen", "127.0.0.1:0", "--udp", "0", "--tcp", &echo.port().to_string()])
        .arg("--unix")
        .arg(folder.join("echo.sock"))
        .env("SOCKETSCOPE_SITE", site())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stream = loop {
        if let Ok(stream) = TcpStream::connect(echo).await {
            break stream;
        }
        assert!(began.elapsed() < support::DEADLINE, "it does not listen");
    };
    stream.write_all(b"x").await.unwrap();
    stream.read_exact(&mut [0]).await.unwrap();
    let took = began.elapsed().as_secs_f64() * 1e3;
    child.kill().await.unwrap();
    took
}
