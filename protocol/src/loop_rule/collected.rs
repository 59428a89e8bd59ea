//! When a server believes that it has a whole message: the loop rules, without any socket.

use super::PREFIX;
use crate::LoopRule;

/// Bytes a server collects before it answers what it has: a bound on memory, far above any lesson.
const MOST: usize = 1 << 20;

/// What a server has received and not answered yet.
#[derive(Debug, Default)]
pub struct Collected {
    collected: Vec<u8>,
}

/// Why a stream cannot be read any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a message of {0} bytes was announced, and no more than {MOST} are taken")]
pub struct TooLong(u32);

impl Collected {
    /// `recv(max)` returned `data`, which is not empty. Gives the answers that are due, in order.
    ///
    /// # Errors
    /// A framed message announces itself longer than any that is taken.
    pub fn received(&mut self, rule: LoopRule, max: u32, data: &[u8]) -> Result<Vec<Vec<u8>>, TooLong> {
        self.collected.extend_from_slice(data);
        let whole = match rule {
            LoopRule::Once | LoopRule::UntilLen => true,
            LoopRule::UntilShort => data.len() < max as usize,
            LoopRule::UntilEof => false,
            LoopRule::Framed => return self.framed(),
        };
        if whole || self.collected.len() >= MOST { Ok(self.end().into_iter().collect()) } else { Ok(Vec::new()) }
    }

    /// The stream ended: the answer to what was left, if anything was.
    pub fn end(&mut self) -> Option<Vec<u8>> {
        let left = std::mem::take(&mut self.collected);
        (!left.is_empty()).then(|| left.to_ascii_uppercase())
    }

    fn framed(&mut self) -> Result<Vec<Vec<u8>>, TooLong> {
        let mut answers = Vec::new();
        while let Some((prefix, rest)) = self.collected.split_first_chunk::<PREFIX>() {
            let announced = u32::from_be_bytes(*prefix);
            if announced as usize > MOST {
                return Err(TooLong(announced));
            }
            let Some(body) = rest.get(..announced as usize) else { break };
            let mut answer = prefix.to_vec();
            answer.extend(body.to_ascii_uppercase());
            let used = answer.len();
            answers.push(answer);
            self.collected.drain(..used);
        }
        Ok(answers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use LoopRule::{Framed, Once, UntilEof, UntilLen, UntilShort};

    fn play(rule: LoopRule, max: u32, pieces: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut message = Collected::default();
        pieces.iter().flat_map(|piece| message.received(rule, max, piece).unwrap()).collect()
    }

    #[test]
    fn once_answers_every_recv() {
        for rule in [Once, UntilLen] {
            assert_eq!(play(rule, 3, &[b"abc", b"d"]), [b"ABC".to_vec(), b"D".to_vec()]);
        }
    }

    #[test]
    fn until_short_waits_for_a_short_recv_and_so_hangs_on_an_exact_multiple() {
        assert_eq!(play(UntilShort, 3, &[b"abc", b"d"]), [b"ABCD".to_vec()]);
        assert_eq!(play(UntilShort, 3, &[b"abc", b"def"]), Vec::<Vec<u8>>::new());
    }

    #[test]
    fn until_eof_answers_at_the_end_only() {
        let mut message = Collected::default();
        assert!(message.received(UntilEof, 3, b"abc").unwrap().is_empty());
        assert_eq!(message.end(), Some(b"ABC".to_vec()));
        assert_eq!(message.end(), None);
    }

    #[test]
    fn frames_are_found_wherever_the_recvs_cut_them() {
        let stream = b"\0\0\0\x03one\0\0\0\0\0\0\0\x02hi";
        let whole = [b"\0\0\0\x03ONE".to_vec(), b"\0\0\0\0".to_vec(), b"\0\0\0\x02HI".to_vec()];
        for cut in 0..=stream.len() {
            assert_eq!(play(Framed, 1024, &[&stream[..cut], &stream[cut..]]), whole, "cut at {cut}");
        }
        let one_by_one: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(play(Framed, 1, &one_by_one), whole);
    }

    #[test]
    fn a_frame_that_announces_gigabytes_ends_the_stream() {
        assert_eq!(Collected::default().received(Framed, 1024, b"\xff\xff\xff\xff"), Err(TooLong(u32::MAX)));
    }

    #[test]
    fn what_is_collected_is_bounded() {
        let mut message = Collected::default();
        let piece = vec![b'a'; 65_536];
        let answered: usize =
            (0..64).flat_map(|_| message.received(UntilEof, 65_536, &piece).unwrap()).map(|answer| answer.len()).sum();
        assert!(answered >= 64 * 65_536 - MOST);
    }
}
