//! Which packets of a trace one place saw, when, and what is to be said about them. No I/O: it is fed events.

use super::pcapng;
use protocol::header::summary;
use protocol::{
    Arg, Bytes, DropReason, Event, Hold, HostId, Kind, Nanos, NoteId, Packet, PacketId, Place, Stage, Tap, WorldKind,
};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Events are recorded late: a packet waits so long until nothing earlier can come any more.
const WINDOW: Nanos = Nanos::from_millis(50);
/// Packets whose bytes are kept until they arrive; a wire holds no more.
const MOST_UNDER_WAY: usize = 65_536;
/// Packets whose fate is remembered, each in a few words.
const MOST_FATES: usize = 262_144;
/// The client host's addresses.
const CLIENT_ADDRESSES: [IpAddr; 2] =
    [IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), IpAddr::V6(Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 1))];
/// Notes that wait for the next packet.
const MOST_NOTES: usize = 64;

/// Where packets are seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// On our wire: each packet once, when it is given to it; copies too.
    Wire,
    /// At the client host: what it sends, and what arrives there.
    Client,
    /// At the server host.
    Server,
    /// On this computer's loopback interface.
    Loopback,
}

impl Where {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Wire, Self::Client, Self::Server, Self::Loopback];

    /// As in `tap=`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Wire => "wire",
            Self::Client => "client",
            Self::Server => "server",
            Self::Loopback => "loopback",
        }
    }

    /// For a reader of the file.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::Wire => "the wire between the two hosts, when packets are given to it",
            Self::Client => "the client host: what it sends, and what arrives there",
            Self::Server => "the server host: what it sends, and what arrives there",
            Self::Loopback => "the loopback interface of this computer, only the ports of Socketscope",
        }
    }
}

/// What became of packets, told before they are written: it is known only later in the trace.
#[derive(Debug, Default)]
pub struct Fates(HashMap<PacketId, String>);

impl Fates {
    /// Takes one event.
    pub fn take(&mut self, event: &Event) {
        let Kind::Packet(packet) = &event.kind else { return };
        let words = match packet.stage {
            Stage::Dropped(why) => format!("dropped: {}", words_of(why)),
            Stage::Held(Hold::Caught) => "caught".to_owned(),
            Stage::Held(Hold::Wire) => "held".to_owned(),
            Stage::Released => "let go".to_owned(),
            Stage::Fragmented => "cut into fragments by the wire".to_owned(),
            Stage::Sent | Stage::Delivered | Stage::Duplicated | Stage::Scheduled(_) => return,
        };
        if self.0.len() < MOST_FATES || self.0.contains_key(&packet.id) {
            let all = self.0.entry(packet.id).or_default();
            if !all.is_empty() {
                all.push_str(", ");
            }
            all.push_str(&words);
        }
    }
}

/// Turns events into the blocks of a file.
pub struct Writer {
    place: Where,
    fates: Fates,
    /// Nanoseconds from 1970 to the epoch's time zero.
    zero: u64,
    hosts: HashMap<HostId, String>,
    /// Bytes of packets that may still arrive, or be copied.
    under_way: HashMap<PacketId, (Bytes, HostId)>,
    notes: Vec<String>,
    /// Blocks by time, until nothing earlier can come.
    waiting: BTreeMap<(Nanos, u64), Vec<u8>>,
    latest: Nanos,
    dropped: u64,
}

impl Writer {
    /// A writer for one place; `zero` is the epoch's beginning in nanoseconds since 1970.
    #[must_use]
    pub fn new(place: Where, fates: Fates, zero: u64) -> Self {
        Self {
            place,
            fates,
            zero,
            hosts: HashMap::new(),
            under_way: HashMap::new(),
            notes: Vec::new(),
            waiting: BTreeMap::new(),
            latest: Nanos(0),
            dropped: 0,
        }
    }

    /// The start of the file.
    #[must_use]
    pub fn head(&self) -> Vec<u8> {
        let application = concat!("Socketscope ", env!("CARGO_PKG_VERSION"));
        pcapng::head(application, self.place.name(), self.place.description(), 0)
    }

    /// Takes one event.
    pub fn take(&mut self, event: &Event) {
        self.latest = self.latest.max(event.at);
        match &event.kind {
            Kind::Host { name, world: WorldKind::TwoHosts | WorldKind::InThisPage, .. } => {
                self.hosts.insert(event.about.host, name.to_ascii_lowercase());
            }
            Kind::Note(id, args) if self.notes.len() < MOST_NOTES => self.notes.push(note(*id, args)),
            Kind::Dropped { place: Place::Capture, count } => self.dropped += count,
            Kind::Packet(packet) => self.packet(event, packet),
            _ => {}
        }
    }

    /// What can be written by now.
    pub fn ready(&mut self) -> Vec<u8> {
        let until = Nanos(self.latest.0.saturating_sub(WINDOW.0));
        let later = self.waiting.split_off(&(until, 0));
        std::mem::replace(&mut self.waiting, later).into_values().collect::<Vec<_>>().concat()
    }

    /// The rest of the file.
    pub fn end(&mut self) -> Vec<u8> {
        let mut rest = std::mem::take(&mut self.waiting).into_values().collect::<Vec<_>>().concat();
        rest.extend(pcapng::statistics(self.zero.saturating_add(self.latest.0), self.dropped));
        rest
    }

    fn packet(&mut self, event: &Event, packet: &Packet) {
        let begins = matches!(packet.stage, Stage::Sent | Stage::Duplicated);
        if begins {
            let of = packet.copy_of.filter(|_| packet.stage == Stage::Duplicated);
            let known = of.and_then(|id| self.under_way.get(&id)).cloned();
            let (data, sender) = known.unwrap_or_else(|| (packet.data.clone(), event.about.host));
            if self.under_way.len() < MOST_UNDER_WAY {
                self.under_way.insert(packet.id, (data.clone(), sender));
            }
        }
        let Some((data, sender)) = self.under_way.get(&packet.id) else { return };
        let client = self.hosts.get(sender).map_or_else(|| is_clients(data), |host| host.contains("client"));
        let its_own = client == (self.place == Where::Client);
        let seen = match (self.place, packet.stage) {
            (Where::Loopback, Stage::Sent) => packet.tap == Tap::Loopback,
            (Where::Wire, Stage::Sent | Stage::Duplicated) => packet.tap == Tap::Wire,
            // What a host did not make itself it has not sent: copies and fragments are the wire's.
            (Where::Client | Where::Server, Stage::Sent) => {
                packet.tap == Tap::Wire && packet.copy_of.is_none() && its_own
            }
            (Where::Client | Where::Server, Stage::Delivered) => packet.tap == Tap::Wire && !its_own,
            _ => false,
        };
        if seen {
            let mut comments = std::mem::take(&mut self.notes);
            let copy = match packet.stage {
                Stage::Duplicated => Some("copied by the wire"),
                _ if packet.copy_of.is_some() => Some("a copy, or a fragment, made by the wire"),
                _ => None,
            };
            comments.extend(copy.map(str::to_owned));
            // A host knows nothing of what became of its packet, nor does one that it reached.
            let fate = self.fates.0.get(&packet.id).filter(|_| packet.stage != Stage::Delivered);
            comments.extend(fate.cloned());
            let time = self.zero.saturating_add(event.at.0);
            let block = pcapng::packet(time, data, packet.true_len, &comments);
            self.waiting.insert((event.at, event.seq.0), block);
        }
        if matches!(packet.stage, Stage::Delivered | Stage::Dropped(_)) {
            self.under_way.remove(&packet.id);
        }
    }
}

/// Whether the client host sent it, by its address: in a long trace the hosts' introduction has fallen out.
fn is_clients(data: &[u8]) -> bool {
    let source = summary(data, data.len()).map(|header| header.src);
    source.is_some_and(|source| CLIENT_ADDRESSES.contains(&source))
}

fn words_of(why: DropReason) -> &'static str {
    match why {
        DropReason::ByYou => "by you",
        DropReason::Loss => "random loss",
        DropReason::Cut => "the cable is cut",
        DropReason::QueueFull => "the queue before the rate limit is full",
        DropReason::TooBig => "larger than the path's MTU",
        DropReason::AcceptQueueFull => "the accept queue is full",
        DropReason::Interface => "the receiving interface took no more",
    }
}

fn note(id: NoteId, args: &[Arg]) -> String {
    let mut text = format!("note: {id:?}");
    for arg in args {
        // Writing to a String does not fail.
        let _ = match arg {
            Arg::Count(count) => write!(text, " {count}"),
            Arg::Time(time) => write!(text, " {:.3} ms", time.as_millis()),
            Arg::Text(words) => write!(text, " {words}"),
            Arg::At(address) => write!(text, " {address}"),
        };
    }
    text
}

#[cfg(test)]
mod tests;
