//! Time in one's hand: what can be done to virtual time, and how it stands. Plain data between a source that has it and
//! the views that show it.

use lab::LabOptions;
use protocol::ids::Nanos;

/// Virtual nanoseconds per real ones, as a fraction: whole numbers give the same times on every platform.
pub const SPEEDS: [(u64, u64); 11] =
    [(1, 1000), (1, 300), (1, 100), (1, 30), (1, 10), (1, 3), (1, 1), (3, 1), (10, 1), (30, 1), (100, 1)];
/// The place of the speed of a real clock among them.
pub const REAL: usize = 6;

/// How virtual time follows the page's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// The page's clock at some moment, nanoseconds.
    pub real: i64,
    /// The time that is shown at that moment.
    pub shown: Nanos,
    /// Shown nanoseconds per nanosecond of the clock; `(0, 1)` stands still.
    pub speed: (u64, u64),
}

impl Pace {
    /// A real clock's, from 0.
    pub const REAL: Self = Self { real: 0, shown: Nanos(0), speed: SPEEDS[REAL] };

    /// The time that is shown when the clock says `real`.
    #[must_use]
    pub fn at(&self, real: i64) -> Nanos {
        let (shown, per) = self.speed;
        let elapsed = u64::try_from(real - self.real).unwrap_or(0);
        self.shown.after(Nanos(elapsed.saturating_mul(shown) / per))
    }

    /// How long it takes by the clock until `time` is shown, nanoseconds; `None` if it stands still.
    #[must_use]
    pub fn until(&self, real: i64, time: Nanos) -> Option<u64> {
        let (shown, per) = self.speed;
        (shown > 0).then(|| time.since(self.at(real)).0.saturating_mul(per) / shown)
    }
}

/// What can be done to time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeAction {
    /// Stops it, or lets it go on.
    Pause(bool),
    /// On to the next thing that happens, however far away, and no further.
    Step,
    /// On to the next thing that happens to a packet, and no further.
    Packet,
    /// As fast as this place of [`SPEEDS`] says.
    Speed(usize),
    /// Back, or on again, to where so many events have happened. Whoever acts there begins another run.
    To(usize),
    /// Shows another run.
    Show(u32),
    /// Lays another run beside the one that is shown; `None` takes it away.
    Beside(Option<u32>),
    /// Begins anew, with other stacks or other chances.
    Anew(Making),
}

/// How virtual hosts are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Making {
    /// Decides all chances.
    pub seed: u64,
    /// How the stacks behave.
    pub options: LabOptions,
}

/// How time stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clockwork {
    /// Whether it stands still.
    pub paused: bool,
    /// The place of its speed in [`SPEEDS`].
    pub speed: usize,
    /// Events that are shown.
    pub shown: usize,
    /// Events of the run.
    pub events: usize,
    /// The time that is shown.
    pub now: Nanos,
    /// The end of the run.
    pub end: Nanos,
    /// Whether what is shown is the past: whoever acts begins another run.
    pub past: bool,
    /// Time stands because the run fills the page's memory.
    pub full: bool,
    /// How the hosts were made.
    pub making: Making,
}

/// One run of virtual time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its number, from 1.
    pub number: u32,
    /// The run it was forked from, and when.
    pub from: Option<(u32, Nanos)>,
    /// Whether it is the one that is shown.
    pub shown: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_time_follows_the_clock_at_its_speed() {
        let pace = |speed| Pace { real: 1_000, shown: Nanos(50), speed };
        assert_eq!(pace((1, 1)).at(1_300), Nanos(350));
        assert_eq!(pace((1, 100)).at(1_300), Nanos(53));
        assert_eq!(pace((100, 1)).at(1_300), Nanos(30_050));
        assert_eq!(pace((0, 1)).at(1_300), Nanos(50));
        assert_eq!(pace((1, 1)).at(0), Nanos(50), "a clock that went back stops time");
        assert_eq!(pace((1, 10)).until(1_300, Nanos(90)), Some(100));
        assert_eq!(pace((1, 1)).until(1_300, Nanos(0)), Some(0));
        assert_eq!(pace((0, 1)).until(1_300, Nanos(90)), None);
        assert_eq!(SPEEDS[REAL], (1, 1));
    }
}
