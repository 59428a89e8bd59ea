//! A relay over a datagram socket: a message is a datagram, also an empty one.

use super::scratch;
use super::stream::{Payload, broken, payload};
use super::witness::Witness;
use crate::limits::RELAY_CHUNK;
use crate::session::Ending;
use bytes::Bytes;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use protocol::Op;
use std::future::poll_fn;
use std::io;
use std::task::{Poll, ready};
use tokio::io::ReadBuf;
use tokio::net::UdpSocket;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};

/// The most that fits into a UDP datagram over IPv4: 65,535 less the headers of IP and UDP.
const MOST: usize = 65_507;

/// Carries datagrams both ways until the WebSocket ends.
pub async fn run<I, O>(incoming: &mut I, outgoing: &mut O, socket: &UdpSocket, witness: &Witness) -> Ending
where
    I: Stream<Item = Result<Message, Error>> + Unpin,
    O: Sink<Message, Error = Error> + Unpin,
{
    tokio::select! {
        ending = up(incoming, socket, witness) => ending,
        ending = down(outgoing, socket, witness) => ending,
    }
}

async fn up<I>(incoming: &mut I, socket: &UdpSocket, witness: &Witness) -> Ending
where
    I: Stream<Item = Result<Message, Error>> + Unpin,
{
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
        if data.len() > MOST {
            let why = format!("a UDP datagram holds at most {MOST} bytes, and this message has {}", data.len());
            return Ending::Close(CloseCode::Size, why);
        }
        let call = witness.begins(|| Op::Send { len: data.len() as u64 }, &data);
        let result = socket.send(&data).await.map(drop);
        witness.sent(call, data.len(), &result);
        if let Err(error) = result {
            return broken(&error);
        }
    }
}

async fn down<O>(outgoing: &mut O, socket: &UdpSocket, witness: &Witness) -> Ending
where
    O: Sink<Message, Error = Error> + Unpin,
{
    loop {
        // While the page reads nothing the kernel's queue fills, and what comes then is lost, as UDP loses it.
        let call = witness.begins(|| Op::Recv { max: RELAY_CHUNK as u32 }, &[]);
        let result = receive(socket).await;
        witness.received(call, RELAY_CHUNK as u32, result.as_deref());
        match result {
            Ok(datagram) => {
                if let Err(error) = outgoing.send(Message::Binary(datagram)).await {
                    return Ending::of(&error);
                }
            }
            Err(error) => return broken(&error),
        }
    }
}

async fn receive(socket: &UdpSocket) -> io::Result<Bytes> {
    poll_fn(|cx| {
        scratch::with(|scratch| {
            let mut buffer = ReadBuf::new(scratch);
            ready!(socket.poll_recv(cx, &mut buffer))?;
            Poll::Ready(Ok(Bytes::copy_from_slice(buffer.filled())))
        })
    })
    .await
}
