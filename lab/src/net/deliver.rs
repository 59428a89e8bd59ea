//! Packets come in: who gets them.

use super::Net;
use crate::host::Side;
use crate::socket::{Body, Life, state};
use protocol::header::{Carries, Segment, Summary, TcpFlags, summary};
use protocol::{Cause, DropReason, Kind, SocketId, Stage, TcpState, Transport};
use smoltcp::socket::tcp::State;
use std::net::SocketAddr;
use wire::Delivery;

/// Who a segment is for.
enum Target {
    Connection(SocketId),
    /// A listening socket with a free seat.
    Listener(SocketId),
    /// A listening socket without one.
    Full,
    Nobody,
}

impl Net {
    /// A packet has arrived at the end of the wire.
    pub(super) fn arrive(&mut self, delivery: Delivery) {
        self.story.spend(crate::costs::PACKET);
        let side = Side::at_end_of(delivery.way);
        let packet = summary(&delivery.bytes, delivery.bytes.len());
        let segment = packet.as_ref().and_then(|packet| packet.tcp().map(|segment| (ends(packet, segment), *segment)));
        let target = segment.as_ref().map(|((local, peer), segment)| self.target(side, *local, *peer, segment));
        let mut cause = Cause::Event(self.last());
        if let Some(mut report) = delivery.report {
            if matches!(target, Some(Target::Full)) {
                report.packet.stage = Stage::Dropped(DropReason::AcceptQueueFull);
            }
            cause = Cause::Event(self.tell_packet(report));
        }
        let Some(packet) = packet else { return };
        let v6 = packet.dst.is_ipv6();
        match (target, segment) {
            (Some(Target::Full), _) => {}
            (Some(Target::Connection(id)), Some((_, segment))) => self.segment(id, &segment, delivery.bytes, cause),
            (Some(Target::Listener(id)), Some((ends, segment))) => self.syn(id, ends, &segment, delivery.bytes, cause),
            (Some(_), _) => self.for_nobody(side, v6, delivery.bytes, cause),
            (None, _) => self.others(side, v6, &packet, delivery.bytes, cause),
        }
    }

    fn target(&self, side: Side, local: SocketAddr, peer: SocketAddr, segment: &Segment) -> Target {
        if let Some(id) = self.connections.get(&(side, local, peer)) {
            return Target::Connection(*id);
        }
        let opens = segment.flags.has(TcpFlags::SYN) && !segment.flags.any(TcpFlags::ACK | TcpFlags::RST);
        let listener = self.listeners.get(&(side, local)).filter(|_| opens).and_then(|id| self.sockets.get(id));
        match listener.map(|socket| (socket.id, &socket.body)) {
            Some((id, Body::Listener(listener))) if listener.has_seat() => Target::Listener(id),
            Some(_) => Target::Full,
            None => Target::Nobody,
        }
    }

    /// A segment for a connection.
    fn segment(&mut self, id: SocketId, segment: &Segment, bytes: Vec<u8>, cause: Cause) {
        let now = self.story.now();
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        let (side, v6) = (socket.side, socket.v6);
        let Some(stream) = socket.stream() else { return };
        stream.peer.learn(segment);
        let queued = stream.tcp().send_queue();
        let stack = self.hosts[side as usize].stack(v6);
        stack.take_in(now, bytes, &mut stream.set);
        let answers = stack.take_sent();
        let (arrived, room) = (stream.tcp().recv_queue() > 0, stream.tcp().send_queue() < queued);
        let changed = stream.tcp().state() != stream.state;
        self.observe(id, Some(cause));
        if arrived || room || changed {
            self.wake(id, Some(cause));
        }
        self.sends(id, answers, Some(cause));
        self.flush(id, Some(cause));
    }

    /// A SYN for a listening socket with a free seat: that is now a socket of its own.
    fn syn(
        &mut self,
        listener: SocketId,
        (local, peer): (SocketAddr, SocketAddr),
        segment: &Segment,
        bytes: Vec<u8>,
        cause: Cause,
    ) {
        let Some(parent) = self.sockets.get(&listener) else { return };
        let (side, v6, options) = (parent.side, parent.v6, parent.options);
        let mut stream = self.new_stream(&options);
        if stream.tcp_mut().listen(crate::host::endpoint(local)).is_err() {
            return;
        }
        stream.state = State::Listen;
        stream.peer.learn(segment);
        let now = self.story.now();
        let stack = self.hosts[side as usize].stack(v6);
        stack.take_in(now, bytes, &mut stream.set);
        let answers = stack.take_sent();
        if stream.tcp().state() != State::SynReceived {
            return;
        }
        stream.state = State::SynReceived;
        let to = state(stream.state);
        let id = self.enter(side, Transport::Tcp, v6, Body::Stream(Box::new(stream)));
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.parent = Some(listener);
            socket.options = options;
            (socket.local, socket.peer) = (Some(local), Some(peer));
            socket.life = Life::Queued;
        }
        self.connections.insert((side, local, peer), id);
        self.tell_socket(id);
        self.join(id, false);
        self.tell_state(id, to, Some(cause));
        if let Some(listener) = self.sockets.get_mut(&listener).and_then(|socket| socket.listener()) {
            listener.syn(id);
        }
        self.tell_gauges(listener, true);
        self.sends(id, answers, Some(cause));
        self.flush(id, Some(cause));
    }

    /// A segment for nobody: the stack answers with RST.
    fn for_nobody(&mut self, side: Side, v6: bool, bytes: Vec<u8>, cause: Cause) {
        let now = self.story.now();
        let stack = self.hosts[side as usize].stack(v6);
        stack.take_in_for_nobody(now, bytes);
        let answers = stack.take_sent();
        self.answer(side, answers, cause);
    }

    /// Datagrams, fragments and ICMP.
    fn others(&mut self, side: Side, v6: bool, packet: &Summary, bytes: Vec<u8>, cause: Cause) {
        if let Carries::Icmp(message) = packet.carries {
            self.icmp(side, v6, message, cause);
            return self.for_nobody(side, v6, bytes, cause);
        }
        let now = self.story.now();
        let stack = self.hosts[side as usize].stack(v6);
        stack.take_in_datagram(now, bytes);
        let answers = stack.take_sent();
        self.collect(side, v6, cause);
        self.answer(side, answers, cause);
    }

    /// The stack itself answers, for no socket.
    fn answer(&mut self, side: Side, answers: Vec<Vec<u8>>, cause: Cause) {
        for packet in answers {
            let ends = summary(&packet, packet.len()).and_then(|packet| {
                let tcp = packet.tcp().map(|segment| (Transport::Tcp, ends(&packet, segment)));
                tcp.or(match packet.carries {
                    Carries::Icmp(message) => message.about.map(|ends| (Transport::Udp, ends)),
                    _ => None,
                })
            });
            let flow = ends.and_then(|(transport, (one, other))| self.flows.between(transport, one, other));
            let about = protocol::About { host: side.host(), flow, ..protocol::About::default() };
            self.offer(side, about, vec![(packet, Some(cause))]);
        }
    }

    /// A listening socket is closed: who waits there is reset, as a kernel does.
    pub(super) fn abandon(&mut self, waiting: Vec<SocketId>, cause: Cause) {
        for id in waiting {
            let Some(socket) = self.sockets.get_mut(&id) else { continue };
            socket.life = Life::Orphan;
            let Some(stream) = socket.stream() else { continue };
            if stream.tcp().state() == State::Closed {
                self.forget(id, Some(cause));
                continue;
            }
            stream.tcp_mut().abort();
            self.flush(id, Some(cause));
        }
    }

    /// A socket that was never told as a connection tells its first state.
    pub(super) fn listens(&mut self, id: SocketId, cause: Cause) {
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        let from = socket.told.state.replace(TcpState::Listen);
        if from.is_none() {
            self.story.record(socket.about(), Some(cause), Kind::State { from, to: TcpState::Listen });
        }
    }
}

/// This end and the other one, as the receiver sees them.
fn ends(packet: &Summary, segment: &Segment) -> (SocketAddr, SocketAddr) {
    (SocketAddr::new(packet.dst, segment.dst_port), SocketAddr::new(packet.src, segment.src_port))
}
