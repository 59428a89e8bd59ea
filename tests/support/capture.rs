//! Captures made by hand: pcap, with packets that begin with their IP header, a millisecond apart.

/// SYN, ACK, PSH with ACK, FIN with ACK.
const FLAGS: [u8; 4] = [0x02, 0x10, 0x18, 0x11];

/// A capture of these packets.
#[must_use]
pub fn pcap(packets: &[Vec<u8>]) -> Vec<u8> {
    let mut file = [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65_535, 101].map(u32::to_le_bytes).concat();
    for (n, packet) in packets.iter().enumerate() {
        let (len, micros) = (packet.len() as u32, n as u32 * 1_000);
        file.extend([1_700_000_000 + micros / 1_000_000, micros % 1_000_000, len, len].map(u32::to_le_bytes).concat());
        file.extend(packet);
    }
    file
}

/// A connection from a port of `10.0.0.1` to port 808 of `10.0.0.2`, from its first number on: a message, its answer in
/// upper case, and an orderly end.
#[must_use]
pub fn connection(port: u16, first: u32, message: &str) -> Vec<Vec<u8>> {
    let [syn, ack, push, fin] = FLAGS;
    let (len, theirs) = (message.len() as u32, first + 9_000);
    let out =
        |flags: u8, seq: u32, acked: u32, data: &str| segment(true, port, flags, first + seq, theirs + acked, data);
    let back =
        |flags: u8, seq: u32, acked: u32, data: &str| segment(false, port, flags, theirs + seq, first + acked, data);
    vec![
        out(syn, 0, 0, ""),
        back(syn | ack, 0, 1, ""),
        out(ack, 1, 1, ""),
        out(push, 1, 1, message),
        back(push, 1, 1 + len, &message.to_uppercase()),
        out(fin, 1 + len, 1 + len, ""),
        back(fin, 1 + len, 2 + len, ""),
        out(ack, 2 + len, 2 + len, ""),
    ]
}

fn segment(out: bool, port: u16, flags: u8, seq: u32, ack: u32, data: &str) -> Vec<u8> {
    let ((from, from_port), (to, to_port)) = if out { ((1, port), (2, 808)) } else { ((2, 808), (1, port)) };
    let mut packet = vec![0x45, 0];
    packet.extend((40 + data.len() as u16).to_be_bytes());
    packet.extend([0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, from, 10, 0, 0, to]);
    packet.extend([from_port, to_port].map(u16::to_be_bytes).concat());
    packet.extend([seq, ack].map(u32::to_be_bytes).concat());
    packet.extend([0x50, flags, 0xfa, 0, 0, 0, 0, 0]);
    packet.extend(data.bytes());
    packet
}
