//! Datagrams in the tracker: whole cards, side by side in the order in which they were sent.

use super::*;
use protocol::{Nanos, Span};

/// Datagrams lie side by side on the ruler, in the order in which they were sent.
pub fn datagrams(story: &Story, socket: &SocketRecord, all: bool) -> Option<Tracker> {
    const PAUSE: Nanos = Nanos::from_millis(2_000);
    let recent = &socket.sends[socket.sends.len().saturating_sub(MOST)..];
    let sends: Vec<_> = recent.iter().map(|at| &story.calls()[*at as usize]).collect();
    let before = socket.sends.len() - sends.len();
    // An answered datagram, or one nobody answered for long, belongs to an exchange before.
    let begins = |n: &usize| {
        let send = sends[*n];
        let done = |at: &u32| story.calls()[*at as usize].end.is_some_and(|end| end <= send.start);
        socket.recvs.partition_point(done) >= before + n || send.start.since(sends[n - 1].start) > PAUSE
    };
    let first = (1..sends.len()).rev().find(begins).unwrap_or(0);
    let shown = if all { &sends[..] } else { &sends[first..] };
    let began = shown.first().map_or(Nanos(0), |send| send.start);
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
            Piece { range: range.clone(), letter, hue, answer: share.answer, text: visible(&story.data(call)) }
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
        let since = newest(story, list).take_while(|call| call.end.is_none_or(|end| end >= began)).take(MOST * 4);
        let done = since.filter(|call| matches!(call.span, Some(Span::Datagram { .. })));
        let mut cards: Vec<_> = done.filter_map(|call| Some(card(call, letter_place(call)?))).collect();
        cards.reverse();
        cards
    };
    let transport = socket.transport;
    let mut moral = Moral { transport, sends: shown.len() as u32, same: true, ..Moral::default() };
    if let Some(server) = server_socket(story, socket) {
        let unread = places.iter().filter(|(send, _)| !send.failed() && story.receipt(send).is_none());
        let (gone, waits): (Vec<_>, Vec<_>) = unread.partition(|(send, _)| story.is_gone(send, server));
        let of_fate = |fate: Fate, cards: &[&(&CallRecord, Range<u64>)]| -> Vec<Block> {
            let how = How::Derived;
            let pending = fate == Fate::Plain;
            cards.iter().map(|(send, place)| Block { fate, how, pending, ..card(send, place.clone()) }).collect()
        };
        // Before the server's first receive is known there is no telling whether somebody reads there at all.
        let program = server.program.and_then(|id| story.program(id));
        if !waits.is_empty() && program.is_none_or(|program| program.calls_visible) {
            moral.waiting = waits.len() as u64;
            let blocks = of_fate(Fate::Plain, &waits);
            rows.push(Row { row: TrackerRow::Buffer, count: Say::Cards(waits.len() as u32), blocks });
        }
        let mut got = of(&server.recvs);
        moral.recvs = got.len() as u32;
        moral.cut = got.iter().map(|block| block.cut).sum();
        moral.missing = gone.len() as u64;
        got.extend(of_fate(Fate::Lost, &gone));
        let none = moral.recvs == 0;
        let count = if none { Say::Code(String::new()) } else { Say::Counted(TrackerRow::ServerRecv, moral.recvs) };
        rows.push(Row { row: TrackerRow::ServerRecv, count, blocks: got });
        push(&mut rows, TrackerRow::ServerSend, of(&server.sends));
    }
    push(&mut rows, TrackerRow::ClientRecv, of(&socket.recvs));
    Some(Tracker { socket: socket.id, ruler: 0..end, rows, moral: Say::Moral(moral), earlier: first > 0 })
}

/// The socket that received a client's datagrams.
fn server_socket<'a>(story: &'a Story, socket: &SocketRecord) -> Option<&'a SocketRecord> {
    story.peer(socket.id).or_else(|| {
        let serves = |other: &&SocketRecord| {
            other.id != socket.id
                && other.transport == socket.transport
                && other.program.is_some_and(|id| story.serves(id))
        };
        let asked = newest(story, &socket.sends).next().and_then(|send| match &send.op {
            protocol::Op::SendTo { to, .. } => Some(to),
            _ => socket.peer.as_ref(),
        });
        let named = asked.and_then(|to| story.socket_at(to, None)).filter(serves);
        named.or_else(|| story.sockets().iter().find(serves))
    })
}
