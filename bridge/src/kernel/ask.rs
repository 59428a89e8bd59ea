//! Asks the kernel: `sock_diag` over netlink, or `/proc/net` where that is denied.

use super::sock_diag::{self, Answer, Family};
use super::{Report, proc_net};
use protocol::Transport;
use rustix::fd::OwnedFd;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink};
use std::io;

/// Bytes of one read; the kernel fills at most 32 KiB.
const READ: usize = 32 * 1024;
/// Reads for one question: a bound in case the end never comes.
const MOST_READS: usize = 4_096;
/// Ports one question can name: each takes 24 bytes in the kernel's filter.
pub const MOST_PORTS: usize = 256;

/// How the kernel is asked.
pub struct Ask {
    socket: Option<OwnedFd>,
    sequence: u32,
    buffer: Vec<u8>,
    /// Not only about certain ports.
    everything: bool,
}

impl Ask {
    /// Finds out how it can be asked.
    ///
    /// # Errors
    /// Neither way is open; the error is that of the second.
    pub fn new() -> io::Result<Self> {
        let mut ask = Self { socket: open().ok(), sequence: 0, buffer: vec![0; READ], everything: false };
        if ask.socket.is_some() && ask.tcp(&[1]).is_err() {
            ask.socket = None;
        }
        if ask.socket.is_none() {
            proc_net::read(Transport::Tcp, &[1])?;
        }
        Ok(ask)
    }

    /// Asks by a `sock_diag` socket that was opened inside a host. There is no other way: `/proc/net` is ours.
    #[must_use]
    pub fn inside(socket: OwnedFd) -> Self {
        Self { socket: Some(socket), sequence: 0, buffer: vec![0; READ], everything: true }
    }

    /// Whether it asks about every socket there is.
    #[must_use]
    pub fn asks_for_all(&self) -> bool {
        self.everything
    }

    /// All TCP and UDP sockets with one of these ports at one of their ends; inside a host all.
    ///
    /// # Errors
    /// The system's own.
    pub fn sockets(&mut self, tcp: &[u16], udp: &[u16]) -> io::Result<Vec<Report>> {
        let mut all = Vec::new();
        if self.everything {
            all.extend(self.tcp(&[])?);
            all.extend(self.udp(&[])?);
            return Ok(all);
        }
        for (transport, ports) in [(Transport::Tcp, tcp), (Transport::Udp, udp)] {
            if ports.is_empty() {
                continue;
            }
            let ports = &ports[..ports.len().min(MOST_PORTS)];
            all.extend(match (self.socket.is_some(), transport) {
                (false, _) => proc_net::read(transport, ports)?,
                (true, Transport::Udp) => self.udp(ports)?,
                (true, _) => self.tcp(ports)?,
            });
        }
        Ok(all)
    }

    fn tcp(&mut self, ports: &[u16]) -> io::Result<Vec<Report>> {
        let sequence = self.next();
        self.dump(&sock_diag::tcp(ports, sequence), Transport::Tcp)
    }

    fn udp(&mut self, ports: &[u16]) -> io::Result<Vec<Report>> {
        let mut all = Vec::new();
        for family in [Family::V4, Family::V6] {
            let sequence = self.next();
            all.extend(self.dump(&sock_diag::udp(family, ports, sequence), Transport::Udp)?);
        }
        Ok(all)
    }

    fn next(&mut self) -> u32 {
        self.sequence = self.sequence.wrapping_add(1);
        self.sequence
    }

    fn dump(&mut self, question: &[u8], transport: Transport) -> io::Result<Vec<Report>> {
        let Some(socket) = &self.socket else { return Err(io::ErrorKind::Unsupported.into()) };
        rustix::net::send(socket, question, SendFlags::empty())?;
        let mut all = Vec::new();
        for _ in 0..MOST_READS {
            // A dump is made as it is read, so that this never waits.
            let (len, _) = rustix::net::recv(socket, &mut self.buffer[..], RecvFlags::empty())?;
            match sock_diag::answer(&self.buffer[..len], transport, self.sequence) {
                Answer::More(reports) => all.extend(reports),
                Answer::Last(reports) => {
                    all.extend(reports);
                    return Ok(all);
                }
                Answer::Refused(number) => return Err(io::Error::from_raw_os_error(number)),
            }
        }
        Err(io::Error::other("the kernel's list of sockets has no end"))
    }
}

fn open() -> io::Result<OwnedFd> {
    let (family, kind) = (AddressFamily::NETLINK, SocketType::DGRAM);
    Ok(rustix::net::socket_with(family, kind, SocketFlags::CLOEXEC, Some(netlink::SOCK_DIAG))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::TcpState;

    #[test]
    fn both_ways_of_asking_find_the_same_sockets() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let _client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        // The same port on IPv6, where there is IPv6: both families are in one answer.
        let six = std::net::TcpListener::bind(("::1", port)).ok();
        let listeners = 1 + usize::from(six.is_some());
        let mut ask = Ask::new().unwrap();
        let told = ask.sockets(&[port], &[]).unwrap();
        ask.socket = None;
        let read = ask.sockets(&[port], &[]).unwrap();
        for reports in [&told, &read] {
            let states: Vec<_> = reports.iter().filter_map(|report| report.state).collect();
            assert_eq!(states.iter().filter(|state| **state == TcpState::Listen).count(), listeners, "{reports:?}");
            assert_eq!(states.iter().filter(|state| **state == TcpState::Established).count(), 2, "{reports:?}");
        }
        let mut ends: [Vec<_>; 2] =
            [&told, &read].map(|reports| reports.iter().map(|report| (report.local, report.peer)).collect());
        ends.iter_mut().for_each(|ends| ends.sort());
        assert_eq!(ends[0], ends[1]);
    }
}
