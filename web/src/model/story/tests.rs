#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::tell::{LISTENER, SERVER, Teller, at, three_in_one};
use super::*;
use crate::model::letter::Share;
use expect_test::expect;
use protocol::{Kind, Op, Outcome, Role, SysError, TcpState, Transport};

const CLIENT: ProgramId = ProgramId(2);

fn names(shares: &[Share]) -> String {
    shares.iter().map(|share| format!("{}{}+{}", share.name(), share.start, share.len)).collect::<Vec<_>>().join(" ")
}

fn call_shares(story: &Story) -> String {
    let moved = story.calls().iter().filter(|call| call.sends() || call.receives());
    let line = |call: &CallRecord| format!("{} {}\n", crate::model::wording::op(&call.op), names(&story.shares(call)));
    moved.map(line).collect()
}

#[test]
fn one_recv_holds_the_bytes_of_three_sends() {
    expect![[r#"
        send(3) A0+3
        send(3) B3+3
        send(5) C6+5
        recv(1024) A0+3 B3+3 C6+5
        send(11) A′0+3 B′3+3 C′6+5
        recv(1024) A′0+3 B′3+3 C′6+5
    "#]]
    .assert_eq(&call_shares(&three_in_one().story()));
}

#[test]
fn a_long_send_is_shared_by_many_recvs() {
    let (client, socket, conn) = (CLIENT, SocketId(2), SocketId(3));
    let mut tell = Teller::tcp();
    tell.connected(1_000, client, socket, conn, 41022);
    tell.send(2_000, 2_010, client, socket, &"x".repeat(3000));
    for (at, len) in [(2_020, 1024), (2_040, 1024), (2_060, 952)] {
        tell.recv(at, at + 5, SERVER, conn, &"x".repeat(len));
        tell.send(at + 6, at + 9, SERVER, conn, &"X".repeat(len));
    }
    expect![[r#"
        send(3000) A0+3000
        recv(1024) A0+1024
        send(1024) A′0+1024
        recv(1024) A1024+1024
        send(1024) A′1024+1024
        recv(1024) A2048+952
        send(952) A′2048+952
    "#]]
    .assert_eq(&call_shares(&tell.story()));
}

#[test]
fn datagrams_keep_their_letters() {
    let (client, other, mine, theirs, server) = (CLIENT, ProgramId(3), SocketId(2), SocketId(3), LISTENER);
    let mut tell = Teller::default();
    tell.program(0, SERVER, Role::Server, "UDP echo server");
    tell.program(0, client, Role::Client, "client 1");
    tell.program(0, other, Role::Client, "client 2");
    let (to, from) = (|len, port| Op::SendTo { len, to: at(port) }, Op::RecvFrom { max: 4 });
    tell.datagram(10, 12, client, mine, to(3, 8080), 8080, 1, "one", 3);
    tell.datagram(20, 22, other, theirs, to(6, 8080), 8080, 2, "twotwo", 6);
    tell.datagram(30, 32, SERVER, server, from.clone(), 5001, 1, "one", 3);
    tell.datagram(40, 42, SERVER, server, to(3, 5001), 5001, 3, "ONE", 3);
    tell.datagram(50, 52, SERVER, server, from.clone(), 5002, 2, "twot", 6);
    tell.datagram(60, 62, SERVER, server, to(4, 5002), 5002, 4, "TWOT", 4);
    tell.datagram(25, 72, client, mine, from.clone(), 8080, 3, "ONE", 3);
    tell.datagram(26, 74, other, theirs, from, 8080, 4, "TWOT", 4);
    expect![[r#"
        sendto(3, 127.0.0.1:8080) A0+3
        sendto(6, 127.0.0.1:8080) B0+6
        recvfrom(4) A0+3
        sendto(3, 127.0.0.1:5001) A′0+3
        recvfrom(4) B0+4
        sendto(4, 127.0.0.1:5002) B′0+4
        recvfrom(4) A′0+3
        recvfrom(4) B′0+4
    "#]]
    .assert_eq(&call_shares(&tell.story()));
}

#[test]
fn any_order_of_arrival_gives_the_same_order_and_shares() {
    let tell = three_in_one();
    let straight = tell.story();
    let order = |story: &Story| story.in_order().iter().map(|at| story.event_at(*at).seq.0).collect::<Vec<_>>();
    let count = tell.events.len();
    // Steps that have no divisor in common with the count reach every event once.
    let steps: Vec<usize> = [3, 5, 7, 11, 13].into_iter().filter(|step| !count.is_multiple_of(*step)).collect();
    assert!(steps.len() > 2);
    for step in steps {
        let mut shuffled = Story::new();
        (0..count).for_each(|n| shuffled.push(&tell.events[n * step % count]));
        assert_eq!(order(&shuffled), order(&straight));
        let recv = |story: &Story| {
            let recv = story.calls().iter().find(|call| call.receives() && call.program == SERVER).unwrap();
            story.shares(recv).iter().map(|share| share.len).collect::<Vec<_>>()
        };
        assert_eq!(recv(&shuffled), recv(&straight));
    }
}

#[test]
fn an_event_told_twice_is_taken_once() {
    let tell = three_in_one();
    let mut story = tell.story();
    tell.events.iter().for_each(|event| story.push(event));
    assert_eq!((story.len(), story.calls().len()), (tell.events.len(), tell.story().calls().len()));
    assert_eq!(story.event(Seq(7)), Some(tell.events[6].clone()));
}

#[test]
fn what_changed_begins_at_the_late_event() {
    let tell = three_in_one();
    let mut story = Story::new();
    let (late, rest) = (&tell.events[10], [&tell.events[..10], &tell.events[11..]].concat());
    rest.iter().for_each(|event| story.push(event));
    let seen = story.len();
    assert_eq!(story.changed_since(seen), seen);
    story.push(late);
    let first = story.changed_since(seen);
    assert_eq!(story.event_at(story.in_order()[first]).seq, late.seq);
}

#[test]
fn a_connection_waits_in_its_seat_until_it_is_accepted() {
    let mut tell = Teller::tcp();
    tell.connected(1_000, CLIENT, SocketId(2), SocketId(3), 41022);
    tell.socket(3_000, ProgramId(0), SocketId(5), Some(LISTENER), Some(8808), Some(41023));
    let story = tell.story();
    let queued = |micros| {
        story.queued(LISTENER, Nanos::from_micros(micros)).iter().map(|socket| socket.id.0).collect::<Vec<_>>()
    };
    assert_eq!((queued(1_100), queued(1_170), queued(1_300), queued(3_000)), (vec![], vec![3], vec![], vec![5]));
}

#[test]
fn the_console_says_what_came_back_in_how_many_recvs() {
    let tell = three_in_one();
    let story = tell.story();
    let state = story.client_state(CLIENT);
    assert_eq!(
        (state.phase, state.tcp, state.socket),
        (ClientPhase::Ready, Some(TcpState::Established), Some(SocketId(2)))
    );
    let lines = story.transcript(CLIENT);
    assert!(
        matches!(&lines[0], Line::Call { call, result: Some(Ok(zero)), .. } if call == "connect(127.0.0.1:8808)" && zero == "0")
    );
    assert!(matches!(&lines[1], Line::Sent { data, result: Some(Ok(3)), times: 1, .. } if data == b"one"));
    let back = lines.iter().find_map(|line| match line {
        Line::Received { data, len, recvs, rest, .. } => Some((data.clone(), *len, *recvs, *rest)),
        _ => None,
    });
    assert_eq!(back, Some((b"ONETWOTHREE".to_vec(), 11, 1, Rest::Nothing)));
}

#[test]
fn a_datagrams_answer_is_whole_or_cut_whatever_happened_to_others() {
    let mut tell = Teller::default();
    tell.program(0, SERVER, Role::Server, "UDP echo server");
    tell.program(0, CLIENT, Role::Client, "client 1");
    let (client, server) = (SocketId(2), SocketId(1));
    for (program, socket, port) in [(SERVER, server, 8080), (CLIENT, client, 5001)] {
        let about = protocol::About { program: Some(program), socket: Some(socket), ..protocol::About::default() };
        let local = Some(at(port));
        let transport = Transport::Udp;
        tell.event(1, about, Kind::Socket { transport, fd: None, cookie: None, parent: None, local, peer: None });
    }
    let (to, from) = (|len, port| Op::SendTo { len, to: at(port) }, || Op::RecvFrom { max: 4 });
    for (n, asked, got, said) in [(1_u32, "twotwo", "twot", "TWOT"), (3, "one", "one", "ONE")] {
        let (begin, len) = (u64::from(10 * n), asked.len() as u32);
        tell.datagram(begin, begin + 1, CLIENT, client, to(u64::from(len), 8080), 8080, n, asked, len);
        tell.datagram(begin + 2, begin + 3, SERVER, server, from(), 5001, n, got, len);
        let len = said.len() as u32;
        tell.datagram(begin + 4, begin + 5, SERVER, server, to(u64::from(len), 5001), 5001, n + 1, said, len);
        tell.datagram(begin + 6, begin + 7, CLIENT, client, from(), 8080, n + 1, said, len);
    }
    let lines = tell.story().transcript(CLIENT);
    let rest = lines.iter().filter_map(|line| match line {
        Line::Received { data, rest, .. } => Some((data.clone(), *rest)),
        _ => None,
    });
    let expected = [(b"TWOT".to_vec(), Rest::Cut(2)), (b"ONE".to_vec(), Rest::Nothing)];
    assert_eq!(rest.collect::<Vec<_>>(), expected);
}

#[test]
fn a_failed_call_is_said_with_its_error() {
    let mut tell = Teller::default();
    let refused = SysError { name: protocol::Errno::Econnrefused, number: 111 };
    tell.program(0, CLIENT, Role::Client, "client 1");
    tell.call(1, 90, CLIENT, SocketId(2), Op::Connect { to: at(9) }, Outcome::Failed(refused));
    let story = tell.story();
    assert!(
        matches!(&story.transcript(CLIENT)[..], [Line::Call { result: Some(Err(error)), .. }] if *error == refused)
    );
    assert_eq!(story.client_state(CLIENT).phase, ClientPhase::Opened);
    assert_eq!(story.clients().len(), 1);
}

#[test]
fn the_oldest_are_forgotten_and_what_is_left_keeps_its_letters_and_places() {
    let (socket, conn) = (SocketId(2), SocketId(3));
    let mut tell = Teller::tcp();
    tell.connected(1_000, CLIENT, socket, conn, 41022);
    let accept = tell.enter(1_300, SERVER, LISTENER, Op::Accept, protocol::Bytes::default(), None);
    for n in 0..40 {
        let at = 2_000 + n * 100;
        tell.send(at, at + 10, CLIENT, socket, "hello");
        tell.recv(at, at + 20, SERVER, conn, "hello");
        tell.send(at + 30, at + 40, SERVER, conn, "HELLO");
        tell.recv(at + 20, at + 50, CLIENT, socket, "HELLO");
    }
    let whole = tell.story();
    let mut story = tell.story();
    story.forget();
    assert!(story.len() < whole.len() * 3 / 5 && story.len() >= whole.len() / 2);
    assert_eq!(story.forgotten() as usize + story.len(), whole.len());
    assert_ne!(story.epoch(), whole.epoch(), "places are others now");
    let last = |story: &Story| {
        let send = story.calls().iter().rev().find(|call| call.sends() && call.program == CLIENT).unwrap().clone();
        (send.letter, story.stretch(&send), names(&story.shares(story.calls().last().unwrap())))
    };
    assert_eq!(last(&story), last(&whole));
    let listener = |story: &Story| story.socket(LISTENER).map(|socket| socket.listening);
    assert_eq!(listener(&story), listener(&whole), "who lives is still known");
    assert!(story.call(accept).is_some_and(|call| call.outcome.is_none()), "what waits still waits");
    assert_eq!(story.transcript(CLIENT).last(), whole.transcript(CLIENT).last());
    assert_eq!(story.peer(conn).map(|peer| peer.id), Some(socket));
    assert_eq!(story.event(Seq(whole.len() as u64)), whole.event(Seq(whole.len() as u64)));
}

#[test]
fn as_it_was_after_some_events_it_is_the_story_told_so_far() {
    let tell = three_in_one();
    let story = tell.story();
    for count in [0, 7, 20, tell.events.len()] {
        let past = story.first(count);
        assert_eq!(past.len(), count);
        let seqs = |story: &Story| story.in_order().iter().map(|place| story.seq(*place)).collect::<Vec<_>>();
        assert_eq!(seqs(&past), seqs(&story)[..count]);
        assert_ne!(past.epoch(), story.epoch());
    }
    // One event before its last return a call waits that has returned by then.
    let waiting = |count: usize| story.first(count).calls().iter().filter(|call| call.outcome.is_none()).count();
    let last = (0..=story.len()).rev().find(|count| waiting(*count) > waiting(story.len())).unwrap();
    assert_eq!(waiting(last), waiting(last + 1) + 1);
}
