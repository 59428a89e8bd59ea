//! Conditions of one direction: their limits, and the chances they give.

use crate::random::Random;
use protocol::Nanos;
use protocol::wire::Conditions;

/// The longest delay.
const DELAY_MOST: Nanos = Nanos::from_millis(60_000);
/// What waits for the rate limit if the conditions name no limit: `txqueuelen` of a Linux interface.
const QUEUE_DEFAULT: u32 = 1000;
/// The smallest MTU of IPv4 (RFC 791, 3.2).
const MTU_LEAST: u16 = 68;

/// Conditions that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadConditions {
    /// Delay or jitter is too long.
    #[error("a delay or jitter of {given} ms is too long: give at most 60000 ms", given = .0.as_millis())]
    Delay(Nanos),
    /// A chance is more than certain.
    #[error("a {name} of {given} thousandths is more than certain: give 0 to 1000")]
    Chance {
        /// Of what.
        name: &'static str,
        /// How much.
        given: u16,
    },
    /// The MTU is too small.
    #[error("an MTU of {0} bytes is too small: give 0 for the interface's, or at least 68 (RFC 791)")]
    Mtu(u16),
}

/// Checks what a person set.
pub(crate) fn check(conditions: &Conditions) -> Result<(), BadConditions> {
    for time in [conditions.delay, conditions.jitter] {
        if time > DELAY_MOST {
            return Err(BadConditions::Delay(time));
        }
    }
    let chances = [("loss", conditions.loss), ("duplicate", conditions.duplicate), ("reorder", conditions.reorder)];
    for (name, given) in chances {
        if given > 1000 {
            return Err(BadConditions::Chance { name, given });
        }
    }
    if conditions.mtu != 0 && conditions.mtu < MTU_LEAST {
        return Err(BadConditions::Mtu(conditions.mtu));
    }
    Ok(())
}

/// How many packets may wait for the rate limit.
pub(crate) fn queue_limit(conditions: &Conditions) -> usize {
    let limit = if conditions.queue == 0 { QUEUE_DEFAULT } else { conditions.queue };
    limit as usize
}

/// How long a packet of `len` bytes occupies the line.
pub(crate) fn transmission(conditions: &Conditions, len: usize) -> Nanos {
    if conditions.rate == 0 {
        return Nanos(0);
    }
    let nanos = (len as u128 * 8 * 1_000_000_000).div_ceil(u128::from(conditions.rate));
    Nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

/// The delay of one packet.
pub(crate) fn flight(conditions: &Conditions, random: &mut Random) -> Nanos {
    let Conditions { delay, jitter, .. } = conditions;
    if jitter.0 == 0 {
        return *delay;
    }
    let spread = random.below(2 * jitter.0 + 1);
    Nanos((delay.0 + spread).saturating_sub(jitter.0))
}

/// Random loss: independent, or in bursts by the simple Gilbert model (everything is lost in the bad state).
#[derive(Clone, Debug, Default)]
pub(crate) struct Loss {
    bad: bool,
}

impl Loss {
    /// Whether the next packet is lost.
    pub(crate) fn next(&mut self, conditions: &Conditions, random: &mut Random) -> bool {
        let (loss, burst) = (u64::from(conditions.loss), u64::from(conditions.burst));
        if burst <= 1 || loss == 0 || loss >= 1000 {
            self.bad = random.chance(loss, 1000);
            return self.bad;
        }
        // Mean stay in the bad state: `burst`. Share of the bad state: loss/1000. So good turns bad with chance
        // loss / (burst * (1000 - loss)); where that exceeds 1, bursts must be longer than asked for.
        let kept = 1000 - loss;
        self.bad = if self.bad {
            let leaves = if loss > burst * kept { random.chance(kept, loss) } else { random.chance(1, burst) };
            !leaves
        } else {
            random.chance(loss, burst * kept)
        };
        self.bad
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn story(loss: u16, burst: u16) -> (usize, f64) {
        let conditions = Conditions { loss, burst, ..Conditions::default() };
        let (mut model, mut random) = (Loss::default(), Random::new(42));
        let lost: Vec<bool> = (0..200_000).map(|_| model.next(&conditions, &mut random)).collect();
        let count = lost.iter().filter(|&&lost| lost).count();
        let bursts = lost.windows(2).filter(|pair| !pair[0] && pair[1]).count().max(1);
        (count, count as f64 / bursts as f64)
    }

    #[test]
    fn loss_and_burst_length_come_out_as_asked() {
        for (loss, burst, length) in [(300, 0, 1.0 / 0.7), (100, 4, 4.0), (300, 8, 8.0), (500, 2, 2.0), (900, 3, 9.0)] {
            let (count, mean) = story(loss, burst);
            let share = count as f64 / 200_000.0;
            assert!((share - f64::from(loss) / 1000.0).abs() < 0.02, "{loss} {burst}: share {share}");
            assert!((mean / length - 1.0).abs() < 0.1, "{loss} {burst}: bursts of {mean}");
        }
        assert_eq!(story(0, 5).0, 0);
        assert_eq!(story(1000, 5).0, 200_000);
    }

    #[test]
    fn impossible_conditions_are_refused() {
        let bad = |edit: &dyn Fn(&mut Conditions)| {
            let mut conditions = Conditions::default();
            edit(&mut conditions);
            check(&conditions).is_err()
        };
        assert!(!bad(&|_| {}));
        assert!(bad(&|c| c.loss = 1001));
        assert!(bad(&|c| c.mtu = 67));
        assert!(bad(&|c| c.delay = Nanos::from_millis(60_001)));
    }

    #[test]
    fn a_packet_occupies_the_line_as_long_as_its_bits_take() {
        let conditions = Conditions { rate: 1_000_000, ..Conditions::default() };
        assert_eq!(transmission(&conditions, 1250), Nanos::from_millis(10));
        assert_eq!(transmission(&Conditions::default(), 1250), Nanos(0));
    }
}
