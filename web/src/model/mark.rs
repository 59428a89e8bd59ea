//! A mark: one thing on the screen that can be pointed at.

/// What sort of mark it is; the `data-kind` of its element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MarkKind {
    /// A call.
    Call,
    /// A packet.
    Packet,
    /// A state of a TCP end.
    State,
    /// A socket's line.
    Socket,
    /// The seats of a listening socket.
    Seats,
    /// A sentence.
    Note,
    /// Events that were lost.
    Loss,
    /// A command of a person.
    Command,
    /// Equal repetitions, folded.
    Fold,
    /// How full a buffer is.
    Level,
    /// The card of a failed call.
    Card,
    /// The cause of an error, on its card: another mark.
    Cause,
    /// What one can do about an error, on its card.
    Remedy,
    /// Idle time, or a lane: not an event.
    Scenery,
}

impl MarkKind {
    /// Whether it is a sentence across the lanes.
    #[must_use]
    pub fn is_sentence(self) -> bool {
        matches!(self, Self::Note | Self::Loss | Self::Command | Self::Fold)
    }

    /// The word in the document.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Packet => "packet",
            Self::State => "state",
            Self::Socket => "socket",
            Self::Seats => "seats",
            Self::Note => "note",
            Self::Loss => "loss",
            Self::Command => "command",
            Self::Fold => "fold",
            Self::Level => "level",
            Self::Card => "card",
            Self::Cause => "cause",
            Self::Remedy => "remedy",
            Self::Scenery => "scenery",
        }
    }
}
