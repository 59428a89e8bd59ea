//! How one mark is the cause of another.

use protocol::{DropReason, Hold, Nanos, Seq};

/// One step back: the event that is the cause, if there is one, and how it is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The mark of the cause; `None` where the reason is that something did not happen.
    pub seq: Option<Seq>,
    /// How.
    pub reason: Reason,
}

/// A reason. Said of an effect: the mark that a [`Step`] names is the cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A person's command.
    Told,
    /// The producer says that this event caused it.
    Followed,
    /// These bytes were sent.
    BytesSent {
        /// How many sends.
        sends: u32,
    },
    /// The server answers what it received.
    Answers,
    /// A client connected.
    Connected,
    /// The other side closed, or shut its sending side down.
    OtherSideEnded,
    /// The program saw the end of the stream, or an error.
    SawEnd,
    /// The connection was made without the server's program: its kernel answers by itself since this call.
    KernelAnswers,
    /// Another socket has the address.
    Taken,
    /// The program thinks before it goes on.
    Thinks(Nanos),

    /// This packet arrived and ended the wait.
    Woke,
    /// The bytes had come before, with this packet.
    WasHere,
    /// The last step of the handshake arrived.
    Handshake,
    /// The connection had been waiting in its seat.
    WasQueued,
    /// The other kernel answered the SYN.
    SynAnswered,
    /// The other side's FIN arrived.
    FinArrived,
    /// A reset arrived.
    ResetArrived,
    /// An ICMP error arrived.
    IcmpArrived,
    /// So many packets went unanswered; the last of them.
    Unanswered(u32),
    /// A packet arrived.
    Arrived,
    /// This end sent a packet.
    SentThat,

    /// `connect` sends a SYN.
    Connects,
    /// It answers a SYN.
    AnswersSyn,
    /// It acknowledges what arrived, after so long.
    Acknowledges(Nanos),
    /// What arrived lies beyond a gap, so the same is acknowledged again.
    BeyondGap,
    /// What fills the gap had not come.
    Missing,
    /// What arrived had come before.
    HadThat,
    /// The program read, so there is room again.
    WindowOpens,
    /// The program ended its sending side.
    Ends,
    /// The program aborted.
    Aborts,
    /// The program closed before it had read everything.
    ClosedUnread,
    /// It was for a connection that is not there.
    NoSuchConnection,
    /// It was for a port where nobody listens.
    NobodyThere,
    /// It was larger than the path allows.
    TooBig,
    /// The kernel had waited for this acknowledgement before it sent more.
    Allowed,
    /// The wire copied it.
    Copied,
    /// So many acknowledgements said that these bytes are missing; the last of them.
    Missed(u32),
    /// No acknowledgement of this came for so long.
    TimedOut(Nanos),
    /// Its acknowledgement did not come back.
    AckLost,
    /// The other side offers no room: the kernel asks whether that holds still.
    Probes,
    /// Nothing was said for long: the kernel asks whether the other side is there still.
    KeepsAlive,
    /// A person, or what a person set, took it off the wire.
    Dropped(DropReason),
    /// It is stopped in mid-wire.
    Held(Hold),
    /// So many packets before it had to leave first, at the rate that was set.
    Queued(u32),

    /// The server has not accepted the connection: it is busy with this call.
    ServerBusy,
    /// The connection is not accepted, and nobody knows what the server does instead.
    NotAccepted,
    /// No seat is free of so many.
    NoSeat(u32),
    /// Nothing has been sent to it since it began to wait.
    NothingSent,
    /// Nobody has connected since it began to wait.
    NobodyConnects,
    /// Nobody listens there.
    NobodyListens,
    /// Nobody answered.
    NobodyAnswers,
    /// What it waits for is on its way.
    OnItsWay,
    /// What it waits for is stopped in mid-wire.
    Stopped,
    /// What it waits for was lost.
    Lost(DropReason),
    /// The other side's program does not read.
    NotReading,
    /// The other side's program waits for more itself.
    BothWait,
    /// The other side's program has it and is busy.
    Works,
    /// Both buffers are full.
    NoRoom,
}

impl Reason {
    /// The reason with its cause.
    #[must_use]
    pub fn by(self, seq: Seq) -> Step {
        Step { seq: Some(seq), reason: self }
    }

    /// The reason, which is that something did not happen.
    #[must_use]
    pub fn alone(self) -> Step {
        Step { seq: None, reason: self }
    }

    /// Whether it was the return of the call that had the effect; else the call itself had it.
    #[must_use]
    pub(super) fn by_return(self) -> bool {
        matches!(self, Self::Answers | Self::SawEnd | Self::WindowOpens)
    }
}
