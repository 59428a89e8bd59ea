//! The decoder against packets from real kernels, and against anything.
#![allow(clippy::unwrap_used, reason = "a test that cannot read its sample should fail there")]

use super::samples::{self, bytes};
use super::*;
use proptest::prelude::*;

fn read(hex: &str) -> Summary {
    let bytes = bytes(hex);
    summary(&bytes, bytes.len()).unwrap()
}

fn segment(hex: &str) -> Segment {
    *read(hex).tcp().unwrap()
}

#[test]
fn segments() {
    use TcpFlags as F;
    // sample, flags, seq, ack, window, payload
    let table = [
        (samples::SYN, F::SYN, 0x587a_c843, 0, 64240, 0),
        (samples::SYN_ACK, F::SYN | F::ACK, 0x303a_0a7f, 0x587a_c844, 65160, 0),
        (samples::HELLO, F::PSH | F::ACK, 0x587a_c844, 0x303a_0a80, 63, 5),
        (samples::SACK, F::ACK, 0x303a_0a80, 0x587a_c849, 64, 0),
        (samples::FIN, F::FIN | F::ACK, 0x587a_cca5, 0x303a_0a86, 63, 0),
        (samples::RST, F::RST | F::ACK, 0, 0x6a6c_eac2, 0, 0),
        (samples::SYN_6, F::SYN, 0xc9cb_c453, 0, 64800, 0),
        (samples::SACK_6, F::ACK, 0x65de_2cc1, 0xc9cb_c459, 63, 0),
    ];
    for (hex, flags, seq, ack, window, payload) in table {
        let packet = read(hex);
        let found = packet.tcp().unwrap();
        assert_eq!((found.flags, found.seq, found.ack, found.window), (flags, seq, ack, window), "{hex}");
        assert_eq!(packet.payload_len, payload, "{hex}");
    }
}

#[test]
fn options() {
    let syn = segment(samples::SYN);
    assert_eq!((syn.mss, syn.window_scale, syn.sack_permitted), (Some(1460), Some(10), true));
    assert_eq!(syn.timestamps, Some((0xea6a_ee5d, 0)));
    assert_eq!(segment(samples::SYN_6).mss, Some(1440));
    assert_eq!(segment(samples::SACK).sack.edges(), [(0x587a_c9df, 0x587a_cca5)]);
    assert_eq!(segment(samples::SACK_6).sack.edges(), [(0xc9cb_c5ef, 0xc9cb_c8b5)]);
}

#[test]
fn options_that_lie() {
    let list = |bytes: &'static [u8]| TcpOptions::new(bytes).collect::<Vec<_>>();
    assert_eq!(list(&[1, 0, 9, 9]), [(0..1, TcpOption::Nop), (1..4, TcpOption::End)]);
    assert_eq!(list(&[2, 4, 5]), [(0..3, TcpOption::Malformed { kind: 2 })]);
    assert_eq!(list(&[2, 1, 5, 5]), [(0..4, TcpOption::Malformed { kind: 2 })]);
    assert_eq!(list(&[3]), [(0..1, TcpOption::Malformed { kind: 3 })]);
    assert_eq!(list(&[2, 3, 5, 1]), [(0..3, TcpOption::Other { kind: 2, data: &[5] }), (3..4, TcpOption::Nop)]);
}

#[test]
fn datagrams_and_fragments() {
    let ping = read(samples::PING);
    assert_eq!(ping.udp(), Some(&Datagram { src_port: 51993, dst_port: 8080, len: 4 }));
    assert_eq!((ping.payload_at, ping.payload_len, ping.fragment), (28, 4, None));
    assert_eq!(read(samples::EMPTY).udp().unwrap().len, 0);
    assert_eq!(read(samples::PING_6).ends().unwrap().1, "[fd00::2]:8080".parse().unwrap());

    let pairs = [
        (samples::FRAGMENT_1, 1500, samples::FRAGMENT_2, 548, 1472, 1480),
        (samples::FRAGMENT_1_6, 1496, samples::FRAGMENT_2_6, 608, 1440, 1448),
    ];
    for (first, first_len, second, second_len, first_data, offset) in pairs {
        let first = summary(&bytes(first), first_len).unwrap();
        let second = summary(&bytes(second), second_len).unwrap();
        let (a, b) = (first.fragment.unwrap(), second.fragment.unwrap());
        assert_eq!((a.offset, a.more, b.offset, b.more), (0, true, offset, false));
        assert_eq!(a.key, b.key);
        assert_eq!(a.key.protocol, ipproto::UDP);
        assert_eq!(first.udp().unwrap().len, 2000);
        assert_eq!(second.carries, Carries::Continued);
        assert_eq!(first.payload_len, first_data);
        assert_eq!(first.payload_len + second.payload_len, 2000);
    }
}

#[test]
fn icmp_names_the_two_ends_it_is_about() {
    for (hex, kind, code) in [(samples::UNREACHABLE, 3, 3), (samples::UNREACHABLE_6, 1, 4)] {
        let packet = read(hex);
        let Carries::Icmp(message) = packet.carries else { panic!("{packet:?}") };
        assert_eq!((message.kind, message.code, message.mtu), (kind, code, None));
        let (from, to) = message.about.unwrap();
        assert_eq!((from.ip(), to.ip(), to.port()), (packet.dst, packet.src, 9));
    }
}

#[test]
fn extension_headers_are_walked() {
    let bytes = bytes(samples::HOP_BY_HOP);
    let headers = Headers::read(&bytes, bytes.len()).unwrap();
    assert_eq!((headers.protocol, headers.transport_at, headers.broken), (ipproto::ICMPV6, 48, None));
    let Transport::Icmp(icmp) = headers.transport else { panic!("{headers:?}") };
    assert_eq!(icmp.kind(), Some(143));
    assert!(headers.fields().iter().any(|field| field.name == FieldName::ExtensionData && field.bytes() == (42..48)));
}

#[test]
fn checksums() {
    let all = [
        samples::SYN,
        samples::SYN_ACK,
        samples::HELLO,
        samples::SACK,
        samples::FIN,
        samples::RST,
        samples::PING,
        samples::EMPTY,
        samples::UNREACHABLE,
        samples::SYN_6,
        samples::SACK_6,
        samples::PING_6,
        samples::UNREACHABLE_6,
    ];
    for hex in all {
        let right = bytes(hex);
        let headers = Headers::read(&right, right.len()).unwrap();
        assert_eq!(headers.transport_checksum(), Some(Checksum::Correct), "{hex}");
        assert_eq!(headers.broken, None, "{hex}");
        if let Network::V4(ip) = headers.network {
            assert_eq!(ip.checksum_verdict(), Checksum::Correct, "{hex}");
        }
        let mut wrong = right.clone();
        let at = headers.transport_at;
        wrong[at] ^= 1;
        let damaged = Headers::read(&wrong, wrong.len()).unwrap();
        assert!(matches!(damaged.transport_checksum(), Some(Checksum::Wrong { .. })), "{hex}");
        let short = Headers::read(&right[..right.len() - 1], right.len()).unwrap();
        assert_eq!(short.transport_checksum(), Some(Checksum::Truncated), "{hex}");
    }
    let first = bytes(samples::FRAGMENT_1);
    assert_eq!(Headers::read(&first, 1500).unwrap().transport_checksum(), Some(Checksum::Fragmented));
}

#[test]
fn checksums_that_loopback_left_open() {
    let mut hello = bytes(samples::HELLO);
    let (src, dst) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
    let partial = fold(pseudo_header_sum(src, dst, ipproto::TCP, 37));
    for open in [0, partial] {
        hello[36..38].copy_from_slice(&open.to_be_bytes());
        let headers = Headers::read(&hello, hello.len()).unwrap();
        assert_eq!(headers.transport_checksum(), Some(Checksum::NotFilledIn));
    }
    let mut ping = bytes(samples::PING);
    ping[26..28].fill(0);
    assert_eq!(Headers::read(&ping, ping.len()).unwrap().transport_checksum(), Some(Checksum::None));
    let mut ping = bytes(samples::PING_6);
    ping[46..48].fill(0);
    assert_eq!(Headers::read(&ping, ping.len()).unwrap().transport_checksum(), Some(Checksum::NotFilledIn));
}

#[test]
fn says_where_it_breaks_off() {
    let syn = bytes(samples::SYN);
    let broken = |edit: &dyn Fn(&mut Vec<u8>), true_len| {
        let mut bytes = syn.clone();
        edit(&mut bytes);
        let broken = Headers::read(&bytes, true_len).unwrap().broken.unwrap();
        (broken.layer, broken.why, broken.at)
    };
    assert_eq!(broken(&|b| b.truncate(10), 60), (Layer::Ipv4, Why::Truncated, 10));
    assert_eq!(broken(&|b| b.truncate(30), 60), (Layer::Tcp, Why::Truncated, 30));
    assert_eq!(broken(&|b| b.truncate(50), 60), (Layer::Tcp, Why::Truncated, 50));
    assert_eq!(broken(&|b| b[0] = 0x44, 60), (Layer::Ipv4, Why::TooShort, 0));
    assert_eq!(broken(&|b| b[3] = 10, 60), (Layer::Ipv4, Why::TooShort, 2));
    assert_eq!(broken(&|b| b[3] = 200, 60), (Layer::Ipv4, Why::TooLong, 2));
    assert_eq!(broken(&|b| b[32] = 0x40, 60), (Layer::Tcp, Why::TooShort, 20));
    assert_eq!(broken(&|b| b[32] = 0xf0, 60), (Layer::Tcp, Why::TooLong, 20));
    // What was captured is shown all the same.
    let headers = Headers::read(&syn[..30], 60).unwrap();
    let Transport::Tcp(tcp) = headers.transport else { panic!("{headers:?}") };
    assert_eq!((tcp.src_port(), tcp.seq(), tcp.ack()), (Some(59448), Some(0x587a_c843), None));
    assert!(headers.fields().iter().any(|field| field.name == FieldName::Window && field.value == Value::Missing));
}

#[test]
fn flags_are_said_as_people_say_them() {
    assert_eq!((TcpFlags::SYN | TcpFlags::ACK).to_string(), "SYN, ACK");
    assert_eq!((TcpFlags::ACK | TcpFlags::PSH).to_string(), "PSH, ACK");
    assert_eq!((TcpFlags::FIN | TcpFlags::ACK).to_string(), "FIN, ACK");
}

/// The fields of a whole packet cover each of its bits exactly once, in order.
fn assert_fields_tile(headers: &Headers<'_>) {
    let mut at = 0;
    for field in headers.fields() {
        assert_eq!(field.bits.start, at, "{field:?}");
        at = field.bits.end;
    }
    assert_eq!(at, headers.end * 8);
}

#[test]
fn fields_tile_the_packet() {
    let whole = [
        samples::SYN,
        samples::HELLO,
        samples::SACK,
        samples::PING,
        samples::EMPTY,
        samples::UNREACHABLE,
        samples::SYN_6,
        samples::PING_6,
        samples::UNREACHABLE_6,
        samples::HOP_BY_HOP,
    ];
    for hex in whole {
        let bytes = bytes(hex);
        assert_fields_tile(&Headers::read(&bytes, bytes.len()).unwrap());
    }
    assert_fields_tile(&Headers::read(&bytes(samples::FRAGMENT_1), 1500).unwrap());
    assert_fields_tile(&Headers::read(&bytes(samples::FRAGMENT_2_6), 608).unwrap());
    let syn = bytes(samples::SYN);
    let headers = Headers::read(&syn, syn.len()).unwrap();
    let window = headers.fields().into_iter().find(|field| field.name == FieldName::Window).unwrap();
    assert_eq!((window.value, window.bytes()), (Value::Number(64240), 34..36));
}

proptest! {
    #[test]
    fn never_panics(mut bytes in prop::collection::vec(any::<u8>(), 0..200), v6: bool, longer in 0_usize..2000) {
        if let Some(first) = bytes.first_mut() {
            *first = *first & 0x0f | if v6 { 0x60 } else { 0x40 };
        }
        exercise(&bytes, bytes.len() + longer);
    }

    #[test]
    fn never_panics_on_damaged_packets(
        which in prop::sample::select(vec![
            samples::SYN, samples::SACK, samples::UNREACHABLE, samples::FRAGMENT_1, samples::HOP_BY_HOP,
            samples::SYN_6, samples::FRAGMENT_1_6, samples::UNREACHABLE_6,
        ]),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut: prop::sample::Index,
    ) {
        let mut bytes = bytes(which);
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let len = bytes.len();
        bytes.truncate(cut.index(len + 1));
        exercise(&bytes, len);
    }
}

fn exercise(bytes: &[u8], true_len: usize) {
    let _ = summary(bytes, true_len);
    let Some(headers) = Headers::read(bytes, true_len) else { return };
    assert!(headers.payload.start <= headers.payload.end && headers.end <= true_len);
    let _ = (headers.transport_checksum(), headers.payload(), headers.quoted().map(|(_, quoted)| quoted.fields()));
    if let Network::V4(ip) = headers.network {
        let _ = (ip.checksum_verdict(), ip.options());
    }
    for field in headers.fields() {
        let _ = field.bytes();
    }
}
