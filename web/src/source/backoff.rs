//! When to try again: soon, then later and later, and not all pages in the same moment.

/// Milliseconds before the attempt after `failed` failed ones; `jitter` is 0 to 1.
///
/// Half a second, doubling to ten seconds; the upper half of each is left to chance, so that two hundred pages do not
/// return at once.
#[must_use]
pub fn delay(failed: u32, jitter: f64) -> u64 {
    const FIRST: u64 = 500;
    const MOST: u64 = 10_000;
    let full = (FIRST << failed.min(10)).min(MOST);
    full / 2 + (jitter.clamp(0.0, 1.0) * (full / 2) as f64) as u64
}

#[cfg(test)]
mod tests {
    use super::delay;

    #[test]
    fn grows_to_a_bound_and_spreads() {
        assert_eq!((delay(0, 0.0), delay(0, 1.0)), (250, 500));
        assert_eq!((delay(1, 0.0), delay(1, 1.0)), (500, 1_000));
        assert_eq!((delay(99, 0.0), delay(99, 1.0)), (5_000, 10_000));
    }
}
