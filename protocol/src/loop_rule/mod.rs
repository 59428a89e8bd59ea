//! What a [`LoopRule`](crate::LoopRule) means, without any socket: the same for the bridge's programs and the lab's.

mod collected;
mod owed;

pub use collected::{Collected, TooLong};
pub use owed::Owed;

/// Bytes of the length before a framed message, big-endian.
pub const PREFIX: usize = 4;
