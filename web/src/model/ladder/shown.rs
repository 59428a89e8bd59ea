//! Which events are drawn for a cast: asked for every event of a story, so what was found out last is kept.

use super::cast::Cast;
use crate::model::filter::Filter;
use crate::model::story::{Place, Sort, Story};
use protocol::{Command, Kind, ServerAction, SocketId, TcpState};

/// So many answers are kept.
const KEPT: usize = 32;

/// Which events are drawn.
pub struct Shown<'a> {
    story: &'a Story,
    cast: &'a Cast,
    filter: Filter,
    /// Numbers of sockets, flows and pairs of ends, and whether they are shown.
    kept: [(u64, bool); KEPT],
}

impl<'a> Shown<'a> {
    /// For a story and a cast that do not change meanwhile.
    pub fn new(story: &'a Story, cast: &'a Cast, filter: Filter) -> Self {
        Self { story, cast, filter, kept: [(u64::MAX, false); KEPT] }
    }

    fn kept(&mut self, key: u64, find: impl FnOnce(&Story, &Cast) -> bool) -> bool {
        let slot = (key ^ (key >> 32)) as usize % KEPT;
        if self.kept[slot].0 != key {
            self.kept[slot] = (key, find(self.story, self.cast));
        }
        self.kept[slot].1
    }

    fn socket(&mut self, id: SocketId) -> bool {
        self.kept(id.0.into(), |story, cast| cast.has_socket(story, id))
    }

    /// Whether the event at a place is drawn.
    pub fn event(&mut self, place: Place) -> bool {
        let story = self.story;
        if !self.filter.is_open() && !self.filter.takes(story, place) {
            return false;
        }
        let tag = story.tag(place);
        match tag.sort {
            Sort::Entered | Sort::Returned => {
                let call = &story.calls()[tag.at as usize];
                self.cast.has(call.program) && call.socket.is_none_or(|id| self.socket(id))
            }
            Sort::Scheduled | Sort::Gauge | Sort::Other => false,
            sort if sort.is_packet() => {
                let packet = &story.packets()[tag.at as usize];
                self.cast.packets
                    && match packet.flow {
                        Some(flow) => {
                            self.kept(u64::from(flow.0) | 1 << 40, |story, cast| cast.has_packet(story, packet))
                        }
                        None => self.cast.has_packet(story, packet),
                    }
            }
            _ => self.rare(place),
        }
    }

    fn rare(&mut self, place: Place) -> bool {
        let event = self.story.event_at(place);
        let about = event.about;
        let socket = about.socket.map(|id| self.socket(id));
        match &event.kind {
            Kind::State { to, .. } => *to != TcpState::Listen && socket == Some(true),
            Kind::Socket { parent, .. } => {
                let socket = about.socket.and_then(|id| self.story.socket(id));
                parent.is_some()
                    && *parent == self.cast.listener
                    && socket.is_some_and(|socket| socket.queued == Some(place))
            }
            Kind::Note(..) => socket != Some(false) && about.program.is_none_or(|program| self.cast.has(program)),
            Kind::Dropped { .. } => true,
            Kind::Command { what, .. } => matches!(
                what,
                Command::Server(
                    ServerAction::Set(_) | ServerAction::Rebind(_) | ServerAction::Stop(_) | ServerAction::Start(_)
                ) | Command::Wire(_)
            ),
            _ => false,
        }
    }
}
