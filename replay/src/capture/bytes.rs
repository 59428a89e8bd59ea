//! Numbers in bytes, of either order.

/// The order of the bytes of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Endian {
    /// The least first.
    #[default]
    Little,
    /// The greatest first.
    Big,
}

impl Endian {
    /// 16 bits at this place; 0 behind the end.
    pub fn short(self, bytes: &[u8], at: usize) -> u16 {
        let two = bytes.get(at..at + 2).and_then(|two| two.try_into().ok()).unwrap_or_default();
        if self == Self::Little { u16::from_le_bytes(two) } else { u16::from_be_bytes(two) }
    }

    /// 32 bits at this place; 0 behind the end.
    pub fn word(self, bytes: &[u8], at: usize) -> u32 {
        let four = bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).unwrap_or_default();
        if self == Self::Little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) }
    }
}
