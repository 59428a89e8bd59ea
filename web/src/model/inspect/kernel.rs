//! Values from the kernel: their units, and which of them tell something.

use super::*;
use crate::model::story::History;

/// In which unit a kernel value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// Microseconds.
    Micros,
    /// A count.
    Count,
}

/// The unit of a kernel value.
#[must_use]
pub fn unit(key: GaugeKey) -> Unit {
    use GaugeKey as Key;
    match key {
        Key::RecvQueue
        | Key::SendQueue
        | Key::RecvBuffer
        | Key::SendBuffer
        | Key::SndMss
        | Key::RcvMss
        | Key::SndWnd
        | Key::RcvWnd
        | Key::BytesAcked
        | Key::BytesReceived
        | Key::NotSent => Unit::Bytes,
        Key::Srtt | Key::RttVar | Key::Rto | Key::TimerExpires => Unit::Micros,
        _ => Unit::Count,
    }
}

/// Whether a value tells something: counts of trouble that never came do not, nor a limit that is none.
#[must_use]
pub fn tells(key: GaugeKey, value: u64) -> bool {
    use GaugeKey as Key;
    const NO_LIMIT: u64 = 0x7fff_ffff;
    match key {
        Key::Drops
        | Key::Unacked
        | Key::Sacked
        | Key::Lost
        | Key::Retrans
        | Key::TotalRetrans
        | Key::NotSent
        | Key::Timer
        | Key::TimerExpires
        | Key::Backoff
        | Key::Probes
        | Key::SynQueue => value > 0,
        Key::Ssthresh => value < NO_LIMIT,
        _ => true,
    }
}

/// A value with what it was before.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// Which.
    pub key: GaugeKey,
    /// What it is.
    pub value: u64,
    /// When it changed, and to what, the oldest first; what it is now comes last.
    pub before: Vec<(Nanos, u64)>,
}

/// So many changes of a value are kept: more cannot be seen in a small picture.
const CHANGES: usize = 96;

/// A socket's kernel values as they were at a time, the newest if `None`.
#[must_use]
pub fn values(story: &Story, socket: SocketId, at: Option<Nanos>) -> Vec<Known> {
    let histories = story.socket(socket).map_or(&[][..], |socket| &socket.values);
    let known = |history: &History| {
        let steps = history.until(at);
        let value = steps.last()?.1;
        // Of very many, evenly from the first to the last: so the whole way is in sight.
        let count = steps.len().min(CHANGES);
        let before = (0..count).map(|n| steps[n * (steps.len() - 1) / (count - 1).max(1)]).collect();
        Some(Known { key: history.key, value, before })
    };
    histories.iter().filter_map(known).collect()
}

/// Whether what a value was before says something by its shape: how a connection learns, and how queues fill.
#[must_use]
pub fn has_shape(key: GaugeKey) -> bool {
    use GaugeKey as Key;
    matches!(
        key,
        Key::RecvQueue
            | Key::SendQueue
            | Key::AcceptQueue
            | Key::SynQueue
            | Key::Cwnd
            | Key::Ssthresh
            | Key::Srtt
            | Key::RttVar
            | Key::Rto
            | Key::Unacked
            | Key::NotSent
            | Key::SndWnd
            | Key::RcvWnd
            | Key::PacketsQueued
    )
}

/// The corners of a value's small picture, `width` by `height`, time to the right and more upwards; empty where it
/// never changed.
#[must_use]
pub fn corners(known: &Known, until: Nanos, width: u64, height: u64) -> Vec<(u64, u64)> {
    let (Some((first, _)), true) = (known.before.first(), known.before.len() > 1) else { return Vec::new() };
    let all = until.since(*first).0.max(1);
    let most = known.before.iter().map(|(_, value)| *value).max().unwrap_or_default().max(1);
    let place = |at: Nanos| (at.since(*first).0.min(all) as u128 * u128::from(width) / u128::from(all)) as u64;
    let high = |value: u64| height - (u128::from(value) * u128::from(height) / u128::from(most)) as u64;
    let mut corners = Vec::with_capacity(known.before.len() * 2);
    for (at, value) in &known.before {
        let x = place(*at);
        // It holds until it changes.
        if let Some((_, y)) = corners.last().copied() {
            corners.push((x, y));
        }
        corners.push((x, high(*value)));
    }
    corners.extend(corners.last().map(|(_, y)| (width, *y)));
    corners
}
