//! The byte tracker: one ruler, the same x is the same byte, from the client's `send` to the client's `recv`.

mod datagrams;
mod draw;
#[cfg(test)]
mod tests;

pub use draw::{DrawnBlock, DrawnPiece, DrawnRow, draw, height, lit};

use super::ladder::{Anchor, Shape, Style, width};
use super::letter::Share;
use super::moral::Moral;
use super::say::TrackerRow;
use super::story::{CallRecord, SocketRecord, Story};
use super::wording::visible;
use super::{MarkKind, Say};
use protocol::{GaugeKey, How, Kind, ProgramId, Seq, SocketId, Transport};
use std::ops::Range;

/// What the tracker shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Tracker {
    /// The client's socket.
    pub socket: SocketId,
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
    if socket.sends.is_empty() {
        return wire_only(story, socket);
    }
    if socket.transport.is_none_or(Transport::is_stream) {
        stream(story, socket, all)
    } else {
        datagrams::datagrams(story, socket, all)
    }
}

/// No more than so many blocks are in a row: more nobody tells apart.
const MOST: usize = 400;

/// The newest calls of a list, the newest first.
fn newest<'a>(story: &'a Story, places: &'a [u32]) -> impl Iterator<Item = &'a CallRecord> {
    places.iter().rev().map(|at| &story.calls()[*at as usize])
}

fn stream(story: &Story, socket: &SocketRecord, all: bool) -> Option<Tracker> {
    let peer = story.peer(socket.id);
    // An empty send moves nothing in a stream.
    let full = |send: &&CallRecord| send.bytes() > 0;
    let sends = || newest(story, &socket.sends).filter(full).filter_map(|send| Some((send, story.stretch(send)?)));
    let end = sends().next()?.1.end;
    // The exchange begins with the last send before which everything had come back.
    let quiet = |send: &CallRecord, range: &Range<u64>| {
        // One reads in one thread, so that they are in the order of their ends.
        let done = |at: &u32| story.calls()[*at as usize].end.is_some_and(|end| end <= send.start);
        let back = &socket.recvs[..socket.recvs.partition_point(done)];
        newest(story, back).find_map(|recv| story.stretch(recv)).map_or(0, |range| range.end) >= range.start
    };
    let recent = || sends().take(MOST);
    let first =
        recent().find(|(send, range)| quiet(send, range)).or(recent().last()).map_or(0, |(_, range)| range.start);
    let start = if all { recent().last().map_or(0, |(_, range)| range.start) } else { first };
    let within = |list: &[u32]| -> Vec<Block> {
        let moved = newest(story, list).filter_map(|call| Some((call, story.stretch(call)?)));
        let shown = moved.take_while(|(_, range)| range.end > start || range.is_empty()).take(MOST);
        let mut blocks: Vec<_> = shown
            .filter(|(_, range)| range.end > start && !range.is_empty())
            .map(|(call, range)| block(story, call, range, start))
            .collect();
        blocks.reverse();
        blocks
    };
    let mut rows = Vec::new();
    let sent = within(&socket.sends);
    let edges: Vec<_> = sent.iter().map(|block| block.range.clone()).collect();
    let mut moral = Moral { transport: socket.transport, sends: sent.len() as u32, ..Moral::default() };
    push(&mut rows, TrackerRow::ClientSend, sent);
    let segments = segments(story, socket, start..end);
    if !segments.is_empty() {
        let of = |fate: Fate| segments.iter().filter(|block| block.fate == fate).count() as u32;
        moral.segments = Some(segments.len() as u32);
        (moral.again, moral.lost) = (of(Fate::Again), of(Fate::Lost));
        let said = counted(&segments);
        rows.push(Row { row: TrackerRow::Segments, blocks: segments, count: said });
    }
    // Of a program whose calls nobody sees one does not know what it read.
    let seen = |peer: &SocketRecord| {
        let program = peer.program.and_then(|id| story.program(id));
        program.is_none_or(|program| program.calls_visible)
    };
    let known = peer.is_some_and(seen);
    if let Some(peer) = peer {
        let got = within(&peer.recvs);
        let read = newest(story, &peer.recvs).find_map(|recv| story.stretch(recv)).map_or(0, |range| range.end);
        let mut here = read;
        if let Some(waiting) = unread(story, peer, read, end) {
            (moral.waiting, here) = (waiting.range.end - waiting.range.start, waiting.range.end);
            let count = Say::Counted(TrackerRow::Buffer, moral.waiting as u32);
            rows.push(Row { row: TrackerRow::Buffer, count, blocks: vec![waiting] });
        }
        moral.recvs = got.iter().filter(|block| !block.pending).count() as u32;
        moral.missing = end.saturating_sub(here.max(start));
        moral.same = got.iter().zip(&edges).all(|(got, sent)| got.range == *sent) && got.len() <= edges.len();
        push(&mut rows, TrackerRow::ServerRecv, got);
        push(&mut rows, TrackerRow::ServerSend, within(&peer.sends));
    }
    push(&mut rows, TrackerRow::ClientRecv, within(&socket.recvs));
    let moral = match rows.iter().find(|row| row.row == TrackerRow::Segments) {
        _ if known => Say::Moral(moral),
        Some(segments) => segments.count.clone(),
        None => Say::Counted(TrackerRow::ClientSend, moral.sends),
    };
    Some(Tracker { socket: socket.id, ruler: start..end.max(start + 1), rows, moral, earlier: first > 0 })
}

fn push(rows: &mut Vec<Row>, row: TrackerRow, blocks: Vec<Block>) {
    let count = if blocks.is_empty() { Say::Code(String::new()) } else { Say::Counted(row, blocks.len() as u32) };
    rows.push(Row { row, count, blocks });
}

/// What a capture tells of a stream: its segments, whatever calls they came from.
fn wire_only(story: &Story, socket: &SocketRecord) -> Option<Tracker> {
    let blocks = segments(story, socket, 0..u64::MAX);
    let ruler = blocks.first()?.range.start..blocks.iter().map(|block| block.range.end).max()?;
    let count = counted(&blocks);
    let rows = vec![Row { row: TrackerRow::Segments, count: count.clone(), blocks }];
    Some(Tracker { socket: socket.id, ruler, rows, moral: count, earlier: false })
}

/// How many segments there are, and how many of them were sent again or lost.
fn counted(blocks: &[Block]) -> Say {
    let of = |fate: Fate| blocks.iter().filter(|block| block.fate == fate).count() as u32;
    Say::Segments { count: blocks.len() as u32, again: of(Fate::Again), lost: of(Fate::Lost) }
}

/// The stretches of a stream that segments carried, each once, with what became of it.
fn segments(story: &Story, socket: &SocketRecord, within: Range<u64>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for packet in story.segments_of(socket, within.start, MOST) {
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
    let last = newest(story, &socket.recvs).find_map(|recv| recv.end).unwrap_or_default();
    let since = socket.gauges.iter().rev().take_while(|place| story.at(**place) >= last);
    let told = since.map(|place| story.event_at(*place)).find_map(|event| match &event.kind {
        Kind::Gauge(values) => {
            values.iter().find(|(key, _)| *key == GaugeKey::RecvQueue).map(|(_, value)| (event.seq, *value))
        }
        _ => None,
    });
    let (seq, count) = told.filter(|(_, count)| *count > 0)?;
    let range = read..(read + count).min(sent.max(read + 1));
    let peer = story.peer(socket.id)?;
    let mut pieces = Vec::new();
    let sends = newest(story, &peer.sends).filter_map(|send| Some((send, story.stretch(send)?)));
    let mut sends: Vec<_> = sends.take_while(|(_, sent)| sent.end > range.start).take(MOST).collect();
    sends.reverse();
    for (send, sent) in sends {
        let (from, to) = (sent.start.max(range.start), sent.end.min(range.end));
        if from < to {
            let data = story.data(send);
            let text = visible(slice(&data, from - sent.start, to - sent.start));
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
        let text = visible(slice(&data, from, from + share.len));
        Piece { range: share.start.max(start)..share.start + share.len, letter, hue, answer: share.answer, text }
    });
    let pieces = pieces.collect();
    let range = range.start.max(start)..range.end;
    let (pending, how) = (call.outcome.is_none(), call.provenance.how);
    Block { seq: call.seq, range, pieces, cut: 0, pending, fate: Fate::Plain, how }
}
