//! The words of the inspector.

mod en;
mod zh;

pub use en::EN;
pub use zh::ZH;

use crate::model::Say;
use crate::model::inspect::{Fact, PacketWords, Sentence, Unit};
use crate::model::wording::time;
use protocol::header::{Checksum, Layer};
use protocol::{GaugeKey, How, Nanos, TcpState};

/// The sentences.
pub struct Inspector {
    /// Shown while there is nothing to speak of.
    pub nothing: &'static str,
    /// Over the sentence while nothing is selected.
    pub following: &'static str,
    /// Over the sentence while something is.
    pub pinned: &'static str,
    /// Head of a header: which, how many bytes.
    pub header: fn(Layer, usize) -> String,
    /// Head of a packet's drawing.
    pub headers: &'static str,
    /// Whether the checksum is right; whether it was seen on the loopback interface.
    pub checksum: fn(Checksum, bool) -> String,
    /// Under the drawing, before a field is chosen.
    pub choose_field: &'static str,
    /// One sentence about a mark.
    pub sentence: fn(&Sentence) -> String,
    /// Head of the program's source.
    pub program: &'static str,
    /// Shown for somebody's own program, whose source nobody knows.
    pub no_source: &'static str,
    /// Head of the kernel's values.
    pub kernel: &'static str,
    /// Shown where the kernel reported nothing.
    pub no_values: &'static str,
    /// The name of a kernel value.
    pub value: fn(GaugeKey) -> &'static str,
    /// A number with its unit.
    pub amount: fn(u64, Unit) -> String,
    /// The name of the state's row.
    pub state: &'static str,
    /// What a state means.
    pub state_means: fn(TcpState) -> &'static str,
    /// Head of the bytes.
    pub bytes: &'static str,
    /// The bytes before the server made them upper case.
    pub before: &'static str,
    /// The bytes after it.
    pub after: &'static str,
    /// Only the first bytes are shown, or recorded: how many more.
    pub more_bytes: fn(u64) -> String,
    /// How it is known.
    pub how: fn(How) -> &'static str,
    /// Whether it is simulated.
    pub simulated: &'static str,
    /// When it began, how long it took, how uncertain that is.
    pub times: fn(&str, Option<&str>, Option<&str>) -> String,
    /// The number on Windows.
    pub windows: fn(u32) -> String,
    /// Choice of the language of the source.
    pub language: &'static str,
}

/// Protocols are called the same everywhere.
fn layer_name(layer: Layer) -> &'static str {
    match layer {
        Layer::Ipv4 => "IPv4",
        Layer::Ipv6 => "IPv6",
        Layer::Extension => "IPv6 +",
        Layer::Tcp => "TCP",
        Layer::Udp => "UDP",
        Layer::Icmp => "ICMP",
        Layer::Payload => "",
    }
}

fn hex4(number: u16) -> String {
    let digit = |place: u32| char::from_digit(u32::from(number) >> (place * 4) & 15, 16).unwrap_or('0');
    [3, 2, 1, 0].into_iter().map(digit).fold("0x".to_string(), |hex, digit| hex + &digit.to_string())
}
