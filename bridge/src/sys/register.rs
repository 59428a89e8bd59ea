//! Putting a socket into the runtime's poll set.

use socket2::Socket;
use std::io;
use tokio::io::unix::AsyncFd;

/// Registers a socket that does not block; it comes back if that fails.
///
/// # Errors
/// The system's own, such as `EMFILE`, and the socket.
pub fn register(socket: Socket) -> Result<AsyncFd<Socket>, (Socket, io::Error)> {
    // SAFETY: a `Socket` owns its descriptor, answers with the same one as long as it lives, and closes it when it is
    // dropped; `AsyncFd` takes it out of the poll set before that, and we never ask for it mutably.
    unsafe { AsyncFd::register(socket) }.map_err(tokio::io::unix::AsyncFdRegisterError::into_parts)
}
