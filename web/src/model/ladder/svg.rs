//! Shapes as SVG text: for the page, and for pictures to keep. Every text is escaped here, and nowhere else.

use super::shape::{Anchor, Drawn, Shape, Sign, Style};
use crate::model::mark::MarkKind;
use crate::model::tracker::DrawnRow;
use protocol::Seq;

/// Adds a text so that it stays a text.
pub fn escape(text: &str, to: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => to.push_str("&amp;"),
            '<' => to.push_str("&lt;"),
            '>' => to.push_str("&gt;"),
            '"' => to.push_str("&quot;"),
            // XML has no other control characters, not even escaped.
            '\0'..='\u{8}' | '\u{b}'..='\u{1f}' => to.push('�'),
            other => to.push(other),
        }
    }
}

fn number(value: f64, to: &mut String) {
    // A tenth of a pixel is finer than anybody sees.
    let tenths = (value * 10.0).round() as i64;
    if tenths < 0 {
        to.push('-');
    }
    let tenths = tenths.unsigned_abs();
    to.push_str(&(tenths / 10).to_string());
    if !tenths.is_multiple_of(10) {
        to.push('.');
        to.push(char::from(b'0' + (tenths % 10) as u8));
    }
}

fn attribute(name: &str, value: f64, to: &mut String) {
    to.push(' ');
    to.push_str(name);
    to.push_str("=\"");
    number(value, to);
    to.push('"');
}

fn class(style: Style, to: &mut String) {
    to.push_str(" class=\"");
    to.push_str(style.class);
    if let Some(hue) = style.hue {
        to.push_str(" hue-");
        to.push(char::from(b'a' + hue));
    }
    to.push('"');
}

fn turned(x: f64, y: f64, angle: f64, to: &mut String) {
    to.push_str(" transform=\"translate(");
    number(x, to);
    to.push(' ');
    number(y, to);
    to.push(')');
    if angle != 0.0 {
        to.push_str(" rotate(");
        number(angle, to);
        to.push(')');
    }
    to.push('"');
}

/// The shapes of one mark.
#[must_use]
pub fn shapes(shapes: &[Shape]) -> String {
    let mut to = String::with_capacity(shapes.len() * 90);
    for shape in shapes {
        one(shape, &mut to);
    }
    to
}

fn one(shape: &Shape, to: &mut String) {
    match shape {
        Shape::Line { from, to: end, style } => {
            to.push_str("<line");
            attribute("x1", from.0, to);
            attribute("y1", from.1, to);
            attribute("x2", end.0, to);
            attribute("y2", end.1, to);
            class(*style, to);
            to.push_str("/>");
        }
        Shape::Rect { x, y, w, h, r, style } => {
            to.push_str("<rect");
            attribute("x", *x, to);
            attribute("y", *y, to);
            attribute("width", w.max(0.0), to);
            attribute("height", h.max(0.0), to);
            if *r > 0.0 {
                attribute("rx", *r, to);
            }
            class(*style, to);
            to.push_str("/>");
        }
        Shape::Text { x, y, anchor, angle, text, style } => {
            to.push_str("<text");
            if *angle == 0.0 {
                attribute("x", *x, to);
                attribute("y", *y, to);
            } else {
                turned(*x, *y, *angle, to);
            }
            match anchor {
                Anchor::Start => {}
                Anchor::Middle => to.push_str(" text-anchor=\"middle\""),
                Anchor::End => to.push_str(" text-anchor=\"end\""),
            }
            class(*style, to);
            to.push('>');
            escape(text, to);
            to.push_str("</text>");
        }
        Shape::Sign { sign, x, y, angle, style } => {
            to.push_str("<g");
            turned(*x, *y, *angle, to);
            class(*style, to);
            to.push('>');
            to.push_str(match sign {
                Sign::Head => "<path d=\"M7 0L-3-4.6V4.6z\"/>",
                Sign::Cross => "<circle r=\"7\"/><path d=\"M-3-3l6 6M3-3l-6 6\"/>",
                Sign::Break => "<path d=\"M0-5l5 3-5 3 5 3\"/>",
                Sign::Pause => "<circle r=\"9\"/><path d=\"M-2.6-4v8M2.6-4v8\"/>",
            });
            to.push_str("</g>");
        }
    }
}

/// One mark as an element of its own.
#[must_use]
pub fn mark(mark: &Drawn) -> String {
    let mut to = String::new();
    open(mark.seq, mark.kind, &mark.name, &mut to);
    to.push_str(&shapes(&mark.shapes));
    to.push_str("</g>");
    to
}

/// A row of the byte tracker.
#[must_use]
pub fn row(row: &DrawnRow) -> String {
    let mut to = String::from("<g");
    if let Some(name) = row.row {
        to.push_str(" data-row=\"");
        to.push_str(name.name());
        to.push('"');
    }
    to.push('>');
    to.push_str(&shapes(&row.scenery));
    for block in &row.blocks {
        open(block.seq, block.kind, &block.name, &mut to);
        for piece in &block.pieces {
            to.push_str("<g data-letter=\"");
            escape(&piece.letter, &mut to);
            let range = &piece.range;
            for (name, number) in [("bytes", range.end - range.start), ("from", range.start), ("to", range.end)] {
                to.push_str(&["\" data-", name, "=\"", &number.to_string()].concat());
            }
            to.push_str("\">");
            to.push_str(&shapes(&piece.shapes));
            to.push_str("</g>");
        }
        to.push_str(&shapes(&block.edge));
        to.push_str("</g>");
    }
    to.push_str("</g>");
    to
}

fn open(seq: Seq, kind: MarkKind, name: &str, to: &mut String) {
    to.push_str("<g data-seq=\"");
    to.push_str(&seq.0.to_string());
    to.push_str("\" data-kind=\"");
    to.push_str(kind.name());
    to.push_str("\"><title>");
    escape(name, to);
    to.push_str("</title>");
}

/// What the tracker needs once: the hatching of what was sent again.
pub const AGAIN: &str = "<defs><pattern id=\"again\" width=\"12\" height=\"12\" patternUnits=\"userSpaceOnUse\" \
    patternTransform=\"rotate(45)\"><rect width=\"5\" height=\"12\" class=\"again-line\"/></pattern></defs>";

/// What every ladder needs once: the hatching of waiting bars.
pub const DEFS: &str = "<defs><pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" \
    patternTransform=\"rotate(45)\"><rect width=\"6\" height=\"6\" class=\"hatch-ground\"/>\
    <line y2=\"6\" class=\"hatch-line\"/></pattern></defs>";

/// A whole picture of its own, with the style sheet inside.
#[must_use]
pub fn document(marks: &[Drawn], width: f64, height: f64, css: &str) -> String {
    let mut to = String::from("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"ladder-svg\"");
    attribute("width", width, &mut to);
    attribute("height", height, &mut to);
    to.push_str("><style>");
    escape(css, &mut to);
    to.push_str("</style>");
    to.push_str(DEFS);
    marks.iter().for_each(|drawn| to.push_str(&mark(drawn)));
    to.push_str("</svg>");
    to
}
