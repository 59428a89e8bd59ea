//! JSON, token by token (RFC 8259): where one is, and what stands there.
//!
//! A reader of our own because it is small, knows its place to the byte, and because the caller says what may come: it
//! never goes deeper than the caller does.

use crate::fault::{Fault, What};

/// How deep something may be nested that is skipped: deeper than anything of ours.
const MOST_DEEP: usize = 64;

/// A place in a text.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

/// What comes next in an object or a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Another one.
    Item,
    /// The end.
    End,
}

impl<'a> Cursor<'a> {
    /// At this place of a text.
    pub fn new(text: &'a [u8], at: usize) -> Self {
        Self { text, at }
    }

    /// Where it is.
    pub fn at(&self) -> usize {
        self.at
    }

    /// A fault here: where the text ends that it ends, else what is said.
    pub fn fault(&self, what: What) -> Fault {
        let what = if self.at >= self.text.len() { What::Ends } else { what };
        Fault::new(self.at, what)
    }

    /// The next byte that is not white space.
    pub fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.text.get(self.at) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    /// Goes past this byte.
    pub fn expect(&mut self, byte: u8, name: &'static str) -> Result<(), Fault> {
        if self.peek() != Some(byte) {
            return Err(self.fault(What::Expected(name)));
        }
        self.at += 1;
        Ok(())
    }

    /// Goes to the first or next item of something that ends with `close`.
    pub fn item(&mut self, first: bool, close: u8) -> Result<Next, Fault> {
        match self.peek() {
            Some(byte) if byte == close => {
                self.at += 1;
                Ok(Next::End)
            }
            _ if first => Ok(Next::Item),
            Some(b',') => {
                self.at += 1;
                // No comma before the end.
                if self.peek() == Some(close) { Err(self.fault(What::Expected("a value"))) } else { Ok(Next::Item) }
            }
            _ => Err(self.fault(What::Expected(if close == b']' { "`,` or `]`" } else { "`,` or `}`" }))),
        }
    }

    /// Takes `"name":`.
    pub fn name(&mut self) -> Result<String, Fault> {
        let name = self.string()?;
        self.expect(b':', "`:`")?;
        Ok(name)
    }

    /// Takes a word such as `null`, if it stands here.
    pub fn word(&mut self, word: &str) -> bool {
        self.peek();
        let found = self.text[self.at..].starts_with(word.as_bytes());
        if found {
            self.at += word.len();
        }
        found
    }

    /// Takes a number: its sign, and its size. Nothing of ours has a fraction.
    pub fn number(&mut self) -> Result<(bool, u64), Fault> {
        const NAME: &str = "whole number";
        self.peek();
        let start = self.at;
        let negative = self.word("-");
        let mut size: Option<u64> = None;
        while let Some(digit @ b'0'..=b'9') = self.text.get(self.at) {
            let more = size.unwrap_or(0).checked_mul(10).and_then(|size| size.checked_add(u64::from(digit - b'0')));
            size = Some(more.ok_or(Fault::new(start, What::Range(NAME)))?);
            self.at += 1;
        }
        match (size, self.text.get(self.at)) {
            (_, Some(b'.' | b'e' | b'E')) => Err(Fault::new(start, What::Range(NAME))),
            (Some(size), _) => Ok((negative, size)),
            (None, _) => Err(self.fault(What::Expected("a number"))),
        }
    }

    /// Takes a text in quotes.
    pub fn string(&mut self) -> Result<String, Fault> {
        self.expect(b'"', "a text in quotes")?;
        let mut bytes = Vec::new();
        let start = self.at;
        loop {
            let rest = &self.text[self.at..];
            let plain = rest.iter().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..=0x1f)).count();
            bytes.extend(&rest[..plain]);
            self.at += plain;
            match rest.get(plain) {
                Some(b'"') => break,
                Some(b'\\') => {
                    self.at += 1;
                    let letter = self.escape()?;
                    bytes.extend(letter.encode_utf8(&mut [0; 4]).bytes());
                }
                _ => return Err(self.fault(What::Expected("the rest of a text"))),
            }
        }
        self.at += 1;
        String::from_utf8(bytes).map_err(|_| Fault::new(start, What::Expected("text in UTF-8")))
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let wrong = |cursor: &Self| cursor.fault(What::Expected("an escape such as `\\n`"));
        let Some(sign) = self.text.get(self.at).copied() else { return Err(wrong(self)) };
        self.at += 1;
        Ok(match sign {
            b'"' | b'\\' | b'/' => char::from(sign),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.unit()?;
                // Half of a letter: the other half must follow.
                let code = if (0xd800..0xdc00).contains(&unit) && self.word("\\u") {
                    let low = self.unit()?;
                    0x1_0000 + ((unit - 0xd800) << 10) + (low.wrapping_sub(0xdc00) & 0x3ff)
                } else {
                    unit
                };
                char::from_u32(code).ok_or_else(|| wrong(self))?
            }
            _ => return Err(wrong(self)),
        })
    }

    fn unit(&mut self) -> Result<u32, Fault> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.text.get(self.at).and_then(|byte| char::from(*byte).to_digit(16));
            unit = unit << 4 | digit.ok_or_else(|| self.fault(What::Expected("four hexadecimal digits")))?;
            self.at += 1;
        }
        Ok(unit)
    }

    /// Goes past any value.
    pub fn skip(&mut self) -> Result<(), Fault> {
        let mut open: Vec<u8> = Vec::new();
        let mut first = true;
        loop {
            // Here a value stands, or something that is open may end.
            if let Some(close) = open.last().copied() {
                if self.item(first, close)? == Next::End {
                    open.pop();
                    first = false;
                    if open.is_empty() {
                        return Ok(());
                    }
                    continue;
                }
                if close == b'}' {
                    self.name()?;
                }
            }
            first = false;
            match self.peek() {
                Some(b'"') => drop(self.string()?),
                Some(b'{' | b'[') if open.len() >= MOST_DEEP => return Err(self.fault(What::TooDeep)),
                Some(b'{') => {
                    self.at += 1;
                    open.push(b'}');
                    first = true;
                }
                Some(b'[') => {
                    self.at += 1;
                    open.push(b']');
                    first = true;
                }
                Some(b'-' | b'0'..=b'9') => {
                    let is_part = |byte: &&u8| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
                    self.at += self.text[self.at..].iter().take_while(is_part).count();
                }
                _ if self.word("null") || self.word("true") || self.word("false") => {}
                _ => return Err(self.fault(What::Expected("a value"))),
            }
            if open.is_empty() {
                return Ok(());
            }
        }
    }
}

/// Writes a text in quotes.
pub fn write_string(text: &str, to: &mut Vec<u8>) {
    to.push(b'"');
    for byte in text.bytes() {
        let short = match byte {
            b'"' | b'\\' => byte,
            8 => b'b',
            9 => b't',
            10 => b'n',
            12 => b'f',
            13 => b'r',
            0..=0x1f => {
                to.extend(b"\\u00");
                write_hex(&[byte], to);
                continue;
            }
            _ => {
                to.push(byte);
                continue;
            }
        };
        to.extend([b'\\', short]);
    }
    to.push(b'"');
}

/// Writes two hexadecimal digits a byte.
pub fn write_hex(bytes: &[u8], to: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        to.extend([DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        Cursor::new(text.as_bytes(), 0).string().map_err(|fault| fault.to_string())
    }

    #[test]
    fn texts_are_read_as_they_are_written() {
        for text in ["", "plain", "“你好” \u{1f600}", "\"\\/\u{8}\u{c}\n\r\t\u{1}\u{7f}"] {
            let mut written = Vec::new();
            write_string(text, &mut written);
            assert_eq!(String::from_utf8(written.clone()).ok(), serde_json::to_string(text).ok());
            assert_eq!(Cursor::new(&written, 0).string(), Ok(text.to_owned()));
        }
        assert_eq!(read(r#""\u00e9\ud83d\ude00""#), Ok("é😀".to_owned()));
    }

    #[test]
    fn what_is_no_text_says_where() {
        assert_eq!(read("\"abc"), Err("byte 4: the file ends in the middle of something; it was cut".to_owned()));
        assert_eq!(read("\"a\nb\""), Err("byte 2: the rest of a text should stand here".to_owned()));
        assert_eq!(read(r#""\q""#), Err("byte 3: an escape such as `\\n` should stand here".to_owned()));
        assert_eq!(read(r#""\ud800x""#), Err("byte 7: an escape such as `\\n` should stand here".to_owned()));
    }

    #[test]
    fn anything_is_skipped_but_not_without_end() {
        for text in ["{}", "[]", "null", "-1.5e9", r#"{"a":[1,{"b":"]"},[]],"c":true}"#] {
            let whole = [text, " ,"].concat();
            let mut cursor = Cursor::new(whole.as_bytes(), 0);
            assert_eq!((cursor.skip(), cursor.at()), (Ok(()), text.len()), "{text}");
        }
        let deep = "[".repeat(100_000);
        let fault = Cursor::new(deep.as_bytes(), 0).skip();
        assert_eq!(fault, Err(Fault::new(MOST_DEEP, What::TooDeep)));
        for text in ["[1,]", "{\"a\"}", "{1:2}", "[1 2]", "nul"] {
            assert!(Cursor::new([text, " "].concat().as_bytes(), 0).skip().is_err(), "{text}");
        }
    }
}
