//! Which datagram arrived: packets carry no identity that a program gave, so arrivals are matched with what was sent.

use crate::table::Table;
use protocol::DatagramId;
use std::collections::VecDeque;
use std::net::SocketAddr;

/// Datagrams from one address to another that are remembered.
const MOST: usize = 1_024;
/// Pairs of addresses that are remembered.
const MOST_PAIRS: usize = 1_024;

#[derive(Debug)]
struct Sent {
    id: DatagramId,
    /// Length and checksum of what was sent: equal ones carry equal bytes, as near as it matters.
    print: (usize, u64),
    arrived: bool,
}

/// Datagrams that were sent, by whom and to whom.
#[derive(Debug, Default)]
pub(crate) struct Datagrams(Table<(SocketAddr, SocketAddr), VecDeque<Sent>>);

impl Datagrams {
    /// One is sent.
    pub(crate) fn sent(&mut self, from: SocketAddr, to: SocketAddr, id: DatagramId, data: &[u8]) {
        if self.0.len() >= MOST_PAIRS {
            // Forgetting costs an identity on the screen, never a byte.
            self.0.clear();
        }
        let queue = self.0.or_default((from, to));
        if queue.len() >= MOST {
            queue.pop_front();
        }
        queue.push_back(Sent { id, print: print(data), arrived: false });
    }

    /// The last one was not sent after all.
    pub(crate) fn failed(&mut self, from: SocketAddr, to: SocketAddr, id: DatagramId) {
        if let Some(queue) = self.0.get_mut(&(from, to)) {
            queue.retain(|sent| sent.id != id);
        }
    }

    /// One arrived whole: the oldest equal one that has not arrived yet; if all have, the wire made a copy.
    pub(crate) fn arrived(&mut self, from: SocketAddr, to: SocketAddr, data: &[u8]) -> Option<DatagramId> {
        let (queue, print) = (self.0.get_mut(&(from, to))?, print(data));
        let same = |sent: &&mut Sent| sent.print == print;
        if let Some(sent) = queue.iter_mut().filter(same).find(|sent| !sent.arrived) {
            sent.arrived = true;
            return Some(sent.id);
        }
        queue.iter().rev().find(|sent| sent.print == print).map(|sent| sent.id)
    }
}

/// FNV-1a (Fowler, Noll, Vo), 64 bits.
fn print(data: &[u8]) -> (usize, u64) {
    let hash = data
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3));
    (data.len(), hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_are_matched_in_order_and_copies_keep_their_identity() {
        let (a, b): (SocketAddr, SocketAddr) = (([10, 0, 0, 1], 1).into(), ([10, 0, 0, 2], 2).into());
        let mut datagrams = Datagrams::default();
        for (id, data) in [(1, "one"), (2, "two"), (3, "two")] {
            datagrams.sent(a, b, DatagramId(id), data.as_bytes());
        }
        assert_eq!(datagrams.arrived(a, b, b"two"), Some(DatagramId(2)), "`one` was lost");
        assert_eq!(datagrams.arrived(a, b, b"two"), Some(DatagramId(3)));
        assert_eq!(datagrams.arrived(a, b, b"two"), Some(DatagramId(3)), "a copy");
        assert_eq!(datagrams.arrived(a, b, b"one"), Some(DatagramId(1)), "overtaken, not lost");
        assert_eq!(datagrams.arrived(b, a, b"one"), None, "the other way");
    }
}
