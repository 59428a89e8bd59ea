//! One look at the kernel after another, and what is made of its answers.

use super::ask::{Ask, MOST_PORTS};
use super::others::Who;
use super::sampler::{Shared, UNPOISONED};
use super::{Report, processes};
use crate::probe::Story;
use crate::sockets::table::{Appearance, Known, Look};
use protocol::{Address, GaugeKey, SocketId, TcpState, Transport};
use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Between two looks while something is queued or in flight.
const TICK: Duration = Duration::from_millis(10);
/// Between two looks at the least: calls come faster than anybody sees.
const LEAST: Duration = Duration::from_millis(2);
/// A look may take one part in so many of the time: with thousands of sockets it takes milliseconds.
const SHARE: u32 = 10;

pub struct Sampling {
    story: Arc<Story>,
    shared: Arc<Shared>,
    ask: Arc<Mutex<Ask>>,
    /// Not only about certain ports.
    everything: bool,
    /// When the last look began, and when it was answered.
    last: Option<(Instant, Instant)>,
    /// How long the last look took.
    took: Duration,
    /// Whose the sockets are that other programs have, by inode.
    owners: HashMap<u32, Who>,
}

/// What a look is compared with.
struct Scene {
    ends: Arc<[SocketAddr]>,
    before: HashMap<SocketId, Known>,
    by_cookie: HashMap<u64, SocketId>,
}

impl Sampling {
    pub fn new(story: Arc<Story>, shared: Arc<Shared>, ask: Ask) -> Self {
        let everything = ask.asks_for_all();
        let ask = Arc::new(Mutex::new(ask));
        Self { story, shared, ask, everything, last: None, took: Duration::ZERO, owners: HashMap::new() }
    }

    pub async fn run(mut self) {
        loop {
            if !self.story.recorder.is_watched() {
                self.story.table.forget_lingering(self.story.host);
                self.story.recorder.becomes_watched(true).await;
            }
            if let Some((_, last)) = self.last {
                let pause = LEAST.max(self.took * SHARE);
                tokio::time::sleep_until((last + pause).into()).await;
            }
            let began = Instant::now();
            let next = self.look().await;
            self.took = began.elapsed();
            let next = async {
                match next {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.story.stirred.notified() => {}
                () = next => {}
                () = self.story.recorder.becomes_watched(false) => {}
            }
        }
    }

    /// Asks, tells what is new, and says when to ask again if nothing happens before.
    async fn look(&mut self) -> Option<Duration> {
        let scene = self.scene();
        let (tcp, udp) = self.ports(&scene);
        let asked = Instant::now();
        // The answer takes milliseconds, during which packets must be moved.
        let ask = Arc::clone(&self.ask);
        let answer = tokio::task::spawn_blocking(move || ask.lock().expect(UNPOISONED).sockets(&tcp, &udp)).await;
        let Ok(Ok(reports)) = answer else {
            // It answered at the start; the next look may be luckier.
            return Some(Duration::from_secs(1));
        };
        let answered = Instant::now();
        let look = Look { before: self.last.map(|(before, _)| before), asked, answered };
        self.last = Some((asked, answered));
        self.find_owners(&scene, &reports).await;
        let mut seen = HashSet::new();
        let mut living = HashSet::new();
        let mut half_open: HashMap<SocketId, u64> = HashMap::new();
        let mut next = self.shared.held_back.load(Ordering::Relaxed).then_some(TICK);
        // Listeners first: others come from them.
        let listens = |report: &&Report| report.state == Some(TcpState::Listen);
        let mut known: Vec<(SocketId, &Report)> = Vec::with_capacity(reports.len());
        for report in reports.iter().filter(listens).chain(reports.iter().filter(|report| !listens(report))) {
            match self.socket(&scene, report, &known, &mut living) {
                Some(id) => known.push((id, report)),
                None if report.state == Some(TcpState::SynReceived) => next = sooner(next, Some(TICK)),
                None => {}
            }
        }
        // What packets tell about these sockets is more exact than what follows.
        self.story.look_at_packets();
        for (id, report) in known {
            seen.insert(id);
            if report.state == Some(TcpState::SynReceived)
                && let Some(parent) = self.story.table.get(id).and_then(|row| row.parent)
            {
                *half_open.entry(parent).or_default() += 1;
            }
            if let Some(state) = report.state {
                self.story.table.state(id, state, &look);
            }
            self.story.table.gauges(id, &report.gauges, &look);
            next = sooner(next, look_again(report));
        }
        for row in scene.before.values().filter(|row| row.state == Some(TcpState::Listen)) {
            let queue = half_open.get(&row.id).copied().unwrap_or(0);
            if queue > 0 || row.gauges.contains_key(&GaugeKey::SynQueue) {
                self.story.table.gauges(row.id, &[(GaugeKey::SynQueue, queue)], &look);
            }
        }
        for row in scene.before.values().filter(|row| row.transport.is_inet() && !row.open) {
            if !seen.contains(&row.id) {
                self.story.table.forgotten(row.id, &look);
            }
        }
        self.shared.others.lock().expect(UNPOISONED).only(&self.story, &living);
        self.owners.retain(|inode, _| reports.iter().any(|report| report.inode == *inode));
        next
    }

    fn scene(&self) -> Scene {
        let before: HashMap<_, _> =
            self.story.table.all(self.story.host).into_iter().map(|row| (row.id, row)).collect();
        Scene {
            ends: Arc::clone(&self.shared.ends.lock().expect(UNPOISONED)),
            by_cookie: before.values().filter_map(|row| Some((row.cookie?, row.id))).collect(),
            before,
        }
    }

    /// The ports to ask about: our servers and targets, and whomever our clients and servers speak to besides.
    fn ports(&self, scene: &Scene) -> (Vec<u16>, Vec<u16>) {
        let mut tcp: Vec<u16> = scene.ends.iter().map(SocketAddr::port).collect();
        let mut udp = tcp.clone();
        for row in scene.before.values() {
            let Some(Address::Inet(local)) = &row.local else { continue };
            let known = scene
                .ends
                .iter()
                .any(|end| end.port() == local.port() || row.peer.as_ref().and_then(Address::port) == Some(end.port()));
            match row.transport {
                Transport::Tcp if !known => tcp.push(local.port()),
                Transport::Udp => udp.push(local.port()),
                _ => {}
            }
        }
        udp.extend(self.story.table.unknown_udp_peers().iter().map(SocketAddr::port));
        for ports in [&mut tcp, &mut udp] {
            ports.retain(|port| *port != 0);
            ports.sort_unstable();
            ports.dedup();
            ports.truncate(MOST_PORTS);
        }
        (tcp, udp)
    }

    /// Which socket a report is about; `None` if it has nothing to do with us. `before` are those known already, listeners among them.
    fn socket(
        &self,
        scene: &Scene,
        report: &Report,
        before: &[(SocketId, &Report)],
        living: &mut HashSet<protocol::ProgramId>,
    ) -> Option<SocketId> {
        let table = &self.story.table;
        let known = report
            .cookie
            .and_then(|cookie| table.by_cookie(self.story.host, cookie))
            .or_else(|| same_ends(scene, report));
        // One of ours that was closed while the kernel was asked is nobody else's.
        if let Some(row) = &known
            && (row.ours || row.parent.is_some() || report.inode == 0)
        {
            if let Some(program) = row.program.filter(|_| report.inode != 0) {
                living.insert(program);
            }
            return Some(row.id);
        }
        // A half-open connection that was established while the kernel was asked is another socket by its number. Its
        // end is known already, or will be when this one is seen again.
        if known.is_none()
            && report.state == Some(TcpState::SynReceived)
            && report.peer.is_some_and(|peer| table.is_connected(self.story.host, report.local, peer))
        {
            return None;
        }
        let listeners = before.iter().filter(|(_, report)| report.state == Some(TcpState::Listen));
        let local = Address::Inet(report.local);
        let ours = scene.ends.contains(&report.local);
        if ours {
            // One of a server's that its program has not accepted yet, or has closed before anybody looked.
            let peer = Address::Inet(report.peer?);
            let parent = listeners.clone().find(|(_, listener)| listener.local == report.local).map(|(id, _)| *id);
            let appears = Appearance::new(self.story.host, Transport::Tcp, report.cookie);
            let (here, there) = (Some(local.clone()), Some(peer.clone()));
            let id = table.found(Appearance { parent, local: here, peer: there, ..appears });
            table.joined(id, &local, &peer, false);
            return Some(id);
        }
        let peer = match report.peer {
            Some(peer) => (self.everything || scene.ends.contains(&peer)).then_some(peer),
            None => self.story.table.unknown_udp_peer(report.local),
        };
        if peer.is_none() && !self.everything {
            return None;
        }
        let who = self.owners.get(&report.inode);
        let program =
            who.map(|who| self.shared.others.lock().expect(UNPOISONED).program(&self.story, who, report.transport));
        living.extend(program);
        // Another program's server, inside a host, has connections of its own.
        let mut listeners = listeners.filter(|_| report.peer.is_some());
        let parent = listeners.find(|(_, listener)| listener.local.port() == report.local.port()).map(|(id, _)| *id);
        let peer = peer.map(Address::Inet);
        let local = peer.as_ref().map_or(local.clone(), |peer| self.story.as_seen_by(&local, peer));
        let told_peer = report.peer.and(peer.clone());
        let appears = Appearance::new(self.story.host, report.transport, report.cookie);
        let id = table.found(Appearance { program, parent, local: Some(local.clone()), peer: told_peer, ..appears });
        if let Some(peer) = peer {
            table.joined(id, &local, &peer, parent.is_none());
        }
        Some(id)
    }

    /// Looks up whose the new sockets are, away from the runtime's own threads.
    async fn find_owners(&mut self, scene: &Scene, reports: &[Report]) {
        let new: HashSet<u32> = reports
            .iter()
            .filter(|report| report.inode != 0 && !self.owners.contains_key(&report.inode))
            .filter(|report| !scene.ends.contains(&report.local))
            .filter(|report| {
                let known = report.cookie.and_then(|cookie| scene.by_cookie.get(&cookie));
                let known = known.and_then(|id| scene.before.get(id)).cloned().or_else(|| same_ends(scene, report));
                known.is_none_or(|row| !row.open)
            })
            .map(|report| report.inode)
            .collect();
        if new.is_empty() {
            return;
        }
        let asked = new.clone();
        let found = tokio::task::spawn_blocking(move || processes::owners(&asked)).await.unwrap_or_default();
        for inode in new {
            let who = found.get(&inode).map_or(Who::Unknown(inode), |process| Who::Process(process.clone()));
            self.owners.insert(inode, who);
        }
    }
}

/// Where the kernel tells no cookie, the ends tell which socket it is.
fn same_ends(scene: &Scene, report: &Report) -> Option<Known> {
    if report.cookie.is_some() {
        return None;
    }
    let (local, peer) = (Address::Inet(report.local), report.peer.map(Address::Inet));
    let same =
        |row: &&Known| row.transport == report.transport && row.local.as_ref() == Some(&local) && row.peer == peer;
    scene.before.values().find(same).cloned()
}

/// When a socket is to be looked at again though nobody calls anything.
fn look_again(report: &Report) -> Option<Duration> {
    let gauge = |key| report.gauges.iter().find(|(have, _)| *have == key).map_or(0, |(_, value)| *value);
    match report.state {
        // No program has it any more; the kernel says how long it stays.
        Some(TcpState::TimeWait) => Some(Duration::from_millis(report.timer.1.into()) + TICK),
        Some(TcpState::FinWait2) if report.inode == 0 => {
            Some(Duration::from_millis(u64::from(report.timer.1).clamp(10, 1_000)))
        }
        Some(TcpState::Listen) => (gauge(GaugeKey::AcceptQueue) > 0).then_some(TICK),
        Some(TcpState::Established) | None => {
            (gauge(GaugeKey::RecvQueue) > 0 || gauge(GaugeKey::SendQueue) > 0).then_some(TICK)
        }
        Some(_) => Some(TICK),
    }
}

fn sooner(one: Option<Duration>, other: Option<Duration>) -> Option<Duration> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
