//! Which datagram arrived: matches what our programs receive with what our programs sent.
//!
//! The system gives datagrams no identity. Loopback keeps their order within one pair of addresses, so the oldest one
//! sent that has the same length and first bytes is the one that arrived, and older ones that do not match were lost.

use protocol::{Address, DatagramId};
use std::collections::{HashMap, VecDeque};

/// First bytes kept for the comparison.
const HEAD: usize = 32;
/// Datagrams under way from one address to another that are remembered.
const MOST_UNDER_WAY: usize = 1_024;
/// Pairs of addresses that are remembered.
const MOST_PAIRS: usize = 4_096;

/// The datagrams our programs sent and nobody of ours has received yet.
#[derive(Debug, Default)]
pub struct Datagrams {
    under_way: HashMap<(Address, Address), VecDeque<Sent>>,
}

#[derive(Debug)]
struct Sent {
    id: DatagramId,
    len: usize,
    head: Vec<u8>,
}

impl Datagrams {
    /// One is about to be sent: before the system call, because the receiver may be quicker than its return.
    pub fn sent(&mut self, from: &Address, to: &Address, id: DatagramId, data: &[u8]) {
        if self.under_way.len() >= MOST_PAIRS {
            // Forgetting costs an identity on the screen, never a byte.
            self.under_way.clear();
        }
        let queue = self.under_way.entry((from.clone(), to.clone())).or_default();
        if queue.len() >= MOST_UNDER_WAY {
            queue.pop_front();
        }
        queue.push_back(Sent { id, len: data.len(), head: data[..data.len().min(HEAD)].to_vec() });
    }

    /// It was not sent after all.
    pub fn failed(&mut self, from: &Address, to: &Address, id: DatagramId) {
        if let Some(queue) = self.under_way.get_mut(&(from.clone(), to.clone())) {
            queue.retain(|sent| sent.id != id);
        }
    }

    /// One arrived: `data` is what reached the program of a datagram of `true_len` bytes, where that is known.
    pub fn received(
        &mut self,
        from: &Address,
        to: &Address,
        data: &[u8],
        true_len: Option<usize>,
    ) -> Option<DatagramId> {
        let key = (from.clone(), to.clone());
        let queue = self.under_way.get_mut(&key)?;
        let place = queue.iter().position(|sent| {
            let same_len = true_len.map_or(sent.len >= data.len(), |len| len == sent.len);
            let shown = sent.head.len().min(data.len());
            same_len && sent.head[..shown] == data[..shown]
        })?;
        let id = queue.drain(..=place).next_back().map(|sent| sent.id);
        if queue.is_empty() {
            self.under_way.remove(&key);
        }
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(port: u16) -> Address {
        Address::Inet(([127, 0, 0, 1], port).into())
    }

    #[test]
    fn arrivals_are_matched_in_order_and_losses_are_passed_over() {
        let mut datagrams = Datagrams::default();
        for (id, data) in [(1, "one"), (2, "two"), (3, "two"), (4, "four")] {
            datagrams.sent(&at(1), &at(2), DatagramId(id), data.as_bytes());
        }
        assert_eq!(datagrams.received(&at(1), &at(2), b"two", Some(3)), Some(DatagramId(2)), "`one` was lost");
        assert_eq!(datagrams.received(&at(1), &at(2), b"fo", Some(4)), Some(DatagramId(4)), "cut to 2 bytes");
        assert_eq!(datagrams.received(&at(1), &at(2), b"two", Some(3)), None, "passed over is lost");
        assert_eq!(datagrams.received(&at(2), &at(1), b"one", Some(3)), None, "the other way");
    }

    #[test]
    fn the_empty_datagram_is_one_too() {
        let mut datagrams = Datagrams::default();
        datagrams.sent(&at(1), &at(2), DatagramId(7), b"");
        assert_eq!(datagrams.received(&at(1), &at(2), b"", Some(0)), Some(DatagramId(7)));
    }

    #[test]
    fn what_was_not_sent_does_not_arrive() {
        let mut datagrams = Datagrams::default();
        datagrams.sent(&at(1), &at(2), DatagramId(7), b"x");
        datagrams.failed(&at(1), &at(2), DatagramId(7));
        assert_eq!(datagrams.received(&at(1), &at(2), b"x", None), None);
    }
}
