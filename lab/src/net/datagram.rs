//! Datagram sockets: one queue each, whose bound and losses are known.

use super::{Net, Try};
use crate::host::{Side, endpoint, socket_address};
use crate::socket::{Arrived, DATAGRAM_COST, Options};
use protocol::header::{IcmpMessage, icmpv4, icmpv6};
use protocol::{Cause, Errno, SocketId, Transport};
use smoltcp::socket::udp;
use std::net::SocketAddr;

/// The most that one datagram carries over IPv4, bytes (RFC 768): 65,535 less both headers.
const MOST: usize = 65_507;

impl Net {
    /// A datagram socket gets its port.
    pub(super) fn open_port(&mut self, id: SocketId, local: SocketAddr) -> Result<(), Errno> {
        let buffer = || {
            // The stack's own queues hold one datagram: it is moved on at once.
            udp::PacketBuffer::new(vec![udp::PacketMetadata::EMPTY; 2], vec![0; 65_536])
        };
        let mut port = udp::Socket::new(buffer(), buffer());
        port.bind(endpoint(local)).map_err(|_| Errno::Einval)?;
        let Some(socket) = self.sockets.get_mut(&id) else { return Err(Errno::Einval) };
        let (side, v6) = (socket.side, socket.v6);
        socket.local = Some(local);
        let Some(datagram) = socket.datagram() else { return Err(Errno::Eopnotsupp) };
        datagram.handle = Some(self.hosts[side as usize].stack(v6).datagrams.add(port));
        self.receivers.insert((side, local), id);
        Ok(())
    }

    /// `sendto`, or `send` on a connected datagram socket. Never waits.
    pub(crate) fn send_datagram(&mut self, id: SocketId, data: &[u8], to: SocketAddr, cause: Cause) -> Try<()> {
        let now = self.story.now();
        let Some(socket) = self.sockets.get_mut(&id) else { return Try::Failed(Errno::Einval) };
        if let Some(error) = socket.error.take() {
            return Try::Failed(error);
        }
        let (side, v6) = (socket.side, socket.v6);
        if to.is_ipv6() != v6 {
            return Try::Failed(Errno::Eafnosupport);
        }
        if data.len() > MOST {
            return Try::Failed(Errno::Emsgsize);
        }
        let about = socket.about();
        let Some(handle) = socket.datagram().and_then(|datagram| datagram.handle) else {
            return Try::Failed(Errno::Einval);
        };
        let stack = self.hosts[side as usize].stack(v6);
        let fits = data.len() + 48 <= stack.mtu();
        if stack.datagrams.get_mut::<udp::Socket<'_>>(handle).send_slice(data, endpoint(to)).is_err() {
            return Try::Failed(Errno::Enobufs);
        }
        stack.send_datagrams(now);
        let sent = stack.take_sent();
        if v6 && !fits {
            self.differs(about, "no IPv6 fragmentation");
        }
        self.offer(side, about, sent.into_iter().map(|packet| (packet, Some(cause))).collect());
        Try::Done(())
    }

    /// `recvfrom`.
    pub(crate) fn recv_datagram(&mut self, id: SocketId) -> Try<Arrived> {
        let Some(socket) = self.sockets.get_mut(&id) else { return Try::Failed(Errno::Einval) };
        let error = socket.error.take();
        let Some(datagram) = socket.datagram() else { return Try::Failed(Errno::Eopnotsupp) };
        if let Some(error) = error {
            return Try::Failed(error);
        }
        let Some(arrived) = datagram.queue.pop_front() else { return Try::Wait };
        datagram.bytes -= arrived.data.len() + DATAGRAM_COST;
        self.tell_gauges(id, false);
        Try::Done(arrived)
    }

    /// Moves what the stack received into the sockets' own queues.
    pub(super) fn collect(&mut self, side: Side, v6: bool, cause: Cause) {
        let mut came = Vec::new();
        for (_, id) in self.receivers.iter().filter(|((of, _), _)| *of == side) {
            let Some(socket) = self.sockets.get_mut(id).filter(|socket| socket.v6 == v6) else { continue };
            let most = Options::size(socket.options.recv_buffer, Options::DATAGRAMS);
            let (local, peer) = (socket.local, socket.peer);
            let Some(datagram) = socket.datagram() else { continue };
            let Some(handle) = datagram.handle else { continue };
            let port = self.hosts[side as usize].stack(v6).datagrams.get_mut::<udp::Socket<'_>>(handle);
            while let Ok((data, metadata)) = port.recv() {
                let from = socket_address(metadata.endpoint);
                if peer.is_some_and(|peer| peer != from) {
                    // A connected socket hears its peer only.
                    continue;
                }
                came.push(*id);
                if datagram.bytes + data.len() + DATAGRAM_COST > most {
                    datagram.drops += 1;
                    continue;
                }
                let id = local.and_then(|local| self.datagrams.arrived(from, local, data));
                datagram.bytes += data.len() + DATAGRAM_COST;
                datagram.queue.push_back(Arrived { id, from, data: data.to_vec(), cause: Some(cause) });
            }
        }
        for id in came {
            self.tell_gauges(id, false);
            self.wake(id, Some(cause));
        }
    }

    /// An ICMP message about something that a host has sent.
    pub(super) fn icmp(&mut self, side: Side, v6: bool, message: IcmpMessage, cause: Cause) {
        let IcmpMessage { kind, code, mtu, about: Some((from, to)) } = message else { return };
        let (refused, too_big) = if v6 {
            ((icmpv6::UNREACHABLE, icmpv6::PORT_UNREACHABLE) == (kind, code), kind == icmpv6::PACKET_TOO_BIG)
        } else {
            let needs = (icmpv4::UNREACHABLE, icmpv4::FRAGMENTATION_NEEDED) == (kind, code);
            ((icmpv4::UNREACHABLE, icmpv4::PORT_UNREACHABLE) == (kind, code), needs)
        };
        if too_big && let Some(mtu) = mtu {
            let least = if v6 { 1_280 } else { 68 };
            let now = self.story.now();
            self.hosts[side as usize].stack(v6).path_takes(now, (mtu as usize).max(least));
            if let Some(id) = self.connections.get(&(side, from, to)) {
                let about = self.about(*id);
                self.differs(about, "path MTU: sent again after the RTO only");
            }
        }
        if refused
            && let Some(id) = self.receivers.get(&(side, from)).copied()
            && let Some(socket) = self.sockets.get_mut(&id)
            // RFC 1122, 4.1.3.3: passed up; POSIX systems tell only those who said whom they speak to.
            && socket.peer == Some(to)
        {
            socket.error = Some(Errno::Econnrefused);
            self.wake(id, Some(cause));
        }
    }

    /// A datagram is about to be sent: its identity.
    pub(crate) fn datagram_sent(&mut self, id: SocketId, to: SocketAddr, data: &[u8]) -> Option<protocol::DatagramId> {
        let local = self.sockets.get(&id)?.local?;
        let datagram = self.story.new_datagram();
        self.datagrams.sent(local, to, datagram, data);
        Some(datagram)
    }

    /// It was not sent after all.
    pub(crate) fn datagram_failed(&mut self, id: SocketId, to: SocketAddr, datagram: protocol::DatagramId) {
        if let Some(local) = self.sockets.get(&id).and_then(|socket| socket.local) {
            self.datagrams.failed(local, to, datagram);
        }
    }

    /// In which conversation a datagram between this socket and `peer` is.
    pub(crate) fn flow_with(&mut self, id: SocketId, peer: SocketAddr, began: bool) -> Option<protocol::FlowId> {
        let socket = self.sockets.get(&id)?;
        let (host, local) = (socket.side.host(), socket.local?);
        let end = super::Appears { host, transport: Transport::Udp, socket: id, local, peer, began };
        Some(self.flows.join(&mut self.story, end))
    }
}
