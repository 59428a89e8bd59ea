//! Where labels go: down from where they belong, until they overlap nothing.

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

/// Keeps labels apart.
#[derive(Debug, Default)]
pub struct Placer {
    used: Vec<[f64; 4]>,
}

impl Placer {
    /// Takes the room as it is, whether it is free or not.
    pub fn take(&mut self, x: f64, y: f64, w: f64, h: f64) {
        self.used.push([x, y, x + w, y + h]);
    }

    fn free(&self, [x0, y0, x1, y1]: [f64; 4]) -> bool {
        !self.used.iter().rev().any(|used| used[0] < x1 && x0 < used[2] && used[1] < y1 && y0 < used[3])
    }

    /// Whether the room is free.
    #[must_use]
    pub fn is_free(&self, x: f64, y: f64, w: f64, h: f64) -> bool {
        self.free([x, y, x + w, y + h])
    }

    /// The first free room at or below `y`; taken from now on.
    pub fn down(&mut self, x: f64, y: f64, w: f64, h: f64) -> f64 {
        const STEP: f64 = 2.0;
        const FARTHEST: f64 = 240.0;
        let mut at = y;
        while !self.free([x, at, x + w, at + h]) && at < y + FARTHEST {
            at += STEP;
        }
        self.take(x, at, w, h);
        at
    }
}
