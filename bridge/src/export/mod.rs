//! The trace as a file for other programs.

mod packets;
mod pcapng;

pub use packets::Where;

use crate::http::reply::{self, Body};
use crate::limits;
use crate::recorder::Recorder;
use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use hyper::{Response, StatusCode, header};
use packets::{Fates, Writer};
use protocol::{Epoch, Event, Interest, KindSet, Seq, WorldKind};
use std::convert::Infallible;
use std::time::SystemTime;

/// `/trace.pcapng?tap=…`: the packets that one place saw, up to the last event there is now.
///
/// Without `tap` it is the place that the world has: the wire, or the loopback interface.
pub fn response(recorder: &Recorder, world: WorldKind, query: Option<&str>) -> Response<Body> {
    let wanted = query.unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("tap="));
    let place = match wanted {
        None if world == WorldKind::ThisComputer => Some(Where::Loopback),
        None => Some(Where::Wire),
        Some(name) => Where::ALL.into_iter().find(|place| place.name() == name),
    };
    let Some(place) = place else {
        let names: Vec<_> = Where::ALL.iter().map(|place| place.name()).collect();
        return reply::words(StatusCode::BAD_REQUEST, format_args!("tap is one of {}", names.join(", ")));
    };
    let pages = Pages {
        recorder: recorder.clone(),
        epoch: recorder.epoch(),
        last: *recorder.changes().borrow(),
        after: Seq(0),
        next: Next::Fates(Fates::default()),
        place,
    };
    let body = StreamBody::new(stream::unfold(pages, |mut pages| async move {
        loop {
            let bytes = pages.next_page()?;
            if !bytes.is_empty() {
                return Some((Ok::<_, Infallible>(Frame::data(Bytes::from(bytes))), pages));
            }
            // A long trace without packets is read in many pieces: others have their turn between.
            tokio::task::yield_now().await;
        }
    }));
    let mut response = Response::new(body.boxed_unsync());
    reply::set(&mut response, header::CONTENT_TYPE, "application/x-pcapng");
    reply::set(&mut response, header::CACHE_CONTROL, "no-store");
    let name = format!("attachment; filename=\"socketscope-{}.pcapng\"", place.name());
    reply::set(&mut response, header::CONTENT_DISPOSITION, &name);
    response
}

/// Reads the trace twice, a piece at a time: what became of a packet stands behind it.
struct Pages {
    recorder: Recorder,
    epoch: Epoch,
    last: Seq,
    after: Seq,
    next: Next,
    place: Where,
}

enum Next {
    Fates(Fates),
    Packets(Box<Writer>),
    End,
}

impl Pages {
    /// The next piece of the file, which may be empty; `None` after the last.
    fn next_page(&mut self) -> Option<Vec<u8>> {
        match std::mem::replace(&mut self.next, Next::End) {
            Next::Fates(mut fates) => {
                let packets = Interest { kinds: KindSet::PACKETS, data: 0, ..Interest::default() };
                if let Some(events) = self.read(&packets) {
                    events.iter().for_each(|event| fates.take(event));
                    self.next = Next::Fates(fates);
                    return Some(Vec::new());
                }
                self.after = Seq(0);
                let writer = Writer::new(self.place, fates, self.zero());
                let head = writer.head();
                self.next = Next::Packets(Box::new(writer));
                Some(head)
            }
            Next::Packets(mut writer) => {
                let kinds = KindSet::PACKETS.and(KindSet::STRUCTURE).and(KindSet::NOTES);
                let Some(events) = self.read(&Interest { kinds, ..Interest::default() }) else {
                    return Some(writer.end());
                };
                events.iter().for_each(|event| writer.take(event));
                let bytes = writer.ready();
                self.next = Next::Packets(writer);
                Some(bytes)
            }
            Next::End => None,
        }
    }

    /// The next events; `None` behind the last, or when the story began anew: what came before is a trace as well.
    fn read(&mut self, interest: &Interest) -> Option<Vec<Event>> {
        let left = usize::try_from(self.last.0.saturating_sub(self.after.0)).unwrap_or(usize::MAX);
        let most = limits::BATCH_EVENTS.min(left);
        if most == 0 {
            return None;
        }
        let reading = self.recorder.read(self.after, interest, most);
        let batch = reading.read.batch.filter(|_| reading.epoch == self.epoch)?;
        self.after = batch.through;
        Some(batch.events)
    }

    /// When the epoch began, nanoseconds since 1970.
    fn zero(&self) -> u64 {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        u64::try_from(now.as_nanos()).unwrap_or(u64::MAX).saturating_sub(self.recorder.now().0)
    }
}
