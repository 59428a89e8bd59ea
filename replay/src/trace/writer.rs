//! Writing a trace, a piece at a time.

use super::{Head, VERSION};
use crate::schema::Schema;
use crate::transcode;
use protocol::{Codec, Event, Gap};
use serde::Serialize;

/// Writes a trace: a head, events, an end. What is ready is in the buffer it is given.
#[derive(Debug)]
pub struct Writer {
    schema: Schema,
    /// Whether an event was written before.
    follows: bool,
}

impl Writer {
    /// Begins a trace.
    #[must_use]
    pub fn begin(head: &Head, out: &mut Vec<u8>) -> Self {
        let writer = Self { schema: Schema::new(), follows: false };
        out.extend(["{\"socketscope\":", &VERSION.to_string(), ",\"about\":"].concat().as_bytes());
        writer.put("Head", head, out);
        out.extend(b",\n\"events\":[");
        writer
    }

    /// Writes an event. Their numbers must grow.
    pub fn event(&mut self, event: &Event, out: &mut Vec<u8>) {
        out.extend(if std::mem::replace(&mut self.follows, true) { &b",\n"[..] } else { b"\n" });
        self.put("Event", event, out);
    }

    /// Ends the trace; the gaps are what is missing between the events.
    pub fn end(self, gaps: &[Gap], out: &mut Vec<u8>) {
        out.extend(b"\n],\n\"gaps\":[");
        for (at, gap) in gaps.iter().enumerate() {
            out.extend((at > 0).then_some(b','));
            self.put("Gap", gap, out);
        }
        out.extend(b"]}\n");
    }

    fn put<T: Serialize>(&self, name: &str, value: &T, out: &mut Vec<u8>) {
        let bytes = Codec::Postcard.encode(value);
        let written = transcode::write(&self.schema, self.schema.named(name), &mut &bytes[..], out);
        debug_assert!(written.is_some(), "the description is not that of {name}");
    }
}
