//! Where labels go: down from where they belong, or along their arrow, until they overlap nothing.

/// Height of a line of text, CSS pixels.
pub const LINE: f64 = 14.0;

/// Width of a text, CSS pixels, a little generous: fonts differ between systems.
#[must_use]
pub fn width(text: &str, mono: bool) -> f64 {
    let letter = |letter: char| match letter {
        '\u{2e80}'.. => 12.4,
        _ if mono => 7.15,
        ' ' | '.' | ',' | ':' | '(' | ')' | 'i' | 'l' | 't' | 'f' | 'j' => 4.2,
        'm' | 'w' | 'A'..='Z' => 8.6,
        _ => 6.7,
    };
    text.chars().map(letter).sum()
}

/// A box that may be turned about its middle.
#[derive(Clone, Copy, Debug)]
pub struct Turned {
    /// Its middle.
    pub middle: (f64, f64),
    /// Half its width and half its height, before it is turned.
    pub half: (f64, f64),
    /// The direction of its width: cosine and sine of the angle.
    along: (f64, f64),
}

impl Turned {
    /// A box around a middle, whose width runs along a direction of length 1.
    #[must_use]
    pub fn new(middle: (f64, f64), (w, h): (f64, f64), along: (f64, f64)) -> Self {
        Self { middle, half: (w / 2.0, h / 2.0), along }
    }

    /// A box that is not turned.
    fn straight(x: f64, y: f64, w: f64, h: f64) -> Self {
        Self { middle: (x + w / 2.0, y + h / 2.0), half: (w / 2.0, h / 2.0), along: (1.0, 0.0) }
    }

    /// How far it reaches from its middle in a direction.
    fn reach(&self, (x, y): (f64, f64)) -> f64 {
        let across = (-self.along.1, self.along.0);
        self.half.0 * (self.along.0 * x + self.along.1 * y).abs() + self.half.1 * (across.0 * x + across.1 * y).abs()
    }

    /// Two boxes are apart if a line along a side of one of them parts them.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        let away = (other.middle.0 - self.middle.0, other.middle.1 - self.middle.1);
        let sides = [self.along, (-self.along.1, self.along.0), other.along, (-other.along.1, other.along.0)];
        sides.iter().all(|side| (away.0 * side.0 + away.1 * side.1).abs() < self.reach(*side) + other.reach(*side))
    }
}

/// Keeps labels apart.
#[derive(Debug, Default)]
pub struct Placer {
    used: Vec<Turned>,
}

impl Placer {
    /// Takes the room as it is, whether it is free or not.
    pub fn take(&mut self, room: Turned) {
        self.used.push(room);
    }

    /// Whether the room is free.
    #[must_use]
    pub fn is_free(&self, room: &Turned) -> bool {
        !self.used.iter().rev().any(|used| used.meets(room))
    }

    /// The first free room at or below `y`; taken from now on.
    pub fn down(&mut self, x: f64, y: f64, w: f64, h: f64) -> f64 {
        const STEP: f64 = 2.0;
        const FARTHEST: f64 = 240.0;
        let mut at = y;
        while !self.is_free(&Turned::straight(x, at, w, h)) && at < y + FARTHEST {
            at += STEP;
        }
        self.take(Turned::straight(x, at, w, h));
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parallel_labels_on_neighbouring_slopes_are_apart_though_their_frames_overlap() {
        let mut placer = Placer::default();
        let label = |y: f64| Turned::new((100.0, y), (120.0, 13.0), (0.866, 0.5));
        placer.take(label(50.0));
        assert!(!placer.is_free(&label(60.0)));
        assert!(placer.is_free(&label(67.0)), "a distance of 16 down is 14 across");
        assert!(placer.down(95.0, 45.0, 10.0, 14.0) > 55.0, "not on the label");
    }
}
