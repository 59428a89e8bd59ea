//! What a picture is made of: lines, boxes and texts with a style by name, and nothing of the DOM.

use crate::model::mark::MarkKind;
use protocol::Seq;

/// A place kept between two others, the first of which wins. `f64::clamp` would bring the printing of fractions into
/// the page, for its panic, and panic where a narrow screen leaves no room.
#[must_use]
pub(super) fn within(place: f64, least: f64, most: f64) -> f64 {
    let no_more = if place > most { most } else { place };
    if no_more < least { least } else { no_more }
}

/// Something to draw. Lengths are CSS pixels, y runs down.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A straight line.
    Line {
        /// From.
        from: (f64, f64),
        /// To.
        to: (f64, f64),
        /// How it looks.
        style: Style,
    },
    /// A box.
    Rect {
        /// Left.
        x: f64,
        /// Top.
        y: f64,
        /// Width.
        w: f64,
        /// Height.
        h: f64,
        /// Radius of its corners.
        r: f64,
        /// How it looks.
        style: Style,
    },
    /// A text on one line.
    Text {
        /// Where its anchor is.
        x: f64,
        /// Where its baseline is.
        y: f64,
        /// Which part of it is at `x`.
        anchor: Anchor,
        /// Turned about its anchor, degrees clockwise.
        angle: f64,
        /// The text.
        text: String,
        /// How it looks.
        style: Style,
    },
    /// A small drawing around a point.
    Sign {
        /// Which.
        sign: Sign,
        /// Where.
        x: f64,
        /// Where.
        y: f64,
        /// Turned, degrees clockwise.
        angle: f64,
        /// How it looks.
        style: Style,
    },
}

/// Which part of a text is at its x.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Its beginning.
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

/// A small drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// An arrowhead that points to the right.
    Head,
    /// A cross in a circle: lost.
    Cross,
    /// A zigzag: time was left out.
    Break,
    /// Two bars in a circle: held.
    Pause,
}

/// How something looks: a name that the style sheet knows, and the hue of its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// The style sheet's names, separated by spaces.
    pub class: &'static str,
    /// The hue of the bytes, 0 to 7.
    pub hue: Option<u8>,
}

impl Style {
    /// Without a hue.
    #[must_use]
    pub const fn of(class: &'static str) -> Self {
        Self { class, hue: None }
    }

    /// With the hue of some bytes.
    #[must_use]
    pub const fn hued(class: &'static str, hue: Option<u8>) -> Self {
        Self { class, hue }
    }
}

/// All shapes of one mark.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// The event that names it; 0 for scenery.
    pub seq: Seq,
    /// What sort it is.
    pub kind: MarkKind,
    /// Its name for those who do not see it.
    pub name: String,
    /// Whether it is known by deduction only, or the kernel's report.
    pub how: protocol::How,
    /// Whether it lies over the lines of all marks: the label of a mark that is drawn below.
    pub over: bool,
    /// Its shapes, the hindmost first.
    pub shapes: Vec<Shape>,
}

/// A window of the ladder.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    /// Marks from top to bottom; scenery first.
    pub marks: Vec<Drawn>,
}

impl Shape {
    /// Moves it up.
    pub fn lift(&mut self, by: f64) {
        match self {
            Self::Line { from, to, .. } => (from.1, to.1) = (from.1 - by, to.1 - by),
            Self::Rect { y, .. } | Self::Text { y, .. } | Self::Sign { y, .. } => *y -= by,
        }
    }

    /// Whether any of it lies between two heights.
    #[must_use]
    pub fn meets(&self, top: f64, bottom: f64) -> bool {
        let (from, to) = match self {
            Self::Line { from, to, .. } => (from.1.min(to.1), from.1.max(to.1)),
            Self::Rect { y, h, .. } => (*y, y + h),
            Self::Text { y, .. } | Self::Sign { y, .. } => (y - 14.0, y + 14.0),
        };
        to >= top && from <= bottom
    }
}

/// A text that is not turned.
#[must_use]
pub fn text(x: f64, y: f64, anchor: Anchor, text: String, class: &'static str) -> Shape {
    Shape::Text { x, y, anchor, angle: 0.0, text, style: Style::of(class) }
}

/// A line.
#[must_use]
pub fn line(from: (f64, f64), to: (f64, f64), class: &'static str) -> Shape {
    Shape::Line { from, to, style: Style::of(class) }
}
