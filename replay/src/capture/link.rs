//! What is in front of the IP header: link layers, by their numbers in the registry of link types
//! (<https://www.tcpdump.org/linktypes.html>).

use super::bytes::Endian;

/// BSD loopback: the address family, in the byte order of whoever captured.
const NULL: u16 = 0;
/// Ethernet.
const ETHERNET: u16 = 1;
/// An IP packet, as some systems number it.
const RAW_BSD: [u16; 2] = [12, 14];
/// An IP packet, of either version.
const RAW: u16 = 101;
/// OpenBSD loopback: the address family, the greatest byte first.
const LOOP: u16 = 108;
/// Linux "cooked": what `-i any` gives.
const COOKED: u16 = 113;
/// An IPv4 packet.
const IPV4: u16 = 228;
/// An IPv6 packet.
const IPV6: u16 = 229;
/// Linux "cooked", second version.
const COOKED_2: u16 = 276;

/// Ethertypes (IEEE 802).
const TYPE_IPV4: u16 = 0x0800;
const TYPE_IPV6: u16 = 0x86dd;
/// Tags of virtual networks: 802.1Q, 802.1ad and the number in use before it.
const TAGS: [u16; 3] = [0x8100, 0x88a8, 0x9100];
/// The most tags in front of a packet.
const MOST_TAGS: usize = 8;

/// Whether packets of such a link can be read here.
pub fn is_known(link: u16) -> bool {
    matches!(link, NULL | ETHERNET | RAW | LOOP | COOKED | IPV4 | IPV6 | COOKED_2) || RAW_BSD.contains(&link)
}

/// Where the IP header begins; `None` if the frame carries something else.
pub fn ip_at(link: u16, frame: &[u8]) -> Option<usize> {
    let at = match link {
        NULL | LOOP => {
            // The order is that of another machine: the family is a small number in one of the two.
            let little = Endian::Little.word(frame, 0);
            let family = if little < 0x1_0000 { little } else { little.swap_bytes() };
            // AF_INET, and AF_INET6 of Linux, the BSDs and macOS.
            matches!(family, 2 | 10 | 24 | 28 | 30).then_some(4)
        }
        ETHERNET => behind_tags(frame, 12),
        COOKED => behind_tags(frame, 14),
        // The type comes first; 20 bytes of header in all.
        COOKED_2 => match Endian::Big.short(frame, 0) {
            TYPE_IPV4 | TYPE_IPV6 => Some(20),
            tag if TAGS.contains(&tag) => behind_tags(frame, 22),
            _ => None,
        },
        _ => Some(0),
    }?;
    let version = frame.get(at)? >> 4;
    (version == 4 || version == 6).then_some(at)
}

/// Where the packet begins, if the type at this place, or behind tags there, is one of IP.
fn behind_tags(frame: &[u8], mut at: usize) -> Option<usize> {
    for _ in 0..=MOST_TAGS {
        match Endian::Big.short(frame, at) {
            TYPE_IPV4 | TYPE_IPV6 => return Some(at + 2),
            tag if TAGS.contains(&tag) => at += 4,
            _ => return None,
        }
    }
    None
}

/// The IP packet in a frame: where it begins, as much as was captured of it, and its whole length; `None` if there is
/// none.
pub fn packet(link: u16, frame: &[u8], true_len: u32) -> Option<(usize, &[u8], u32)> {
    let at = ip_at(link, frame)?;
    let bytes = &frame[at..];
    let room = true_len.saturating_sub(at as u32).max(bytes.len() as u32);
    // Ethernet fills short frames up, and may end them with a checksum: the packet is as long as it says.
    let stated = match bytes[0] >> 4 {
        4 => u32::from(Endian::Big.short(bytes, 2)),
        _ => u32::from(Endian::Big.short(bytes, 4)) + if Endian::Big.short(bytes, 4) == 0 { 0 } else { 40 },
    };
    // A length of 0 is that of a packet which the network card was to cut.
    let whole = if (20..=room).contains(&stated) { stated } else { room };
    Some((at, &bytes[..bytes.len().min(whole as usize)], whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    const V4: [u8; 20] = [0x45, 0, 0, 20, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];

    fn at(link: u16, head: &[u8]) -> Option<usize> {
        ip_at(link, &[head, &V4].concat())
    }

    #[test]
    fn the_packet_is_found_behind_every_header() {
        assert_eq!(at(RAW, &[]), Some(0));
        assert_eq!(at(IPV4, &[]), Some(0));
        assert_eq!(at(NULL, &[2, 0, 0, 0]), Some(4));
        assert_eq!(at(NULL, &[0, 0, 0, 30]), Some(4));
        assert_eq!(at(LOOP, &[0, 0, 0, 2]), Some(4));
        assert_eq!(at(NULL, &[7, 0, 0, 0]), None);
        let macs = [0_u8; 12];
        assert_eq!(at(ETHERNET, &[&macs[..], &[8, 0]].concat()), Some(14));
        assert_eq!(at(ETHERNET, &[&macs[..], &[0x81, 0, 0, 5, 8, 0]].concat()), Some(18));
        assert_eq!(at(ETHERNET, &[&macs[..], &[0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0]].concat()), Some(22));
        assert_eq!(at(ETHERNET, &[&macs[..], &[8, 6]].concat()), None, "ARP");
        assert_eq!(at(COOKED, &[&[0; 14][..], &[8, 0]].concat()), Some(16));
        assert_eq!(at(COOKED_2, &[&[8, 0][..], &[0; 18]].concat()), Some(20));
        assert_eq!(at(COOKED_2, &[&[0x81, 0][..], &[0; 18], &[0, 5, 8, 0]].concat()), Some(24));
        assert_eq!(at(ETHERNET, &macs), None);
    }

    #[test]
    fn what_a_frame_is_filled_up_with_is_no_part_of_the_packet() {
        let frame = [&[0; 12][..], &[8, 0], &V4, &[0; 26]].concat();
        assert_eq!(packet(ETHERNET, &frame, 60), Some((14, &V4[..], 20)));
        // And of a packet that was cut, the whole length is known.
        let mut long = V4;
        long[3] = 200;
        assert_eq!(packet(RAW, &long, 200), Some((0, &long[..], 200)));
        assert_eq!(packet(RAW, &V4[..8], 20), Some((0, &V4[..8], 20)));
        assert_eq!(packet(RAW, &[], 20), None);
    }
}
