//! The words of the ladder, the tracker and the table of events.

mod en;
mod zh;

pub use en::EN;
pub use zh::ZH;

use crate::model::Say;
use crate::model::ladder::strips::Standing;
use crate::model::say::TrackerRow;
use crate::model::wording::time;
use protocol::wire::{Verdict, WireAction};
use protocol::{Arg, ClientAction, Command, DropReason, LoopRule, NoteId, Place, ServerAction, Setting, TcpMode};

/// The sentences.
pub struct Ladder {
    /// Says what the ladder wants to say.
    pub say: fn(&Say) -> String,
    /// Name of the picture.
    pub ladder: &'static str,
    /// Name of the table.
    pub events: &'static str,
    /// Name of the byte tracker.
    pub tracker: &'static str,
    /// Heads of the table's columns: time, who, what, result.
    pub columns: [&'static str; 4],
    /// Shown while there is nothing to draw.
    pub empty: &'static str,
    /// Choice of the bytes in the tracker: the last exchange.
    pub recent: &'static str,
    /// Choice of the bytes in the tracker: all.
    pub all: &'static str,
    /// Goes to the newest events and stays there.
    pub newest: &'static str,
    /// Chooses whom to follow.
    pub follow: &'static str,
    /// Under the server's title, by the mode in which TCP clients are served.
    pub mode: fn(TcpMode) -> &'static str,
    /// How many earlier and later rows the table leaves out.
    pub left_out: fn(usize) -> String,
    /// Name of the list of clients that have no lanes.
    pub clients: &'static str,
    /// How a client of a crowd is.
    pub standing: fn(Standing) -> String,
    /// Opens the legend.
    pub legend: &'static str,
    /// How a mark is known, where it was not seen: reported, or derived.
    pub known: [&'static str; 2],
}

/// `3 sends`, `1 send`.
fn count(number: u64, one: &str, many: &str) -> String {
    let word = if number == 1 { one } else { many };
    [number.to_string().as_str(), " ", word].concat()
}

fn arg(arg: Option<&Arg>) -> String {
    match arg {
        None => String::new(),
        Some(Arg::Count(count)) => count.to_string(),
        Some(Arg::Time(length)) => time(*length),
        Some(Arg::Text(text)) => text.clone(),
        Some(Arg::At(address)) => address.to_string(),
    }
}

/// What a person chose for a client, by the name of the call.
fn chosen(action: &ClientAction) -> &'static str {
    match action {
        ClientAction::Connect => "connect()",
        ClientAction::Send { .. } => "send()",
        ClientAction::Recv | ClientAction::Reading(_) | ClientAction::Program { .. } => "recv()",
        ClientAction::Option(_) => "setsockopt()",
        ClientAction::Shutdown(_) => "shutdown()",
        ClientAction::Close => "close()",
        ClientAction::Abort => "close() + RST",
    }
}
