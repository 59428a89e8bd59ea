//! Two codecs, one set of types: postcard for the page, JSON for people and scripts.

use serde::{Serialize, de::DeserializeOwned};

/// How messages are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    /// Postcard, in binary messages: small and quick.
    Postcard,
    /// JSON, in text messages: readable.
    Json,
}

/// Why a message cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Not postcard, or not of this version.
    #[error("not a postcard message of this version: {0}")]
    Postcard(postcard::Error),
    /// Bytes left over: not one message.
    #[error("{0} bytes are left over after the message")]
    LeftOver(usize),
    /// Not JSON, or not a message.
    #[error("not a JSON message of this version: {0}")]
    Json(serde_json::Error),
}

impl Codec {
    /// The codec that a WebSocket subprotocol names.
    #[must_use]
    pub fn named(subprotocol: &str) -> Option<Self> {
        match subprotocol {
            crate::message::POSTCARD => Some(Self::Postcard),
            crate::message::JSON => Some(Self::Json),
            _ => None,
        }
    }

    /// The WebSocket subprotocol that names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Postcard => crate::message::POSTCARD,
            Self::Json => crate::message::JSON,
        }
    }

    /// Writes a message.
    #[must_use]
    pub fn encode<T: Serialize>(self, message: &T) -> Vec<u8> {
        match self {
            Self::Postcard => postcard::to_allocvec(message).expect("our types have no length that is unknown"),
            Self::Json => serde_json::to_vec(message).expect("our types have no map with keys that are not text"),
        }
    }

    /// Reads a message.
    ///
    /// # Errors
    /// [`DecodeError`] says what is wrong, and where if JSON.
    pub fn decode<T: DeserializeOwned>(self, bytes: &[u8]) -> Result<T, DecodeError> {
        match self {
            Self::Postcard => {
                let (message, rest) = postcard::take_from_bytes(bytes).map_err(DecodeError::Postcard)?;
                if rest.is_empty() { Ok(message) } else { Err(DecodeError::LeftOver(rest.len())) }
            }
            Self::Json => serde_json::from_slice(bytes).map_err(DecodeError::Json),
        }
    }
}

/// Writes one value behind others in postcard, for whoever keeps many: [`unpack`] reads it.
pub fn pack<T: Serialize>(value: &T, behind: &mut Vec<u8>) {
    let all = std::mem::take(behind);
    *behind = postcard::to_extend(value, all).expect("our types have no length that is unknown");
}

/// Reads what [`pack`] wrote; what follows it is left alone.
///
/// # Errors
/// [`DecodeError`] if the bytes are none of this version.
pub fn unpack<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    postcard::take_from_bytes(bytes).map(|(value, _)| value).map_err(DecodeError::Postcard)
}
