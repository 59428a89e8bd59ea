//! The filter in the kernel: what of the loopback interface we may see. A classic BPF program (the kernel's
//! Documentation/networking/filter.rst), because whoever holds the socket cannot see past it.

use super::Ports;
use crate::sys::packet_socket::Instruction;

/// Bytes of a packet that are captured: as many as of a call, and what the ring's frames have room for.
pub const SNAP: u32 = 4_000;

/// The most ports of one transport: a jump reaches 255 instructions.
pub const MOST_PORTS: usize = 64;

/// Later fragments carry no ports, so that nobody can tell whose they are: only their headers are captured, which
/// tells nothing about anybody's data.
const V4_HEADER: u32 = 60;
const V6_HEADERS: u32 = 48;

const LOAD_WORD: u16 = 0x20;
const LOAD_HALF: u16 = 0x28;
const LOAD_BYTE: u16 = 0x30;
/// The same, from the index register on.
const LOAD_HALF_AT: u16 = 0x48;
const LOAD_BYTE_AT: u16 = 0x50;
/// X = 4 · (byte & 15): the length of an IPv4 header.
const LOAD_HEADER_LEN: u16 = 0xb1;
const AND: u16 = 0x54;
const SHIFT_LEFT: u16 = 0x64;
const ADD_X: u16 = 0x0c;
const TO_X: u16 = 0x07;
const X_IS: u16 = 0x01;
const JUMP: u16 = 0x05;
const IS: u16 = 0x15;
const IS_ABOVE: u16 = 0x25;
const HAS: u16 = 0x45;
const RETURN: u16 = 0x06;

/// Where a load finds what the kernel knows besides the bytes.
const ANCILLARY: u32 = (-0x1000_i32) as u32;
const PROTOCOL: u32 = ANCILLARY;
const PACKET_TYPE: u32 = ANCILLARY + 4;
const INTERFACE: u32 = ANCILLARY + 8;

const OUTGOING: u32 = 4;
const ETHERTYPE_V4: u32 = 0x0800;
const ETHERTYPE_V6: u32 = 0x86dd;
const TCP: u32 = 6;
const UDP: u32 = 17;
const ICMP: u32 = 1;
const ICMPV6: u32 = 58;
const FRAGMENT: u32 = 44;

/// The program that lets through, once each, the packets on `interface` from or to `ports`, and the ICMP errors about
/// them. For a socket that gives packets without link header.
#[must_use]
pub fn program(interface: u32, ports: &Ports) -> Vec<Instruction> {
    let mut all = Vec::new();
    // Loopback shows each packet as it leaves and as it arrives. It cannot get lost between, and is one packet.
    all.extend(unless(PACKET_TYPE, OUTGOING));
    all.extend(unless(INTERFACE, interface));
    all.push(load(LOAD_WORD, PROTOCOL));
    all.extend(when(ETHERTYPE_V4, v4(ports)));
    all.extend(when(ETHERTYPE_V6, v6(ports)));
    all.push(keep(0));
    all
}

fn v4(ports: &Ports) -> Vec<Instruction> {
    let transport = |list: &[u16]| {
        let mut block = vec![
            load(LOAD_HALF, 6),
            // The fragment offset (RFC 791, 3.1).
            Instruction { code: HAS, yes: 0, no: 1, value: 0x1fff },
            keep(V4_HEADER),
            load(LOAD_HEADER_LEN, 0),
        ];
        block.extend(ends_at(0, list));
        block
    };
    // The header that an ICMP error quotes is 8 bytes behind its own, and has options of its own.
    let mut quoted = vec![load(LOAD_HEADER_LEN, 0), load(LOAD_BYTE_AT, 0)];
    // Errors: unreachable, quench, redirect; time exceeded, parameter problem (RFC 792).
    quoted.extend([
        Instruction { code: IS, yes: 5, no: 0, value: 3 },
        Instruction { code: IS, yes: 4, no: 0, value: 4 },
        Instruction { code: IS, yes: 3, no: 0, value: 5 },
        Instruction { code: IS, yes: 2, no: 0, value: 11 },
        Instruction { code: IS, yes: 1, no: 0, value: 12 },
        keep(0),
    ]);
    let behind = |list: &[u16]| {
        let mut block = vec![load(LOAD_BYTE_AT, 8), load(AND, 15), load(SHIFT_LEFT, 2), load(ADD_X, 0), load(TO_X, 0)];
        block.extend(ends_at(8, list));
        block
    };
    quoted.push(load(LOAD_BYTE_AT, 17));
    quoted.extend(when(TCP, behind(&ports.tcp)));
    quoted.extend(when(UDP, behind(&ports.udp)));
    quoted.push(keep(0));

    let mut block = vec![load(LOAD_BYTE, 9)];
    block.extend(when(TCP, transport(&ports.tcp)));
    block.extend(when(UDP, transport(&ports.udp)));
    block.extend(when(ICMP, quoted));
    block.push(keep(0));
    block
}

fn v6(ports: &Ports) -> Vec<Instruction> {
    let transport = |at: u32, list: &[u16]| [vec![load(X_IS, 0)], ends_at(at, list)].concat();
    let mut fragment = vec![
        load(LOAD_HALF, 42),
        // The fragment offset (RFC 8200, 4.5).
        Instruction { code: HAS, yes: 0, no: 1, value: 0xfff8 },
        keep(V6_HEADERS),
        load(LOAD_BYTE, 40),
    ];
    fragment.extend(when(TCP, transport(48, &ports.tcp)));
    fragment.extend(when(UDP, transport(48, &ports.udp)));
    fragment.push(keep(0));
    // Below 128 an ICMPv6 message is an error, and quotes a packet (RFC 4443, 2.1).
    let mut quoted = vec![
        load(LOAD_BYTE, 40),
        Instruction { code: IS_ABOVE, yes: 0, no: 1, value: 127 },
        keep(0),
        load(LOAD_BYTE, 54),
    ];
    quoted.extend(when(TCP, transport(88, &ports.tcp)));
    quoted.extend(when(UDP, transport(88, &ports.udp)));
    quoted.push(keep(0));

    let mut block = vec![load(LOAD_BYTE, 6)];
    block.extend(when(TCP, transport(40, &ports.tcp)));
    block.extend(when(UDP, transport(40, &ports.udp)));
    block.extend(when(FRAGMENT, fragment));
    block.extend(when(ICMPV6, quoted));
    block.push(keep(0));
    block
}

/// Lets the packet through if one of the two ports that stand behind X + `at` is one of `list`.
fn ends_at(at: u32, list: &[u16]) -> Vec<Instruction> {
    let list = &list[..list.len().min(MOST_PORTS)];
    let mut block = Vec::with_capacity(list.len() * 2 + 4);
    for (side, offset) in [at, at + 2].into_iter().enumerate() {
        block.push(load(LOAD_HALF_AT, offset));
        for (place, port) in list.iter().enumerate() {
            // Over what is left of this list, the other one with its load, and the refusal.
            let left = list.len() - 1 - place + if side == 0 { list.len() + 1 } else { 0 } + 1;
            block.push(Instruction { code: IS, yes: left as u8, no: 0, value: u32::from(*port) });
        }
    }
    block.push(keep(0));
    block.push(keep(SNAP));
    block
}

/// Goes on only if what `from` gives is `value`.
fn unless(from: u32, value: u32) -> [Instruction; 3] {
    [load(LOAD_WORD, from), Instruction { code: IS, yes: 1, no: 0, value }, keep(0)]
}

/// Does `block`, which ends with its verdict, if the accumulator is `value`.
fn when(value: u32, block: Vec<Instruction>) -> Vec<Instruction> {
    let over = block.len() as u32;
    [vec![Instruction { code: IS, yes: 1, no: 0, value }, load(JUMP, over)], block].concat()
}

fn load(code: u16, value: u32) -> Instruction {
    Instruction { code, yes: 0, no: 0, value }
}

fn keep(bytes: u32) -> Instruction {
    load(RETURN, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Does what the kernel does, for the instructions above.
    fn run(program: &[Instruction], kind: u32, interface: u32, packet: &[u8]) -> u32 {
        let protocol = if packet[0] >> 4 == 4 { ETHERTYPE_V4 } else { ETHERTYPE_V6 };
        let bytes = |at: u32, len: usize| {
            let at = at as usize;
            packet.get(at..at + len).map(|bytes| bytes.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
        };
        let (mut a, mut x, mut at) = (0_u32, 0_u32, 0);
        loop {
            let Instruction { code, yes, no, value } = program[at];
            at += 1;
            let loaded = match code {
                LOAD_WORD => Some(match value {
                    PROTOCOL => protocol,
                    PACKET_TYPE => kind,
                    INTERFACE => interface,
                    _ => panic!("no word is loaded from a packet"),
                }),
                LOAD_HALF => bytes(value, 2),
                LOAD_BYTE => bytes(value, 1),
                LOAD_HALF_AT => bytes(x + value, 2),
                LOAD_BYTE_AT => bytes(x + value, 1),
                _ => Some(a),
            };
            // Beyond the end the kernel throws the packet away.
            let Some(loaded) = loaded else { return 0 };
            a = loaded;
            let jump = |met: bool| usize::from(if met { yes } else { no });
            match code {
                LOAD_WORD | LOAD_HALF | LOAD_BYTE | LOAD_HALF_AT | LOAD_BYTE_AT => {}
                X_IS => x = value,
                LOAD_HEADER_LEN => x = 4 * (u32::from(packet[value as usize]) & 15),
                AND => a &= value,
                SHIFT_LEFT => a <<= value,
                ADD_X => a += x,
                TO_X => x = a,
                JUMP => at += value as usize,
                IS => at += jump(a == value),
                IS_ABOVE => at += jump(a > value),
                HAS => at += jump(a & value != 0),
                RETURN => return value,
                _ => panic!("{code:#x}"),
            }
        }
    }

    fn v4_packet(protocol: u8, options: usize, fragment: u16, rest: &[u8]) -> Vec<u8> {
        let mut packet = vec![0; 20 + options];
        packet[0] = 0x45 + (options / 4) as u8;
        packet[6..8].copy_from_slice(&fragment.to_be_bytes());
        packet[9] = protocol;
        [packet, rest.to_vec()].concat()
    }

    fn v6_packet(next: u8, rest: &[u8]) -> Vec<u8> {
        let mut packet = vec![0; 40];
        packet[0] = 0x60;
        packet[6] = next;
        [packet, rest.to_vec()].concat()
    }

    fn ports(src: u16, dst: u16) -> Vec<u8> {
        [src.to_be_bytes(), dst.to_be_bytes(), [0; 2], [0; 2]].concat()
    }

    fn icmp(kind: u8, quoted: &[u8]) -> Vec<u8> {
        [&[kind, 0, 0, 0, 0, 0, 0, 0], quoted].concat()
    }

    #[test]
    fn only_our_own_ports() {
        let program = program(1, &Ports { tcp: vec![8_808, 808], udp: vec![8_080] });
        let fragment = |more: u16, rest: &[u8]| [&[17, 0][..], &more.to_be_bytes(), &[0; 4], rest].concat();
        let table = [
            ("TCP to us", v4_packet(6, 0, 0, &ports(50_000, 808)), SNAP),
            ("TCP from us", v4_packet(6, 0, 0x4000, &ports(8_808, 50_000)), SNAP),
            ("TCP with IP options", v4_packet(6, 8, 0, &ports(50_000, 8_808)), SNAP),
            ("TCP of others", v4_packet(6, 0, 0, &ports(50_000, 443)), 0),
            ("TCP on our UDP port", v4_packet(6, 0, 0, &ports(50_000, 8_080)), 0),
            ("UDP to us", v4_packet(17, 0, 0, &ports(50_000, 8_080)), SNAP),
            ("UDP of others", v4_packet(17, 0, 0, &ports(53, 53)), 0),
            ("UDP on our TCP port", v4_packet(17, 0, 0, &ports(50_000, 808)), 0),
            ("a first fragment", v4_packet(17, 0, 0x2000, &ports(50_000, 8_080)), SNAP),
            ("a later fragment", v4_packet(17, 0, 0x00b9, &ports(53, 53)), V4_HEADER),
            ("a ping", v4_packet(1, 0, 0, &icmp(8, &v4_packet(17, 0, 0, &ports(1, 8_080)))), 0),
            ("an error about us", v4_packet(1, 0, 0, &icmp(3, &v4_packet(17, 0, 0, &ports(1, 8_080)))), SNAP),
            ("with options", v4_packet(1, 4, 0, &icmp(11, &v4_packet(6, 12, 0, &ports(808, 1)))), SNAP),
            ("an error about others", v4_packet(1, 0, 0, &icmp(3, &v4_packet(17, 0, 0, &ports(1, 53)))), 0),
            ("cut short", v4_packet(6, 0, 0, &[0x22]), 0),
            ("TCP to us, IPv6", v6_packet(6, &ports(50_000, 808)), SNAP),
            ("TCP of others, IPv6", v6_packet(6, &ports(50_000, 443)), 0),
            ("UDP from us, IPv6", v6_packet(17, &ports(8_080, 50_000)), SNAP),
            ("a first fragment, IPv6", v6_packet(44, &fragment(1, &ports(50_000, 8_080))), SNAP),
            ("of others, IPv6", v6_packet(44, &fragment(1, &ports(50_000, 53))), 0),
            ("a later fragment, IPv6", v6_packet(44, &fragment(0x5a9, &ports(53, 53))), V6_HEADERS),
            ("an error about us, IPv6", v6_packet(58, &icmp(1, &v6_packet(17, &ports(1, 8_080)))), SNAP),
            ("an error about others, IPv6", v6_packet(58, &icmp(1, &v6_packet(17, &ports(1, 53)))), 0),
            ("a neighbour's, IPv6", v6_packet(58, &icmp(135, &v6_packet(17, &ports(1, 8_080)))), 0),
        ];
        for (what, packet, wanted) in table {
            assert_eq!(run(&program, OUTGOING, 1, &packet), wanted, "{what}");
            assert_eq!(run(&program, 0, 1, &packet), 0, "{what}: arriving");
            assert_eq!(run(&program, OUTGOING, 2, &packet), 0, "{what}: another interface");
        }
    }

    #[test]
    fn as_many_ports_as_there_may_be() {
        let many: Vec<u16> = (1..=200).collect();
        let program = program(1, &Ports { tcp: many.clone(), udp: many });
        for (src, dst, wanted) in [(1, 999, SNAP), (999, 64, SNAP), (999, 1, SNAP), (64, 999, SNAP), (999, 65, 0)] {
            assert_eq!(run(&program, OUTGOING, 1, &v4_packet(6, 0, 0, &ports(src, dst))), wanted, "{src} {dst}");
            assert_eq!(run(&program, OUTGOING, 1, &v6_packet(17, &ports(src, dst))), wanted, "{src} {dst}");
        }
        assert!(program.len() <= 4_096, "the kernel takes no more");
    }
}
