//! What is said on the ladder, the tracker and the table, without a language: `i18n` turns it into words.

use super::moral::Moral;
use super::why::Reason;
use protocol::{Address, Arg, Command, DropReason, Nanos, NoteId, Place};

/// Something to say.
#[derive(Clone, Debug, PartialEq)]
pub enum Say {
    /// As it stands: calls, results, addresses and state names are the same in every language.
    Code(String),
    /// Title of the lane of the client, where there are three lanes only.
    You,
    /// Title of the lane between, where there are three lanes only.
    WireShort,
    /// Title of the lane of the server, where there are three lanes only.
    Server,
    /// Title of the lane of the only socket of a server of datagrams.
    ServerSocket,
    /// Title of the lane of a client program.
    ClientProgram,
    /// Title of the lane of client sockets.
    ClientSocket,
    /// Title of the lane between the sockets, when packets are seen.
    Wire,
    /// Title of the lane between the sockets, when the packets of the loopback interface are seen.
    Loopback,
    /// Under its title: they never leave the kernel.
    InsideKernel,
    /// Under the title of the wire, where packets were captured at one place.
    OnePlace,
    /// Title of the lane between the sockets, when packets are not seen.
    Kernel,
    /// Title of the lane between two Unix sockets.
    Path,
    /// Title of the lane of server sockets.
    ServerSockets,
    /// Title of the lane of a server program.
    ServerProgram,
    /// Under the kernel's title: why there are no packets.
    NotVisibleHere,
    /// Under a Unix path: the kernel copies, there are no packets.
    KernelCopies,
    /// A program whose calls nobody sees.
    CallsNotVisible,
    /// A call that waited so long.
    Waited(Nanos),
    /// A call that waits, and has for so long.
    Waiting {
        /// Whether it is `accept`, whose waiting is nothing to worry about.
        accept: bool,
        /// For how long.
        time: Nanos,
    },
    /// Nothing happened for so long.
    Idle(Nanos),
    /// Seats of a listening socket.
    Seats {
        /// How many are taken.
        taken: u32,
        /// How many there are.
        seats: u32,
    },
    /// A connection took a seat and waits to be accepted.
    Queued,
    /// A SYN came for a connection; its handshake is not over.
    HalfOpen,
    /// So many equal echoes are folded here.
    Echoes {
        /// How many.
        count: u32,
        /// The median time from send to answer.
        median: Nanos,
    },
    /// So many empty receives are folded here.
    EmptyRecvs {
        /// How many.
        count: u64,
        /// In what time.
        time: Nanos,
    },
    /// A sentence of the protocol.
    Note(NoteId, Vec<Arg>),
    /// Events were lost.
    Lost(Place, u64),
    /// A person's command.
    Command(Box<Command>),
    /// A packet that was lost, and why.
    Dropped(DropReason),
    /// A packet that is stopped in mid-wire.
    Held,
    /// A packet whose bytes were sent before.
    SentAgain,
    /// So many bytes of data in a packet.
    DataBytes(u64),
    /// A piece of a datagram: from which byte to which.
    Fragment(u64, u64),
    /// A copy that the wire made.
    Copied,
    /// A packet that was sent.
    OnItsWay,
    /// A packet that arrived.
    Delivered,
    /// A packet that was let go.
    Released,
    /// A packet that was cut into fragments.
    CutUp,
    /// The one queue of a datagram socket: how many cards wait in it.
    Cards(u32),
    /// So many segments, of which so many were sent more than once, and so many never arrived.
    Segments {
        /// How many different ones.
        count: u32,
        /// How many were sent more than once.
        again: u32,
        /// How many never arrived.
        lost: u32,
    },
    /// Bytes of a datagram that the program never gets.
    CutOff(u64),
    /// Two things after each other.
    Both(Box<Say>, Box<Say>),
    /// A program, by the name it was recorded with.
    Program(String),
    /// The name of a mark for those who do not see it: who, and what.
    Named {
        /// Who.
        who: String,
        /// What.
        what: Box<Say>,
    },
    /// How the tracker's rows are called.
    Row(TrackerRow),
    /// How many of a tracker's row there are.
    Counted(TrackerRow, u32),
    /// What a tracker teaches.
    Moral(Moral),
    /// Nothing was sent yet.
    NothingYet,
    /// How full a buffer of the kernel is.
    Level {
        /// Whether it is what was received and not read; else what was sent and not acknowledged.
        received: bool,
        /// How many bytes.
        bytes: u64,
    },
    /// Datagrams that were lost at a full queue.
    QueueFull,
    /// Why something is so: the reason, and the mark that is the cause.
    Because(Reason, Box<Say>),
    /// The number of an error on Windows.
    Windows(u32),
    /// What one can do about an error.
    Remedy(Remedy),
    /// Under the wire: the page plays TCP/IP itself.
    Simulated,
}

/// What one can do about an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Connect to somebody who listens.
    Use(Address),
    /// Start the server that was stopped.
    Start,
    /// Begin anew with another client.
    Again,
}

/// What the legend explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A call.
    Call,
    /// A call that waits.
    Waits,
    /// A call that began before what is known.
    Began,
    /// A call that failed.
    Failed,
    /// The bytes of a send.
    Bytes,
    /// The answer to them.
    Answer,
    /// A packet without data.
    Packet,
    /// A packet with data.
    Data,
    /// A packet that was sent again.
    Again,
    /// A packet that was lost.
    Lost,
    /// A socket.
    Socket,
    /// A connection that waits to be accepted.
    Queued,
    /// The listening socket with its seats.
    Listen,
    /// A buffer of the kernel.
    Level,
    /// A state the kernel reported.
    Reported,
    /// A state that was worked out.
    Derived,
    /// Bytes worked out from their place in the stream.
    Dotted,
    /// Time that was left out.
    Break,
    /// Known because we made it, or saw it go by.
    Observed,
    /// Played by the page itself.
    Simulated,
    /// In the tracker: where a call ended.
    Edge,
    /// In the tracker: sent again.
    Hatched,
    /// In the tracker: lost.
    Hollow,
}

/// A row of the byte tracker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TrackerRow {
    /// What the client gave to `send`.
    ClientSend,
    /// What went over the wire.
    Segments,
    /// What the server's kernel holds and the program has not read.
    Buffer,
    /// What the server's `recv` returned.
    ServerRecv,
    /// What the server gave to `send`: a new stream.
    ServerSend,
    /// What the client's `recv` returned.
    ClientRecv,
}

impl TrackerRow {
    /// The word in the document.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ClientSend => "client-send",
            Self::Segments => "segments",
            Self::Buffer => "recv-buffer",
            Self::ServerRecv => "server-recv",
            Self::ServerSend => "server-send",
            Self::ClientRecv => "client-recv",
        }
    }
}
