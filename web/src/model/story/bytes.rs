//! Whose bytes a call moved, worked out from offsets in the stream and from datagram numbers.

use super::{CallRecord, SocketRecord, Story};
use crate::model::letter::{Letter, Share};
use protocol::{Bytes, Kind, Op, Outcome, Role, SocketId, Span};
use std::ops::Range;

impl Story {
    /// The bytes of a call, as far as they were recorded.
    #[must_use]
    pub fn data(&self, call: &CallRecord) -> Bytes {
        let of = |place: Option<u32>| match place.map(|place| self.event_at(place).kind) {
            Some(Kind::Call(call)) => call.data,
            _ => Bytes::default(),
        };
        let returned = of(call.returned);
        if returned.is_empty() { of(call.entered) } else { returned }
    }

    /// The stretch of its stream that a call moved; `None` for datagrams and where nobody knows.
    #[must_use]
    pub fn stretch(&self, call: &CallRecord) -> Option<Range<u64>> {
        if let Some(Span::Stream { start, len, .. }) = call.span {
            let len = if call.outcome.is_none() { len.max(call.bytes()) } else { len };
            return Some(start..start + len);
        }
        // A send that has not returned begins where the one before it ended.
        let socket = self.socket(call.socket?)?;
        if !call.sends() || !socket.transport.is_some_and(protocol::Transport::is_stream) {
            return None;
        }
        let mut before = socket.sends.iter().rev().filter_map(|at| match self.calls[*at as usize].span {
            Some(Span::Stream { start, len, .. }) => Some(start + len),
            _ => None,
        });
        let start = before.next().unwrap_or(0);
        (call.outcome.is_none()).then(|| start..start + call.bytes())
    }

    /// Whose bytes a call moved, in order.
    #[must_use]
    pub fn shares(&self, call: &CallRecord) -> Vec<Share> {
        if call.bytes() == 0 && !matches!(call.span, Some(Span::Datagram { .. })) {
            return Vec::new();
        }
        if let Some(letter) = call.letter {
            let start = self.stretch(call).map_or(0, |range| range.start);
            return vec![Share { letter: Some(letter), answer: false, start, len: call.bytes() }];
        }
        let Some(socket) = call.socket.and_then(|id| self.socket(id)) else { return Vec::new() };
        if let Some(Span::Datagram { .. }) = call.span {
            return self.datagram_share(call, socket).into_iter().collect();
        }
        let Some(range) = self.stretch(call) else { return Vec::new() };
        if call.sends() { self.sent_shares(socket, &range) } else { self.received_shares(socket, &range) }
    }

    /// Shares of what a socket's program received at these offsets.
    fn received_shares(&self, socket: &SocketRecord, range: &Range<u64>) -> Vec<Share> {
        match self.peer(socket.id) {
            Some(peer) => self.sent_shares(peer, range),
            None => vec![Share { letter: None, answer: false, start: range.start, len: range.end - range.start }],
        }
    }

    /// Whose bytes a socket's program sent at these offsets.
    #[must_use]
    pub fn sent_in(&self, socket: &SocketRecord, range: &Range<u64>) -> Vec<Share> {
        self.sent_shares(socket, range)
    }

    /// Shares of what a socket's program sent at these offsets.
    fn sent_shares(&self, socket: &SocketRecord, range: &Range<u64>) -> Vec<Share> {
        // An echo answers byte by byte: what it sends at an offset is what it received there.
        if self.echoes(socket) {
            let mut shares = match self.peer(socket.id) {
                Some(peer) if !self.echoes(peer) => self.sent_shares(peer, range),
                _ => vec![Share { letter: None, answer: true, start: range.start, len: range.end - range.start }],
            };
            shares.iter_mut().for_each(|share| share.answer = true);
            return shares;
        }
        let start_of = |at: &u32| self.stretch(&self.calls[*at as usize]).map_or(u64::MAX, |range| range.start);
        let first = socket.sends.partition_point(|at| start_of(at) <= range.start).saturating_sub(1);
        let mut shares = Vec::new();
        let mut next = range.start;
        for at in &socket.sends[first..] {
            let send = &self.calls[*at as usize];
            let Some(sent) = self.stretch(send) else { continue };
            let (start, end) = (sent.start.max(next), sent.end.min(range.end));
            if sent.start >= range.end {
                break;
            }
            if start < end {
                shares.push(Share { letter: send.letter, answer: false, start, len: end - start });
                next = end;
            }
        }
        if shares.is_empty() {
            shares.push(Share { letter: None, answer: false, start: range.start, len: range.end - range.start });
        }
        shares
    }

    /// Whether a socket's program is an upper-case echo server of ours.
    #[must_use]
    pub fn echoes(&self, socket: &SocketRecord) -> bool {
        let owner = socket.program.and_then(|id| self.program(id));
        owner.is_some_and(|program| program.role == Some(Role::Server)) || (owner.is_none() && socket.parent.is_some())
    }

    fn datagram_share(&self, call: &CallRecord, socket: &SocketRecord) -> Option<Share> {
        let (letter, answer) = if call.sends() {
            (self.answered_letter(call, socket.id), true)
        } else {
            let sent = self.datagram_send(call)?;
            match sent.letter {
                Some(letter) => (Some(letter), false),
                None => (self.answered_letter(sent, sent.socket?), true),
            }
        };
        Some(Share { letter, answer, start: 0, len: call.bytes() })
    }

    /// The send of the datagram that a call received.
    #[must_use]
    pub fn datagram_send(&self, call: &CallRecord) -> Option<&CallRecord> {
        let Some(Span::Datagram { id: Some(id), .. }) = call.span else { return None };
        Some(&self.calls[self.by_datagram.get(id.0.into())? as usize])
    }

    /// The receive of the datagram that a call sent.
    #[must_use]
    pub fn receipt(&self, send: &CallRecord) -> Option<&CallRecord> {
        let Some(Span::Datagram { id: Some(id), .. }) = send.span else { return None };
        Some(&self.calls[self.by_receipt.get(id.0.into())? as usize])
    }

    /// The letter of the datagram that a server's send answers: the last one it received from there before.
    fn answered_letter(&self, send: &CallRecord, socket: SocketId) -> Option<Letter> {
        self.answered(send, socket).and_then(|recv| self.datagram_send(recv)).and_then(|sent| sent.letter)
    }

    /// The receive that a server's datagram answers.
    #[must_use]
    pub fn answered(&self, send: &CallRecord, socket: SocketId) -> Option<&CallRecord> {
        let recvs = &self.socket(socket)?.recvs;
        // One reads in one thread, so that they are in the order of their ends.
        let before = |at: &u32| self.calls[*at as usize].end.is_some_and(|end| end <= send.start);
        let done = recvs.partition_point(before);
        recvs[..done].iter().rev().map(|at| &self.calls[*at as usize]).find(|recv| match (&send.op, &recv.outcome) {
            (Op::SendTo { to, .. }, Some(Outcome::From(_, from))) => to == from,
            (_, outcome) => outcome.is_some(),
        })
    }
}

impl Story {
    /// The letter of the byte at an offset of what a socket's program sends.
    #[must_use]
    pub fn letter_at(&self, socket: &SocketRecord, offset: u64) -> Option<Letter> {
        self.sent_shares(socket, &(offset..offset + 1)).first()?.letter
    }

    /// The sends whose bytes a receive returned, each with its hue.
    #[must_use]
    pub fn sends_behind(&self, call: &CallRecord, shares: &[Share]) -> Vec<(&CallRecord, Option<u8>)> {
        if let Some(send) = self.datagram_send(call) {
            return vec![(send, shares.first().and_then(|share| share.letter).map(Letter::hue))];
        }
        let Some(range) = self.stretch(call) else { return Vec::new() };
        let Some(peer) = call.socket.and_then(|id| self.peer(id)) else { return Vec::new() };
        let start = |at: &u32| self.stretch(&self.calls[*at as usize]).map_or(u64::MAX, |sent| sent.start);
        let first = peer.sends.partition_point(|at| start(at) <= range.start).saturating_sub(1);
        let sends = peer.sends[first..].iter().map(|at| &self.calls[*at as usize]);
        let overlapping = sends.filter_map(|send| Some((send, self.stretch(send)?)));
        let within =
            overlapping.take_while(|(_, sent)| sent.start < range.end).filter(|(_, sent)| sent.end > range.start);
        let hue = |from: u64| {
            shares.iter().rfind(|share| share.start <= from).and_then(|share| share.letter).map(Letter::hue)
        };
        within.map(|(send, sent)| (send, hue(sent.start.max(range.start)))).collect()
    }
}
