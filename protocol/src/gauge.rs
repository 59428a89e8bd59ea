//! Values the kernel reports about a socket.

use serde::{Deserialize, Serialize};

/// Which value. Times are microseconds, sizes bytes, unless said otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum GaugeKey {
    /// Bytes received and not yet read by the program.
    RecvQueue,
    /// Bytes given by the program and not yet acknowledged.
    SendQueue,
    /// Of a listener: connections established and not yet accepted.
    AcceptQueue,
    /// Of a listener: its backlog; Linux holds one more.
    AcceptLimit,
    /// Of a listener: half-open connections (SYN received, handshake not finished).
    SynQueue,
    /// Size of the receive buffer.
    RecvBuffer,
    /// Size of the send buffer.
    SendBuffer,
    /// Packets this socket lost because its queue was full.
    Drops,
    /// Smoothed round-trip time (RFC 6298 SRTT).
    Srtt,
    /// Round-trip time variation (RFC 6298 RTTVAR).
    RttVar,
    /// Retransmission timeout (RFC 6298 RTO).
    Rto,
    /// Congestion window, segments.
    Cwnd,
    /// Slow-start threshold, segments.
    Ssthresh,
    /// Segments sent and not acknowledged.
    Unacked,
    /// Segments selectively acknowledged.
    Sacked,
    /// Segments thought lost.
    Lost,
    /// Segments of the current flight sent again.
    Retrans,
    /// Segments sent again since the connection began.
    TotalRetrans,
    /// Maximum segment size for sending.
    SndMss,
    /// Maximum segment size for receiving.
    RcvMss,
    /// Window the peer offers.
    SndWnd,
    /// Window this end offers.
    RcvWnd,
    /// Bytes the peer acknowledged.
    BytesAcked,
    /// Bytes received in order.
    BytesReceived,
    /// Bytes given by the program and not yet sent.
    NotSent,
    /// Segments sent.
    SegsOut,
    /// Segments received.
    SegsIn,
    /// Timer that is running: 0 none, 1 retransmission, 2 keep-alive, 3 TIME_WAIT, 4 zero-window probe.
    Timer,
    /// When that timer fires.
    TimerExpires,
    /// Timeouts in a row without an answer.
    Backoff,
    /// Window probes without an answer.
    Probes,
    /// Largest datagram queue the receive buffer has held: packets waiting.
    PacketsQueued,
}
