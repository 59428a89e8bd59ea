//! The present trace as one JSON document, written piece by piece.

use crate::http::reply::{self, Body};
use crate::limits;
use crate::recorder::Recorder;
use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use hyper::{Response, header};
use protocol::{Codec, Epoch, Gap, Interest, Seq};
use std::convert::Infallible;

/// The document's version.
const VERSION: u32 = 1;

/// `{"socketscope": 1, "epoch": …, "events": […], "gaps": […]}`, up to the last event there is now.
pub fn response(recorder: &Recorder) -> Response<Body> {
    let pages = Pages {
        recorder: recorder.clone(),
        epoch: recorder.epoch(),
        last: *recorder.changes().borrow(),
        after: Seq(0),
        next: Next::Head,
        gaps: Vec::new(),
        comma: false,
    };
    let body = StreamBody::new(stream::unfold(pages, |mut pages| async move {
        let bytes = pages.next_page()?;
        Some((Ok::<_, Infallible>(Frame::data(Bytes::from(bytes))), pages))
    }));
    let mut response = Response::new(body.boxed_unsync());
    reply::set(&mut response, header::CONTENT_TYPE, "application/json");
    reply::set(&mut response, header::CACHE_CONTROL, "no-store");
    response
}

struct Pages {
    recorder: Recorder,
    epoch: Epoch,
    last: Seq,
    after: Seq,
    next: Next,
    gaps: Vec<Gap>,
    comma: bool,
}

enum Next {
    Head,
    Events,
    End,
}

impl Pages {
    fn next_page(&mut self) -> Option<Vec<u8>> {
        match self.next {
            Next::Head => {
                self.next = Next::Events;
                let mut text = format!("{{\"socketscope\":{VERSION},\"epoch\":").into_bytes();
                text.extend(Codec::Json.encode(&self.epoch));
                text.extend(b",\"events\":[\n");
                Some(text)
            }
            Next::Events => {
                let left = self.last.0.saturating_sub(self.after.0);
                let most = limits::BATCH_EVENTS.min(usize::try_from(left).unwrap_or(limits::BATCH_EVENTS));
                let reading = (most > 0).then(|| self.recorder.read(self.after, &Interest::default(), most));
                match reading.filter(|reading| reading.epoch == self.epoch) {
                    // Cleared while it was written: what came before that is a trace as well.
                    None => Some(self.end()),
                    Some(reading) => {
                        self.gaps.extend(reading.read.gap);
                        match reading.read.batch {
                            None => Some(self.end()),
                            Some(batch) => {
                                self.after = batch.through;
                                let mut text = Vec::new();
                                for event in &batch.events {
                                    if std::mem::replace(&mut self.comma, true) {
                                        text.extend(b",\n");
                                    }
                                    text.extend(Codec::Json.encode(event));
                                }
                                Some(text)
                            }
                        }
                    }
                }
            }
            Next::End => None,
        }
    }

    fn end(&mut self) -> Vec<u8> {
        self.next = Next::End;
        let mut text = b"\n],\"gaps\":".to_vec();
        text.extend(Codec::Json.encode(&self.gaps));
        text.extend(b"}\n");
        text
    }
}
