//! Where a long picture is scrolled to, in a document that cannot be as long.
//!
//! Browsers draw no element of more than some 17 (Firefox) or 33 million pixels, and coordinates lose their fractions
//! long before. So the scroll bar has a length of its own: near moves go as many pixels as the hand did, far ones to the
//! same part of the picture.

use super::shape::within;

/// The most that the scrolled element is high, CSS pixels.
pub const MOST: f64 = 4_000_000.0;

/// Where a picture is scrolled to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scroll {
    /// What of the picture is at the top of what is seen.
    pub top: f64,
    /// Where the scroll bar is: whole pixels, as browsers take and tell it.
    pub bar: f64,
}

/// How high the scrolled element is for a picture this high.
#[must_use]
pub fn room(height: f64) -> f64 {
    if height > MOST { MOST } else { height }
}

impl Scroll {
    /// Goes to a place of the picture, as far as it goes.
    #[must_use]
    pub fn to(top: f64, height: f64, seen: f64) -> Self {
        let most = height - seen;
        let top = within(top, 0.0, if most > 0.0 { most } else { 0.0 });
        if height <= MOST {
            return Self { top, bar: top.trunc() };
        }
        // Its own distance from either end, where that is near; else the same part.
        let end = MOST - seen;
        let bar = match (top, most - top) {
            (near, _) if near < seen => near,
            (_, near) if near < seen => end - near,
            _ => within(top / most * end, seen, end - seen),
        };
        Self { top, bar: bar.round() }
    }

    /// The scroll bar was moved to `bar`. Where it is now: if its own `bar` is another, the scroll bar belongs there.
    #[must_use]
    pub fn moved(self, bar: f64, height: f64, seen: f64) -> Self {
        if height <= MOST {
            return Self { top: bar, bar };
        }
        let by = bar - self.bar;
        let end = MOST - seen;
        let near = by.abs() <= seen * 3.0;
        let top = if near { self.top + by } else { bar / end * (height - seen) };
        let there = Self::to(top, height, seen);
        // As long as the bar is neither at an end nor far from where it belongs, it is left where the hand has it.
        let at_end = bar < seen || bar > end - seen;
        if near && !at_end && (there.bar - bar).abs() < MOST / 50.0 { Self { top: there.top, bar } } else { there }
    }

    /// Whether the end is in sight, or nearly.
    #[must_use]
    pub fn is_at_end(self, height: f64, seen: f64) -> bool {
        height - seen - self.top < 24.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEEN: f64 = 800.0;

    #[test]
    fn a_short_picture_scrolls_as_any_other() {
        let scroll = Scroll::default().moved(120.0, 5_000.0, SEEN);
        assert_eq!(scroll, Scroll { top: 120.0, bar: 120.0 });
        assert_eq!(Scroll::to(9_999.0, 5_000.0, SEEN), Scroll { top: 4_200.0, bar: 4_200.0 });
        assert!(Scroll::to(4_190.0, 5_000.0, SEEN).is_at_end(5_000.0, SEEN));
    }

    #[test]
    fn in_a_long_one_small_steps_reach_everything_and_the_ends_are_the_ends() {
        let height = 14_000_000.0;
        let mut scroll = Scroll::to(7_000_000.0, height, SEEN);
        // Up by hand, all the way: every step is as long as it was made.
        let mut steps = 0;
        while scroll.top > 0.0 && steps < 200_000 {
            let next = scroll.moved((scroll.bar - 100.0).max(0.0), height, SEEN);
            assert!((scroll.top - next.top - 100.0).abs() < 1.0 || next.top < 1.0, "{scroll:?} {next:?}");
            (scroll, steps) = (next, steps + 1);
        }
        assert_eq!((scroll.top, scroll.bar, steps), (0.0, 0.0, 70_000));
        // Thrown to the end and to the middle.
        let end = scroll.moved(MOST - SEEN, height, SEEN);
        assert_eq!((end.top, end.bar), (height - SEEN, MOST - SEEN));
        let middle = end.moved(MOST / 2.0, height, SEEN);
        assert!((middle.top / height - 0.5).abs() < 0.001 && middle.bar == MOST / 2.0);
    }
}
