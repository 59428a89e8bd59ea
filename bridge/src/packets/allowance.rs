//! How many packets are recorded: more than anybody can look at are only counted, and the count is told.

use crate::recorder::{EVENTS_A_SECOND, Recorder};
use protocol::{About, Kind, Place, Provenance};
use std::time::{Duration, Instant};

/// Events recorded in one burst; what comes above it is only counted.
const BURST: f64 = 20_000.0;
/// Between two tellings of what was not recorded.
const LOSSES_EVERY: Duration = Duration::from_millis(100);

/// What may still be recorded, and what was not.
#[derive(Debug)]
pub struct Allowance {
    /// Events that one packet makes.
    each: f64,
    budget: f64,
    refilled: Instant,
    lost: u64,
    told: Instant,
}

impl Allowance {
    /// A whole burst, of packets that make `each` events.
    #[must_use]
    pub fn new(each: u32) -> Self {
        let now = Instant::now();
        Self { each: each.into(), budget: BURST, refilled: now, lost: 0, told: now }
    }

    /// Whether one more packet may be recorded; else it is counted.
    pub fn afford(&mut self, now: Instant) -> bool {
        let earned = now.saturating_duration_since(self.refilled).as_secs_f64() * EVENTS_A_SECOND as f64;
        self.budget = BURST.min(self.budget + earned);
        self.refilled = self.refilled.max(now);
        if self.budget < self.each {
            self.lost += 1;
            return false;
        }
        self.budget -= self.each;
        true
    }

    /// So many packets were lost elsewhere.
    pub fn lost(&mut self, count: u32) {
        self.lost += u64::from(count);
    }

    /// Whether a count is to be told.
    #[must_use]
    pub fn owes(&self) -> bool {
        self.lost > 0
    }

    /// Tells how many packets were not recorded, now and then.
    pub fn tell(&mut self, recorder: &Recorder, about: About) {
        let now = Instant::now();
        if self.lost > 0 && now.saturating_duration_since(self.told) >= LOSSES_EVERY {
            self.told = now;
            let kind = Kind::Dropped { place: Place::Capture, count: std::mem::take(&mut self.lost) };
            recorder.record(about, Provenance::OBSERVED, None, kind);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_recorded_and_then_what_a_second_allows() {
        let mut allowance = Allowance::new(2);
        let begin = Instant::now();
        let burst = (0..30_000).filter(|_| allowance.afford(begin)).count();
        assert_eq!(burst, 10_000);
        let later = begin + Duration::from_millis(10);
        let more = (0..1_000).filter(|_| allowance.afford(later)).count();
        assert_eq!(more as u64, EVENTS_A_SECOND / 100 / 2);
        assert!(allowance.owes());
    }
}
