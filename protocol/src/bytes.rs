//! Payload bytes: raw in postcard, hexadecimal text in JSON.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::ops::Deref;

/// Bytes of a message or packet.
///
/// In JSON they are lower-case hexadecimal digits (`"68656c6c6f"`), the form people already know from Wireshark.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Bytes(pub Vec<u8>);

impl Bytes {
    /// The first `limit` bytes of `data`.
    #[must_use]
    pub fn snap(data: &[u8], limit: usize) -> Self {
        Self(data[..data.len().min(limit)].to_vec())
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl From<&str> for Bytes {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 64;
        let shown = &self.0[..self.0.len().min(SHOWN)];
        write!(to, "b\"{}\"", shown.escape_ascii())?;
        if self.0.len() > SHOWN {
            write!(to, "…({} bytes)", self.0.len())?;
        }
        Ok(())
    }
}

impl fmt::LowerHex for Bytes {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(to, "{byte:02x}"))
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() { to.collect_str(&format_args!("{self:x}")) } else { to.serialize_bytes(&self.0) }
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if !from.is_human_readable() {
            return from.deserialize_byte_buf(Raw).map(Self);
        }
        let digits = String::deserialize(from)?;
        from_hex(&digits).map(Self).map_err(de::Error::custom)
    }
}

struct Raw;

impl de::Visitor<'_> for Raw {
    type Value = Vec<u8>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("bytes")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
        Ok(bytes.to_vec())
    }

    fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
        Ok(bytes)
    }
}

/// Why a text is not hexadecimal bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HexError {
    /// A byte is two digits, and one is missing.
    #[error("bytes in hexadecimal need two digits each; one is missing at the end")]
    Odd,
    /// Something else than 0 to 9, a to f.
    #[error("character {at} is not a hexadecimal digit (0 to 9, a to f)")]
    NotADigit {
        /// Its place, from 1.
        at: usize,
    },
}

/// Reads hexadecimal digits; white space and `:` between bytes are allowed, as people paste them.
///
/// # Errors
/// [`HexError`] says which character is wrong.
pub fn from_hex(text: &str) -> Result<Vec<u8>, HexError> {
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut high = None;
    for (index, letter) in text.chars().enumerate() {
        if letter.is_whitespace() || letter == ':' {
            continue;
        }
        let digit = letter.to_digit(16).ok_or(HexError::NotADigit { at: index + 1 })? as u8;
        match high.take() {
            None => high = Some(digit),
            Some(first) => bytes.push(first << 4 | digit),
        }
    }
    if high.is_some() { Err(HexError::Odd) } else { Ok(bytes) }
}
