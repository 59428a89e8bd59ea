//! Sentences about what happened, as numbers and values: the page says them in the reader's language.

use crate::address::Address;
use crate::ids::Nanos;
use serde::{Deserialize, Serialize};

/// Which sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NoteId {
    /// `recv` returned 0 again and again: the program never checks for the end. Args: how many more times, in what time.
    EmptyRecvs,
    /// A datagram longer than the buffer was cut. Args: bytes kept, bytes lost (if known).
    DatagramCut,
    /// A datagram was refused because answering could loop or amplify. Args: from.
    DatagramRefused,
    /// Datagrams were refused because too many came. Args: how many.
    DatagramsLimited,
    /// `accept` failed for want of a resource; it is tried again. Args: error number, how long until then.
    AcceptBackoff,
    /// The server was rebound: new settings hold.
    Rebound,
    /// A setting waits for a rebind.
    WaitsForRebind,
    /// A stale socket file was in the way. Args: path.
    StaleSocketFile,
    /// Two first-SYN timeouts are doubled, not linear, in our hosts, and only two retries are made.
    SynRetriesShortened,
    /// Another program spoke; its calls are not visible. Args: its name, its process number.
    OtherProgram,
    /// A limit ended the wait. Args: how long.
    GaveUp,
    /// Member left; their client was closed.
    MemberLeft,
    /// The kernel answered with TCP SYN cookies.
    SynCookies,
    /// The stack in the page differs here from a kernel. Args: what.
    StackDiffers,
    /// A comment in a capture file, on the packet that follows. Args: the comment.
    Comment,
}

/// A value in a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Arg {
    /// A count.
    Count(u64),
    /// A time.
    Time(Nanos),
    /// Words that are not translated: a name, a path.
    Text(String),
    /// An address.
    At(Address),
}
