//! How many times a client still has to read: its loop rule, without any socket.

use super::PREFIX;
use crate::LoopRule;

/// What a client has sent and not read the answer to.
#[derive(Clone, Debug, Default)]
pub struct Owed {
    /// Sends whose answer is not complete.
    sends: u64,
    /// Bytes sent and not come back.
    bytes: u64,
    /// Reads that a person asked for.
    asked: u64,
    /// Bytes of framed messages not complete yet.
    frame: Vec<u8>,
    /// The stream ended, or failed.
    over: bool,
}

impl Owed {
    /// `len` bytes were sent in one call.
    pub fn sent(&mut self, len: usize) {
        self.sends += 1;
        self.bytes += len as u64;
    }

    /// One `recv` more.
    pub fn ask(&mut self) {
        self.asked += 1;
    }

    /// Whether the client reads now. With `stream` false, every datagram sent is worth one `recv`, because no rule about
    /// bytes makes sense where messages have edges.
    #[must_use]
    pub fn reads(&self, rule: LoopRule, stream: bool) -> bool {
        if self.asked > 0 {
            return true;
        }
        if self.over {
            return false;
        }
        match rule {
            LoopRule::UntilEof => true,
            LoopRule::UntilLen if stream => self.bytes > 0,
            _ => self.sends > 0,
        }
    }

    /// `recv(max)` returned `data`.
    pub fn received(&mut self, rule: LoopRule, stream: bool, max: u32, data: &[u8]) {
        self.asked = self.asked.saturating_sub(1);
        if stream && data.is_empty() {
            self.over();
            return;
        }
        self.bytes = self.bytes.saturating_sub(data.len() as u64);
        let complete = match rule {
            _ if !stream => 1,
            LoopRule::Once => 1,
            LoopRule::UntilShort => u64::from(data.len() < max as usize),
            LoopRule::Framed => self.framed(data),
            LoopRule::UntilLen => {
                if self.bytes == 0 {
                    self.sends = 0;
                }
                0
            }
            LoopRule::UntilEof => 0,
        };
        self.sends = self.sends.saturating_sub(complete);
    }

    /// `recv` failed.
    pub fn failed(&mut self, stream: bool) {
        self.asked = self.asked.saturating_sub(1);
        if stream {
            self.over();
        } else {
            // The answer to one datagram will not come; the socket is as good as before.
            self.sends = self.sends.saturating_sub(1);
        }
    }

    fn over(&mut self) {
        *self = Self { asked: self.asked, over: true, ..Self::default() };
    }

    fn framed(&mut self, data: &[u8]) -> u64 {
        self.frame.extend_from_slice(data);
        let mut complete = 0;
        while let Some((prefix, rest)) = self.frame.split_first_chunk::<PREFIX>() {
            let announced = u32::from_be_bytes(*prefix) as usize;
            if rest.len() < announced {
                break;
            }
            self.frame.drain(..PREFIX + announced);
            complete += 1;
        }
        complete
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use LoopRule::{Framed, Once, UntilEof, UntilLen, UntilShort};

    /// Sends of these lengths, then recvs of these: whether it still reads.
    fn reads_after(rule: LoopRule, stream: bool, sends: &[usize], recvs: &[usize]) -> bool {
        let mut owed = Owed::default();
        sends.iter().for_each(|len| owed.sent(*len));
        recvs.iter().for_each(|len| owed.received(rule, stream, 1024, &vec![b'x'; *len]));
        owed.reads(rule, stream)
    }

    #[test]
    fn until_len_reads_until_as_much_came_back() {
        assert!(reads_after(UntilLen, true, &[3000], &[1024, 1024]));
        assert!(!reads_after(UntilLen, true, &[3000], &[1024, 1024, 952]));
        assert!(!reads_after(UntilLen, true, &[3, 3, 5], &[11]));
        assert!(!reads_after(UntilLen, true, &[0], &[]), "nothing was sent, nothing is waited for");
    }

    #[test]
    fn once_reads_as_often_as_it_sends_so_joined_answers_leave_it_waiting() {
        assert!(reads_after(Once, true, &[3, 3, 5], &[11]));
        assert!(reads_after(Once, true, &[0], &[]), "the empty message: both wait");
        assert!(!reads_after(Once, true, &[3000], &[1024]), "and the rest of a long answer is left");
    }

    #[test]
    fn until_short_hangs_on_an_exact_multiple() {
        assert!(reads_after(UntilShort, true, &[1024], &[1024]));
        assert!(!reads_after(UntilShort, true, &[1025], &[1024, 1]));
    }

    #[test]
    fn until_eof_reads_until_the_end() {
        assert!(reads_after(UntilEof, true, &[], &[5]));
        assert!(!reads_after(UntilEof, true, &[], &[5, 0]));
    }

    #[test]
    fn framed_counts_messages_not_recvs() {
        let mut owed = Owed::default();
        owed.sent(7);
        owed.sent(4);
        owed.received(Framed, true, 1024, b"\0\0\0\x03ON");
        assert!(owed.reads(Framed, true));
        owed.received(Framed, true, 1024, b"E\0\0\0\0");
        assert!(!owed.reads(Framed, true));
    }

    #[test]
    fn every_datagram_is_worth_one_recv_also_the_empty_one() {
        assert!(!reads_after(UntilLen, false, &[2000], &[1024]));
        assert!(reads_after(UntilLen, false, &[0], &[]));
        assert!(!reads_after(UntilLen, false, &[0], &[0]));
    }

    #[test]
    fn a_person_may_read_once_more_even_at_the_end() {
        let mut owed = Owed::default();
        owed.received(UntilEof, true, 1024, b"");
        assert!(!owed.reads(UntilEof, true));
        owed.ask();
        assert!(owed.reads(UntilEof, true));
        owed.received(UntilEof, true, 1024, b"");
        assert!(!owed.reads(UntilEof, true));
    }
}
