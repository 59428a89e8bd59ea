//! Calls: a bar from entry to return, hatched where it waits, with what was called, what came back and whose bytes.

use super::Pen;
use super::labels::{LINE, width};
use super::shape::{Anchor, Shape, Sign, Style, line, text};
use crate::model::letter::Share;
use crate::model::mark::MarkKind;
use crate::model::say::Say;
use crate::model::story::CallRecord;
use crate::model::wording;
use protocol::{Nanos, Op, Outcome};

/// Half the width of a bar.
const HALF: f64 = 5.0;
/// From one bar to the next, where a program makes several calls at once.
const BESIDE: f64 = 12.0;
/// A bar that is open at the top is at least so long.
const BEGAN: f64 = 20.0;
/// So many chips fit beside a call.
const CHIPS: usize = 6;
/// How wide `+92` is.
const REST: f64 = 26.0;
/// Chips have this much room whatever lies beside them: three of one letter, which is what one wants to see.
const LEAST_CHIPS: f64 = 66.0;

/// Which way a lane's labels go.
#[derive(Clone, Copy)]
struct Side {
    /// 1 to the right, -1 to the left.
    way: f64,
    /// The middle of the bar in the first column.
    x: f64,
    /// Where labels begin.
    label: f64,
    /// How much room they have before the next lane.
    room: f64,
    /// Whether there is room on the outer side.
    outside: bool,
}

/// Draws calls that are sorted by their beginning.
pub fn draw(pen: &mut Pen<'_>, calls: &[&CallRecord]) {
    // A program with several threads has several bars: each call takes the first column that is free.
    let mut laid: Vec<Laid<'_>> = Vec::with_capacity(calls.len());
    for call in calls {
        let (top, bottom, open_top) = extent(pen, call);
        let end = if call.outcome.is_none() { f64::INFINITY } else { bottom };
        let beside = |other: &&Laid<'_>| other.call.program == call.program && other.end > top;
        let column = (0..).find(|column| !laid.iter().rev().filter(beside).any(|other| other.column == *column));
        laid.push(Laid { call, top, bottom, end, open_top, column: column.unwrap_or(0) });
    }
    for this in &laid {
        // Labels begin beyond every bar beside this one.
        let beside = |other: &&Laid<'_>| {
            other.call.program == this.call.program && other.end > this.top && other.top < this.bottom + LINE
        };
        let most = laid.iter().filter(beside).map(|other| other.column).max().unwrap_or(0);
        if pen.sees(this.top - 60.0, this.bottom + 60.0)
            && let Some(side) = side(pen, this.call, most)
        {
            one(pen, this.call, side, this.column, (this.top, this.bottom), this.open_top);
        }
    }
}

/// A call with its place.
struct Laid<'a> {
    call: &'a CallRecord,
    top: f64,
    bottom: f64,
    /// Where its column is free again.
    end: f64,
    open_top: bool,
    column: usize,
}

/// From where to where its bar goes, and whether it began before what is known.
fn extent(pen: &Pen<'_>, call: &CallRecord) -> (f64, f64, bool) {
    let axis = pen.ladder.axis();
    let bottom = match call.returned {
        Some(place) => axis.y(place),
        None => pen.end,
    };
    match call.entered {
        Some(place) => (axis.y(place), bottom.max(axis.y(place) + 6.0), false),
        // It began before what is known: after what its program did last, as far as that is known.
        None => (before(pen, call).min(bottom - BEGAN), bottom, true),
    }
}

/// Where a program's call before another one ended; where the ladder begins, without one.
fn before(pen: &Pen<'_>, call: &CallRecord) -> f64 {
    let calls = pen.story.program(call.program).map_or(&[][..], |program| &program.calls);
    let here = pen.story.call_place(call.id).unwrap_or(0);
    let earlier = calls[..calls.partition_point(|at| *at < here)].iter().rev().take(CHIPS);
    let ends =
        earlier.filter_map(|at| pen.story.calls()[*at as usize].returned).map(|place| pen.ladder.axis().y(place));
    ends.fold(super::axis::TOP - BEGAN, f64::max)
}

fn side(pen: &Pen<'_>, call: &CallRecord, most: usize) -> Option<Side> {
    let cast = pen.ladder.cast();
    let more = most as f64 * BESIDE + HALF + 6.0;
    let lanes = &pen.lanes;
    if cast.server == Some(call.program) {
        let nearest = lanes.listener.max(lanes.connections.first().copied().unwrap_or(0.0));
        let x = lanes.server;
        return Some(Side { way: -1.0, x, label: x - more, room: x - more - nearest - 8.0, outside: !cast.narrow });
    }
    let client = cast.clients.iter().position(|client| *client == call.program)?;
    let x = lanes.programs[client];
    let next = lanes.programs.get(client + 1).copied().unwrap_or(lanes.sockets[0]);
    let outside = lanes.programs.len() == 1 && !cast.narrow;
    Some(Side { way: 1.0, x, label: x + more, room: next - x - more - 10.0, outside })
}

fn one(pen: &mut Pen<'_>, call: &CallRecord, side: Side, column: usize, (top, bottom): (f64, f64), open_top: bool) {
    let x = side.x + side.way * column as f64 * BESIDE;
    let now = pen.window.now;
    let waits = call.outcome.is_none();
    let waited = call.waited(now) || (waits && call.may_wait());
    let class = match (waited, waits, open_top) {
        _ if call.failed() => "bar failed",
        (_, true, _) => "bar wait open",
        (_, _, true) => "bar wait begun",
        (true, ..) => "bar wait",
        _ => "bar",
    };
    let mut shapes =
        vec![Shape::Rect { x: x - HALF, y: top, w: HALF * 2.0, h: bottom - top, r: 2.0, style: Style::of(class) }];
    if open_top {
        shapes.extend(open_frame(x, top - 5.0, bottom));
    }
    let long = wording::op(&call.op);
    // What has no room is in the inspector.
    let fits = |said: &String| width(said, true) <= side.room;
    let name_only = || [wording::op_name(&call.op), "()"].concat();
    let op = [long.clone(), wording::short_op(&call.op)].into_iter().find(fits).unwrap_or_else(name_only);
    let result = call.outcome.as_ref().map(|outcome| {
        let long = result(outcome, &wording::outcome(outcome));
        if width(&long, true) <= side.room { long } else { result(outcome, &wording::short_outcome(outcome)) }
    });
    let shares = pen.story.shares(call);
    let tall = bottom - top > 26.0;
    let split = waited && (tall || waits);
    let whole = match &result {
        Some(result) if !split => [&op, " ", result].concat(),
        _ => op.clone(),
    };
    let chips = |shares: &[Share]| shares.iter().take(CHIPS + 1).map(chip_width).sum::<f64>();
    // A send shows its bytes where it begins, a receive where it returns.
    let first = if split && call.receives() { &[][..] } else { &shares[..] };
    let fits = width(&whole, true) + chips(first) <= side.room || result.is_none() || split;
    let class = if call.failed() && !split { "call failed" } else { "call" };
    let (one, two) = match &result {
        Some(result) if !split && !fits => (op.clone(), Some(result.clone())),
        _ => (whole, None),
    };
    let begin = label(
        pen,
        side,
        if open_top { bottom - 9.0 } else { top - 5.0 },
        &one,
        class,
        if two.is_none() { first } else { &[] },
        &mut shapes,
    );
    if let Some(two) = two {
        label(pen, side, begin + LINE, &two, class, first, &mut shapes);
    }
    if let (true, Some(result)) = (split, &result) {
        let last = if call.receives() { &shares[..] } else { &[] };
        let class = if call.failed() { "call failed" } else { "call" };
        label(pen, side, (bottom - 7.0).max(begin + LINE), result, class, last, &mut shapes);
    }
    if split {
        wait(pen, call, side, (top, bottom, begin), &mut shapes);
    }
    if call.failed() {
        shapes.push(Shape::Sign { sign: Sign::Cross, x, y: bottom, angle: 0.0, style: Style::of("cross") });
    }
    if call.receives() && !shares.is_empty() {
        connectors(pen, call, &shares, bottom, &mut shapes);
    }
    let name = name(pen, call, &long, result.as_deref(), &shares);
    pen.mark(call.seq, MarkKind::Call, name, call.provenance.how, shapes);
    if call.failed() {
        super::cards::card(pen, call, (x, bottom), side.way);
    }
}

fn result(outcome: &Outcome, said: &str) -> String {
    let sign = if matches!(outcome, Outcome::Failed(_)) { "✗ " } else { "= " };
    [sign, said].concat()
}

/// The frame of a bar that is open at the top.
pub fn open_frame(x: f64, top: f64, bottom: f64) -> [Shape; 3] {
    let [left, right] = [x - HALF, x + HALF].map(|x| line((x, top), (x, bottom), "bar-open"));
    [left, right, line((x - HALF, bottom), (x + HALF, bottom), "bar-open")]
}

/// One label with its chips, moved down until it is free. Returns where its top is.
fn label(
    pen: &mut Pen<'_>,
    side: Side,
    y: f64,
    what: &str,
    class: &'static str,
    shares: &[Share],
    shapes: &mut Vec<Shape>,
) -> f64 {
    let long = width(what, true);
    let (shown, chips) = shown(shares, side.room - long - 5.0);
    let rest = shares.len() - shown.len();
    let all = long + chips + if shares.is_empty() { 0.0 } else { 5.0 };
    let left = if side.way > 0.0 { side.label } else { side.label - all };
    let y = pen.placer.down(left - 2.0, y, all + 4.0, LINE);
    shapes.push(text(left, y + 11.0, Anchor::Start, what.to_string(), class));
    let mut x = left + long + 5.0;
    for share in shown {
        chip(x, y + 0.5, share, shapes);
        x += chip_width(share);
    }
    if rest > 0 {
        shapes.push(text(x + 2.0, y + 11.0, Anchor::Start, ["+", &rest.to_string()].concat(), "dim"));
    }
    y
}

/// The chips there is room for, and how wide they are with the number of the others.
fn shown(shares: &[Share], room: f64) -> (&[Share], f64) {
    let room = room.max(LEAST_CHIPS);
    let wide = |count: usize| {
        let rest = if count < shares.len() { REST } else { 0.0 };
        shares[..count].iter().map(chip_width).sum::<f64>() + rest
    };
    let most = shares.len().min(CHIPS);
    let count = (1..=most).rev().find(|count| wide(*count) <= room).unwrap_or(most.min(1));
    (&shares[..count], wide(count))
}

/// How much room a chip takes, with what parts it from the next.
pub fn chip_width(share: &Share) -> f64 {
    width(&share.name(), true).max(7.0) + 8.0
}

/// A small box with the letter of the bytes: filled for the bytes themselves, outlined for the answer to them.
pub fn chip(x: f64, y: f64, share: &Share, shapes: &mut Vec<Shape>) {
    let hue = share.letter.map(crate::model::letter::Letter::hue);
    let (face, ink) = if share.answer { ("chip answer", "chip-ink answer") } else { ("chip", "chip-ink") };
    let w = chip_width(share) - 2.0;
    shapes.push(Shape::Rect { x, y, w, h: 13.0, r: 3.0, style: Style::hued(face, hue) });
    let style = Style::hued(ink, hue);
    shapes.push(Shape::Text {
        x: x + w / 2.0,
        y: y + 10.0,
        anchor: Anchor::Middle,
        angle: 0.0,
        text: share.name(),
        style,
    });
}

/// How long it waited, or waits, on the outer side where there is room.
fn wait(
    pen: &mut Pen<'_>,
    call: &CallRecord,
    side: Side,
    (top, bottom, begin): (f64, f64, f64),
    shapes: &mut Vec<Shape>,
) {
    let what = match call.took() {
        Some(took) => Say::Waited(took),
        None if call.outcome.is_some() => return,
        None => Say::Waiting { accept: call.op == Op::Accept, time: pen.window.now.since(call.start) },
    };
    let said = pen.say(&what);
    let open = call.outcome.is_none();
    let class = if open { "dim waiting" } else { "dim" };
    let lines: Vec<&str> = said.split('\n').collect();
    // The middle of what can be seen, so that a bar longer than the screen has its label on it.
    let (from, to) = (top.max(pen.window.top), bottom.min(pen.window.bottom));
    let middle = if open || from >= to { from + 24.0 } else { f64::midpoint(from, to) };
    for (n, line) in lines.iter().enumerate() {
        let wide = width(line, false);
        let y = middle - LINE / 2.0 + n as f64 * LINE;
        let outer = if side.way > 0.0 { side.x - HALF - 6.0 } else { pen.lanes.width - side.x - HALF - 6.0 };
        if side.outside && !open && wide <= outer {
            let left = if side.way > 0.0 { side.x - HALF - 6.0 - wide } else { side.x + HALF + 6.0 };
            let y = pen.placer.down(left, y, wide, LINE);
            let (at, anchor) = if side.way > 0.0 { (left + wide, Anchor::End) } else { (left, Anchor::Start) };
            shapes.push(text(at, y + 11.0, anchor, (*line).to_string(), class));
        } else {
            let left = if side.way > 0.0 { side.label } else { side.label - wide };
            let y = pen.placer.down(left, y.max(begin + LINE), wide, LINE);
            let (at, anchor) = if side.way > 0.0 { (left, Anchor::Start) } else { (side.label, Anchor::End) };
            shapes.push(text(at, y + 11.0, anchor, (*line).to_string(), class));
        }
    }
}

/// Dotted lines from the sends whose bytes a receive returned: worked out from offsets, so no arrow and no flight.
fn connectors(pen: &Pen<'_>, call: &CallRecord, shares: &[Share], bottom: f64, shapes: &mut Vec<Shape>) {
    // Where packets are seen they show the way themselves.
    if pen.ladder.cast().packets {
        return;
    }
    let Some(to) = call.socket.and_then(|id| super::sockets::x_of(pen, id)) else { return };
    for (send, hue) in pen.story.sends_behind(call, shares) {
        let (Some(place), Some(from)) = (send.entered, send.socket.and_then(|id| super::sockets::x_of(pen, id))) else {
            continue;
        };
        let y = pen.ladder.axis().y(place) + 2.0;
        let style = Style::hued("derived", hue);
        shapes.insert(0, Shape::Line { from: (from, y), to: (to, bottom), style });
        shapes.push(Shape::Rect { x: from - 2.5, y: y - 2.5, w: 5.0, h: 5.0, r: 2.5, style: Style::hued("dot", hue) });
        shapes.push(Shape::Rect {
            x: to - 2.5,
            y: bottom - 2.5,
            w: 5.0,
            h: 5.0,
            r: 2.5,
            style: Style::hued("dot", hue),
        });
    }
}

fn name(pen: &Pen<'_>, call: &CallRecord, op: &str, result: Option<&str>, shares: &[Share]) -> String {
    let who = pen.story.program(call.program).map_or(String::new(), |program| program.name.clone());
    let letters: Vec<String> = shares.iter().map(Share::name).collect();
    let mut what = op.to_string();
    for part in result.into_iter().chain(letters.iter().map(String::as_str)) {
        what.push(' ');
        what.push_str(part);
    }
    let mut said = Say::Code(what);
    let wait = match call.outcome {
        None => Some(Say::Waiting { accept: call.op == Op::Accept, time: pen.window.now.since(call.start) }),
        Some(_) => call.took().filter(|took| *took >= Nanos::from_millis(1)).map(Say::Waited),
    };
    if let Some(wait) = wait {
        said = Say::Both(Box::new(said), Box::new(wait));
    }
    pen.say(&Say::Named { who, what: Box::new(said) }).replace('\n', " ")
}
