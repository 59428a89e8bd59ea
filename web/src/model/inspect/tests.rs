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
fn kernel_values_are_those_of_the_moment() {
    let story = three_in_one().story();
    let conn = SocketId(3);
    assert_eq!(values(&story, conn, Some(Nanos::from_micros(9_100))), []);
    assert_eq!(values(&story, conn, Some(Nanos::from_micros(9_300))), [(GaugeKey::RecvQueue, 11)]);
    assert_eq!(values(&story, conn, None), [(GaugeKey::RecvQueue, 11)]);
}
