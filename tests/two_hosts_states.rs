//! A thousand connections at random: the states that follow from packets are those that the kernel has.
//!
//! The kernel is asked twice: by the bridge, whose reports are told where packets did not tell the same before, and by
//! this test itself, which reads the hosts' `/proc/net/tcp` and so sees what agrees as well.

mod players;

use players::*;

use crate::two_hosts::{conditions, descendants, wire};
use protocol::header::summary;
use protocol::state_tracker::StateTracker;
use protocol::wire::{Conditions, Way, WireAction};
use protocol::{
    Address, ClientAction, Codec, Command, Direction, Event, Family, How, Interest, Kind, KindSet, Nanos, Op, Phase,
    ProgramId, Refusal, ServerAction, Setting, SocketId, Stage, TcpMode, TcpState, ToPage, Transport,
};
use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};
use support::running::Running;
use support::session::Session;

const CONNECTIONS: usize = 1_000;
/// Viewers who play at once; each has a wave of clients.
const PLAYERS: usize = 4;
const WAVE: usize = 25;
/// A bridge that has to wait for a processor reads a packet so much later than the kernel sent it, at the most, in
/// nanoseconds. It is an allowance for a crowded machine, and only one comparison of a hundred may need it.
const LATE: u64 = 1_000_000_000;

/// One end of a connection: its own address, and the other's.
type End = (SocketAddr, SocketAddr);

/// What the kernel had: each state at some time between two moments.
struct Sample {
    from: Instant,
    until: Instant,
    states: BTreeMap<End, (TcpState, [Instant; 2])>,
}

/// Reads all connections of both hosts, in whose network these processes live.
fn sample(processes: &[u32; 2]) -> Sample {
    let from = Instant::now();
    let mut states = BTreeMap::new();
    for process in processes {
        for file in ["tcp", "tcp6"] {
            let before = Instant::now();
            let text = std::fs::read_to_string(format!("/proc/{process}/net/{file}")).unwrap();
            let at = [before, Instant::now()];
            let connections = text.lines().skip(1).filter_map(connection);
            states.extend(connections.map(|(end, state)| (end, (state, at))));
        }
    }
    Sample { from, until: Instant::now(), states }
}

/// A line of `/proc/net/tcp`: number, ends, and state, in hexadecimal.
fn connection(line: &str) -> Option<(End, TcpState)> {
    let mut words = line.split_whitespace().skip(1);
    let end = (address(words.next()?)?, address(words.next()?)?);
    let state = match words.next()? {
        "01" => TcpState::Established,
        "02" => TcpState::SynSent,
        "03" | "0C" => TcpState::SynReceived,
        "04" => TcpState::FinWait1,
        "05" => TcpState::FinWait2,
        "06" => TcpState::TimeWait,
        "08" => TcpState::CloseWait,
        "09" => TcpState::LastAck,
        "0B" => TcpState::Closing,
        // A listener, or a socket that is not connected.
        _ => return None,
    };
    Some((end, state))
}

/// Words of the machine's own byte order, and a port.
fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let octets: Vec<u8> =
        (0..ip.len() / 8).flat_map(|at| u32::from_str_radix(&ip[at * 8..][..8], 16).unwrap().to_ne_bytes()).collect();
    let ip: IpAddr = match octets.len() {
        4 => Ipv4Addr::from(<[u8; 4]>::try_from(octets).unwrap()).into(),
        _ => Ipv6Addr::from(<[u8; 16]>::try_from(octets).unwrap()).to_canonical(),
    };
    Some(SocketAddr::new(ip, u16::from_str_radix(port, 16).ok()?))
}

/// A process of each host, the networks of which differ from ours.
fn inside(bridge: &Running) -> [u32; 2] {
    let network = |process: u32| std::fs::read_link(format!("/proc/{process}/ns/net")).unwrap();
    let ours = network(std::process::id());
    let mut found: BTreeMap<_, u32> = BTreeMap::new();
    for process in descendants(bridge.pid()) {
        found.entry(network(process)).or_insert(process);
    }
    let processes: Vec<u32> = found.into_iter().filter(|(net, _)| *net != ours).map(|(_, process)| process).collect();
    processes.try_into().expect("two hosts")
}

/// What the trace says of every end.
#[derive(Default)]
struct Told {
    /// The states that follow from the packets, and since when.
    derived: HashMap<End, Vec<(Nanos, TcpState)>>,
    /// When its program first said that it sends no more.
    finished: HashMap<End, Nanos>,
    /// The kernel's states that packets had not told.
    reported: Vec<(Nanos, Nanos, End, TcpState)>,
    /// Values of connections that the kernel reported: at each, it was asked for the state as well.
    values: usize,
}

impl Told {
    fn new(events: &[Event]) -> Self {
        let (mut told, mut tracker) = (Self::default(), StateTracker::new());
        let mut ends: HashMap<SocketId, End> = HashMap::new();
        for event in events {
            let end = event.about.socket.and_then(|socket| ends.get(&socket)).copied();
            match &event.kind {
                Kind::Dropped { place, count } => panic!("{count} events are missing: {place:?}"),
                Kind::Socket { local: Some(Address::Inet(local)), peer: Some(Address::Inet(peer)), .. } => {
                    ends.extend(event.about.socket.map(|socket| (socket, (*local, *peer))));
                }
                Kind::Packet(packet) => {
                    let Some(flow) = event.about.flow else { continue };
                    let header = match packet.stage {
                        Stage::Sent => summary(&packet.data, packet.true_len as usize),
                        _ => None,
                    };
                    for change in tracker.packet(flow, packet, header.as_ref()) {
                        let end = (change.local, change.peer);
                        told.derived.entry(end).or_default().push((event.at, change.to));
                    }
                }
                Kind::Call(call) if call.phase == Phase::Entered => {
                    if let (Some(end), Op::Shutdown { .. } | Op::Close | Op::Abort) = (end, &call.op) {
                        told.finished.entry(end).or_insert(event.at);
                    }
                }
                Kind::State { to, .. } if event.provenance.how == How::Reported => {
                    told.reported.extend(end.map(|end| (event.at, event.uncertainty, end, *to)));
                }
                Kind::Gauge(_) => told.values += usize::from(end.is_some()),
                _ => {}
            }
        }
        told
    }

    /// Whether packets say that an end was in this state at some time of these.
    fn held(&self, end: End, state: TcpState, from: u64, until: u64) -> bool {
        let Some(states) = self.derived.get(&end) else { return false };
        states.iter().enumerate().any(|(at, (since, held))| {
            let over = states.get(at + 1).map_or(u64::MAX, |(next, _)| next.0);
            *held == state && since.0 <= until && over >= from
        })
    }

    /// Whether one packet led an end through a state, which it had only for as long as the kernel worked on it.
    fn passed(&self, end: End, state: TcpState, from: u64, until: u64) -> bool {
        let around = match state {
            TcpState::FinWait2 => [TcpState::FinWait1, TcpState::TimeWait],
            TcpState::Established => [TcpState::SynReceived, TcpState::CloseWait],
            _ => return false,
        };
        around.into_iter().all(|state| self.held(end, state, from, until))
    }

    /// Whether its FIN waits, or waited, for its turn behind data: what no packet tells.
    fn waits_to_finish(&self, end: End, state: TcpState, from: u64, until: u64) -> bool {
        use TcpState::{CloseWait, Closed, Closing, Established, FinWait1, LastAck, SynReceived, TimeWait};
        let before: &[TcpState] = match state {
            FinWait1 => &[Established, SynReceived],
            LastAck => &[CloseWait],
            // Both finished at once, though one FIN was on the wire before the other.
            Closing => &[CloseWait, LastAck],
            TimeWait => &[LastAck, Closed],
            _ => return false,
        };
        let Some(finished) = self.finished.get(&end) else { return false };
        let peer_finished = self.derived.get(&end).into_iter().flatten().find(|(_, state)| *state == CloseWait);
        let at_once = peer_finished.is_some_and(|(since, _)| finished.0 <= since.0 + LATE);
        finished.0 <= until
            && (at_once || !matches!(state, Closing | TimeWait))
            && before.iter().any(|before| self.held(end, *before, from, until))
    }

    /// Whether an end may be gone without a packet: it was never open, or its program has closed it.
    fn is_over_by_time(&self, end: End, at: u64) -> bool {
        use TcpState::{Closed, SynReceived, SynSent};
        let beginning = [SynSent, SynReceived, Closed].into_iter().any(|state| self.held(end, state, at, at));
        beginning || self.finished.get(&end).is_some_and(|finished| finished.0 <= at)
    }

    fn story(&self, end: End) -> String {
        let states = self.derived.get(&end).map(Vec::as_slice).unwrap_or_default();
        states.iter().map(|(at, state)| format!("{:.3} {state}, ", at.as_millis())).collect()
    }
}

/// What became of the comparisons.
#[derive(Debug, Default)]
struct Tally {
    /// Ends times samples.
    compared: usize,
    /// Those whose state is the derived one without any allowance but the time of the reading itself.
    at_once: usize,
    /// Those of packets that the bridge read later than the kernel sent them.
    late: usize,
    /// Those whose FIN waits behind data.
    waiting: usize,
    /// Ends that the kernel gave up by itself.
    given_up: BTreeMap<End, String>,
    /// Ends that are not in the state that their packets tell, when, and what they tell.
    wrong: BTreeMap<End, String>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_connections_are_in_the_states_that_their_packets_tell() {
    if !rustix::process::geteuid().is_root() {
        // An ordinary user may not look into the hosts' processes, and so compare; the bridge asks the same kernel.
        return;
    }
    let began = Instant::now();
    let bridge = Running::two_hosts().await;
    let processes = inside(&bridge);
    let interest = Interest { data: 120, ..Interest::default() };
    let mut session = Session::with(&bridge.address, Codec::Postcard, None, None, interest).await;
    session.server(ServerAction::Set(Setting::TcpMode(TcpMode::TaskPerClient))).await;
    for server in session.welcome.servers.clone() {
        if server.transport == Transport::Tcp {
            session.server(ServerAction::Set(Setting::Backlog(1_000))).await;
            session.server(ServerAction::Rebind(server.id)).await;
        }
    }
    let zero = zero(&mut session).await;
    let lossy = Conditions { delay: Nanos::from_millis(3), loss: 50, ..Conditions::default() };
    conditions(&mut session, &lossy).await;
    let players: Vec<_> = (0..PLAYERS)
        .map(|player| {
            tokio::spawn(play(bridge.address.clone(), 0x9e37_79b9_7f4a_7c15 + player as u64, CONNECTIONS / PLAYERS))
        })
        .collect();
    let mut samples = Vec::new();
    while !players.iter().all(tokio::task::JoinHandle::is_finished) {
        let message = support::soon("something to see", session.next()).await.expect("the session is open");
        assert!(!matches!(message, ToPage::Gap(_)), "{message:?}");
        if samples.last().is_none_or(|last: &Sample| last.until.elapsed() > Duration::from_millis(20)) {
            samples.push(sample(&processes));
        }
    }
    for player in players {
        player.await.unwrap();
    }
    // All that was before this command is seen when the command is.
    wire(&mut session, WireAction::Hold(true)).await;
    let is_last =
        |event: &Event| matches!(event.kind, Kind::Command { what: Command::Wire(WireAction::Hold(true)), .. });
    while !session.events().iter().rev().any(is_last) {
        support::soon("the end", session.next()).await;
    }
    let told = Told::new(session.events());
    let tally = compare(&told, &samples, zero);
    // A port whose connection was reset may be used again.
    let begun = |((_, peer), states): (&End, &Vec<(Nanos, TcpState)>)| match peer.port() {
        808 => states.iter().filter(|(_, state)| *state == TcpState::SynSent).count(),
        _ => 0,
    };
    let clients: usize = told.derived.iter().map(begun).sum();
    println!(
        "{clients} connections, {} samples, {} comparisons: {} at once, {} late, {} wait to finish, {} given up, \
         {} wrong; {} reports, {} reported values; {:?}",
        samples.len(),
        tally.compared,
        tally.at_once,
        tally.late,
        tally.waiting,
        tally.given_up.len(),
        tally.wrong.len(),
        told.reported.len(),
        told.values,
        began.elapsed()
    );
    assert_eq!(clients, CONNECTIONS);
    for (end, what) in tally.wrong.iter().take(10) {
        println!("{end:?}: {what}");
        packets(session.events(), *end);
    }
    assert!(tally.wrong.is_empty());
    assert!(tally.given_up.len() * 100 <= CONNECTIONS, "more than a hundredth is given up: {:#?}", tally.given_up);
    assert!(tally.late * 100 <= tally.compared && tally.waiting * 20 <= tally.compared, "{tally:?}");
}

fn compare(told: &Told, samples: &[Sample], zero: Instant) -> Tally {
    let mut tally = Tally::default();
    for sample in samples {
        let nanos = |at: Instant| u64::try_from(at.duration_since(zero).as_nanos()).unwrap();
        for (end, (state, at)) in &sample.states {
            let [from, until] = at.map(nanos);
            tally.compared += 1;
            if told.held(*end, *state, from.saturating_sub(1_000_000), until + 1_000_000) {
                tally.at_once += 1;
            } else if told.held(*end, *state, from.saturating_sub(LATE), until + LATE)
                || told.passed(*end, *state, from.saturating_sub(LATE), until + LATE)
            {
                tally.late += 1;
            } else if told.waits_to_finish(*end, *state, from, until + LATE) {
                tally.waiting += 1;
            } else {
                let at = [from, until].map(|at| at / 1_000_000);
                tally.wrong.entry(*end).or_insert_with(|| format!("{at:?} {state}, but {}", told.story(*end)));
            }
        }
        let [from, until] = [sample.from, sample.until].map(nanos);
        // And nobody has a connection that the kernel has forgotten.
        for (end, states) in &told.derived {
            let at = states.partition_point(|(since, _)| since.0 <= from.saturating_sub(LATE));
            let Some((_, state)) = at.checked_sub(1).map(|at| states[at]) else { continue };
            let lasts = states.get(at).is_none_or(|(next, _)| next.0 > until + LATE);
            // What begins may time out, which no packet tells.
            use TcpState::{Closed, SynReceived, SynSent};
            if !lasts || matches!(state, Closed | SynSent | SynReceived) || sample.states.contains_key(end) {
                continue;
            }
            // A kernel may give up what its program has closed, and only the kernel can say so.
            if told.finished.get(end).is_some_and(|at| at.0 < from) {
                tally.given_up.insert(*end, told.story(*end));
            } else {
                let told = || format!("gone at {}, but {}", from / 1_000_000, told.story(*end));
                tally.wrong.entry(*end).or_insert_with(told);
            }
        }
    }
    for (at, uncertainty, end, state) in &told.reported {
        let (from, until) = (at.0.saturating_sub(uncertainty.0), at.0);
        let known = told.held(*end, *state, from.saturating_sub(LATE), until + LATE);
        // A time-out is no packet, but the kernel has the connection no more.
        if !known && *state == TcpState::Closed {
            // It waited, and made room for a new connection from the same port (RFC 9293, 3.6.1).
            if told.held(*end, TcpState::TimeWait, from, until) {
                continue;
            }
            let later = |sample: &&Sample| sample.from.duration_since(zero).as_nanos() > u128::from(until + LATE);
            let mut later = samples.iter().filter(later);
            if told.is_over_by_time(*end, until) && !later.any(|sample| sample.states.contains_key(end)) {
                tally.given_up.insert(*end, told.story(*end));
                continue;
            }
        }
        if !known && !told.waits_to_finish(*end, *state, from, until + LATE) {
            let (at, earlier) = (at.as_millis(), uncertainty.as_millis());
            let told = || format!("reported {at:.3} -{earlier:.3} {state}, but {}", told.story(*end));
            tally.wrong.entry(*end).or_insert_with(told);
        }
    }
    tally
}

/// The moment from which the trace counts: a command is recorded between its asking and its answer.
async fn zero(session: &mut Session) -> Instant {
    let mut asked = Vec::new();
    for _ in 0..20 {
        let from = Instant::now();
        wire(session, WireAction::Conditions(Way::ToServer, Conditions::default())).await;
        asked.push((from, from.elapsed()));
    }
    let is_mine = |event: &&Event| matches!(event.kind, Kind::Command { what: Command::Wire(_), .. });
    while session.events().iter().filter(is_mine).count() < asked.len() {
        support::soon("the commands", session.next()).await;
    }
    let told = session.events().iter().filter(is_mine).map(|event| event.at);
    let (_, (from, took), at) =
        asked.into_iter().zip(told).map(|(asked, at)| (asked.1, asked, at)).min_by_key(|best| best.0).unwrap();
    from + took / 2 - Duration::from_nanos(at.0)
}

/// Prints what both ends sent, and what became of it.
fn packets(events: &[Event], (local, peer): End) {
    let mut mine = BTreeMap::new();
    for event in events {
        let Kind::Packet(packet) = &event.kind else { continue };
        if let Some(header) = summary(&packet.data, packet.true_len as usize)
            && header.ends().is_some_and(|ends| ends == (local, peer) || ends == (peer, local))
        {
            mine.insert(packet.id, header);
        }
        if let Some(header) = mine.get(&packet.id)
            && let Some(tcp) = header.tcp()
            && !matches!(packet.stage, Stage::Scheduled(_))
        {
            let (at, from, len) = (event.at.as_millis(), header.src, header.payload_len);
            println!("  {at:.3} {from} {:?} {:?} seq {} ack {} len {len}", packet.stage, tcp.flags, tcp.seq, tcp.ack);
        }
    }
}
