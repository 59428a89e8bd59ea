//! Putting a descriptor that is only waited on for reading into the runtime's poll set.

use std::io;
use std::os::fd::OwnedFd;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Registers a descriptor that does not block. Only reading wakes anybody: a TUN can always be written.
///
/// # Errors
/// The system's own, such as `EMFILE`.
pub fn register_readable(fd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an `OwnedFd` answers with the same descriptor as long as it lives and closes it when it is dropped;
    // `AsyncFd` takes it out of the poll set before that.
    unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE) }.map_err(|error| error.into_parts().1)
}
