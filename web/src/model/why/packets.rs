//! Why a packet was sent, and why it did not arrive.

use super::look::{Look, has};
use super::reason::{Reason, Step};
use crate::model::story::{CallRecord, Ends, PacketRecord, Place};
use protocol::header::{Carries, TcpFlags};
use protocol::wire::{Way, WireAction};
use protocol::{Cause, Command, DropReason, Nanos, Op, TimerKind};

/// An acknowledgement that took longer than this was put off.
const SOON: Nanos = Nanos::from_millis(1);
/// A sender that learns of a gap waits a little, in case it was only overtaken (RFC 8985), and a kernel's clock is coarse.
const PATIENCE: Nanos = Nanos::from_millis(30);

impl<'a> Look<'a> {
    /// Why a packet was sent, and before that why it did not arrive.
    pub fn packet(&self, packet: &'a PacketRecord) -> Vec<Step> {
        let mut steps: Vec<Step> = self.taken(packet).into_iter().collect();
        steps.extend(self.sent_because(packet));
        steps
    }

    /// What took a packet off the wire, or keeps it there.
    fn taken(&self, packet: &PacketRecord) -> Option<Step> {
        let wire = |wanted: fn(&WireAction) -> bool, before: Option<Place>| {
            let before = before.map_or(packet.seq, |place| self.story.seq(place));
            let is = |command: &Command| matches!(command, Command::Wire(action) if wanted(action)).then_some(());
            self.told(self.rank(before), is).map(|(seq, ())| seq)
        };
        let conditions = |action: &WireAction| matches!(action, WireAction::Conditions(..));
        if let Some(why) = packet.lost {
            let seq = match why {
                DropReason::ByYou => {
                    let cause = packet.done.and_then(|place| self.cause_of(place));
                    match cause {
                        Some(Cause::Command(id)) => self.command(id),
                        _ => wire(|action| matches!(action, WireAction::Decide(..)), packet.done),
                    }
                }
                DropReason::Cut => wire(|action| *action == WireAction::Cut(true), packet.done),
                DropReason::Loss | DropReason::QueueFull | DropReason::TooBig => wire(conditions, packet.done),
                DropReason::AcceptQueueFull | DropReason::Interface => None,
            };
            return Some(Step { seq, reason: Reason::Dropped(why) });
        }
        if let Some(hold) = packet.held {
            let seq = wire(|action| matches!(action, WireAction::Catch(Some(_)) | WireAction::Hold(true)), packet.stop);
            return Some(Step { seq, reason: Reason::Held(hold) });
        }
        self.queued(packet)
    }

    /// Whether a packet had to wait for others because of the rate that was set.
    fn queued(&self, packet: &PacketRecord) -> Option<Step> {
        let ends = self.story.ends_of(packet)?;
        let way = if self.is_server(ends) { Way::ToClient } else { Way::ToServer };
        let (seq, limits) = self.told(self.rank(packet.seq), |command| match command {
            Command::Wire(WireAction::Conditions(of, conditions)) if *of == way => Some(conditions.clone()),
            _ => None,
        })?;
        let there = packet.end.or(packet.due)?;
        let alone = limits.delay.after(limits.jitter).after(SOON);
        let own = Nanos(u64::from(packet.true_len).saturating_mul(8_000_000_000).checked_div(limits.rate)?);
        if there.since(packet.start) <= alone.after(own) {
            return None;
        }
        // Those that had left its host and not the queue.
        let earlier = self.before(packet.seq).filter_map(|event| self.sending(event));
        let earlier = earlier.filter(|other| other.host == packet.host);
        let in_queue = |other: &&PacketRecord| {
            let there = other.end.or(other.due).filter(|_| other.lost.is_none());
            there.is_some_and(|there| there.since(limits.delay) > packet.start)
        };
        let before = earlier.take_while(in_queue).count() as u32;
        (before > 0).then(|| Reason::Queued(before).by(seq))
    }

    /// Whether what goes between these ends comes from a server.
    fn is_server(&self, ends: Ends) -> bool {
        self.story
            .sender(ends)
            .and_then(|socket| socket.program.or(self.story.socket(socket.parent?)?.program))
            .is_some_and(|program| self.story.serves(program))
    }

    fn sent_because(&self, packet: &'a PacketRecord) -> Vec<Step> {
        let one = |step: Option<Step>| step.into_iter().collect();
        if let Some(original) = packet.copy_of.and_then(|id| self.story.packet(id)) {
            return vec![Reason::Copied.by(original.seq)];
        }
        let Some(ends) = self.story.ends_of(packet) else {
            return one(self.story.header(packet).and_then(|header| self.icmp_because(packet, header.carries)));
        };
        let Some(segment) = packet.tcp else { return one(self.datagram_because(packet, ends)) };
        if segment.flags.has(TcpFlags::RST) {
            return one(self.reset_because(packet, ends));
        }
        if let Some(before) = self.story.repeats(packet) {
            return self.again(packet, before, ends);
        }
        let syn = segment.flags.has(TcpFlags::SYN);
        if syn && segment.flags.has(TcpFlags::ACK) {
            let asked = self.arrived(packet.seq, (ends.1, ends.0));
            let asked = { asked }.find(|syn| has(syn, TcpFlags::SYN));
            return one(asked.map(|syn| Reason::AnswersSyn.by(syn.seq)));
        }
        if syn {
            let socket = self.story.sender(ends);
            let connect =
                socket.and_then(|it| self.call(packet.seq, it.id, |call| matches!(call.op, Op::Connect { .. })));
            return one(connect.map(|call| Reason::Connects.by(call.seq)));
        }
        if packet.payload() > 0 {
            return self.bytes_because(packet, ends);
        }
        if segment.flags.has(TcpFlags::FIN) {
            let event = self.story.place(packet.seq);
            let ended = self.story.sender(ends).zip(event).and_then(|(it, event)| self.ended(event, it.id));
            return one(ended.map(|call| Reason::Ends.by(call.seq)));
        }
        self.acknowledges(packet, ends)
    }

    /// Data: the call that gave its first byte, and what the kernel waited for if it did not send that at once.
    fn bytes_because(&self, packet: &PacketRecord, ends: Ends) -> Vec<Step> {
        let mut steps = Vec::new();
        // The first byte has relative number 1.
        let first = self.story.relative_seq(packet).and_then(|number| number.checked_sub(1));
        let Some((socket, first)) = self.story.sender(ends).zip(first) else { return steps };
        let Some(send) = self.send_at(socket, first) else { return steps };
        let put_off = packet.start.since(send.start) > SOON && send.end.is_none_or(|end| packet.start > end);
        let allowed = self.arrived(packet.seq, (ends.1, ends.0)).next();
        let allowed =
            allowed.filter(|ack| ack.end.is_some_and(|end| end > send.start && packet.start.since(end) < SOON));
        if let Some(ack) = allowed.filter(|_| put_off) {
            steps.push(Reason::Allowed.by(ack.seq));
        }
        steps.push(Reason::BytesSent { sends: 1 }.by(send.seq));
        steps
    }

    fn datagram_because(&self, packet: &PacketRecord, ends: Ends) -> Option<Step> {
        let socket = self.story.sender(ends)?;
        let send = self.call(packet.seq, socket.id, CallRecord::sends)?;
        Some(Reason::BytesSent { sends: 1 }.by(send.seq))
    }

    fn icmp_because(&self, packet: &PacketRecord, carries: Carries) -> Option<Step> {
        let Carries::Icmp(message) = carries else { return None };
        let ends = message.about?;
        let about = self.sent(packet.seq, ends).next()?;
        Some(if message.mtu.is_some() { Reason::TooBig } else { Reason::NobodyThere }.by(about.seq))
    }

    /// Why something was sent again: other acknowledgements came, or none did.
    fn again(&self, packet: &PacketRecord, before: &'a PacketRecord, ends: Ends) -> Vec<Step> {
        let cause = packet.sent.and_then(|place| self.cause_of(place));
        let back = (ends.1, ends.0);
        let first = self.story.relative_seq(packet).unwrap_or_default();
        let since: Vec<&PacketRecord> =
            self.arrived(packet.seq, back).take_while(|ack| ack.end > Some(before.start)).collect();
        match cause {
            Some(Cause::Timer(TimerKind::ZeroWindowProbe)) => return vec![Reason::Probes.by(before.seq)],
            Some(Cause::Timer(TimerKind::KeepAlive)) => return vec![Reason::KeepsAlive.by(before.seq)],
            _ => {}
        }
        // Acknowledgements that say: this is missing, and later bytes are here.
        let missing = |ack: &&PacketRecord| {
            let Some(number) = self.acknowledged(ack).filter(|number| *number <= first) else { return false };
            let is_beyond = |(from, _): &(u32, u32)| self.story.relative_back(ack, *from) > Some(first);
            let beyond = self.sack(ack).is_some_and(|sack| sack.edges().iter().any(is_beyond));
            beyond || number == first
        };
        let mut said: Vec<_> = since.iter().copied().filter(missing).collect();
        let blocks = |ack: &&PacketRecord| self.sack(ack).is_some();
        let selective = said.iter().any(blocks);
        if selective {
            said.retain(blocks);
        }
        let told = match (cause, said.first().and_then(|ack| ack.end)) {
            (Some(Cause::Timer(_)), _) | (_, None) => false,
            (Some(Cause::Event(_)), _) => true,
            // By how late it is: a timeout is longer than a round trip and some patience.
            (_, Some(end)) => {
                (selective || said.len() > 3) && packet.start.since(end) <= end.since(before.start).after(PATIENCE)
            }
        };
        // One that carries nothing else says it most plainly.
        let plain = said.iter().find(|ack| ack.payload() == 0).or(said.first());
        if let Some(last) = plain.filter(|_| told) {
            return vec![Reason::Missed(said.len() as u32).by(last.seq)];
        }
        let mut steps = vec![Reason::TimedOut(packet.start.since(before.start)).by(before.seq)];
        // It may have arrived, and only its acknowledgement was lost or late.
        let end = self.story.stretch_of(before).map(|range| range.end);
        let lost = self.sent(packet.seq, back).take_while(|ack| ack.start > before.start).find(|ack| {
            self.acknowledged(ack) >= end && (ack.lost.is_some() || ack.end.is_none_or(|there| there > packet.start))
        });
        steps.extend(lost.filter(|_| before.lost.is_none()).map(|ack| Reason::AckLost.by(ack.seq)));
        steps
    }

    /// Why an acknowledgement was sent that carries nothing else.
    fn acknowledges(&self, ack: &PacketRecord, ends: Ends) -> Vec<Step> {
        let back = (ends.1, ends.0);
        let Some(number) = self.acknowledged(ack) else { return Vec::new() };
        let range = |packet: &PacketRecord| self.story.stretch_of(packet).filter(|range| !range.is_empty());
        let arrivals: Vec<_> =
            self.arrived(ack.seq, back).filter_map(|packet| Some((packet, range(packet)?))).take(64).collect();
        let block = self.sack(ack).and_then(|sack| sack.edges().first().copied());
        let block =
            block.and_then(|(from, to)| Some(self.story.relative_back(ack, from)?..self.story.relative_back(ack, to)?));
        if let Some(block) = block {
            // The first block holds what made the receiver say it (RFC 2018, section 4).
            let Some((beyond, _)) = arrivals.iter().find(|(_, range)| block.contains(&range.start)) else {
                return Vec::new();
            };
            if block.start < number {
                return vec![Reason::HadThat.by(beyond.seq)];
            }
            return self.gap(ack, beyond, number, back);
        }
        // What was said before, and what has come since.
        let before = self.sent(ack.seq, ends).find_map(|other| Some((other.start, self.acknowledged(other)?)));
        let (since, edge) = before.unwrap_or_default();
        let new = || arrivals.iter().filter(|(packet, _)| packet.end > Some(since));
        let exact = new().find(|(_, range)| range.end == number);
        let filled = || new().find(|(_, range)| number > edge && range.contains(&edge));
        match (exact.or_else(filled), new().next()) {
            (Some((packet, _)), _) => {
                let late = packet.end.map(|end| ack.start.since(end)).filter(|late| *late > SOON);
                vec![Reason::Acknowledges(late.unwrap_or_default()).by(packet.seq)]
            }
            (None, Some((last, range))) if range.start > number => self.gap(ack, last, number, back),
            (None, Some((last, _))) => vec![Reason::HadThat.by(last.seq)],
            // Nothing has come since it was last said: there is room again.
            (None, None) => {
                let read = self.story.sender(ends).and_then(|it| self.call(ack.seq, it.id, CallRecord::receives));
                read.map(|call| Reason::WindowOpens.by(call.seq)).into_iter().collect()
            }
        }
    }

    /// Something arrived beyond a gap; what should have filled it.
    fn gap(&self, ack: &PacketRecord, beyond: &PacketRecord, number: u64, back: Ends) -> Vec<Step> {
        let fills = |packet: &&PacketRecord| self.story.stretch_of(packet).is_some_and(|range| range.contains(&number));
        let missing = self.sent(ack.seq, back).find(fills);
        let missing = missing.map(|packet| Reason::Missing.by(packet.seq));
        [Reason::BeyondGap.by(beyond.seq)].into_iter().chain(missing).collect()
    }
}
