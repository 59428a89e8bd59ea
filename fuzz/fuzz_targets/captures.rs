//! The reader of captures reads anything without panicking, says where something is wrong, and what came before that is
//! told: events with growing numbers in the order of time.
//!
//! `cargo +nightly fuzz run captures`
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::Kind;
use replay::capture::{Survey, Telling};

fuzz_target!(|file: &[u8]| {
    let Ok(mut survey) = Survey::open(file) else { return };
    loop {
        match survey.look(file, 16) {
            Ok(true) => {}
            Ok(false) => break,
            Err(fault) => {
                assert!(fault.at <= file.len(), "{fault}");
                break;
            }
        }
    }
    let chosen: Vec<usize> = (0..survey.conversations().len().min(replay::capture::MOST_CHOSEN)).collect();
    let wanted: u64 = chosen.iter().map(|at| survey.conversations()[*at].packets).sum();
    let mut telling = Telling::begin(file, &survey, &chosen).expect("they are not too many");
    while telling.gather(file, 16) {}
    let mut events = Vec::new();
    while telling.tell(file, 16, &mut events) {}
    for pair in events.windows(2) {
        assert!(pair[0].seq < pair[1].seq && pair[0].at <= pair[1].at, "{pair:?}");
    }
    let packets = events.iter().filter(|event| matches!(event.kind, Kind::Packet(_))).count();
    assert_eq!(packets as u64, wanted);
});
