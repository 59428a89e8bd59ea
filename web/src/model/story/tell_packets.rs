//! Packets told by hand, with real header bytes, for tests.

use super::tell::{LISTENER, SERVER, Teller};
use protocol::{
    About, Address, Bytes, DropReason, Family, Hold, HostId, Kind, Op, Outcome, Owner, Packet, PacketId, ProgramId,
    Role, Seq, SocketId, Stage, Tap, TcpState, Transport,
};
use std::net::SocketAddr;

/// A TCP/IPv4 packet with right checksums: flags, sequence and acknowledgement number, SACK block, data.
pub fn segment(from: u8, flags: u16, seq: u32, ack: u32, sack: Option<(u32, u32)>, data: &[u8]) -> Bytes {
    let (port, other) = if from == 1 { (41022, 808) } else { (808, 41022) };
    tcp(([10, 0, 0, from], port), ([10, 0, 0, 3 - from], other), flags, seq, ack, sack, data)
}

/// The same between any two ends.
pub fn tcp(
    (src, from): ([u8; 4], u16),
    (dst, to): ([u8; 4], u16),
    flags: u16,
    seq: u32,
    ack: u32,
    sack: Option<(u32, u32)>,
    data: &[u8],
) -> Bytes {
    use protocol::header::{fold, ones_complement_sum, pseudo_header_sum};
    let mut options: Vec<u8> = Vec::new();
    if flags & 2 != 0 {
        options.extend([2, 4, 0x05, 0xb4, 4, 2, 1, 1]);
    }
    if let Some((left, right)) = sack {
        options.extend([1, 1, 5, 10]);
        options.extend(left.to_be_bytes());
        options.extend(right.to_be_bytes());
    }
    let len = 20 + options.len() as u16;
    let mut tcp = Vec::new();
    tcp.extend(from.to_be_bytes());
    tcp.extend(to.to_be_bytes());
    tcp.extend(seq.to_be_bytes());
    tcp.extend(ack.to_be_bytes());
    tcp.extend(((len / 4) << 12 | flags).to_be_bytes());
    tcp.extend([0xfa, 0xf0, 0, 0, 0, 0]);
    tcp.extend(&options);
    tcp.extend(data);
    let pseudo = pseudo_header_sum(src.into(), dst.into(), 6, tcp.len() as u32);
    let sum = !fold(pseudo + ones_complement_sum(&tcp));
    tcp[16..18].copy_from_slice(&sum.to_be_bytes());
    ipv4(src, dst, 6, 0x4000, &tcp)
}

/// An IPv4 packet: protocol, flags with fragment offset, and what it carries.
pub fn ipv4(src: [u8; 4], dst: [u8; 4], protocol: u8, fragment: u16, carried: &[u8]) -> Bytes {
    use protocol::header::{fold, ones_complement_sum};
    let mut ip = vec![0x45, 0];
    ip.extend((20 + carried.len() as u16).to_be_bytes());
    ip.extend(0x1c46_u16.to_be_bytes());
    ip.extend(fragment.to_be_bytes());
    ip.extend([64, protocol, 0, 0]);
    ip.extend(src);
    ip.extend(dst);
    let sum = !fold(ones_complement_sum(&ip));
    ip[10..12].copy_from_slice(&sum.to_be_bytes());
    ip.extend(carried);
    ip.into()
}

impl Teller {
    /// One stage of a packet; only its sending carries its bytes.
    pub fn packet(&mut self, micros: u64, host: u8, id: u32, stage: Stage, copy_of: Option<u32>, data: &Bytes) -> Seq {
        self.seen(Tap::Wire, micros, host, id, stage, copy_of, data)
    }

    #[allow(clippy::too_many_arguments, reason = "a table row, not an interface")]
    fn seen(
        &mut self,
        tap: Tap,
        micros: u64,
        host: u8,
        id: u32,
        stage: Stage,
        copy_of: Option<u32>,
        data: &Bytes,
    ) -> Seq {
        let about = About { host: HostId(u32::from(host)), ..About::default() };
        let (true_len, copy_of) = (data.len() as u32, copy_of.map(PacketId));
        let data = if stage == Stage::Sent { data.clone() } else { Bytes::default() };
        self.event(micros, about, Kind::Packet(Packet { id: PacketId(id), tap, stage, copy_of, data, true_len }));
        Seq(self.events.len() as u64)
    }
}

/// When it was sent, when it arrived (or nothing), by which host, flags, SEQ and ACK, how many bytes, a SACK block:
/// two Linux kernels over 20 ms each way, 3000 bytes, the second data segment dropped.
type Sent = (u64, Option<u64>, u8, u16, u32, u32, usize, Option<(u32, u32)>);
const LOST: [Sent; 20] = [
    (16_980, Some(37_220), 1, 0x02, 0, 0, 0, None),
    (37_400, Some(57_620), 2, 0x12, 0, 1, 0, None),
    (57_820, Some(77_990), 1, 0x10, 1, 1, 0, None),
    (58_110, Some(78_380), 1, 0x10, 1, 1, 1448, None),
    (58_150, None, 1, 0x18, 1449, 1, 1448, None),
    (58_190, Some(78_430), 1, 0x18, 2897, 1, 104, None),
    (78_480, Some(98_650), 2, 0x10, 1, 1449, 0, None),
    (78_520, Some(98_730), 2, 0x10, 1, 1449, 0, Some((2897, 3001))),
    (78_690, Some(98_750), 2, 0x18, 1, 1449, 1024, Some((2897, 3001))),
    (78_710, Some(98_790), 2, 0x18, 1025, 1449, 424, Some((2897, 3001))),
    (98_860, Some(119_010), 1, 0x10, 3001, 1025, 0, None),
    (98_890, Some(119_070), 1, 0x10, 3001, 1449, 0, None),
    (122_320, Some(142_510), 1, 0x10, 1449, 1449, 1448, None),
    (142_670, Some(162_830), 2, 0x10, 1449, 3001, 0, None),
    (142_840, Some(162_910), 2, 0x18, 1449, 3001, 1024, None),
    (142_850, Some(163_020), 2, 0x18, 2473, 3001, 528, None),
    (163_100, Some(183_240), 1, 0x10, 3001, 3001, 0, None),
    (163_230, Some(183_310), 1, 0x11, 3001, 3001, 0, None),
    (183_480, Some(203_650), 2, 0x11, 3001, 3002, 0, None),
    (203_820, Some(223_970), 1, 0x10, 3002, 3002, 0, None),
];

/// A lost segment and its retransmission; the first `most` packets of it, `held` of which is stopped and not lost.
pub fn lost_segment(most: usize, held: bool) -> Teller {
    let (client, mine, conn) = (ProgramId(2), SocketId(2), SocketId(3));
    let far = |host: u8, port: u16| Address::from(SocketAddr::from(([10, 0, 0, host], port)));
    let mut tell = Teller::default();
    tell.program(0, SERVER, Role::Server, "TCP server");
    let made = |to| Op::Bind { to };
    tell.call(
        6_300,
        6_310,
        SERVER,
        LISTENER,
        Op::Socket { family: Family::Ipv4, transport: Transport::Tcp },
        Outcome::Fd(3),
    );
    tell.call(6_320, 6_330, SERVER, LISTENER, made(far(2, 808)), Outcome::Done);
    tell.call(6_340, 6_350, SERVER, LISTENER, Op::Listen { backlog: 5 }, Outcome::Done);
    let socket = |tell: &mut Teller, at, program: Option<ProgramId>, id, parent, local, peer| {
        let about = About { host: HostId(0), program, socket: Some(id), flow: None };
        tell.event(
            at,
            about,
            Kind::Socket { transport: Transport::Tcp, fd: None, cookie: None, parent, local: Some(local), peer },
        );
    };
    socket(&mut tell, 6_351, Some(SERVER), LISTENER, None, far(2, 808), None);
    tell.program(6_400, client, Role::Client, "TCP client");
    let accept = tell.enter(6_510, SERVER, LISTENER, Op::Accept, Bytes::default(), None);
    let connect = Op::Connect { to: far(2, 808) };
    let connecting = tell.enter(16_720, client, mine, connect.clone(), Bytes::default(), None);
    socket(&mut tell, 16_730, Some(client), mine, None, far(1, 41022), Some(far(2, 808)));
    let text = "hello ".repeat(500);
    for (n, (sent, arrived, from, flags, seq, ack, len, sack)) in LOST.into_iter().take(most).enumerate() {
        let id = n as u32 + 1;
        let (mine, theirs) = if from == 1 { (1_000, 9_000) } else { (9_000, 1_000) };
        let start = seq.saturating_sub(1) as usize;
        let text = if from == 1 { text.clone() } else { text.to_uppercase() };
        let data = if len > 0 { &text.as_bytes()[start..start + len] } else { &[][..] };
        let ack = if flags & 0x10 == 0 { 0 } else { ack + theirs };
        let bytes = segment(from, flags, seq + mine, ack, sack.map(|(a, b)| (a + theirs, b + theirs)), data);
        tell.packet(sent, from, id, Stage::Sent, None, &bytes);
        match arrived {
            Some(at) => drop(tell.packet(at, from, id, Stage::Delivered, None, &bytes)),
            None if held => drop(tell.packet(sent + 5, from, id, Stage::Held(Hold::Caught), None, &bytes)),
            None => {
                tell.packet(sent + 5, from, id, Stage::Held(Hold::Caught), None, &bytes);
                tell.packet(sent + 9, from, id, Stage::Dropped(DropReason::ByYou), None, &bytes);
            }
        }
    }
    let states = [
        (16_980, mine, TcpState::SynSent),
        (37_220, conn, TcpState::SynReceived),
        (57_620, mine, TcpState::Established),
        (77_990, conn, TcpState::Established),
        (163_230, mine, TcpState::FinWait1),
        (183_310, conn, TcpState::CloseWait),
    ];
    for (at, socket, to) in states {
        let is = |event: &&protocol::Event| {
            event.at == protocol::Nanos::from_micros(at) && matches!(event.kind, Kind::Packet(_))
        };
        let Some(cause) = tell.events.iter().find(is).map(|event| event.seq) else { continue };
        let about = About { socket: Some(socket), ..About::default() };
        tell.event(at, about, Kind::State { from: None, to });
        if let Some(event) = tell.events.last_mut() {
            event.cause = Some(protocol::Cause::Event(cause));
            event.provenance.how = protocol::How::Derived;
        }
    }
    tell.leave(57_890, connecting, client, mine, connect, Outcome::Done, Bytes::default(), None);
    tell.send(57_960, 58_020, client, mine, &text);
    socket(&mut tell, 37_221, None, conn, Some(LISTENER), far(2, 808), Some(far(1, 41022)));
    if most > 3 {
        let accepted = Outcome::Accepted { socket: conn, peer: far(1, 41022) };
        tell.leave(78_290, accept, SERVER, LISTENER, Op::Accept, accepted, Bytes::default(), None);
        socket(&mut tell, 78_291, Some(SERVER), conn, Some(LISTENER), far(2, 808), Some(far(1, 41022)));
        tell.recv(78_340, 78_540, SERVER, conn, &text[..1024]);
        tell.send(78_580, 78_620, SERVER, conn, &text[..1024].to_uppercase());
        tell.recv(78_630, 78_640, SERVER, conn, &text[1024..1448]);
        tell.send(78_650, 78_655, SERVER, conn, &text[1024..1448].to_uppercase());
    }
    if most > 12 {
        tell.recv(58_040, 98_910, client, mine, &text[..1024].to_uppercase());
        tell.recv(98_950, 98_960, client, mine, &text[1024..1448].to_uppercase());
        tell.recv(78_660, 142_710, SERVER, conn, &text[1448..2472]);
        tell.send(142_740, 142_780, SERVER, conn, &text[1448..2472].to_uppercase());
        tell.recv(142_790, 142_793, SERVER, conn, &text[2472..]);
        tell.send(142_800, 142_810, SERVER, conn, &text[2472..].to_uppercase());
        tell.recv(98_970, 162_950, client, mine, &text[1448..2472].to_uppercase());
        tell.recv(163_000, 163_010, client, mine, &text[2472..].to_uppercase());
    }
    tell
}

/// `hello` over the loopback interface: each packet is sent and received in the same moment.
pub fn loopback_hello() -> Teller {
    let (client, mine, conn) = (ProgramId(2), SocketId(2), SocketId(3));
    let (here, port, server) = ([127, 0, 0, 1], 41022, 8808);
    let mut tell = Teller::tcp();
    tell.connected(1_000, client, mine, conn, port);
    tell.send(2_000, 2_030, client, mine, "hello");
    tell.recv(1_210, 2_060, SERVER, conn, "hello");
    tell.send(2_070, 2_095, SERVER, conn, "HELLO");
    tell.recv(2_040, 2_120, client, mine, "HELLO");
    let packets: [(u64, bool, u16, u32, u32, &str); 7] = [
        (1_110, true, 0x02, 0, 0, ""),
        (1_120, false, 0x12, 0, 1, ""),
        (1_125, true, 0x10, 1, 1, ""),
        (2_010, true, 0x18, 1, 1, "hello"),
        (2_014, false, 0x10, 1, 6, ""),
        (2_080, false, 0x18, 1, 6, "HELLO"),
        (2_084, true, 0x10, 6, 6, ""),
    ];
    for (n, (at, to_server, flags, seq, ack, data)) in packets.into_iter().enumerate() {
        let (from, to) = if to_server { (port, server) } else { (server, port) };
        let (mine, theirs) = if to_server { (7_000, 90_000) } else { (90_000, 7_000) };
        let ack = if flags & 0x10 == 0 { 0 } else { ack + theirs };
        let bytes = tcp((here, from), (here, to), flags, seq + mine, ack, None, data.as_bytes());
        for stage in [Stage::Sent, Stage::Delivered] {
            tell.seen(Tap::Loopback, at, 0, n as u32 + 1, stage, None, &bytes);
        }
    }
    tell
}

/// A datagram of 2000 bytes in two fragments over the wire, and its answer, cut to 1024.
pub fn fragments() -> Teller {
    let (client, mine) = (ProgramId(2), SocketId(2));
    let far = |host: u8, port: u16| Address::from(SocketAddr::from(([10, 0, 0, host], port)));
    let mut tell = Teller::default();
    for (id, role, name) in [(SERVER, Role::Server, "UDP server"), (client, Role::Client, "UDP client")] {
        let about = About { program: Some(id), ..About::default() };
        let (name, owner, transport) = (name.to_string(), Owner::Ours, Some(Transport::Udp));
        tell.event(
            0,
            about,
            Kind::Program { pid: None, name, role, owner, transport, reads: None, calls_visible: true },
        );
    }
    for (at, program, socket, local) in [(20, SERVER, LISTENER, far(2, 8080)), (900, client, mine, far(1, 5001))] {
        let about = About { program: Some(program), socket: Some(socket), ..About::default() };
        let (transport, local) = (Transport::Udp, Some(local));
        tell.event(at, about, Kind::Socket { transport, fd: None, cookie: None, parent: None, local, peer: None });
    }
    tell.call(30, 40, SERVER, LISTENER, Op::Bind { to: far(2, 8080) }, Outcome::Done);
    let text = "x".repeat(2000);
    let (to, from) = (|len, end| Op::SendTo { len, to: end }, Op::RecvFrom { max: 1024 });
    tell.datagram(1_000, 1_030, client, mine, to(2000, far(2, 8080)), 8080, 1, &text, 2000);
    let mut udp = Vec::new();
    for word in [5001_u16, 8080, 2008, 0] {
        udp.extend(word.to_be_bytes());
    }
    udp.extend(text.as_bytes());
    let first = ipv4([10, 0, 0, 1], [10, 0, 0, 2], 17, 0x2000, &udp[..1480]);
    let second = ipv4([10, 0, 0, 1], [10, 0, 0, 2], 17, 1480 / 8, &udp[1480..]);
    for (n, bytes) in [first, second].iter().enumerate() {
        let at = 1_010 + n as u64 * 10;
        tell.packet(at, 1, n as u32 + 1, Stage::Sent, None, bytes);
        tell.packet(at + 20_000, 1, n as u32 + 1, Stage::Delivered, None, bytes);
    }
    tell.datagram(900, 21_050, SERVER, LISTENER, from, 5001, 1, &text[..1024], 2000);
    tell
}
