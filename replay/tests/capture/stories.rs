//! What captures tell: who speaks to whom, apart from each other, with the states that follow.

use super::files::*;
use super::{all, lines, packets, survey, tell, tracked};
use expect_test::expect;
use protocol::Kind;
use replay::What;
use replay::capture::Telling;

fn file(packets: &[Vec<u8>]) -> Vec<u8> {
    pcap(Endian::Little, false, 101, &[], packets)
}

#[test]
fn a_connection_is_told_from_its_first_packet_to_its_last_state() {
    let events = all(&file(&hello(false, 50_000, 100)));
    expect![[r#"
        0 Derived host 10.0.0.1
        0 Derived host 10.0.0.2
        0 Derived program 10.0.0.1:50000
        0 Derived program 10.0.0.2:808
        0 Derived s1 f1 socket 10.0.0.1:50000 10.0.0.2:808
        0 Derived s2 f1 socket 10.0.0.2:808 10.0.0.1:50000
        0 Derived f1 flow 10.0.0.1:50000 10.0.0.2:808 0
        0 Observed s1 f1 packet 1 SYN +0
        0 Derived s1 f1 SYN_SENT
        1000 Observed s2 f1 packet 2 SYN, ACK +0
        1000 Derived s2 f1 SYN_RECV
        1000 Derived s1 f1 ESTABLISHED
        2000 Observed s1 f1 packet 3 ACK +0
        2000 Derived s2 f1 ESTABLISHED
        3000 Observed s1 f1 packet 4 PSH, ACK +5
        4000 Observed s2 f1 packet 5 ACK +0
        5000 Observed s2 f1 packet 6 PSH, ACK +5
        6000 Observed s1 f1 packet 7 FIN, ACK +0
        6000 Derived s1 f1 FIN_WAIT_1
        6000 Derived s2 f1 CLOSE_WAIT
        7000 Observed s2 f1 packet 8 FIN, ACK +0
        7000 Derived s2 f1 LAST_ACK
        7000 Derived s1 f1 TIME_WAIT
        8000 Observed s1 f1 packet 9 ACK +0
        8000 Derived s2 f1 CLOSED
        8000 Derived s2 f1 Closed
    "#]]
    .assert_eq(&lines(&events));
    let state = |event: &protocol::Event| match event.kind {
        Kind::State { to, .. } => Some(to),
        _ => None,
    };
    let states: Vec<_> = events.iter().filter_map(state).collect();
    assert_eq!(states, tracked(&events), "the tracker of the worlds says the same");
}

#[test]
fn a_port_used_twice_is_two_conversations() {
    let twice = [hello(true, 50_000, 100), hello(true, 50_000, 77_000)].concat();
    let file = file(&twice);
    let survey = survey(&file).unwrap();
    let list = survey.conversations();
    assert_eq!(list.iter().map(|one| (one.incarnation, one.packets)).collect::<Vec<_>>(), [(0, 9), (1, 9)]);
    let second = tell(&file, &survey, &[1]);
    assert_eq!(packets(&second).len(), 9);
    assert!(lines(&second).contains("program [fd00::1]:50000 (2)"), "{}", lines(&second));
    // A SYN that is only sent again begins nothing.
    let again = [vec![hello(false, 50_000, 100)[0].clone()], hello(false, 50_000, 100)].concat();
    assert_eq!(super::survey(&super::stories::file(&again)).unwrap().conversations().len(), 1);
}

#[test]
fn a_connection_that_began_before_has_no_states_and_the_service_is_the_server() {
    let late = hello(false, 50_000, 100).split_off(4);
    let events = all(&file(&late));
    let told = lines(&events);
    assert!(told.contains("flow 10.0.0.1:50000 10.0.0.2:808 0"), "{told}");
    assert!(!events.iter().any(|event| matches!(event.kind, Kind::State { .. })), "{told}");
    // The next connection on these ports is seen from its beginning.
    let events = all(&file(&[late, hello(false, 50_000, 9)].concat()));
    assert_eq!(lines(&events).matches(" flow ").count(), 2);
    assert!(lines(&events).contains("TIME_WAIT"));
}

#[test]
fn a_reset_and_a_refusal_close_both_ends() {
    let reset = hello(false, 50_000, 100)[..4].to_vec();
    let rst = tcp(false, (2, 808), (1, 50_000), 0x14, 9_001, 106, b"");
    let told = lines(&all(&file(&[reset, vec![rst]].concat())));
    assert_eq!(told.matches("CLOSED").count(), 2, "{told}");
    let refused =
        vec![tcp(false, (1, 50_001), (2, 9), 0x02, 5, 0, b""), tcp(false, (2, 9), (1, 50_001), 0x14, 0, 6, b"")];
    let told = lines(&all(&file(&refused)));
    assert!(told.contains("SYN_SENT") && told.contains("CLOSED"), "{told}");
}

#[test]
fn datagrams_of_many_come_to_one_socket() {
    let one = udp(false, (1, 50_000), (2, 53), b"one");
    let back = udp(false, (2, 53), (1, 50_000), b"ONE");
    let other = udp(false, (1, 50_001), (2, 53), b"two");
    let events = all(&file(&[one, back, other]));
    let told = lines(&events);
    assert_eq!(told.matches("socket 10.0.0.2:53 anybody").count(), 1, "{told}");
    assert_eq!(told.matches(" flow ").count(), 2, "{told}");
    // An answer that is seen first is an answer all the same.
    let told = lines(&all(&file(&[udp(false, (2, 53), (1, 50_000), b"ONE")])));
    assert!(told.contains("flow 10.0.0.1:50000 10.0.0.2:53 0"), "{told}");
}

#[test]
fn fragments_and_errors_belong_to_what_they_are_about() {
    let datagram = udp(false, (1, 50_000), (2, 8_080), &[7; 100]);
    let (head, rest) = datagram[20..].split_at(64);
    let fragment = |offset: u16, more: bool, data: &[u8]| {
        let mut packet = ip(false, 1, 2, 17, data);
        let place = (offset / 8) | if more { 0x2000 } else { 0 };
        packet[4..6].copy_from_slice(&77_u16.to_be_bytes());
        packet[6..8].copy_from_slice(&place.to_be_bytes());
        packet
    };
    let unreachable = [&[3, 3, 0, 0, 0, 0, 0, 0][..], &datagram[..28]].concat();
    let icmp = ip(false, 2, 1, 1, &unreachable);
    let file = file(&[fragment(0, true, head), fragment(64, false, rest), icmp]);
    let survey = survey(&file).unwrap();
    assert_eq!((survey.conversations().len(), survey.others()), (1, 0));
    let events = all(&file);
    let from: Vec<_> =
        events.iter().filter(|event| matches!(event.kind, Kind::Packet(_))).map(|event| event.about.host.0).collect();
    assert_eq!(from, [1, 1, 2]);
}

#[test]
fn the_few_with_the_most_packets_come_first_and_too_many_are_refused() {
    let mut all_packets = Vec::new();
    for port in 50_000..50_400 {
        let whole = hello(false, port, 100);
        all_packets.extend(if port % 100 == 7 { whole } else { whole[..1].to_vec() });
    }
    let file = file(&all_packets);
    let survey = survey(&file).unwrap();
    assert_eq!(survey.few(), [7, 107, 207]);
    assert_eq!(packets(&tell(&file, &survey, &survey.few())).len(), 27);
    let everybody: Vec<usize> = (0..400).collect();
    let fault = Telling::begin(&file, &survey, &everybody).unwrap_err();
    assert_eq!(fault.what, What::TooMany { most: 256 });
    assert_eq!(tell(&file, &survey, &[]), []);
}
