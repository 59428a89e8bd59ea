//! Levels: how full the kernel's buffers are, beside the socket's line, as the kernel reported it.

use super::Pen;
use super::labels::{LINE, width};
use super::shape::{Anchor, Shape, Style, text};
use crate::model::letter::Letter;
use crate::model::mark::MarkKind;
use crate::model::say::Say;
use crate::model::story::{SocketRecord, Story};
use protocol::{GaugeKey, How, Kind, Nanos, Seq, TcpState};

/// So many reports and receives in a picture are looked at: more are closer together than anybody sees.
const MOST: usize = 400;
/// So far back one looks for the last report before a picture.
const BACK: usize = 64;
/// A level that stands for less is not drawn, CSS pixels down.
const LEAST: f64 = 7.0;

/// What is in a buffer from a moment on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Level {
    from: Nanos,
    bytes: u64,
    /// The report, or the receive that took some of it.
    seq: Seq,
    how: How,
}

/// Both buffers of a socket.
pub fn levels(pen: &mut Pen<'_>, socket: &SocketRecord, x: f64) {
    if socket.gauges.is_empty() || !socket.transport.is_some_and(protocol::Transport::is_stream) {
        return;
    }
    let story = pen.story;
    let (from, to) = pen.ladder.axis().times(pen.window.top - 20.0, pen.window.bottom + 20.0);
    for received in [true, false] {
        let steps = steps(story, socket, received, from, to);
        // From one empty moment to the next.
        for run in steps.split(|step| step.bytes == 0).filter(|run| !run.is_empty()) {
            let after = steps.iter().find(|step| step.bytes == 0 && step.from >= run[run.len() - 1].from);
            filled(pen, socket, x, received, run, after.map(|step| step.from));
        }
    }
}

/// The kernel counts sequence numbers: a SYN or FIN that is not acknowledged is one, and no byte (RFC 9293, 3.4).
fn numbers(state: Option<TcpState>) -> u64 {
    use TcpState::{Closing, FinWait1, LastAck, SynReceived, SynSent};
    u64::from(matches!(state, Some(SynSent | SynReceived | FinWait1 | Closing | LastAck)))
}

/// What was in a buffer, from one change to the next.
fn steps(story: &Story, socket: &SocketRecord, received: bool, from: Nanos, to: Option<Nanos>) -> Vec<Level> {
    let key = if received { GaugeKey::RecvQueue } else { GaugeKey::SendQueue };
    let gauges = &socket.gauges;
    let begin = gauges.partition_point(|place| story.at(*place) < from);
    let end = to.map_or(gauges.len(), |to| gauges.partition_point(|place| story.at(*place) <= to));
    let level = |place: &u32| match story.event_at(*place).kind {
        Kind::Gauge(values) => values.iter().find(|(known, _)| *known == key).map(|(_, bytes)| Level {
            from: story.at(*place),
            bytes: bytes.saturating_sub(if received { 0 } else { numbers(story.state_of(socket, story.at(*place))) }),
            seq: story.seq(*place),
            how: How::Reported,
        }),
        _ => None,
    };
    let before = gauges[..begin].iter().rev().take(BACK).find_map(level);
    let mut steps: Vec<Level> = before.into_iter().collect();
    steps.extend(gauges[begin..end.max(begin)].iter().take(MOST).filter_map(level));
    if received {
        // What a receive took is not there any more, whether the kernel says so or not.
        let since = steps.first().map_or(from, |step| step.from);
        let done = socket.recvs.partition_point(|at| story.calls()[*at as usize].end.is_some_and(|end| end < since));
        for at in socket.recvs[done..].iter().take(MOST) {
            let call = &story.calls()[*at as usize];
            let Some(end) = call.end.filter(|end| to.is_none_or(|to| *end <= to)) else { break };
            let place = steps.partition_point(|step| step.from <= end);
            // Only as long as nothing newer is reported.
            let left = place.checked_sub(1).map_or(0, |at| steps[at].bytes).saturating_sub(call.bytes());
            if call.bytes() > 0 && place > 0 && steps[place - 1].bytes > 0 {
                steps.insert(place, Level { from: end, bytes: left, seq: call.seq, how: How::Derived });
            }
        }
    }
    steps
}

/// A buffer while there is something in it: as wide as it is full, on a scale of tenfold steps.
fn filled(pen: &mut Pen<'_>, socket: &SocketRecord, x: f64, received: bool, run: &[Level], after: Option<Nanos>) {
    let axis = pen.ladder.axis();
    let y = |at: Nanos| axis.y_at(at);
    let end = after.map_or(pen.end, y);
    let Some(fullest) = run.iter().max_by_key(|level| level.bytes).copied() else { return };
    if end - y(run[0].from) < LEAST || !pen.sees(y(run[0].from), end) {
        return;
    }
    let client = socket.program.is_some_and(|program| pen.ladder.cast().clients.contains(&program));
    let way = if client { 1.0 } else { -1.0 };
    let mut shapes = Vec::new();
    for (n, level) in run.iter().enumerate() {
        let (top, bottom) = (y(level.from), run.get(n + 1).map_or(end, |next| y(next.from)));
        if bottom - top < 1.0 {
            continue;
        }
        let wide = breadth(level.bytes);
        let mut at = 2.0;
        for (hue, part) in pieces(pen.story, socket, received, level) {
            let w = wide * part;
            let left = if way > 0.0 { x + at } else { x - at - w };
            let class = if received { "level" } else { "level sent" };
            shapes.push(Shape::Rect { x: left, y: top, w, h: bottom - top, r: 1.0, style: Style::hued(class, hue) });
            at += w;
        }
    }
    let said = pen.say(&Say::Level { received, bytes: fullest.bytes });
    let wide = width(&said, false);
    let at = 6.0 + breadth(fullest.bytes);
    let left = if way > 0.0 { x + at } else { x - at - wide };
    let top = y(fullest.from).max(pen.window.top);
    let top = pen.placer.down(left, top, wide, LINE);
    let label = text(left, top + 11.0, Anchor::Start, said.clone(), "dim");
    pen.mark(fullest.seq, MarkKind::Level, said.clone(), fullest.how, shapes);
    // Arrows may cross it, and lie under it.
    pen.over(fullest.seq, MarkKind::Level, said, fullest.how, vec![label]);
}

/// How wide so many bytes are: each tenfold as much again.
fn breadth(bytes: u64) -> f64 {
    5.0 + (bytes as f64).log10() * 3.4
}

/// Whose bytes are in it: hues, and the part of each.
fn pieces(story: &Story, socket: &SocketRecord, received: bool, level: &Level) -> Vec<(Option<u8>, f64)> {
    let ends = |list: &[u32]| {
        let done = |at: &u32| story.calls()[*at as usize].end.is_some_and(|end| end <= level.from);
        let last = list[..list.partition_point(done)].iter().rev().take(BACK);
        last.filter_map(|at| story.stretch(&story.calls()[*at as usize])).map(|range| range.end).next().unwrap_or(0)
    };
    let (sender, range) = if received {
        let read = ends(&socket.recvs);
        (story.peer(socket.id), read..read.saturating_add(level.bytes))
    } else {
        let sent = ends(&socket.sends);
        (Some(socket), sent.saturating_sub(level.bytes)..sent)
    };
    let shares = sender.filter(|_| !range.is_empty()).map_or_else(Vec::new, |sender| story.sent_in(sender, &range));
    let all: u64 = shares.iter().map(|share| share.len).sum();
    if all == 0 {
        return vec![(None, 1.0)];
    }
    shares.iter().map(|share| (share.letter.map(Letter::hue), share.len as f64 / all as f64)).collect()
}
