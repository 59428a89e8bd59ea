//! Values from the kernel: their units, and which of them tell something.

use super::*;

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

/// A socket's kernel values as they were at a time, the newest if `None`.
#[must_use]
pub fn values(story: &Story, socket: SocketId, at: Option<Nanos>) -> Vec<(GaugeKey, u64)> {
    let Some(socket) = story.socket(socket) else { return Vec::new() };
    let mut known: Vec<(GaugeKey, u64)> = Vec::new();
    for event in socket.gauges.iter().map(|place| story.event_at(*place)) {
        let Kind::Gauge(values) = &event.kind else { continue };
        if at.is_some_and(|at| event.at > at) {
            continue;
        }
        for value in values {
            let place = known.partition_point(|(key, _)| *key < value.0);
            match known.get_mut(place) {
                Some(old) if old.0 == value.0 => *old = *value,
                _ => known.insert(place, *value),
            }
        }
    }
    known
}
