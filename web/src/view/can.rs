//! What can be done with a client now, and why not more.

use super::console::Tabbed;
use crate::model::story::ClientPhase;
use crate::source::Link;
use crate::store::Store;
use protocol::program::Owner;

/// What the client in front can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Can {
    /// `connect`.
    pub connect: bool,
    /// `send`.
    pub send: bool,
    /// `shutdown`.
    pub shut: bool,
    /// `close`.
    pub end: bool,
    /// Why it cannot send.
    pub why: Option<Why>,
}

/// Why a client cannot send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The source is away.
    Away,
    /// It is a recorded story.
    Recorded,
    /// It belongs to somebody else.
    NotYours,
    /// It was not connected yet.
    NotConnected,
    /// `connect` waits.
    Connecting,
    /// Its sending direction is shut down.
    Shut,
    /// It is closed.
    Closed,
}

impl Can {
    /// Nothing.
    #[must_use]
    pub fn nothing(why: Why) -> Self {
        Self { connect: false, send: false, shut: false, end: false, why: Some(why) }
    }

    /// Why nothing can be sent while there is no client.
    #[must_use]
    pub fn nobody(store: Store) -> Why {
        Self::silent(store).unwrap_or(Why::NotConnected)
    }

    /// Why the source takes no commands.
    fn silent(store: Store) -> Option<Why> {
        match store.link.get() {
            Link::Live => None,
            Link::Recorded(_) => Some(Why::Recorded),
            _ => Some(Why::Away),
        }
    }

    /// What the story and the source allow now.
    #[must_use]
    pub fn now(store: Store, tab: &Tabbed) -> Self {
        let client = &tab.client;
        let member = store.welcome.with(|welcome| welcome.as_ref().map(|welcome| welcome.member));
        if let Some(why) = Self::silent(store) {
            return Self::nothing(why);
        }
        if let Owner::Member(owner) = client.owner
            && Some(owner) != member
        {
            return Self::nothing(Why::NotYours);
        }
        let stream = client.transport.is_none_or(protocol::Transport::is_stream);
        let state = store.read(|story| story.client_state(client.program));
        let all = Self { connect: false, send: true, shut: stream, end: true, why: None };
        match state.phase {
            _ if client.ended => Self::nothing(Why::Closed),
            ClientPhase::Closed => Self::nothing(Why::Closed),
            ClientPhase::Connecting => Self { send: false, shut: false, why: Some(Why::Connecting), ..all },
            // A datagram socket may send without connecting.
            ClientPhase::Opened if !stream => Self { connect: true, ..all },
            ClientPhase::Opened => {
                Self { connect: true, send: false, shut: false, why: Some(Why::NotConnected), ..all }
            }
            ClientPhase::Ready if state.shut => Self { send: false, shut: false, why: Some(Why::Shut), ..all },
            ClientPhase::Ready => all,
        }
    }
}

impl Why {
    /// In words.
    #[must_use]
    pub fn say(self, store: Store) -> &'static str {
        let words = &store.words().console;
        match self {
            Why::Away => words.is_away,
            Why::Recorded => store.words().shelf.recorded,
            Why::NotYours => words.not_yours,
            Why::NotConnected => words.first_connect,
            Why::Connecting => words.is_connecting,
            Why::Shut => words.is_shut,
            Why::Closed => words.is_closed,
        }
    }
}
