//! Numbers that whoever draws a story counts with: none of them may be so large that a sum of two overflows.

use super::Head;
use crate::fault::What;
use protocol::{ClientAction, Command, Event, Gap, Kind, Nanos, Op, Seq, Span, Stage};

/// The latest time: 36 years.
const LATEST: Nanos = Nanos(1 << 60);
/// The most bytes of a stream, and the largest number of an event: JavaScript counts no further.
const MOST: u64 = 1 << 53;

/// Whether an event can be drawn.
pub fn event(event: &Event) -> Result<(), What> {
    time(event.at)?;
    time(event.uncertainty)?;
    seq(event.seq)?;
    match &event.kind {
        Kind::Call(call) => {
            if let Some(Span::Stream { start, len, .. }) = call.span {
                size(start)?;
                size(len)?;
            }
            match call.op {
                Op::Send { len } | Op::SendTo { len, .. } => size(len)?,
                Op::Think { time: length } => time(length)?,
                _ => {}
            }
            match call.outcome {
                Some(protocol::Outcome::Bytes(len) | protocol::Outcome::From(len, _)) => size(len),
                _ => Ok(()),
            }
        }
        Kind::Packet(packet) => {
            if let Stage::Scheduled(due) = packet.stage {
                time(due)?;
            }
            if packet.true_len as usize >= packet.data.len() { Ok(()) } else { Err(What::Range("length of a packet")) }
        }
        Kind::Dropped { count, .. } => size(*count),
        Kind::Gauge(values) => values.iter().try_for_each(|(_, value)| size(*value)),
        Kind::Command { what: Command::Client { action: ClientAction::Send { data, .. }, .. }, .. } => {
            size(data.len() as u64)
        }
        _ => Ok(()),
    }
}

/// Whether a gap can be counted.
pub fn gap(gap: &Gap) -> Result<(), What> {
    seq(gap.last)?;
    if gap.first > gap.last { Err(What::Order) } else { Ok(()) }
}

/// Whether its time can be shown.
pub fn head(head: &Head) -> Result<(), What> {
    time(head.now.unwrap_or_default())
}

fn time(time: Nanos) -> Result<(), What> {
    if time <= LATEST { Ok(()) } else { Err(What::Range("time")) }
}

fn size(size: u64) -> Result<(), What> {
    if size <= MOST { Ok(()) } else { Err(What::Range("size")) }
}

fn seq(seq: Seq) -> Result<(), What> {
    if seq.0 <= MOST && seq.0 > 0 { Ok(()) } else { Err(What::Range("event number")) }
}
