//! Who lives: introductions that fell out of the record and still hold, so that a viewer who comes late knows whom the
//! rest is about.

use crate::event::{Event, Kind};
use crate::ids::{FlowId, HostId, ProgramId, Seq, SocketId};
use std::collections::{BTreeMap, HashMap};

/// Introductions kept: more than all sockets a bridge may hold, with their programs and flows.
const MOST: usize = 1 << 16;

/// The last introduction of everyone who was introduced and has not ended.
#[derive(Debug, Default)]
pub struct Living {
    events: BTreeMap<Seq, Event>,
    places: HashMap<Who, Seq>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Who {
    Host(HostId),
    Program(ProgramId),
    Socket(SocketId),
    Flow(FlowId),
}

impl Living {
    /// Takes an event that falls out of the record, the oldest first.
    pub fn take(&mut self, event: Event) {
        let about = event.about;
        match &event.kind {
            Kind::Host { .. } => self.introduce(Who::Host(about.host), event),
            Kind::Program { .. } => self.introduce_some(about.program.map(Who::Program), event),
            Kind::Socket { .. } => self.introduce_some(about.socket.map(Who::Socket), event),
            Kind::Flow { .. } => self.introduce_some(about.flow.map(Who::Flow), event),
            Kind::Ended => self.forget(about.program.map(Who::Program)),
            Kind::Closed => {
                self.forget(about.socket.map(Who::Socket));
                // A flow ends with the last of its sockets.
                if about.flow.is_some_and(|flow| !self.has_an_end(flow)) {
                    self.forget(about.flow.map(Who::Flow));
                }
            }
            _ => {}
        }
    }

    /// The introductions after a place, in recording order.
    pub fn after(&self, place: Seq) -> impl Iterator<Item = &Event> {
        self.events.range(place.next()..).map(|(_, event)| event)
    }

    fn introduce_some(&mut self, who: Option<Who>, event: Event) {
        if let Some(who) = who {
            self.introduce(who, event);
        }
    }

    fn introduce(&mut self, who: Who, event: Event) {
        self.forget(Some(who));
        if self.events.len() >= MOST {
            // A flow whose end nobody told is the least loss.
            let is_flow = |event: &&Event| matches!(event.kind, Kind::Flow { .. });
            let least = self.events.values().find(is_flow).or_else(|| self.events.values().next());
            if let Some(least) = least.map(|event| event.seq) {
                self.events.remove(&least);
                self.places.retain(|_, place| *place != least);
            }
        }
        self.places.insert(who, event.seq);
        self.events.insert(event.seq, event);
    }

    fn forget(&mut self, who: Option<Who>) {
        if let Some(place) = who.and_then(|who| self.places.remove(&who)) {
            self.events.remove(&place);
        }
    }

    fn has_an_end(&self, flow: FlowId) -> bool {
        let told = self.places.get(&Who::Flow(flow)).and_then(|place| self.events.get(place));
        let Some(Kind::Flow { a, b, .. }) = told.map(|event| &event.kind) else { return false };
        [a.socket, b.socket].into_iter().flatten().any(|socket| self.places.contains_key(&Who::Socket(socket)))
    }
}
