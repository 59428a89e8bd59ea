//! What is due when: one time per thing, the earliest first, and equal times in a fixed order.

use protocol::Nanos;
use std::collections::{BTreeMap, BTreeSet};

/// Things that are due at a time.
#[derive(Debug)]
pub(crate) struct Agenda<K> {
    order: BTreeSet<(Nanos, K)>,
    times: BTreeMap<K, Nanos>,
}

impl<K: Copy + Ord> Agenda<K> {
    pub(crate) fn new() -> Self {
        Self { order: BTreeSet::new(), times: BTreeMap::new() }
    }

    /// It is due at `time` from now on, or not at all.
    pub(crate) fn set(&mut self, what: K, time: Option<Nanos>) {
        let before = match time {
            Some(time) => self.times.insert(what, time),
            None => self.times.remove(&what),
        };
        if before == time {
            return;
        }
        if let Some(before) = before {
            self.order.remove(&(before, what));
        }
        if let Some(time) = time {
            self.order.insert((time, what));
        }
    }

    /// It is due at `time` at the latest.
    pub(crate) fn hasten(&mut self, what: K, time: Nanos) {
        if self.times.get(&what).is_none_or(|due| time < *due) {
            self.set(what, Some(time));
        }
    }

    /// When it is due.
    pub(crate) fn when(&self, what: K) -> Option<Nanos> {
        self.times.get(&what).copied()
    }

    /// The first.
    pub(crate) fn first(&self) -> Option<(Nanos, K)> {
        self.order.first().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_comes_first_and_one_thing_has_one_time() {
        let mut agenda = Agenda::new();
        agenda.set('a', Some(Nanos(5)));
        agenda.set('b', Some(Nanos(3)));
        assert_eq!(agenda.first(), Some((Nanos(3), 'b')));
        agenda.hasten('a', Nanos(1));
        agenda.hasten('a', Nanos(9));
        assert_eq!(agenda.first(), Some((Nanos(1), 'a')));
        agenda.set('a', None);
        agenda.set('b', Some(Nanos(7)));
        assert_eq!(agenda.first(), Some((Nanos(7), 'b')));
        assert_eq!(agenda.when('a'), None);
    }
}
