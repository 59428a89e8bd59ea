//! Which datagrams the UDP echo server does not answer.
//!
//! Two servers that answer each other do so for ever, from one forged packet; so one that seems to come from a server's
//! port is refused. So is what comes from no single host, and what comes faster than any lesson sends.

use crate::sockets::is_not_one_host;
use protocol::Address;
use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Datagrams answered to one source a second, in the long run.
const EACH: Rate = Rate { a_second: 5_000.0, burst: 10_000.0 };
/// Datagrams answered to all sources together a second, in the long run.
const ALL: Rate = Rate { a_second: 20_000.0, burst: 40_000.0 };
/// Sources remembered; a full bucket is as good as none, so those go first.
const MOST_SOURCES: usize = 1_024;
/// Between two notes about datagrams that were too many.
const TOLD_EVERY: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug)]
struct Rate {
    a_second: f64,
    burst: f64,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Bucket {
    fn full(rate: Rate, now: Instant) -> Self {
        Self { tokens: rate.burst, filled: now }
    }

    fn fill(&mut self, rate: Rate, now: Instant) {
        let earned = now.saturating_duration_since(self.filled).as_secs_f64() * rate.a_second;
        self.tokens = rate.burst.min(self.tokens + earned);
        self.filled = now;
    }
}

/// What is to be done with a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Answer it.
    Answer,
    /// Answering could loop, or reach nobody.
    Refuse,
    /// Too many came. `told` is how many, when it is time to say so.
    TooMany {
        /// Refused since it was last said.
        told: Option<u64>,
    },
}

/// Decides about datagrams.
#[derive(Debug)]
pub struct Guard {
    each: HashMap<IpAddr, Bucket>,
    all: Bucket,
    refused: u64,
    told: Option<Instant>,
}

impl Guard {
    /// A guard that has seen nothing.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self { each: HashMap::new(), all: Bucket::full(ALL, now), refused: 0, told: None }
    }

    /// Whether a datagram from `from` is answered by servers that serve the UDP ports `served`.
    pub fn judge(&mut self, from: &Address, served: &[u16], now: Instant) -> Verdict {
        let Some(inet) = from.inet() else {
            // The file system says who may send to a path, and an unnamed sender cannot be answered.
            return if *from == Address::Unix(None) { Verdict::Refuse } else { Verdict::Answer };
        };
        if inet.port() == 0 || served.contains(&inet.port()) || is_not_one_host(inet.ip()) {
            return Verdict::Refuse;
        }
        if self.each.len() >= MOST_SOURCES && !self.each.contains_key(&inet.ip()) {
            self.each.retain(|_, bucket| {
                bucket.fill(EACH, now);
                bucket.tokens < EACH.burst
            });
            if self.each.len() >= MOST_SOURCES {
                return self.too_many(now);
            }
        }
        let each = self.each.entry(inet.ip()).or_insert_with(|| Bucket::full(EACH, now));
        each.fill(EACH, now);
        self.all.fill(ALL, now);
        if each.tokens < 1.0 || self.all.tokens < 1.0 {
            return self.too_many(now);
        }
        each.tokens -= 1.0;
        self.all.tokens -= 1.0;
        Verdict::Answer
    }

    fn too_many(&mut self, now: Instant) -> Verdict {
        self.refused += 1;
        let due = self.told.is_none_or(|told| now.saturating_duration_since(told) >= TOLD_EVERY);
        let told = due.then(|| {
            self.told = Some(now);
            std::mem::take(&mut self.refused)
        });
        Verdict::TooMany { told }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Address {
        Address::Inet(text.parse().unwrap())
    }

    #[test]
    fn what_could_loop_or_reach_many_is_refused() {
        let now = Instant::now();
        let mut guard = Guard::new(now);
        for refused in [
            "127.0.0.1:8080",
            "[::1]:8081",
            "127.0.0.1:0",
            "255.255.255.255:9",
            "224.0.0.1:9",
            "[ff02::1]:9",
            "0.0.0.0:9",
        ] {
            assert_eq!(guard.judge(&at(refused), &[8080, 8081], now), Verdict::Refuse, "{refused}");
        }
        for answered in ["127.0.0.1:50000", "[::1]:50000", "192.0.2.1:9"] {
            assert_eq!(guard.judge(&at(answered), &[8080, 8081], now), Verdict::Answer, "{answered}");
        }
        assert_eq!(guard.judge(&Address::Unix(None), &[], now), Verdict::Refuse);
        assert_eq!(guard.judge(&Address::Unix(Some("/a".into())), &[], now), Verdict::Answer);
    }

    #[test]
    fn a_flood_is_limited_and_ends() {
        let start = Instant::now();
        let mut guard = Guard::new(start);
        let flood = at("127.0.0.1:50000");
        let answered = (0..20_000).filter(|_| guard.judge(&flood, &[], start) == Verdict::Answer).count();
        assert_eq!(answered, 10_000, "the burst of one source");
        assert_eq!(guard.judge(&at("127.0.0.2:50000"), &[], start), Verdict::Answer, "others do not notice");
        let later = start + Duration::from_secs(1);
        assert_eq!(guard.judge(&flood, &[], later), Verdict::Answer);
    }

    #[test]
    fn too_many_is_told_once_a_second_with_the_count() {
        let start = Instant::now();
        let mut guard = Guard::new(start);
        let flood = at("127.0.0.1:50000");
        let told = |guard: &mut Guard, now| -> Vec<u64> {
            (0..11_000)
                .filter_map(|_| match guard.judge(&flood, &[], now) {
                    Verdict::TooMany { told } => told,
                    _ => None,
                })
                .collect()
        };
        assert_eq!(told(&mut guard, start), [1]);
        assert_eq!(told(&mut guard, start + Duration::from_secs(1)), [1_000]);
    }
}
