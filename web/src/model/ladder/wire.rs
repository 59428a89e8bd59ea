//! Packets: arrows from where and when they were sent to where and when they arrived.

use super::Pen;
use super::labels::{Turned, width};
use super::shape::{Anchor, Shape, Sign, Style, line, text, within};
use crate::model::letter::Letter;
use crate::model::mark::MarkKind;
use crate::model::say::Say;
use crate::model::story::{Ends, PacketRecord, Story};
use protocol::header::{Carries, TcpFlags};
use protocol::{Address, PacketId, ProgramId, Tap};

/// How high a label along an arrow is.
const HIGH: f64 = 11.5;
/// The box of a packet that is stopped.
const BOX: (f64, f64) = (176.0, 46.0);

/// Where a packet goes on the screen.
struct Route {
    /// From here.
    from: f64,
    /// To here.
    to: f64,
    /// 1 to the right, -1 to the left.
    way: f64,
}

/// A packet that is stopped in mid-wire, and the box it has there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stopped {
    /// Which.
    pub id: PacketId,
    /// Left.
    pub x: f64,
    /// Top.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

/// The box of a stopped packet.
pub fn stopped(pen: &Pen<'_>, packet: &PacketRecord) -> Option<Stopped> {
    let stop = packet.held.and(packet.stop)?;
    let (left, right) = pen.lanes.wire();
    let (w, h) = BOX;
    let w = w.min(pen.lanes.width - 16.0);
    let x = within(f64::midpoint(left, right) - w / 2.0, 8.0, pen.lanes.width - w - 8.0);
    // Several wait below each other.
    let before = pen.story.held().filter(|other| other.start < packet.start).count() as f64;
    let y = pen.ladder.axis().y(stop) + 10.0;
    Some(Stopped { id: packet.id, x, y: y + before * (h + 8.0), w, h })
}

/// Takes the rooms of stopped packets, before anything else is placed.
pub fn reserve(pen: &mut Pen<'_>) {
    let rooms: Vec<Stopped> = pen.story.held().filter_map(|packet| stopped(pen, packet)).collect();
    for Stopped { x, y, w, h, .. } in rooms {
        pen.placer.take(Turned::new((x + w / 2.0, y + h / 2.0), (w, h), (1.0, 0.0)));
    }
}

/// Draws one packet.
pub fn packet(pen: &mut Pen<'_>, id: PacketId) {
    let Some(packet) = pen.story.packet(id) else { return };
    let words = Words::of(pen, packet);
    let route = route(pen, packet);
    let (path, sign) = path(pen, packet, &route);
    let data = packet.payload() > 0;
    let again = pen.story.repeats(packet);
    let hue = words.letter.map(Letter::hue).filter(|_| data);
    let class = match (packet.lost.is_some(), again.is_some(), data) {
        (true, ..) => "packet lost",
        (_, true, true) => "packet data again",
        (_, true, false) => "packet again",
        (_, _, true) => "packet data",
        _ => "packet",
    };
    let style = Style::hued(class, hue);
    let mut shapes: Vec<Shape> =
        path.windows(2).map(|part| Shape::Line { from: part[0], to: part[1], style }).collect();
    if let Some(before) = again.and_then(|before| before.sent) {
        // Tied to what it repeats, along the sender's line.
        let x = route.from + route.way * 5.0;
        let (up, down) = (pen.ladder.axis().y(before), path[0].1);
        shapes.push(line((x, up), (x, down), "tie"));
        shapes.extend([up, down].map(|y| line((x, y), (x - route.way * 5.0, y), "tie")));
    }
    let [.., before, (end_x, end_y)] = path[..] else { return };
    let angle = (end_y - before.1).atan2(end_x - before.0).to_degrees();
    let turn = if sign == Sign::Head { angle } else { 0.0 };
    let style = match sign {
        Sign::Head if packet.lost.is_none() => Style::hued(if data { "head data" } else { "head" }, hue),
        _ => Style::of("cross"),
    };
    if packet.held.is_none() {
        shapes.push(Shape::Sign { sign, x: end_x, y: end_y, angle: turn, style });
    }
    let said = words.all();
    let name = match packet.lost {
        Some(why) => [&said, ", ", &pen.say(&Say::Dropped(why))].concat(),
        None => said,
    };
    pen.mark(packet.seq, MarkKind::Packet, name.clone(), packet.provenance.how, shapes);
    let mut shapes = Vec::new();
    if let Some(room) = stopped(pen, packet) {
        shapes.push(line((end_x, end_y), (end_x, room.y), "tie"));
        boxed(pen, &words, room, hue, &mut shapes);
    } else {
        label(pen, &words, &path, packet.lost.is_some(), (data, hue), &mut shapes);
    }
    if let Some(why) = packet.lost {
        let why = pen.say(&Say::Dropped(why));
        let wide = width(&why, false) * 1.08;
        let x = end_x + 14.0 * route.way;
        let left = if route.way > 0.0 { x } else { x - wide };
        let y = pen.placer.down(left, end_y - 7.0, wide, 14.0);
        let anchor = if route.way > 0.0 { Anchor::Start } else { Anchor::End };
        shapes.push(text(x, y + 11.0, anchor, why, "packet-ink lost"));
    }
    pen.over(packet.seq, MarkKind::Packet, name, packet.provenance.how, shapes);
}

/// Where it goes: from the line of its sender's socket to that of the other.
fn route(pen: &Pen<'_>, packet: &PacketRecord) -> Route {
    let (to_server, client) = direction(pen, packet);
    let left = pen.lanes.sockets.get(client).copied().unwrap_or(pen.lanes.wire().0);
    let right = pen.lanes.connections.get(client).copied().unwrap_or(pen.lanes.wire().1);
    if to_server { Route { from: left, to: right, way: 1.0 } } else { Route { from: right, to: left, way: -1.0 } }
}

/// The points of its line, and the sign at its end.
fn path(pen: &Pen<'_>, packet: &PacketRecord, route: &Route) -> (Vec<(f64, f64)>, Sign) {
    let axis = pen.ladder.axis();
    let middle = f64::midpoint(route.from, route.to);
    let top = packet.sent.map_or(super::axis::TOP, |place| axis.y(place));
    // What the wire copied begins on the wire.
    let mut points = vec![(if packet.copy_of.is_some() { middle } else { route.from }, top)];
    if let Some(stop) = packet.stop {
        points.push((middle, axis.y(stop)));
        points.extend(packet.resumed.map(|place| (middle, axis.y(place))));
    }
    let sign = if packet.lost.is_some() { Sign::Cross } else { Sign::Head };
    match (packet.done, packet.held) {
        (Some(done), _) if packet.lost.is_some() => match packet.stop {
            Some(_) => points.push((middle, axis.y(done))),
            None => points.push((route.from + (route.to - route.from) * 0.6, (top + 19.0).max(axis.y(done)))),
        },
        (Some(done), _) => points.push((route.to - route.way * 7.0, axis.y(done))),
        (None, Some(_)) => {}
        // A capture has seen it come by, once: nobody knows how long it took, so it has no slope.
        (None, None) if packet.tap == Tap::File => points.push((route.to - route.way * 7.0, top)),
        (None, None) => {
            // As far as it is by now.
            let whole = packet.due.map(|due| due.since(packet.start).0).filter(|whole| *whole > 0);
            let part = whole.map_or(0.8, |whole| pen.window.now.since(packet.start).0 as f64 / whole as f64);
            let part = part.clamp(0.15, 0.92);
            points.push((route.from + (route.to - route.from) * part, top + 30.0 * part));
        }
    }
    (points, sign)
}

/// The label along its longest stretch, where it overlaps nothing; less of it where there is no room, or none.
fn label(
    pen: &mut Pen<'_>,
    words: &Words,
    path: &[(f64, f64)],
    lost: bool,
    (data, hue): (bool, Option<u8>),
    shapes: &mut Vec<Shape>,
) {
    const ALONG: [f64; 11] = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.2, 0.8, 0.14, 0.86];
    let long = |part: &&[(f64, f64)]| (part[1].0 - part[0].0).hypot(part[1].1 - part[0].1);
    let Some([from, to]) = path.windows(2).max_by(|a, b| long(a).total_cmp(&long(b))) else { return };
    let (wide, high) = (to.0 - from.0, to.1 - from.1);
    let all = long(&&[*from, *to][..]).max(1.0);
    // Read from left to right, whichever way it flies.
    let (cos, sin) = if wide < 0.0 { (-wide / all, -high / all) } else { (wide / all, high / all) };
    let angle = sin.atan2(cos).to_degrees();
    let class = match (lost, data) {
        (true, _) => "packet-ink lost",
        (_, true) => "packet-ink data",
        _ => "packet-ink",
    };
    for said in [words.all(), words.what.clone(), words.first.clone()] {
        let wide = width(&said, false) * 1.1 + 6.0;
        // It stays between the sockets.
        let edge = wide / 2.0 / all;
        let inside = |part: &&f64| (edge - 0.02..=1.02 - edge).contains(*part);
        for part in ALONG.iter().filter(inside) {
            // Above its line.
            let (x, y) = (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part);
            let middle = (x + sin * 8.5, y - cos * 8.5);
            let room = Turned::new(middle, (wide, HIGH), (cos, sin));
            if !pen.placer.is_free(&room) {
                continue;
            }
            pen.placer.take(room);
            let (x, y) = (x + sin * 4.5, y - cos * 4.5);
            let style = Style::hued(class, hue);
            shapes.push(Shape::Text { x, y, anchor: Anchor::Middle, angle, text: said, style });
            return;
        }
    }
}

/// A packet that is stopped, large, in mid-wire.
fn boxed(pen: &mut Pen<'_>, words: &Words, room: Stopped, hue: Option<u8>, shapes: &mut Vec<Shape>) {
    let Stopped { x, y, w, h, .. } = room;
    shapes.push(Shape::Rect { x, y, w, h, r: 8.0, style: Style::hued("stopped", hue) });
    let lines = [
        (y + 19.0, words.what.clone(), "stopped-ink"),
        (y + 36.0, [&pen.say(&Say::Held), "  ", &words.place].concat(), "stopped-ink where"),
    ];
    for (y, said, class) in lines {
        let style = Style::hued(class, hue);
        shapes.push(Shape::Text { x: x + w / 2.0, y, anchor: Anchor::Middle, angle: 0.0, text: said, style });
    }
}

/// Whether it goes to the server, and in which client's lanes.
fn direction(pen: &Pen<'_>, packet: &PacketRecord) -> (bool, usize) {
    let (story, cast) = (pen.story, pen.ladder.cast());
    // The conversation tells, where it is known: the same ports may have been used before, by somebody else.
    let caller = packet.flow.and_then(|id| story.flow(id)).and_then(|flow| story.socket(flow.a.socket?));
    if let (Some(caller), Some(sender)) = (caller, packet.socket)
        && let Some(client) = cast.clients.iter().position(|id| Some(*id) == caller.program)
    {
        return (sender == caller.id, client);
    }
    let about = || match story.header(packet)?.carries {
        // An error goes back to who sent what it is about.
        Carries::Icmp(message) => message.about.map(|(src, dst)| (dst, src)),
        _ => None,
    };
    if let Some((src, dst)) = story.ends_of(packet).or_else(about) {
        let has = |address, id: &ProgramId| {
            let sockets = story.program(*id).map_or(&[][..], |program| &program.sockets);
            let local = |id| story.socket(id)?.local.as_ref().and_then(Address::inet);
            sockets.iter().any(|id| local(*id) == Some(address))
        };
        let of = |address| cast.clients.iter().position(|id| has(address, id));
        if let Some(client) = of(src) {
            return (true, client);
        }
        if let Some(client) = of(dst) {
            return (false, client);
        }
        let listener = cast.listener.and_then(|id| story.socket(id)?.local.as_ref()?.inet());
        if let Some(server) = listener {
            return (dst == server || (src != server && dst.port() == server.port()), 0);
        }
    }
    let host = |program: Option<ProgramId>| {
        let first = program.and_then(|id| story.program(id)).and_then(|program| program.calls.first());
        first.map(|at| story.calls()[*at as usize].host)
    };
    (host(cast.server) != Some(packet.host), 0)
}

/// What a packet says.
struct Words {
    /// Its flags, how many bytes, what it acknowledges.
    what: String,
    /// The first of these, for a narrow wire.
    first: String,
    /// Whose bytes, and from which to which.
    place: String,
    /// Whose.
    letter: Option<Letter>,
}

impl Words {
    fn all(&self) -> String {
        if self.place.is_empty() { self.what.clone() } else { [&self.what, "  ", &self.place].concat() }
    }

    fn of(pen: &Pen<'_>, packet: &PacketRecord) -> Self {
        let story = pen.story;
        let Some(header) = story.header(packet) else {
            let what = pen.say(&Say::DataBytes(packet.true_len.into()));
            return Self { first: what.clone(), what, place: String::new(), letter: None };
        };
        let (to_server, _) = direction(pen, packet);
        let letter = letter(story, packet, to_server);
        let name = letter.map_or(String::new(), |letter| letter.to_string() + if to_server { "" } else { "′" });
        let mut said: Vec<String> = Vec::new();
        let mut place = name.clone();
        match header.carries {
            Carries::Tcp(segment) => {
                let flags = [(TcpFlags::SYN, "SYN"), (TcpFlags::FIN, "FIN"), (TcpFlags::RST, "RST")];
                said.extend(
                    flags.iter().filter(|(flag, _)| segment.flags.has(*flag)).map(|(_, name)| (*name).to_string()),
                );
                let plain = said.is_empty() && header.payload_len == 0;
                if header.payload_len > 0 {
                    said.push(pen.say(&Say::DataBytes(header.payload_len.into())));
                    if let Some(range) = story.stretch_of(packet) {
                        let last = range.start + u64::from(header.payload_len) - 1;
                        place = [&name, " ", &range.start.to_string(), "–", &last.to_string()].concat();
                    }
                }
                if segment.flags.has(TcpFlags::ACK) {
                    match story.relative_back(packet, segment.ack).filter(|_| plain) {
                        Some(number) => said.push(["ACK ", &number.to_string()].concat()),
                        None if header.payload_len == 0 => said.push("ACK".into()),
                        None => {}
                    }
                }
                for (from, to) in segment.sack.edges().iter().filter(|_| plain) {
                    let edge = |number: u32| story.relative_back(packet, number).unwrap_or_default();
                    let range = [edge(*from).to_string(), edge(to.wrapping_sub(1)).to_string()];
                    said.push(["SACK ", &range.join("–")].concat());
                }
            }
            Carries::Icmp(message) => {
                let mtu = message.mtu.map_or(String::new(), |mtu| [", MTU ", &mtu.to_string()].concat());
                said.push(["ICMP ", &message.kind.to_string(), "/", &message.code.to_string(), &mtu].concat());
            }
            _ => match header.fragment {
                Some(fragment) => {
                    let (from, long) = (u64::from(fragment.offset), u64::from(header.payload_len));
                    said.push(pen.say(&Say::Fragment(from, (from + long).saturating_sub(1))));
                }
                None => said.push(pen.say(&Say::DataBytes(header.payload_len.into()))),
            },
        }
        if story.repeats(packet).is_some() {
            said.push(pen.say(&Say::SentAgain));
        }
        if packet.copy_of.is_some() {
            said.push(pen.say(&Say::Copied));
        }
        let first = said.first().cloned().unwrap_or_default();
        Self { what: said.join(", "), first, place: place.trim_start().to_string(), letter }
    }
}

/// The letter of its first byte.
fn letter(story: &Story, packet: &PacketRecord, to_server: bool) -> Option<Letter> {
    let (src, dst): Ends = story.ends_of(packet)?;
    let client = if to_server { src } else { dst };
    let socket = story.sender((client, if to_server { dst } else { src })).filter(|socket| socket.parent.is_none())?;
    if packet.tcp.is_some() {
        // The first byte has relative number 1.
        let start = story.relative_seq(packet)?.checked_sub(1).filter(|_| packet.payload() > 0)?;
        return story.letter_at(socket, start);
    }
    if !to_server {
        // The answer that the server sent there last.
        let sends = story.sender((src, dst))?.sends.iter().rev().map(|at| &story.calls()[*at as usize]);
        let there = |send: &&crate::model::story::CallRecord| match &send.op {
            protocol::Op::SendTo { to, .. } => to.inet() == Some(dst),
            _ => true,
        };
        let answer = sends.take(256).filter(there).find(|send| send.start <= packet.start)?;
        return story.shares(answer).first()?.letter;
    }
    // The last datagram that was sent before.
    let sends = socket.sends.iter().rev().map(|at| &story.calls()[*at as usize]);
    let mut sends = sends.filter(|send| send.start <= packet.start);
    sends.next()?.letter
}
