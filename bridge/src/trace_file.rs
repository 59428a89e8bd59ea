//! The present trace as a `.socketscope` file, written piece by piece: what a page saves, and opens again.

use crate::http::reply::{self, Body};
use crate::limits;
use crate::recorder::Recorder;
use crate::session::welcome::system;
use crate::world::World;
use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use hyper::{Response, header};
use protocol::{Epoch, Gap, Interest, Seq};
use replay::trace::{Head, Writer};
use std::convert::Infallible;

/// The trace up to the last event there is now.
pub fn response(recorder: &Recorder, world: &dyn World) -> Response<Body> {
    let head = Head {
        epoch: recorder.epoch(),
        world: Some(world.kind()),
        by: Some(concat!("Socketscope ", env!("CARGO_PKG_VERSION")).to_owned()),
        system: Some(system()),
        now: Some(recorder.now()),
        servers: Some(world.servers()),
        settings: Some(world.settings()),
    };
    let pages = Pages {
        recorder: recorder.clone(),
        epoch: head.epoch,
        last: *recorder.changes().borrow(),
        after: Seq(0),
        next: Next::Head(Box::new(head)),
        gaps: Vec::new(),
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
}

enum Next {
    Head(Box<Head>),
    Events(Writer),
    End,
}

impl Pages {
    fn next_page(&mut self) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        match std::mem::replace(&mut self.next, Next::End) {
            Next::Head(head) => self.next = Next::Events(Writer::begin(&head, &mut text)),
            Next::Events(mut writer) => {
                let left = self.last.0.saturating_sub(self.after.0);
                let most = limits::BATCH_EVENTS.min(usize::try_from(left).unwrap_or(limits::BATCH_EVENTS));
                let reading = (most > 0).then(|| self.recorder.read(self.after, &Interest::default(), most));
                // Cleared while it was written: what came before that is a trace as well.
                let reading = reading.filter(|reading| reading.epoch == self.epoch).map(|reading| reading.read);
                self.gaps.extend(reading.as_ref().and_then(|read| read.gap));
                match reading.and_then(|read| read.batch) {
                    Some(batch) => {
                        self.after = batch.through;
                        batch.events.iter().for_each(|event| writer.event(event, &mut text));
                        self.next = Next::Events(writer);
                    }
                    None => writer.end(&self.gaps, &mut text),
                }
            }
            Next::End => return None,
        }
        Some(text)
    }
}
