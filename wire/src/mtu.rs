//! The path's MTU: what a router does with a packet too large for the next link.
//!
//! IPv4 without Don't Fragment is cut into fragments (RFC 791, 3.2); with it, as TCP sends it, the sender is told
//! the MTU (RFC 1191, 4). IPv6 is never fragmented on the way: the sender is told (RFC 8200, 5; RFC 4443, 3.2).

use protocol::header::{Headers, Icmp, Ipv4, Network, Transport, fold, icmpv4, icmpv6, ipproto, ones_complement_sum};
use protocol::header::{Ipv6, pseudo_header_sum};
use std::net::{Ipv4Addr, Ipv6Addr};

/// The addresses that the wire uses when it has to say something: a path with a small MTU has a router on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Router {
    /// Source of ICMP.
    pub v4: Ipv4Addr,
    /// Source of ICMPv6.
    pub v6: Ipv6Addr,
}

impl Default for Router {
    /// 10.0.0.254 and fd00::fe.
    fn default() -> Self {
        Self { v4: Ipv4Addr::new(10, 0, 0, 254), v6: Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 0xfe) }
    }
}

/// What becomes of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// It goes on.
    Fits,
    /// It goes on in pieces.
    Pieces(Vec<Vec<u8>>),
    /// It is dropped and its sender gets this.
    Answer(Vec<u8>),
    /// It is dropped and nobody is told, because the rules forbid it.
    Silence,
}

/// No link of IPv6 has less (RFC 8200, 5).
const IPV6_MTU_LEAST: usize = 1280;
/// An ICMP message quotes as much as fits into this (RFC 1812, 4.3.2.3).
const ICMPV4_MOST: usize = 576;

/// Judges a packet against the MTU of the path; 0 is no limit.
pub(crate) fn judge(packet: &[u8], mtu: u16, router: Router) -> Judgement {
    let mtu = usize::from(mtu);
    if mtu == 0 || packet.len() <= mtu {
        return Judgement::Fits;
    }
    let Some(headers) = Headers::read(packet, packet.len()) else { return Judgement::Fits };
    match headers.network {
        Network::V4(ip) if ip.dont_fragment() == Some(true) => {
            if may_answer(&headers) {
                answer_v4(&headers, mtu, router)
            } else {
                Judgement::Silence
            }
        }
        Network::V4(ip) => fragments(packet, ip, mtu),
        Network::V6(_) => {
            let mtu = mtu.max(IPV6_MTU_LEAST);
            if packet.len() <= mtu {
                Judgement::Fits
            } else if may_answer(&headers) {
                answer_v6(&headers, mtu, router)
            } else {
                Judgement::Silence
            }
        }
    }
}

/// RFC 1122, 3.2.2 and RFC 4443, 2.4 (e): nothing about an ICMP error, a later fragment (IPv4), or a packet whose
/// source is not one host.
fn may_answer(headers: &Headers<'_>) -> bool {
    let about_error = matches!(headers.transport, Transport::Icmp(icmp) if icmp.is_error());
    let one_host = match headers.network {
        Network::V4(ip) => {
            ip.fragment_offset() == Some(0)
                && ip.src().is_some_and(|src| !src.is_unspecified() && !src.is_multicast() && !src.is_broadcast())
                && ip.dst().is_some_and(|dst| !dst.is_multicast() && !dst.is_broadcast())
        }
        Network::V6(ip) => ip.src().is_some_and(|src| !src.is_unspecified() && !src.is_multicast()),
    };
    one_host && !about_error
}

fn answer_v4(about: &Headers<'_>, mtu: usize, router: Router) -> Judgement {
    let Network::V4(ip) = about.network else { return Judgement::Silence };
    let Some(dst) = ip.src() else { return Judgement::Silence };
    let quoted = &about.bytes[..about.bytes.len().min(ICMPV4_MOST - Ipv4::MIN_LEN - Icmp::LEN)];
    let total = Ipv4::MIN_LEN + Icmp::LEN + quoted.len();
    let mut bytes = Vec::with_capacity(total);
    // Precedence internetwork control, as RFC 1812, 4.3.2.5 asks of routers.
    bytes.extend([0x45, 0xc0]);
    bytes.extend((total as u16).to_be_bytes());
    bytes.extend([0, 0, 0, 0, 64, ipproto::ICMP, 0, 0]);
    bytes.extend(router.v4.octets());
    bytes.extend(dst.octets());
    write_checksum(&mut bytes, 0..Ipv4::MIN_LEN, 10, 0);
    bytes.extend([icmpv4::UNREACHABLE, icmpv4::FRAGMENTATION_NEEDED, 0, 0, 0, 0]);
    bytes.extend((mtu as u16).to_be_bytes());
    bytes.extend_from_slice(quoted);
    write_checksum(&mut bytes, Ipv4::MIN_LEN..total, Ipv4::MIN_LEN + 2, 0);
    Judgement::Answer(bytes)
}

fn answer_v6(about: &Headers<'_>, mtu: usize, router: Router) -> Judgement {
    let Network::V6(ip) = about.network else { return Judgement::Silence };
    let Some(dst) = ip.src() else { return Judgement::Silence };
    let quoted = &about.bytes[..about.bytes.len().min(IPV6_MTU_LEAST - Ipv6::LEN - Icmp::LEN)];
    let payload = Icmp::LEN + quoted.len();
    let mut bytes = Vec::with_capacity(Ipv6::LEN + payload);
    bytes.extend([0x60, 0, 0, 0]);
    bytes.extend((payload as u16).to_be_bytes());
    bytes.extend([ipproto::ICMPV6, 64]);
    bytes.extend(router.v6.octets());
    bytes.extend(dst.octets());
    bytes.extend([icmpv6::PACKET_TOO_BIG, 0, 0, 0]);
    bytes.extend((mtu as u32).to_be_bytes());
    bytes.extend_from_slice(quoted);
    let pseudo = pseudo_header_sum(router.v6.into(), dst.into(), ipproto::ICMPV6, payload as u32);
    write_checksum(&mut bytes, Ipv6::LEN..Ipv6::LEN + payload, Ipv6::LEN + 2, pseudo);
    Judgement::Answer(bytes)
}

/// Writes the checksum of `range` into the two bytes at `at`, which are 0 now.
fn write_checksum(bytes: &mut [u8], range: std::ops::Range<usize>, at: usize, pseudo: u64) {
    let sum = !fold(ones_complement_sum(&bytes[range]) + pseudo);
    bytes[at..at + 2].copy_from_slice(&sum.to_be_bytes());
}

/// Cuts an IPv4 packet into fragments of at most `mtu` bytes (RFC 791, 3.2). One that is a fragment already is cut
/// further.
fn fragments(packet: &[u8], ip: Ipv4<'_>, mtu: usize) -> Judgement {
    let header_len = ip.header_len();
    let (Some(offset), Some(more)) = (ip.fragment_offset(), ip.more_fragments()) else { return Judgement::Silence };
    let total = ip.total_len().map_or(packet.len(), usize::from).min(packet.len());
    // A header of 60 bytes fits into the least MTU, 68, with eight bytes of payload; broken ones do not.
    if header_len < Ipv4::MIN_LEN || header_len + 8 > mtu || total < header_len {
        return Judgement::Silence;
    }
    let first_header = &packet[..header_len];
    let later_header = [&packet[..Ipv4::MIN_LEN], &copied_options(ip.options())].concat();
    let mut pieces = Vec::new();
    let mut at = header_len;
    while at < total {
        let header = if at == header_len { first_header } else { &later_header };
        let room = (mtu - header.len()) & !7;
        let end = if total - at <= mtu - header.len() { total } else { at + room };
        let mut piece = Vec::with_capacity(header.len() + end - at);
        piece.extend_from_slice(header);
        piece.extend_from_slice(&packet[at..end]);
        let place = offset as usize / 8 + (at - header_len) / 8;
        let flags = if more || end < total { 0x2000 } else { 0 };
        let len = piece.len() as u16;
        piece[0] = 0x40 | (header.len() / 4) as u8;
        piece[2..4].copy_from_slice(&len.to_be_bytes());
        piece[6..8].copy_from_slice(&(flags | place as u16 & 0x1fff).to_be_bytes());
        piece[10..12].fill(0);
        write_checksum(&mut piece, 0..header.len(), 10, 0);
        pieces.push(piece);
        at = end;
    }
    Judgement::Pieces(pieces)
}

/// The options that go into every fragment: those with the copied flag (RFC 791, 3.1), padded to four bytes.
fn copied_options(options: &[u8]) -> Vec<u8> {
    let mut copied = Vec::new();
    let mut rest = options;
    while let Some(&kind) = rest.first() {
        let len = match kind {
            0 => break,
            1 => 1,
            _ => match rest.get(1) {
                Some(&len) if len >= 2 && usize::from(len) <= rest.len() => usize::from(len),
                _ => break,
            },
        };
        if kind & 0x80 != 0 {
            copied.extend_from_slice(&rest[..len]);
        }
        rest = &rest[len..];
    }
    copied.resize(copied.len().next_multiple_of(4), 0);
    copied
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::header::{Carries, Checksum, summary};

    fn ipv4(payload: usize, flags: u8, kind: u8, options: &[u8]) -> Vec<u8> {
        let header = 20 + options.len();
        let mut bytes = vec![0x40 | (header / 4) as u8, 0];
        bytes.extend(((header + payload) as u16).to_be_bytes());
        bytes.extend([0x12, 0x34, flags, 0, 64, kind, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
        bytes.extend_from_slice(options);
        write_checksum(&mut bytes, 0..header, 10, 0);
        bytes.extend((0..payload).map(|byte| byte as u8));
        bytes
    }

    fn ipv6(payload: usize) -> Vec<u8> {
        let mut bytes = vec![0x60, 0, 0, 0];
        bytes.extend((payload as u16).to_be_bytes());
        bytes.extend([17, 64]);
        for last in [1, 2] {
            bytes.extend(Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, last).octets());
        }
        bytes.extend((0..payload).map(|byte| byte as u8));
        bytes
    }

    #[test]
    fn dont_fragment_is_answered_with_the_mtu() {
        let packet = ipv4(1480, 0x40, 6, &[]);
        assert_eq!(judge(&packet, 1500, Router::default()), Judgement::Fits);
        assert_eq!(judge(&packet, 0, Router::default()), Judgement::Fits);
        let Judgement::Answer(answer) = judge(&packet, 1000, Router::default()) else { panic!() };
        assert_eq!(answer.len(), 576);
        let headers = Headers::read(&answer, answer.len()).unwrap();
        let Network::V4(ip) = headers.network else { panic!() };
        assert_eq!(ip.checksum_verdict(), Checksum::Correct);
        assert_eq!(headers.transport_checksum(), Some(Checksum::Correct));
        let found = headers.summary().unwrap();
        let Carries::Icmp(message) = found.carries else { panic!() };
        assert_eq!((message.kind, message.code, message.mtu), (3, 4, Some(1000)));
        assert_eq!(found.dst, Ipv4Addr::new(10, 0, 0, 1));
        assert_eq!(message.about.unwrap().0.ip(), Ipv4Addr::new(10, 0, 0, 1));
    }

    #[test]
    fn errors_and_later_fragments_are_not_answered() {
        let mut error = ipv4(1480, 0x40, 1, &[]);
        error[20] = 3;
        assert_eq!(judge(&error, 1000, Router::default()), Judgement::Silence);
        let mut later = ipv4(1480, 0x40, 17, &[]);
        later[7] = 1;
        assert_eq!(judge(&later, 1000, Router::default()), Judgement::Silence);
    }

    #[test]
    fn ipv6_is_answered_and_never_below_1280() {
        let Judgement::Answer(answer) = judge(&ipv6(1400), 600, Router::default()) else { panic!() };
        assert_eq!(answer.len(), 1280);
        let headers = Headers::read(&answer, answer.len()).unwrap();
        assert_eq!(headers.transport_checksum(), Some(Checksum::Correct));
        let Carries::Icmp(message) = headers.summary().unwrap().carries else { panic!() };
        assert_eq!((message.kind, message.mtu), (2, Some(1280)));
        assert_eq!(judge(&ipv6(1240), 600, Router::default()), Judgement::Fits);
    }

    #[test]
    fn fragments_put_together_are_the_packet() {
        // NOP, a copied option (loose source route) and one that is not (record route).
        let options = [1, 0x83, 7, 4, 10, 0, 0, 9, 7, 7, 4, 0, 0, 0, 0, 0];
        for (mtu, options) in [(68, &options[..]), (576, &[]), (1000, &options[..])] {
            let packet = ipv4(1480, 0, 17, options);
            let Judgement::Pieces(pieces) = judge(&packet, mtu, Router::default()) else { panic!() };
            let mut whole = Vec::new();
            for (place, piece) in pieces.iter().enumerate() {
                assert!(piece.len() <= usize::from(mtu));
                let headers = Headers::read(piece, piece.len()).unwrap();
                let Network::V4(ip) = headers.network else { panic!() };
                assert_eq!(ip.checksum_verdict(), Checksum::Correct);
                assert_eq!(ip.options().is_empty(), options.is_empty());
                let fragment = summary(piece, piece.len()).unwrap().fragment.unwrap();
                assert_eq!(fragment.offset as usize, whole.len());
                assert_eq!(fragment.more, place + 1 < pieces.len());
                whole.extend_from_slice(&piece[ip.header_len()..]);
            }
            assert_eq!(whole, packet[20 + options.len()..]);
        }
    }

    #[test]
    fn a_fragment_is_cut_further_at_its_place() {
        let mut packet = ipv4(800, 0x20, 17, &[]);
        packet[7] = 100;
        let Judgement::Pieces(pieces) = judge(&packet, 500, Router::default()) else { panic!() };
        let places: Vec<_> = pieces
            .iter()
            .map(|piece| summary(piece, piece.len()).unwrap().fragment.unwrap())
            .map(|fragment| (fragment.offset, fragment.more))
            .collect();
        assert_eq!(places, [(800, true), (1280, true)]);
    }
}
