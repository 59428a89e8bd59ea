//! Where events come from and commands go to: the bridge now, the lab in this page and files later.

pub mod backoff;
pub mod bridge;
pub mod session;

use protocol::command::{Command, Reply};
use protocol::message::{Farewell, Refusal};
use std::sync::Arc;

/// The answer to a command.
pub type Answered = Result<Reply, Trouble>;

/// Somebody who tells a story and takes commands.
pub trait Source {
    /// Gives a command; `then` is called exactly once.
    fn command(&self, what: Command, then: Box<dyn FnOnce(Answered)>);
    /// Tries to reach it at once.
    fn reconnect(&self);
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
}

/// Whether events come in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// Connecting for the first time.
    #[default]
    Connecting,
    /// Events come in.
    Live,
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
