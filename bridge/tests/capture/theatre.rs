//! A world whose packets are seen, and what is to be found in its events.

use bridge::capture::{Choice, Wanted};
use bridge::recorder::{Recorder, Watching};
use bridge::world::World;
use bridge::world::this_computer::{ThisComputer, WorldOptions};
use protocol::header::{Summary, TcpFlags, summary};
use protocol::ids::Boot;
use protocol::trace::Bounds;
use protocol::{
    Ability, Call, Cause, ClientAction, ClientSpec, Command, CommandId, Event, FlowId, How, Interest, Kind, MemberId,
    Nanos, Op, Outcome, Packet, Phase, ProgramId, Reason, Reply, Seq, SocketId, Stage, Tap, Target, TcpState,
    Transport, Unavailable,
};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Our program.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_socketscope");

pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A world on free ports whose packets are seen, and somebody who watches.
pub struct Theatre {
    pub world: Arc<ThisComputer>,
    pub recorder: Recorder,
    pub watching: Option<Watching>,
    pub number: AtomicU32,
}

impl Theatre {
    /// None where the right is missing, which only an ordinary user may find; that it is said is checked then.
    pub async fn new() -> Option<Self> {
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

    pub fn perform(&self, what: Command) -> Reply {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        self.world.perform(CommandId { by: MemberId(1), number }, what).unwrap()
    }

    pub fn client(&self, transport: Transport, v6: bool) -> ProgramId {
        let is_it = |address: Option<std::net::SocketAddr>| address.is_some_and(|address| address.is_ipv6() == v6);
        let servers = self.world.servers();
        let server = servers.iter().find(|server| server.transport == transport && is_it(server.address.inet()));
        match self.perform(Command::Open(ClientSpec::new(Target::Server(server.expect("a server").id)))) {
            Reply::Opened(client) => client,
            Reply::Done => panic!("an open is answered with the client"),
        }
    }

    pub fn tell(&self, client: ProgramId, action: ClientAction) {
        self.perform(Command::Client { client, action });
    }

    pub fn events(&self) -> Vec<Event> {
        let read = self.recorder.read(Seq(0), &Interest::default(), usize::MAX / 2).read;
        read.batch.map_or_else(Vec::new, |batch| batch.events)
    }

    pub async fn until<T>(&self, what: &str, find: impl Fn(&[Event]) -> Option<T>) -> T {
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
        match tokio::time::timeout(crate::common::PATIENCE, waiting).await {
            Ok(found) => found,
            Err(_) => {
                let story: Vec<_> =
                    self.events().iter().map(|e| format!("{} {:?} {:?}", e.at.0, e.about, e.kind)).collect();
                panic!("waited in vain for {what}:\n{}", story.join("\n"))
            }
        }
    }

    pub async fn returned(&self, program: ProgramId, op: impl Fn(&Op) -> bool) {
        self.until("a call to return", |events| {
            calls(events, program, Phase::Returned).find(|(_, call)| op(&call.op)).map(drop)
        })
        .await;
    }

    /// Connects, says hello, hears HELLO, and closes; waits until the packets have told the end.
    pub async fn hello(&self, v6: bool) -> Hello {
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

pub struct Hello {
    pub client: ProgramId,
    pub ours: SocketId,
    pub theirs: SocketId,
}

pub fn no_packets(capabilities: &[protocol::Capability]) -> Option<Unavailable> {
    capabilities.iter().find(|known| known.ability == Ability::Packets).unwrap().unavailable.clone()
}

pub fn calls(events: &[Event], program: ProgramId, phase: Phase) -> impl Iterator<Item = (Nanos, &Call)> {
    let theirs = events.iter().filter(move |event| event.about.program == Some(program));
    theirs.filter_map(move |event| match &event.kind {
        Kind::Call(call) if call.phase == phase => Some((event.at, call)),
        _ => None,
    })
}

/// The states of each socket in the order of time.
pub fn states(events: &[Event]) -> HashMap<SocketId, Vec<(TcpState, How)>> {
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
pub fn sent(events: &[Event]) -> Vec<(Nanos, Option<FlowId>, Summary, Packet)> {
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
pub fn check_hello(events: &[Event], hello: &Hello) {
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
