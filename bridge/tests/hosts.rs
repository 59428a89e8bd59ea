//! Two hosts for real: the kernel's TCP over our wire, as root and as an ordinary user.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot set its stage should fail there")]

use bridge::hosts::{HostRole, Hosts, Pump, Want, WireHandle};
use protocol::header::{Carries, Segment, TcpFlags, icmpv4, icmpv6, summary};
use protocol::wire::{Conditions, Filter, Matches, Verdict, Way, WireAction};
use protocol::{DropReason, Hold, Nanos, PacketId, Stage};
use std::io::{BufRead, BufReader};
use std::net::{IpAddr, SocketAddr};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream, UdpSocket};
use wire::{Report, Wire};

const PATIENCE: Duration = Duration::from_secs(20);
const DELAY: Nanos = Nanos::from_millis(20);
/// The user `nobody` of every Linux system.
const NOBODY: u32 = 65534;

/// Two hosts, the wire between them, and all it told.
struct Theatre {
    hosts: Hosts,
    wire: WireHandle,
    told: Arc<Mutex<Vec<Report>>>,
}

impl Theatre {
    fn new() -> Self {
        let hosts = Hosts::start_with(&program()).unwrap_or_else(|missing| panic!("{missing:?}"));
        let told = Arc::new(Mutex::new(Vec::new()));
        let listener = Arc::clone(&told);
        let sink = move |report| listener.lock().unwrap().push(report);
        let (pump, wire) = Pump::new(&hosts, Wire::new(1), sink).unwrap();
        tokio::spawn(pump.run());
        Self { hosts, wire, told }
    }

    async fn act(&self, action: WireAction) {
        self.wire.act(action, None).await.unwrap();
    }

    async fn conditions(&self, conditions: Conditions) {
        for way in [Way::ToServer, Way::ToClient] {
            self.act(WireAction::Conditions(way, conditions.clone())).await;
        }
    }

    /// What `look` finds in the story, as soon as it finds something.
    async fn until<T>(&self, what: &str, look: impl Fn(&[Report]) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look(&self.told.lock().unwrap()) {
                return found;
            }
            assert!(Instant::now() < deadline, "waited for {what}:\n{}", self.story());
            tokio::task::yield_now().await;
        }
    }

    fn segments(&self) -> Vec<(PacketId, Way, Segment, u32)> {
        segments(&self.told.lock().unwrap())
    }

    fn story(&self) -> String {
        let told = self.told.lock().unwrap();
        let line = |report: &Report| {
            let about = summary(&report.packet.data, report.packet.true_len as usize).map(|found| found.carries);
            format!(
                "{} {:?} {} {:?} {about:?}\n",
                report.at.as_millis(),
                report.way,
                report.packet.id,
                report.packet.stage
            )
        };
        told.iter().map(line).collect()
    }

    fn tcp(&self, role: HostRole, at: IpAddr) -> TcpSocket {
        let want = if at.is_ipv4() { Want::Tcp4 } else { Want::Tcp6 };
        TcpSocket::from_std_stream(self.hosts.get(role).open(want).unwrap().into())
    }

    fn udp(&self, role: HostRole, port: u16, at: IpAddr) -> UdpSocket {
        let want = if at.is_ipv4() { Want::Udp4 } else { Want::Udp6 };
        let descriptor = self.hosts.get(role).open(want).unwrap();
        let address = rustix::net::SocketAddrAny::from(SocketAddr::new(at, port));
        rustix::net::bind(&descriptor, &address).unwrap();
        UdpSocket::from_std(descriptor.into()).unwrap()
    }

    /// A connection from the client host to port 808 of the server host.
    async fn connect(&self, at: IpAddr) -> (TcpStream, TcpStream) {
        let address = SocketAddr::new(at, 808);
        let socket = self.tcp(HostRole::Server, at);
        socket.set_reuseaddr(true).unwrap();
        socket.bind(address).unwrap_or_else(|error| panic!("{address}: {error}"));
        let listener = socket.listen(5).unwrap();
        let client = in_time("connect", self.tcp(HostRole::Client, at).connect(address)).await.unwrap();
        let (server, _) = in_time("accept", listener.accept()).await.unwrap();
        (client, server)
    }
}

async fn in_time<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("waited for: {what}"))
}

/// The bridge's program; elsewhere for an actor that could not read it where it was built.
fn program() -> PathBuf {
    std::env::var_os("SOCKETSCOPE_TEST_PROGRAM")
        .map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_socketscope")), PathBuf::from)
}

/// The segments that were sent, in order, with the length of their data.
fn segments(told: &[Report]) -> Vec<(PacketId, Way, Segment, u32)> {
    let sent = told.iter().filter(|report| report.packet.stage == Stage::Sent);
    sent.filter_map(|report| {
        let found = summary(&report.packet.data, report.packet.true_len as usize)?;
        Some((report.packet.id, report.way, *found.tcp()?, found.payload_len))
    })
    .collect()
}

fn flags(segments: &[(PacketId, Way, Segment, u32)]) -> Vec<(Way, TcpFlags)> {
    segments.iter().map(|(_, way, segment, _)| (*way, segment.flags)).collect()
}

async fn lost_segment(at: IpAddr) {
    let stage = Theatre::new();
    stage.conditions(Conditions { delay: DELAY, ..Conditions::default() }).await;
    let (mut client, mut server) = stage.connect(at).await;
    stage.until("the handshake", |told| (segments(told).len() >= 3).then_some(())).await;
    assert_eq!(
        flags(&stage.segments())[..3],
        [
            (Way::ToServer, TcpFlags::SYN),
            (Way::ToClient, TcpFlags::SYN | TcpFlags::ACK),
            (Way::ToServer, TcpFlags::ACK)
        ]
    );

    let filter = Filter { way: Some(Way::ToServer), what: Matches::DataSegment, nth: 2 };
    stage.act(WireAction::Catch(Some(filter))).await;
    let sent: Vec<u8> = (0..3000_u32).map(|byte| byte as u8).collect();
    client.write_all(&sent).await.unwrap();
    let caught = stage
        .until("the catch", |told| {
            told.iter().find(|report| report.packet.stage == Stage::Held(Hold::Caught)).map(|report| report.packet.id)
        })
        .await;
    stage.act(WireAction::Decide(caught, Verdict::Drop)).await;
    let mut received = vec![0; 3000];
    in_time("all bytes", server.read_exact(&mut received)).await.unwrap();
    assert!(received == sent, "the bytes arrived changed or out of order");

    let segments = stage.segments();
    let data: Vec<_> = segments.iter().filter(|(_, way, _, len)| *way == Way::ToServer && *len > 0).collect();
    let lost = data.iter().find(|(id, ..)| *id == caught).unwrap();
    let mut first_seen = std::collections::BTreeSet::new();
    let repeated: Vec<u32> =
        data.iter().map(|(_, _, segment, _)| segment.seq).filter(|&seq| !first_seen.insert(seq)).collect();
    assert_eq!(repeated, [lost.2.seq], "exactly one retransmission, of what was lost:\n{}", stage.story());
    let sack = segments
        .iter()
        .find(|(_, way, segment, _)| *way == Way::ToClient && !segment.sack.is_empty())
        .unwrap_or_else(|| panic!("no SACK:\n{}", stage.story()));
    assert_eq!(sack.2.ack, lost.2.seq, "it asks for what was lost");
    assert_eq!(sack.2.sack.edges()[0].0, lost.2.seq.wrapping_add(lost.3), "and has what came after");
    let ends = |id| {
        let told = stage.told.lock().unwrap();
        told.iter().rfind(|report| report.packet.id == id).map(|report| report.packet.stage)
    };
    assert_eq!(ends(caught), Some(Stage::Dropped(DropReason::ByYou)));
}

async fn closed_port(at: IpAddr) {
    let stage = Theatre::new();
    let error =
        in_time("a refusal", stage.tcp(HostRole::Client, at).connect(SocketAddr::new(at, 9))).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
    let client = stage.udp(
        HostRole::Client,
        0,
        if at.is_ipv4() { HostRole::Client.v4().into() } else { HostRole::Client.v6().into() },
    );
    client.connect(SocketAddr::new(at, 9)).await.unwrap();
    client.send(b"nobody").await.unwrap();
    let error = in_time("the ICMP error", client.recv(&mut [0; 8])).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
    let unreachable = if at.is_ipv4() { icmpv4::UNREACHABLE } else { icmpv6::UNREACHABLE };
    stage
        .until("the ICMP message on the wire", |told| {
            told.iter()
                .find(|report| {
                    let found = summary(&report.packet.data, report.packet.true_len as usize);
                    found.is_some_and(
                        |found| matches!(found.carries, Carries::Icmp(message) if message.kind == unreachable),
                    )
                })
                .map(drop)
        })
        .await;
}

/// A path with a small MTU: TCP is told and sends smaller segments.
async fn small_mtu(at: IpAddr) {
    let stage = Theatre::new();
    stage.conditions(Conditions { mtu: 1300, ..Conditions::default() }).await;
    let (mut client, mut server) = stage.connect(at).await;
    let sent: Vec<u8> = (0..100_000_u32).map(|byte| (byte / 251) as u8).collect();
    let mut received = vec![0; sent.len()];
    let (wrote, read) = tokio::join!(
        in_time("the way in", client.write_all(&sent)),
        in_time("the way out", server.read_exact(&mut received))
    );
    wrote.unwrap();
    read.unwrap();
    assert!(received == sent);
    let told = stage.told.lock().unwrap();
    let too_big = told.iter().filter(|report| report.packet.stage == Stage::Dropped(DropReason::TooBig)).count();
    assert!(too_big > 0, "the first large segments do not fit");
    assert!(told.iter().all(|report| report.packet.stage != Stage::Delivered || report.packet.true_len <= 1300));
}

async fn everything() {
    for at in HostRole::Server.addresses() {
        lost_segment(at).await;
        closed_port(at).await;
        small_mtu(at).await;
    }
    let stage = Theatre::new();
    for host in [&stage.hosts.client, &stage.hosts.server] {
        for setting in host.settings() {
            assert_eq!(setting.refused, None, "{setting:?}");
        }
        host.open(Want::SockDiag).unwrap();
    }
}

#[tokio::test]
async fn tcp_over_the_wire() {
    everything().await;
}

/// A delayed packet leaves when it should: not before, and in the median less than a millisecond after.
#[tokio::test]
async fn a_delay_is_what_was_asked_for() {
    let stage = Theatre::new();
    stage.conditions(Conditions { delay: DELAY, ..Conditions::default() }).await;
    let server = stage.udp(HostRole::Server, 8080, HostRole::Server.v4().into());
    let client = stage.udp(HostRole::Client, 0, HostRole::Client.v4().into());
    let to = server.local_addr().unwrap();
    let mut took = Vec::new();
    for number in 0..50_u8 {
        let sent = Instant::now();
        client.send_to(&[number], to).await.unwrap();
        let mut received = [0; 8];
        in_time("a datagram", server.recv_from(&mut received)).await.unwrap();
        assert_eq!(received[0], number);
        took.push(sent.elapsed());
    }
    took.sort_unstable();
    let (least, median) = (took[0], took[took.len() / 2]);
    eprintln!("a delay of 20 ms takes {least:?} at least and {median:?} in the median");
    assert!(least >= Duration::from_millis(20), "{least:?}");
    assert!(median < Duration::from_millis(21), "{median:?}");
}

/// What was held goes on, and a stream survives a cut.
#[tokio::test]
async fn hold_and_cut() {
    let stage = Theatre::new();
    let (mut client, mut server) = stage.connect(HostRole::Server.v4().into()).await;
    stage.act(WireAction::Hold(true)).await;
    client.write_all(b"held").await.unwrap();
    stage
        .until("the hold", |told| {
            told.iter().any(|report| report.packet.stage == Stage::Held(Hold::Wire)).then_some(())
        })
        .await;
    assert!(server.try_read(&mut [0; 8]).is_err(), "nothing arrives over a held wire");
    stage.act(WireAction::Hold(false)).await;
    let mut received = [0; 4];
    in_time("what was held", server.read_exact(&mut received)).await.unwrap();
    assert_eq!(&received, b"held");

    stage.act(WireAction::Cut(true)).await;
    client.write_all(b"lost").await.unwrap();
    stage
        .until("the loss", |told| {
            told.iter().any(|report| report.packet.stage == Stage::Dropped(DropReason::Cut)).then_some(())
        })
        .await;
    stage.act(WireAction::Cut(false)).await;
    in_time("the kernel's retry", server.read_exact(&mut received)).await.unwrap();
    assert_eq!(&received, b"lost");
}

/// When the hosts are dropped they are gone, and when the bridge is killed they go with it.
#[test]
fn nothing_is_left_behind() {
    let hosts = Hosts::start_with(&program()).unwrap();
    let (processes, namespaces) = traces_of(&hosts);
    drop(hosts);
    assert_gone(&processes, &namespaces);

    let mut bridge = actor("stands_until_it_is_killed").stdout(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(bridge.stdout.take().unwrap()).lines();
    let mut words = |wanted: &str| -> Vec<String> {
        let line = said.by_ref().map(Result::unwrap).find(|line| line.starts_with(wanted)).unwrap();
        line.split_whitespace().skip(1).map(str::to_owned).collect()
    };
    let processes: Vec<u32> = words("processes").iter().map(|word| word.parse().unwrap()).collect();
    let namespaces: Vec<PathBuf> = words("namespaces").into_iter().map(PathBuf::from).collect();
    assert!(processes.iter().all(|process| exists(*process)) && processes.len() == 4);
    bridge.kill().unwrap();
    bridge.wait().unwrap();
    assert_gone(&processes, &namespaces);
}

/// Plays the bridge that is killed.
#[test]
#[ignore = "is started by nothing_is_left_behind"]
fn stands_until_it_is_killed() {
    let hosts = Hosts::start_with(&program()).unwrap();
    let (processes, namespaces) = traces_of(&hosts);
    let join = |words: Vec<String>| words.join(" ");
    println!("\nprocesses {}", join(processes.iter().map(u32::to_string).collect()));
    println!("namespaces {}", join(namespaces.iter().map(|name| name.display().to_string()).collect()));
    std::io::stdin().lines().for_each(drop);
    panic!("nobody killed this");
}

fn traces_of(hosts: &Hosts) -> (Vec<u32>, Vec<PathBuf>) {
    let both = [&hosts.client, &hosts.server];
    let namespace = |process: u32, kind| std::fs::read_link(format!("/proc/{process}/ns/{kind}")).unwrap();
    let names = both.iter().flat_map(|host| ["net", "pid"].map(|kind| namespace(host.process(), kind))).collect();
    (both.iter().flat_map(|host| host.processes()).collect(), names)
}

fn exists(process: u32) -> bool {
    Path::new(&format!("/proc/{process}")).exists()
}

/// No process is left, and nobody is in the namespaces; a TUN without process and namespace cannot be.
fn assert_gone(processes: &[u32], namespaces: &[PathBuf]) {
    let inhabited = || {
        let all = std::fs::read_dir("/proc").unwrap().flatten();
        let mut links = all.flat_map(|entry| ["net", "pid"].map(|kind| entry.path().join("ns").join(kind)));
        links.any(|link| std::fs::read_link(link).is_ok_and(|name| namespaces.contains(&name)))
    };
    eventually("the hosts to end", || !processes.iter().any(|process| exists(*process)) && !inhabited());
}

fn eventually(what: &str, done: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < deadline, "waited for {what}");
        std::thread::yield_now();
    }
}

/// This test program again, for one of the actors.
fn actor(name: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "--nocapture", name]).stdin(Stdio::piped());
    command
}

/// The same as an ordinary user: no rights at all, but a TUN that everybody may open, as distributions have it.
#[test]
fn tcp_over_the_wire_as_an_ordinary_user() {
    if !rustix::process::geteuid().is_root() {
        // Then all the other tests are this one.
        return;
    }
    let folder = Folder::new();
    let tun = folder.0.join("tun");
    run(Command::new("mknod").args(["-m", "666"]).arg(&tun).args(["c", "10", "200"]));
    let (program_copy, test_copy) = (folder.0.join("socketscope"), folder.0.join("test"));
    std::fs::copy(program(), &program_copy).unwrap();
    std::fs::copy(std::env::current_exe().unwrap(), &test_copy).unwrap();
    run(Command::new("chmod").arg("755").args([&folder.0, &program_copy, &test_copy]));
    let outcome = Command::new(&test_copy)
        .args(["--ignored", "--exact", "--nocapture", "plays_the_ordinary_user"])
        .env("SOCKETSCOPE_TUN", &tun)
        .env("SOCKETSCOPE_TEST_PROGRAM", &program_copy)
        .current_dir("/")
        .uid(NOBODY)
        .gid(NOBODY)
        .output()
        .unwrap();
    assert!(outcome.status.success(), "{}", said(&outcome));
    assert!(String::from_utf8_lossy(&outcome.stdout).contains("1 passed"), "the actor did not play");
}

#[tokio::test]
#[ignore = "is started by tcp_over_the_wire_as_an_ordinary_user"]
async fn plays_the_ordinary_user() {
    assert_eq!(rustix::process::geteuid().as_raw(), NOBODY);
    let rights = std::fs::read_to_string("/proc/self/status").unwrap();
    assert!(rights.contains("CapEff:\t0000000000000000"), "{rights}");
    everything().await;
}

/// A missing device is named, with the remedy.
#[test]
fn a_missing_device_is_named() {
    let outcome = actor("finds_no_device").env("SOCKETSCOPE_TUN", "/nowhere/tun").output().unwrap();
    assert!(outcome.status.success(), "{}", said(&outcome));
}

#[test]
#[ignore = "is started by a_missing_device_is_named"]
fn finds_no_device() {
    let missing = Hosts::start_with(&program()).unwrap_err();
    assert_eq!(missing.reason, protocol::Reason::NeedsTunDevice);
    assert!(missing.detail.contains("/nowhere/tun") && missing.remedy.contains("mknod"), "{missing:?}");
}

fn said(outcome: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&outcome.stdout), String::from_utf8_lossy(&outcome.stderr))
}

fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}");
}

/// A folder that goes when the test does.
#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let made = Command::new("mktemp").arg("-d").output().unwrap();
        Self(PathBuf::from(String::from_utf8(made.stdout).unwrap().trim()))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}
