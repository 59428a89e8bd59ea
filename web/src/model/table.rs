//! The ladder as rows of a table: time, who, what, result, in reading order.

use super::filter::Filter;
use super::letter::Share;
use super::story::{PacketRecord, Place, SocketRecord, Sort, Story};
use super::{MarkKind, Say, wording};
use protocol::{How, Kind, Nanos, Phase, Seq, Stage, TcpState};

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The event.
    pub seq: Seq,
    /// What sort of mark it belongs to.
    pub kind: MarkKind,
    /// When.
    pub at: Nanos,
    /// Who.
    pub who: String,
    /// What: a call with its arguments, a state, a sentence.
    pub what: Say,
    /// What came of it.
    pub result: Option<Say>,
    /// Whether it failed or was lost.
    pub bad: bool,
    /// How it is known.
    pub how: How,
}

/// Whether an event has a row: the return of a call that never waited stands in the row of its entry.
#[must_use]
pub fn has_row(story: &Story, place: Place) -> bool {
    let tag = story.tag(place);
    match tag.sort {
        Sort::Entered => return true,
        Sort::Returned => return story.calls()[tag.at as usize].entered.is_none() || separate(story, place),
        Sort::Scheduled | Sort::Gauge => return false,
        // Sent and received in one moment, inside one kernel, is one row.
        Sort::Delivered => return !is_at_once(&story.packets()[tag.at as usize]),
        sort if sort.is_packet() => return true,
        _ => {}
    }
    let event = story.event_at(place);
    match &event.kind {
        Kind::Socket { parent, .. } => {
            let first =
                event.about.socket.and_then(|id| story.socket(id)).is_some_and(|socket| socket.queued == Some(place));
            parent.is_some() && first
        }
        Kind::State { .. }
        | Kind::Note(..)
        | Kind::Dropped { .. }
        | Kind::Command { .. }
        | Kind::Closed
        | Kind::Ended => true,
        _ => false,
    }
}

/// Whether a packet arrived in the moment of its sending, inside one kernel.
fn is_at_once(packet: &PacketRecord) -> bool {
    packet.sent.is_some() && packet.end == Some(packet.start)
}

/// Whether something happened between the entry and the return of a call, so that its return has a row of its own.
fn separate(story: &Story, returned: Place) -> bool {
    let tag = story.tag(returned);
    if tag.sort != Sort::Returned {
        return false;
    }
    let Some(entered) = story.calls()[tag.at as usize].entered else { return true };
    let rank = |place: Place| story.rank(story.seq(place));
    let (Some(from), Some(to)) = (rank(entered), rank(returned)) else { return true };
    // Far apart means that something was between; a short way is looked at.
    // A call that returned before it was entered is none that can be.
    to.saturating_sub(from) > 64
        || story.in_order()[(from + 1).min(to)..to].iter().any(|place| has_row_quick(story, *place))
}

fn has_row_quick(story: &Story, place: Place) -> bool {
    story.tag(place).sort.is_call() || has_row(story, place)
}

/// The row of an event that has one.
#[must_use]
pub fn row(story: &Story, place: Place, now: Nanos) -> Row {
    let event = story.event_at(place);
    let socket = event.about.socket.and_then(|id| story.socket(id));
    let program = event.about.program.or_else(|| socket?.program);
    let who = program.map(|id| super::named::who(story, id)).unwrap_or_default();
    let mut row = Row {
        seq: event.seq,
        kind: MarkKind::Note,
        at: event.at,
        who,
        what: Say::Code(String::new()),
        result: None,
        bad: false,
        how: event.provenance.how,
    };
    match &event.kind {
        Kind::Call(end) => {
            row.kind = MarkKind::Call;
            row.what = Say::Code(wording::op(&end.op));
            let Some(call) = story.call(end.id) else { return row };
            let result = || {
                let letters: String =
                    story.shares(call).iter().map(Share::name).map(|name| " ".to_string() + &name).collect();
                call.outcome.as_ref().map(|outcome| Say::Code(wording::outcome(outcome) + &letters))
            };
            row.bad =
                call.failed() && (end.phase == Phase::Returned || call.returned.is_none_or(|at| !separate(story, at)));
            row.result = match (end.phase, call.returned) {
                (Phase::Entered, Some(returned)) if separate(story, returned) => None,
                (Phase::Entered, None) => {
                    Some(Say::Waiting { accept: end.op == protocol::Op::Accept, time: now.since(call.start) })
                }
                _ => result(),
            };
            if end.phase == Phase::Returned
                && let Some(took) = call.took().filter(|took| *took >= Nanos::from_millis(1))
            {
                row.result = row.result.map(|result| Say::Both(Box::new(result), Box::new(Say::Waited(took))));
            }
            // What the program never gets.
            let cut = super::inspect::cut(story, call);
            if cut > 0 {
                row.result = row.result.map(|result| Say::Both(Box::new(result), Box::new(Say::CutOff(cut))));
            }
        }
        Kind::Packet(packet) => {
            row.kind = MarkKind::Packet;
            let record = story.packet(packet.id);
            row.what =
                record.map_or(Say::DataBytes(packet.true_len.into()), |record| super::named::packet(story, record));
            row.result = Some(match packet.stage {
                Stage::Dropped(why) => Say::Dropped(why),
                Stage::Held(_) => Say::Held,
                Stage::Released => Say::Released,
                Stage::Delivered => Say::Delivered,
                Stage::Duplicated => Say::Copied,
                Stage::Fragmented => Say::CutUp,
                Stage::Sent | Stage::Scheduled(_) => match record.and_then(|record| story.repeats(record)) {
                    Some(_) => Say::SentAgain,
                    None if record.is_some_and(is_at_once) => Say::Delivered,
                    None => Say::OnItsWay,
                },
            });
            if let Some((src, dst)) = record.and_then(|record| story.ends_of(record)) {
                row.who = [&src.to_string(), " → ", &dst.to_string()].concat();
            }
            row.bad = matches!(packet.stage, Stage::Dropped(_));
        }
        Kind::State { to, .. } => {
            row.kind = MarkKind::State;
            row.what = Say::Code(to.name().into());
            let local = socket.and_then(|socket| socket.local.as_ref()).map(ToString::to_string);
            row.result = local.map(Say::Code);
            // Established before anybody accepted it: now it has a seat.
            let waits = |socket: &&SocketRecord| {
                let established = socket.queued.is_some_and(|queued| story.at(queued) < event.at);
                established && *to == TcpState::Established && socket.accepted.is_none_or(|at| at > event.at)
            };
            if let Some(socket) = socket.filter(waits) {
                let queued = [row.result.take(), Some(Say::Queued), seats(story, socket, event.at)];
                row.result = queued.into_iter().flatten().reduce(|a, b| Say::Both(Box::new(a), Box::new(b)));
            }
        }
        Kind::Socket { .. } => {
            row.kind = MarkKind::Seats;
            let peer = socket.and_then(|socket| socket.peer.as_ref()).map(ToString::to_string).unwrap_or_default();
            // Told at its SYN, it has no seat yet; told by the kernel, it sits in one.
            let half = socket.and_then(|socket| story.state_of(socket, event.at)) == Some(TcpState::SynReceived);
            let queued = if half { Say::HalfOpen } else { Say::Queued };
            row.what = Say::Both(Box::new(Say::Code(peer)), Box::new(queued));
            if let Some(socket) = socket.filter(|_| !half) {
                row.result = seats(story, socket, event.at);
            }
        }
        Kind::Note(id, args) => row.what = Say::Note(*id, args.clone()),
        Kind::Dropped { place, count } => {
            (row.kind, row.bad) = (MarkKind::Loss, true);
            row.what = Say::Lost(*place, *count);
        }
        Kind::Command { what, .. } => {
            row.kind = MarkKind::Command;
            row.what = Say::Command(Box::new(what.clone()));
        }
        Kind::Closed => {
            row.kind = MarkKind::Socket;
            row.what = Say::Code("closed".into());
        }
        Kind::Ended => row.what = Say::Code("exit".into()),
        Kind::Host { .. } | Kind::Program { .. } | Kind::Flow { .. } | Kind::Gauge(_) => {}
    }
    row
}

/// How many seats of the socket that a connection came from are taken.
fn seats(story: &Story, socket: &SocketRecord, at: Nanos) -> Option<Say> {
    let listener = story.socket(socket.parent?)?;
    let taken = |socket: &&SocketRecord| story.state_of(socket, at) != Some(TcpState::SynReceived);
    let taken = story.queued(listener.id, at).iter().filter(|socket| taken(socket)).count() as u32;
    Some(Say::Seats { taken, seats: story.seats(listener)? })
}

/// Up to `most` rows that a filter takes and that end with the one at `until` (or the newest), and how many earlier and later ones there are.
#[must_use]
pub fn rows(story: &Story, filter: Filter, until: Option<Seq>, most: usize, now: Nanos) -> (Vec<Row>, usize, usize) {
    let order = story.in_order();
    let end = until.and_then(|seq| story.rank(seq)).map_or(order.len(), |rank| (rank + most / 2).min(order.len()));
    let mut shown = Vec::new();
    let mut first = end;
    while first > 0 && shown.len() < most {
        first -= 1;
        if filter.takes(story, order[first]) && has_row(story, order[first]) {
            shown.push(row(story, order[first], now));
        }
    }
    shown.reverse();
    (shown, first, order.len() - end)
}

#[cfg(test)]
mod tests;
