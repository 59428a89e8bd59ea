//! So many a second in the long run, and so many at once.

use std::time::{Duration, Instant};

/// A token bucket; it takes `now` and reads no clock.
#[derive(Debug)]
pub struct Budget {
    a_second: u32,
    burst: u32,
    left: f64,
    at: Instant,
}

impl Budget {
    /// A full bucket.
    #[must_use]
    pub fn new(a_second: u32, burst: u32, now: Instant) -> Self {
        Self { a_second, burst, left: f64::from(burst), at: now }
    }

    /// How many there are now.
    pub fn left(&mut self, now: Instant) -> u32 {
        let earned = now.saturating_duration_since(self.at).as_secs_f64() * f64::from(self.a_second);
        self.left = (self.left + earned).min(f64::from(self.burst));
        self.at = now;
        self.left as u32
    }

    /// Uses so many up.
    pub fn spend(&mut self, count: u32) {
        self.left = (self.left - f64::from(count)).max(0.0);
    }

    /// Uses one up if there is one.
    pub fn take(&mut self, now: Instant) -> bool {
        let some = self.left(now) > 0;
        if some {
            self.spend(1);
        }
        some
    }

    /// How long until there are so many, at most the burst.
    #[must_use]
    pub fn time_to(&self, count: u32) -> Duration {
        let missing = f64::from(count.min(self.burst)) - self.left;
        Duration::from_secs_f64(missing.max(0.0) / f64::from(self.a_second.max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;
    use std::time::{Duration, Instant};

    #[test]
    fn a_burst_then_the_rate() {
        let start = Instant::now();
        let mut budget = Budget::new(100, 10, start);
        assert_eq!((0..20).filter(|_| budget.take(start)).count(), 10);
        let later = start + Duration::from_millis(50);
        assert_eq!(budget.left(later), 5);
        assert_eq!(budget.time_to(10), Duration::from_millis(50));
        assert_eq!(budget.left(later + Duration::from_secs(60)), 10);
    }
}
