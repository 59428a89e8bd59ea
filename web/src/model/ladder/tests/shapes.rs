//! Cards of errors, levels of buffers, bars that began earlier, datagrams that found no room, and the legend.

use super::*;
use protocol::{GaugeKey, Kind, Span, Transport};

/// A picture of a part of these kinds only.
fn only(story: &Story, kinds: &[MarkKind]) -> String {
    let mut ladder = laid(story);
    ladder.let_act(true);
    let mut picture = drawn(&ladder, story, 0.0, ladder.height(story.latest()), story.latest());
    picture.marks.retain(|mark| kinds.contains(&mark.kind));
    told(&picture)
}

fn refused() -> Teller {
    let mut tell = Teller::tcp();
    tell.program(1_000, CLIENT, Role::Client, "client 1");
    tell.socket(1_005, CLIENT, MINE, None, Some(41022), None);
    let failed = Outcome::Failed(SysError { name: Errno::Econnrefused, number: 111 });
    for at in [1_100, 9_000] {
        tell.call(at, at + 80, CLIENT, MINE, Op::Connect { to: at_809() }, failed.clone());
    }
    tell
}

fn at_809() -> protocol::Address {
    at(809)
}

#[test]
fn an_error_has_a_card_and_the_same_again_has_none() {
    let story = refused().story();
    expect![[r#"
        12 card ConnectionRefusedError: [Errno 111] Connection refused@139,135 Windows(10061)@139,151 Because(NobodyListens, Code(""))@139,167
        12 remedy Remedy(Use(Inet(127.0.0.1:8808)))@273,194
    "#]].assert_eq(&only(&story, &[MarkKind::Card, MarkKind::Cause, MarkKind::Remedy]));
    assert_nothing_overlaps(&whole(&story, story.latest()));
    // What comes next is below it.
    let mut ladder = laid(&story);
    let rows: Vec<f64> = ladder.axis().rows().iter().map(|row| row.y).collect();
    let apart = rows.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max);
    assert!(apart > 110.0, "a card is between two rows: {apart}");
    // Nobody can act in a file.
    ladder.let_act(false);
    let picture = drawn(&ladder, &story, 0.0, 2_000.0, story.latest());
    assert!(picture.marks.iter().all(|mark| mark.kind != MarkKind::Remedy));
}

#[test]
fn where_there_are_three_lanes_a_card_fits_too() {
    let story = refused().story();
    let mut ladder = Ladder::default();
    ladder.fit(390.0);
    ladder.let_act(true);
    ladder.update(&story, None);
    let picture = ladder.picture(
        &story,
        &Window { top: 0.0, bottom: 3_000.0, width: 390.0, floor: 0.0, now: story.latest(), say: &plain },
    );
    let card = picture.marks.iter().find(|mark| mark.kind == MarkKind::Card).unwrap();
    let Shape::Rect { x, w, y, h, .. } = card.shapes[0] else { panic!("a card has a frame") };
    assert!(x >= 8.0 && x + w <= 382.0, "{x} {w}");
    for shape in &card.shapes[1..] {
        let Shape::Text { x: left, y: line, text, style, .. } = shape else { continue };
        let wide = width(text, style.class == "card-code");
        assert!(left + wide <= x + w && *line < y + h, "{text} is inside");
    }
}

#[test]
fn a_buffer_has_a_level_until_it_is_read() {
    let mut tell = Teller::tcp();
    tell.connected(1_000, CLIENT, MINE, CONN, 41022);
    tell.send(2_000, 2_010, CLIENT, MINE, "one");
    tell.gauge(2_100, CONN, &[(GaugeKey::RecvQueue, 3)]);
    tell.send(6_000, 6_010, CLIENT, MINE, "three");
    tell.gauge(6_100, CONN, &[(GaugeKey::RecvQueue, 8)]);
    tell.recv(12_000, 12_010, SERVER, CONN, "onet");
    tell.recv(18_000, 18_010, SERVER, CONN, "hree");
    let story = tell.story();
    let picture = whole(&story, story.latest());
    let level = picture.marks.iter().find(|mark| mark.kind == MarkKind::Level).unwrap();
    let parts = level.shapes.iter().filter_map(|shape| match shape {
        Shape::Rect { x, y, w, h, style, .. } => Some(format!("{x:.0},{y:.0} {w:.1}x{h:.0} {:?}\n", style.hue)),
        _ => None,
    });
    expect![[r#"
        493,191 6.6x27 Some(0)
        497,218 3.0x32 Some(0)
        492,218 5.0x32 Some(1)
        493,250 7.0x32 Some(1)
    "#]]
    .assert_eq(&parts.collect::<String>());
    expect![[r#"
        28 level 
        28 level Level { received: true, bytes: 8 }@291,229
    "#]]
    .assert_eq(&only(&story, &[MarkKind::Level]));
}

#[test]
fn a_call_that_began_before_the_story_is_open_at_the_top() {
    let mut tell = Teller::tcp();
    tell.connected(1_000, CLIENT, MINE, CONN, 41022);
    tell.send(2_000, 2_010, CLIENT, MINE, "hello");
    tell.recv(1_500, 9_000, SERVER, CONN, "hello");
    // The entry of the recv is not known.
    let entry = tell.events.iter().position(
        |event| matches!(&event.kind, Kind::Call(call) if matches!(call.op, Op::Recv { .. }) && call.outcome.is_none()),
    );
    tell.events.remove(entry.unwrap());
    let story = tell.story();
    let picture = whole(&story, story.latest());
    let bar = picture.marks.iter().flat_map(|mark| &mark.shapes).find_map(|shape| match shape {
        Shape::Rect { y, h, style, .. } if style.class == "bar wait begun" => Some((*y, *h)),
        _ => None,
    });
    let (top, high) = bar.unwrap();
    let accepted = story.calls().iter().find(|call| call.op == Op::Accept).unwrap().returned.unwrap();
    let ladder = laid(&story);
    assert_eq!(top, ladder.axis().y(accepted), "it cannot have begun before the call before it ended");
    assert!(high >= 20.0);
    let open = picture.marks.iter().flat_map(|mark| &mark.shapes);
    let open = open.filter(|shape| matches!(shape, Shape::Line { style, .. } if style.class == "bar-open"));
    assert_eq!(open.count(), 3, "two sides and the bottom");
}

#[test]
fn a_datagram_that_found_the_queue_full_ends_in_a_cross() {
    let socket = SocketId(2);
    let mut tell = Teller::default();
    for (id, role, name) in [(SERVER, Role::Server, "UDP echo server"), (CLIENT, Role::Client, "client 1")] {
        let about = About { program: Some(id), ..About::default() };
        let (name, owner, transport) = (name.to_string(), protocol::Owner::Ours, Some(Transport::Udp));
        tell.event(
            0,
            about,
            Kind::Program { pid: None, name, role, owner, transport, reads: None, calls_visible: true },
        );
    }
    for (program, socket, port) in [(SERVER, LISTENER, 8080), (CLIENT, socket, 5001)] {
        let about = About { program: Some(program), socket: Some(socket), ..About::default() };
        let local = Some(at(port));
        let kind = Kind::Socket { transport: Transport::Udp, fd: None, cookie: None, parent: None, local, peer: None };
        tell.event(1, about, kind);
    }
    let to = |len| Op::SendTo { len, to: at(8080) };
    for n in 1..=4_u32 {
        let start = u64::from(n) * 2_000;
        tell.datagram(
            start,
            start + 10,
            CLIENT,
            socket,
            to(3),
            8080,
            n,
            ["one", "two", "thr", "fou"][n as usize - 1],
            3,
        );
    }
    tell.gauge(8_500, LISTENER, &[(GaugeKey::Drops, 1)]);
    let waits = tell.story();
    expect![[r#"
        3 seats Cards(0)@537,23
        5 seats A@512,42 Cards(1)@537,43
        7 seats A@512,64 B@527,64 Cards(2)@543,64
        9 seats A@512,84 B@527,84 C@542,84 Cards(3)@558,85
        11 loss QueueFull@514,103
    "#]]
    .assert_eq(&only(&waits, &[MarkKind::Seats, MarkKind::Loss]));
    for n in 1..=3_u32 {
        let (start, data) = (9_000 + u64::from(n) * 1_000, ["one", "two", "thr"][n as usize - 1]);
        tell.datagram(start, start + 10, SERVER, LISTENER, Op::RecvFrom { max: 1024 }, 5001, n, data, 3);
    }
    let read = tell.story();
    expect![[r#"
        3 seats Cards(0)@537,23
        5 seats A@512,42 Cards(1)@537,43
        7 seats A@512,64 B@527,64 Cards(2)@543,64
        9 seats A@512,84 B@527,84 C@542,84 Cards(3)@558,85
        11 loss QueueFull@514,103
    "#]]
    .assert_eq(&only(&read, &[MarkKind::Seats, MarkKind::Loss]));
    let spans = read.calls().iter().filter(|call| matches!(call.span, Some(Span::Datagram { .. })));
    let gone = spans.filter(|call| call.sends() && read.is_gone(call, read.socket(LISTENER).unwrap()));
    assert_eq!(gone.count(), 1, "the newest one found no room");
}

#[test]
fn every_sign_of_the_legend_is_in_its_room() {
    let (wide, high) = legend::SIZE;
    for (entry, shapes) in legend::legend() {
        for shape in &shapes {
            let inside = match shape {
                Shape::Line { from, to, .. } => [from, to].iter().all(|at| at.0 <= wide && at.1 <= high),
                Shape::Rect { x, y, w, h, .. } => x + w <= wide && y + h <= high && *x >= 0.0 && *y >= 0.0,
                Shape::Text { x, y, .. } | Shape::Sign { x, y, .. } => *x < wide && *y < high,
            };
            assert!(inside, "{entry:?} {shape:?}");
        }
    }
}
