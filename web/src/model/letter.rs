//! The letter and hue of one send: its bytes keep both wherever they go.

use std::fmt;

/// The so many-th send of a story, from 0: `A`, `B`, … `Z`, `AA`, …
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Letter(pub u32);

impl Letter {
    /// How many hues there are; after them they repeat, letters never.
    pub const HUES: u32 = 8;

    /// The hue, 0 to 7: the style sheets call them `a` to `h`.
    #[must_use]
    pub fn hue(self) -> u8 {
        (self.0 % Self::HUES) as u8
    }
}

impl fmt::Display for Letter {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut left, mut digits) = (self.0 + 1, Vec::new());
        while left > 0 {
            left -= 1;
            digits.push(b'A' + (left % 26) as u8);
            left /= 26;
        }
        digits.iter().rev().try_for_each(|digit| fmt::Write::write_char(to, char::from(*digit)))
    }
}

/// Bytes of one send inside something that holds bytes of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Whose bytes; `None` where the sender's calls are not visible.
    pub letter: Option<Letter>,
    /// Whether they are the answer to it (`A′`) and not the bytes themselves.
    pub answer: bool,
    /// Offset of the first in the stream; 0 for a datagram.
    pub start: u64,
    /// How many.
    pub len: u64,
}

impl Share {
    /// `A`, or `A′` for an answer; empty where nobody knows.
    #[must_use]
    pub fn name(&self) -> String {
        match (self.letter, self.answer) {
            (None, _) => String::new(),
            (Some(letter), false) => letter.to_string(),
            (Some(letter), true) => letter.to_string() + "′",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_never_repeat_and_hues_do() {
        let names: Vec<String> = [0, 1, 25, 26, 27, 51, 52, 701, 702].map(|n| Letter(n).to_string()).into();
        assert_eq!(names, ["A", "B", "Z", "AA", "AB", "AZ", "BA", "ZZ", "AAA"]);
        assert_eq!((Letter(0).hue(), Letter(7).hue(), Letter(8).hue()), (0, 7, 0));
    }
}
