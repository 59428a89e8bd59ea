//! The card of a failed call: Python's exact line, the number on Windows, the cause, and one thing to do.

use super::Pen;
use super::cast::Cast;
use super::labels::{LINE, Turned, width};
use super::notes::broken;
use super::shape::{Anchor, Shape, Style, text, within};
use crate::model::inspect::{python, windows};
use crate::model::mark::MarkKind;
use crate::model::named;
use crate::model::say::{Remedy, Say};
use crate::model::story::{CallRecord, Story};
use crate::model::why;
use protocol::{Errno, Op, Outcome, Role, SysError, Transport};

/// So much room is kept below a failed call for its card, CSS pixels: with five lanes, and with three.
const ROOM: (u8, u8) = (112, 166);
/// A card is no wider, CSS pixels.
const WIDEST: f64 = 440.0;
/// A card's own margin.
const IN: f64 = 10.0;
/// So many calls back an equal error makes a card needless.
const NEAR: usize = 8;

/// How much room a call's card takes below it; 0 without one.
pub fn room(story: &Story, cast: &Cast, call: &CallRecord) -> u8 {
    match error(story, call) {
        None => 0,
        Some(_) if cast.narrow => ROOM.1,
        Some(_) => ROOM.0,
    }
}

/// The error that a card explains: the first of its kind, for who tries again and again has read it.
fn error(story: &Story, call: &CallRecord) -> Option<SysError> {
    let Some(Outcome::Failed(error)) = call.outcome else { return None };
    if error.name == Errno::Ewouldblock {
        return None;
    }
    let calls = &story.program(call.program)?.calls;
    let here = story.call_place(call.id)?;
    let before = calls[..calls.partition_point(|at| *at < here)].iter().rev().take(NEAR);
    let same = |at: &u32| matches!(&story.calls()[*at as usize].outcome, Some(Outcome::Failed(other)) if other.name == error.name);
    (!before.into_iter().any(same)).then_some(error)
}

/// What one can do about it.
#[must_use]
pub fn remedy(story: &Story, call: &CallRecord) -> Option<Remedy> {
    let Some(Outcome::Failed(error)) = call.outcome else { return None };
    let program = story.program(call.program)?;
    let transport = program.transport.or_else(|| story.socket(call.socket?)?.transport)?;
    match error.name {
        Errno::Econnrefused | Errno::Enoent | Errno::Ehostunreach | Errno::Enetunreach => {
            Some(listening(story, call, transport).map_or(Remedy::Start, Remedy::Use))
        }
        Errno::Econnreset | Errno::Econnaborted | Errno::Epipe | Errno::Enotconn | Errno::Etimedout => {
            (program.role == Some(Role::Client)).then_some(Remedy::Again)
        }
        _ => None,
    }
}

/// Where a server of ours takes calls, in the family of addresses that was tried.
fn listening(story: &Story, call: &CallRecord, transport: Transport) -> Option<protocol::Address> {
    let ours = |id| story.program(id).is_some_and(|program| program.role == Some(Role::Server));
    let tried = match &call.op {
        Op::Connect { to } | Op::SendTo { to, .. } => to.inet().map(|to| to.is_ipv4()),
        _ => None,
    };
    let open = story.sockets().iter().rev().find(|socket| {
        socket.transport == Some(transport)
            && socket.parent.is_none()
            && socket.closed.is_none()
            && socket.program.is_some_and(ours)
            && socket
                .local
                .as_ref()
                .is_some_and(|local| tried.is_none() || local.inet().map(|at| at.is_ipv4()) == tried)
    });
    open?.local.clone()
}

/// The card, below the call's cross at `(x, y)`; `way` is 1 where it goes to the right.
pub fn card(pen: &mut Pen<'_>, call: &CallRecord, (x, y): (f64, f64), way: f64) {
    let Some(error) = error(pen.story, call) else { return };
    let all = pen.lanes.width;
    let wide = (all - 16.0).min(WIDEST);
    let left = within(if way > 0.0 { x + 14.0 } else { x - 14.0 - wide }, 8.0, all - wide - 8.0);
    let top = y + 12.0;
    let inner = wide - IN * 2.0;
    let mut lines: Vec<(String, &'static str)> = Vec::new();
    let python = python(error);
    // Written as Python writes it; broken only where there is no room.
    let bold = |said: &str, mono: bool| width(said, mono) <= inner;
    if bold(&python, true) {
        lines.push((python.clone(), "card-code"));
    } else {
        lines.extend(broken(&python, inner / 1.07).into_iter().map(|line| (line, "card-code")));
    }
    lines.extend(windows(error.name).map(|number| (pen.say(&Say::Windows(number)), "dim")));
    let step = why::failure(pen.story, call, pen.window.now);
    let cause = step.and_then(|step| step.seq).filter(|seq| pen.story.mark_of(*seq) != call.seq);
    let because = step.map(|step| {
        let mark = step.seq.and_then(|seq| named::mark(pen.story, seq)).unwrap_or(Say::Code(String::new()));
        pen.say(&Say::Because(step.reason, Box::new(mark)))
    });
    let arrow = if cause.is_some() { " ↗" } else { "" };
    let because = because.map(|said| [&said, arrow].concat());
    let causes = because.as_deref().map_or_else(Vec::new, |said| broken(said, inner));
    let remedy = remedy(pen.story, call).filter(|_| pen.ladder.acts());
    // As high as a finger where there is a touch screen, or may be.
    let tall = if pen.ladder.cast().narrow { 44.0 } else { 26.0 };
    let high = IN * 2.0
        + (lines.len() + causes.len()) as f64 * (LINE + 2.0)
        + if remedy.is_some() { tall + 4.0 } else { -4.0 };
    pen.placer.take(Turned::new((left + wide / 2.0, top + high / 2.0), (wide, high), (1.0, 0.0)));
    let mut shapes = vec![Shape::Rect { x: left, y: top, w: wide, h: high, r: 8.0, style: Style::of("card") }];
    let mut at = top + IN + 10.0;
    let name: Vec<String> = lines.iter().map(|(line, _)| line.clone()).chain(because.clone()).collect();
    for (line, class) in lines {
        shapes.push(text(left + IN, at, Anchor::Start, line, class));
        at += LINE + 2.0;
    }
    let mut link = Vec::new();
    for line in causes {
        let class = if cause.is_some() { "card-link" } else { "card-text" };
        link.push(text(left + IN, at, Anchor::Start, line, class));
        at += LINE + 2.0;
    }
    if cause.is_none() {
        shapes.append(&mut link);
    }
    let how = call.provenance.how;
    pen.over(call.seq, MarkKind::Card, name.join("; "), how, shapes);
    if let Some(cause) = cause {
        pen.over(cause, MarkKind::Cause, because.unwrap_or_default(), protocol::How::Derived, link);
    }
    if let Some(remedy) = remedy {
        let said = pen.say(&Say::Remedy(remedy));
        let w = width(&said, false) * 1.22 + 22.0;
        let style = Style::of("card-button");
        let face = Shape::Rect { x: left + IN, y: at - 6.0, w, h: tall, r: 7.0, style };
        let word = text(left + IN + w / 2.0, at - 2.0 + tall / 2.0, Anchor::Middle, said.clone(), "card-button-ink");
        pen.over(call.seq, MarkKind::Remedy, said, how, vec![face, word]);
    }
}
