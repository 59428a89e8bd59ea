//! The ladder as rows of a table: time, who, what, result, in reading order.

use super::letter::Share;
use super::story::{PacketRecord, Place, Sort, Story};
use super::{MarkKind, Say, wording};
use protocol::{How, Kind, Nanos, Phase, Seq, Stage};

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
    let program = event.about.program.and_then(|id| story.program(id));
    let socket = event.about.socket.and_then(|id| story.socket(id));
    let owner = socket.and_then(|socket| socket.program).and_then(|id| story.program(id));
    let who = program.or(owner).map(|program| program.name.clone()).unwrap_or_default();
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
        }
        Kind::Packet(packet) => {
            row.kind = MarkKind::Packet;
            let record = story.packet(packet.id);
            row.what =
                record.and_then(|record| packet_said(story, record)).unwrap_or(Say::DataBytes(packet.true_len.into()));
            row.result = Some(match packet.stage {
                Stage::Dropped(why) => Say::Dropped(why),
                Stage::Held(_) => Say::Held,
                Stage::Released => Say::Released,
                Stage::Delivered => Say::Delivered,
                Stage::Duplicated => Say::Copied,
                Stage::Fragmented => Say::CutUp,
                Stage::Sent | Stage::Scheduled(_) => match record.and_then(|record| story.repeats(record)) {
                    Some(_) => Say::SentAgain,
                    None => Say::OnItsWay,
                },
            });
            if let Some((src, _)) = record.and_then(|record| story.ends_of(record)) {
                row.who = src.to_string();
            }
            row.bad = matches!(packet.stage, Stage::Dropped(_));
        }
        Kind::State { to, .. } => {
            row.kind = MarkKind::State;
            row.what = Say::Code(to.name().into());
            let local = socket.and_then(|socket| socket.local.as_ref()).map(ToString::to_string);
            row.result = local.map(Say::Code);
        }
        Kind::Socket { .. } => {
            row.kind = MarkKind::Seats;
            let peer = socket.and_then(|socket| socket.peer.as_ref()).map(ToString::to_string).unwrap_or_default();
            let listener = socket.and_then(|socket| socket.parent).and_then(|id| story.socket(id));
            row.what = Say::Both(Box::new(Say::Code(peer)), Box::new(Say::Queued));
            if let Some((listener, seats)) = listener.and_then(|listener| Some((listener, story.seats(listener)?))) {
                let taken = story.queued(listener.id, event.at).len() as u32;
                row.result = Some(Say::Seats { taken, seats });
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

/// `SYN, ACK`, `1448 bytes 1449–2896`.
fn packet_said(story: &Story, packet: &PacketRecord) -> Option<Say> {
    let header = story.header(packet)?;
    let flags = packet.tcp.map(|segment| segment.flags.names().collect::<Vec<_>>().join(", "));
    let data = (header.payload_len > 0 || flags.is_none()).then(|| Say::DataBytes(header.payload_len.into()));
    let place = story.relative_seq(packet).filter(|_| header.payload_len > 0).map(|first| {
        let last = first + u64::from(header.payload_len) - 1;
        Say::Code([first.to_string(), last.to_string()].join("–"))
    });
    let parts = flags.map(Say::Code).into_iter().chain(data).chain(place);
    parts.reduce(|said, part| Say::Both(Box::new(said), Box::new(part)))
}

/// Up to `most` rows that end with the one at `until` (or the newest), and how many earlier and later ones there are.
#[must_use]
pub fn rows(story: &Story, until: Option<Seq>, most: usize, now: Nanos) -> (Vec<Row>, usize, usize) {
    let order = story.in_order();
    let end = until.and_then(|seq| story.rank(seq)).map_or(order.len(), |rank| (rank + most / 2).min(order.len()));
    let mut shown = Vec::new();
    let mut first = end;
    while first > 0 && shown.len() < most {
        first -= 1;
        if has_row(story, order[first]) {
            shown.push(row(story, order[first], now));
        }
    }
    shown.reverse();
    (shown, first, order.len() - end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::story::tell::three_in_one;
    use expect_test::expect;

    #[test]
    fn read_from_top_to_bottom_it_is_the_story() {
        let story = three_in_one().story();
        let (rows, earlier, later) = rows(&story, None, 100, story.latest());
        assert_eq!((earlier, later), (0, 0));
        let line =
            |row: &Row| format!("{} | {} | {:?} | {:?}\n", wording::moment(row.at), row.who, row.what, row.result);
        expect![[r#"
            0.00 ms | TCP echo server | Code("socket(AF_INET, SOCK_STREAM)") | Some(Code("fd 3"))
            0.00 ms | TCP echo server | Code("bind(127.0.0.1:8808)") | Some(Code("0"))
            0.00 ms | TCP echo server | Code("listen(5)") | Some(Code("0"))
            1.00 ms | client 1 | Code("socket(AF_INET, SOCK_STREAM)") | Some(Code("fd 9"))
            1.02 ms | TCP echo server | Code("accept()") | None
            1.10 ms | client 1 | Code("connect(127.0.0.1:8808)") | None
            1.15 ms | TCP echo server | Both(Code("127.0.0.1:41022"), Queued) | Some(Seats { taken: 1, seats: 6 })
            1.15 ms | client 1 | Code("ESTABLISHED") | Some(Code("127.0.0.1:41022"))
            1.16 ms | client 1 | Code("connect(127.0.0.1:8808)") | Some(Code("0"))
            1.20 ms | TCP echo server | Code("accept()") | Some(Code("conn :41022"))
            1.20 ms | TCP echo server | Code("ESTABLISHED") | Some(Code("127.0.0.1:8808"))
            2.00 ms | client 1 | Code("send(3)") | Some(Code("3 A"))
            5.00 ms | client 1 | Code("send(3)") | Some(Code("3 B"))
            9.00 ms | client 1 | Code("send(5)") | Some(Code("5 C"))
            9.03 ms | client 1 | Code("recv(1024)") | None
            20.00 ms | TCP echo server | Code("recv(1024)") | Some(Code("11 A B C"))
            20.02 ms | TCP echo server | Code("send(11)") | Some(Code("11 A′ B′ C′"))
            20.09 ms | client 1 | Code("recv(1024)") | Some(Both(Code("11 A′ B′ C′"), Waited(Nanos(11060000))))
        "#]]
        .assert_eq(&rows.iter().map(line).collect::<String>());
    }

    #[test]
    fn only_so_many_rows_are_made() {
        let story = three_in_one().story();
        let (rows, earlier, _) = rows(&story, None, 5, story.latest());
        assert_eq!(rows.len(), 5);
        assert!(earlier > 0);
    }
}
