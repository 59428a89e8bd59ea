//! Sockets: their lines, the listening box with its seats, connections in the queue, and states.

use super::Pen;
use super::labels::{LINE, width};
use super::queue;
use super::shape::{Anchor, Shape, Sign, Style, line, text, within};
use crate::model::mark::MarkKind;
use crate::model::say::Say;
use crate::model::story::SocketRecord;
use protocol::{Address, Cause, Event, How, Kind, Nanos, Op, Outcome, Phase, Seq, SocketId, Span, TcpState, Transport};

/// The most seats that are drawn one by one.
const MOST_SEATS: u32 = 16;

/// Where a socket's line is.
pub fn x_of(pen: &Pen<'_>, id: SocketId) -> Option<f64> {
    let cast = pen.ladder.cast();
    let socket = pen.story.socket(id)?;
    // A connection is none that listens, even where it is all that is known of the server.
    if cast.listener == Some(id) && socket.peer.is_none() {
        return Some(pen.lanes.listener);
    }
    if socket.program.is_some_and(|program| cast.clients.contains(&program)) {
        let client = cast.client_of(pen.story, socket)?;
        return pen.lanes.sockets.get(client).copied();
    }
    let client = cast.client_of(pen.story, socket).unwrap_or(0);
    pen.lanes.connections.get(client).copied()
}

/// The band between the sockets, the lanes and the lines of the sockets.
pub fn scenery(pen: &mut Pen<'_>) {
    let (top, bottom) = (pen.window.top.max(0.0), pen.floor.min(pen.window.bottom));
    let (left, right) = pen.lanes.wire();
    let tall = (bottom - top).max(0.0);
    let unix = pen.ladder.cast().transport.is_some_and(|transport| !transport.is_inet());
    let class = if unix {
        "path"
    } else if pen.ladder.cast().packets {
        "wire"
    } else {
        "kernel"
    };
    let mut shapes = vec![Shape::Rect { x: left, y: top, w: right - left, h: tall, r: 0.0, style: Style::of(class) }];
    for x in pen.lanes.programs.iter().take(pen.ladder.cast().clients.len().max(1)).chain([&pen.lanes.server]) {
        shapes.push(line((*x, top), (*x, bottom), "lane"));
    }
    let breaks: Vec<_> = pen.ladder.axis().breaks(top - 20.0, bottom).collect();
    // Where there is room: beside the only client, else beside the server, else on the wire.
    let cast = pen.ladder.cast();
    let (narrow, alone) = (cast.narrow, cast.clients.len() < 2);
    for (y, idle) in breaks {
        let said = pen.say(&Say::Idle(idle));
        let wide = width(&said, false) + 14.0;
        let x = match (narrow, alone) {
            (true, _) => f64::midpoint(left, right) - wide / 2.0,
            (false, true) => 4.0,
            (false, false) => pen.lanes.width - wide - 4.0,
        };
        let y = pen.placer.down(x, y - 7.0, wide, LINE);
        let style = Style::of("break");
        shapes.push(Shape::Sign { sign: Sign::Break, x: x + 5.0, y: y + 7.0, angle: 0.0, style });
        shapes.push(text(x + 14.0, y + 11.0, Anchor::Start, said, "dim"));
    }
    pen.scenery(shapes);
    let story = pen.story;
    let cast = pen.ladder.cast();
    let (from, to) = pen.ladder.axis().times(pen.window.top - 20.0, pen.window.bottom + 20.0);
    let there = |socket: &&SocketRecord| {
        to.is_none_or(|to| socket.since <= to) && socket.closed.is_none_or(|closed| closed >= from)
    };
    let sockets: Vec<&SocketRecord> =
        story.sockets().iter().filter(there).filter(|socket| cast.has_socket(story, socket.id)).collect();
    for socket in &sockets {
        lifeline(pen, socket);
    }
    for socket in sockets {
        if let Some(x) = x_of(pen, socket.id) {
            super::levels::levels(pen, socket, x);
        }
    }
    standing(pen);
    invisible(pen);
}

/// One socket's line: dotted while it waits in the queue, then solid, until it is closed.
fn lifeline(pen: &mut Pen<'_>, socket: &SocketRecord) {
    let Some(x) = x_of(pen, socket.id) else { return };
    let axis = pen.ladder.axis();
    let from = axis.y(socket.first);
    let to = socket.closed.map_or(pen.floor, |closed| axis.y_at(closed));
    if !pen.sees(from, to) {
        return;
    }
    let clip = |y: f64| within(y, pen.window.top - 10.0, pen.window.bottom + 10.0);
    let mut shapes = Vec::new();
    let waits = socket.parent.is_some() && pen.ladder.cast().listener == socket.parent;
    let taken = match (waits, socket.accepted) {
        (false, _) => from,
        (true, Some(accepted)) => axis.y_at(accepted),
        (true, None) => to,
    };
    if taken > from {
        shapes.push(line((x, clip(from)), (x, clip(taken)), "socket queued"));
    }
    if to > taken {
        shapes.push(line((x, clip(taken)), (x, clip(to)), "socket"));
    }
    if socket.closed.is_some() {
        shapes.push(line((x - 5.0, to), (x + 5.0, to), "socket"));
    }
    let place = |address: &Option<Address>| address.as_ref().map(ToString::to_string).unwrap_or_default();
    let name = [&place(&socket.local), " ", &place(&socket.peer)].concat();
    let seq = pen.story.seq(socket.first);
    pen.mark(seq, MarkKind::Socket, name, How::Reported, shapes);
    if socket.accepted.is_some() && socket.accept.is_none() {
        four_tuple(pen, socket, seq, from);
    }
}

/// A server's socket that was bound before the story began has its box at the beginning.
fn standing(pen: &mut Pen<'_>) {
    let story = pen.story;
    let Some(socket) = pen.ladder.cast().listener.and_then(|id| story.socket(id)) else { return };
    let y = pen.ladder.axis().y(socket.first) - 12.0;
    let bound = socket.program.is_none()
        || socket.others.iter().any(|at| matches!(story.calls()[*at as usize].op, Op::Bind { .. }));
    if bound || socket.closed.is_some() || !pen.sees(y - 30.0, y + 30.0) {
        return;
    }
    // Of a connection that is only just beginning nobody knows yet what it is.
    let Some(transport) = socket.transport else { return };
    let seq = story.seq(socket.first);
    if transport.is_stream() {
        let taken = story.queued(socket.id, socket.since).len() as u32;
        seats(pen, seq, y, taken, story.seats(socket).unwrap_or(0), true, How::Reported);
    } else {
        queue::queue(pen, seq, y, &[], How::Reported);
    }
}

/// Lanes of programs whose calls nobody sees say so.
fn invisible(pen: &mut Pen<'_>) {
    let cast = pen.ladder.cast();
    let mut shapes = Vec::new();
    for (client, id) in cast.clients.iter().enumerate() {
        let Some(program) = pen.story.program(*id).filter(|program| !program.calls_visible) else { continue };
        let x = pen.lanes.programs[client];
        let said = pen.say(&Say::CallsNotVisible);
        let y = (pen.ladder.axis().y_at(program.since) + 4.0).max(pen.window.top + 8.0);
        let wide = width(&said, false);
        let left = (x - wide / 2.0).max(4.0);
        let y = pen.placer.down(left, y, wide, LINE);
        shapes.push(text(left, y + 11.0, Anchor::Start, said, "dim"));
    }
    if !shapes.is_empty() {
        pen.scenery(shapes);
    }
}

/// What a call changed about sockets: the listening box, and the seats after an `accept`.
pub fn after_call(pen: &mut Pen<'_>, event: &Event, y: f64) {
    let Kind::Call(call) = &event.kind else { return };
    if call.phase == Phase::Entered && matches!(call.span, Some(Span::Datagram { .. })) {
        queue::datagram(pen, event, y);
    }
    if call.phase != Phase::Returned || event.about.program != pen.ladder.cast().server {
        return;
    }
    match (&call.op, &call.outcome) {
        (Op::Listen { backlog }, Some(Outcome::Done)) => {
            let taken = event.about.socket.map_or(0, |id| pen.story.queued(id, event.at).len() as u32);
            seats(pen, event.seq, y - 6.0, taken, backlog + 1, true, How::Observed);
        }
        (Op::Bind { .. }, Some(Outcome::Done)) => {
            let socket = event.about.socket.and_then(|id| pen.story.socket(id));
            if socket.and_then(|socket| socket.transport).is_some_and(|transport| !transport.is_stream()) {
                queue::queue(pen, event.seq, y - 6.0, &[], How::Observed);
            }
        }
        (Op::Accept, Some(Outcome::Accepted { socket, .. })) => {
            if let Some(socket) = pen.story.socket(*socket) {
                four_tuple(pen, socket, event.seq, y);
                let listener = event.about.socket.and_then(|id| pen.story.socket(id));
                // Nobody sees a seat that was taken for less than a moment.
                let waited = event.at.since(socket.since) >= Nanos::from_millis(1);
                if let Some((id, in_all)) =
                    listener.and_then(|listener| Some((listener.id, pen.story.seats(listener)?)))
                    && waited
                {
                    let taken = pen.story.queued(id, event.at).len() as u32;
                    seats(pen, event.seq, y + 2.0, taken, in_all, false, How::Derived);
                }
            }
        }
        _ => {}
    }
}

/// A connection that appears in the queue takes a seat.
pub fn queued(pen: &mut Pen<'_>, event: &Event, y: f64) {
    let Some(socket) = event.about.socket.and_then(|id| pen.story.socket(id)) else { return };
    let Some(listener) = socket.parent.and_then(|id| pen.story.socket(id)) else { return };
    let seats_in_all = pen.story.seats(listener).unwrap_or(0);
    let stays = socket.accepted.is_none_or(|accepted| accepted.since(socket.since) >= Nanos::from_millis(1));
    if seats_in_all == 0 || !stays {
        return;
    }
    let taken = pen.story.queued(listener.id, event.at).len() as u32;
    seats(pen, event.seq, y - 7.0, taken, seats_in_all, false, event.provenance.how);
}

fn four_tuple(pen: &mut Pen<'_>, socket: &SocketRecord, seq: Seq, y: f64) {
    let Some(x) = x_of(pen, socket.id) else { return };
    let Some(peer) = &socket.peer else { return };
    let Address::Inet(peer) = peer else { return };
    let local = socket.local.as_ref().and_then(Address::port).map_or(String::new(), |port| port.to_string());
    let said = [":", &local, " ↔ :", &peer.port().to_string()].concat();
    let wide = width(&said, true) + 6.0;
    // Where packets fly they need the wire.
    let outside = pen.ladder.cast().packets;
    let left = if outside { pen.lanes.listener.max(x) + 6.0 } else { x - wide - 6.0 };
    let top = pen.placer.down(left, y - 2.0, wide, LINE);
    let shape = text(left + 3.0, top + 11.0, Anchor::Start, said.clone(), "tuple");
    pen.mark(seq, MarkKind::Socket, said, How::Observed, vec![shape]);
}

/// The seats of the listening socket, beside its line.
fn seats(pen: &mut Pen<'_>, seq: Seq, y: f64, taken: u32, seats: u32, boxed: bool, how: How) {
    let drawn = seats.min(MOST_SEATS);
    let said = pen.say(&Say::Seats { taken, seats });
    let word = if boxed { "LISTEN" } else { "" };
    let lead = if boxed { 56.0 } else { 6.0 };
    let wide = lead + f64::from(drawn) * 10.0 + 4.0;
    let tail = width(&said, false) + 6.0;
    let x = pen.lanes.listener - 2.0;
    // The box says the same; words only where they have room.
    let words = !(boxed && taken == 0) && x + wide + tail + 12.0 < pen.lanes.server;
    let tail = if words { tail } else { 0.0 };
    // The box stands where the labels of the server's calls end, so it goes to the left where there is no room.
    let x = if boxed { x } else { x + 4.0 };
    let high = if boxed { 22.0 } else { 16.0 };
    let y = pen.placer.down(x, y, wide + tail, high + 2.0);
    let mut shapes = vec![Shape::Rect { x, y, w: wide, h: high, r: 6.0, style: Style::of("listen") }];
    if boxed {
        shapes.push(text(x + 8.0, y + 15.0, Anchor::Start, word.to_string(), "listen-ink"));
    }
    for seat in 0..drawn {
        let class = if seat < taken { "seat taken" } else { "seat" };
        let at = x + lead + f64::from(seat) * 10.0;
        shapes.push(Shape::Rect { x: at, y: y + high / 2.0 - 4.0, w: 7.0, h: 8.0, r: 2.0, style: Style::of(class) });
    }
    if tail > 0.0 {
        shapes.push(text(x + wide + 5.0, y + high / 2.0 + 4.0, Anchor::Start, said.clone(), "dim"));
    }
    pen.mark(seq, MarkKind::Seats, said, how, shapes);
}

/// A state, beside its socket's line.
pub fn state(pen: &mut Pen<'_>, event: &Event, y: f64) {
    let Kind::State { to, .. } = event.kind else { return };
    let Some(id) = event.about.socket else { return };
    let (Some(x), Some(socket)) = (x_of(pen, id), pen.story.socket(id)) else { return };
    if socket.transport.is_some_and(|transport| transport != Transport::Tcp) {
        return;
    }
    let client = socket.program.is_some_and(|program| pen.ladder.cast().clients.contains(&program));
    let wide = to.name().len() as f64 * 7.2 + 14.0;
    // Where packets fly they need the wire; else it has room, and no call has its label there.
    let inside = !pen.ladder.cast().packets;
    let left = if client == inside { x + 7.0 } else { x - wide - 7.0 };
    // At the packet that caused it.
    let y = match event.cause {
        Some(Cause::Event(seq)) if event.provenance.how == How::Derived => {
            pen.ladder.y_of(pen.story, seq).map_or(y, |at| at.min(y))
        }
        _ => y,
    };
    let top = pen.placer.down(left - 2.0, y - 9.0, wide + 4.0, 19.0);
    // Derived or reported: the frame tells.
    let class = match (to, client, event.provenance.how == How::Derived) {
        (TcpState::Closed, _, true) => "state closed derived-frame",
        (TcpState::Closed, ..) => "state closed",
        (_, true, true) => "state client derived-frame",
        (_, true, _) => "state client",
        (_, _, true) => "state server derived-frame",
        _ => "state server",
    };
    let shapes = vec![
        Shape::Rect { x: left, y: top, w: wide, h: 18.0, r: 9.0, style: Style::of(class) },
        text(
            left + wide / 2.0,
            top + 13.0,
            Anchor::Middle,
            to.name().to_string(),
            if client { "state-ink client" } else { "state-ink server" },
        ),
    ];
    pen.mark(event.seq, MarkKind::State, to.name().to_string(), event.provenance.how, shapes);
}
