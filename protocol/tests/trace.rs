//! The trace: whoever is cut off anywhere and resumes sees the same story, or is told what is missing.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is its job")]

use proptest::prelude::*;
use protocol::trace::{Bounds, Trace};
use protocol::*;

fn note(count: u64) -> Event {
    Event {
        seq: Seq(0),
        at: Nanos(count),
        uncertainty: Nanos(0),
        about: About { program: Some(ProgramId((count % 3) as u32)), ..About::default() },
        provenance: Provenance::OBSERVED,
        cause: None,
        kind: if count.is_multiple_of(2) {
            Kind::Note(NoteId::Rebound, vec![Arg::Count(count)])
        } else {
            Kind::State { from: None, to: TcpState::Established }
        },
    }
}

fn trace(events: u64, bound: usize) -> Trace {
    let mut trace = Trace::new(Epoch::default(), Bounds { events: bound, bytes: usize::MAX });
    for count in 1..=events {
        assert_eq!(trace.push(note(count)), Seq(count));
    }
    trace
}

/// Everything a viewer sees from `after` on, reading `most` at a time, and the places it was told are lost.
fn view(trace: &Trace, mut after: Seq, interest: &Interest, most: usize) -> (Vec<u64>, Vec<u64>) {
    let (mut seen, mut lost) = (Vec::new(), Vec::new());
    loop {
        let read = trace.read(after, interest, most);
        if let Some(gap) = read.gap {
            assert_eq!(gap.first, after.next());
            assert_eq!(Some(gap.last), read.batch.as_ref().map(|batch| batch.through), "the batch spans the gap");
            lost.extend(gap.first.0..=gap.last.0);
        }
        let Some(batch) = read.batch else { return (seen, lost) };
        assert_eq!(batch.after, after, "batches join without a hole");
        seen.extend(batch.events.iter().map(|event| event.seq.0));
        after = batch.through;
    }
}

proptest! {
    #[test]
    fn cut_anywhere_and_resumed_it_is_the_same_story(events in 0..200_u64, bound in 1..300_usize, cut in 0..200_u64, most in 1..50_usize) {
        let trace = trace(events, bound);
        let everything = Interest::default();
        let (seen, lost) = view(&trace, Seq(cut.min(events)), &everything, most);
        let mut all: Vec<u64> = lost.into_iter().chain(seen).collect();
        all.sort_unstable();
        prop_assert_eq!(all, (cut.min(events) + 1..=events).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_filtered_is_not_lost(events in 0..200_u64, most in 1..50_usize) {
        let trace = trace(events, 1000);
        let states = Interest { kinds: KindSet::STATES, ..Interest::default() };
        let (seen, lost) = view(&trace, Seq(0), &states, most);
        prop_assert_eq!(seen, (1..=events).filter(|count| count % 2 == 1).collect::<Vec<_>>());
        prop_assert!(lost.is_empty());
    }
}

#[test]
fn bytes_are_bounded_too() {
    let mut trace = Trace::new(Epoch::default(), Bounds { events: 1000, bytes: 10 });
    for _ in 0..5 {
        let packet = Packet {
            id: PacketId(1),
            tap: Tap::Wire,
            stage: Stage::Sent,
            copy_of: None,
            data: Bytes(vec![0; 4]),
            true_len: 4,
        };
        trace.push(Event { kind: Kind::Packet(packet), ..note(0) });
    }
    assert_eq!(trace.events().count(), 2);
    let read = trace.read(Seq(0), &Interest::default(), 10);
    assert_eq!(read.gap, Some(Gap { first: Seq(1), last: Seq(3), reason: GapReason::TooOld }));
}

#[test]
fn a_viewer_from_the_future_waits() {
    let read = trace(3, 10).read(Seq(9), &Interest::default(), 10);
    assert_eq!((read.gap, read.batch), (None, None));
}

#[test]
fn payload_beyond_the_interest_is_cut_and_lengths_still_tell_it() {
    let call = Call {
        id: CallId(1),
        phase: Phase::Returned,
        op: Op::Recv { max: 1024 },
        outcome: Some(Outcome::Bytes(5)),
        span: Some(Span::Stream { direction: Direction::In, start: 0, len: 5 }),
        data: "hello".into(),
        line: None,
        tries: 1,
    };
    let event = Event { kind: Kind::Call(call), ..note(1) };
    let cut = Interest { data: 2, ..Interest::default() }.cut(&event);
    let Kind::Call(call) = cut.kind else { panic!("still a call") };
    assert_eq!((&*call.data, call.outcome), (&b"he"[..], Some(Outcome::Bytes(5))));
}

fn tells(about: About, kind: Kind) -> Event {
    Event { about, kind, ..note(0) }
}

fn socket(number: u32, fd: i32) -> Event {
    let about = About { socket: Some(SocketId(number)), ..About::default() };
    let (cookie, parent, local, peer) = (None, None, None, None);
    tells(about, Kind::Socket { transport: Transport::Tcp, fd: Some(fd), cookie, parent, local, peer })
}

fn flow(number: u32, a: u32, b: u32) -> Event {
    let end = |socket| End { socket: Some(SocketId(socket)), address: Address::Unix(None) };
    let about = About { flow: Some(FlowId(number)), ..About::default() };
    tells(about, Kind::Flow { transport: Transport::Tcp, a: end(a), b: end(b), incarnation: 0 })
}

fn closed(socket: u32, flow: Option<u32>) -> Event {
    tells(About { socket: Some(SocketId(socket)), flow: flow.map(FlowId), ..About::default() }, Kind::Closed)
}

#[test]
fn who_comes_late_is_introduced_to_those_who_live() {
    let mut trace = Trace::new(Epoch::default(), Bounds { events: 3, bytes: usize::MAX });
    let story = [
        socket(1, 3),
        socket(2, 4),
        socket(3, 5),
        flow(1, 2, 3),
        socket(1, 6),
        closed(2, Some(1)),
        socket(4, 7),
        flow(2, 4, 9),
        closed(4, Some(2)),
        note(0),
        note(0),
        note(0),
    ];
    for event in story {
        trace.push(event);
    }
    let seqs = |read: &trace::Read| -> Vec<u64> {
        read.batch.iter().flat_map(|batch| &batch.events).map(|event| event.seq.0).collect()
    };
    // Socket 1 as it was told last, 3, and their flow; 2 and 4 are closed, and so is the flow of 4.
    let read = trace.read(Seq(0), &Interest::default(), 100);
    assert_eq!(read.gap, Some(Gap { first: Seq(1), last: Seq(9), reason: GapReason::TooOld }));
    assert_eq!(seqs(&read), [3, 4, 5]);
    // Whoever has seen some of them is not told again.
    assert_eq!(seqs(&trace.read(Seq(3), &Interest::default(), 100)), [4, 5]);
    // In portions the gap comes in portions as well.
    let (seen, lost) = view(&trace, Seq(0), &Interest::default(), 1);
    assert_eq!(seen, [3, 4, 5, 10, 11, 12]);
    assert_eq!(lost, (1..=9).collect::<Vec<_>>());
    // And nothing that is not wanted.
    let notes = Interest { kinds: KindSet::NOTES, ..Interest::default() };
    assert_eq!(view(&trace, Seq(0), &notes, 100).0, [10, 11, 12]);
}

#[test]
fn a_part_that_is_skipped_still_introduces_its_people() {
    let mut trace = Trace::new(Epoch::default(), Bounds::default());
    for event in [note(0), socket(1, 3), note(0), closed(1, None), note(0), note(0)] {
        trace.push(event);
    }
    let skip = |to, most| trace.skip(Seq(1), Seq(to), &Interest::default(), most, GapReason::Budget);
    let read = skip(5, 100);
    assert_eq!(read.gap, Some(Gap { first: Seq(2), last: Seq(5), reason: GapReason::Budget }));
    let batch = read.batch.unwrap();
    assert_eq!((batch.after, batch.through), (Seq(1), Seq(5)));
    assert_eq!(batch.events.iter().map(|event| event.seq.0).collect::<Vec<_>>(), [2, 4]);
    // With too many of them it stops after the last that fits.
    assert_eq!(skip(5, 1).gap, Some(Gap { first: Seq(2), last: Seq(2), reason: GapReason::Budget }));
    // There is no further than the end, and nothing behind it.
    assert_eq!(skip(99, 100).gap.map(|gap| gap.last), Some(Seq(6)));
    assert_eq!(trace.skip(Seq(6), Seq(99), &Interest::default(), 9, GapReason::Budget).batch, None);
}
