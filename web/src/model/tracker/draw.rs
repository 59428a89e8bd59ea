//! The tracker as shapes.

use super::*;
use crate::model::focus::Focus;

/// Width of the names on the left, CSS pixels.
const NAMES: f64 = 112.0;

/// Width of the counts on the right.
const COUNTS: f64 = 178.0;

/// From row to row.
const PITCH: f64 = 22.0;

/// How high a row is.
const HIGH: f64 = 19.0;

/// How high a tracker is drawn, CSS pixels.
#[must_use]
pub fn height(tracker: &Tracker) -> f64 {
    tracker.rows.len() as f64 * PITCH + 18.0
}

/// A row, drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnRow {
    /// Which; none for the ruler.
    pub row: Option<TrackerRow>,
    /// Its name, its ground and its count.
    pub scenery: Vec<Shape>,
    /// Its blocks.
    pub blocks: Vec<DrawnBlock>,
}

/// A block, drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnBlock {
    /// The call or packet; 0 for none.
    pub seq: Seq,
    /// What sort of mark it is.
    pub kind: MarkKind,
    /// Its name for those who do not see it.
    pub name: String,
    /// Each send's part in it.
    pub pieces: Vec<DrawnPiece>,
    /// Its edge.
    pub edge: Vec<Shape>,
}

/// One send's part in a block.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnPiece {
    /// The letter of the send, with a prime for an answer.
    pub letter: String,
    /// Where it is on the ruler.
    pub range: Range<u64>,
    /// How it looks.
    pub shapes: Vec<Shape>,
}

/// Where names and counts stand in so much room, and how wide the ruler is.
fn places(all: f64) -> (f64, f64, f64) {
    let (names, right) = if all < 640.0 { (92.0, 2.0) } else { (NAMES, COUNTS) };
    (names, right, (all - names - right - 12.0).max(120.0))
}

/// From where to where a stretch of the ruler goes; `None` where it is not on it.
fn column(tracker: &Tracker, all: f64, range: &Range<u64>) -> Option<(f64, f64)> {
    let (names, _, room) = places(all);
    let (from, to) = (range.start.max(tracker.ruler.start), range.end.min(tracker.ruler.end));
    let x = |byte: u64| (byte - tracker.ruler.start) as f64 / (tracker.ruler.end - tracker.ruler.start) as f64 * room;
    (from < to).then(|| (names + x(from), names + x(to)))
}

/// Where the bytes of a focus are on the ruler; `None` where they are not on it.
#[must_use]
pub fn lit(tracker: &Tracker, all: f64, focus: &Focus) -> Option<(f64, f64)> {
    if focus.socket != tracker.socket {
        return None;
    }
    let Some(letter) = focus.letter else { return column(tracker, all, &focus.range) };
    let name = letter.to_string();
    let mut pieces = tracker.rows.first()?.blocks.iter().flat_map(|block| &block.pieces);
    column(tracker, all, &pieces.find(|piece| piece.letter == name)?.range)
}

/// Draws a tracker.
#[must_use]
pub fn draw(tracker: &Tracker, all: f64, say: &dyn Fn(&Say) -> String) -> Vec<DrawnRow> {
    let (names, right, room) = places(all);
    let long = (tracker.ruler.end - tracker.ruler.start) as f64;
    let x = |byte: u64| names + (byte.saturating_sub(tracker.ruler.start)) as f64 / long * room;
    let mut rows = Vec::new();
    for (n, row) in tracker.rows.iter().enumerate() {
        let y = n as f64 * PITCH + 2.0;
        let mut scenery = vec![
            plain(2.0, y + 14.0, Anchor::Start, say(&Say::Row(row.row)), "row-name"),
            Shape::Rect { x: names, y, w: room, h: HIGH, r: 4.0, style: Style::of("track") },
        ];
        if right >= COUNTS {
            scenery.push(plain(names + room + 10.0, y + 14.0, Anchor::Start, say(&row.count), "row-name"));
        }
        let next = |n: usize| row.blocks.get(n + 1).map_or(names + room + right, |next| x(next.range.start));
        let blocks = row.blocks.iter().enumerate();
        let blocks = blocks.map(|(n, block)| one(block, row.row, (&x, next(n)), y, say)).collect();
        rows.push(DrawnRow { row: Some(row.row), scenery, blocks });
    }
    let y = tracker.rows.len() as f64 * PITCH + 12.0;
    let tick = |byte: u64, anchor| plain(x(byte), y, anchor, byte.to_string(), "ruler");
    let ticks = vec![tick(tracker.ruler.start, Anchor::Start), tick(tracker.ruler.end, Anchor::End)];
    rows.push(DrawnRow { row: None, scenery: ticks, blocks: Vec::new() });
    rows
}

fn plain(x: f64, y: f64, anchor: Anchor, text: String, class: &'static str) -> Shape {
    Shape::Text { x, y, anchor, angle: 0.0, text, style: Style::of(class) }
}

fn one(
    block: &Block,
    row: TrackerRow,
    (x, next): (&dyn Fn(u64) -> f64, f64),
    y: f64,
    say: &dyn Fn(&Say) -> String,
) -> DrawnBlock {
    let bytes = block.range.end - block.range.start;
    let mut what = bytes.to_string();
    let mut pieces = Vec::new();
    for piece in &block.pieces {
        let (from, to) = (x(piece.range.start), x(piece.range.end));
        let (face, ink) = match (piece.answer, row, block.fate) {
            (.., Fate::Lost) => ("byte lost", "byte-ink lost"),
            (true, ..) => ("byte answer", "byte-ink answer"),
            (_, TrackerRow::Buffer, _) => ("byte kept", "byte-ink answer"),
            _ => ("byte", "byte-ink"),
        };
        // Inside, so that an outline does not reach into its neighbour.
        let inset = if face == "byte" { 0.0 } else { 0.8 };
        let (w, h) = ((to - from - inset * 2.0).max(1.0), HIGH - inset * 2.0);
        let part =
            |class| Shape::Rect { x: from + inset, y: y + inset, w, h, r: 3.0, style: Style::hued(class, piece.hue) };
        let mut shapes = vec![part(face)];
        if block.fate == Fate::Again {
            shapes.push(part("hatched"));
        }
        let held = piece.range.end - piece.range.start;
        let count = (block.pieces.len() == 1 && (held > 40 || row == TrackerRow::Segments))
            .then(|| [" ", &held.to_string()].concat());
        let text = [&piece.letter, count.as_deref().unwrap_or_default(), " ", &piece.text].concat();
        let fitted = fit(text.trim(), to - from - 9.0);
        if !fitted.is_empty() {
            let style = Style::hued(ink, piece.hue);
            let at = (from + 5.0, y + 14.0);
            shapes.push(Shape::Text { x: at.0, y: at.1, anchor: Anchor::Start, angle: 0.0, text: fitted, style });
        }
        what = [&what, " ", &piece.letter].concat();
        pieces.push(DrawnPiece { letter: piece.letter.clone(), range: piece.range.clone(), shapes });
    }
    // The edge: a send or receive ends here.
    let end = x(block.range.end);
    let mut edge = vec![Shape::Rect { x: end - 1.5, y: y - 1.0, w: 3.0, h: 21.0, r: 0.0, style: Style::of("edge") }];
    if block.cut > 0 {
        // In full only where there is room before the next block; the caption says it anyway.
        let said = [say(&Say::CutOff(block.cut)), "✂".into()];
        let fits = said.into_iter().find(|said| end + 6.0 + width(said, false) * 1.06 <= next);
        edge.extend(fits.map(|said| plain(end + 4.0, y + 14.0, Anchor::Start, said, "cut")));
    }
    let name = say(&Say::Named { who: say(&Say::Row(row)), what: Box::new(Say::Code(what)) });
    let kind = if row == TrackerRow::Segments { MarkKind::Packet } else { MarkKind::Call };
    DrawnBlock { seq: block.seq, kind, name, pieces, edge }
}

/// As much of a text as fits, with an ellipsis where some is missing.
pub(super) fn fit(text: &str, room: f64) -> String {
    if width(text, true) <= room {
        return text.to_string();
    }
    let mut fitted = String::new();
    let mut wide = width("…", true);
    for letter in text.chars() {
        wide += width(letter.encode_utf8(&mut [0; 4]), true);
        if wide > room {
            break;
        }
        fitted.push(letter);
    }
    if fitted.is_empty() { fitted } else { fitted + "…" }
}
