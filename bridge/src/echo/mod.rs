//! The echo servers: what comes in goes out in upper case.
//!
//! They are read in class, so they say what the tutorial's programs say, in the same order: `socket`, `bind`, `listen`,
//! `accept`, `recv`, `upper`, `send`. Everything else (who watches, who may stop them, who they are) is around them.

mod datagram;
mod refuse;
mod server;
mod shared;
mod stream;

pub use refuse::{Guard, Verdict};
pub use server::{Server, ServerSpec};
pub use shared::Shared;

/// Upper case of the ASCII letters, byte by byte, as `bytes.upper()` in Python: `你好` and `é` come back as they are.
#[must_use]
pub fn upper(data: &[u8]) -> Vec<u8> {
    data.to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_ascii_letters_change() {
        assert_eq!(super::upper("hello, wörld 你好é".as_bytes()), "HELLO, WöRLD 你好é".as_bytes());
        let all: Vec<u8> = (0..=255).collect();
        for (before, after) in all.iter().zip(super::upper(&all)) {
            let expected = if before.is_ascii_lowercase() { before - 32 } else { *before };
            assert_eq!(after, expected);
        }
    }
}
