//! How a session ends: the farewell in its own words, then the WebSocket's close with RFC 6455's code.

use super::talk::encode;
use crate::limits;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use protocol::{Codec, Farewell, ToPage};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

/// Why it ends.
#[derive(Debug)]
pub enum Ending {
    /// The other side closed, or is gone.
    Theirs,
    /// We say goodbye.
    Farewell(Farewell),
    /// The other side broke the protocol below ours, so nothing of ours can be said.
    Close(CloseCode, String),
}

impl Ending {
    /// What a failed read means.
    #[must_use]
    pub fn of(error: &Error) -> Self {
        match close_code(error) {
            Some(code) => Self::Close(code, error.to_string()),
            None => Self::Theirs,
        }
    }
}

/// RFC 6455, 7.4.1: the code that names a broken frame; `None` when the connection itself is broken.
#[must_use]
pub fn close_code(error: &Error) -> Option<CloseCode> {
    use tokio_tungstenite::tungstenite::error::ProtocolError;
    match error {
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => None,
        Error::Protocol(_) => Some(CloseCode::Protocol),
        Error::Utf8(_) => Some(CloseCode::Invalid),
        Error::Capacity(CapacityError::MessageTooLong { .. }) => Some(CloseCode::Size),
        _ => None,
    }
}

/// A close frame. A reason is cut where 125 bytes of a control frame end.
#[must_use]
pub fn close(code: CloseCode, reason: &str) -> Message {
    const MOST: usize = 123;
    let mut end = reason.len().min(MOST);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    Message::Close(Some(CloseFrame { code, reason: reason[..end].into() }))
}

/// Says the last words of a session and waits a little for the other side's.
pub async fn say<I, O>(codec: Codec, ending: Ending, incoming: &mut I, outgoing: &mut O)
where
    I: Stream<Item = Result<Message, Error>> + Unpin,
    O: Sink<Message, Error = Error> + Unpin,
{
    let ending = match ending {
        Ending::Farewell(farewell) => {
            let close = Ending::Close(code_of(&farewell), farewell.to_string());
            let bye = encode(codec, codec.encode(&ToPage::Bye(farewell)));
            // The page may have stopped reading: its close is tried all the same.
            let _ = tokio::time::timeout(limits::PARTING_TIME / 2, outgoing.send(bye)).await;
            close
        }
        other => other,
    };
    part(ending, incoming, outgoing).await;
}

/// Closes a WebSocket with its code and waits a little for the other side's close.
pub async fn part<I, O>(ending: Ending, incoming: &mut I, outgoing: &mut O)
where
    I: Stream<Item = Result<Message, Error>> + Unpin,
    O: Sink<Message, Error = Error> + Unpin,
{
    let close = match ending {
        Ending::Theirs => None,
        Ending::Farewell(farewell) => Some(close(code_of(&farewell), &farewell.to_string())),
        Ending::Close(code, reason) => Some(close(code, &reason)),
    };
    let both = async {
        match close {
            Some(close) => outgoing.send(close).await?,
            // tungstenite has answered their close already; the answer wants to be flushed.
            None => outgoing.flush().await?,
        }
        while let Some(Ok(_)) = incoming.next().await {}
        Ok::<_, Error>(())
    };
    let _ = tokio::time::timeout(limits::PARTING_TIME / 2, both).await;
}

fn code_of(farewell: &Farewell) -> CloseCode {
    match farewell {
        Farewell::Stopped => CloseCode::Away,
        Farewell::Malformed(_) => CloseCode::Invalid,
        Farewell::HelloFirst | Farewell::Silent | Farewell::TooSlow => CloseCode::Policy,
        Farewell::Limit { .. } => CloseCode::Again,
    }
}

#[cfg(test)]
mod tests {
    use super::close;
    use tokio_tungstenite::tungstenite::Message;
    use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

    #[test]
    fn a_reason_is_cut_between_letters() {
        let Message::Close(Some(frame)) = close(CloseCode::Invalid, &"你".repeat(50)) else { unreachable!() };
        assert_eq!(frame.reason.as_str(), "你".repeat(41));
    }
}
