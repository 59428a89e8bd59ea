//! The packets of this computer: seen where the right is there, and missed politely where it is not.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is its job")]

mod common;

use bridge::capture::{Choice, Wanted};
use bridge::recorder::{Recorder, Watching};
use bridge::world::World;
use bridge::world::this_computer::{ThisComputer, WorldOptions};
use protocol::header::{Carries, Summary, TcpFlags, summary};
use protocol::ids::Boot;
use protocol::trace::Bounds;
use protocol::{
    Ability, Call, Cause, ClientAction, ClientSpec, Command, CommandId, Event, FlowId, How, Interest, Kind, MemberId,
    Nanos, Op, Outcome, Packet, Phase, ProgramId, Reason, Reply, Seq, ServerAction, SocketId, Stage, Tap, Target,
    TcpState, Transport, Unavailable, WorldKind,
};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

const PROGRAM: &str = env!("CARGO_BIN_EXE_socketscope");

/// Nobody's number, everywhere.
const NOBODY: u32 = 65_534;

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A world on free ports whose packets are seen, and somebody who watches.
struct Theatre {
    world: Arc<ThisComputer>,
    recorder: Recorder,
    watching: Option<Watching>,
    number: AtomicU32,
}

impl Theatre {
    /// None where the right is missing, which only an ordinary user may find; that it is said is checked then.
    async fn new() -> Option<Self> {
        let recorder = Recorder::new(Boot(1), Bounds::default());
        let options = WorldOptions {
            tcp: vec![0],
            tutorial_port: false,
            udp: vec![0],
            unix: None,
            capture: Wanted { choice: Choice::Auto, program: PROGRAM.into() },
            ..WorldOptions::default()
        };
        let watching = Some(recorder.watch());
        let world = ThisComputer::start(recorder.clone(), options).await.unwrap();
        let missing = no_packets(&world.capabilities());
        if let Some(why) = missing {
            assert!(!is_root(), "root has the right: {why:?}");
            assert_eq!(why.reason, Reason::NeedsPermission);
            assert!(why.remedy.starts_with("sudo setcap cap_net_raw+ep /"), "{why:?}");
            return None;
        }
        let stage = Self { world, recorder, watching, number: AtomicU32::new(0) };
        Some(stage)
    }

    fn perform(&self, what: Command) -> Reply {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        self.world.perform(CommandId { by: MemberId(1), number }, what).unwrap()
    }

    fn client(&self, transport: Transport, v6: bool) -> ProgramId {
        let is_it = |address: Option<std::net::SocketAddr>| address.is_some_and(|address| address.is_ipv6() == v6);
        let servers = self.world.servers();
        let server = servers.iter().find(|server| server.transport == transport && is_it(server.address.inet()));
        match self.perform(Command::Open(ClientSpec::new(Target::Server(server.expect("a server").id)))) {
            Reply::Opened(client) => client,
            Reply::Done => panic!("an open is answered with the client"),
        }
    }

    fn tell(&self, client: ProgramId, action: ClientAction) {
        self.perform(Command::Client { client, action });
    }

    fn events(&self) -> Vec<Event> {
        let read = self.recorder.read(Seq(0), &Interest::default(), usize::MAX / 2).read;
        read.batch.map_or_else(Vec::new, |batch| batch.events)
    }

    async fn until<T>(&self, what: &str, find: impl Fn(&[Event]) -> Option<T>) -> T {
        let mut changes = self.recorder.changes();
        let waiting = async {
            loop {
                changes.borrow_and_update();
                if let Some(found) = find(&self.events()) {
                    return found;
                }
                changes.changed().await.unwrap();
            }
        };
        match tokio::time::timeout(common::PATIENCE, waiting).await {
            Ok(found) => found,
            Err(_) => {
                let story: Vec<_> =
                    self.events().iter().map(|e| format!("{} {:?} {:?}", e.at.0, e.about, e.kind)).collect();
                panic!("waited in vain for {what}:\n{}", story.join("\n"))
            }
        }
    }

    async fn returned(&self, program: ProgramId, op: impl Fn(&Op) -> bool) {
        self.until("a call to return", |events| {
            calls(events, program, Phase::Returned).find(|(_, call)| op(&call.op)).map(drop)
        })
        .await;
    }

    /// Connects, says hello, hears HELLO, and closes; waits until the packets have told the end.
    async fn hello(&self, v6: bool) -> Hello {
        let client = self.client(Transport::Tcp, v6);
        self.tell(client, ClientAction::Connect);
        self.returned(client, |op| matches!(op, Op::Connect { .. })).await;
        self.tell(client, ClientAction::Send { data: "hello".into(), repeat: 1 });
        self.returned(client, |op| matches!(op, Op::Recv { .. })).await;
        self.tell(client, ClientAction::Close);
        let (ours, theirs) = self
            .until("both ends' last states", |events| {
                let mine = events.iter().find(|event| {
                    event.about.program == Some(client) && event.about.socket.is_some() && event.about.flow.is_some()
                })?;
                let (ours, flow) = (mine.about.socket?, mine.about.flow);
                let other =
                    |event: &&Event| event.about.flow == flow && event.about.socket.is_some_and(|id| id != ours);
                let theirs = events.iter().find(other)?.about.socket?;
                let states = states(events);
                let has = |socket, last| states.get(&socket)?.iter().find(|(to, _)| *to == last);
                has(ours, TcpState::TimeWait).and(has(theirs, TcpState::Closed)).map(|_| (ours, theirs))
            })
            .await;
        Hello { client, ours, theirs }
    }
}

struct Hello {
    client: ProgramId,
    ours: SocketId,
    theirs: SocketId,
}

fn no_packets(capabilities: &[protocol::Capability]) -> Option<Unavailable> {
    capabilities.iter().find(|known| known.ability == Ability::Packets).unwrap().unavailable.clone()
}

fn calls(events: &[Event], program: ProgramId, phase: Phase) -> impl Iterator<Item = (Nanos, &Call)> {
    let theirs = events.iter().filter(move |event| event.about.program == Some(program));
    theirs.filter_map(move |event| match &event.kind {
        Kind::Call(call) if call.phase == phase => Some((event.at, call)),
        _ => None,
    })
}

/// The states of each socket in the order of time.
fn states(events: &[Event]) -> HashMap<SocketId, Vec<(TcpState, How)>> {
    let mut all: Vec<_> = events.iter().filter(|event| matches!(event.kind, Kind::State { .. })).collect();
    all.sort_by_key(|event| event.at);
    let mut states: HashMap<_, Vec<_>> = HashMap::new();
    for event in all {
        if let (Some(socket), Kind::State { to, .. }) = (event.about.socket, &event.kind) {
            states.entry(socket).or_default().push((*to, event.provenance.how));
        }
    }
    states
}

/// The packets as they were sent: when, in which conversation, what.
fn sent(events: &[Event]) -> Vec<(Nanos, Option<FlowId>, Summary, Packet)> {
    let packets = events.iter().filter_map(|event| match &event.kind {
        Kind::Packet(packet) if packet.stage == Stage::Sent => Some((event, packet)),
        _ => None,
    });
    packets
        .map(|(event, packet)| {
            let header = summary(&packet.data, packet.true_len as usize).unwrap();
            assert_eq!(packet.tap, Tap::Loopback);
            (event.at, event.about.flow, header, packet.clone())
        })
        .collect()
}

/// What is true of every connection that says hello.
fn check_hello(events: &[Event], hello: &Hello) {
    let connect = calls(events, hello.client, Phase::Entered).find(|(_, call)| matches!(call.op, Op::Connect { .. }));
    let flow = events.iter().find(|event| event.about.socket == Some(hello.ours) && event.about.flow.is_some());
    let flow = flow.unwrap().about.flow;
    let packets: Vec<_> = sent(events).into_iter().filter(|(_, of, ..)| *of == flow).collect();
    let flags = |header: &Summary| header.tcp().unwrap().flags;
    let opening: Vec<_> = packets.iter().take(3).map(|(_, _, header, _)| flags(header)).collect();
    assert_eq!(opening, [TcpFlags::SYN, TcpFlags::SYN | TcpFlags::ACK, TcpFlags::ACK]);
    let count = |flag| packets.iter().filter(|(_, _, header, _)| flags(header).has(flag)).count();
    assert_eq!((count(TcpFlags::SYN), count(TcpFlags::FIN), count(TcpFlags::RST)), (2, 2, 0), "each once");

    // Whatever was sent arrived, at the same time, and its bytes are told once.
    for (at, _, _, packet) in &packets {
        let stages: Vec<_> = events
            .iter()
            .filter_map(|event| match &event.kind {
                Kind::Packet(other) if other.id == packet.id => Some((event.at, other.stage, other.data.len())),
                _ => None,
            })
            .collect();
        assert_eq!(stages, [(*at, Stage::Sent, packet.data.len()), (*at, Stage::Delivered, 0)]);
        assert_eq!(packet.data.len(), packet.true_len as usize);
    }

    // Each between the calls that it belongs to.
    let carrying = |data: &[u8]| {
        let with: Vec<_> = packets.iter().filter(|(_, _, _, packet)| packet.data.ends_with(data)).collect();
        assert_eq!(with.len(), 1, "{data:?} travels once");
        with[0].0
    };
    let at = |phase, program, op: &dyn Fn(&Op) -> bool| {
        calls(events, program, phase).find(|(_, call)| op(&call.op)).expect("a call").0
    };
    let server = |phase, op: &dyn Fn(&Op) -> bool| {
        let mut theirs = events.iter().filter(|event| event.about.flow == flow);
        let is_it = |event: &&Event| match &event.kind {
            Kind::Call(call) => {
                event.about.program != Some(hello.client)
                    && call.phase == phase
                    && op(&call.op)
                    && call.outcome != Some(Outcome::Bytes(0))
            }
            _ => false,
        };
        theirs.find(is_it).expect("a call of the server").at
    };
    let is_send = |op: &Op| matches!(op, Op::Send { .. });
    let is_recv = |op: &Op| matches!(op, Op::Recv { .. });
    let order = [
        ("connect", connect.unwrap().0),
        ("SYN", packets[0].0),
        ("SYN, ACK", packets[1].0),
        ("connect returns", at(Phase::Returned, hello.client, &|op| matches!(op, Op::Connect { .. }))),
        ("send", at(Phase::Entered, hello.client, &is_send)),
        ("hello", carrying(b"hello")),
        ("the server's recv returns", server(Phase::Returned, &is_recv)),
        ("the server's send", server(Phase::Entered, &is_send)),
        ("HELLO", carrying(b"HELLO")),
        ("recv returns", at(Phase::Returned, hello.client, &is_recv)),
        ("close", at(Phase::Entered, hello.client, &|op| matches!(op, Op::Close))),
        ("FIN", packets.iter().find(|(_, _, header, _)| flags(header).has(TcpFlags::FIN)).unwrap().0),
    ];
    for pair in order.windows(2) {
        assert!(pair[0].1 <= pair[1].1, "{pair:?} in {order:?}");
    }

    // The packets told the states, each once, and each is tied to the packet that made it.
    use TcpState::{CloseWait, Closed, Established, FinWait1, FinWait2, LastAck, SynReceived, SynSent, TimeWait};
    let told = states(events);
    let derived = |socket: SocketId| {
        let derived = told[&socket].iter().filter(|(_, how)| *how == How::Derived);
        derived.map(|(to, _)| *to).collect::<Vec<_>>()
    };
    let ours = derived(hello.ours);
    // The server may acknowledge the FIN with its own.
    let ours: Vec<_> = ours.into_iter().filter(|state| *state != FinWait2).collect();
    assert_eq!(ours, [SynSent, Established, FinWait1, TimeWait]);
    assert_eq!(derived(hello.theirs), [SynReceived, Established, CloseWait, LastAck, Closed]);
    for socket in [hello.ours, hello.theirs] {
        for pair in told[&socket].windows(2) {
            assert_ne!(pair[0].0, pair[1].0, "told twice: {:?}", told[&socket]);
        }
    }
    for event in events.iter().filter(|event| matches!(event.kind, Kind::State { .. })) {
        if event.provenance.how == How::Derived {
            let Some(Cause::Event(cause)) = event.cause else { panic!("{event:?} has no cause") };
            let cause = events.iter().find(|event| event.seq == cause).unwrap();
            assert!(matches!(cause.kind, Kind::Packet(_)) && cause.at == event.at, "{event:?}: {cause:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hello_is_told_packet_by_packet() {
    let Some(stage) = Theatre::new().await else { return };
    for v6 in [false, true] {
        stage.recorder.begin_epoch();
        stage.world.tell_again();
        let hello = stage.hello(v6).await;
        check_hello(&stage.events(), &hello);
    }
    stage.world.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn datagrams_are_one_packet_each() {
    let Some(stage) = Theatre::new().await else { return };
    for (v6, header) in [(false, 28), (true, 48)] {
        let client = stage.client(Transport::Udp, v6);
        stage.tell(client, ClientAction::Connect);
        let data = vec![b'x'; 2_000];
        stage.tell(client, ClientAction::Send { data: data.into(), repeat: 1 });
        // The server's recv(1024) cuts it, and so is the answer.
        let expected = [2_000 + header, 1_024 + header];
        stage
            .until("a question and an answer", |events| {
                let packets = sent(events).into_iter().filter(|(.., summary, _)| summary.src.is_ipv6() == v6);
                let lengths: Vec<_> = packets.map(|(.., packet)| (packet.true_len, packet.data.len())).collect();
                let wanted: Vec<_> = expected.iter().map(|len| (*len, *len as usize)).collect();
                (lengths == wanted).then_some(())
            })
            .await;
    }
    let events = stage.events();
    let flows: Vec<_> = sent(&events).iter().map(|(_, flow, ..)| *flow).collect();
    assert!(flows[0].is_some() && flows[0] == flows[1] && flows[2] == flows[3] && flows[0] != flows[2], "{flows:?}");
    stage.world.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_icmp_error_belongs_to_what_it_is_about() {
    let Some(stage) = Theatre::new().await else { return };
    let client = stage.client(Transport::Udp, false);
    stage.tell(client, ClientAction::Connect);
    let server = stage.world.servers().into_iter().find(|server| server.transport == Transport::Udp).unwrap();
    stage.perform(Command::Server(ServerAction::Stop(server.id)));
    stage
        .until("the server's end", |events| {
            let gone = |event: &&Event| {
                let Kind::Call(call) = &event.kind else { return false };
                call.op == Op::Close && call.phase == Phase::Returned
            };
            events.iter().find(gone).map(drop)
        })
        .await;
    stage.tell(client, ClientAction::Send { data: "anybody?".into(), repeat: 1 });
    let (question, error) = stage
        .until("port unreachable", |events| {
            let all = sent(events);
            let of = |is_it: &dyn Fn(&Carries) -> bool| all.iter().find(|(_, _, header, _)| is_it(&header.carries));
            let question = of(&|carries| matches!(carries, Carries::Udp(_)))?.1;
            let error = of(&|carries| matches!(carries, Carries::Icmp(message) if message.kind == 3))?.1;
            Some((question, error))
        })
        .await;
    assert!(question.is_some() && question == error);
    stage.world.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_captured_while_nobody_watches() {
    let Some(mut stage) = Theatre::new().await else { return };
    stage.hello(false).await;
    stage.watching = None;
    let client = stage.client(Transport::Tcp, false);
    stage.tell(client, ClientAction::Connect);
    stage.tell(client, ClientAction::Send { data: "unseen".into(), repeat: 1 });
    stage.returned(client, |op| matches!(op, Op::Recv { .. })).await;
    stage.watching = Some(stage.recorder.watch());
    // Its packets are not told later either; those of the next one are.
    stage.tell(client, ClientAction::Send { data: "seen!!".into(), repeat: 1 });
    stage
        .until("packets again", |events| {
            sent(events).iter().find(|(.., packet)| packet.data.ends_with(b"SEEN!!")).map(drop)
        })
        .await;
    let unseen = |(.., packet): &(_, _, _, Packet)| packet.data.to_ascii_lowercase().ends_with(b"unseen");
    assert!(!sent(&stage.events()).iter().any(unseen));
    stage.world.shutdown().await;
}

/// The file that `/trace.pcapng` gives.
async fn pcapng(recorder: &Recorder) -> Vec<u8> {
    use http_body_util::BodyExt;
    let response = bridge::export::response(recorder, WorldKind::ThisComputer, None);
    assert_eq!(response.status(), 200);
    response.into_body().collect().await.unwrap().to_bytes().to_vec()
}

/// A packet in numbers, as tshark and we ourselves read it: source, destination, ports, sequence and acknowledgement
/// number, flags, payload, whole length.
fn numbers(header: &Summary, true_len: u32) -> String {
    let (src, dst) = (header.src, header.dst);
    match &header.carries {
        Carries::Tcp(tcp) => format!(
            "{src} {dst} {} {} {} {} {:#06x} {} {true_len}",
            tcp.src_port, tcp.dst_port, tcp.seq, tcp.ack, tcp.flags.0, header.payload_len
        ),
        Carries::Udp(udp) => format!("{src} {dst} {} {} {} {true_len}", udp.src_port, udp.dst_port, udp.len + 8),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tshark_reads_the_export_without_a_complaint_and_as_we_do() {
    let Some(stage) = Theatre::new().await else { return };
    for v6 in [false, true] {
        stage.hello(v6).await;
        let client = stage.client(Transport::Udp, v6);
        stage.tell(client, ClientAction::Connect);
        stage.tell(client, ClientAction::Send { data: vec![b'x'; 5_000].into(), repeat: 1 });
        stage.returned(client, |op| matches!(op, Op::Recv { .. })).await;
    }
    stage
        .until("the answers' packets", |events| {
            let datagrams = sent(events).iter().filter(|(_, _, header, _)| header.udp().is_some()).count();
            (datagrams == 4).then_some(())
        })
        .await;
    stage.world.shutdown().await;
    let events = stage.events();
    let mut ours = sent(&events);
    ours.sort_by_key(|(at, ..)| *at);

    let file = std::env::temp_dir().join(format!("socketscope-{:032x}.pcapng", bridge::random()));
    std::fs::write(&file, pcapng(&stage.recorder).await).unwrap();
    let fields = "ip.src ipv6.src ip.dst ipv6.dst tcp.srcport tcp.dstport tcp.seq_raw tcp.ack_raw tcp.flags tcp.len \
                  udp.srcport udp.dstport udp.length frame.len frame.cap_len frame.time_epoch _ws.malformed";
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let mut tshark = std::process::Command::new("tshark");
    tshark.arg("-r").arg(&file).args(["-n", "-T", "fields", "-E", "separator=|"]);
    tshark.args(["-o", "tcp.desegment_tcp_streams:FALSE"]);
    for field in &fields {
        tshark.args(["-e", field]);
    }
    let output = tshark.output().expect("tshark is there: `cargo xtask test` installs it");
    std::fs::remove_file(&file).unwrap();
    let complaints = String::from_utf8(output.stderr).unwrap();
    let complaints: Vec<_> = complaints.lines().filter(|line| !line.starts_with("Running as user")).collect();
    assert!(output.status.success() && complaints.is_empty(), "{complaints:?}");
    let told = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<_> = told.lines().collect();
    assert_eq!(lines.len(), ours.len(), "{told}");
    assert!(ours.len() > 20);
    let mut zero = None;
    for (line, (at, _, header, packet)) in lines.iter().zip(&ours) {
        let columns: Vec<_> = line.split('|').collect();
        let value = |name: &str| columns[fields.iter().position(|field| *field == name).unwrap()];
        let names: &[&str] = if header.tcp().is_some() {
            &["tcp.srcport", "tcp.dstport", "tcp.seq_raw", "tcp.ack_raw", "tcp.flags", "tcp.len", "frame.len"]
        } else {
            &["udp.srcport", "udp.dstport", "udp.length", "frame.len"]
        };
        let (src, dst) = if header.src.is_ipv4() { ("ip.src", "ip.dst") } else { ("ipv6.src", "ipv6.dst") };
        let theirs: Vec<_> = [src, dst].iter().chain(names).map(|name| value(name)).collect();
        assert_eq!(theirs.join(" "), numbers(header, packet.true_len), "{line}");
        assert_eq!(value("_ws.malformed"), "");
        assert_eq!(value("frame.cap_len"), packet.data.len().to_string());
        // To the nanosecond, from one beginning.
        let (seconds, fraction) = value("frame.time_epoch").split_once('.').unwrap();
        let time = seconds.parse::<u64>().unwrap() * 1_000_000_000 + fraction.parse::<u64>().unwrap();
        assert_eq!(*zero.get_or_insert(time - at.0), time - at.0, "{line}");
    }
}

/// A bridge of its own, as another user.
struct Bridge {
    child: Child,
    folder: PathBuf,
    ready: serde_json::Value,
}

impl Drop for Bridge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A copy of the program where anybody may run it: a checkout may be in root's own folder.
fn copied() -> (PathBuf, PathBuf) {
    use std::os::unix::fs::PermissionsExt;
    let folder = std::env::temp_dir().join(format!("socketscope-capture-{:032x}", bridge::random()));
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
    let program = folder.join("socketscope");
    std::fs::copy(PROGRAM, &program).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    (folder, program)
}

fn as_nobody(program: &Path, folder: &Path, args: &[&str]) -> std::process::Command {
    let mut command = std::process::Command::new(program);
    command.args(["--listen", "127.0.0.1:0", "--tcp", "0", "--udp", "0", "--no-open", "--unix"]);
    command.arg(folder.join(format!("{:08x}.sock", bridge::random() as u32))).args(args).current_dir(folder);
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

fn start(folder: PathBuf, program: &Path) -> Bridge {
    let mut child =
        as_nobody(program, &folder, &["--log", "json"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    Bridge { child, folder, ready: serde_json::from_str(&line).unwrap() }
}

fn echo(ready: &serde_json::Value) -> String {
    let servers = ready["servers"].as_array().unwrap();
    let tcp = servers.iter().find(|server| server["transport"] == "Tcp").unwrap();
    let mut stream = std::net::TcpStream::connect(tcp["address"]["Inet"].as_str().unwrap()).unwrap();
    stream.set_read_timeout(Some(common::PATIENCE)).unwrap();
    stream.write_all(b"hello").unwrap();
    let mut answer = [0; 5];
    stream.read_exact(&mut answer).unwrap();
    String::from_utf8(answer.to_vec()).unwrap()
}

#[test]
fn without_the_right_calls_work_and_one_line_says_how_to_allow_it() {
    let (folder, program) = copied();
    let bridge = start(folder, &program);
    assert_eq!(echo(&bridge.ready), "HELLO");
    let why = &bridge.ready["no_packets"];
    assert_eq!(why["reason"], "NeedsPermission", "{why}");
    assert_eq!(why["remedy"], format!("sudo setcap cap_net_raw+ep {}", program.display()));

    let refused = as_nobody(&program, &bridge.folder, &["--capture", "on"]).output().unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.lines().count() == 1 && said.contains("CAP_NET_RAW") && said.contains("sudo setcap"), "{said}");

    let mut doctor = std::process::Command::new(&program);
    doctor.arg("doctor");
    if is_root() {
        doctor.uid(NOBODY).gid(NOBODY);
    }
    let told = String::from_utf8(doctor.output().unwrap().stdout).unwrap();
    let mut lines = told.lines().skip_while(|line| !line.contains("(capture)"));
    assert!(lines.next().unwrap().starts_with("no"), "{told}");
    assert!(lines.next().unwrap().contains("to have it: sudo setcap cap_net_raw+ep "), "{told}");
}

#[test]
fn with_the_remedy_an_ordinary_user_sees_packets_and_the_bridge_has_no_right_left() {
    if !is_root() {
        // Only root gives a file rights; the other test shows what happens without.
        return;
    }
    let (folder, program) = copied();
    // What `setcap cap_net_raw+ep` writes: version 2, effective; CAP_NET_RAW is number 13.
    let words: [u32; 5] = [0x0200_0001, 1 << 13, 0, 0, 0];
    let value: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    rustix::fs::setxattr(&program, "security.capability", &value, rustix::fs::XattrFlags::empty()).unwrap();
    let bridge = start(folder, &program);
    assert_eq!(bridge.ready["no_packets"], serde_json::Value::Null);
    assert_eq!(echo(&bridge.ready), "HELLO");
    let status = std::fs::read_to_string(format!("/proc/{}/status", bridge.child.id())).unwrap();
    for set in ["CapPrm", "CapEff", "CapInh", "CapAmb"] {
        let rights = status.lines().find_map(|line| line.strip_prefix(set)).unwrap();
        assert_eq!(rights.trim_start_matches([':', '\t']), "0000000000000000", "{set}");
    }
}
