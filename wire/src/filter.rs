//! Catch next: which packet a person waits for.

use protocol::header::{Carries, Summary, TcpFlags};
use protocol::wire::{Filter, Matches, Way};

/// A filter that counts its matches.
#[derive(Clone, Debug)]
pub(crate) struct Catch {
    filter: Filter,
    seen: u32,
}

impl Catch {
    pub(crate) fn new(filter: Filter) -> Self {
        Self { filter, seen: 0 }
    }

    /// Whether this is the packet waited for. Counts it if it is of the sort.
    pub(crate) fn is_it(&mut self, way: Way, packet: Option<&Summary>) -> bool {
        let of_the_sort = self.filter.way.is_none_or(|wanted| wanted == way)
            && match packet {
                Some(packet) => is(self.filter.what, packet),
                None => self.filter.what == Matches::Anything,
            };
        self.seen += u32::from(of_the_sort);
        of_the_sort && self.seen >= self.filter.nth
    }
}

fn is(what: Matches, packet: &Summary) -> bool {
    let flags = packet.tcp().map_or(TcpFlags::default(), |segment| segment.flags);
    match what {
        Matches::Anything => true,
        Matches::DataSegment => packet.tcp().is_some() && packet.payload_len > 0,
        Matches::Syn => flags.has(TcpFlags::SYN),
        Matches::Fin => flags.has(TcpFlags::FIN),
        Matches::Rst => flags.has(TcpFlags::RST),
        Matches::PureAck => {
            flags.has(TcpFlags::ACK)
                && !flags.any(TcpFlags::SYN | TcpFlags::FIN | TcpFlags::RST)
                && packet.payload_len == 0
        }
        Matches::Udp => packet.udp().is_some(),
        Matches::Icmp => matches!(packet.carries, Carries::Icmp(_)),
    }
}
