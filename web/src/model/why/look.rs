//! Where reasons are looked for: backwards in time from an event, and not for ever.

use super::reason::{Reason, Step};
use crate::model::story::{CallRecord, Ends, PacketRecord, Place, SocketRecord, Sort, Story};
use protocol::header::{Carries, SackBlocks, TcpFlags};
use protocol::{Address, Cause, Command, CommandId, Kind, Nanos, Seq, SocketId};

/// So many events back one looks: what is further away is not the cause, or nobody can follow it.
const FAR: usize = 4_096;
/// The record of an arrival may be a little later than what it woke.
const LATE: Nanos = Nanos::from_micros(300);

/// The story, and the time it is looked at.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// The story.
    pub story: &'a Story,
    /// Now.
    pub now: Nanos,
}

impl<'a> Look<'a> {
    /// The reasons for a mark; the last one with a mark leads on.
    pub fn steps(&self, seq: Seq, by_return: bool) -> Vec<Step> {
        let Some(place) = self.story.place(seq) else { return Vec::new() };
        let tag = self.story.tag(place);
        let steps = match tag.sort {
            sort if sort.is_call() && by_return => self.returned(&self.story.calls()[tag.at as usize]),
            sort if sort.is_call() => self.entered(&self.story.calls()[tag.at as usize]),
            sort if sort.is_packet() => self.packet(&self.story.packets()[tag.at as usize]),
            Sort::State | Sort::Derived => self.state(place),
            Sort::Socket => self.seat(place),
            _ => Vec::new(),
        };
        if steps.is_empty() { self.said(self.cause_of(place)).into_iter().collect() } else { steps }
    }

    /// What the producer named as the cause of an event; a command has none.
    pub fn cause_of(&self, place: Place) -> Option<Cause> {
        let event = self.story.event_at(place);
        event.cause.filter(|_| !matches!(event.kind, Kind::Command { .. }))
    }

    /// What the producer says.
    pub fn said(&self, cause: Option<Cause>) -> Option<Step> {
        match cause? {
            Cause::Event(cause) => {
                let mark = self.story.mark_of(cause);
                let packet = self.story.tag(self.story.place(mark)?).sort.is_packet();
                Some(if packet { Reason::Arrived } else { Reason::Followed }.by(mark))
            }
            Cause::Command(id) => Some(Step { seq: self.command(id), reason: Reason::Told }),
            Cause::Timer(_) => None,
        }
    }

    /// The event of a command.
    pub fn command(&self, id: CommandId) -> Option<Seq> {
        let order = self.story.in_order().iter().rev();
        let mut sentences = order.filter(|place| self.story.tag(**place).sort == Sort::Sentence);
        let is = |place: &&Place| matches!(&self.story.event_at(**place).kind, Kind::Command { id: known, .. } if *known == id);
        sentences.find(is).map(|place| self.story.seq(*place))
    }

    /// What a person's commands before an event say to a question, the last that says anything.
    pub fn told<R>(&self, before: usize, ask: impl Fn(&Command) -> Option<R>) -> Option<(Seq, R)> {
        let sentences = self.until(before).filter(|place| self.story.tag(*place).sort == Sort::Sentence);
        let answer = |place| match self.story.event_at(place).kind {
            Kind::Command { what, .. } => Some((self.story.seq(place), ask(&what)?)),
            _ => None,
        };
        { sentences }.find_map(answer)
    }

    /// Events before one, the nearest first.
    pub fn before(&self, seq: Seq) -> impl Iterator<Item = Place> + use<'a> {
        self.until(self.rank(seq))
    }

    /// The place of an event in the order of time.
    pub fn rank(&self, seq: Seq) -> usize {
        self.story.rank(seq).unwrap_or(0)
    }

    /// The events before a place in the order of time, the last first.
    pub fn until(&self, rank: usize) -> impl Iterator<Item = Place> + use<'a> {
        self.story.in_order()[..rank].iter().rev().take(FAR).copied()
    }

    /// Events before one, and those of the next moment: a record may be a little late.
    pub fn about(&self, event: Place) -> impl Iterator<Item = Place> + use<'a> {
        let order = self.story.in_order();
        let mut rank = self.rank(self.story.seq(event));
        let until = self.story.at(event).after(LATE);
        while rank < order.len() && self.story.at(order[rank]) <= until {
            rank += 1;
        }
        self.until(rank)
    }

    /// The packet that arrived with an event.
    pub fn arrival(&self, event: Place) -> Option<&'a PacketRecord> {
        let tag = self.story.tag(event);
        (tag.sort == Sort::Delivered).then(|| &self.story.packets()[tag.at as usize])
    }

    /// The packet that was sent with an event, not made by the wire.
    pub fn sending(&self, event: Place) -> Option<&'a PacketRecord> {
        let tag = self.story.tag(event);
        let packet = (tag.sort == Sort::Sent).then(|| &self.story.packets()[tag.at as usize]);
        packet.filter(|packet| packet.copy_of.is_none())
    }

    /// The call that began with an event.
    pub fn began(&self, event: Place) -> Option<&'a CallRecord> {
        let tag = self.story.tag(event);
        let call = tag.sort.is_call().then(|| &self.story.calls()[tag.at as usize]);
        // A return whose entry was lost stands for both.
        call.filter(|call| call.seq == self.story.seq(event))
    }

    /// What had arrived before an event, between these two ends, the last first.
    pub fn arrived(&self, seq: Seq, ends: Ends) -> impl Iterator<Item = &'a PacketRecord> + use<'a> {
        let look = *self;
        self.before(seq).filter_map(move |event| look.arrival(event).filter(|packet| look.is_between(packet, ends)))
    }

    /// What had been sent before an event, between these two ends, the last first.
    pub fn sent(&self, seq: Seq, ends: Ends) -> impl Iterator<Item = &'a PacketRecord> + use<'a> {
        let look = *self;
        self.before(seq).filter_map(move |event| look.sending(event).filter(|packet| look.is_between(packet, ends)))
    }

    /// Whether a packet goes from the first to the second end.
    pub fn is_between(&self, packet: &PacketRecord, ends: Ends) -> bool {
        self.story.ends_of(packet) == Some(ends)
    }

    /// The last arrival before an event, or with it, whose segment has a flag.
    pub fn flagged(&self, event: Place, ends: Ends, flag: TcpFlags) -> Option<&'a PacketRecord> {
        let has = |packet: &&PacketRecord| has(packet, flag) && self.is_between(packet, ends);
        let before = self.before(self.story.seq(event)).filter_map(|event| self.arrival(event)).find(has);
        before.or_else(|| self.about(event).filter_map(|event| self.arrival(event)).find(has))
    }

    /// The last ICMP error before an event, or with it, about what went between these ends.
    pub fn icmp(&self, event: Place, ends: Ends) -> Option<&'a PacketRecord> {
        let mut arrivals = self.about(event).filter_map(|event| self.arrival(event)).filter(|it| it.tcp.is_none());
        arrivals.find(|packet| match self.story.header(packet).map(|header| header.carries) {
            Some(Carries::Icmp(message)) => message.about == Some(ends),
            _ => false,
        })
    }

    /// The last call on a socket that began before an event and passes a test.
    pub fn call(&self, seq: Seq, socket: SocketId, test: impl Fn(&CallRecord) -> bool) -> Option<&'a CallRecord> {
        let mut calls = self.before(seq).filter_map(|event| self.began(event));
        calls.find(|call| call.socket == Some(socket) && test(call))
    }

    /// The ends of a connection as its socket sends, its own first.
    pub fn ends(&self, socket: &SocketRecord) -> Option<Ends> {
        let end = |address: &Option<Address>| address.as_ref().and_then(Address::inet);
        end(&socket.local).zip(end(&socket.peer))
    }

    /// The number that a segment acknowledges, relative.
    pub fn acknowledged(&self, packet: &PacketRecord) -> Option<u64> {
        let segment = packet.tcp.filter(|segment| segment.flags.has(TcpFlags::ACK))?;
        self.story.relative_back(packet, segment.ack)
    }

    /// What a segment says arrived out of order.
    pub fn sack(&self, packet: &PacketRecord) -> Option<SackBlocks> {
        match self.story.header(packet)?.carries {
            Carries::Tcp(segment) => Some(segment.sack).filter(|sack| !sack.is_empty()),
            _ => None,
        }
    }

    /// The send whose bytes are at an offset of what a socket's program sends.
    pub fn send_at(&self, socket: &SocketRecord, offset: u64) -> Option<&'a CallRecord> {
        let call = |at: &u32| &self.story.calls()[*at as usize];
        let start = |at: &u32| self.story.stretch(call(at)).map_or(u64::MAX, |range| range.start);
        let at = socket.sends.partition_point(|at| start(at) <= offset).checked_sub(1)?;
        let send = call(&socket.sends[at]);
        self.story.stretch(send).is_some_and(|range| range.contains(&offset)).then_some(send)
    }
}

/// Whether a packet's segment has a flag.
pub fn has(packet: &PacketRecord, flag: TcpFlags) -> bool {
    packet.tcp.is_some_and(|segment| segment.flags.has(flag))
}
