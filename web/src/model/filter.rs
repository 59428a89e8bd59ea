//! Which sorts of marks are shown.

use super::story::{Place, Sort, Story};
use protocol::{Kind, NoteId};

/// Which sorts of marks are shown: everything at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Calls, packets, states and seats, sentences.
    pub sorts: [bool; 4],
    /// Only what went wrong: failed calls, lost and repeated packets, alarms.
    pub trouble: bool,
}

impl Default for Filter {
    fn default() -> Self {
        Self { sorts: [true; 4], trouble: false }
    }
}

impl Filter {
    /// Whether it shows everything.
    #[must_use]
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it shows an event.
    #[must_use]
    pub fn takes(&self, story: &Story, place: Place) -> bool {
        let tag = story.tag(place);
        let sort = match tag.sort {
            Sort::Entered | Sort::Returned => 0,
            Sort::State | Sort::Derived | Sort::Socket => 2,
            Sort::Sentence => 3,
            sort if sort.is_packet() => 1,
            _ => return true,
        };
        self.sorts[sort] && (!self.trouble || is_trouble(story, place))
    }
}

/// Whether something went wrong there.
#[must_use]
pub fn is_trouble(story: &Story, place: Place) -> bool {
    let tag = story.tag(place);
    match tag.sort {
        Sort::Entered | Sort::Returned => story.calls()[tag.at as usize].failed(),
        Sort::Sentence => match story.event_at(place).kind {
            Kind::Dropped { .. } => true,
            Kind::Note(id, _) => matches!(id, NoteId::EmptyRecvs | NoteId::DatagramCut | NoteId::AcceptBackoff),
            _ => false,
        },
        sort if sort.is_packet() => {
            let packet = &story.packets()[tag.at as usize];
            packet.lost.is_some() || story.repeats(packet).is_some()
        }
        _ => false,
    }
}
