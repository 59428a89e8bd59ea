//! Seeded chance, the same on every platform.

/// SplitMix64 (Steele, Lea and Flood 2014): 64 bits of state, integers only.
#[derive(Clone, Debug)]
pub(crate) struct Random {
    state: u64,
}

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below `bound`; 0 if `bound` is 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        // The upper half of the product: no division, and biased by less than 2^-32 for every bound used here.
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// Whether something of chance `part` in `whole` happens. Draws nothing when it is certain or impossible.
    pub(crate) fn chance(&mut self, part: u64, whole: u64) -> bool {
        part > 0 && (part >= whole || self.below(whole) < part)
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn is_the_published_sequence() {
        // The reference implementation's first numbers for seed 1234567.
        let mut random = Random::new(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn chances_come_out() {
        let mut random = Random::new(1);
        let hits = (0..100_000).filter(|_| random.chance(300, 1000)).count();
        assert!((29_500..30_500).contains(&hits), "{hits}");
        assert!(!random.chance(0, 1000) && random.chance(1000, 1000));
    }
}
