//! Captures of packets: pcap and pcapng, and what they tell.
//!
//! A capture was made at one place: of each packet it has the moment at which it came by there, and no other. So each
//! packet is one event, [`Stage::Sent`](protocol::Stage::Sent) at the tap [`Tap::File`](protocol::Tap::File): that it
//! arrived nobody saw. Who took part follows from the addresses, states from the segments, and both say so
//! ([`How::Derived`](protocol::How::Derived)).
//!
//! One looks twice: [`Survey`] lists the conversations, [`Telling`] tells those that were chosen.

mod bytes;
mod conversations;
mod link;
mod order;
mod pcap;
mod pcapng;
mod reader;
mod survey;
mod telling;

pub use conversations::{Conversation, MOST_CONVERSATIONS};
pub use reader::{Frame, Item, Reader};
pub use survey::Survey;
pub use telling::{MOST_CHOSEN, Telling};

/// The longest packet that is looked at, bytes: the longest any capture program keeps.
pub const MOST_PACKET: usize = 256 << 10;
/// The most packets told at once: each is an event, and a page carries a million.
pub const MOST_PACKETS: u64 = 500_000;

/// Whether a file begins as a capture does.
#[must_use]
pub fn is_one(bytes: &[u8]) -> bool {
    pcapng::is_one(bytes) || pcap::Order::of(bytes).is_some()
}
