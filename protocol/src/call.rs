//! A call: one operation of a program on a socket.
//!
//! A call is what the *program* does, not the system call under the runtime: `send` means all bytes,
//! and [`Call::tries`] says how many system calls that took.

use crate::address::{Address, Family, Transport};
use crate::bytes::Bytes;
use crate::errno::SysError;
use crate::ids::{CallId, DatagramId, Nanos, SocketId};
use serde::{Deserialize, Serialize};

/// One end of a call: the program entered it, or it came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The same for both ends.
    pub id: CallId,
    /// Which end.
    pub phase: Phase,
    /// What was called, with its arguments.
    pub op: Op,
    /// What came back; `None` on entry.
    pub outcome: Option<Outcome>,
    /// Which bytes of the stream, or which datagram, it moved.
    pub span: Option<Span>,
    /// Those bytes, up to the snap length of the trace: given on entry by sends, on return by receives.
    pub data: Bytes,
    /// The line of the program, where the program is a person's own and the line is known.
    pub line: Option<Line>,
    /// How many system calls it took so far.
    pub tries: u32,
}

/// Which end of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Phase {
    /// The program has called.
    Entered,
    /// The call has returned.
    Returned,
}

/// A call with its arguments.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Op {
    /// `socket(family, type)`.
    Socket {
        /// `AF_INET`, `AF_INET6` or `AF_UNIX`.
        family: Family,
        /// `SOCK_STREAM` or `SOCK_DGRAM`, of what.
        transport: Transport,
    },
    /// `setsockopt`.
    SetOption(SocketOption),
    /// `bind(address)`.
    Bind {
        /// The wanted address; port 0 asks the system to choose.
        to: Address,
    },
    /// `listen(backlog)`.
    Listen {
        /// How many connections may wait; Linux holds one more.
        backlog: u32,
    },
    /// `accept()`.
    Accept,
    /// `connect(address)`.
    Connect {
        /// The other end.
        to: Address,
    },
    /// `send`, of all bytes (`sendall` in Python, `write_all` in Rust).
    Send {
        /// Bytes given.
        len: u64,
    },
    /// `sendto(bytes, address)`.
    SendTo {
        /// Bytes given.
        len: u64,
        /// The other end.
        to: Address,
    },
    /// `recv(max)`.
    Recv {
        /// The most it may return, bytes.
        max: u32,
    },
    /// `recvfrom(max)`.
    RecvFrom {
        /// The most it may return, bytes.
        max: u32,
    },
    /// `shutdown(how)`.
    Shutdown {
        /// Which direction ends.
        how: Direction,
    },
    /// `close()`.
    Close,
    /// `close()` with `SO_LINGER` 0: the connection is reset.
    Abort,
    /// `sleep`: the program thinks, and makes no call.
    Think {
        /// How long.
        time: Nanos,
    },
    /// `unlink(path)` of a Unix-domain socket file.
    Unlink {
        /// The file.
        path: String,
    },
}

/// A socket option with its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SocketOption {
    /// `SO_REUSEADDR`.
    ReuseAddress(bool),
    /// `TCP_NODELAY`: off lets Nagle's algorithm join small sends.
    NoDelay(bool),
    /// `SO_SNDBUF`, bytes; Linux doubles it.
    SendBuffer(u32),
    /// `SO_RCVBUF`, bytes; Linux doubles it.
    RecvBuffer(u32),
    /// `SO_KEEPALIVE`.
    KeepAlive(bool),
    /// `IPV6_V6ONLY`.
    V6Only(bool),
}

/// Which direction of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Direction {
    /// Towards the program: `SHUT_RD`.
    In,
    /// Away from the program: `SHUT_WR`.
    Out,
    /// Both: `SHUT_RDWR`.
    Both,
}

/// What a call returned.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Outcome {
    /// It succeeded and there is nothing to say: `0`.
    Done,
    /// A new descriptor: `socket()`.
    Fd(i32),
    /// So many bytes sent or received; from `recv` 0 is the end of the stream.
    Bytes(u64),
    /// A datagram of so many bytes, and who sent it.
    From(u64, Address),
    /// A connection: its socket and the other end.
    Accepted {
        /// The connected socket.
        socket: SocketId,
        /// The other end.
        peer: Address,
    },
    /// It failed.
    Failed(SysError),
    /// It never came back: the program ended, or closed the socket under it.
    Cancelled,
}

/// Which bytes a call moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Span {
    /// Bytes of a stream.
    Stream {
        /// Out for sends, In for receives.
        direction: Direction,
        /// Offset of the first byte since the connection began, from 0.
        start: u64,
        /// How many.
        len: u64,
    },
    /// A datagram.
    Datagram {
        /// Which one; unknown where it was sent by a program whose calls are not visible.
        id: Option<DatagramId>,
        /// Bytes that reached the program.
        len: u32,
        /// Bytes of the whole datagram; more than `len` when it was cut. `None` when the system does not tell.
        true_len: Option<u32>,
    },
}

/// A line of a person's own program.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Line {
    /// The file's name, without folders.
    pub file: String,
    /// From 1.
    pub number: u32,
    /// The line itself.
    pub text: String,
}
