//! Finding: every mark that fits some words, a part of a long story at a time.

use super::story::{Place, Sort, Story};
use super::wording;
use protocol::{Address, Arg, Event, Kind, Outcome, Seq, SocketId};

/// Words that must all fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    words: Vec<String>,
}

impl Query {
    /// Reads what somebody typed: words between spaces, in any case.
    #[must_use]
    pub fn read(typed: &str) -> Self {
        Self { words: typed.split_whitespace().map(str::to_lowercase).collect() }
    }

    /// Whether it asks for nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether these events, the ends of one call or stages of one packet, fit all words together.
    fn fits(&self, story: &Story, places: &[Place]) -> bool {
        self.words.iter().all(|word| places.iter().any(|place| one(story, *place, word)))
    }
}

/// Whether one event fits one word: its sort, its name, its port, its error, or text in it.
fn one(story: &Story, place: Place, word: &str) -> bool {
    let tag = story.tag(place);
    let is = |name: &str| name.eq_ignore_ascii_case(word);
    let begins = |name: &str| name.to_lowercase().starts_with(word);
    let port = word.strip_prefix(':').unwrap_or(word).parse::<u16>().ok();
    let named = match tag.sort {
        Sort::Entered | Sort::Returned => {
            let call = &story.calls()[tag.at as usize];
            let error = match call.outcome {
                Some(Outcome::Failed(error)) => is("error") || is("errno") || begins(&error.to_string()),
                _ => false,
            };
            let who = || story.program(call.program).is_some_and(|program| is(&program.name));
            is("call") || begins(wording::op_name(&call.op)) || error || has_port(story, call.socket, port) || who()
        }
        sort if sort.is_packet() => {
            let packet = &story.packets()[tag.at as usize];
            let flags = packet.tcp.is_some_and(|tcp| tcp.flags.names().any(is));
            let lost = packet.lost.is_some() && (is("lost") || is("drop") || is("dropped"));
            let again = (is("again") || is("retransmission")) && story.repeats(packet).is_some();
            let ends = || story.ends_of(packet);
            let at = port.is_some_and(|port| ends().is_some_and(|(a, b)| a.port() == port || b.port() == port));
            is("packet") || flags || lost || again || at
        }
        Sort::State | Sort::Derived => is("state"),
        Sort::Socket => is("socket"),
        Sort::Sentence => is("note"),
        _ => return false,
    };
    // Most events are done with here, without being unpacked.
    named || (story.mentions(place, word) && says(story, &story.event_at(place), word))
}

fn has_port(story: &Story, socket: Option<SocketId>, port: Option<u16>) -> bool {
    let (Some(port), Some(socket)) = (port, socket.and_then(|id| story.socket(id))) else { return false };
    let has = |address: &Option<Address>| address.as_ref().and_then(Address::port) == Some(port);
    has(&socket.local) || has(&socket.peer)
}

/// Whether a text is in what an event says, and not by chance in how it is written down.
fn says(story: &Story, event: &Event, word: &str) -> bool {
    let holds = |bytes: &[u8]| contains(bytes, word.as_bytes());
    match &event.kind {
        Kind::Call(call) => {
            holds(&call.data)
                || call.line.as_ref().is_some_and(|line| holds(line.text.as_bytes()))
                || holds(wording::op(&call.op).as_bytes())
        }
        Kind::Packet(packet) => {
            let head = story.packet(packet.id).and_then(|record| story.header(record));
            head.is_some_and(|head| packet.data.get(head.payload_at as usize..).is_some_and(holds))
        }
        Kind::State { to, .. } => holds(to.name().as_bytes()),
        Kind::Note(_, args) => args.iter().any(|arg| match arg {
            Arg::Text(text) => holds(text.as_bytes()),
            Arg::At(address) => holds(address.to_string().as_bytes()),
            _ => false,
        }),
        _ => false,
    }
}

/// Whether bytes contain others, in any case.
#[must_use]
pub fn contains(bytes: &[u8], word: &[u8]) -> bool {
    let Some((first, rest)) = word.split_first() else { return true };
    let mut at = bytes;
    while let Some(found) = at.iter().position(|byte| byte.to_ascii_lowercase() == *first) {
        at = &at[found + 1..];
        if at.get(..rest.len()).is_some_and(|next| next.eq_ignore_ascii_case(rest)) {
            return true;
        }
    }
    false
}

/// A search that goes on while the story does.
#[derive(Debug, Default)]
pub struct Search {
    query: Query,
    epoch: u32,
    /// So many events were looked at.
    looked: usize,
    /// The events that name the marks that fit, in the order in which they came.
    found: Vec<Place>,
}

impl Search {
    /// Looks for other words from now on.
    pub fn ask(&mut self, query: Query) {
        if query != self.query {
            *self = Self { query, ..Self::default() };
        }
    }

    /// Looks at no more than `most` further events. True when all were looked at.
    pub fn go_on(&mut self, story: &Story, most: usize) -> bool {
        if self.epoch != story.epoch() {
            (self.epoch, self.looked) = (story.epoch(), 0);
            self.found.clear();
        }
        if self.query.is_empty() {
            return true;
        }
        let until = story.len().min(self.looked.saturating_add(most));
        for place in self.looked..until {
            let name = self.named(story, place as Place);
            self.found.extend(name);
        }
        self.looked = until;
        until == story.len()
    }

    /// The mark that an event completes, if it fits now and did not before.
    fn named(&self, story: &Story, place: Place) -> Option<Place> {
        let tag = story.tag(place);
        let first = match tag.sort {
            Sort::Returned => story.calls()[tag.at as usize].entered,
            // What happened to a packet afterwards is known of it as a whole.
            Sort::Held | Sort::Released | Sort::Delivered | Sort::Scheduled => return None,
            Sort::Broken => story.packets()[tag.at as usize].sent,
            _ => None,
        };
        match first.filter(|first| *first != place) {
            None => self.query.fits(story, &[place]).then_some(place),
            Some(first) if self.found.iter().rev().take(512).any(|known| *known == first) => None,
            Some(first) => self.query.fits(story, &[first, place]).then_some(first),
        }
    }

    /// How many marks fit, of what was looked at.
    #[must_use]
    pub fn count(&self) -> usize {
        self.found.len()
    }

    /// The marks that fit.
    #[must_use]
    pub fn found(&self) -> &[Place] {
        &self.found
    }

    /// The next mark that fits after another one in the order of time, or the one before it; round at the ends. And the
    /// how many-th it is.
    #[must_use]
    pub fn next(&self, story: &Story, from: Option<Seq>, forward: bool) -> Option<(Seq, usize)> {
        let mut ranked: Vec<(usize, Place)> =
            self.found.iter().filter_map(|place| Some((story.rank(story.seq(*place))?, *place))).collect();
        ranked.sort_unstable();
        let here = from.and_then(|seq| story.rank(seq));
        let at = match (here, forward) {
            (None, true) => 0,
            (None, false) => ranked.len().checked_sub(1)?,
            (Some(here), true) => ranked.partition_point(|(rank, _)| *rank <= here) % ranked.len().max(1),
            (Some(here), false) => {
                let before = ranked.partition_point(|(rank, _)| *rank < here);
                before.checked_sub(1).or(ranked.len().checked_sub(1))?
            }
        };
        let (_, place) = ranked.get(at)?;
        Some((story.seq(*place), at + 1))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;
    use crate::model::story::tell::{Teller, at, three_in_one};
    use crate::model::story::tell_packets::lost_segment;
    use protocol::{Errno, Op, ProgramId, Role, SysError};

    fn found(story: &Story, typed: &str) -> Vec<String> {
        let mut search = Search::default();
        search.ask(Query::read(typed));
        // In parts, as a page does it.
        while !search.go_on(story, 7) {}
        search.found().iter().map(|place| describe(story, *place)).collect()
    }

    fn describe(story: &Story, place: Place) -> String {
        match story.event_at(place).kind {
            Kind::Call(call) => wording::op(&call.op),
            Kind::Packet(packet) => ["packet ", &packet.id.0.to_string()].concat(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn calls_are_found_by_name_text_port_and_error() {
        let story = three_in_one().story();
        assert_eq!(found(&story, "three"), ["send(5)", "recv(1024)", "send(11)", "recv(1024)"], "in any case");
        assert_eq!(found(&story, "send three"), ["send(5)", "send(11)"]);
        assert_eq!(found(&story, "connect"), ["connect(127.0.0.1:8808)"]);
        assert_eq!(found(&story, "zebra").len(), 0);
        assert!(found(&story, ":41022").len() > 4 && found(&story, "41022") == found(&story, ":41022"));
        let mut tell = Teller::default();
        let refused = SysError { name: Errno::Econnrefused, number: 111 };
        tell.program(0, ProgramId(2), Role::Client, "client 1");
        tell.call(1, 90, ProgramId(2), SocketId(2), Op::Connect { to: at(9) }, Outcome::Failed(refused));
        assert_eq!(found(&tell.story(), "econnrefused"), ["connect(127.0.0.1:9)"]);
    }

    #[test]
    fn packets_are_found_by_flag_and_fate_once_each() {
        let story = lost_segment(99, false).story();
        assert_eq!(found(&story, "syn"), ["packet 1", "packet 2"]);
        assert_eq!(found(&story, "packet lost"), ["packet 5"]);
        assert_eq!(found(&story, "again").len(), 1);
    }

    #[test]
    fn one_walks_from_hit_to_hit_and_round() {
        let story = three_in_one().story();
        let mut search = Search::default();
        search.ask(Query::read("send"));
        search.go_on(&story, usize::MAX);
        let (first, one) = search.next(&story, None, true).unwrap();
        let (last, all) = search.next(&story, Some(first), false).unwrap();
        assert_eq!((one, all), (1, search.count()));
        assert_eq!(search.next(&story, Some(last), true), Some((first, 1)));
    }
}
