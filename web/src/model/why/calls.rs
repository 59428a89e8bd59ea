//! Why a call returned, and why it was made.

use super::look::{Look, has};
use super::reason::{Reason, Step};
use crate::model::story::{CallRecord, PacketRecord, Place, SocketRecord};
use protocol::header::TcpFlags;
use protocol::{Address, Op, Outcome, SocketId, Span};

impl<'a> Look<'a> {
    /// Why a call returned, or why it has not.
    pub fn returned(&self, call: &CallRecord) -> Vec<Step> {
        let Some(returned) = call.returned else { return self.waits(call) };
        let steps = match (&call.op, &call.outcome) {
            (_, Some(Outcome::Failed(error))) => self.failed(call, returned, error.name),
            (Op::Recv { .. } | Op::RecvFrom { .. }, Some(Outcome::Bytes(0)))
                if !matches!(call.span, Some(Span::Datagram { .. })) =>
            {
                self.end_of_stream(call, returned)
            }
            (Op::Recv { .. } | Op::RecvFrom { .. }, Some(_)) => self.received(call, returned),
            (Op::Accept, Some(Outcome::Accepted { socket, .. })) => self.accepted(call, *socket, returned),
            (Op::Connect { .. }, Some(Outcome::Done)) => self.connected(call, returned),
            _ => Vec::new(),
        };
        if !steps.is_empty() {
            return steps;
        }
        self.ended_by(returned).map_or_else(|| self.entered(call), |step| vec![step])
    }

    /// The packet that the producer says ended a call. A command or a call began it, and is no reason for its end.
    pub fn ended_by(&self, returned: Place) -> Option<Step> {
        self.said(self.cause_of(returned)).filter(|step| step.reason == Reason::Arrived)
    }

    /// Why a call was made.
    pub fn entered(&self, call: &CallRecord) -> Vec<Step> {
        let socket = call.socket.and_then(|id| self.story.socket(id));
        let echoes = socket.is_some_and(|socket| self.story.echoes(socket));
        let step = match &call.op {
            Op::Send { .. } | Op::SendTo { .. } if echoes => {
                self.answered(call, socket).map(|recv| Reason::Answers.by(recv.seq))
            }
            Op::Think { time } => Some(Reason::Thinks(*time).alone()),
            Op::Close | Op::Shutdown { .. } if echoes && call.cause.is_none() => {
                self.saw_end(call).map(|recv| Reason::SawEnd.by(recv.seq))
            }
            _ => None,
        };
        step.or_else(|| self.said(call.cause)).into_iter().collect()
    }

    /// The receive that a server's send answers.
    fn answered(&self, send: &CallRecord, socket: Option<&'a SocketRecord>) -> Option<&'a CallRecord> {
        let socket = socket?;
        let Some(range) = self.story.stretch(send) else { return self.story.answered(send, socket.id) };
        let last = range.end.checked_sub(1)?;
        let call = |at: &u32| &self.story.calls()[*at as usize];
        let start = |at: &u32| self.story.stretch(call(at)).map_or(u64::MAX, |got| got.start);
        let at = socket.recvs.partition_point(|at| start(at) <= last).checked_sub(1)?;
        Some(call(&socket.recvs[at]))
    }

    /// The receive that told a server's program that its client is gone.
    fn saw_end(&self, close: &CallRecord) -> Option<&'a CallRecord> {
        let entered = close.entered?;
        self.call(self.story.seq(entered), close.socket?, |call| {
            call.receives() && (call.failed() || call.outcome == Some(Outcome::Bytes(0)))
        })
    }

    fn received(&self, call: &CallRecord, returned: Place) -> Vec<Step> {
        if let Some(packet) = self.carrier(call, returned) {
            let woke = call.entered.is_some() && packet.end.is_some_and(|end| end >= call.start);
            return vec![if woke { Reason::Woke } else { Reason::WasHere }.by(packet.seq)];
        }
        let sends = self.story.sends_behind(call, &self.story.shares(call));
        // The one that ended the wait: the last that was made before it returned.
        let last = sends.iter().rev().find(|(send, _)| Some(send.start) <= call.end).or(sends.last());
        last.map(|(send, _)| Reason::BytesSent { sends: sends.len() as u32 }.by(send.seq)).into_iter().collect()
    }

    /// The packet that brought the first of the bytes that a receive returned: nothing could be given without it.
    fn carrier(&self, call: &CallRecord, returned: Place) -> Option<&'a PacketRecord> {
        let socket = self.story.socket(call.socket?)?;
        let Some(range) = self.story.stretch(call) else { return self.datagram(call, socket, returned) };
        let (local, peer) = self.ends(socket)?;
        // The first byte has relative number 1.
        let first = range.start + 1;
        let arrivals = self.about(returned).filter_map(|event| self.arrival(event));
        let mut carriers = arrivals.filter(|packet| {
            packet.payload() > 0
                && self.is_between(packet, (peer, local))
                && self.story.stretch_of(packet).is_some_and(|range| range.contains(&first))
        });
        let mut found = carriers.next()?;
        // The earliest of them; one of an earlier connection between the same ends is another stream.
        for earlier in carriers.filter(|packet| packet.stream == found.stream).collect::<Vec<_>>() {
            found = earlier;
        }
        Some(found)
    }

    /// The packet, or the last fragment, that brought a datagram.
    fn datagram(&self, call: &CallRecord, socket: &SocketRecord, returned: Place) -> Option<&'a PacketRecord> {
        let local = socket.local.as_ref().and_then(Address::inet)?;
        let send = self.story.datagram_send(call);
        let from = match (send.and_then(|send| self.story.socket(send.socket?)), &call.outcome) {
            (Some(sender), _) => sender.local.as_ref().and_then(Address::inet),
            (None, Some(Outcome::From(_, from))) => from.inet(),
            _ => socket.peer.as_ref().and_then(Address::inet),
        };
        let arrivals = self.about(returned).filter_map(|event| self.arrival(event));
        let mut arrivals = arrivals.filter(|packet| {
            let ends = self.story.ends_of(packet);
            packet.tcp.is_none() && ends.is_some_and(|(src, dst)| Some(src) == from && dst == local)
        });
        let Some(send) = send else { return arrivals.next() };
        let arrivals: Vec<_> = arrivals.take_while(|packet| packet.start >= send.start).collect();
        // The first that left after the call, and of its fragments the last that came.
        let first = arrivals.iter().min_by_key(|packet| packet.start)?;
        let key = |packet: &PacketRecord| {
            self.story.header(packet).filter(|_| packet.fragment)?.fragment.map(|fragment| fragment.key)
        };
        arrivals
            .iter()
            .find(|packet| packet.id == first.id || key(first).is_some() && key(packet) == key(first))
            .copied()
    }

    fn end_of_stream(&self, call: &CallRecord, returned: Place) -> Vec<Step> {
        let Some(socket) = call.socket.and_then(|id| self.story.socket(id)) else { return Vec::new() };
        let ends = self.ends(socket).map(|(local, peer)| (peer, local));
        if let Some(fin) = ends.and_then(|ends| self.flagged(returned, ends, TcpFlags::FIN)) {
            return vec![Reason::FinArrived.by(fin.seq)];
        }
        let ended = self.story.peer(socket.id).and_then(|peer| self.ended(returned, peer.id));
        ended.map(|call| Reason::OtherSideEnded.by(call.seq)).into_iter().collect()
    }

    /// The call that ended a socket's sending side.
    pub fn ended(&self, before: Place, socket: SocketId) -> Option<&'a CallRecord> {
        self.call(self.story.seq(before), socket, |call| matches!(call.op, Op::Close | Op::Abort | Op::Shutdown { .. }))
    }

    fn accepted(&self, call: &CallRecord, socket: SocketId, returned: Place) -> Vec<Step> {
        let Some(conn) = self.story.socket(socket) else { return Vec::new() };
        let handshake = self.handshake(conn, returned);
        // Who was established before the call sat in a seat.
        let sat = match handshake {
            Some(packet) => packet.end.is_some_and(|end| end < call.start),
            None => conn.queued.is_some_and(|seat| self.story.at(seat) < call.start),
        };
        if let Some(seat) = conn.queued.filter(|_| sat && call.entered.is_some()) {
            return vec![Reason::WasQueued.by(self.story.seq(seat))];
        }
        if let Some(packet) = handshake {
            return vec![Reason::Handshake.by(packet.seq)];
        }
        self.connecting(conn, returned).into_iter().collect()
    }

    /// The packet that ended the handshake of an accepted connection: the first after the SYN that acknowledges.
    fn handshake(&self, conn: &SocketRecord, before: Place) -> Option<&'a PacketRecord> {
        let (local, peer) = self.ends(conn)?;
        let mut last = None;
        for packet in self.about(before).filter_map(|event| self.arrival(event)) {
            if packet.tcp.is_none() || !self.is_between(packet, (peer, local)) {
                continue;
            }
            if has(packet, TcpFlags::SYN) {
                return last;
            }
            last = Some(packet);
        }
        None
    }

    /// The call with which a client made a connection.
    fn connecting(&self, conn: &SocketRecord, before: Place) -> Option<Step> {
        let client = self.story.peer(conn.id)?;
        let connect = self.call(self.story.seq(before), client.id, |call| matches!(call.op, Op::Connect { .. }))?;
        Some(Reason::Connected.by(connect.seq))
    }

    /// Why a connection has its seat.
    pub fn seat(&self, event: Place) -> Vec<Step> {
        let socket = self.story.event_at(event).about.socket.and_then(|id| self.story.socket(id));
        let Some(conn) = socket.filter(|socket| socket.parent.is_some()) else { return Vec::new() };
        let end = conn.accept.unwrap_or(event);
        if let Some(packet) = self.handshake(conn, end).filter(|packet| packet.end <= Some(self.story.at(event))) {
            return vec![Reason::Handshake.by(packet.seq)];
        }
        // Told at its SYN: the handshake is not over yet.
        let syn = self.ends(conn).and_then(|(local, peer)| self.flagged(event, (peer, local), TcpFlags::SYN));
        match syn {
            Some(syn) => vec![Reason::Arrived.by(syn.seq)],
            None => self.connecting(conn, event).into_iter().collect(),
        }
    }

    fn connected(&self, call: &CallRecord, returned: Place) -> Vec<Step> {
        let Some(socket) = call.socket.and_then(|id| self.story.socket(id)) else { return Vec::new() };
        let ends = self.ends(socket).map(|(local, peer)| (peer, local));
        if let Some(packet) = ends.and_then(|ends| self.flagged(returned, ends, TcpFlags::SYN)) {
            return vec![Reason::SynAnswered.by(packet.seq)];
        }
        // A datagram socket only notes the address.
        if !socket.transport.is_some_and(protocol::Transport::is_stream) {
            return Vec::new();
        }
        let listener = self.story.peer(socket.id).and_then(|peer| peer.parent);
        let listens = listener
            .and_then(|id| self.call(self.story.seq(returned), id, |call| matches!(call.op, Op::Listen { .. })));
        listens.map(|call| Reason::KernelAnswers.by(call.seq)).into_iter().collect()
    }
}
