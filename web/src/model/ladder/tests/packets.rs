//! Arrows, crosses, and what lives after a clear.

use super::*;

#[test]
fn equal_delays_have_equal_slopes_whatever_stands_between() {
    let story = lost_segment(20, false).story();
    let (ladder, _) = packets(&story);
    let y = |place: Place| ladder.axis().y(place);
    let flights = story.packets().iter().filter(|packet| packet.lost.is_none());
    let heights: Vec<f64> = flights.map(|packet| y(packet.done.unwrap()) - y(packet.sent.unwrap())).collect();
    assert_eq!(heights.len(), 19);
    let (low, high) = heights.iter().fold((f64::MAX, 0.0_f64), |(low, high), one| (low.min(*one), high.max(*one)));
    assert!(low > 50.0 && high < low * 1.03, "20 ms each: {heights:?}");
    let rows: Vec<f64> = ladder.axis().rows().iter().map(|row| row.y).collect();
    assert!(rows.is_sorted(), "time runs down");
}

#[test]
fn labels_along_arrows_never_overlap() {
    for tell in [lost_segment(20, false), lost_segment(8, true)] {
        let story = tell.story();
        for width in [390.0, 724.0, 840.0] {
            let mut ladder = Ladder::default();
            ladder.fit(width);
            ladder.update(&story, None);
            let (now, say) = (story.latest(), &plain);
            let bottom = ladder.height(now);
            let picture = ladder.picture(&story, &Window { top: 0.0, bottom, width, floor: 0.0, now, say });
            assert_nothing_overlaps(&picture);
            let labels = picture.marks.iter().flat_map(|mark| &mark.shapes).filter_map(|shape| match shape {
                Shape::Text { x, y, angle, text, .. } if *angle != 0.0 => {
                    let (sin, cos) = angle.to_radians().sin_cos();
                    Some(labels::Turned::new((*x, *y - 4.0), (labels::width(text, false), 9.0), (cos, sin)))
                }
                _ => None,
            });
            let labels: Vec<_> = labels.collect();
            assert!(labels.len() > 2);
            for (n, one) in labels.iter().enumerate() {
                assert!(labels[n + 1..].iter().all(|other| !one.meets(other)), "{width}: {one:?}");
            }
        }
    }
}

#[test]
fn a_lost_segment_ends_in_a_cross_and_its_repetition_is_dashed_and_tied_to_it() {
    let story = lost_segment(20, false).story();
    let (_, picture) = packets(&story);
    let mark = |id: u32| {
        let seq = story.packet(PacketId(id)).unwrap().seq;
        picture.marks.iter().find(|mark| mark.seq == seq && !mark.over).unwrap()
    };
    let has = |id: u32, class: &str| {
        mark(id).shapes.iter().any(|shape| matches!(shape, Shape::Line { style, .. } if style.class == class))
    };
    assert!(mark(5).shapes.iter().any(|shape| matches!(shape, Shape::Sign { sign: Sign::Cross, .. })));
    assert_eq!(mark(5).name, "DataBytes(1448)  A 1449–2896, Dropped(ByYou)");
    assert_eq!(mark(13).name, "DataBytes(1448), SentAgain  A 1449–2896");
    assert_eq!(mark(8).name, "ACK 1449, SACK 2897–3000");
    assert!(has(13, "packet data again") && has(13, "tie") && !has(4, "tie"));
}

#[test]
fn a_stopped_packet_has_a_box_that_nothing_else_is_in() {
    let story = lost_segment(8, true).story();
    let ladder = laid(&story);
    let held: Vec<PacketId> = story.held().map(|packet| packet.id).collect();
    let boxes = ladder.stopped(&story, 850.0, story.latest());
    assert_eq!((held.as_slice(), boxes.len(), boxes[0].id), (&[PacketId(5)][..], 1, PacketId(5)));
    assert!(boxes[0].y + boxes[0].h < ladder.height(story.latest()));
}

#[test]
fn what_lives_is_drawn_after_a_clear() {
    let mut tell = Teller::default();
    tell.program(0, SERVER, Role::Server, "TCP server");
    tell.program(0, CLIENT, Role::Client, "client 1");
    tell.socket(0, SERVER, LISTENER, None, Some(8808), None);
    tell.gauge(0, LISTENER, &[(protocol::GaugeKey::AcceptLimit, 5)]);
    tell.socket(1, CLIENT, MINE, None, Some(41022), Some(8808));
    tell.socket(2, SERVER, CONN, Some(LISTENER), Some(8808), Some(41022));
    tell.flow(3, 1, (MINE, 41022), (Some(CONN), 8808));
    tell.state(4, MINE, TcpState::Established);
    tell.state(4, CONN, TcpState::Established);
    tell.socket(5, ProgramId(0), SocketId(9), Some(LISTENER), Some(8808), Some(41023));
    let story = tell.story();
    let picture = whole(&story, story.latest());
    let names = |kind: MarkKind| -> Vec<&str> {
        picture.marks.iter().filter(|mark| mark.kind == kind).map(|mark| mark.name.as_str()).collect()
    };
    assert_eq!(names(MarkKind::Seats), ["0/6", "1/6"], "the accepted one sits no more");
    assert_eq!(names(MarkKind::State), ["ESTABLISHED", "ESTABLISHED"]);
    assert!(names(MarkKind::Socket).contains(&":8808 ↔ :41022"));
}

#[test]
fn equal_datagrams_fold_too() {
    let mut tell = Teller::default();
    tell.program(0, SERVER, Role::Server, "UDP server");
    tell.program(0, CLIENT, Role::Client, "client 1");
    for (program, socket, port) in [(SERVER, LISTENER, 8080), (CLIENT, MINE, 5001)] {
        let about = About { program: Some(program), socket: Some(socket), ..About::default() };
        let (transport, local) = (protocol::Transport::Udp, Some(at(port)));
        tell.event(1, about, Kind::Socket { transport, fd: None, cookie: None, parent: None, local, peer: None });
    }
    let (to, from) = (|port| Op::SendTo { len: 5, to: at(port) }, Op::RecvFrom { max: 1024 });
    for n in 0..20 {
        let (t, id) = (1_000 + u64::from(n) * 100, n * 2);
        tell.datagram(t, t + 2, CLIENT, MINE, to(8080), 8080, id, "hello", 5);
        tell.datagram(t - 20, t + 10, SERVER, LISTENER, from.clone(), 5001, id, "hello", 5);
        tell.datagram(t + 12, t + 14, SERVER, LISTENER, to(5001), 5001, id + 1, "HELLO", 5);
        tell.datagram(t + 5, t + 20, CLIENT, MINE, from.clone(), 8080, id + 1, "HELLO", 5);
    }
    let story = tell.story();
    let picture = whole(&story, story.latest());
    let folds: Vec<&str> =
        picture.marks.iter().filter(|mark| mark.kind == MarkKind::Fold).map(|mark| mark.name.as_str()).collect();
    assert_eq!(folds, ["17 echoes ▸"]);
}

#[test]
fn packets_over_loopback_are_short_in_time_and_still_say_what_they_are() {
    let story = loopback_hello().story();
    let (ladder, picture) = packets(&story);
    let texts = |class: &str| -> Vec<String> {
        let texts = picture.marks.iter().flat_map(|mark| &mark.shapes).filter_map(|shape| match shape {
            Shape::Text { text, style, .. } if style.class.starts_with(class) => Some(text.clone()),
            _ => None,
        });
        texts.collect()
    };
    let said = ["SYN", "SYN, ACK", "ACK 1", "DataBytes(5)  A 1–5", "ACK 6", "DataBytes(5)  A′ 1–5", "ACK 6"];
    assert_eq!(texts("packet-ink"), said);
    let y = |place: Option<Place>| ladder.axis().y(place.unwrap());
    let flights = story.packets().iter().map(|packet| y(packet.done) - y(packet.sent));
    assert!(flights.clone().all(|high| (5.0..12.0).contains(&high)), "{:?}", flights.collect::<Vec<_>>());
}

#[test]
fn fragments_belong_to_one_datagram_and_have_its_colour() {
    let story = fragments().story();
    let (_, picture) = packets(&story);
    let named = |id: u32| {
        let seq = story.packet(PacketId(id)).unwrap().seq;
        picture.marks.iter().find(|mark| mark.seq == seq).unwrap()
    };
    assert_eq!(named(1).name, "Fragment(0, 1471)  A");
    assert_eq!(named(2).name, "Fragment(1480, 2007)  A");
    let hue = |id: u32| match &named(id).shapes[0] {
        Shape::Line { style, .. } => style.hue,
        _ => None,
    };
    assert_eq!((hue(1), hue(2)), (Some(0), Some(0)));
}
