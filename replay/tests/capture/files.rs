//! Captures made by hand.

/// The order of the bytes of a number.
#[derive(Clone, Copy)]
pub enum Endian {
    Little,
    Big,
}

impl Endian {
    pub fn word(self, number: u32) -> [u8; 4] {
        if matches!(self, Self::Little) { number.to_le_bytes() } else { number.to_be_bytes() }
    }

    pub fn short(self, number: u16) -> [u8; 2] {
        if matches!(self, Self::Little) { number.to_le_bytes() } else { number.to_be_bytes() }
    }
}

/// Seconds of the first packet.
pub const NOON: u32 = 1_700_000_000;

/// A segment between two ports of `10.0.0.1` (the first) and `10.0.0.2`, or of `fd00::1` and `fd00::2`.
pub fn tcp(v6: bool, from: (u8, u16), to: (u8, u16), flags: u8, seq: u32, ack: u32, data: &[u8]) -> Vec<u8> {
    let mut tcp = [from.1.to_be_bytes(), to.1.to_be_bytes()].concat();
    tcp.extend([seq.to_be_bytes(), ack.to_be_bytes()].concat());
    tcp.extend([0x50, flags, 0xfa, 0, 0, 0, 0, 0]);
    tcp.extend(data);
    ip(v6, from.0, to.0, 6, &tcp)
}

/// A datagram.
pub fn udp(v6: bool, from: (u8, u16), to: (u8, u16), data: &[u8]) -> Vec<u8> {
    let mut udp = [from.1.to_be_bytes(), to.1.to_be_bytes(), (data.len() as u16 + 8).to_be_bytes(), [0, 0]].concat();
    udp.extend(data);
    ip(v6, from.0, to.0, 17, &udp)
}

/// An IP packet between two hosts.
pub fn ip(v6: bool, from: u8, to: u8, protocol: u8, data: &[u8]) -> Vec<u8> {
    let mut ip = Vec::new();
    if v6 {
        ip.extend([0x60, 0, 0, 0]);
        ip.extend((data.len() as u16).to_be_bytes());
        ip.extend([protocol, 64]);
        for host in [from, to] {
            ip.extend([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, host]);
        }
    } else {
        ip.extend([0x45, 0]);
        ip.extend((data.len() as u16 + 20).to_be_bytes());
        ip.extend([0, 0, 0, 0, 64, protocol, 0, 0, 10, 0, 0, from, 10, 0, 0, to]);
    }
    ip.extend(data);
    ip
}

/// A whole connection: `hello`, `HELLO`, and an orderly end. Ports, and the client's first number.
pub fn hello(v6: bool, port: u16, isn: u32) -> Vec<Vec<u8>> {
    const SERVER: u16 = 808;
    let (syn, ack, push, fin) = (0x02, 0x10, 0x18, 0x11);
    let out = |flags, seq: u32, ack: u32, data: &str| {
        tcp(v6, (1, port), (2, SERVER), flags, isn.wrapping_add(seq), 9_000 + ack, data.as_bytes())
    };
    let back = |flags, seq: u32, ack: u32, data: &str| {
        tcp(v6, (2, SERVER), (1, port), flags, 9_000 + seq, isn.wrapping_add(ack), data.as_bytes())
    };
    vec![
        out(syn, 0, 0, ""),
        back(syn | ack, 0, 1, ""),
        out(ack, 1, 1, ""),
        out(push, 1, 1, "hello"),
        back(ack, 1, 6, ""),
        back(push, 1, 6, "HELLO"),
        out(fin, 6, 6, ""),
        back(fin, 6, 7, ""),
        out(ack, 7, 7, ""),
    ]
}

/// A pcap file of these packets, a millisecond apart, each behind a link header.
pub fn pcap(endian: Endian, nanos: bool, link: u32, head: &[u8], packets: &[Vec<u8>]) -> Vec<u8> {
    let word = |number| endian.word(number);
    let mut file = word(if nanos { 0xa1b2_3c4d } else { 0xa1b2_c3d4 }).to_vec();
    file.extend([endian.short(2), endian.short(4)].concat());
    file.extend([word(0), word(0), word(65_535), word(link)].concat());
    for (n, packet) in packets.iter().enumerate() {
        let len = (head.len() + packet.len()) as u32;
        let fraction = n as u32 * if nanos { 1_000_000 } else { 1_000 };
        file.extend([word(NOON), word(fraction), word(len), word(len)].concat());
        file.extend(head);
        file.extend(packet);
    }
    file
}

/// A block of a pcapng file.
pub fn block(endian: Endian, sort: u32, body: &[u8]) -> Vec<u8> {
    let mut body = body.to_vec();
    body.resize(body.len().next_multiple_of(4), 0);
    let len = endian.word(body.len() as u32 + 12);
    [&endian.word(sort)[..], &len, &body, &len].concat()
}

/// An option of a block.
pub fn option(endian: Endian, code: u16, value: &[u8]) -> Vec<u8> {
    let mut option = [endian.short(code), endian.short(value.len() as u16)].concat();
    option.extend(value);
    option.resize(option.len().next_multiple_of(4), 0);
    option
}

/// The head of a section.
pub fn section(endian: Endian) -> Vec<u8> {
    let mut body = endian.word(0x1a2b_3c4d).to_vec();
    body.extend([endian.short(1), endian.short(0)].concat());
    body.extend([0xff; 8]);
    block(endian, 0x0a0d_0d0a, &body)
}

/// An interface.
pub fn interface(endian: Endian, link: u16, snap: u32, options: &[Vec<u8>]) -> Vec<u8> {
    let head = [&endian.short(link)[..], &[0, 0], &endian.word(snap)].concat();
    block(endian, 1, &[head, options.concat()].concat())
}

/// A packet with a time in the interface's own units.
pub fn enhanced(
    endian: Endian,
    interface: u32,
    time: u64,
    packet: &[u8],
    true_len: u32,
    options: &[Vec<u8>],
) -> Vec<u8> {
    let word = |number| endian.word(number);
    let time = [word((time >> 32) as u32), word(time as u32)].concat();
    let mut body = [&word(interface)[..], &time, &word(packet.len() as u32), &word(true_len), packet].concat();
    body.resize(body.len().next_multiple_of(4), 0);
    body.extend(options.concat());
    block(endian, 6, &body)
}

/// A packet that says nothing but its length.
pub fn simple(endian: Endian, packet: &[u8], true_len: u32) -> Vec<u8> {
    block(endian, 3, &[&endian.word(true_len)[..], packet].concat())
}
