//! Why a call still waits.

use super::look::{Look, has};
use super::reason::{Reason, Step};
use crate::model::story::{CallRecord, Ends, PacketRecord, SocketRecord};
use protocol::header::TcpFlags;
use protocol::{Address, Command, Op, ServerAction, Setting, Span};

impl<'a> Look<'a> {
    /// Why a call has not returned.
    pub fn waits(&self, call: &CallRecord) -> Vec<Step> {
        let socket = call.socket.and_then(|id| self.story.socket(id));
        let step = match &call.op {
            Op::Accept => Some(Reason::NobodyConnects.alone()),
            Op::Think { time } => Some(Reason::Thinks(*time).alone()),
            Op::Connect { .. } => socket.and_then(|socket| self.connect_waits(call, socket)),
            Op::Recv { .. } | Op::RecvFrom { .. } => {
                socket.map(|socket| self.recv_waits(socket).unwrap_or(Reason::NothingSent.alone()))
            }
            Op::Send { .. } => socket.and_then(|socket| self.send_waits(socket)),
            _ => None,
        };
        step.map_or_else(|| self.entered(call), |step| vec![step])
    }

    /// Packets that were sent so far between these ends, the newest first.
    fn newest(&self, ends: Ends) -> impl Iterator<Item = &'a PacketRecord> + use<'a> {
        let look = *self;
        let all = self.until(self.story.in_order().len());
        all.filter_map(move |event| look.sending(event).filter(|packet| look.is_between(packet, ends)))
    }

    fn connect_waits(&self, call: &CallRecord, socket: &SocketRecord) -> Option<Step> {
        let (local, peer) = self.ends(socket)?;
        let syn = |packet: &&PacketRecord| has(packet, TcpFlags::SYN) && packet.start >= call.start;
        if let Some(answer) = self.newest((peer, local)).find(syn) {
            return Some(fate(answer));
        }
        let asked: Vec<_> = self.newest((local, peer)).filter(syn).collect();
        let last = asked.first()?;
        if last.lost.is_some() || last.held.is_some() || last.end.is_none() {
            return Some(fate(last));
        }
        // It arrived, and nobody answers: the kernel there has no seat for it.
        let end = |socket: &&SocketRecord| socket.local.as_ref().and_then(Address::inet) == Some(peer);
        let listener = self.story.sockets().iter().find(|socket| end(socket) && socket.listening.is_some());
        let full = listener.and_then(|listener| {
            let seats = self.story.seats(listener)?;
            (self.story.queued(listener.id, self.now).len() as u32 >= seats).then_some(seats)
        });
        match (full, listener.and_then(|listener| self.open_call(listener.program))) {
            (Some(seats), Some(open)) => Some(Reason::NoSeat(seats).by(open.seq)),
            (Some(seats), None) => Some(Reason::NoSeat(seats).alone()),
            (None, _) => Some(Reason::Unanswered(asked.len() as u32).by(last.seq)),
        }
    }

    fn recv_waits(&self, socket: &SocketRecord) -> Option<Step> {
        let peer = self.story.peer(socket.id);
        if let Some(peer) = peer.filter(|peer| peer.parent.is_some() && peer.accepted.is_none()) {
            let server = peer.parent.and_then(|id| self.story.socket(id)).and_then(|listener| listener.program);
            return Some(match self.open_call(server).filter(|open| open.op != Op::Accept) {
                Some(busy) => Reason::ServerBusy.by(busy.seq),
                None => self
                    .paused(|setting| match setting {
                        Setting::Accepting(on) => Some(*on),
                        _ => None,
                    })
                    .map_or(Reason::NotAccepted.alone(), |seq| Step { seq: Some(seq), reason: Reason::NotAccepted }),
            });
        }
        // What was sent to it and is not here.
        if let Some(peer) = peer
            && let Some(packet) = self.on_its_way(peer, socket)
        {
            return Some(fate(packet));
        }
        // What it sent, and waits for an answer to.
        let peer = peer?;
        if let Some(packet) = self.on_its_way(socket, peer) {
            return Some(fate(packet));
        }
        let (asked, got) = (self.moved(&socket.sends), self.moved(&peer.recvs));
        if asked > got {
            return Some(self.not_read(peer));
        }
        let owes = asked > self.moved(&socket.recvs);
        let open = self.open_call(peer.program).filter(|_| owes)?;
        Some(match open.op {
            Op::Think { .. } => Reason::Works.by(open.seq),
            Op::Recv { .. } | Op::RecvFrom { .. } => Reason::BothWait.by(open.seq),
            _ => return None,
        })
    }

    fn send_waits(&self, socket: &SocketRecord) -> Option<Step> {
        let peer = self.story.peer(socket.id)?;
        let Step { seq, .. } = self.not_read(peer);
        Some(Step { seq, reason: Reason::NoRoom })
    }

    /// Why the program at a socket does not read what came.
    fn not_read(&self, socket: &SocketRecord) -> Step {
        let paused = self.paused(|setting| match setting {
            Setting::Reading(on) => Some(*on),
            _ => None,
        });
        if let Some(seq) = paused.filter(|_| self.story.echoes(socket)) {
            return Reason::NotReading.by(seq);
        }
        match self.open_call(socket.program) {
            Some(open) if matches!(open.op, Op::Think { .. }) => Reason::Works.by(open.seq),
            Some(open) if !open.receives() || open.socket != Some(socket.id) => Reason::NotReading.by(open.seq),
            _ => Reason::NotReading.alone(),
        }
    }

    /// The command that paused something, if the last word was to pause it.
    fn paused(&self, of: impl Fn(&Setting) -> Option<bool>) -> Option<protocol::Seq> {
        let told = self.told(self.story.in_order().len(), |command| match command {
            Command::Server(ServerAction::Set(setting)) => of(setting),
            _ => None,
        });
        told.filter(|(_, on)| !on).map(|(seq, _)| seq)
    }

    /// The call in which a program waits.
    fn open_call(&self, program: Option<protocol::ProgramId>) -> Option<&'a CallRecord> {
        let calls = self.story.program(program?)?.calls.iter().rev().take(64);
        calls.map(|at| &self.story.calls()[*at as usize]).find(|call| call.outcome.is_none())
    }

    /// How far the calls in a list moved their stream.
    fn moved(&self, calls: &[u32]) -> u64 {
        let spans = calls.iter().rev().map(|at| self.story.calls()[*at as usize].span);
        let end = |span| match span {
            Some(Span::Stream { start, len, .. }) => Some(start + len),
            _ => None,
        };
        spans.filter_map(end).next().unwrap_or(0)
    }

    /// The packet that should bring the next byte from one socket to the other, if it was sent and is not there.
    fn on_its_way(&self, from: &SocketRecord, to: &SocketRecord) -> Option<&'a PacketRecord> {
        let ends = self.ends(from)?;
        let mut packets = self.newest(ends).filter(|packet| packet.payload() > 0);
        if from.transport == Some(protocol::Transport::Udp) {
            return packets.next().filter(|packet| packet.end.is_none() || packet.lost.is_some());
        }
        let next = self.moved(&to.recvs) + 1;
        let carries = |packet: &&PacketRecord| self.story.stretch_of(packet).is_some_and(|it| it.contains(&next));
        let mut last = None;
        for packet in packets.filter(carries) {
            if packet.end.is_some() && packet.lost.is_none() {
                return None;
            }
            last = last.or(Some(packet));
        }
        last
    }
}

/// What has become of a packet that somebody waits for.
fn fate(packet: &PacketRecord) -> Step {
    match (packet.lost, packet.held) {
        (Some(why), _) => Reason::Lost(why),
        (_, Some(_)) => Reason::Stopped,
        _ => Reason::OnItsWay,
    }
    .by(packet.seq)
}
