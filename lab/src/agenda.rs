//! What is due when: one time per thing, the earliest first, and equal times in a fixed order.

use protocol::Nanos;
/// Things that are due at a time.
#[derive(Debug)]
pub(crate) struct Agenda<K> {
    /// Few at a time: most sockets wait for nothing.
    order: Vec<(Nanos, K)>,
}

impl<K: Copy + Ord> Agenda<K> {
    pub(crate) fn new() -> Self {
        Self { order: Vec::new() }
    }

    /// It is due at `time` from now on, or not at all.
    pub(crate) fn set(&mut self, what: K, time: Option<Nanos>) {
        if let Some(at) = self.order.iter().position(|(_, other)| *other == what) {
            if Some(self.order[at].0) == time {
                return;
            }
            self.order.remove(at);
        }
        if let Some(time) = time {
            let at = self.order.partition_point(|other| *other < (time, what));
            self.order.insert(at, (time, what));
        }
    }

    /// It is due at `time` at the latest.
    pub(crate) fn hasten(&mut self, what: K, time: Nanos) {
        if self.when(what).is_none_or(|due| time < due) {
            self.set(what, Some(time));
        }
    }

    /// When it is due.
    pub(crate) fn when(&self, what: K) -> Option<Nanos> {
        self.order.iter().find(|(_, other)| *other == what).map(|(time, _)| *time)
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
