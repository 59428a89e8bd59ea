//! Socket options, set and asked for.

use protocol::SocketOption;
use socket2::Socket;
use std::io;
use std::time::Duration;

/// `setsockopt`.
///
/// # Errors
/// The system's own.
pub fn set(socket: &Socket, option: SocketOption) -> io::Result<()> {
    match option {
        SocketOption::ReuseAddress(on) => socket.set_reuse_address(on),
        SocketOption::NoDelay(on) => socket.set_tcp_nodelay(on),
        SocketOption::SendBuffer(size) => socket.set_send_buffer_size(size as usize),
        SocketOption::RecvBuffer(size) => socket.set_recv_buffer_size(size as usize),
        SocketOption::KeepAlive(on) => socket.set_keepalive(on),
        SocketOption::V6Only(on) => socket.set_only_v6(on),
    }
}

/// Makes the next `close` reset the connection: `SO_LINGER` with a time of 0.
///
/// # Errors
/// The system's own.
pub fn reset_on_close(socket: &Socket) -> io::Result<()> {
    socket.set_linger(Some(Duration::ZERO))
}

/// The kernel's own number for the socket, which is never used again: `SO_COOKIE`, on Linux.
#[must_use]
pub fn cookie(socket: &Socket) -> Option<u64> {
    #[cfg(target_os = "linux")]
    {
        rustix::net::sockopt::socket_cookie(socket).ok()
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = socket;
        None
    }
}

/// The descriptor's number, as the program sees it.
#[must_use]
pub fn descriptor(socket: &Socket) -> Option<i32> {
    #[cfg(unix)]
    {
        use std::os::fd::AsRawFd;
        Some(socket.as_raw_fd())
    }
    #[cfg(windows)]
    {
        use std::os::windows::io::AsRawSocket;
        i32::try_from(socket.as_raw_socket()).ok()
    }
}

/// Whether a Unix-domain peer is this very process: then it is one of our clients.
#[must_use]
pub fn peer_is_this_process(socket: &Socket) -> bool {
    #[cfg(target_os = "linux")]
    {
        rustix::net::sockopt::socket_peercred(socket).is_ok_and(|peer| peer.pid == rustix::process::getpid())
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = socket;
        true
    }
}
