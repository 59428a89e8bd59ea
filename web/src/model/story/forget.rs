//! A page has no room for everything: the oldest events are forgotten, and how many is said.

use super::{Place, Sort, Story, StreamRecord};
use protocol::{Kind, Op};

impl Story {
    /// The most events that are kept.
    pub const MOST: usize = 1_250_000;
    /// The most bytes that they take, packed.
    pub const MOST_BYTES: usize = 512 << 20;

    /// How many events were forgotten because there was no room for more.
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// Forgets the older half, except for what introduces whoever lives, and for calls that still wait.
    ///
    /// The story is told anew from what is left: places change, so it counts as another one for whoever extends a
    /// picture. Letters and offsets stay: they are what people remember.
    pub(super) fn forget(&mut self) {
        let epoch = self.changes.epoch + 1;
        let old = std::mem::take(self);
        self.changes.epoch = epoch;
        let keep = old.events.len() / 2;
        for stream in &old.streams {
            let before = self.by_stream.insert(super::find::key(stream.ends), self.streams.len() as u32);
            self.streams.push(StreamRecord { packets: Vec::new(), before, ..stream.clone() });
        }
        for place in 0..old.events.len() as Place {
            if place as usize >= keep || old.is_needed(place) {
                self.push(&old.event_at(place));
            }
        }
        for at in 0..self.calls.len() {
            let letter = old.call(self.calls[at].id).and_then(|call| call.letter);
            self.calls[at].letter = letter.or(self.calls[at].letter);
        }
        for program in &mut self.programs {
            program.moved = old.program(program.id).map_or(program.moved, |known| known.moved);
        }
        self.letters = self.letters.max(old.letters);
        self.forgotten = old.forgotten + (old.events.len() - self.events.len()) as u64;
    }

    /// Whether what comes later cannot be understood without an event.
    fn is_needed(&self, place: Place) -> bool {
        let tag = self.tag(place);
        let lives = |id| self.socket(id).is_some_and(|socket| socket.closed.is_none());
        match tag.sort {
            Sort::Entered => self.calls[tag.at as usize].outcome.is_none(),
            Sort::Returned => {
                let call = &self.calls[tag.at as usize];
                matches!(call.op, Op::Listen { .. } | Op::Bind { .. }) && call.socket.is_some_and(lives)
            }
            Sort::Socket => self.event_at(place).about.socket.is_some_and(lives),
            Sort::Other => match self.event_at(place).kind {
                Kind::Host { .. } => true,
                Kind::Program { .. } => {
                    let program = self.event_at(place).about.program.and_then(|id| self.program(id));
                    program.is_some_and(|program| program.ended.is_none())
                }
                Kind::Flow { a, b, .. } => [a.socket, b.socket].into_iter().flatten().any(lives),
                _ => false,
            },
            _ => false,
        }
    }
}
