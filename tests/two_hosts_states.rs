//! A thousand connections at random: the states that follow from packets are those that the kernel has.
//!
//! The kernel is asked twice: by the bridge, whose reports are told where packets did not tell the same before, and by
//! this test itself, which reads the hosts' `/proc/net/tcp` and so sees what agrees as well.

mod kernel;
mod players;
mod told;

use crate::two_hosts::{conditions, wire};
use kernel::{Sample, inside, sample};
use players::play;
use protocol::wire::{Conditions, Way, WireAction};
use protocol::{
    Codec, Command, Event, Interest, Kind, Nanos, ServerAction, Setting, TcpMode, TcpState, ToPage, Transport,
};
use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use support::running::Running;
use support::session::Session;
use told::{Told, Unsaid};

const CONNECTIONS: usize = 1_000;
/// Viewers who play at once; each has a wave of clients.
const PLAYERS: usize = 4;
/// A packet is read from a TUN this long after the kernel put it there, at the most, in nanoseconds, when the bridge need
/// not wait for a processor. How long it had to wait, the wire's own lateness says.
const PROMPT: u64 = 5_000_000;

/// One end of a connection: its own address, and the other's.
type End = (SocketAddr, SocketAddr);

/// What became of the comparisons.
#[derive(Debug, Default)]
struct Tally {
    /// Ends times samples.
    compared: usize,
    /// Those whose state is the derived one without any allowance but a millisecond around the reading.
    at_once: usize,
    /// Those that are so if the bridge was behind the kernel.
    late: usize,
    /// Those that packets cannot tell.
    unsaid: HashMap<Unsaid, usize>,
    /// Ends that are not in the state that their packets tell, when, and what they tell.
    wrong: BTreeMap<End, String>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_connections_are_in_the_states_that_their_packets_tell() {
    if !rustix::process::geteuid().is_root() {
        // An ordinary user may not look into the hosts' processes, and so compare; the bridge asks the same kernel.
        return;
    }
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
    let clients: usize = told.derived.iter().map(begun).sum();
    println!(
        "{clients} connections, {} samples, {} comparisons: {} at once, {} late, unsaid {:?}, {} wrong; \
         {} reports, {} reported values",
        samples.len(),
        tally.compared,
        tally.at_once,
        tally.late,
        tally.unsaid,
        tally.wrong.len(),
        told.reported.len(),
        told.values,
    );
    assert_eq!(clients, CONNECTIONS);
    for (end, what) in tally.wrong.iter().take(5) {
        println!("{end:?}: {what}");
        told::print(session.events(), *end);
    }
    assert!(tally.wrong.is_empty());
    let waiting = tally.unsaid.get(&Unsaid::WaitsToFinish).copied().unwrap_or(0);
    assert!(tally.late * 100 <= tally.compared && waiting * 20 <= tally.compared, "{tally:?}");
}

/// How often a client began here: a port whose connection was reset may be used again.
fn begun(((_, peer), states): (&End, &Vec<(u64, TcpState)>)) -> usize {
    match peer.port() {
        808 => states.iter().filter(|(_, state)| *state == TcpState::SynSent).count(),
        _ => 0,
    }
}

fn compare(told: &Told, samples: &[Sample], zero: Instant) -> Tally {
    let mut tally = Tally::default();
    let nanos = |at: Instant| u64::try_from(at.duration_since(zero).as_nanos()).unwrap();
    for sample in samples {
        for (end, (state, at)) in &sample.states {
            tally.compare(told, *end, *state, at.map(nanos));
        }
        // And nobody has a connection that the kernel has forgotten.
        let at = [sample.from, sample.until].map(nanos);
        let [from, until] = around(at, PROMPT + told.lateness(at));
        for (end, states) in &told.derived {
            let place = states.partition_point(|(since, _)| *since <= from);
            let Some((_, state)) = place.checked_sub(1).map(|at| states[at]) else { continue };
            let lasts = states.get(place).is_none_or(|(next, _)| *next > until);
            if lasts && state != TcpState::Closed && !sample.states.contains_key(end) {
                tally.compare(told, *end, TcpState::Closed, at);
            }
        }
    }
    for (at, end, state) in &told.reported {
        tally.compare(told, *end, *state, *at);
    }
    tally
}

impl Tally {
    /// The kernel had this end in this state at some time of these.
    fn compare(&mut self, told: &Told, end: End, state: TcpState, at: [u64; 2]) {
        self.compared += 1;
        if told.held(end, state, around(at, 1_000_000)) {
            self.at_once += 1;
            return;
        }
        let by = PROMPT + told.lateness(at);
        let late = around(at, by);
        if told.held(end, state, late) {
            self.late += 1;
        } else if let Some(why) = told.unsaid(end, state, late) {
            *self.unsaid.entry(why).or_default() += 1;
        } else {
            let [from, until, by] = [at[0], at[1], by].map(|at| at as f64 / 1e6);
            let what = || format!("{from:.3} to {until:.3} (±{by:.3}) {state}, but {}", told.story(end));
            self.wrong.entry(end).or_insert_with(what);
        }
    }
}

fn around([from, until]: [u64; 2], by: u64) -> [u64; 2] {
    [from.saturating_sub(by), until + by]
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
