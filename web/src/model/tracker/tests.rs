//! Rows of small stories.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::draw::fit;
use super::*;
use crate::model::story::tell::{LISTENER, SERVER, Teller, at, three_in_one};
use expect_test::expect;
use protocol::{Op, Role, SocketId};

const CLIENT: ProgramId = ProgramId(2);

fn told(tracker: &Tracker) -> String {
    let mut said = String::new();
    for row in &tracker.rows {
        let piece = |piece: &Piece| format!("{}{:?} {}", piece.letter, piece.range, &fit(&piece.text, 100.0));
        let block = |block: &Block| {
            let cut = if block.cut > 0 { format!(" ✂{}", block.cut) } else { String::new() };
            format!("[{}{cut}]", block.pieces.iter().map(piece).collect::<Vec<_>>().join(", "))
        };
        said += &format!("{:?}: {}\n", row.row, row.blocks.iter().map(block).collect::<Vec<_>>().join(" "));
    }
    said + &format!("{:?}\n", tracker.moral)
}

#[test]
fn three_sends_end_in_one_recv() {
    expect![[r#"
        ClientSend: [A0..3 one] [B3..6 two] [C6..11 three]
        ServerRecv: [A0..3 one, B3..6 two, C6..11 three]
        ServerSend: [A′0..3 ONE, B′3..6 TWO, C′6..11 THREE]
        ClientRecv: [A′0..3 ONE, B′3..6 TWO, C′6..11 THREE]
        Moral(Moral { transport: Some(Tcp), sends: 3, segments: None, again: 0, lost: 0, recvs: 1, same: false, cut: 0, waiting: 0, missing: 0 })
    "#]]
    .assert_eq(&told(&tracker(&three_in_one().story(), CLIENT, false).unwrap()));
}

#[test]
fn unread_bytes_lie_in_the_buffer() {
    let (socket, conn) = (SocketId(2), SocketId(3));
    let mut tell = Teller::tcp();
    tell.connected(1_000, CLIENT, socket, conn, 41022);
    tell.send(2_000, 2_010, CLIENT, socket, "one");
    tell.send(3_000, 3_010, CLIENT, socket, "two\n");
    tell.gauge(3_050, conn, &[(GaugeKey::RecvQueue, 7)]);
    expect![[r#"
        ClientSend: [A0..3 one] [B3..7 two↵]
        Buffer: [A0..3 one, B3..7 two↵]
        ServerRecv: 
        ServerSend: 
        ClientRecv: 
        Moral(Moral { transport: Some(Tcp), sends: 2, segments: None, again: 0, lost: 0, recvs: 0, same: true, cut: 0, waiting: 7, missing: 0 })
    "#]]
    .assert_eq(&told(&tracker(&tell.story(), CLIENT, false).unwrap()));
}

#[test]
fn three_thousand_bytes_show_the_share_of_every_recv() {
    let (socket, conn) = (SocketId(2), SocketId(3));
    let mut tell = Teller::tcp();
    tell.connected(1_000, CLIENT, socket, conn, 41022);
    tell.send(2_000, 2_010, CLIENT, socket, &"x".repeat(3000));
    for (at, len) in [(2_020, 1024), (2_040, 1024), (2_060, 952)] {
        tell.recv(at, at + 5, SERVER, conn, &"x".repeat(len));
        tell.send(at + 6, at + 9, SERVER, conn, &"X".repeat(len));
    }
    expect![[r#"
        ClientSend: [A0..3000 xxxxxxxxxxxx…]
        ServerRecv: [A0..1024 xxxxxxxxxxxx…] [A1024..2048 xxxxxxxxxxxx…] [A2048..3000 xxxxxxxxxxxx…]
        ServerSend: [A′0..1024 XXXXXXXXXXXX…] [A′1024..2048 XXXXXXXXXXXX…] [A′2048..3000 XXXXXXXXXXXX…]
        ClientRecv: 
        Moral(Moral { transport: Some(Tcp), sends: 1, segments: None, again: 0, lost: 0, recvs: 3, same: false, cut: 0, waiting: 0, missing: 0 })
    "#]]
    .assert_eq(&told(&tracker(&tell.story(), CLIENT, false).unwrap()));
}

#[test]
fn the_last_exchange_begins_where_nothing_was_outstanding() {
    let (socket, conn) = (SocketId(2), SocketId(3));
    let mut tell = Teller::tcp();
    tell.connected(1_000, CLIENT, socket, conn, 41022);
    for at in [2_000, 4_000] {
        tell.send(at, at + 10, CLIENT, socket, "hello");
        tell.recv(at + 20, at + 25, SERVER, conn, "hello");
        tell.send(at + 30, at + 35, SERVER, conn, "HELLO");
        tell.recv(at + 40, at + 45, CLIENT, socket, "HELLO");
    }
    let story = tell.story();
    assert_eq!(tracker(&story, CLIENT, false).unwrap().ruler, 5..10);
    assert!(tracker(&story, CLIENT, false).unwrap().earlier);
    assert_eq!(tracker(&story, CLIENT, true).unwrap().ruler, 0..10);
}

#[test]
fn a_datagram_keeps_its_edges_and_loses_what_does_not_fit() {
    let socket = SocketId(2);
    let mut tell = Teller::default();
    tell.program(0, SERVER, Role::Server, "UDP echo server");
    tell.program(0, CLIENT, Role::Client, "client 1");
    for (program, socket) in [(SERVER, LISTENER), (CLIENT, socket)] {
        let about = protocol::About { program: Some(program), socket: Some(socket), ..protocol::About::default() };
        let local = Some(at(if program == SERVER { 8080 } else { 5001 }));
        let kind = Kind::Socket { transport: Transport::Udp, fd: None, cookie: None, parent: None, local, peer: None };
        tell.event(1, about, kind);
    }
    let (to, from) = (|len, port| Op::SendTo { len, to: at(port) }, Op::RecvFrom { max: 4 });
    tell.datagram(10, 12, CLIENT, socket, to(3, 8080), 8080, 1, "one", 3);
    tell.datagram(20, 22, CLIENT, socket, to(6, 8080), 8080, 2, "twotwo", 6);
    tell.datagram(30, 32, SERVER, LISTENER, from.clone(), 5001, 1, "one", 3);
    tell.datagram(40, 42, SERVER, LISTENER, from, 5001, 2, "twot", 6);
    expect![[r#"
        ClientSend: [A0..3 one] [B3..9 twotwo]
        ServerRecv: [A0..3 one] [B3..7 twot ✂2]
        ServerSend: 
        ClientRecv: 
        Moral(Moral { transport: Some(Udp), sends: 2, segments: None, again: 0, lost: 0, recvs: 2, same: true, cut: 2, waiting: 0, missing: 0 })
    "#]]
    .assert_eq(&told(&tracker(&tell.story(), CLIENT, false).unwrap()));
}
