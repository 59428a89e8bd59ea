//! Two hosts: how much the wire carries, how exact its delay is, and what it costs when nothing happens.

use crate::load::median;
use protocol::script::{Condition, Play, Verb, What, Who};
use protocol::wire::{Conditions, Way, WireAction};
use protocol::{ClientAction, Command as Order, Kind, Nanos, Reply, Stage, Transport};
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::process::Stdio;
use std::time::{Duration, Instant};
use support::running::{Running, binary};
use support::session::Session;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// How long bytes are poured.
const POURING: Duration = Duration::from_secs(2);

/// Gigabits a second through an unwatched wire without conditions, from `from` to the other host.
pub async fn throughput(from: &str) -> Option<f64> {
    let bridge = hosts().await?;
    let (to, address) = if from == "client" { ("server", "10.0.0.2") } else { ("client", "10.0.0.1") };
    let mut sink = inside(&bridge, to, &["--sink", address]);
    let mut lines = BufReader::new(sink.stdout.take()?).lines();
    let listening = support::soon("the sink", lines.next_line()).await.ok()??;
    let mut pour = inside(&bridge, from, &["--pour", &listening]);
    let line = support::soon("the figure", lines.next_line()).await.ok()??;
    pour.wait().await.ok()?;
    line.parse().ok()
}

/// The median time a packet takes over a wire with a delay of 20 ms, milliseconds, as the trace tells it.
pub async fn delay() -> Option<f64> {
    const DATAGRAMS: u32 = 60;
    let bridge = hosts().await?;
    let mut session = bridge.session().await;
    set_delay(&mut session, Nanos::from_millis(20)).await;
    session.client("a", &Play::new(Transport::Udp)).await;
    session.tell("a", ClientAction::Connect).await;
    for number in 1..=DATAGRAMS {
        session.send("a", "tick").await;
        let echoed = Who::Client("a".into()).does(What::Gives(Verb::Recv, 4));
        session.wait(Condition::Seen(echoed, number)).await;
    }
    let mut sent = BTreeMap::new();
    let mut times = Vec::new();
    for event in session.events() {
        let Kind::Packet(packet) = &event.kind else { continue };
        match packet.stage {
            Stage::Sent => drop(sent.insert(packet.id, event.at)),
            Stage::Delivered => times.extend(sent.get(&packet.id).map(|at| event.at.since(*at).as_millis())),
            _ => {}
        }
    }
    median(&mut times)
}

/// Per cent of one core that the bridge uses with 200 ms of delay set and nothing sent.
pub async fn idle() -> Option<f64> {
    const WATCHED: Duration = Duration::from_secs(3);
    let bridge = hosts().await?;
    let mut session = bridge.session().await;
    set_delay(&mut session, Nanos::from_millis(200)).await;
    drop(session);
    let mut period = tokio::time::interval(WATCHED);
    period.tick().await;
    let before = ticks(bridge.pid())?;
    // What is measured is that nothing happens in a while.
    period.tick().await;
    let used = ticks(bridge.pid())? - before;
    // Linux counts in hundredths of a second for programs, whatever its own clock.
    Some(used / WATCHED.as_secs_f64())
}

/// Hundredths of a second of processor time used so far.
fn ticks(pid: u32) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    Some(fields.next()?.parse::<f64>().ok()? + fields.next()?.parse::<f64>().ok()?)
}

async fn set_delay(session: &mut Session, delay: Nanos) {
    for way in [Way::ToServer, Way::ToClient] {
        let conditions = Conditions { delay, ..Conditions::default() };
        let reply = session.order(Order::Wire(WireAction::Conditions(way, conditions))).await;
        assert_eq!(reply, Ok(Reply::Done));
    }
}

/// A bridge in the world Two hosts; `None`, saying why, where there are none.
async fn hosts() -> Option<Running> {
    let bridge = Running::with(&["--world", "two-hosts", "--hosts", "auto"]).await;
    let session = bridge.session().await;
    let worlds = &session.welcome.worlds;
    let missing = worlds.iter().find(|world| world.kind == protocol::WorldKind::TwoHosts)?.unavailable.as_ref();
    if let Some(missing) = missing {
        eprintln!("  two hosts are not to be had here: {missing}");
        return None;
    }
    drop(session);
    Some(bridge)
}

fn inside(bridge: &Running, host: &str, role: &[&str]) -> Child {
    let mut run = Command::new(binary());
    run.args(["run", "--control"]).arg(bridge.folder().join("control")).args(["--in", host, "--"]);
    run.arg(std::env::current_exe().unwrap()).args(role);
    run.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap()
}

/// Inside a host: takes what is poured, and prints gigabits a second.
pub fn sink(address: &str) {
    let listener = std::net::TcpListener::bind((address, 0)).unwrap();
    println!("{}", listener.local_addr().unwrap());
    let (mut stream, _) = listener.accept().unwrap();
    let began = Instant::now();
    let mut buffer = vec![0; 1 << 20];
    let mut total = 0_usize;
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        total += read;
    }
    println!("{:.4}", total as f64 * 8.0 / began.elapsed().as_secs_f64() / 1e9);
}

/// Inside a host: pours for a while.
pub fn pour(address: &str) {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let chunk = vec![0; 256 << 10];
    let began = Instant::now();
    while began.elapsed() < POURING {
        stream.write_all(&chunk).unwrap();
    }
}
