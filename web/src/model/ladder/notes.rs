//! Sentences across the ladder: notes, losses, commands and folds.

use super::Pen;
use super::labels::{LINE, width};
use super::shape::{Anchor, Shape, Style, line, text, within};
use crate::model::mark::MarkKind;
use crate::model::say::Say;
use protocol::{Event, How, Kind, NoteId, Seq};

/// A note, a loss or a command.
pub fn note(pen: &mut Pen<'_>, event: &Event, y: f64) {
    let (kind, what, class) = match &event.kind {
        Kind::Note(id, args) => {
            let class = if alarming(*id) { "note alarm" } else { "note" };
            (MarkKind::Note, Say::Note(*id, args.clone()), class)
        }
        Kind::Dropped { place, count } => (MarkKind::Loss, Say::Lost(*place, *count), "note alarm"),
        Kind::Command { what, .. } => (MarkKind::Command, Say::Command(Box::new(what.clone())), "note command"),
        _ => return,
    };
    let said = pen.say(&what);
    band(pen, event.seq, kind, said, event.provenance.how, y, class);
}

/// Equal repetitions.
pub fn fold(pen: &mut Pen<'_>, at: u32, seq: Seq, y: f64) {
    let Some(fold) = pen.ladder.folds.get(at) else { return };
    let what = match fold.client {
        Some(_) => Say::Echoes { count: fold.count, median: fold.median() },
        None => Say::EmptyRecvs { count: u64::from(fold.count), time: fold.to.since(fold.from) },
    };
    let said = [&pen.say(&what), " ▸"].concat();
    band(pen, seq, MarkKind::Fold, said, How::Observed, y + 6.0, "note fold");
}

fn alarming(id: NoteId) -> bool {
    matches!(id, NoteId::EmptyRecvs | NoteId::DatagramCut | NoteId::AcceptBackoff)
}

fn band(pen: &mut Pen<'_>, seq: Seq, kind: MarkKind, said: String, how: How, y: f64, class: &'static str) {
    let (left, right) = pen.lanes.wire();
    // What is written in bold is wider.
    let bold = if class == "note" { 1.0 } else { 1.12 };
    let lines = broken(&said, (pen.lanes.width - 26.0) / bold);
    let wide = lines.iter().map(|line| width(line, false)).fold(0.0, f64::max) * bold + 18.0;
    let high = LINE * lines.len() as f64 + 4.0;
    let middle = f64::midpoint(left, right);
    let x = within(middle - wide / 2.0, 4.0, pen.lanes.width - wide - 4.0);
    let top = pen.placer.down(x, y - 9.0, wide, high + 1.0);
    let ink = match class {
        "note alarm" => "note-ink alarm",
        "note fold" => "note-ink fold",
        _ => "note-ink",
    };
    let across = top + high / 2.0;
    let mut shapes = vec![
        line((24.0_f64.min(x), across), (x, across), "note-line"),
        line((x + wide, across), ((pen.lanes.width - 24.0).max(x + wide), across), "note-line"),
        Shape::Rect { x, y: top, w: wide, h: high, r: 5.0, style: Style::of(class) },
    ];
    for (n, words) in lines.into_iter().enumerate() {
        shapes.push(text(x + wide / 2.0, top + 13.0 + n as f64 * LINE, Anchor::Middle, words, ink));
    }
    pen.mark(seq, kind, said, how, shapes);
}

/// A sentence in lines that fit: broken at spaces, and in Chinese anywhere.
pub fn broken(said: &str, room: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in said.split_inclusive(|letter| letter == ' ' || letter > '\u{2e80}') {
        let last = lines.last_mut().filter(|line| width(line, false) + width(word.trim_end(), false) <= room);
        match last {
            Some(line) => line.push_str(word),
            None => lines.push(word.to_string()),
        }
    }
    lines
}
