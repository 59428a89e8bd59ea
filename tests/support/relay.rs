//! A connection through `/relay/…`.

use crate::session::{Socket, connect};
use crate::soon;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Bytes, Message};

/// A relayed connection.
pub struct Relay(pub Socket);

impl Relay {
    /// Opens `/relay/{transport}`.
    ///
    /// # Panics
    /// When it does not open.
    pub async fn open(address: &str, transport: &str) -> Self {
        Self(connect(address, &format!("/relay/{transport}"), "").await.expect("the relay opens"))
    }

    /// Sends a message; an empty one ends a stream.
    ///
    /// # Panics
    /// When the relay is closed.
    pub async fn send(&mut self, data: impl Into<Bytes>) {
        self.0.send(Message::Binary(data.into())).await.expect("the relay is open");
    }

    /// The next message.
    ///
    /// # Panics
    /// When the relay ends instead.
    pub async fn recv(&mut self) -> Bytes {
        loop {
            match soon("a message from the relay", self.0.next()).await.expect("it is open").expect("it is well") {
                Message::Binary(bytes) => return bytes,
                Message::Close(frame) => panic!("closed: {frame:?}"),
                _ => {}
            }
        }
    }

    /// Messages until so many bytes came together.
    pub async fn recv_all(&mut self, len: usize) -> Vec<u8> {
        let mut all = Vec::with_capacity(len);
        while all.len() < len {
            let bytes = self.recv().await;
            assert!(!bytes.is_empty(), "the stream ended after {} of {len} bytes", all.len());
            all.extend_from_slice(&bytes);
        }
        all
    }

    /// The code with which it closes.
    ///
    /// # Panics
    /// When something else comes.
    pub async fn closed(&mut self) -> CloseCode {
        loop {
            match soon("the relay's close", self.0.next()).await.expect("a close frame").expect("it is well") {
                Message::Close(Some(frame)) => return frame.code,
                Message::Binary(bytes) if !bytes.is_empty() => panic!("{} bytes came", bytes.len()),
                _ => {}
            }
        }
    }
}
