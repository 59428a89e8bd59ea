//! Whose a socket is.

use protocol::{Address, Transport};

/// The program that listens on an address, as name and process number.
#[must_use]
pub fn holder(transport: Transport, address: &Address) -> Option<String> {
    let _ = (transport, address);
    None
}
