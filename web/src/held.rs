//! Packets that stand still on the wire, and when their sender will lose patience.

use crate::model::Story;
use crate::model::letter::Letter;
use crate::model::story::{PacketRecord, SocketRecord};
use protocol::address::Address;
use protocol::header::{Carries, Segment, Summary, TcpFlags, summary};
use protocol::{GaugeKey, Hold, Kind, Nanos, PacketId, Seq};
use std::net::SocketAddr;

/// The kernel's number for a running retransmission timer.
const RETRANSMISSION: u64 = 1;

/// So many of the newest packets are searched for repetitions.
const RECENT: usize = 200;
/// So many are described: more nobody decides one by one.
const MOST: usize = 12;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldPacket {
    /// Which.
    pub id: PacketId,
    /// The event of its sending: its mark on the ladder.
    pub seq: Seq,
    /// Why it is held.
    pub hold: Hold,
    /// Whether it is on its way to the server; `None` where that cannot be told.
    pub to_server: Option<bool>,
    /// The flags that have a name of their own, such as `SYN, ACK`.
    pub flags: String,
    /// Bytes of data.
    pub data: u64,
    /// First and last byte in its stream, from 1.
    pub place: Option<(u32, u32)>,
    /// The letter of its bytes.
    pub letter: Option<Letter>,
    /// All its bytes, headers too.
    pub true_len: u32,
    /// Whether its bytes went over the wire before.
    pub repeats: bool,
    /// Whether its sender has sent its bytes again since.
    pub repeated: bool,
    /// When its sender sends it again, as far as the kernel told.
    pub again: Option<Nanos>,
}

/// Those that are held now, caught ones first; of very many the first.
#[must_use]
pub fn held(story: &Story) -> Vec<HeldPacket> {
    let still = story.packets().iter().filter_map(|packet| packet.held.map(|hold| (packet, hold)));
    let (caught, mut rest): (Vec<_>, Vec<_>) = still.partition(|(_, hold)| *hold == Hold::Caught);
    let mut all = caught;
    all.append(&mut rest);
    all.into_iter().take(MOST).map(|(packet, hold)| describe(story, packet, hold)).collect()
}

fn describe(story: &Story, packet: &PacketRecord, hold: Hold) -> HeldPacket {
    let summary = summary(&packet.data.0, packet.true_len as usize);
    let ends = summary.as_ref().and_then(Summary::ends);
    let sender = packet.socket.and_then(|id| story.socket(id)).or_else(|| sender(story, ends?));
    let mut told = HeldPacket {
        id: packet.id,
        seq: packet.seq,
        hold,
        to_server: sender.map(|socket| !serves(story, socket)),
        flags: String::new(),
        data: 0,
        place: None,
        letter: None,
        true_len: packet.true_len,
        repeats: false,
        repeated: false,
        again: None,
    };
    let Some(summary) = summary else { return told };
    told.data = summary.payload_len.into();
    match (summary.carries, ends) {
        (Carries::Tcp(segment), Some(ends)) => {
            tcp(story, &mut told, &segment, ends, sender);
            let waits_for_answer = told.data > 0 || segment.flags.any(TcpFlags::SYN | TcpFlags::FIN);
            (told.repeats, told.repeated) = repeats(story, packet, &segment, ends);
            told.again = sender.filter(|_| waits_for_answer).and_then(|socket| again(story, socket, packet.start));
        }
        (Carries::Icmp(_), _) => told.flags = "ICMP".into(),
        (Carries::Udp(_), _) => told.flags = "UDP".into(),
        _ => {}
    }
    told
}

fn tcp(
    story: &Story,
    told: &mut HeldPacket,
    segment: &Segment,
    ends: (SocketAddr, SocketAddr),
    sender: Option<&SocketRecord>,
) {
    let named = [(TcpFlags::SYN, "SYN"), (TcpFlags::FIN, "FIN"), (TcpFlags::RST, "RST")];
    let mut flags: Vec<&str> = named.iter().filter(|(flag, _)| segment.flags.has(*flag)).map(|one| one.1).collect();
    if segment.flags.has(TcpFlags::ACK) && told.data == 0 {
        flags.push("ACK");
    }
    told.flags = flags.join(", ");
    if told.data == 0 {
        return;
    }
    let Some(base) = base(story, ends) else { return };
    let first = segment.seq.wrapping_sub(base);
    told.place = Some((first, first.wrapping_add(told.data as u32).wrapping_sub(1)));
    // The first byte has relative number 1: the SYN is number 0 (RFC 9293, 3.4).
    let offset = u64::from(first).checked_sub(1);
    told.letter = sender.zip(offset).and_then(|(socket, offset)| story.letter_at(socket, offset));
}

/// Whether a segment with the same first byte went before this one, and after.
fn repeats(story: &Story, packet: &PacketRecord, segment: &Segment, ends: (SocketAddr, SocketAddr)) -> (bool, bool) {
    let same = |other: &&PacketRecord| {
        // A copy is the wire's work, not the sender's.
        other.id != packet.id && other.copy_of.is_none() && {
            let found = summary(&other.data.0, other.true_len as usize);
            found.is_some_and(|found| {
                let seq = found.tcp().is_some_and(|other| other.seq == segment.seq && other.flags == segment.flags);
                seq && found.ends() == Some(ends)
            })
        }
    };
    let recent = story.packets().iter().rev().take(RECENT);
    let (before, after): (Vec<_>, Vec<_>) = recent.filter(same).partition(|other| other.seq < packet.seq);
    (!before.is_empty(), !after.is_empty())
}

/// The first sequence number that this end used, from the newest SYN between these two.
fn base(story: &Story, ends: (SocketAddr, SocketAddr)) -> Option<u32> {
    story.packets().iter().rev().find_map(|packet| {
        let found = summary(&packet.data.0, packet.true_len as usize)?;
        let segment = found.tcp()?;
        (found.ends() == Some(ends) && segment.flags.has(TcpFlags::SYN)).then_some(segment.seq)
    })
}

/// The socket that sends from here to there.
fn sender(story: &Story, (from, to): (SocketAddr, SocketAddr)) -> Option<&SocketRecord> {
    let is = |address: &Option<Address>, wanted: SocketAddr| {
        address.as_ref().and_then(Address::inet).is_some_and(|address| address == wanted)
    };
    let mut sockets = story.sockets().iter().rev().filter(|socket| is(&socket.local, from));
    let connected = sockets.clone().find(|socket| is(&socket.peer, to));
    connected.or_else(|| sockets.find(|socket| socket.peer.is_none()))
}

fn serves(story: &Story, socket: &SocketRecord) -> bool {
    socket.listening.is_some() || socket.parent.is_some() || socket.program.is_some_and(|program| story.serves(program))
}

/// When the retransmission timer fires: as the kernel reported it last, else by its timeout.
fn again(story: &Story, socket: &SocketRecord, sent: Nanos) -> Option<Nanos> {
    let reported = socket.gauges.iter().rev().find_map(|place| {
        let event = story.event_at(*place);
        let Kind::Gauge(values) = &event.kind else { return None };
        let value = |key| values.iter().find(|(known, _)| *known == key).map(|(_, value)| *value);
        value(GaugeKey::TimerExpires).map(|micros| event.at.after(Nanos::from_micros(micros)))
    });
    let runs = socket.value(GaugeKey::Timer) == Some(RETRANSMISSION);
    // What the kernel reports as its timeout has grown already with every one that passed.
    let timeout = || socket.value(GaugeKey::Rto).map(|micros| sent.after(Nanos::from_micros(micros)));
    reported.filter(|fires| runs && *fires >= sent).or_else(timeout)
}

/// How many are held now.
#[must_use]
pub fn count(story: &Story) -> usize {
    story.packets().iter().filter(|packet| packet.held.is_some()).count()
}
