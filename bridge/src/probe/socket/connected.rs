//! Speaking with one peer: `send` and `recv`.

use super::{Socket, copy, saturated, whole_datagram};
use crate::probe::{OutcomeOf, cancelled};
use crate::sockets::gate::is_closed;
use protocol::{Address, Cause, DatagramId, Direction, Op, Outcome, Span};
use std::io;
use std::sync::atomic::Ordering;

impl Socket {
    /// `send`, of all bytes, however many system calls that takes. Returns how many were sent, which is fewer only
    /// with an error.
    ///
    /// # Errors
    /// The system's own, such as `EPIPE`; [`Cancelled`](crate::probe::Cancelled) when the socket is closed under it.
    pub async fn send(&self, data: &[u8], cause: Option<Cause>) -> io::Result<()> {
        let io = self.io().await?;
        self.late_flow();
        let story = &self.program.story;
        let (span, datagram) = self.outgoing(data);
        let len = data.len() as u64;
        let call = story.enter(self.about(), Op::Send { len }, Some(span), data, cause);
        let (mut tries, mut sent) = (0, 0);
        let all = async {
            loop {
                sent += io.send(&data[sent..], &mut tries).await?;
                if sent >= data.len() {
                    return Ok(());
                }
            }
        };
        let result = tokio::select! {
            biased;
            () = self.hung_up.cancelled() => Err(cancelled()),
            result = story.watch(&call, all) => result,
        };
        self.sent.fetch_add(sent as u64, Ordering::Relaxed);
        let span = match span {
            Span::Stream { direction, start, .. } => Span::Stream { direction, start, len: sent as u64 },
            datagram => datagram,
        };
        if let (Err(_), Some((from, to, id))) = (&result, datagram) {
            story.table.datagram_failed(&from, &to, id);
        }
        story.leave(call, Outcome::of(&result, Outcome::Bytes(sent as u64)), Some(span), &[], tries);
        result
    }

    fn outgoing(&self, data: &[u8]) -> (Span, Option<(Address, Address, DatagramId)>) {
        if self.transport.is_stream() {
            let start = self.sent.load(Ordering::Relaxed);
            return (Span::Stream { direction: Direction::Out, start, len: data.len() as u64 }, None);
        }
        let ends = self.ends();
        let key = ends.local.zip(ends.peer).map(|(local, peer)| {
            let local = self.program.story.as_seen_by(&local, &peer);
            let id = self.program.story.table.datagram_sent(&local, &peer, data);
            (local, peer, id)
        });
        let id = key.as_ref().map(|(_, _, id)| *id);
        (whole_datagram(id, data.len()), key)
    }

    /// `recv(max)`: empty at the end of the stream. `max` is asked for when the program may read.
    ///
    /// # Errors
    /// The system's own, such as `ECONNRESET`; [`Cancelled`](crate::probe::Cancelled) when the socket is closed under it.
    pub async fn recv(&self, mut max: impl FnMut() -> u32, cause: Option<Cause>) -> io::Result<Vec<u8>> {
        let story = &self.program.story;
        loop {
            self.unless_hung_up(self.program.reading.opened()).await?;
            let io = self.io().await?;
            self.late_flow();
            let max = max();
            let mut buffer = vec![0; max as usize];
            let mut tries = 0;
            let call = story.enter(self.about(), Op::Recv { max }, None, &[], cause);
            let received = tokio::select! {
                biased;
                () = self.hung_up.cancelled() => Some(Err(cancelled())),
                () = self.program.reading.closed() => None,
                received = story.watch(&call, io.recv(&mut buffer, &self.program.reading, &mut tries)) => Some(received),
            };
            match received.filter(|result| !result.as_ref().is_err_and(is_closed)) {
                Some(Ok(len)) => {
                    buffer.truncate(len);
                    let span = self.incoming(&buffer);
                    story.leave(call, Outcome::Bytes(len as u64), Some(span), &buffer, tries);
                    return Ok(buffer);
                }
                Some(Err(error)) => {
                    story.leave(call, Outcome::of(&Err::<(), _>(copy(&error)), Outcome::Done), None, &[], tries);
                    return Err(error);
                }
                None => story.leave(call, Outcome::Cancelled, None, &[], tries),
            }
        }
    }

    /// `recv(max)` without a record: for the program that never checks for the end, whose calls are counted.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    pub async fn recv_uncounted(&self, max: u32) -> io::Result<Vec<u8>> {
        loop {
            self.unless_hung_up(self.program.reading.opened()).await?;
            let io = self.io().await?;
            let mut buffer = vec![0; max as usize];
            match self.unless_hung_up(io.recv(&mut buffer, &self.program.reading, &mut 0)).await? {
                Err(error) if is_closed(&error) => {}
                result => {
                    buffer.truncate(result?);
                    return Ok(buffer);
                }
            }
        }
    }

    fn incoming(&self, data: &[u8]) -> Span {
        let len = data.len();
        if self.transport.is_stream() {
            let start = self.received.fetch_add(len as u64, Ordering::Relaxed);
            return Span::Stream { direction: Direction::In, start, len: len as u64 };
        }
        let ends = self.ends();
        let id = ends.local.zip(ends.peer).and_then(|(local, peer)| {
            let local = self.program.story.as_seen_by(&local, &peer);
            self.program.story.table.datagram_received(&peer, &local, data, None)
        });
        Span::Datagram { id, len: saturated(len), true_len: None }
    }
}
