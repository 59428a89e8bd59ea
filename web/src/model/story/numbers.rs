//! Numbers to places in a list, for numbers that are dense: identities are given one after the other.

use super::Index;

/// No place.
const NONE: u32 = u32::MAX;

/// Numbers to places.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    /// The number of the first in `dense`.
    first: u64,
    dense: Vec<u32>,
    count: usize,
    /// Numbers far from the others: of those who were introduced again, or of a record that makes no sense.
    astray: Index,
}

impl Numbers {
    /// So many numbers may be missing, whatever is there.
    const HOLES: usize = 1 << 16;

    /// The place of a number.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<u32> {
        let dense = number.checked_sub(self.first).and_then(|at| self.dense.get(at as usize));
        match dense {
            Some(place) if *place != NONE => Some(*place),
            _ if self.astray.is_empty() => None,
            _ => self.astray.get(&number).copied(),
        }
    }

    /// Gives a number a place.
    pub fn insert(&mut self, number: u64, place: u32) {
        if self.dense.is_empty() {
            self.first = number;
        }
        // Memory follows what is there, not what somebody names: two numbers far apart cost no list between them.
        let most = (self.count * 8 + Self::HOLES) as u64;
        match number.checked_sub(self.first).filter(|at| *at < most) {
            Some(at) => {
                let at = at as usize;
                if at >= self.dense.len() {
                    self.dense.resize(at + 1, NONE);
                }
                self.dense[at] = place;
            }
            None => {
                self.astray.insert(number, place);
            }
        }
        self.count += 1;
    }

    /// The place of a number, which is `next` from now on if it had none.
    pub fn place_or(&mut self, number: u64, next: u32) -> u32 {
        self.get(number).unwrap_or_else(|| {
            self.insert(number, next);
            next
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_found_however_far() {
        let mut numbers = Numbers::default();
        let all = [7, 8, 9, 3, 60_000, 4_000_000_000, u64::MAX, 0];
        for (place, number) in all.into_iter().enumerate() {
            assert_eq!(numbers.get(number), None);
            assert_eq!(numbers.place_or(number, place as u32), place as u32);
        }
        for (place, number) in all.into_iter().enumerate() {
            assert_eq!(numbers.place_or(number, 99), place as u32);
        }
        assert!(numbers.dense.len() < 70_000, "what is far away costs no list");
    }
}
