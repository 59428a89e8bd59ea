//! Packets: their lives, and the streams whose sequence numbers they carry.

use super::records::{Ends, PacketRecord, Place, SocketRecord, StreamRecord};
use super::{Story, find};
use protocol::header::{Summary, TcpFlags, summary};
use protocol::{Bytes, Event, Kind, Packet, Stage};
use std::ops::Range;

/// So many packets back one looks for what a packet repeats.
const FAR: usize = 512;

impl Story {
    /// Takes a stage of a packet. Returns the packet's place.
    pub(super) fn take_packet(&mut self, place: Place, event: &Event, packet: &Packet) -> u32 {
        let next = self.packets.len() as u32;
        let known = self.by_packet.place_or(packet.id.0.into(), next);
        if known == next {
            self.packets.push(PacketRecord {
                id: packet.id,
                host: event.about.host,
                flow: event.about.flow,
                socket: event.about.socket,
                seq: event.seq,
                sent: None,
                start: event.at,
                done: None,
                end: None,
                lost: None,
                held: None,
                stop: None,
                resumed: None,
                due: None,
                copy_of: packet.copy_of,
                true_len: packet.true_len,
                ends: None,
                tcp: None,
                payload: 0,
                fragment: false,
                stream: None,
                tap: packet.tap,
                provenance: event.provenance,
            });
        }
        // A copy that the wire made has the bytes of what it is a copy of.
        let begins = matches!(packet.stage, Stage::Sent | Stage::Duplicated);
        let original = packet.copy_of.filter(|_| begins).and_then(|id| self.packet(id)).cloned();
        let header = match &original {
            Some(original) if packet.data.is_empty() => self.header(original),
            _ => summary(&packet.data, packet.true_len as usize).filter(|_| begins),
        };
        let ends = header.and_then(|header| header.ends()).map(|ends| self.know_ends(ends));
        let record = &mut self.packets[known as usize];
        record.flow = record.flow.or(event.about.flow);
        match packet.stage {
            Stage::Sent | Stage::Duplicated => {
                (record.sent, record.start, record.seq) = (Some(place), event.at, event.seq);
                (record.host, record.socket) = (event.about.host, event.about.socket.or(record.socket));
                record.true_len = packet.true_len;
                record.ends = ends;
                record.read(header.as_ref());
                if let Some(original) = original {
                    (record.host, record.flow) = (original.host, record.flow.or(original.flow));
                }
                self.join_stream(known);
            }
            Stage::Held(why) => {
                (record.held, record.stop) = (Some(why), Some(place));
                self.stopped.push(known);
            }
            Stage::Released => (record.held, record.resumed) = (None, Some(place)),
            Stage::Delivered | Stage::Fragmented => {
                (record.done, record.end, record.held) = (Some(place), Some(event.at), None);
            }
            Stage::Dropped(why) => {
                (record.done, record.end) = (Some(place), Some(event.at));
                (record.lost, record.held) = (Some(why), None);
            }
            Stage::Scheduled(due) => record.due = Some(due),
        }
        let packets = &self.packets;
        self.stopped.retain(|at| packets[*at as usize].held.is_some());
        known
    }

    fn know_ends(&mut self, ends: Ends) -> u32 {
        let next = self.ends.len() as u32;
        let known = *self.by_ends.entry(find::key(ends)).or_insert(next);
        if known < next && self.ends[known as usize] == ends {
            return known;
        }
        self.ends.push(ends);
        next
    }

    /// The bytes of a packet, from the first of its IP header, as far as they were recorded.
    #[must_use]
    pub fn bytes_of(&self, packet: &PacketRecord) -> Bytes {
        let kind = packet.sent.map(|place| self.event_at(place).kind);
        match (kind, packet.copy_of.and_then(|id| self.packet(id))) {
            (Some(Kind::Packet(sent)), original) if !sent.data.is_empty() || original.is_none() => sent.data,
            // A copy that the wire made has the bytes of what it is a copy of.
            (_, Some(original)) if original.id < packet.id => self.bytes_of(original),
            _ => Bytes::default(),
        }
    }

    /// What a packet's headers say; `None` until its sending is told, or where they cannot be read.
    #[must_use]
    pub fn header(&self, packet: &PacketRecord) -> Option<Summary> {
        summary(&self.bytes_of(packet), packet.true_len as usize)
    }

    fn join_stream(&mut self, at: u32) {
        let packet = &self.packets[at as usize];
        let (Some(segment), Some(ends)) = (packet.tcp, packet.ends.map(|at| self.ends[at as usize])) else { return };
        let (len, copy, syn) = (packet.payload(), packet.copy_of.is_some(), segment.flags.has(TcpFlags::SYN));
        let key = find::key(ends);
        let newest = self.by_stream.get(&key).copied();
        let known = newest.map(|at| at as usize).filter(|at| self.streams[*at].ends == ends);
        // Another first number: the same two addresses, another connection.
        let known = known
            .filter(|known| !syn || copy || !self.streams[*known].begun || self.streams[*known].base == segment.seq);
        let known = known.unwrap_or_else(|| {
            let base = if syn { segment.seq } else { segment.seq.wrapping_sub(1) };
            let stream = StreamRecord { ends, base, begun: syn, top: 0, packets: Vec::new(), before: newest };
            self.streams.push(stream);
            self.streams.len() - 1
        });
        self.by_stream.insert(key, known as u32);
        let stream = &mut self.streams[known];
        let before = stream.base.wrapping_sub(segment.seq);
        if !stream.begun && (syn || before < 1 << 31) {
            // Something earlier came later: now the beginning is known better.
            let base = if syn { segment.seq } else { segment.seq.wrapping_sub(1) };
            stream.top += u64::from(stream.base.wrapping_sub(base));
            (stream.base, stream.begun) = (base, syn);
        }
        let room = len + segment.phantom_len();
        let start = relative(stream, segment.seq);
        stream.top = stream.top.max(start + room);
        let joined = self.packets[at as usize].stream.replace(known as u32);
        if room > 0 {
            let when = |at: &u32| (self.packets[*at as usize].start, self.packets[*at as usize].seq);
            let list = &mut self.streams[known].packets;
            // One that is told again is there already, and not far back.
            if joined.is_none() || !list.iter().rev().take(FAR).any(|other| *other == at) {
                let before = list.iter().rposition(|other| when(other) < when(&at)).map_or(0, |last| last + 1);
                list.insert(before, at);
            }
        }
    }

    /// A sequence number of a packet's stream, counted from its SYN as 0: the first byte has number 1.
    #[must_use]
    pub fn relative_seq(&self, packet: &PacketRecord) -> Option<u64> {
        let stream = &self.streams[packet.stream? as usize];
        Some(relative(stream, packet.tcp?.seq))
    }

    /// A number of the stream that comes back to the sender of a packet, such as the one it acknowledges.
    #[must_use]
    pub fn relative_back(&self, packet: &PacketRecord, number: u32) -> Option<u64> {
        let (src, dst) = packet.ends.map(|at| self.ends[at as usize])?;
        let mut streams = self.streams_of((dst, src));
        let began = |stream: &&StreamRecord| {
            stream.packets.first().is_none_or(|first| self.packets[*first as usize].start <= packet.start)
        };
        let stream = self.streams_of((dst, src)).find(began).or(streams.next())?;
        Some(relative(stream, number))
    }

    /// The stretch of its stream that a packet takes, relative; a SYN and a FIN take one number each.
    #[must_use]
    pub fn stretch_of(&self, packet: &PacketRecord) -> Option<Range<u64>> {
        let start = self.relative_seq(packet)?;
        Some(start..start + packet.payload() + packet.tcp?.phantom_len())
    }

    /// The packet that carried the same numbers before, if this one is a retransmission.
    #[must_use]
    pub fn repeats(&self, packet: &PacketRecord) -> Option<&PacketRecord> {
        let range = self.stretch_of(packet).filter(|range| !range.is_empty())?;
        if packet.copy_of.is_some() {
            return None;
        }
        let stream = &self.streams[packet.stream? as usize];
        let sent = stream.packets.iter().rev().take(FAR).map(|at| &self.packets[*at as usize]);
        let earlier = sent.skip_while(|other| other.id != packet.id).skip(1).filter(|other| other.copy_of.is_none());
        earlier.into_iter().find(|other| {
            self.stretch_of(other).is_some_and(|other| range.start < other.end && other.start < range.end)
        })
    }

    /// The streams between two ends, the newest first.
    fn streams_of(&self, ends: Ends) -> impl Iterator<Item = &StreamRecord> {
        let newest = self.by_stream.get(&find::key(ends)).copied();
        let streams = std::iter::successors(newest, |at| self.streams[*at as usize].before);
        streams.map(|at| &self.streams[at as usize]).filter(move |stream| stream.ends == ends)
    }

    /// Packets with data that a socket sent from a place in its stream on, by the time of their sending; no more than
    /// the last `most` of them.
    #[must_use]
    pub fn segments_of(&self, socket: &SocketRecord, from: u64, most: usize) -> Vec<&PacketRecord> {
        let end = |address: &Option<protocol::Address>| address.as_ref().and_then(protocol::Address::inet);
        let Some(ends) = end(&socket.local).zip(end(&socket.peer)) else { return Vec::new() };
        let packets = self.streams_of(ends).next().map_or(&[][..], |stream| &stream.packets);
        let packets = packets.iter().rev().map(|at| &self.packets[*at as usize]);
        // Retransmissions come behind what they repeat: one looks a little farther.
        let mut before = 0;
        let near = packets.take(most).take_while(|packet| {
            // The first byte has relative number 1.
            let over = self.stretch_of(packet).is_some_and(|range| range.end <= from + 1);
            before = if over { before + 1 } else { 0 };
            before < FAR
        });
        let mut found: Vec<_> = near.filter(|packet| packet.payload() > 0).collect();
        found.reverse();
        found
    }

    /// Packets that are stopped in mid-wire now, the first that was sent first.
    pub fn held(&self) -> impl Iterator<Item = &PacketRecord> {
        self.stopped.iter().map(|at| &self.packets[*at as usize])
    }

    /// The first fragment of the datagram that a later fragment belongs to.
    #[must_use]
    pub fn first_fragment(&self, packet: &PacketRecord) -> Option<&PacketRecord> {
        let piece = |packet: &PacketRecord| self.header(packet).filter(|_| packet.fragment)?.fragment;
        let key = piece(packet).filter(|fragment| fragment.offset > 0)?.key;
        let first = |other: &&PacketRecord| piece(other).is_some_and(|other| other.key == key && other.offset == 0);
        // The pieces of one datagram are sent one after the other.
        let place = self.by_packet.get(packet.id.0.into())? as usize;
        let near = (place.saturating_sub(FAR)..(place + FAR).min(self.packets.len())).rev();
        near.map(|at| &self.packets[at]).find(first)
    }

    /// Both ends of a packet: its own, or those of the datagram it is a fragment of.
    #[must_use]
    pub fn ends_of(&self, packet: &PacketRecord) -> Option<Ends> {
        let own = |packet: &PacketRecord| packet.ends.map(|at| self.ends[at as usize]);
        own(packet).or_else(|| own(self.first_fragment(packet)?))
    }
}

/// A number relative to the stream's beginning, unwrapped: the nearest to how far it was sent.
fn relative(stream: &StreamRecord, number: u32) -> u64 {
    const ROUND: u64 = 1 << 32;
    let within = u64::from(number.wrapping_sub(stream.base));
    let near = stream.top / ROUND * ROUND + within;
    if near + ROUND / 2 < stream.top {
        near + ROUND
    } else if near > stream.top + ROUND / 2 && near >= ROUND {
        near - ROUND
    } else {
        near
    }
}
