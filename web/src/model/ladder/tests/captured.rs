//! Packets of a capture: told once each, and drawn so.

use super::*;
use protocol::{Address, End, Event, FlowId, HostId, Nanos, Owner, Packet, Provenance, Seq, Stage, Tap, Transport};

/// A conversation of two packets, and a second one on the same ports.
fn captured() -> Story {
    let mut story = Story::new();
    let mut seq = 0;
    let mut tell = |at: u64, about: About, provenance: Provenance, kind: Kind| {
        seq += 1;
        let at = Nanos::from_millis(at);
        story.push(&Event { seq: Seq(seq), at, uncertainty: Nanos(0), about, provenance, cause: None, kind });
    };
    let far = |host: u8, port: u16| std::net::SocketAddr::from(([10, 0, 0, host], port));
    let (a, b) = (far(1, 50_000), far(2, 808));
    let program = |id: u32, name: &str| {
        let about = About { host: HostId(id), program: Some(ProgramId(id)), ..About::default() };
        let (name, transport) = (name.to_string(), Some(Transport::Tcp));
        let (role, owner) = (Role::Other, Owner::System);
        (about, Kind::Program { pid: None, name, role, owner, transport, reads: None, calls_visible: false })
    };
    let (about, kind) = program(9, "10.0.0.2:808");
    tell(0, about, Provenance::DERIVED, kind);
    for time in 0..2 {
        let (flow, mine, theirs) = (Some(FlowId(time)), SocketId(time * 2 + 1), SocketId(time * 2 + 2));
        let (caller, kind) = program(time + 1, "10.0.0.1:50000");
        tell(0, caller, Provenance::DERIVED, kind);
        let ends = [(caller.program, mine, a, b), (Some(ProgramId(9)), theirs, b, a)];
        for (program, socket, local, peer) in ends {
            let about = About { program, socket: Some(socket), flow, ..About::default() };
            let (local, peer) = (Some(Address::Inet(local)), Some(Address::Inet(peer)));
            let (transport, parent) = (Transport::Tcp, None);
            tell(
                0,
                about,
                Provenance::DERIVED,
                Kind::Socket { transport, fd: None, cookie: None, parent, local, peer },
            );
        }
        let end = |socket, address| End { socket: Some(socket), address: Address::Inet(address) };
        let (a_end, b_end) = (end(mine, a), end(theirs, b));
        let kind = Kind::Flow { transport: Transport::Tcp, a: a_end, b: b_end, incarnation: time };
        tell(0, About { flow, ..About::default() }, Provenance::DERIVED, kind);
        for (n, (socket, out)) in [(mine, true), (theirs, false)].into_iter().enumerate() {
            let id = PacketId(time * 2 + n as u32 + 1);
            let mut data = vec![0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0];
            data.extend(if out { [10, 0, 0, 1, 10, 0, 0, 2] } else { [10, 0, 0, 2, 10, 0, 0, 1] });
            let (from, to) = if out { (50_000_u16, 808_u16) } else { (808, 50_000) };
            data.extend([from.to_be_bytes(), to.to_be_bytes()].concat());
            data.extend([0, 0, time as u8, 1, 0, 0, 0, 1, 0x50, if out { 0x02 } else { 0x12 }, 1, 0, 0, 0, 0, 0]);
            let (tap, stage, copy_of) = (Tap::File, Stage::Sent, None);
            let packet = Packet { id, tap, stage, copy_of, data: Bytes(data), true_len: 40 };
            let about = About { socket: Some(socket), flow, ..About::default() };
            tell(u64::from(time) * 10 + n as u64, about, Provenance::OBSERVED, Kind::Packet(packet));
        }
    }
    story
}

#[test]
fn a_captured_packet_is_level_whole_and_in_the_lanes_of_its_own_connection() {
    let story = captured();
    let picture = whole(&story, story.latest());
    let mut lines = Vec::new();
    for mark in picture.marks.iter().filter(|mark| mark.kind == MarkKind::Packet && !mark.over) {
        let [Shape::Line { from, to, .. }, Shape::Sign { sign: Sign::Head, .. }] = &mark.shapes[..] else {
            panic!("an arrow: {:?}", mark.shapes)
        };
        assert!((from.1 - to.1).abs() < 0.01, "nobody knows how long it took");
        lines.push((from.0, to.0));
    }
    let [(left, right), back, again, _] = lines[..] else { panic!("four packets: {lines:?}") };
    assert!(right - left > 100.0 && (back.0 - right).abs() < 10.0, "{lines:?}");
    assert!((again.0 - left).abs() > 1.0, "the same ports, other lanes: {lines:?}");
    // Every arrow ends at the line of a socket.
    let ladder = laid(&story);
    let lanes = Lanes::of(ladder.cast(), 850.0);
    assert_eq!(ladder.cast().clients.len(), 2);
    for (from, to) in lines {
        let near = |x: f64| lanes.sockets.iter().chain(&lanes.connections).any(|line| (line - x).abs() < 8.0);
        assert!(near(from) && near(to), "{from} {to} {lanes:?}");
    }
}
