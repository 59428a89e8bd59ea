//! What is said about small stories.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::*;
use crate::model::story::tell::{SERVER, three_in_one};

#[test]
fn a_recv_says_how_many_sends_it_holds_and_what_the_bytes_become() {
    let story = three_in_one().story();
    let recv = story.calls().iter().find(|call| call.receives() && call.program == SERVER).unwrap();
    let about = about(&story, recv.seq, story.latest()).unwrap();
    let Fact::Received { bytes: 11, most: 1024, sends: 3, ref letters, cut: 0, transport: Transport::Tcp, .. } =
        about.sentence.unwrap().fact
    else {
        panic!("it received");
    };
    assert_eq!(letters, "A B C");
    assert_eq!(
        (about.bytes, about.other, about.other_first),
        (b"onetwothree".to_vec(), b"ONETWOTHREE".to_vec(), false)
    );
}

#[test]
fn a_report_of_full_buffers_says_what_is_in_them() {
    let story = three_in_one().story();
    let reported = |story: &Story| {
        let is_report = |place: &u32| matches!(story.event_at(*place).kind, Kind::Gauge(_));
        story.in_order().iter().copied().find(is_report).map(|place| story.seq(place))
    };
    let about = about(&story, reported(&story).unwrap(), story.latest()).unwrap();
    let Fact::Holds { unread: 11, unacknowledged: 0, .. } = about.sentence.unwrap().fact else {
        panic!("eleven bytes were not read");
    };
}

#[test]
fn kernel_values_are_those_of_the_moment() {
    let story = three_in_one().story();
    let conn = SocketId(3);
    let at = |at| values(&story, conn, at).iter().map(|known| (known.key, known.value)).collect::<Vec<_>>();
    assert_eq!(at(Some(Nanos::from_micros(9_100))), []);
    assert_eq!(at(Some(Nanos::from_micros(9_300))), [(GaugeKey::RecvQueue, 11)]);
    assert_eq!(at(None), [(GaugeKey::RecvQueue, 11)]);
}

#[test]
fn a_value_that_changed_has_a_small_picture() {
    let mut tell = three_in_one();
    let conn = SocketId(3);
    assert_eq!(corners(&values(&tell.story(), conn, None)[0], Nanos::from_millis(20), 60, 12), []);
    tell.gauge(20_100, conn, &[(GaugeKey::RecvQueue, 0)]);
    let known = values(&tell.story(), conn, None).remove(0);
    assert_eq!(corners(&known, Nanos::from_micros(31_000), 60, 12), [(0, 0), (30, 0), (30, 12), (60, 12)]);
}

#[test]
fn of_many_changes_the_whole_way_is_kept() {
    let mut tell = three_in_one();
    (0..1_000).for_each(|n| tell.gauge(30_000 + n, SocketId(3), &[(GaugeKey::Cwnd, n)]));
    let known = values(&tell.story(), SocketId(3), None);
    let cwnd = known.iter().find(|known| known.key == GaugeKey::Cwnd).unwrap();
    assert!(cwnd.before.len() <= 96 && cwnd.before[0].1 == 0 && cwnd.value == 999, "{cwnd:?}");
}
