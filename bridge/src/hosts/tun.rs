//! The TUN of a host, seen from outside: packets come out of it and go into it.

use crate::sys::readable::register_readable;
use rustix::buffer::spare_capacity;
use rustix::fd::OwnedFd;
use std::io;
use tokio::io::unix::{AsyncFd, AsyncFdReadyGuard};

/// Longer than any packet of an interface with an MTU of 1500.
const PACKET_MOST: usize = 2048;

/// A TUN on the runtime.
#[derive(Debug)]
pub(super) struct Tun {
    fd: AsyncFd<OwnedFd>,
}

impl Tun {
    /// Puts it on the runtime.
    pub(super) fn new(fd: OwnedFd) -> io::Result<Self> {
        Ok(Self { fd: register_readable(fd)? })
    }

    /// Waits until there may be packets.
    pub(super) async fn readable(&self) -> io::Result<AsyncFdReadyGuard<'_, OwnedFd>> {
        self.fd.readable().await
    }

    /// Reads one packet into `buffer`. `false` if there is none.
    pub(super) fn read(&self, buffer: &mut Vec<u8>) -> io::Result<bool> {
        buffer.clear();
        buffer.reserve(PACKET_MOST);
        match rustix::io::retry_on_intr(|| rustix::io::read(self.fd.get_ref(), spare_capacity(buffer))) {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) => Ok(true),
            Err(rustix::io::Errno::AGAIN) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives the host a packet. `false` if its interface takes no more.
    pub(super) fn write(&self, packet: &[u8]) -> bool {
        rustix::io::retry_on_intr(|| rustix::io::write(self.fd.get_ref(), packet)).is_ok()
    }
}
