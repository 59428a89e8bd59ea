//! A relay over a stream: two directions that know nothing of each other, so that neither can block the other.

use super::scratch;
use super::witness::Witness;
use crate::limits::RELAY_CHUNK;
use crate::session::Ending;
use bytes::Bytes;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use protocol::{Direction, Farewell, Op};
use std::future::{pending, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};

/// Carries bytes both ways until both directions have ended or one end is gone.
pub async fn run<I, O, R, W>(incoming: &mut I, outgoing: &mut O, reader: R, writer: W, witness: &Witness) -> Ending
where
    I: Stream<Item = Result<Message, Error>> + Unpin,
    O: Sink<Message, Error = Error> + Unpin,
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let one_ended = AtomicBool::new(false);
    tokio::select! {
        biased;
        ending = up(incoming, writer, &one_ended, witness) => ending,
        ending = down(outgoing, reader, &one_ended, witness) => ending,
    }
}

/// Says that one direction has ended; whether it was the second.
fn ends_both(one_ended: &AtomicBool) -> bool {
    one_ended.swap(true, Ordering::Relaxed)
}

/// From the WebSocket to the socket. A socket that takes nothing stops the reading, and so the sender.
async fn up<I, W>(incoming: &mut I, mut writer: W, one_ended: &AtomicBool, witness: &Witness) -> Ending
where
    I: Stream<Item = Result<Message, Error>> + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut ended = false;
    loop {
        let data = match incoming.next().await {
            None => return Ending::Theirs,
            Some(Err(error)) => return Ending::of(&error),
            Some(Ok(frame)) => match payload(frame) {
                Payload::Data(data) => data,
                Payload::Control => continue,
                Payload::Close => return Ending::Theirs,
            },
        };
        if ended {
            let why = "an empty message had ended this direction".to_owned();
            return Ending::Close(CloseCode::Policy, why);
        }
        let result = if data.is_empty() {
            let call = witness.begins(|| Op::Shutdown { how: Direction::Out }, &[]);
            let result = writer.shutdown().await;
            witness.done(call, &result);
            result
        } else {
            let call = witness.begins(|| Op::Send { len: data.len() as u64 }, &data);
            let result = writer.write_all(&data).await;
            witness.sent(call, data.len(), &result);
            result
        };
        if let Err(error) = result {
            return broken(&error);
        }
        if data.is_empty() {
            ended = true;
            if ends_both(one_ended) {
                return done();
            }
            // Still listening: for pings, and for a client that leaves without waiting for the rest.
        }
    }
}

/// From the socket to the WebSocket. A page that reads nothing stops the reading, and so the echo.
async fn down<O, R>(outgoing: &mut O, mut reader: R, one_ended: &AtomicBool, witness: &Witness) -> Ending
where
    O: Sink<Message, Error = Error> + Unpin,
    R: AsyncRead + Unpin,
{
    loop {
        let call = witness.begins(|| Op::Recv { max: RELAY_CHUNK as u32 }, &[]);
        let result = read(&mut reader).await;
        witness.received(call, RELAY_CHUNK as u32, result.as_deref());
        let chunk = match result {
            Ok(chunk) => chunk,
            Err(error) => return broken(&error),
        };
        let end = chunk.is_empty();
        if let Err(error) = outgoing.send(Message::Binary(chunk)).await {
            return Ending::of(&error);
        }
        if end {
            return if ends_both(one_ended) { done() } else { pending().await };
        }
    }
}

/// What has come, as soon as something has; empty at the end.
async fn read<R: AsyncRead + Unpin>(reader: &mut R) -> io::Result<Bytes> {
    poll_fn(|cx| {
        scratch::with(|scratch| {
            let mut buffer = ReadBuf::new(scratch);
            ready!(Pin::new(&mut *reader).poll_read(cx, &mut buffer))?;
            Poll::Ready(Ok(Bytes::copy_from_slice(buffer.filled())))
        })
    })
    .await
}

/// What a frame means to a relay.
pub enum Payload {
    /// Bytes.
    Data(Bytes),
    /// Ping or pong: answered below us.
    Control,
    /// The other side closes.
    Close,
}

/// Looks into a frame.
pub fn payload(frame: Message) -> Payload {
    match frame {
        Message::Binary(data) => Payload::Data(data),
        Message::Text(text) => Payload::Data(text.into()),
        Message::Close(_) => Payload::Close,
        Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => Payload::Control,
    }
}

/// The socket behind the relay broke.
pub fn broken(error: &io::Error) -> Ending {
    Ending::Close(CloseCode::Error, format!("the relayed socket failed: {error}"))
}

fn done() -> Ending {
    Ending::Close(CloseCode::Normal, String::new())
}

/// The bridge leaves.
pub fn leaving() -> Ending {
    Ending::Close(CloseCode::Away, Farewell::Stopped.to_string())
}
