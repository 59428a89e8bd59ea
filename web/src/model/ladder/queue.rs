//! The one queue of a socket of datagrams: whole cards that wait in it, and those that found no room.

use super::Pen;
use super::calls::{chip, chip_width};
use super::labels::{LINE, width};
use super::notes::broken;
use super::shape::{Anchor, Shape, Sign, Style, text};
use crate::model::focus::packet_of;
use crate::model::letter::{Letter, Share};
use crate::model::mark::MarkKind;
use crate::model::say::Say;
use crate::model::story::CallRecord;
use protocol::{CallId, Event, GaugeKey, How, Kind, Nanos, Seq};

/// So many cards are drawn one by one.
const MOST: usize = 8;
/// So many of the newest datagrams are looked at.
const RECENT: usize = 64;

/// A datagram that comes to the only socket of its server while others wait: all of the queue, card by card. One that
/// found no room ends in a cross, and nobody is told.
pub fn datagram(pen: &mut Pen<'_>, event: &Event, y: f64) {
    let (story, cast) = (pen.story, pen.ladder.cast());
    let Kind::Call(protocol::Call { id, .. }) = &event.kind else { return };
    let ours = event.about.program.is_some_and(|program| cast.server != Some(program) && cast.has(program));
    let Some(server) = cast.listener.and_then(|id| story.socket(id)).filter(|_| ours) else { return };
    let full = server.value(GaugeKey::Drops).is_some_and(|drops| drops > 0);
    if let Some(send) = story.call(*id).filter(|send| full && story.is_gone(send, server)) {
        return lost(pen, send, y);
    }
    let waits = |call: &&CallRecord| {
        let read = story.receipt(call).and_then(|recv| recv.end);
        cast.has(call.program)
            && call.start <= event.at
            && read.is_none_or(|read| read > event.at && read.since(call.start) >= Nanos::from_millis(1))
            && (read.is_some() || !story.is_gone(call, server))
    };
    let recent = story.datagrams_to(server).take(RECENT).filter(waits);
    let mut waiting: Vec<Share> = recent.filter_map(|call| story.shares(call).first().copied()).collect();
    waiting.reverse();
    if !waiting.is_empty() && holds(pen, *id, &waiting) {
        queue(pen, event.seq, y, &waiting, How::Derived);
    }
}

/// Whether this datagram is one of those that wait.
fn holds(pen: &Pen<'_>, id: CallId, waiting: &[Share]) -> bool {
    let letter = pen.story.call(id).and_then(|call| call.letter);
    waiting.iter().any(|share| share.letter == letter)
}

/// A datagram that found the queue full.
fn lost(pen: &mut Pen<'_>, send: &CallRecord, y: f64) {
    let said = pen.say(&Say::QueueFull);
    let from = send.socket.and_then(|id| super::sockets::x_of(pen, id));
    let x = pen.lanes.listener;
    let hue = send.letter.map(Letter::hue);
    // Where its packet arrived, if that is seen.
    let arrived = packet_of(pen.story, send).and_then(|packet| packet.done);
    let (top, down) = (y + 2.0, arrived.map_or(y + 8.0, |place| pen.ladder.axis().y(place)));
    let mut shapes = Vec::new();
    // Where packets are seen they show the way themselves.
    if let Some(from) = from.filter(|_| !pen.ladder.cast().packets) {
        shapes.push(Shape::Line { from: (from, top), to: (x, down), style: Style::hued("derived", hue) });
        let style = Style::hued("dot", hue);
        shapes.push(Shape::Rect { x: from - 2.5, y: top - 2.5, w: 5.0, h: 5.0, r: 2.5, style });
    }
    shapes.push(Shape::Sign { sign: Sign::Cross, x, y: down, angle: 0.0, style: Style::of("cross") });
    // Beside the line, in as many lines as there is room for.
    let room = pen.lanes.width - x - 18.0;
    for (n, words) in broken(&said, room / 1.1).into_iter().enumerate() {
        let wide = width(&words, false) * 1.1;
        let at = pen.placer.down(x + 12.0, down - LINE / 2.0 + n as f64 * LINE, wide, LINE);
        shapes.push(text(x + 12.0, at + 11.0, Anchor::Start, words, "packet-ink lost"));
    }
    pen.over(send.seq, MarkKind::Loss, said, How::Derived, shapes);
}

/// The queue of a socket of datagrams, beside its line: whole cards.
pub fn queue(pen: &mut Pen<'_>, seq: Seq, y: f64, cards: &[Share], how: How) {
    let shown = &cards[..cards.len().min(MOST)];
    let said = pen.say(&Say::Cards(cards.len() as u32));
    let wide = 8.0 + shown.iter().map(chip_width).sum::<f64>().max(24.0);
    let x = pen.lanes.listener - 2.0;
    let tail = width(&said, false) + 8.0;
    let y = pen.placer.down(x, y, wide + tail, 20.0);
    let mut shapes = vec![Shape::Rect { x, y, w: wide, h: 18.0, r: 4.0, style: Style::of("listen") }];
    let mut at = x + 5.0;
    for card in shown {
        chip(at, y + 2.5, card, &mut shapes);
        at += chip_width(card);
    }
    shapes.push(text(x + wide + 5.0, y + 13.0, Anchor::Start, said.clone(), "dim"));
    pen.mark(seq, MarkKind::Seats, said, how, shapes);
}
