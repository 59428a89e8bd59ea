#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod captured;
mod packets;
mod shapes;

use super::*;
use crate::model::story::tell::{LISTENER, SERVER, Teller, at, three_in_one};
use crate::model::story::tell_packets::{fragments, loopback_hello, lost_segment};
use expect_test::expect;
use protocol::{About, Bytes, Errno, Op, Outcome, Role, SocketId, SysError, TcpState};

const CLIENT: ProgramId = ProgramId(2);
const MINE: SocketId = SocketId(2);
const CONN: SocketId = SocketId(3);

/// Words that do not depend on a language's wording.
fn plain(what: &Say) -> String {
    match what {
        Say::Code(code) | Say::Program(code) => code.clone(),
        Say::Named { who, what } => format!("{who}: {}", plain(what)),
        Say::Both(first, second) => format!("{}, {}", plain(first), plain(second)),
        Say::Waited(length) => format!("waited {}", crate::model::wording::time(*length)),
        Say::Waiting { accept, time } => {
            format!("waiting{} {}", if *accept { " (normal)" } else { "" }, crate::model::wording::time(*time))
        }
        Say::Seats { taken, seats } => format!("{taken}/{seats}"),
        Say::Echoes { count, .. } => format!("{count} echoes"),
        other => format!("{other:?}"),
    }
}

fn laid(story: &Story) -> Ladder {
    let mut ladder = Ladder::default();
    ladder.update(story, None);
    ladder
}

fn drawn(ladder: &Ladder, story: &Story, top: f64, bottom: f64, now: Nanos) -> Picture {
    ladder.picture(story, &Window { top, bottom, width: 850.0, floor: 0.0, now, say: &plain })
}

fn whole(story: &Story, now: Nanos) -> Picture {
    let ladder = laid(story);
    drawn(&ladder, story, 0.0, ladder.height(now), now)
}

/// Each mark and its texts, from top to bottom.
fn told(picture: &Picture) -> String {
    let mut said = String::new();
    for mark in picture.marks.iter().filter(|mark| mark.kind != MarkKind::Scenery) {
        let texts = mark.shapes.iter().filter_map(|shape| match shape {
            Shape::Text { x, y, text, .. } => Some(format!("{text}@{x:.0},{y:.0}")),
            _ => None,
        });
        said += &format!("{} {} {}\n", mark.seq, mark.kind.name(), texts.collect::<Vec<_>>().join(" "));
    }
    said
}

/// The room that each text takes, by the same measure that the layout uses.
fn boxes(picture: &Picture) -> Vec<(String, [f64; 4])> {
    let texts = picture.marks.iter().flat_map(|mark| &mark.shapes).filter_map(|shape| match shape {
        Shape::Text { x, y, anchor, angle, text, style } if *angle == 0.0 && !text.is_empty() => {
            let mono = style.class.starts_with("call") || style.class == "tuple" || style.class.starts_with("chip");
            let wide = width(text, mono);
            let left = match anchor {
                Anchor::Start => *x,
                Anchor::Middle => x - wide / 2.0,
                Anchor::End => x - wide,
            };
            Some((text.clone(), [left, y - 9.0, left + wide, y + 2.0]))
        }
        _ => None,
    });
    texts.collect()
}

fn assert_nothing_overlaps(picture: &Picture) {
    let boxes = boxes(picture);
    assert!(boxes.len() > 3, "there must be something to compare");
    for (n, (text, a)) in boxes.iter().enumerate() {
        for (other, b) in &boxes[n + 1..] {
            let apart = a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1];
            assert!(apart, "{text:?} {a:?} overlaps {other:?} {b:?}");
        }
    }
}

/// Two clients: the second waits in its seat.
pub fn second_waits() -> Teller {
    let mut tell = Teller::tcp();
    tell.connected(1_000, CLIENT, MINE, CONN, 41022);
    tell.enter(2_090, SERVER, CONN, Op::Recv { max: 1024 }, Bytes::default(), None);
    let (other, socket) = (ProgramId(3), SocketId(4));
    tell.program(500_000, other, Role::Client, "client 2");
    tell.socket(500_090, other, socket, None, Some(41023), Some(8808));
    tell.call(500_030, 500_100, other, socket, Op::Connect { to: at(8808) }, Outcome::Done);
    tell.socket(500_104, ProgramId(0), SocketId(5), Some(LISTENER), Some(8808), Some(41023));
    tell.send(700_000, 700_010, other, socket, "me too");
    tell.enter(700_020, other, socket, Op::Recv { max: 1024 }, Bytes::default(), None);
    tell
}

fn echoes(count: u64) -> Teller {
    let mut tell = Teller::tcp();
    tell.connected(1_000, CLIENT, MINE, CONN, 41022);
    for at in (0..count).map(|n| 2_000 + n * 200) {
        tell.send(at, at + 10, CLIENT, MINE, "ping!");
        tell.recv(at - 50, at + 30, SERVER, CONN, "ping!");
        tell.send(at + 34, at + 44, SERVER, CONN, "PING!");
        tell.recv(at + 12, at + 80, CLIENT, MINE, "PING!");
    }
    tell
}

#[test]
fn three_sends_and_one_recv() {
    let story = three_in_one().story();
    expect![[r#"
        4 socket 
        11 socket 
        16 socket 
        29 level 
        9 seats LISTEN@523,84
        17 state ESTABLISHED@403,145
        19 socket :8808 ↔ :41022@393,168
        22 state ESTABLISHED@448,184
        4 call socket(AF_INET, SOCK_STREAM)@537,28 = fd 3@694,42
        6 call bind(127.0.0.1:8808) = 0@565,56
        8 call listen(5) = 0@644,72
        11 call socket(AF_INET, SOCK_STREAM)@126,95 = fd 9@126,109
        13 call accept() = conn :41022@580,117
        14 call connect(127.0.0.1:8808) = 0@126,131
        23 call send(3) = 3@126,188 A@216,188
        25 call send(3) = 3@126,213 B@216,213
        27 call send(5) = 5@126,241 C@216,240
        34 call recv(1024)@126,263 = 11@126,339 A′@170,339 B′@192,339 C′@214,339 waited 11 ms@104,300
        30 call recv(1024) = 11@579,296 A@698,296 B@713,296 C@728,296
        32 call send(11) = 11@572,318 A′@680,318 B′@703,318 C′@725,318
        29 level Level { received: true, bytes: 11 }@284,268
    "#]]
    .assert_eq(&told(&whole(&story, story.latest())));
}

#[test]
fn a_second_client_takes_a_seat() {
    let story = second_waits().story();
    expect![[r#"
        4 socket 
        11 socket 
        16 socket 
        26 socket 
        28 socket 
        9 seats LISTEN@548,84
        17 state ESTABLISHED@411,145
        19 socket :8808 ↔ :41022@418,168
        22 state ESTABLISHED@473,184
        28 seats 1/6@619,269
        4 call socket() = fd 3@613,28
        6 call bind(127.0.0.1:8808)@577,50 = 0@699,64
        8 call listen(5) = 0@627,104
        11 call socket() = fd 9@54,95
        13 call accept() = conn :41022@563,119
        14 call connect(:8808) = 0@54,131
        23 call recv(1024)@648,188 waiting 12 s@720,230
        26 call connect(:8808) = 0@207,246
        29 call send(6) = 6@207,328 A@297,328
        31 call recv(1024)@207,350 waiting 11 s@207,372
    "#]]
    .assert_eq(&told(&whole(&story, Nanos::from_millis(12_700))));
}

#[test]
fn the_seat_is_drawn_although_the_state_was_told_first() {
    let mut tell = Teller::tcp();
    tell.state(499_000, SocketId(5), TcpState::Established);
    tell.socket(500_104, ProgramId(0), SocketId(5), Some(LISTENER), Some(8808), Some(41023));
    let story = tell.story();
    let seats: Vec<String> = whole(&story, story.latest())
        .marks
        .into_iter()
        .filter(|mark| mark.kind == MarkKind::Seats)
        .map(|mark| mark.name)
        .collect();
    assert_eq!(seats, ["0/6", "1/6"]);
}

#[test]
fn labels_never_overlap() {
    for tell in [three_in_one(), second_waits(), echoes(40)] {
        let story = tell.story();
        assert_nothing_overlaps(&whole(&story, Nanos(story.latest().0 + 5_000_000_000)));
    }
}

#[test]
fn equal_echoes_fold_and_open_again() {
    let story = echoes(40).story();
    let mut ladder = laid(&story);
    let folded = ladder.height(story.latest());
    let picture = drawn(&ladder, &story, 0.0, folded, story.latest());
    let fold = picture.marks.iter().find(|mark| mark.kind == MarkKind::Fold).unwrap();
    assert_eq!(fold.name, "37 echoes ▸");
    let sends = picture.marks.iter().filter(|mark| mark.name.starts_with("client 1: send(5)")).count();
    assert_eq!(sends, 3, "the first two and the last stay");
    ladder.toggle_fold(&story, story.call_of(fold.seq).unwrap());
    assert!(ladder.height(story.latest()) > folded * 4.0);
}

#[test]
fn an_error_never_folds_and_is_said() {
    let mut tell = echoes(12);
    let reset = SysError { name: Errno::Econnreset, number: 104 };
    tell.call(20_000, 20_050, CLIENT, MINE, Op::Recv { max: 1024 }, Outcome::Failed(reset));
    let story = tell.story();
    let picture = whole(&story, story.latest());
    assert!(picture.marks.iter().any(|mark| mark.name == "client 1: recv(1024) ✗ ECONNRESET"));
}

#[test]
fn growing_and_laying_anew_give_the_same() {
    let tell = echoes(30);
    let mut story = Story::new();
    let mut grown = Ladder::default();
    // Some late, as the kernel's reports are.
    for pair in tell.events.chunks(2) {
        pair.iter().rev().for_each(|event| story.push(event));
        grown.update(&story, None);
    }
    let fresh = laid(&story);
    assert!(grown.axis().rows() == fresh.axis().rows(), "the axis must not depend on how it grew");
    let end = fresh.height(story.latest());
    assert_eq!(drawn(&grown, &story, 0.0, end, story.latest()), drawn(&fresh, &story, 0.0, end, story.latest()));
}

#[test]
fn a_window_holds_only_what_is_seen_and_what_reaches_into_it() {
    let mut tell = Teller::tcp();
    tell.connected(1_000, CLIENT, MINE, CONN, 41022);
    let waits = tell.enter(1_500, SERVER, CONN, Op::Recv { max: 1024 }, Bytes::default(), None);
    for n in 0..500_u64 {
        tell.send(2_000 + n * 100, 2_010 + n * 100, CLIENT, MINE, "x");
    }
    let story = tell.story();
    let ladder = laid(&story);
    let now = story.latest();
    let middle = ladder.height(now) / 2.0;
    let picture = drawn(&ladder, &story, middle, middle + 600.0, now);
    assert!(picture.marks.len() < 80, "{}", picture.marks.len());
    let waiting = story.call(waits).unwrap().seq;
    assert!(picture.marks.iter().any(|mark| mark.seq == waiting), "a bar that reaches through the window is drawn");
}

#[test]
fn scrolling_does_not_move_labels() {
    let story = echoes(6).story();
    let ladder = laid(&story);
    let now = story.latest();
    let all = boxes(&drawn(&ladder, &story, 0.0, ladder.height(now), now));
    let part = boxes(&drawn(&ladder, &story, 200.0, 500.0, now));
    assert!(part.len() > 5);
    assert!(part.iter().all(|label| all.contains(label)));
}

#[test]
fn marks_are_walked_in_the_order_of_time() {
    let story = three_in_one().story();
    let ladder = laid(&story);
    let mut walked = Vec::new();
    let mut at = ladder.neighbour(&story, None, true);
    while let Some(seq) = at {
        walked.push(seq);
        at = ladder.neighbour(&story, Some(seq), true);
    }
    let times: Vec<Nanos> = walked.iter().map(|seq| story.event(*seq).unwrap().at).collect();
    assert!(times.is_sorted() && walked.len() > 10);
    assert_eq!(ladder.neighbour(&story, None, false), walked.last().copied());
}

#[test]
fn another_program_says_that_its_calls_are_not_visible() {
    let mut tell = Teller::tcp();
    tell.some_program(1_000, CLIENT, Role::Other, "nc", false);
    tell.socket(1_010, CLIENT, MINE, None, Some(41022), Some(8808));
    tell.socket(1_020, ProgramId(0), CONN, Some(LISTENER), Some(8808), Some(41022));
    tell.state(1_030, CONN, TcpState::Established);
    let story = tell.story();
    let picture = whole(&story, story.latest());
    let texts = boxes(&picture);
    assert!(texts.iter().any(|(text, _)| text == "CallsNotVisible"), "{texts:?}");
}

#[test]
fn typed_text_stays_text() {
    let mut tell = Teller::tcp();
    let name = "<img src=x onerror=alert(1)>\"&";
    tell.program(1_000, CLIENT, Role::Client, name);
    tell.call(1_010, 1_020, CLIENT, MINE, Op::Unlink { path: name.into() }, Outcome::Done);
    tell.event(
        1_030,
        About::default(),
        Kind::Note(protocol::NoteId::StaleSocketFile, vec![protocol::Arg::Text(name.into())]),
    );
    let story = tell.story();
    let picture = whole(&story, story.latest());
    let drawn = svg::document(&picture.marks, 850.0, 400.0, "");
    assert!(!drawn.contains("<img") && drawn.contains("&lt;img"));
}

fn packets(story: &Story) -> (Ladder, Picture) {
    let ladder = laid(story);
    let picture = drawn(&ladder, story, 0.0, ladder.height(story.latest()), story.latest());
    (ladder, picture)
}
