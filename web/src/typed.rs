//! What a person typed, as bytes: text with escapes, or hexadecimal digits.

use protocol::bytes::{HexError, from_hex};

/// How the message field is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// UTF-8 text with escapes.
    #[default]
    Text,
    /// Hexadecimal digits.
    Hex,
    /// The bytes of a file.
    File,
}

/// Why what was typed is not bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// The backslash is the last character.
    LoneBackslash,
    /// No such escape.
    UnknownEscape(char),
    /// `\x` without two hexadecimal digits.
    ShortHexEscape,
    /// A byte is two digits, and one is missing.
    OddHex,
    /// Not a hexadecimal digit: its place, from 1.
    NotHex(usize),
}

/// Reads the field.
///
/// # Errors
/// [`Mistake`] says what is wrong with it.
pub fn bytes(mode: Mode, typed: &str) -> Result<Vec<u8>, Mistake> {
    match mode {
        Mode::Hex => from_hex(typed).map_err(|error| match error {
            HexError::Odd => Mistake::OddHex,
            HexError::NotADigit { at } => Mistake::NotHex(at),
        }),
        Mode::Text | Mode::File => unescape(typed),
    }
}

fn unescape(typed: &str) -> Result<Vec<u8>, Mistake> {
    let mut bytes = Vec::with_capacity(typed.len());
    let mut letters = typed.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        bytes.push(match letters.next().ok_or(Mistake::LoneBackslash)? {
            'n' => b'\n',
            'r' => b'\r',
            't' => b'\t',
            '0' => 0,
            '\\' => b'\\',
            'x' => {
                let mut digit = || letters.next().and_then(|letter| letter.to_digit(16)).ok_or(Mistake::ShortHexEscape);
                let (high, low) = (digit()?, digit()?);
                (high << 4 | low) as u8
            }
            other => return Err(Mistake::UnknownEscape(other)),
        });
    }
    Ok(bytes)
}

/// Bytes as one would type them: the other way round, for the console.
#[must_use]
pub fn escape(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for letter in chunk.valid().chars() {
            match letter {
                '\n' => text.push_str("\\n"),
                '\r' => text.push_str("\\r"),
                '\t' => text.push_str("\\t"),
                '\0' => text.push_str("\\0"),
                '\\' => text.push_str("\\\\"),
                // Each of these is one byte in UTF-8, or a few that are told one by one.
                letter if letter.is_control() => {
                    letter.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| push_hex(&mut text, byte));
                }
                letter => text.push(letter),
            }
        }
        chunk.invalid().iter().for_each(|byte| push_hex(&mut text, *byte));
    }
    text
}

fn push_hex(text: &mut String, byte: u8) {
    text.push_str("\\x");
    for digit in [byte >> 4, byte & 15] {
        text.push(char::from_digit(digit.into(), 16).unwrap_or('0'));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_escapes() {
        assert_eq!(bytes(Mode::Text, r"a\n\r\t\0\x7F\\é").as_deref(), Ok("a\n\r\t\0\u{7f}\\é".as_bytes()));
        assert_eq!(bytes(Mode::Text, r"\xff").as_deref(), Ok(&[0xff][..]));
        assert_eq!(bytes(Mode::Text, ""), Ok(Vec::new()));
    }

    #[test]
    fn says_what_is_wrong() {
        assert_eq!(bytes(Mode::Text, "a\\"), Err(Mistake::LoneBackslash));
        assert_eq!(bytes(Mode::Text, r"\q"), Err(Mistake::UnknownEscape('q')));
        assert_eq!(bytes(Mode::Text, r"\x1"), Err(Mistake::ShortHexEscape));
        assert_eq!(bytes(Mode::Text, r"\x1g"), Err(Mistake::ShortHexEscape));
        assert_eq!(bytes(Mode::Hex, "6"), Err(Mistake::OddHex));
        assert_eq!(bytes(Mode::Hex, "6g"), Err(Mistake::NotHex(2)));
        assert_eq!(bytes(Mode::Hex, "68 65:6c").as_deref(), Ok(&b"hel"[..]));
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_typed(data: Vec<u8>) {
            prop_assert_eq!(bytes(Mode::Text, &escape(&data)), Ok(data));
        }
    }
}
