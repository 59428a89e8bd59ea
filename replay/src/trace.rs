//! The `.socketscope` trace: one JSON document, one event a line.
//!
//! ```text
//! {"socketscope":1,"about":{"epoch":{…},"world":"ThisComputer",…},
//! "events":[
//! {"seq":1,"at":0,…},
//! {"seq":2,"at":81234,…}
//! ],
//! "gaps":[]}
//! ```
//!
//! `socketscope` comes first and is the version; a new version is one that this reader could misunderstand. New fields
//! are no new version: an older reader passes them over. `about` may be left out by whoever writes a trace by hand.
//! What each value looks like is in `schema.txt`; enums are written as serde writes them, bytes as hexadecimal digits.

mod check;
mod reader;
mod writer;

pub use reader::Reader;
pub use writer::Writer;

use protocol::{Epoch, Nanos, ServerInfo, SettingsInfo, WorldKind};
use serde::{Deserialize, Serialize};

/// The version that is written and read.
pub const VERSION: u64 = 1;
/// How a file with a trace is called.
pub const EXTENSION: &str = ".socketscope";
/// The most events of one trace: what a page can carry.
pub const MOST_EVENTS: u64 = 1_000_000;

/// What one must know besides the events to see the same picture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Which story it is.
    pub epoch: Epoch,
    /// The world it happened in.
    pub world: Option<WorldKind>,
    /// What wrote it, such as `Socketscope 0.1.0`.
    pub by: Option<String>,
    /// The operating system, such as `Linux 6.18`.
    pub system: Option<String>,
    /// When it was written, in the story's own time: calls that wait, wait until then.
    pub now: Option<Nanos>,
    /// The servers, as they were then.
    pub servers: Option<Vec<ServerInfo>>,
    /// Their settings, as they were then.
    pub settings: Option<SettingsInfo>,
}
