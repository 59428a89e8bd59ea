//! What the byte tracker teaches: the numbers of its caption, which `i18n` puts into a sentence.

use protocol::Transport;

/// What became of what a client sent, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moral {
    /// What carried the bytes; none counts as TCP.
    pub transport: Option<Transport>,
    /// Sends of the client.
    pub sends: u32,
    /// Segments, when packets are seen.
    pub segments: Option<u32>,
    /// Segments that were sent more than once.
    pub again: u32,
    /// Segments that did not arrive, and were not sent again.
    pub lost: u32,
    /// Receives of the server that gave bytes.
    pub recvs: u32,
    /// Whether every receive ended where a send did, and every send where a receive did.
    pub same: bool,
    /// Bytes of datagrams that were cut off.
    pub cut: u64,
    /// What waits in the server's kernel: bytes of a stream, or datagrams.
    pub waiting: u64,
    /// What neither the server's program nor its kernel has: bytes of a stream on their way, or datagrams that are gone.
    pub missing: u64,
}

impl Moral {
    /// Whether it is a stream.
    #[must_use]
    pub fn streams(&self) -> bool {
        self.transport.is_none_or(Transport::is_stream)
    }
}
