//! Packets: arrows from where and when they were sent to where and when they arrived.

use super::Pen;
use super::labels::width;
use super::shape::{Anchor, Shape, Sign, Style, text};
use crate::model::mark::MarkKind;
use crate::model::say::Say;
use crate::model::story::PacketRecord;
use protocol::header::{Carries, Segment, Summary, TcpFlags, summary};
use protocol::{Event, Kind, PacketId, Stage};
use std::net::SocketAddr;

/// Both ends of a stream, the sender first.
type Ends = (SocketAddr, SocketAddr);
/// From which byte, how many, in which packet.
type Carried = (u32, u32, PacketId);

/// Where each stream's sequence numbers begin, so that they can be told from 1 on.
#[derive(Debug, Default)]
pub struct Bases {
    first: Vec<(Ends, u32)>,
    /// How far each stream was sent, relative, and by which packet.
    sent: Vec<(Ends, Vec<Carried>)>,
}

impl Bases {
    /// Learns from a packet that was sent.
    pub fn learn(&mut self, event: &Event) {
        let Kind::Packet(packet) = &event.kind else { return };
        if packet.stage != Stage::Sent {
            return;
        }
        let Some(sum) = summary(&packet.data, packet.true_len as usize) else { return };
        let (Some(ends), Carries::Tcp(segment)) = (ends(&sum), sum.carries) else { return };
        let known = self.first.iter_mut().find(|(stream, _)| *stream == ends);
        match (known, segment.flags.has(TcpFlags::SYN)) {
            (Some(known), true) if known.1 != segment.seq => {
                known.1 = segment.seq;
                self.sent.retain(|(stream, _)| *stream != ends);
            }
            (None, true) => self.first.push((ends, segment.seq)),
            // Joined in the middle: what is sent first counts as the first byte.
            (None, false) => self.first.push((ends, segment.seq.wrapping_sub(1))),
            _ => {}
        }
        if sum.payload_len > 0 {
            let start = self.relative(ends, segment.seq);
            let at = self.sent.iter().position(|(stream, _)| *stream == ends).unwrap_or_else(|| {
                self.sent.push((ends, Vec::new()));
                self.sent.len() - 1
            });
            let sent = &mut self.sent[at].1;
            if !sent.iter().rev().take(256).any(|(_, _, id)| *id == packet.id) {
                sent.push((start, sum.payload_len, packet.id));
            }
        }
    }

    fn relative(&self, ends: Ends, seq: u32) -> u32 {
        let first = self.first.iter().find(|(stream, _)| *stream == ends);
        seq.wrapping_sub(first.map_or(seq.wrapping_sub(1), |(_, first)| *first))
    }

    /// The packet that carried the same bytes before.
    fn before(&self, ends: Ends, start: u32, len: u32, id: PacketId) -> Option<PacketId> {
        let (_, sent) = self.sent.iter().find(|(stream, _)| *stream == ends)?;
        let earlier = sent.iter().take_while(|(.., other)| *other != id);
        earlier.into_iter().find(|(from, long, _)| start < from + long && *from < start + len).map(|(.., id)| *id)
    }
}

/// Both ends of a packet, source first.
fn ends(sum: &Summary) -> Option<Ends> {
    let (src, dst) = match sum.carries {
        Carries::Tcp(segment) => (segment.src_port, segment.dst_port),
        Carries::Udp(datagram) => (datagram.src_port, datagram.dst_port),
        _ => return None,
    };
    Some((SocketAddr::new(sum.src, src), SocketAddr::new(sum.dst, dst)))
}

/// Draws one packet.
pub fn packet(pen: &mut Pen<'_>, id: PacketId) {
    let Some(packet) = pen.story.packet(id) else { return };
    let Some(sum) = summary(&packet.data, packet.true_len as usize) else { return };
    let ends = ends(&sum);
    let to_server = to_server(pen, packet, ends);
    let client = ends.map_or(0, |(src, dst)| client(pen, if to_server { src } else { dst }));
    let left = pen.lanes.sockets.get(client).copied().unwrap_or(pen.lanes.wire().0);
    let right = pen.lanes.connections.get(client).copied().unwrap_or(pen.lanes.wire().1);
    let (from, to) = if to_server { (left, right) } else { (right, left) };
    let axis = pen.ladder.axis();
    let top = packet.sent.map_or(TOP_UNKNOWN, |place| axis.y(place));
    let way = if to_server { 1.0 } else { -1.0 };
    let flies = packet.end.is_none();
    let (end_x, end_y) = match (packet.lost, packet.held, packet.end) {
        (Some(_), ..) => (from + (to - from) * 0.56, top + 19.0),
        (None, Some(_), _) => (f64::midpoint(from, to), top + 14.0),
        (None, None, Some(end)) => (to - way * 7.0, axis.y_at(end)),
        (None, None, None) => (from + (to - from) * 0.8, pen.end.min(top + 30.0)),
    };
    let (words, place, again) = describe(pen, packet, &sum, ends);
    let hue = share(pen, packet, &sum, ends, to_server).map(|letter| letter % 8);
    let data = sum.payload_len > 0;
    let class = match (packet.lost.is_some(), again, data, flies) {
        (true, ..) => "packet lost",
        (_, true, ..) => "packet data again",
        (_, _, true, _) => "packet data",
        _ => "packet",
    };
    let style = Style::hued(class, hue.filter(|_| data));
    let angle = (end_y - top).atan2(end_x - from).to_degrees();
    let mut shapes = vec![Shape::Line { from: (from, top), to: (end_x, end_y), style }];
    let sign = match (packet.lost, packet.held) {
        (Some(_), _) => Sign::Cross,
        (_, Some(_)) => Sign::Pause,
        _ => Sign::Head,
    };
    let angle_of_sign = if sign == Sign::Head { angle } else { 0.0 };
    let head = match sign {
        Sign::Head => Style::hued(if data { "head data" } else { "head" }, hue.filter(|_| data)),
        _ => Style::of("cross"),
    };
    shapes.push(Shape::Sign { sign, x: end_x, y: end_y, angle: angle_of_sign, style: head });
    let wide = width(&words, false) + width(&place, true) + 16.0;
    let turned = if to_server { angle } else { angle - 180.0 };
    // Along the arrow until it is free.
    let along = [0.5, 0.38, 0.62, 0.28, 0.72, 0.2, 0.8];
    let at = |part: f64| (from + (end_x - from) * part, top + (end_y - top) * part);
    let free = |part: &f64| {
        let (x, y) = at(*part);
        pen.placer.is_free(x - wide / 2.0, y - 16.0, wide, 13.0)
    };
    let (x, y) = at(along.into_iter().find(free).unwrap_or(0.5));
    pen.placer.take(x - wide / 2.0, y - 16.0, wide, 13.0);
    let class = match (packet.lost.is_some(), data) {
        (true, _) => "packet-ink lost",
        (_, true) => "packet-ink data",
        _ => "packet-ink",
    };
    let said = if place.is_empty() { words.clone() } else { [&words, "  ", &place].concat() };
    let style = Style::hued(class, hue.filter(|_| data));
    shapes.push(Shape::Text { x, y: y - 4.0, anchor: Anchor::Middle, angle: turned, text: said.clone(), style });
    if let Some(why) = packet.lost {
        let why = pen.say(&Say::Dropped(why));
        let wide = width(&why, false);
        let x = end_x + 14.0 * way;
        let left = if way > 0.0 { x } else { x - wide };
        let y = pen.placer.down(left, end_y - 7.0, wide, 14.0);
        let anchor = if way > 0.0 { Anchor::Start } else { Anchor::End };
        shapes.push(text(x, y + 11.0, anchor, why, "packet-ink lost"));
    }
    pen.mark(packet.seq, MarkKind::Packet, said, packet.provenance.how, shapes);
}

/// For a packet whose sending was not seen.
const TOP_UNKNOWN: f64 = super::axis::TOP;

fn to_server(pen: &Pen<'_>, packet: &PacketRecord, ends: Option<Ends>) -> bool {
    if let Some((src, dst)) = ends {
        let local = pen
            .ladder
            .cast()
            .listener
            .and_then(|id| pen.story.socket(id))
            .and_then(|socket| socket.local.as_ref()?.inet());
        if let Some(server) = local {
            return dst == server || (src != server && dst.port() == server.port());
        }
    }
    let host = |program: Option<protocol::ProgramId>| {
        program
            .and_then(|id| pen.story.program(id))
            .and_then(|program| program.calls.first())
            .map(|at| pen.story.calls()[*at as usize].host)
    };
    host(pen.ladder.cast().server) != Some(packet.host)
}

/// Which client's lane a packet belongs to, by the client's address.
fn client(pen: &Pen<'_>, address: SocketAddr) -> usize {
    let has = |id: &protocol::ProgramId| {
        pen.story.program(*id).is_some_and(|program| {
            program
                .sockets
                .iter()
                .filter_map(|id| pen.story.socket(*id))
                .any(|socket| socket.local.as_ref().and_then(protocol::Address::inet) == Some(address))
        })
    };
    pen.ladder.cast().clients.iter().position(has).unwrap_or(0)
}

/// What a packet says: its words, the place of its bytes, and whether they were sent before.
fn describe(pen: &Pen<'_>, packet: &PacketRecord, sum: &Summary, ends: Option<Ends>) -> (String, String, bool) {
    match (sum.carries, ends) {
        (Carries::Tcp(segment), Some(ends)) => tcp(pen, packet, &segment, sum.payload_len, ends),
        (Carries::Udp(_), _) => (pen.say(&Say::DataBytes(sum.payload_len.into())), String::new(), false),
        (Carries::Icmp(message), _) => {
            (["ICMP ", &message.kind.to_string(), "/", &message.code.to_string()].concat(), String::new(), false)
        }
        _ => (pen.say(&Say::DataBytes(packet.true_len.into())), String::new(), false),
    }
}

fn tcp(pen: &Pen<'_>, packet: &PacketRecord, segment: &Segment, len: u32, ends: Ends) -> (String, String, bool) {
    let bases = &pen.ladder.bases;
    let back = (ends.1, ends.0);
    let mut words: Vec<String> = Vec::new();
    for (flag, name) in [(TcpFlags::SYN, "SYN"), (TcpFlags::FIN, "FIN"), (TcpFlags::RST, "RST")] {
        if segment.flags.has(flag) {
            words.push(name.into());
        }
    }
    let plain = words.is_empty() && len == 0;
    if len > 0 {
        words.push(pen.say(&Say::DataBytes(len.into())));
    }
    if segment.flags.has(TcpFlags::ACK) {
        if plain {
            words.push(["ACK ", &bases.relative(back, segment.ack).to_string()].concat());
        } else if len == 0 {
            words.push("ACK".into());
        }
    }
    let mut place = String::new();
    let mut again = false;
    if len > 0 {
        let start = bases.relative(ends, segment.seq);
        place = [&start.to_string(), "–", &(start + len - 1).to_string()].concat();
        again = bases.before(ends, start, len, packet.id).is_some();
        if again {
            words.push(pen.say(&Say::SentAgain));
        }
    }
    (words.join(", "), place, again)
}

/// The hue of the first byte of a packet.
fn share(pen: &Pen<'_>, packet: &PacketRecord, sum: &Summary, ends: Option<Ends>, to_server: bool) -> Option<u8> {
    let ends = ends?;
    let (src, dst) = ends;
    let address = if to_server { src } else { dst };
    let local = |socket: &&crate::model::story::SocketRecord| {
        socket.local.as_ref().and_then(protocol::Address::inet) == Some(address)
    };
    let socket = pen.story.sockets().iter().rev().find(|socket| socket.parent.is_none() && local(socket))?;
    match sum.carries {
        Carries::Tcp(segment) => {
            // The first byte has relative number 1.
            let start = u64::from(pen.ladder.bases.relative(ends, segment.seq)).checked_sub(1)?;
            pen.story.letter_at(socket, start).map(crate::model::letter::Letter::hue)
        }
        _ => {
            let sends = socket.sends.iter().rev().map(|at| &pen.story.calls()[*at as usize]);
            sends.into_iter().find(|send| send.start <= packet.start)?.letter.map(crate::model::letter::Letter::hue)
        }
    }
}
