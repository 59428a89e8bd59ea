//! The reader of traces reads anything without panicking, says where something is wrong, and what it understood is
//! written and read again as the same.
//!
//! `cargo +nightly fuzz run traces`
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::{Event, Gap};
use replay::Fault;
use replay::trace::{Head, Reader, Writer};

type Story = (Head, Vec<Event>, Vec<Gap>);

fuzz_target!(|text: &[u8]| {
    let story = match read(text) {
        Ok(story) => story,
        Err(fault) => {
            assert!(fault.at <= text.len() && fault.line > 0, "{fault}");
            return;
        }
    };
    let mut again = Vec::new();
    let mut writer = Writer::begin(&story.0, &mut again);
    story.1.iter().for_each(|event| writer.event(event, &mut again));
    writer.end(&story.2, &mut again);
    assert_eq!(read(&again).expect("what was written can be read"), story);
});

fn read(text: &[u8]) -> Result<Story, Fault> {
    let mut reader = Reader::open(text.to_vec())?;
    let mut events = Vec::new();
    while let Some(event) = reader.next_event()? {
        events.push(event);
    }
    Ok((reader.head().clone(), events, reader.gaps().to_vec()))
}
