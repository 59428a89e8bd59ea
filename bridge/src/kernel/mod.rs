//! What the kernel knows of the sockets, asked without disturbing them.

#[cfg(target_os = "linux")]
mod ask;
#[cfg(target_os = "linux")]
mod others;
#[cfg(target_os = "linux")]
mod proc_net;
pub mod processes;
mod sampler;
#[cfg(target_os = "linux")]
mod sampling;
#[cfg(target_os = "linux")]
mod sock_diag;
#[cfg(target_os = "linux")]
mod tcp_info;

pub use sampler::Sampler;

use protocol::{GaugeKey, TcpState, Transport};
use std::net::SocketAddr;

/// What the kernel says of one socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// TCP or UDP.
    pub transport: Transport,
    /// This end.
    pub local: SocketAddr,
    /// The other end, if it has one.
    pub peer: Option<SocketAddr>,
    /// The state of a TCP end.
    pub state: Option<TcpState>,
    /// The inode of its file; 0 when no program has it: not accepted yet, or closed by its program.
    pub inode: u32,
    /// The kernel's number for it; `/proc/net` does not tell.
    pub cookie: Option<u64>,
    /// Which timer runs, as in `GaugeKey::Timer`, and milliseconds until it fires.
    pub timer: (u8, u32),
    /// Its values.
    pub gauges: Vec<(GaugeKey, u64)>,
}
