//! One end of a TCP connection, told from the packets it sends and receives (RFC 9293, figure 5).
//!
//! A program that watches packets cannot see `close()` or a timer, but every state that matters to the other end is
//! announced by a segment: so the state follows from the segments, at the very packet that changed it.
//!
//! What no packet announces only the kernel can report, or whoever sees the calls can know:
//! - a timeout;
//! - a FIN that waits for its turn behind data;
//! - an abort when both ends have finished, which sends nothing (RFC 9293, 3.10.5);
//! - a reset beside the next number that reaches an end in FIN-WAIT-2 whose program has closed it: Linux takes it anywhere
//!   in the window then, and answers with a challenge (RFC 5961, 3.2) while the program still holds it.

use crate::header::{Segment, TcpFlags};
use crate::state::TcpState;
use TcpState::{
    CloseWait, Closed, Closing, Established, FinWait1, FinWait2, LastAck, Listen, SynReceived, SynSent, TimeWait,
};
use std::ops::Range;

/// Ranges received out of order that are remembered; a stack keeps no more of them than a window holds.
const MOST_RANGES: usize = 256;

/// The state of one end, and as much of its sequence numbers as the state depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TcpEnd {
    state: Option<TcpState>,
    /// Our first sequence number.
    iss: Option<u32>,
    /// The next we shall send: one past the highest sent.
    snd_nxt: Option<u32>,
    /// The sequence number behind our FIN.
    fin_sent: Option<u32>,
    /// What of ours is acknowledged by a segment that arrived.
    snd_una: Option<u32>,
    /// The next we expect.
    rcv_nxt: Option<u32>,
    /// Where the window ends that we told the peer.
    rcv_edge: Option<u32>,
    /// The shift of our window (RFC 7323, 2.2), as offered in our SYN.
    offered_shift: Option<u8>,
    /// Whether the peer offered one too, without which neither holds.
    peer_shifts: bool,
    /// What arrived before what precedes it.
    early: Vec<Range<u32>>,
    /// The sequence number of a FIN that arrived and is not in order yet.
    fin_early: Option<u32>,
}

/// What one packet did to a state: RFC 9293 lets one segment carry an end through two (the ACK of a SYN with a FIN).
pub type Steps = [Option<(Option<TcpState>, TcpState)>; 2];

impl TcpEnd {
    /// An end of which nothing is known: the first SYN tells.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An end that was in `state` before anybody looked; numbers are taken from the next segments.
    #[must_use]
    pub fn resumed(state: TcpState) -> Self {
        Self { state: Some(state), ..Self::default() }
    }

    /// Its state; `None` before its first SYN.
    #[must_use]
    pub fn state(&self) -> Option<TcpState> {
        self.state
    }

    /// Its first sequence number; `None` if nobody saw its SYN.
    #[must_use]
    pub fn first_number(&self) -> Option<u32> {
        self.iss
    }

    /// It gave a segment with so much payload to the wire.
    pub fn sent(&mut self, segment: &Segment, payload: u32) -> Steps {
        let before = self.state;
        let flags = segment.flags;
        let end = segment.seq.wrapping_add(payload).wrapping_add(segment.phantom_len());
        if flags.has(TcpFlags::RST) {
            return self.sent_reset(segment);
        }
        if flags.has(TcpFlags::SYN) {
            let is_new = match before {
                None | Some(Closed | Listen) => true,
                // A new connection may begin where an old one waits (RFC 9293, 3.6.1).
                Some(TimeWait) => self.iss != Some(segment.seq),
                Some(_) => false,
            };
            if is_new {
                let answers = flags.has(TcpFlags::ACK);
                *self = Self {
                    state: Some(if answers { SynReceived } else { SynSent }),
                    iss: Some(segment.seq),
                    snd_nxt: Some(end),
                    rcv_nxt: answers.then_some(segment.ack),
                    offered_shift: segment.window_scale,
                    // Whoever answers offers a scale only if the other did (RFC 7323, 2.2).
                    peer_shifts: answers,
                    ..Self::default()
                };
            }
            self.note_window(segment);
            return self.steps(before);
        }
        if before.is_none() {
            return [None; 2];
        }
        self.snd_nxt = Some(self.snd_nxt.map_or(end, |nxt| later(nxt, end)));
        if flags.has(TcpFlags::ACK) {
            // Whatever we acknowledge we have, even if we did not see it arrive.
            if self.rcv_nxt.is_none_or(|nxt| is_before(nxt, segment.ack)) {
                self.rcv_nxt = Some(segment.ack);
            }
            self.note_window(segment);
        }
        if flags.has(TcpFlags::FIN) && self.fin_sent.is_none() {
            self.fin_sent = Some(end);
            self.state = match before {
                Some(SynReceived | Established) => Some(FinWait1),
                Some(CloseWait) => Some(LastAck),
                other => other,
            };
        }
        self.steps(before)
    }

    /// A segment with so much payload arrived.
    pub fn received(&mut self, segment: &Segment, payload: u32) -> Steps {
        let before = self.state;
        match before {
            // A listener answers for it, or nobody: its first SYN-ACK tells.
            None | Some(Closed | Listen) => return [None; 2],
            Some(SynSent) => return self.received_in_syn_sent(segment),
            Some(_) => {}
        }
        if segment.flags.has(TcpFlags::RST) {
            if self.accepts_reset(segment) {
                self.state = Some(Closed);
            }
            return self.steps(before);
        }
        // A SYN here is an old one, or answered by a challenge (RFC 5961, 4); its ACK still counts.
        let is_syn = segment.flags.has(TcpFlags::SYN);
        if !segment.flags.has(TcpFlags::ACK) || !self.accepts_ack(segment.ack) {
            return [None; 2];
        }
        self.snd_una = Some(self.snd_una.map_or(segment.ack, |una| later(una, segment.ack)));
        let mut first = None;
        if before == Some(SynReceived) && self.iss.is_none_or(|iss| is_before(iss, segment.ack)) {
            self.state = Some(Established);
            first = Some((before, Established));
        }
        let middle = self.state;
        let ours_acked = self.fin_sent.is_some_and(|fin| !is_before(segment.ack, fin));
        let theirs_came = !is_syn && self.take(segment, payload);
        self.state = match (middle, ours_acked, theirs_came) {
            (Some(SynReceived | Established), _, true) => Some(CloseWait),
            (Some(FinWait1), true, true) | (Some(FinWait2), _, true) | (Some(Closing), true, _) => Some(TimeWait),
            (Some(FinWait1), true, false) => Some(FinWait2),
            (Some(FinWait1), false, true) => Some(Closing),
            (Some(LastAck), true, _) => Some(Closed),
            (state, _, _) => state,
        };
        let second = self.steps(middle)[0];
        if first.is_some() { [first, second] } else { [second, None] }
    }

    fn sent_reset(&mut self, segment: &Segment) -> Steps {
        let before = self.state;
        match before {
            // It answers somebody else's segment; the attempt goes on (RFC 9293, 3.10.7.3).
            None | Some(SynSent | Closed | Listen) => return [None; 2],
            // So it does to an ACK that acknowledges what was never sent: its number is that ACK's, not our next.
            Some(SynReceived) if self.snd_nxt.is_some_and(|nxt| nxt != segment.seq) => return [None; 2],
            Some(_) => self.state = Some(Closed),
        }
        self.steps(before)
    }

    fn received_in_syn_sent(&mut self, segment: &Segment) -> Steps {
        let before = self.state;
        let flags = segment.flags;
        let acks = flags.has(TcpFlags::ACK);
        let right = acks && self.snd_nxt.is_none_or(|nxt| nxt == segment.ack);
        if acks && !right {
            return [None; 2];
        }
        if flags.has(TcpFlags::RST) {
            if right {
                self.state = Some(Closed);
            }
            return self.steps(before);
        }
        if flags.has(TcpFlags::SYN) {
            self.peer_shifts = segment.window_scale.is_some();
            self.rcv_nxt = Some(segment.seq.wrapping_add(1));
            if right {
                self.snd_una = Some(segment.ack);
            }
            // Without an ACK both began at once.
            self.state = Some(if right { Established } else { SynReceived });
        }
        self.steps(before)
    }

    /// RFC 5961, 3.2, with what Linux accepts besides: the right edge of what came out of order, and the FIN's own
    /// number after it was counted.
    fn accepts_reset(&self, segment: &Segment) -> bool {
        let Some(nxt) = self.rcv_nxt else { return true };
        let after_fin = matches!(self.state, Some(CloseWait | LastAck | Closing));
        let early = self.early.iter().map(|range| range.end);
        // A FIN that waits counts as a byte of what came out of order.
        let edge = early.chain(self.fin_early.map(|fin| fin.wrapping_add(1))).reduce(later);
        segment.seq == nxt || edge == Some(segment.seq) || (after_fin && segment.seq == nxt.wrapping_sub(1))
    }

    /// An ACK of what was never sent says nothing (RFC 9293, 3.10.7.4).
    fn accepts_ack(&self, ack: u32) -> bool {
        self.snd_nxt.is_none_or(|nxt| !is_before(nxt, ack))
    }

    /// Takes in what a segment carries; says whether the peer's FIN is in order now, for the first time.
    fn take(&mut self, segment: &Segment, payload: u32) -> bool {
        let start = segment.seq;
        let end = start.wrapping_add(payload);
        let nxt = *self.rcv_nxt.get_or_insert(start);
        // Data behind the window that we offered is thrown away.
        if payload > 0 && self.rcv_edge.is_some_and(|edge| !is_before(start, edge)) {
            return false;
        }
        if segment.flags.has(TcpFlags::FIN) && !is_before(end, nxt) {
            self.fin_early = Some(end);
        }
        // A bare ACK or FIN carries nothing that could come early.
        if payload > 0 && is_before(nxt, end) && self.early.len() < MOST_RANGES {
            self.early.push(start..end);
        }
        let mut nxt = nxt;
        // A few ranges at most; each pass takes one that has become in order.
        while let Some(place) = self.early.iter().position(|range| !is_before(nxt, range.start)) {
            let range = self.early.swap_remove(place);
            nxt = later(nxt, range.end);
        }
        let complete = self.fin_early == Some(nxt);
        if complete {
            self.fin_early = None;
            self.early.clear();
            nxt = nxt.wrapping_add(1);
        }
        self.rcv_nxt = Some(nxt);
        complete
    }

    fn note_window(&mut self, segment: &Segment) {
        if !segment.flags.has(TcpFlags::ACK) {
            return;
        }
        // The window of a SYN is never scaled (RFC 7323, 2.2). An unknown scale makes the largest window: it only
        // guards against taking what was surely thrown away.
        let shift = match (segment.flags.has(TcpFlags::SYN), self.iss.is_some()) {
            (true, _) => 0,
            (false, true) => self.offered_shift.filter(|_| self.peer_shifts).unwrap_or(0),
            (false, false) => 14,
        };
        let window = u32::from(segment.window) << shift.min(14);
        let edge = segment.ack.wrapping_add(window);
        self.rcv_edge = Some(self.rcv_edge.map_or(edge, |old| later(old, edge)));
    }

    fn steps(&self, before: Option<TcpState>) -> Steps {
        [self.state.filter(|now| Some(*now) != before).map(|now| (before, now)), None]
    }
}

/// Whether sequence number `a` comes before `b` (RFC 9293, 3.4: modulo 2³²).
fn is_before(a: u32, b: u32) -> bool {
    (a.wrapping_sub(b) as i32) < 0
}

fn later(a: u32, b: u32) -> u32 {
    if is_before(a, b) { b } else { a }
}

#[cfg(test)]
mod tests;
