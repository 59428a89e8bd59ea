//! What is chosen when a lab is made.

use protocol::Nanos;

/// How the stacks behave where smoltcp leaves a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LabOptions {
    /// How TCP reacts to loss.
    pub congestion: Congestion,
    /// How long an ACK may wait for data to go with (RFC 9293, 3.8.6.3); `None` acknowledges at once.
    pub delayed_ack: Option<Nanos>,
}

impl Default for LabOptions {
    /// Reno, and the 40 ms of Linux.
    fn default() -> Self {
        Self { congestion: Congestion::Reno, delayed_ack: Some(Nanos::from_millis(40)) }
    }
}

/// A congestion control algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Congestion {
    /// As fast as the peer's window allows.
    None,
    /// RFC 5681: integers only, so the same on every platform.
    Reno,
    /// RFC 9438: in floating point.
    Cubic,
}
