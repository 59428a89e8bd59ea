//! Whatever a file tells, it can be drawn: readers let through only what is well formed, and that may still make no sense.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::filter::Filter;
use super::ladder::{Ladder, Window};
use super::story::tell::{Teller, three_in_one};
use super::story::tell_packets::{fragments, loopback_hello, lost_segment};
use super::{Say, Story, inspect, table, tracker};
use proptest::prelude::*;
use replay::trace::{Head, Reader, Writer};

fn traces() -> Vec<String> {
    let write = |tell: &Teller| {
        let mut text = Vec::new();
        let mut writer = Writer::begin(&Head::default(), &mut text);
        tell.events.iter().for_each(|event| writer.event(event, &mut text));
        writer.end(&[], &mut text);
        String::from_utf8(text).unwrap()
    };
    [three_in_one(), lost_segment(20, false), lost_segment(8, true), loopback_hello(), fragments()]
        .iter()
        .map(write)
        .collect()
}

fn read(text: &str) -> Option<Story> {
    let mut reader = Reader::open(text.as_bytes().to_vec()).ok()?;
    let mut story = Story::new();
    while let Ok(Some(event)) = reader.next_event() {
        story.push(&event);
    }
    Some(story)
}

/// Asks for everything that the page shows.
fn look(story: &Story) {
    let now = story.latest();
    let say = |what: &Say| format!("{what:?}");
    for followed in [None].into_iter().chain(story.programs().iter().map(|program| Some(program.id))) {
        for width in [390.0, 850.0] {
            let mut ladder = Ladder::default();
            ladder.fit(width);
            ladder.update(story, followed);
            // A story that makes no sense may be as high as a mountain: its ends are looked at.
            let bottom = ladder.height(now);
            for top in [0.0, (bottom - 2_000.0).max(0.0)] {
                let window = Window { top, bottom: bottom.min(top + 2_000.0), width, floor: 0.0, now, say: &say };
                drop(ladder.picture(story, &window));
            }
            drop(super::ladder::strips::strips(story, ladder.cast()));
        }
        if let Some(program) = followed {
            for all in [false, true] {
                tracker::tracker(story, program, all).map(|one| tracker::draw(&one, 800.0, &say));
            }
            drop(story.transcript(program));
            drop(story.client_state(program));
        }
    }
    let (rows, ..) = table::rows(story, Filter::default(), None, 400, now);
    for row in rows {
        drop(inspect::about(story, row.seq, now));
        drop(super::why::chain(story, row.seq, now));
    }
    for call in story.calls().iter().filter(|call| matches!(call.outcome, Some(protocol::Outcome::Failed(_)))) {
        let step = super::why::failure(story, call, now);
        assert_eq!(step, super::why::chain(story, call.seq, now).first().copied(), "{call:?}");
    }
    for at in 0..story.packets().len() {
        drop(inspect::figure::figures(story, &story.packets()[at]));
    }
    drop(crate::held::held(story));
}

/// The places of all numbers in a text.
fn numbers(text: &str) -> Vec<std::ops::Range<usize>> {
    let bytes = text.as_bytes();
    let mut all = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let len = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        // Not the digits inside of bytes and addresses.
        let outside = at > 0
            && matches!(bytes[at - 1], b':' | b',' | b'[')
            && matches!(bytes.get(at + len), Some(b',' | b'}' | b']'));
        if len > 0 && outside {
            all.push(at..at + len);
        }
        at += len.max(1);
    }
    all
}

#[test]
fn stories_are_drawn_from_their_files_as_they_were_told() {
    for (text, tell) in traces().iter().zip([three_in_one(), lost_segment(20, false), lost_segment(8, true)]) {
        let (read, told) = (read(text).unwrap(), tell.story());
        assert_eq!(read.len(), told.len());
        let draw = |story: &Story| {
            let mut ladder = Ladder::default();
            ladder.update(story, None);
            let (now, say) = (story.latest(), |what: &Say| format!("{what:?}"));
            let window = Window { top: 0.0, bottom: ladder.height(now), width: 850.0, floor: 0.0, now, say: &say };
            format!("{:?}", ladder.picture(story, &window))
        };
        assert_eq!(draw(&read), draw(&told));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_a_file_tells_can_be_drawn(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..8_usize), 1..6),
        lines in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
    ) {
        const STRANGE: [&str; 8] = ["0", "1", "2", "3", "4294967295", "9007199254740991", "1152921504606846976", "65535"];
        let mut text = which.get(&traces()).clone();
        for (at, number) in changes {
            let places = numbers(&text);
            text.replace_range(at.get(&places).clone(), STRANGE[number]);
        }
        for at in lines {
            // An event that never happened.
            let mut all: Vec<&str> = text.lines().collect();
            let at = 2 + at.index(all.len() - 5);
            all.remove(at);
            text = all.join("\n");
        }
        if let Some(story) = read(&text) {
            look(&story);
        }
    }
}
