//! Where events come from and commands go to: the bridge, the lab in this page, a file. The [`station`] decides which
//! of them is heard.

pub mod backoff;
pub mod bridge;
pub mod file;
pub mod lab;
pub mod session;
pub mod station;

use crate::time::TimeAction;
use protocol::capability::WorldKind;
use protocol::command::{Command, Reply};
use protocol::message::{Farewell, Refusal};
use std::sync::Arc;

/// The answer to a command.
pub type Answered = Result<Reply, Trouble>;
/// Who waits for an answer.
pub type Then = Box<dyn FnOnce(Answered)>;

/// Where a source is seated. Each tells one or several worlds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The Socketscope program: This computer, Two hosts.
    #[default]
    Bridge,
    /// Two hosts in this page.
    Lab,
    /// A recorded story.
    File,
}

impl Place {
    /// Who tells a world.
    #[must_use]
    pub fn of(world: WorldKind) -> Self {
        match world {
            WorldKind::ThisComputer | WorldKind::TwoHosts => Self::Bridge,
            WorldKind::InThisPage => Self::Lab,
            WorldKind::Replay => Self::File,
        }
    }
}

/// Somebody who tells a story and takes commands.
///
/// It speaks through the [`Voice`](station::Voice) that the station gave it, which reaches the store only while it is heard.
pub trait Source {
    /// Gives a command; `then` is called exactly once.
    fn command(&self, what: Command, then: Then);
    /// It is heard from now on, by a store that knows nothing: it tells its whole story.
    fn enter(&self);
    /// Another one is heard: it may rest. What it needs to go on where it was, it keeps.
    fn leave(&self);
    /// Tries to reach at once what it speaks for.
    fn reconnect(&self) {}
    /// Does something to time, where time is in one's hand.
    fn time(&self, _what: TimeAction) {}
}

/// Why a command was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It was refused; nothing was done.
    Refused(Refusal),
    /// There is nobody to take it.
    NotConnected,
    /// The connection was lost before the answer came: it may have been done or not.
    Lost,
    /// A part of the page that is needed for it cannot be loaded.
    NotLoaded,
}

/// Whether events come in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// Connecting for the first time.
    #[default]
    Connecting,
    /// Events come in.
    Live,
    /// All of them are here: it is a file of this name.
    Recorded(Arc<String>),
    /// Gone; trying again.
    Away {
        /// What was said at parting, if anything.
        farewell: Option<Arc<Farewell>>,
        /// How many attempts failed since.
        attempts: u32,
        /// When the next attempt is made, by the page's clock in milliseconds; `None` while one is being made.
        next: Option<u64>,
    },
    /// What came in could not be understood; the page and the program are of different versions, or worse.
    Broken(String),
}
