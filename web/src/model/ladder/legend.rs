//! The legend: every sign of the ladder as it is drawn, and what it stands for.

use super::calls::{chip, open_frame};
use super::shape::{Anchor, Shape, Sign, Style, line, text};
use crate::model::letter::{Letter, Share};
use crate::model::say::Entry;

/// The room of each picture, CSS pixels.
pub const SIZE: (f64, f64) = (84.0, 26.0);

/// Each sign with its meaning, in the order in which one meets them.
#[must_use]
pub fn legend() -> Vec<(Entry, Vec<Shape>)> {
    const ALL: [Entry; 23] = [
        Entry::Call,
        Entry::Waits,
        Entry::Began,
        Entry::Failed,
        Entry::Bytes,
        Entry::Answer,
        Entry::Packet,
        Entry::Data,
        Entry::Again,
        Entry::Lost,
        Entry::Socket,
        Entry::Queued,
        Entry::Listen,
        Entry::Level,
        Entry::Break,
        Entry::Dotted,
        Entry::Derived,
        Entry::Reported,
        Entry::Observed,
        Entry::Simulated,
        Entry::Edge,
        Entry::Hatched,
        Entry::Hollow,
    ];
    ALL.into_iter().map(|entry| (entry, picture(entry))).collect()
}

fn picture(entry: Entry) -> Vec<Shape> {
    let (wide, high) = SIZE;
    let (x, y) = (wide / 2.0, high / 2.0);
    let bar = |class| Shape::Rect { x: x - 5.0, y: 3.0, w: 10.0, h: high - 6.0, r: 2.0, style: Style::of(class) };
    let sign = |sign, x, y, angle, style| Shape::Sign { sign, x, y, angle, style };
    let chips = |answer| {
        let share = |n| Share { letter: Some(Letter(n)), answer, start: 0, len: 1 };
        let mut shapes = Vec::new();
        for n in 0..3 {
            chip(8.0 + f64::from(n) * 24.0, y - 6.5, &share(n), &mut shapes);
        }
        shapes
    };
    let flight = |class, head| {
        let style = |class| Style::hued(class, Some(0));
        let line = Shape::Line { from: (6.0, 6.0), to: (wide - 12.0, high - 6.0), style: style(class) };
        vec![line, sign(Sign::Head, wide - 12.0, high - 6.0, 12.0, style(head))]
    };
    let state = |class: &'static str| {
        let frame = Shape::Rect { x: 6.0, y: y - 9.0, w: 72.0, h: 18.0, r: 9.0, style: Style::of(class) };
        vec![frame, text(x, y + 4.0, Anchor::Middle, "SYN_SENT".into(), "state-ink client")]
    };
    let block = |class| Shape::Rect { x: 6.0, y: 4.0, w: 72.0, h: 19.0, r: 3.0, style: Style::hued(class, Some(0)) };
    match entry {
        Entry::Call => vec![bar("bar")],
        Entry::Waits => vec![bar("bar wait")],
        Entry::Began => [bar("bar wait begun")].into_iter().chain(open_frame(x, 0.0, high - 3.0)).collect(),
        Entry::Failed => vec![bar("bar failed"), sign(Sign::Cross, x, high - 7.0, 0.0, Style::of("cross"))],
        Entry::Bytes => chips(false),
        Entry::Answer => chips(true),
        Entry::Packet => flight("packet", "head"),
        Entry::Data => flight("packet data", "head data"),
        Entry::Again => {
            let ties = [line((3.0, 0.0), (3.0, 6.0), "tie"), line((3.0, 6.0), (8.0, 6.0), "tie")];
            flight("packet data again", "head data").into_iter().chain(ties).collect()
        }
        Entry::Lost => {
            let flown = line((6.0, 6.0), (wide - 30.0, y + 2.0), "packet lost");
            vec![flown, sign(Sign::Cross, wide - 30.0, y + 2.0, 0.0, Style::of("cross"))]
        }
        Entry::Socket => vec![line((x, 0.0), (x, high), "socket")],
        Entry::Queued => vec![line((x, 0.0), (x, high), "socket queued")],
        Entry::Listen => {
            let seat = |n: u32, class| {
                let x = 58.0 + f64::from(n) * 9.0;
                Shape::Rect { x, y: y - 4.0, w: 7.0, h: 8.0, r: 2.0, style: Style::of(class) }
            };
            let frame = Shape::Rect { x: 2.0, y: y - 11.0, w: 80.0, h: 22.0, r: 6.0, style: Style::of("listen") };
            let word = text(9.0, y + 4.0, Anchor::Start, "LISTEN".into(), "listen-ink");
            vec![frame, word, seat(0, "seat taken"), seat(1, "seat")]
        }
        Entry::Level => {
            let part = |at, w, hue| {
                let style = Style::hued("level", Some(hue));
                Shape::Rect { x: x + at, y: 3.0, w, h: high - 3.0, r: 1.0, style }
            };
            vec![line((x, 0.0), (x, high), "socket"), part(2.0, 7.0, 0), part(9.0, 5.0, 1)]
        }
        Entry::Break => vec![sign(Sign::Break, x - 6.0, y, 0.0, Style::of("break"))],
        Entry::Dotted => {
            let style = Style::hued("derived", Some(0));
            vec![Shape::Line { from: (6.0, 6.0), to: (wide - 6.0, high - 6.0), style }]
        }
        Entry::Derived => state("state client derived-frame"),
        Entry::Reported => state("state client"),
        Entry::Edge => {
            let edge = Shape::Rect { x: x - 1.5, y: 3.0, w: 3.0, h: 21.0, r: 0.0, style: Style::of("edge") };
            vec![block("byte"), edge]
        }
        Entry::Hatched => vec![block("byte"), block("hatched")],
        Entry::Hollow => vec![block("byte lost")],
        Entry::Observed | Entry::Simulated => Vec::new(),
    }
}
