//! The byte tracker: one ruler, the same x is the same byte, from the client's `send` to the client's `recv`.

use super::ladder::{Anchor, Shape, Style, width};
use super::letter::Share;
use super::say::TrackerRow;
use super::story::{CallRecord, SocketRecord, Story};
use super::wording::visible;
use super::{MarkKind, Say};
use protocol::{GaugeKey, How, Kind, Nanos, ProgramId, Seq, Span, Transport};
use std::ops::Range;

/// What the tracker shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Tracker {
    /// The bytes on the ruler.
    pub ruler: Range<u64>,
    /// Rows from the client's `send` to the client's `recv`.
    pub rows: Vec<Row>,
    /// What it teaches.
    pub moral: Say,
    /// Whether there are earlier bytes that are not on the ruler.
    pub earlier: bool,
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Which.
    pub row: TrackerRow,
    /// Its blocks; between two of them is an edge.
    pub blocks: Vec<Block>,
    /// How many, for the column on the right.
    pub count: Say,
}

/// What one call moved.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The call; 0 for the receive buffer.
    pub seq: Seq,
    /// Where it is on the ruler.
    pub range: Range<u64>,
    /// Whose bytes, and which.
    pub pieces: Vec<Piece>,
    /// Bytes at its end that were cut off and are gone.
    pub cut: u64,
    /// Whether the call failed or has not returned.
    pub pending: bool,
    /// What became of it on the wire.
    pub fate: Fate,
    /// How it is known.
    pub how: How,
}

/// What became of bytes on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// They went through, or never saw a wire.
    Plain,
    /// They were sent more than once.
    Again,
    /// They did not arrive.
    Lost,
}

/// Bytes of one send inside a block.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// Where it is on the ruler.
    pub range: Range<u64>,
    /// The letter, with a prime for an answer.
    pub letter: String,
    /// The hue.
    pub hue: Option<u8>,
    /// Whether it is an answer: outlined.
    pub answer: bool,
    /// The bytes, visible.
    pub text: String,
}

/// The tracker of a client's newest socket: its last exchange, or all bytes.
#[must_use]
pub fn tracker(story: &Story, client: ProgramId, all: bool) -> Option<Tracker> {
    let socket = story.last_socket(client)?;
    let sends = calls(story, &socket.sends);
    if sends.is_empty() {
        return None;
    }
    if socket.transport.is_none_or(Transport::is_stream) {
        stream(story, socket, all)
    } else {
        datagrams(story, socket, all)
    }
}

fn calls<'a>(story: &'a Story, places: &[u32]) -> Vec<&'a CallRecord> {
    places.iter().map(|at| &story.calls()[*at as usize]).collect()
}

fn stream(story: &Story, socket: &SocketRecord, all: bool) -> Option<Tracker> {
    let peer = story.peer(socket.id);
    let back = calls(story, &socket.recvs);
    // An empty send moves nothing in a stream.
    let sends: Vec<_> = calls(story, &socket.sends).into_iter().filter(|send| send.bytes() > 0).collect();
    let end = sends.iter().filter_map(|send| story.stretch(send)).map(|range| range.end).max()?;
    // The exchange begins with the last send before which everything had come back.
    let quiet = |send: &&&CallRecord| {
        let Some(range) = story.stretch(send) else { return false };
        let there = back
            .iter()
            .filter(|recv| recv.end.is_some_and(|end| end <= send.start))
            .filter_map(|recv| story.stretch(recv));
        there.map(|range| range.end).max().unwrap_or(0) >= range.start
    };
    let first = sends.iter().rev().find(quiet).and_then(|send| story.stretch(send)).map_or(0, |range| range.start);
    let start = if all { 0 } else { first };
    let within = |list: &[u32]| -> Vec<Block> {
        let moved = calls(story, list).into_iter().filter_map(|call| Some((call, story.stretch(call)?)));
        moved
            .filter(|(_, range)| range.end > start && range.start < range.end)
            .map(|(call, range)| block(story, call, range, start))
            .collect()
    };
    let mut rows = Vec::new();
    let sent = within(&socket.sends);
    let mut moral = (sent.len() as u32, 0, 0);
    push(&mut rows, TrackerRow::ClientSend, sent);
    let segments = segments(story, socket, start..end);
    let count = segments.len() as u32;
    if count > 0 {
        let of = |fate: Fate| segments.iter().filter(|block| block.fate == fate).count() as u32;
        let said = Say::Segments { count, again: of(Fate::Again), lost: of(Fate::Lost) };
        rows.push(Row { row: TrackerRow::Segments, blocks: segments, count: said });
    }
    if let Some(peer) = peer {
        let got = within(&peer.recvs);
        let read = calls(story, &peer.recvs)
            .iter()
            .filter_map(|recv| story.stretch(recv))
            .map(|range| range.end)
            .max()
            .unwrap_or(0);
        if let Some(waiting) = unread(story, peer, read, end) {
            moral.2 = waiting.range.end - waiting.range.start;
            let count = Say::Counted(TrackerRow::Buffer, moral.2 as u32);
            rows.push(Row { row: TrackerRow::Buffer, count, blocks: vec![waiting] });
        }
        moral.1 = got.len() as u32;
        push(&mut rows, TrackerRow::ServerRecv, got);
        push(&mut rows, TrackerRow::ServerSend, within(&peer.sends));
    }
    push(&mut rows, TrackerRow::ClientRecv, within(&socket.recvs));
    let transport = socket.transport.unwrap_or(Transport::Tcp);
    let segments = (count > 0).then_some(count);
    let moral = Say::Moral { transport, sends: moral.0, segments, recvs: moral.1, cut: 0, unread: moral.2 };
    Some(Tracker { ruler: start..end.max(start + 1), rows, moral, earlier: first > 0 })
}

fn push(rows: &mut Vec<Row>, row: TrackerRow, blocks: Vec<Block>) {
    let count = if blocks.is_empty() { Say::Code(String::new()) } else { Say::Counted(row, blocks.len() as u32) };
    rows.push(Row { row, count, blocks });
}

/// The stretches of a stream that segments carried, each once, with what became of it.
fn segments(story: &Story, socket: &SocketRecord, within: Range<u64>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for packet in story.segments_of(socket) {
        let Some(first) = story.relative_seq(packet).and_then(|first| first.checked_sub(1)) else { continue };
        let range = first.max(within.start)..(first + packet.payload()).min(within.end);
        if range.is_empty() {
            continue;
        }
        let lost = packet.lost.is_some();
        // A retransmission may join or part what it repeats: what it covers was sent again.
        let mut covered = false;
        for known in blocks.iter_mut().filter(|known| known.range.start < range.end && range.start < known.range.end) {
            covered |= known.range.start <= range.start && range.end <= known.range.end;
            known.fate = if lost && known.fate == Fate::Lost { Fate::Lost } else { Fate::Again };
        }
        if !covered {
            let shares = story.sent_in(socket, &range);
            let pieces = shares.iter().map(|share| {
                let (letter, hue) = name(share);
                let text = String::new();
                Piece { range: share.start..share.start + share.len, letter, hue, answer: false, text }
            });
            let (pieces, fate) = (pieces.collect(), if lost { Fate::Lost } else { Fate::Plain });
            let how = packet.provenance.how;
            let place = blocks.partition_point(|known| known.range.start < range.start);
            blocks.insert(place, Block { seq: packet.seq, range, pieces, cut: 0, pending: false, fate, how });
        }
    }
    blocks
}

/// What the kernel said is in the receive buffer, if it said so after the last receive.
fn unread(story: &Story, socket: &SocketRecord, read: u64, sent: u64) -> Option<Block> {
    let last = calls(story, &socket.recvs).iter().filter_map(|recv| recv.end).max().unwrap_or_default();
    let told = socket.gauges.iter().rev().map(|place| story.event_at(*place)).find_map(|event| match &event.kind {
        Kind::Gauge(values) => {
            values.iter().find(|(key, _)| *key == GaugeKey::RecvQueue).map(|(_, value)| (event.at, event.seq, *value))
        }
        _ => None,
    });
    let (_, seq, count) = told.filter(|(at, _, count)| *at >= last && *count > 0)?;
    let range = read..(read + count).min(sent.max(read + 1));
    let peer = story.peer(socket.id)?;
    let mut pieces = Vec::new();
    for send in calls(story, &peer.sends) {
        let Some(sent) = story.stretch(send) else { continue };
        let (from, to) = (sent.start.max(range.start), sent.end.min(range.end));
        if from < to {
            let data = story.data(send);
            let text = visible(slice(data, from - sent.start, to - sent.start));
            let (letter, hue) = name(&Share { letter: send.letter, answer: false, start: from, len: to - from });
            pieces.push(Piece { range: from..to, letter, hue, answer: false, text });
        }
    }
    Some(Block { seq, range, pieces, cut: 0, pending: true, fate: Fate::Plain, how: How::Reported })
}

fn name(share: &Share) -> (String, Option<u8>) {
    (share.name(), share.letter.map(super::Letter::hue))
}

fn slice(data: &[u8], from: u64, to: u64) -> &[u8] {
    let most = data.len() as u64;
    &data[from.min(most) as usize..to.min(most) as usize]
}

fn block(story: &Story, call: &CallRecord, range: Range<u64>, start: u64) -> Block {
    let data = story.data(call);
    let shares = story.shares(call);
    let pieces = shares.iter().filter(|share| share.start + share.len > start).map(|share| {
        let from = share.start - range.start;
        let (letter, hue) = name(share);
        let text = visible(slice(data, from, from + share.len));
        Piece { range: share.start.max(start)..share.start + share.len, letter, hue, answer: share.answer, text }
    });
    let pieces = pieces.collect();
    let range = range.start.max(start)..range.end;
    let (pending, how) = (call.outcome.is_none(), call.provenance.how);
    Block { seq: call.seq, range, pieces, cut: 0, pending, fate: Fate::Plain, how }
}

/// Datagrams lie side by side on the ruler, in the order in which they were sent.
fn datagrams(story: &Story, socket: &SocketRecord, all: bool) -> Option<Tracker> {
    const PAUSE: Nanos = Nanos::from_millis(2_000);
    let sends = calls(story, &socket.sends);
    let mut first = 0;
    for (n, send) in sends.iter().enumerate().skip(1) {
        // An answered datagram, or one nobody answered for long, belongs to an exchange before.
        let answered =
            calls(story, &socket.recvs).iter().filter(|recv| recv.end.is_some_and(|end| end <= send.start)).count();
        if answered >= n || send.start.since(sends[n - 1].start) > PAUSE {
            first = n;
        }
    }
    let shown = if all { &sends[..] } else { &sends[first..] };
    let mut at = 0;
    let mut places: Vec<(&CallRecord, Range<u64>)> = Vec::new();
    for send in shown {
        // An empty datagram is a card too.
        let long = send.bytes().max(1);
        places.push((send, at..at + long));
        at += long;
    }
    let end = at.max(1);
    let letter_place = |call: &CallRecord| {
        let share = story.shares(call).first().copied()?;
        places.iter().find(|(send, _)| send.letter == share.letter).map(|(_, range)| range.clone())
    };
    let card = |call: &CallRecord, place: Range<u64>| {
        let long = call.bytes().max(1).min(place.end - place.start);
        let range = place.start..place.start + long;
        let true_len = match call.span {
            Some(Span::Datagram { true_len: Some(len), .. }) if call.receives() => u64::from(len),
            _ => call.bytes(),
        };
        let shares = story.shares(call);
        let pieces = shares.iter().map(|share| {
            let (letter, hue) = name(share);
            Piece { range: range.clone(), letter, hue, answer: share.answer, text: visible(story.data(call)) }
        });
        let cut = true_len.saturating_sub(call.bytes());
        Block {
            seq: call.seq,
            pieces: pieces.collect(),
            range,
            cut,
            pending: call.outcome.is_none(),
            fate: Fate::Plain,
            how: call.provenance.how,
        }
    };
    let mut rows = Vec::new();
    push(&mut rows, TrackerRow::ClientSend, places.iter().map(|(send, place)| card(send, place.clone())).collect());
    let of = |list: &[u32]| -> Vec<Block> {
        let done = calls(story, list).into_iter().filter(|call| matches!(call.span, Some(Span::Datagram { .. })));
        done.filter_map(|call| Some(card(call, letter_place(call)?))).collect()
    };
    let server = server_socket(story, socket);
    let (mut recvs, mut cut) = (0, 0);
    if let Some(server) = server {
        let got = of(&server.recvs);
        recvs = got.len() as u32;
        cut = got.iter().map(|block| block.cut).sum();
        push(&mut rows, TrackerRow::ServerRecv, got);
        push(&mut rows, TrackerRow::ServerSend, of(&server.sends));
    }
    push(&mut rows, TrackerRow::ClientRecv, of(&socket.recvs));
    let transport = socket.transport.unwrap_or(Transport::Udp);
    let moral = Say::Moral { transport, sends: shown.len() as u32, segments: None, recvs, cut, unread: 0 };
    Some(Tracker { ruler: 0..end, rows, moral, earlier: first > 0 })
}

/// The socket that received a client's datagrams.
fn server_socket<'a>(story: &'a Story, socket: &SocketRecord) -> Option<&'a SocketRecord> {
    story.peer(socket.id).or_else(|| {
        let serves = |other: &&SocketRecord| {
            other.id != socket.id
                && other.transport == socket.transport
                && other.program.is_some_and(|id| story.serves(id))
        };
        let to = calls(story, &socket.sends).last().and_then(|send| match &send.op {
            protocol::Op::SendTo { to, .. } => Some(to.clone()),
            _ => socket.peer.clone(),
        });
        let servers = || story.sockets().iter().filter(serves);
        servers().find(|server| server.local == to).or(servers().next())
    })
}

/// Width of the names on the left, CSS pixels.
const NAMES: f64 = 112.0;
/// Width of the counts on the right.
const COUNTS: f64 = 178.0;
/// From row to row.
const PITCH: f64 = 22.0;
/// How high a row is.
const HIGH: f64 = 19.0;

/// How high a tracker is drawn, CSS pixels.
#[must_use]
pub fn height(tracker: &Tracker) -> f64 {
    tracker.rows.len() as f64 * PITCH + 18.0
}

/// A row, drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnRow {
    /// Which; none for the ruler.
    pub row: Option<TrackerRow>,
    /// Its name, its ground and its count.
    pub scenery: Vec<Shape>,
    /// Its blocks.
    pub blocks: Vec<DrawnBlock>,
}

/// A block, drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnBlock {
    /// The call or packet; 0 for none.
    pub seq: Seq,
    /// What sort of mark it is.
    pub kind: MarkKind,
    /// Its name for those who do not see it.
    pub name: String,
    /// Each send's part in it: letter, bytes, shapes.
    pub pieces: Vec<(String, u64, Vec<Shape>)>,
    /// Its edge.
    pub edge: Vec<Shape>,
}

/// Draws a tracker.
#[must_use]
pub fn draw(tracker: &Tracker, all: f64, say: &dyn Fn(&Say) -> String) -> Vec<DrawnRow> {
    let (names, right) = if all < 640.0 { (92.0, 2.0) } else { (NAMES, COUNTS) };
    let room = (all - names - right - 12.0).max(120.0);
    let long = (tracker.ruler.end - tracker.ruler.start) as f64;
    let x = |byte: u64| names + (byte.saturating_sub(tracker.ruler.start)) as f64 / long * room;
    let mut rows = Vec::new();
    for (n, row) in tracker.rows.iter().enumerate() {
        let y = n as f64 * PITCH + 2.0;
        let mut scenery = vec![
            plain(2.0, y + 14.0, Anchor::Start, say(&Say::Row(row.row)), "row-name"),
            Shape::Rect { x: names, y, w: room, h: HIGH, r: 4.0, style: Style::of("track") },
        ];
        if right >= COUNTS {
            scenery.push(plain(names + room + 10.0, y + 14.0, Anchor::Start, say(&row.count), "row-name"));
        }
        let blocks = row.blocks.iter().map(|block| one(block, row.row, &x, y, say)).collect();
        rows.push(DrawnRow { row: Some(row.row), scenery, blocks });
    }
    let y = tracker.rows.len() as f64 * PITCH + 12.0;
    let tick = |byte: u64, anchor| plain(x(byte), y, anchor, byte.to_string(), "ruler");
    let ticks = vec![tick(tracker.ruler.start, Anchor::Start), tick(tracker.ruler.end, Anchor::End)];
    rows.push(DrawnRow { row: None, scenery: ticks, blocks: Vec::new() });
    rows
}

fn plain(x: f64, y: f64, anchor: Anchor, text: String, class: &'static str) -> Shape {
    Shape::Text { x, y, anchor, angle: 0.0, text, style: Style::of(class) }
}

fn one(block: &Block, row: TrackerRow, x: &dyn Fn(u64) -> f64, y: f64, say: &dyn Fn(&Say) -> String) -> DrawnBlock {
    let bytes = block.range.end - block.range.start;
    let mut what = bytes.to_string();
    let mut pieces = Vec::new();
    for piece in &block.pieces {
        let (from, to) = (x(piece.range.start), x(piece.range.end));
        let (face, ink) = match (piece.answer, row, block.fate) {
            (.., Fate::Lost) => ("byte lost", "byte-ink lost"),
            (true, ..) => ("byte answer", "byte-ink answer"),
            (_, TrackerRow::Buffer, _) => ("byte kept", "byte-ink answer"),
            _ => ("byte", "byte-ink"),
        };
        // Inside, so that an outline does not reach into its neighbour.
        let inset = if face == "byte" { 0.0 } else { 0.8 };
        let (w, h) = ((to - from - inset * 2.0).max(1.0), HIGH - inset * 2.0);
        let part =
            |class| Shape::Rect { x: from + inset, y: y + inset, w, h, r: 3.0, style: Style::hued(class, piece.hue) };
        let mut shapes = vec![part(face)];
        if block.fate == Fate::Again {
            shapes.push(part("hatched"));
        }
        let held = piece.range.end - piece.range.start;
        let count = (block.pieces.len() == 1 && (held > 40 || row == TrackerRow::Segments))
            .then(|| [" ", &held.to_string()].concat());
        let text = [&piece.letter, count.as_deref().unwrap_or_default(), " ", &piece.text].concat();
        let fitted = fit(text.trim(), to - from - 9.0);
        if !fitted.is_empty() {
            let style = Style::hued(ink, piece.hue);
            let at = (from + 5.0, y + 14.0);
            shapes.push(Shape::Text { x: at.0, y: at.1, anchor: Anchor::Start, angle: 0.0, text: fitted, style });
        }
        what = [&what, " ", &piece.letter].concat();
        pieces.push((piece.letter.clone(), held, shapes));
    }
    // The edge: a send or receive ends here.
    let end = x(block.range.end);
    let mut edge = vec![Shape::Rect { x: end - 1.5, y: y - 1.0, w: 3.0, h: 21.0, r: 0.0, style: Style::of("edge") }];
    if block.cut > 0 {
        edge.push(plain(end + 4.0, y + 14.0, Anchor::Start, say(&Say::CutOff(block.cut)), "cut"));
    }
    let name = say(&Say::Named { who: say(&Say::Row(row)), what: Box::new(Say::Code(what)) });
    let kind = if row == TrackerRow::Segments { MarkKind::Packet } else { MarkKind::Call };
    DrawnBlock { seq: block.seq, kind, name, pieces, edge }
}

/// As much of a text as fits, with an ellipsis where some is missing.
fn fit(text: &str, room: f64) -> String {
    if width(text, true) <= room {
        return text.to_string();
    }
    let mut fitted = String::new();
    let mut wide = width("…", true);
    for letter in text.chars() {
        wide += width(letter.encode_utf8(&mut [0; 4]), true);
        if wide > room {
            break;
        }
        fitted.push(letter);
    }
    if fitted.is_empty() { fitted } else { fitted + "…" }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;
    use crate::model::story::tell::{LISTENER, SERVER, Teller, at, three_in_one};
    use expect_test::expect;
    use protocol::{Op, Role, SocketId};

    const CLIENT: ProgramId = ProgramId(2);

    fn told(tracker: &Tracker) -> String {
        let mut said = String::new();
        for row in &tracker.rows {
            let piece = |piece: &Piece| format!("{}{:?} {}", piece.letter, piece.range, &fit(&piece.text, 100.0));
            let block = |block: &Block| {
                let cut = if block.cut > 0 { format!(" ✂{}", block.cut) } else { String::new() };
                format!("[{}{cut}]", block.pieces.iter().map(piece).collect::<Vec<_>>().join(", "))
            };
            said += &format!("{:?}: {}\n", row.row, row.blocks.iter().map(block).collect::<Vec<_>>().join(" "));
        }
        said + &format!("{:?}\n", tracker.moral)
    }

    #[test]
    fn three_sends_end_in_one_recv() {
        expect![[r#"
            ClientSend: [A0..3 one] [B3..6 two] [C6..11 three]
            ServerRecv: [A0..3 one, B3..6 two, C6..11 three]
            ServerSend: [A′0..3 ONE, B′3..6 TWO, C′6..11 THREE]
            ClientRecv: [A′0..3 ONE, B′3..6 TWO, C′6..11 THREE]
            Moral { transport: Tcp, sends: 3, segments: None, recvs: 1, cut: 0, unread: 0 }
        "#]]
        .assert_eq(&told(&tracker(&three_in_one().story(), CLIENT, false).unwrap()));
    }

    #[test]
    fn unread_bytes_lie_in_the_buffer() {
        let (socket, conn) = (SocketId(2), SocketId(3));
        let mut tell = Teller::tcp();
        tell.connected(1_000, CLIENT, socket, conn, 41022);
        tell.send(2_000, 2_010, CLIENT, socket, "one");
        tell.send(3_000, 3_010, CLIENT, socket, "two\n");
        tell.gauge(3_050, conn, &[(GaugeKey::RecvQueue, 7)]);
        expect![[r#"
            ClientSend: [A0..3 one] [B3..7 two↵]
            Buffer: [A0..3 one, B3..7 two↵]
            ServerRecv: 
            ServerSend: 
            ClientRecv: 
            Moral { transport: Tcp, sends: 2, segments: None, recvs: 0, cut: 0, unread: 7 }
        "#]]
        .assert_eq(&told(&tracker(&tell.story(), CLIENT, false).unwrap()));
    }

    #[test]
    fn three_thousand_bytes_show_the_share_of_every_recv() {
        let (socket, conn) = (SocketId(2), SocketId(3));
        let mut tell = Teller::tcp();
        tell.connected(1_000, CLIENT, socket, conn, 41022);
        tell.send(2_000, 2_010, CLIENT, socket, &"x".repeat(3000));
        for (at, len) in [(2_020, 1024), (2_040, 1024), (2_060, 952)] {
            tell.recv(at, at + 5, SERVER, conn, &"x".repeat(len));
            tell.send(at + 6, at + 9, SERVER, conn, &"X".repeat(len));
        }
        expect![[r#"
            ClientSend: [A0..3000 xxxxxxxxxxxx…]
            ServerRecv: [A0..1024 xxxxxxxxxxxx…] [A1024..2048 xxxxxxxxxxxx…] [A2048..3000 xxxxxxxxxxxx…]
            ServerSend: [A′0..1024 XXXXXXXXXXXX…] [A′1024..2048 XXXXXXXXXXXX…] [A′2048..3000 XXXXXXXXXXXX…]
            ClientRecv: 
            Moral { transport: Tcp, sends: 1, segments: None, recvs: 3, cut: 0, unread: 0 }
        "#]]
        .assert_eq(&told(&tracker(&tell.story(), CLIENT, false).unwrap()));
    }

    #[test]
    fn the_last_exchange_begins_where_nothing_was_outstanding() {
        let (socket, conn) = (SocketId(2), SocketId(3));
        let mut tell = Teller::tcp();
        tell.connected(1_000, CLIENT, socket, conn, 41022);
        for at in [2_000, 4_000] {
            tell.send(at, at + 10, CLIENT, socket, "hello");
            tell.recv(at + 20, at + 25, SERVER, conn, "hello");
            tell.send(at + 30, at + 35, SERVER, conn, "HELLO");
            tell.recv(at + 40, at + 45, CLIENT, socket, "HELLO");
        }
        let story = tell.story();
        assert_eq!(tracker(&story, CLIENT, false).unwrap().ruler, 5..10);
        assert!(tracker(&story, CLIENT, false).unwrap().earlier);
        assert_eq!(tracker(&story, CLIENT, true).unwrap().ruler, 0..10);
    }

    #[test]
    fn a_datagram_keeps_its_edges_and_loses_what_does_not_fit() {
        let socket = SocketId(2);
        let mut tell = Teller::default();
        tell.program(0, SERVER, Role::Server, "UDP echo server");
        tell.program(0, CLIENT, Role::Client, "client 1");
        for (program, socket) in [(SERVER, LISTENER), (CLIENT, socket)] {
            let about = protocol::About { program: Some(program), socket: Some(socket), ..protocol::About::default() };
            let local = Some(at(if program == SERVER { 8080 } else { 5001 }));
            let kind =
                Kind::Socket { transport: Transport::Udp, fd: None, cookie: None, parent: None, local, peer: None };
            tell.event(1, about, kind);
        }
        let (to, from) = (|len, port| Op::SendTo { len, to: at(port) }, Op::RecvFrom { max: 4 });
        tell.datagram(10, 12, CLIENT, socket, to(3, 8080), 8080, 1, "one", 3);
        tell.datagram(20, 22, CLIENT, socket, to(6, 8080), 8080, 2, "twotwo", 6);
        tell.datagram(30, 32, SERVER, LISTENER, from.clone(), 5001, 1, "one", 3);
        tell.datagram(40, 42, SERVER, LISTENER, from, 5001, 2, "twot", 6);
        expect![[r#"
            ClientSend: [A0..3 one] [B3..9 twotwo]
            ServerRecv: [A0..3 one] [B3..7 twot ✂2]
            ServerSend: 
            ClientRecv: 
            Moral { transport: Udp, sends: 2, segments: None, recvs: 2, cut: 2, unread: 0 }
        "#]]
        .assert_eq(&told(&tracker(&tell.story(), CLIENT, false).unwrap()));
    }
}
