//! The formats: byte orders, times, links, blocks.

use super::files::*;
use super::{all, packets, survey, tell};
use protocol::Kind;
use replay::What;
use replay::capture::{Item, Reader};

const LITTLE: Endian = Endian::Little;
const ETHERNET: [u8; 14] = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0];

#[test]
fn both_byte_orders_and_both_resolutions_tell_the_same() {
    let plain = all(&pcap(LITTLE, false, 101, &[], &hello(false, 50_000, 100)));
    assert_eq!(packets(&plain).len(), 9);
    assert_eq!(packets(&plain)[8].0, 8_000_000, "nanoseconds since the first packet");
    for (endian, nanos) in [(Endian::Little, true), (Endian::Big, false), (Endian::Big, true)] {
        assert_eq!(all(&pcap(endian, nanos, 101, &[], &hello(false, 50_000, 100))), plain);
    }
}

#[test]
fn every_link_tells_the_same() {
    for v6 in [false, true] {
        let packets = hello(v6, 50_000, 100);
        let plain = all(&pcap(LITTLE, false, 101, &[], &packets));
        let kind: [u8; 2] = if v6 { [0x86, 0xdd] } else { [8, 0] };
        let family: u32 = if v6 { 30 } else { 2 };
        let macs = &ETHERNET[..12];
        let links: [(u32, Vec<u8>); 11] = [
            (1, [macs, &kind].concat()),
            (1, [macs, &[0x81, 0, 0, 7], &kind].concat()),
            (1, [macs, &[0x88, 0xa8, 0, 7, 0x81, 0, 0, 8], &kind].concat()),
            (113, [&[0; 14][..], &kind].concat()),
            (276, [&kind[..], &[0; 18]].concat()),
            (0, family.to_le_bytes().to_vec()),
            (0, family.to_be_bytes().to_vec()),
            (108, family.to_be_bytes().to_vec()),
            (12, Vec::new()),
            (if v6 { 229 } else { 228 }, Vec::new()),
            // With the length of a checksum at the end of each frame in the upper bits.
            (0x2400_0001, [macs, &kind].concat()),
        ];
        for (link, head) in links {
            assert_eq!(all(&pcap(LITTLE, false, link, &head, &packets)), plain, "link type {link}");
        }
    }
}

#[test]
fn a_cut_packet_keeps_its_true_length() {
    let whole = tcp(false, (1, 50_000), (2, 808), 0x18, 1, 1, &[b'x'; 1_000]);
    let mut file = pcap(LITTLE, false, 1, &ETHERNET, &[whole[..60].to_vec()]);
    // The true length stands behind the captured one.
    file[24 + 12..24 + 16].copy_from_slice(&1_054_u32.to_le_bytes());
    let events = all(&file);
    let (_, packet) = packets(&events)[0];
    assert_eq!((packet.data.len(), packet.true_len), (60, 1_040));
    let summary = protocol::header::summary(&packet.data, packet.true_len as usize).unwrap();
    assert_eq!(summary.payload_len, 1_000);
}

#[test]
fn sections_and_interfaces_have_their_own_order_link_and_clock() {
    let all_packets = hello(false, 50_000, 100);
    let noon = u64::from(NOON);
    let mut file = Vec::new();
    file.extend(section(LITTLE));
    // Microseconds by default; nanoseconds; 1/1024 of a second, an hour later.
    file.extend(interface(LITTLE, 101, 0, &[]));
    file.extend(interface(LITTLE, 1, 0, &[option(LITTLE, 9, &[9])]));
    let hour = option(LITTLE, 14, &3_600_i64.to_le_bytes());
    file.extend(interface(LITTLE, 101, 0, &[option(LITTLE, 9, &[0x8a]), hour]));
    // A block that nobody knows.
    file.extend(block(LITTLE, 0x0bad, &[1, 2, 3, 4]));
    let packet = |n: usize| &all_packets[n];
    let len = |n: usize| all_packets[n].len() as u32;
    file.extend(enhanced(LITTLE, 0, noon * 1_000_000, packet(0), len(0), &[]));
    let framed = [&ETHERNET[..], packet(1)].concat();
    file.extend(enhanced(LITTLE, 1, noon * 1_000_000_000 + 500, &framed, len(1) + 14, &[]));
    file.extend(enhanced(LITTLE, 2, (noon - 3_600) * 1_024 + 1, packet(2), len(2), &[]));
    file.extend(section(Endian::Big));
    file.extend(interface(Endian::Big, 101, 0, &[]));
    file.extend(enhanced(Endian::Big, 0, (noon + 1) * 1_000_000, packet(3), len(3), &[]));
    // Without a time: as the one before.
    file.extend(simple(Endian::Big, packet(4), len(4)));
    let events = all(&file);
    let times: Vec<u64> = packets(&events).iter().map(|(at, _)| *at).collect();
    assert_eq!(times, [0, 500, 976_562, 1_000_000_000, 1_000_000_000]);
    assert!(events.iter().all(|event| !matches!(event.kind, Kind::Flow { incarnation: 1.., .. })));
}

#[test]
fn what_comes_later_in_the_file_may_have_been_earlier() {
    let mut file = [section(LITTLE), interface(LITTLE, 101, 0, &[])].concat();
    let hello = hello(false, 50_000, 100);
    for (n, time) in [(0, 5_u64), (2, 9), (1, 7)] {
        let packet: &Vec<u8> = &hello[n];
        file.extend(enhanced(LITTLE, 0, time, packet, packet.len() as u32, &[]));
    }
    let events = all(&file);
    assert_eq!(packets(&events).iter().map(|(at, _)| *at).collect::<Vec<_>>(), [0, 2_000, 4_000]);
    assert!(super::lines(&events).contains("ESTABLISHED"));
}

#[test]
fn comments_and_losses_are_told() {
    let packet = udp(false, (1, 50_000), (2, 8_080), b"hi");
    let len = packet.len() as u32;
    let mut file = [section(LITTLE), interface(LITTLE, 101, 0, &[])].concat();
    let options = [option(LITTLE, 4, &3_u64.to_le_bytes()), option(LITTLE, 1, "dropped: by you".as_bytes())];
    file.extend(enhanced(LITTLE, 0, 1_000, &packet, len, &options));
    let statistics = [&[0; 12][..], &option(LITTLE, 5, &4_u64.to_le_bytes())].concat();
    file.extend(block(LITTLE, 5, &statistics));
    let told = super::lines(&all(&file));
    assert!(told.contains("Note(Comment, [Text(\"dropped: by you\")])"), "{told}");
    assert!(told.contains("count: 3 }") && told.contains("count: 4 }"), "{told}");
}

#[test]
fn other_packets_are_counted_and_other_links_named() {
    let arp = [&ETHERNET[..12], &[8, 6], &[0; 28]].concat();
    let ping = [&ETHERNET[..], &ip(false, 1, 2, 1, &[8, 0, 0, 0, 0, 0, 0, 0])].concat();
    let hello = [&ETHERNET[..], &udp(false, (1, 50_000), (2, 53), b"hi")].concat();
    let survey = survey(&pcap(LITTLE, false, 1, &[], &[arp.clone(), ping, hello])).unwrap();
    assert_eq!((survey.conversations().len(), survey.others()), (1, 2));
    let what = |file: &[u8]| super::survey(file).unwrap_err().what;
    assert_eq!(what(&pcap(LITTLE, false, 1, &[], &[arp])), What::NoPackets);
    assert_eq!(what(&pcap(LITTLE, false, 127, &[], &[])), What::LinkType(127));
    let wireless = [section(LITTLE), interface(LITTLE, 127, 0, &[]), enhanced(LITTLE, 0, 0, &[0; 8], 8, &[])].concat();
    assert_eq!(what(&wireless), What::LinkType(127));
}

#[test]
fn frames_say_where_they_stand() {
    let packets = [udp(false, (1, 50_000), (2, 53), b"one"), udp(false, (1, 50_000), (2, 53), b"two")];
    let file = pcap(LITTLE, false, 1, &ETHERNET, &packets);
    let mut reader = Reader::open(&file).unwrap();
    for _ in 0..2 {
        let Some(Item::Frame(frame)) = reader.next(&file).unwrap() else { panic!("a frame") };
        assert_eq!(&file[frame.start..frame.start + frame.data.len()], frame.data);
    }
    assert_eq!((reader.next(&file), reader.at()), (Ok(None), file.len()));
    // Whole packets are told from the file again.
    let survey = survey(&file).unwrap();
    let events = tell(&file, &survey, &[0]);
    assert_eq!(
        packets.iter().map(Vec::as_slice).collect::<Vec<_>>(),
        super::packets(&events).iter().map(|(_, packet)| &packet.data[..]).collect::<Vec<_>>()
    );
}
