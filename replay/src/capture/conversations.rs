//! Who speaks to whom: packets sorted into conversations, a connection apart from the next one on the same ports.

use protocol::header::{Carries, FragmentKey, Headers, TcpFlags, ipproto};
use protocol::{Nanos, Transport};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

/// The most conversations that are told apart; packets of further ones are only counted.
pub const MOST_CONVERSATIONS: usize = 20_000;
/// Datagrams in pieces whose conversation is remembered.
const MOST_FRAGMENTED: usize = 64;
/// Ports below this belong to services (RFC 6335, 6).
const SYSTEM_PORTS: u16 = 1_024;

/// A conversation: a TCP connection, or two addresses that exchange datagrams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// TCP or UDP.
    pub transport: Transport,
    /// The end that began, or seems to have.
    pub a: SocketAddr,
    /// The end that was called.
    pub b: SocketAddr,
    /// How many connections between these two there were before.
    pub incarnation: u32,
    /// Its packets.
    pub packets: u64,
    /// All their bytes, headers of IP and above included.
    pub bytes: u64,
    /// When its first packet came by.
    pub first: Nanos,
    /// The first sequence number of each end, where its SYN was seen.
    begins: [Option<u32>; 2],
    /// Whether each end was heard.
    heard: [bool; 2],
}

/// All conversations so far.
#[derive(Clone, Debug, Default)]
pub struct Conversations {
    list: Vec<Conversation>,
    /// The newest conversation between two ends, by a number made of them: whoever has it already is passed over.
    newest: BTreeMap<u64, u32>,
    fragments: Vec<(FragmentKey, u32)>,
}

impl Conversations {
    /// All of them, in the order of their first packets in the file.
    pub fn list(&self) -> &[Conversation] {
        &self.list
    }

    /// One of them, to count on it.
    pub fn counted(&mut self, at: u32) -> Option<&mut Conversation> {
        self.list.get_mut(at as usize)
    }

    /// The conversation a packet belongs to; `None` if it is of neither TCP nor UDP, or of one too many.
    pub fn of(&mut self, headers: &Headers<'_>) -> Option<u32> {
        let summary = headers.summary()?;
        match &summary.carries {
            Carries::Tcp(segment) => {
                let (from, to) = summary.ends()?;
                let syn = segment.flags.has(TcpFlags::SYN).then_some(segment.seq);
                let answers = segment.flags.has(TcpFlags::ACK);
                let called = match syn {
                    Some(_) if answers => from,
                    Some(_) => to,
                    // It began before the capture: services have the lower port.
                    None if from.port() < to.port() => from,
                    None => to,
                };
                self.of_segment(from, to, syn, called)
            }
            Carries::Udp(_) => {
                let (from, to) = summary.ends()?;
                let called = if from.port() < SYSTEM_PORTS && from.port() < to.port() { from } else { to };
                let at = self.known(false, from, to).or_else(|| self.begin(Transport::Udp, from, to, called, 0))?;
                if let Some(fragment) = summary.fragment {
                    if self.fragments.len() >= MOST_FRAGMENTED {
                        self.fragments.remove(0);
                    }
                    self.fragments.push((fragment.key, at));
                }
                Some(at)
            }
            Carries::Icmp(message) => {
                let (from, to) = message.about?;
                let (_, quoted) = headers.quoted()?;
                self.known(quoted.protocol == ipproto::TCP, from, to)
            }
            Carries::Continued => {
                let key = summary.fragment?.key;
                self.fragments.iter().rev().find(|(known, _)| *known == key).map(|(_, at)| *at)
            }
            Carries::Other => None,
        }
    }

    fn of_segment(&mut self, from: SocketAddr, to: SocketAddr, syn: Option<u32>, called: SocketAddr) -> Option<u32> {
        let mut found = self.known(true, from, to);
        let mut incarnation = 0;
        if let Some(known) = found.and_then(|at| self.list.get(at as usize)) {
            let end = usize::from(from == known.b);
            // Another first number, or one where bytes have come before: the same ports, another connection.
            let is_new = syn.is_some_and(|syn| known.begins[end].map_or(known.heard[end], |begun| begun != syn));
            if is_new {
                (found, incarnation) = (None, known.incarnation + 1);
            }
        }
        let at = found.or_else(|| self.begin(Transport::Tcp, from, to, called, incarnation))?;
        let conversation = &mut self.list[at as usize];
        let end = usize::from(from == conversation.b);
        conversation.heard[end] = true;
        conversation.begins[end] = conversation.begins[end].or(syn);
        Some(at)
    }

    fn known(&self, tcp: bool, from: SocketAddr, to: SocketAddr) -> Option<u32> {
        self.newest.get(&self.place(tcp, from, to)).copied()
    }

    fn begin(
        &mut self,
        transport: Transport,
        from: SocketAddr,
        to: SocketAddr,
        called: SocketAddr,
        incarnation: u32,
    ) -> Option<u32> {
        if self.list.len() >= MOST_CONVERSATIONS {
            return None;
        }
        let at = self.list.len() as u32;
        let place = self.place(transport == Transport::Tcp, from, to);
        self.newest.insert(place, at);
        self.list.push(Conversation {
            transport,
            a: if called == to { from } else { to },
            b: called,
            incarnation,
            packets: 0,
            bytes: 0,
            first: Nanos(0),
            begins: [None; 2],
            heard: [false; 2],
        });
        Some(at)
    }

    /// Where in `newest` a conversation between two ends is, or would be.
    fn place(&self, tcp: bool, from: SocketAddr, to: SocketAddr) -> u64 {
        let mut place = mixed(from) ^ mixed(to) ^ u64::from(tcp);
        let is_it = |one: &Conversation| {
            (one.transport == Transport::Tcp) == tcp && ((one.a, one.b) == (from, to) || (one.b, one.a) == (from, to))
        };
        while self.newest.get(&place).is_some_and(|at| !is_it(&self.list[*at as usize])) {
            place = place.wrapping_add(1);
        }
        place
    }
}

/// A number made of an address (FNV-1a); the same for both directions when two are put together.
fn mixed(address: SocketAddr) -> u64 {
    let mix = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let port = address.port().to_be_bytes().into_iter().fold(0xcbf2_9ce4_8422_2325, mix);
    match address.ip() {
        IpAddr::V4(ip) => ip.octets().into_iter().fold(port, mix),
        IpAddr::V6(ip) => ip.octets().into_iter().fold(port, mix),
    }
}
