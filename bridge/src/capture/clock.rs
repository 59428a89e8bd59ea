//! From the kernel's wall-clock stamps to the record's monotonic time.

use std::time::{Duration, Instant, SystemTime};

/// Both clocks, read at once.
#[derive(Clone, Copy, Debug)]
pub struct Clocks {
    monotonic: Instant,
    /// Nanoseconds since 1970.
    wall: u64,
}

impl Clocks {
    /// Reads both.
    #[must_use]
    pub fn read() -> Self {
        // Between two readings of the monotonic clock, so that being interrupted here is noticed: the closest of a
        // few tries is taken.
        let tries = (0..3).map(|_| {
            let before = Instant::now();
            let wall = SystemTime::now();
            let after = Instant::now();
            (after - before, before + (after - before) / 2, wall)
        });
        let (_, monotonic, wall) = tries.min_by_key(|(took, ..)| *took).expect("there are three");
        let wall = wall.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self { monotonic, wall: u64::try_from(wall.as_nanos()).unwrap_or(u64::MAX) }
    }

    /// The wall clock, nanoseconds since 1970.
    #[must_use]
    pub fn wall(&self) -> u64 {
        self.wall
    }

    /// When it was `wall`: between `earliest` and this reading, whatever was done to the wall clock meanwhile.
    #[must_use]
    pub fn moment(&self, wall: u64, earliest: Instant) -> Instant {
        let ago = Duration::from_nanos(self.wall.saturating_sub(wall));
        self.monotonic.checked_sub(ago).unwrap_or(earliest).max(earliest).min(self.monotonic.max(earliest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_become_moments() {
        let clocks = Clocks { monotonic: Instant::now() + Duration::from_secs(10), wall: 1_800_000_000_000_000_000 };
        let ago = |nanos| clocks.monotonic - Duration::from_nanos(nanos);
        let earliest = ago(5_000);
        assert_eq!(clocks.moment(clocks.wall - 1_234, earliest), ago(1_234));
        // The wall clock was set back, or forward, since the stamp.
        assert_eq!(clocks.moment(clocks.wall + 3_600_000_000_000, earliest), clocks.monotonic);
        assert_eq!(clocks.moment(clocks.wall - 3_600_000_000_000, earliest), earliest);
    }
}
