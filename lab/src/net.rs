//! Both hosts, the wire between them, and every socket: what a kernel would be, twice.
//!
//! Programs call it through `calls`, packets come in through `deliver`, and what it does is told through `tell`.

mod calls;
mod datagram;
mod deliver;
mod stream;
mod tell;

use crate::agenda::Agenda;
use crate::datagrams::Datagrams;
use crate::flows::{Appears, Flows};
use crate::host::{Host, Side};
use crate::options::LabOptions;
use crate::socket::{Body, Life, Options, Socket, Told};
use crate::story::Story;
use crate::table::Table;
use protocol::wire::WireAction;
use protocol::{About, Cause, CommandId, Errno, Kind, Nanos, PacketId, ProgramId, Seq, SocketId, Transport};
use std::collections::VecDeque;
use std::net::SocketAddr;
use wire::{ActError, Delivery, Output, Wire};

/// The ports that the system chooses from, as Linux has them.
const EPHEMERAL: std::ops::RangeInclusive<u16> = 32_768..=60_999;

/// What came of asking a socket for something.
#[derive(Debug)]
pub(crate) enum Try<T> {
    /// It is done.
    Done(T),
    /// It would block.
    Wait,
    /// It failed.
    Failed(Errno),
}

/// Something of the stack that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Alarm {
    /// The end of patience, which the stack leaves to others. It comes before one more retry at the same moment.
    Patience(SocketId),
    /// A timer of the stack: retransmission, delayed ACK, window probe, keep-alive, TIME_WAIT.
    Stack(SocketId),
    /// Values that changed are to be told.
    Gauges(SocketId),
}

/// A packet on the wire: whose it is, and where its story stands.
#[derive(Clone, Copy, Debug)]
struct UnderWay {
    about: About,
    /// The last event about it, or what made it be sent.
    cause: Option<Cause>,
}

/// The network.
pub(crate) struct Net {
    pub(crate) story: Story,
    pub(crate) options: LabOptions,
    wire: Wire,
    hosts: [Host; 2],
    sockets: Table<SocketId, Socket>,
    /// TCP: who gets a segment (RFC 9293, 3.10.7), from where to where.
    connections: Table<(Side, SocketAddr, SocketAddr), SocketId>,
    listeners: Table<(Side, SocketAddr), SocketId>,
    /// UDP: who gets a datagram.
    receivers: Table<(Side, SocketAddr), SocketId>,
    flows: Flows,
    datagrams: Datagrams,
    packets: Table<PacketId, UnderWay>,
    /// Those whose story has ended, kept until the wire has told what came of them.
    finished: Vec<PacketId>,
    arrivals: VecDeque<(Nanos, Delivery)>,
    alarms: Agenda<Alarm>,
    /// Sockets whose waiting calls may return now.
    woken: Vec<SocketId>,
    next_port: [u16; 2],
    /// How the stack differs from a kernel, said once each.
    said: Vec<&'static str>,
}

impl Net {
    pub(crate) fn new(story: Story, seed: u64, options: LabOptions) -> Self {
        let span = u64::from(EPHEMERAL.end() - EPHEMERAL.start()) / 2;
        let first =
            |salt: u64| EPHEMERAL.start() + ((seed.wrapping_mul(0x9e37_79b9).rotate_left(salt as u32)) % span) as u16;
        Self {
            story,
            options,
            wire: Wire::new(seed),
            hosts: Side::BOTH.map(|side| Host::new(side, seed)),
            sockets: Table::default(),
            connections: Table::default(),
            listeners: Table::default(),
            receivers: Table::default(),
            flows: Flows::default(),
            datagrams: Datagrams::default(),
            packets: Table::default(),
            finished: Vec::new(),
            arrivals: VecDeque::new(),
            alarms: Agenda::new(),
            woken: Vec::new(),
            next_port: [first(7), first(31)],
            said: Vec::new(),
        }
    }

    /// When something is to be done, if nobody calls before.
    pub(crate) fn due(&self) -> Option<Nanos> {
        let arrival = self.arrivals.front().map(|(at, _)| *at);
        let alarm = self.alarms.first().map(|(at, _)| at);
        [arrival, self.wire.next_deadline(), alarm].into_iter().flatten().min()
    }

    /// Does one thing that is due now.
    pub(crate) fn work(&mut self) {
        if let Some((_, delivery)) = self.arrivals.pop_front() {
            return self.arrive(delivery);
        }
        let now = self.story.now();
        if self.wire.next_deadline().is_some_and(|due| due <= now) {
            return self.drain();
        }
        if let Some((due, alarm)) = self.alarms.first()
            && due <= now
        {
            self.alarms.set(alarm, None);
            match alarm {
                Alarm::Stack(id) => self.flush(id, None),
                Alarm::Patience(id) => self.give_up(id),
                Alarm::Gauges(id) => self.tell_gauges(id, true),
            }
        }
    }

    /// Takes the sockets that something happened to.
    pub(crate) fn take_woken(&mut self) -> Vec<SocketId> {
        std::mem::take(&mut self.woken)
    }

    /// The wire, to be asked.
    pub(crate) fn wire(&self) -> &Wire {
        &self.wire
    }

    /// A person does something to the wire; `told` records the command once it is accepted.
    pub(crate) fn act(
        &mut self,
        action: WireAction,
        by: CommandId,
        told: impl FnOnce(&mut Story),
    ) -> Result<(), ActError> {
        self.wire.act(self.story.now(), action, Some(by))?;
        told(&mut self.story);
        self.drain();
        Ok(())
    }

    /// How often the stacks were polled.
    pub(crate) fn polls(&self) -> u64 {
        self.hosts.iter().map(Host::polls).sum()
    }

    pub(crate) fn socket(&self, id: SocketId) -> Option<&Socket> {
        self.sockets.get(&id)
    }

    pub(crate) fn socket_mut(&mut self, id: SocketId) -> Option<&mut Socket> {
        self.sockets.get_mut(&id)
    }

    /// Whom an event of this socket is about.
    pub(crate) fn about(&self, id: SocketId) -> About {
        self.sockets.get(&id).map_or_else(About::default, Socket::about)
    }

    /// Tells every socket and conversation, for a new epoch.
    pub(crate) fn tell_again(&mut self) {
        for socket in self.sockets.values() {
            self.story.record(socket.about(), None, socket.kind());
        }
        self.flows.tell_again(&mut self.story);
        for socket in self.sockets.values() {
            if let Some(to) = socket.told.state {
                self.story.record(socket.about(), None, Kind::State { from: None, to });
            }
            if socket.told.gauges.len() > 0 {
                let values = socket.told.gauges.iter().copied().collect();
                self.story.record(socket.about(), None, Kind::Gauge(values));
            }
        }
    }

    fn enter(&mut self, side: Side, transport: Transport, v6: bool, body: Body) -> SocketId {
        let id = self.story.new_socket();
        let socket = Socket {
            id,
            side,
            transport,
            v6,
            program: None,
            fd: None,
            parent: None,
            local: None,
            bound: false,
            peer: None,
            flow: None,
            options: Options::default(),
            error: None,
            life: Life::Queued,
            hung_up: None,
            stirred_by: None,
            body,
            told: Told::default(),
        };
        self.sockets.insert(id, socket);
        id
    }

    fn tell_socket(&mut self, id: SocketId) {
        if let Some(socket) = self.sockets.get(&id) {
            self.story.record(socket.about(), None, socket.kind());
        }
    }

    /// A socket with both ends takes part in a conversation.
    fn join(&mut self, id: SocketId, began: bool) {
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        let Some((local, peer)) = socket.local.zip(socket.peer) else { return };
        let (host, transport) = (socket.side.host(), socket.transport);
        socket.flow =
            Some(self.flows.join(&mut self.story, Appears { host, transport, socket: id, local, peer, began }));
    }

    /// Something happened that may let calls on this socket return.
    fn wake(&mut self, id: SocketId, cause: Option<Cause>) {
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.stirred_by = cause;
            if !self.woken.contains(&id) {
                self.woken.push(id);
            }
        }
    }

    /// The stack is done with a socket that no program has.
    fn forget(&mut self, id: SocketId, cause: Option<Cause>) {
        let Some(socket) = self.sockets.remove(&id) else { return };
        self.unregister(&socket);
        self.flows.gone(id);
        for alarm in [Alarm::Stack(id), Alarm::Patience(id), Alarm::Gauges(id)] {
            self.alarms.set(alarm, None);
        }
        let about = socket.about();
        if let Some(state) = socket.told.state
            && state != protocol::TcpState::Closed
        {
            let to = protocol::TcpState::Closed;
            self.story.record(about, cause, Kind::State { from: Some(state), to });
        }
        self.story.record(about, cause, Kind::Closed);
    }

    fn unregister(&mut self, socket: &Socket) {
        let Some(local) = socket.local else { return };
        if let Some(peer) = socket.peer {
            let key = (socket.side, local, peer);
            if self.connections.get(&key) == Some(&socket.id) {
                self.connections.remove(&key);
            }
        }
        if self.listeners.get(&(socket.side, local)) == Some(&socket.id) {
            self.listeners.remove(&(socket.side, local));
        }
        if self.receivers.get(&(socket.side, local)) == Some(&socket.id) {
            self.receivers.remove(&(socket.side, local));
        }
        if let Body::Datagram(datagram) = &socket.body
            && let Some(handle) = datagram.handle
        {
            self.hosts[socket.side as usize].stack(socket.v6).datagrams.remove(handle);
        }
    }

    /// A free port for a socket that wants any.
    fn free_port(&mut self, side: Side, transport: Transport) -> u16 {
        let taken: Vec<u16> = self
            .sockets
            .values()
            .filter(|socket| socket.side == side && socket.transport == transport)
            .filter_map(|socket| socket.local.map(|local| local.port()))
            .collect();
        let next = &mut self.next_port[side as usize];
        loop {
            let port = *next;
            *next = if port >= *EPHEMERAL.end() { *EPHEMERAL.start() } else { port + 1 };
            // There are far fewer sockets than ports.
            if !taken.contains(&port) {
                return port;
            }
        }
    }

    /// A host sends packets: they go onto the wire.
    fn offer(&mut self, side: Side, about: About, packets: Vec<(Vec<u8>, Option<Cause>)>) {
        for (bytes, cause) in packets {
            self.story.spend(crate::costs::PACKET);
            let now = self.story.now();
            // The wire counts from 1 up, one number for each packet it is offered: the story of this one begins when
            // the wire tells that it was sent, which is before the next one is offered.
            let id = self.wire.offer(now, side.way(), bytes);
            self.packets.insert(id, UnderWay { about, cause });
            self.drain();
        }
    }

    /// Takes what the wire has to say.
    fn drain(&mut self) {
        let now = self.story.now();
        while let Some(output) = self.wire.poll(now) {
            match output {
                Output::Report(report) => {
                    self.tell_packet(report);
                }
                Output::Deliver(delivery) => self.arrivals.push_back((now, delivery)),
            }
        }
        for id in self.finished.drain(..) {
            self.packets.remove(&id);
        }
    }

    /// Whether a program's number is that of a socket's owner.
    pub(crate) fn sockets_of(&self, program: ProgramId) -> impl Iterator<Item = &Socket> {
        self.sockets.values().filter(move |socket| socket.program == Some(program))
    }

    /// The last event, as a cause.
    pub(crate) fn last(&self) -> Seq {
        self.story.last()
    }
}
