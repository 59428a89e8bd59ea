//! Packets that stand still on the wire, and when their sender will lose patience.

use crate::model::Story;
use crate::model::letter::Letter;
use crate::model::story::Tcp;
use crate::model::story::{PacketRecord, SocketRecord};
use protocol::header::{Carries, TcpFlags};
use protocol::{GaugeKey, Hold, Kind, Nanos, PacketId, Seq};

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
    let still = story.held().filter_map(|packet| packet.held.map(|hold| (packet, hold)));
    let (caught, mut rest): (Vec<_>, Vec<_>) = still.partition(|(_, hold)| *hold == Hold::Caught);
    let mut all = caught;
    all.append(&mut rest);
    all.into_iter().take(MOST).map(|(packet, hold)| describe(story, packet, hold)).collect()
}

fn describe(story: &Story, packet: &PacketRecord, hold: Hold) -> HeldPacket {
    let header = story.header(packet);
    let sender = packet.socket.and_then(|id| story.socket(id)).or_else(|| story.sender(story.ends_of(packet)?));
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
    told.data = packet.payload();
    match (packet.tcp, header.map(|header| header.carries)) {
        (Some(segment), _) => {
            tcp(story, &mut told, packet, segment, sender);
            let waits_for_answer = told.data > 0 || segment.flags.any(TcpFlags::SYN | TcpFlags::FIN);
            (told.repeats, told.repeated) = repeats(story, packet, segment);
            told.again = sender.filter(|_| waits_for_answer).and_then(|socket| again(story, socket, packet.start));
        }
        (_, Some(Carries::Icmp(_))) => told.flags = "ICMP".into(),
        (_, Some(Carries::Udp(_))) => told.flags = "UDP".into(),
        _ => {}
    }
    told
}

fn tcp(story: &Story, told: &mut HeldPacket, packet: &PacketRecord, segment: Tcp, sender: Option<&SocketRecord>) {
    let named = [(TcpFlags::SYN, "SYN"), (TcpFlags::FIN, "FIN"), (TcpFlags::RST, "RST")];
    let mut flags: Vec<&str> = named.iter().filter(|(flag, _)| segment.flags.has(*flag)).map(|one| one.1).collect();
    if segment.flags.has(TcpFlags::ACK) && told.data == 0 {
        flags.push("ACK");
    }
    told.flags = flags.join(", ");
    if told.data == 0 {
        return;
    }
    let Some(first) = story.relative_seq(packet) else { return };
    told.place = Some((first as u32, (first + told.data - 1) as u32));
    // The first byte has relative number 1: the SYN is number 0 (RFC 9293, 3.4).
    told.letter = sender.zip(first.checked_sub(1)).and_then(|(socket, offset)| story.letter_at(socket, offset));
}

/// Whether a segment with the same first byte went before this one, and after.
fn repeats(story: &Story, packet: &PacketRecord, segment: Tcp) -> (bool, bool) {
    let ends = story.ends_of(packet);
    let same = |other: &&PacketRecord| {
        // A copy is the wire's work, not the sender's.
        other.id != packet.id
            && other.copy_of.is_none()
            && other.tcp.is_some_and(|other| other.seq == segment.seq && other.flags == segment.flags)
            && story.ends_of(other) == ends
    };
    let recent = story.packets().iter().rev().take(RECENT);
    let (before, after): (Vec<_>, Vec<_>) = recent.filter(same).partition(|other| other.seq < packet.seq);
    (!before.is_empty(), !after.is_empty())
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
    story.held().count()
}
