//! Files that tell a story: the `.socketscope` trace, written and read, and captures of packets, read.
//!
//! No I/O and no clock: bytes in, events out, and the other way round. Both readers go step by step, so that whoever
//! drives them can show how far they are, and stop; both are bounded, and answer whatever is wrong with a [`Fault`]
//! that says where.
//!
//! # Layout
//! - [`trace`]: the project's own format, versioned JSON. `schema` describes it, `json` and `transcode` read and
//!   write it.
//! - [`capture`]: pcap and pcapng. Packets become hosts, flows, sockets, packet events and derived states.
//! - [`fault`]: what can be wrong with a file.

pub mod capture;
pub mod fault;
mod json;
mod schema;
pub mod trace;
mod transcode;

pub use fault::{Fault, What};

/// What a file is, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A `.socketscope` trace.
    Trace,
    /// A pcap or pcapng capture.
    Capture,
}

/// The largest file that is looked at, bytes: a full record with all its payload, twice over.
pub const MOST_BYTES: usize = 256 << 20;

/// Tells what a file is.
///
/// # Errors
/// It is neither, or too large.
pub fn sort(bytes: &[u8]) -> Result<Sort, Fault> {
    if bytes.len() > MOST_BYTES {
        return Err(Fault::new(0, What::TooLarge { most: MOST_BYTES as u64 }));
    }
    match bytes {
        [] => Err(Fault::new(0, What::Empty)),
        [0x1f, 0x8b, ..] | [b'P', b'K', ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] => Err(Fault::new(0, What::Compressed)),
        _ if capture::is_one(bytes) => Ok(Sort::Capture),
        _ if bytes.trim_ascii_start().starts_with(b"{") => Ok(Sort::Trace),
        _ => Err(Fault::new(0, What::Strange)),
    }
}
