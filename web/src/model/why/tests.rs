//! Chains of reasons, of stories told by hand and of stories that two stacks told.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod labs;

use super::*;
use crate::i18n::Lang;
use crate::model::named;
use crate::model::story::CallRecord;
use crate::model::story::tell::{LISTENER, SERVER, Teller, three_in_one};
use crate::model::story::tell_packets::{loopback_hello, lost_segment};
use expect_test::{Expect, expect};
use protocol::{Bytes, Op, ProgramId, SocketId, SysError};

pub(super) const CLIENT: ProgramId = ProgramId(2);

/// The chain of a mark, a line for each reason.
pub(super) fn told(story: &Story, seq: Seq) -> String {
    let words = Lang::En.words();
    let line = |step: Step| {
        let cause = step.seq.and_then(|seq| named::mark(story, seq)).as_ref().map(words.ladder.say);
        words.why.said(step.reason, &cause.unwrap_or_default(), words.ladder.say) + "\n"
    };
    chain(story, seq, story.latest()).into_iter().map(line).collect()
}

pub(super) fn is(story: &Story, seq: Seq, expected: &Expect) {
    expected.assert_eq(&told(story, seq));
}

/// The so many-th call that passes a test, from 0.
pub(super) fn call(story: &Story, nth: usize, test: impl Fn(&CallRecord) -> bool) -> Seq {
    story.calls().iter().filter(|call| test(call)).nth(nth).unwrap().seq
}

#[test]
fn without_packets_the_answer_goes_back_to_the_clients_sends() {
    let story = three_in_one().story();
    is(
        &story,
        call(&story, 0, |it| it.receives() && it.program != SERVER),
        &expect![[r#"
        The bytes came from TCP echo server: send(11)
        It answers what came in TCP echo server: recv(1024)
        The bytes came from 3 sends; the last was client 1: send(5)
    "#]],
    );
    is(
        &story,
        call(&story, 0, |it| it.op == Op::Accept),
        &expect![[r#"
        A client called client 1: connect(127.0.0.1:8808)
    "#]],
    );
}

#[test]
fn the_recv_that_waited_for_a_lost_segment() {
    let story = lost_segment(20, false).story();
    is(
        &story,
        call(&story, 2, |it| it.receives() && it.program == SERVER),
        &expect![[r#"
            This arrived and woke it: 1448 bytes, 1449–2896
            3 acknowledgements asked for these bytes; the last was ACK 1449, SACK 2897–3000
            This arrived beyond a gap; the kernel keeps it and asks for what is missing: 104 bytes, 2897–3000
            What should have come before it: 1448 bytes, 1449–2896
            You dropped it
            The bytes came from TCP client: send(3000)
        "#]],
    );
    // What it gave at once, after that.
    is(
        &story,
        call(&story, 3, |it| it.receives() && it.program == SERVER),
        &expect![[r#"
            The kernel had it already, from 1448 bytes, 1449–2896
            3 acknowledgements asked for these bytes; the last was ACK 1449, SACK 2897–3000
            This arrived beyond a gap; the kernel keeps it and asks for what is missing: 104 bytes, 2897–3000
            What should have come before it: 1448 bytes, 1449–2896
            You dropped it
            The bytes came from TCP client: send(3000)
        "#]],
    );
}

#[test]
fn every_packet_of_a_lost_segment() {
    let story = lost_segment(20, false).story();
    let mut said = String::new();
    for packet in story.packets().iter() {
        let name = named::packet(&story, packet);
        said += &format!("{}\n", (Lang::En.words().ladder.say)(&name));
        told(&story, packet.seq).lines().for_each(|line| said += &format!("    {line}\n"));
    }
    expect![[r#"
        SYN
            connect() asks with a SYN: TCP client: connect(10.0.0.2:808)
        SYN, ACK
            The kernel answers the SYN by itself: SYN
            connect() asks with a SYN: TCP client: connect(10.0.0.2:808)
        ACK 1
            It says that this arrived: SYN, ACK
            The kernel answers the SYN by itself: SYN
            connect() asks with a SYN: TCP client: connect(10.0.0.2:808)
        1448 bytes, 1–1448
            The bytes came from TCP client: send(3000)
        1448 bytes, 1449–2896
            You dropped it
            The bytes came from TCP client: send(3000)
        104 bytes, 2897–3000
            The bytes came from TCP client: send(3000)
        ACK 1449
            It says that this arrived: 1448 bytes, 1–1448
            The bytes came from TCP client: send(3000)
        ACK 1449, SACK 2897–3000
            This arrived beyond a gap; the kernel keeps it and asks for what is missing: 104 bytes, 2897–3000
            What should have come before it: 1448 bytes, 1449–2896
            You dropped it
            The bytes came from TCP client: send(3000)
        1024 bytes, 1–1024
            The bytes came from TCP server: send(1024)
            It answers what came in TCP server: recv(1024)
            This arrived and woke it: 1448 bytes, 1–1448
            The bytes came from TCP client: send(3000)
        424 bytes, 1025–1448
            The bytes came from TCP server: send(424)
            It answers what came in TCP server: recv(1024)
            The kernel had it already, from 1448 bytes, 1–1448
            The bytes came from TCP client: send(3000)
        ACK 1025
            It says that this arrived: 1024 bytes, 1–1024
            The bytes came from TCP server: send(1024)
            It answers what came in TCP server: recv(1024)
            This arrived and woke it: 1448 bytes, 1–1448
            The bytes came from TCP client: send(3000)
        ACK 1449
            The program took bytes, so there is room again: TCP client: recv(1024)
            This arrived and woke it: 1024 bytes, 1–1024
            The bytes came from TCP server: send(1024)
            It answers what came in TCP server: recv(1024)
            This arrived and woke it: 1448 bytes, 1–1448
            The bytes came from TCP client: send(3000)
        1448 bytes, 1449–2896
            3 acknowledgements asked for these bytes; the last was ACK 1449, SACK 2897–3000
            This arrived beyond a gap; the kernel keeps it and asks for what is missing: 104 bytes, 2897–3000
            What should have come before it: 1448 bytes, 1449–2896
            You dropped it
            The bytes came from TCP client: send(3000)
        ACK 3001
            It says that this arrived: 1448 bytes, 1449–2896
            3 acknowledgements asked for these bytes; the last was ACK 1449, SACK 2897–3000
            This arrived beyond a gap; the kernel keeps it and asks for what is missing: 104 bytes, 2897–3000
            What should have come before it: 1448 bytes, 1449–2896
            You dropped it
            The bytes came from TCP client: send(3000)
        1024 bytes, 1449–2472
            The bytes came from TCP server: send(1024)
            It answers what came in TCP server: recv(1024)
            This arrived and woke it: 1448 bytes, 1449–2896
            3 acknowledgements asked for these bytes; the last was ACK 1449, SACK 2897–3000
            This arrived beyond a gap; the kernel keeps it and asks for what is missing: 104 bytes, 2897–3000
            What should have come before it: 1448 bytes, 1449–2896
            You dropped it
            The bytes came from TCP client: send(3000)
        528 bytes, 2473–3000
            The bytes came from TCP server: send(528)
            It answers what came in TCP server: recv(1024)
            The kernel had it already, from 1448 bytes, 1449–2896
            3 acknowledgements asked for these bytes; the last was ACK 1449, SACK 2897–3000
            This arrived beyond a gap; the kernel keeps it and asks for what is missing: 104 bytes, 2897–3000
            What should have come before it: 1448 bytes, 1449–2896
            You dropped it
            The bytes came from TCP client: send(3000)
        ACK 3001
            It says that this arrived: 528 bytes, 2473–3000
            The bytes came from TCP server: send(528)
            It answers what came in TCP server: recv(1024)
            The kernel had it already, from 1448 bytes, 1449–2896
            3 acknowledgements asked for these bytes; the last was ACK 1449, SACK 2897–3000
            This arrived beyond a gap; the kernel keeps it and asks for what is missing: 104 bytes, 2897–3000
            What should have come before it: 1448 bytes, 1449–2896
            You dropped it
            The bytes came from TCP client: send(3000)
        FIN, ACK
        FIN, ACK
        ACK 3002
            It says that this arrived: FIN, ACK
    "#]]
    .assert_eq(&said);
}

#[test]
fn connect_and_accept_end_with_the_packets_of_the_handshake() {
    let story = lost_segment(20, false).story();
    is(
        &story,
        call(&story, 0, |it| matches!(it.op, Op::Connect { .. })),
        &expect![[r#"
        The other kernel answered: SYN, ACK
        The kernel answers the SYN by itself: SYN
        connect() asks with a SYN: TCP client: connect(10.0.0.2:808)
    "#]],
    );
    is(
        &story,
        call(&story, 0, |it| it.op == Op::Accept),
        &expect![[r#"
        The last step of the handshake arrived: ACK 1
        It says that this arrived: SYN, ACK
        The kernel answers the SYN by itself: SYN
        connect() asks with a SYN: TCP client: connect(10.0.0.2:808)
    "#]],
    );
}

#[test]
fn on_the_loopback_interface_the_same_holds() {
    let story = loopback_hello().story();
    is(
        &story,
        call(&story, 0, |it| it.receives() && it.program == SERVER),
        &expect![[r#"
        This arrived and woke it: 5 bytes, 1–5
        The bytes came from client 1: send(5)
    "#]],
    );
    is(
        &story,
        call(&story, 0, |it| it.receives() && it.program == CLIENT),
        &expect![[r#"
        This arrived and woke it: 5 bytes, 1–5
        The bytes came from TCP echo server: send(5)
        It answers what came in TCP echo server: recv(1024)
        This arrived and woke it: 5 bytes, 1–5
        The bytes came from client 1: send(5)
    "#]],
    );
    is(
        &story,
        call(&story, 0, |it| it.op == Op::Accept),
        &expect![[r#"
        The last step of the handshake arrived: ACK 1
        It says that this arrived: SYN, ACK
        The kernel answers the SYN by itself: SYN
        connect() asks with a SYN: client 1: connect(127.0.0.1:8808)
    "#]],
    );
}

#[test]
fn a_recv_that_waits_says_what_for() {
    let (socket, conn) = (SocketId(2), SocketId(3));
    let mut tell = Teller::tcp();
    tell.connected(1_000, CLIENT, socket, conn, 41022);
    tell.enter(2_000, CLIENT, socket, Op::Recv { max: 1024 }, Bytes::default(), None);
    let story = tell.story();
    is(
        &story,
        call(&story, 0, CallRecord::receives),
        &expect![[r#"
        Nothing has come for it since it began to wait.
    "#]],
    );
    // The server reads nothing, although something came.
    tell.send(3_000, 3_010, CLIENT, socket, "one");
    let story = tell.story();
    is(
        &story,
        call(&story, 0, CallRecord::receives),
        &expect![[r#"
        The other side's kernel has the bytes, but its program does not read
    "#]],
    );
    // It has read and wants more.
    tell.recv(3_020, 3_030, SERVER, conn, "one");
    tell.enter(3_040, SERVER, conn, Op::Recv { max: 1024 }, Bytes::default(), None);
    let story = tell.story();
    is(
        &story,
        call(&story, 0, |it| it.receives() && it.program == CLIENT),
        &expect![[r#"
            The other side has everything and waits for more itself, in TCP echo server: recv(1024)
        "#]],
    );
}

#[test]
fn a_second_client_waits_because_the_server_serves_the_first() {
    let (socket, conn) = (SocketId(2), SocketId(3));
    let mut tell = Teller::tcp();
    tell.connected(1_000, CLIENT, socket, conn, 41022);
    tell.enter(1_300, SERVER, conn, Op::Recv { max: 1024 }, Bytes::default(), None);
    let (second, theirs) = (ProgramId(3), SocketId(4));
    tell.program(2_000, second, protocol::Role::Client, "client 2");
    tell.socket(2_100, second, theirs, None, Some(41023), Some(8808));
    tell.socket(2_110, ProgramId(0), SocketId(5), Some(LISTENER), Some(8808), Some(41023));
    tell.send(2_200, 2_210, second, theirs, "hi");
    tell.enter(2_220, second, theirs, Op::Recv { max: 1024 }, Bytes::default(), None);
    let story = tell.story();
    is(
        &story,
        call(&story, 0, |it| it.receives() && it.program == second),
        &expect![[r#"
        Nobody has accepted the connection: the server is busy in TCP echo server: recv(1024)
    "#]],
    );
}

#[test]
fn nobody_listens() {
    let mut tell = Teller::default();
    let refused = SysError { name: protocol::Errno::Econnrefused, number: 111 };
    tell.program(0, CLIENT, protocol::Role::Client, "client 1");
    let connect = Op::Connect { to: crate::model::story::tell::at(9) };
    tell.call(1, 90, CLIENT, SocketId(2), connect, Outcome::Failed(refused));
    let story = tell.story();
    is(
        &story,
        call(&story, 0, |_| true),
        &expect![[r#"
        Nobody listens at that address: the kernel there refused.
    "#]],
    );
}

#[test]
fn every_reason_has_words_in_every_language_and_no_template_is_left() {
    for lang in [Lang::En, Lang::Zh] {
        let words = lang.words();
        let story = lost_segment(20, false).story();
        for event in story.in_order().iter().map(|place| story.event_at(*place)) {
            for step in chain(&story, event.seq, story.latest()) {
                let said = words.why.said(step.reason, "it", words.ladder.say);
                assert!(!said.contains(['%', '#']) && !said.is_empty(), "{step:?}: {said}");
            }
        }
    }
}
