//! A recorded story: everything that happened is told at once, and nothing can be done to it.

use super::station::Voice;
use super::{Link, Source, Then, Trouble};
use crate::source::session::Hole;
use protocol::capability::{Ability, Capability, Reason, Unavailable, WorldInfo, WorldKind};
use protocol::codec;
use protocol::command::Command;
use protocol::event::Event;
use protocol::ids::MemberId;
use protocol::message::{Gap, Refusal, Welcome};
use replay::trace::Head;
use std::sync::Arc;

/// What every other world can do, and a file cannot.
const ABILITIES: [Ability; 13] = [
    Ability::Tcp4,
    Ability::Tcp6,
    Ability::Udp4,
    Ability::Udp6,
    Ability::UnixStream,
    Ability::UnixDatagram,
    Ability::Packets,
    Ability::Wire,
    Ability::KernelValues,
    Ability::OtherPrograms,
    Ability::ProgramNames,
    Ability::VirtualTime,
    Ability::RunPrograms,
];

/// So many events are told at once.
const PIECE: usize = 1_000;

/// What a file told.
#[derive(Debug, Default)]
pub struct Recorded {
    /// The file's name.
    pub name: Arc<String>,
    /// What it says about itself.
    pub head: Head,
    /// What is missing.
    pub gaps: Vec<Gap>,
    /// Everything that happened, packed, each event behind its length.
    packed: Vec<u8>,
    count: usize,
}

impl Recorded {
    /// One in which nothing has happened yet.
    #[must_use]
    pub fn named(name: &Arc<String>) -> Self {
        Self { name: name.clone(), ..Self::default() }
    }

    /// Adds an event.
    pub fn push(&mut self, event: &Event) {
        let at = self.packed.len();
        self.packed.extend([0; 4]);
        codec::pack(event, &mut self.packed);
        let len = (self.packed.len() - at - 4) as u32;
        self.packed[at..at + 4].copy_from_slice(&len.to_le_bytes());
        self.count += 1;
    }

    /// How many events there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    fn events(&self) -> impl Iterator<Item = Event> {
        let mut rest = &self.packed[..];
        std::iter::from_fn(move || {
            let (len, behind) = rest.split_first_chunk()?;
            let (event, behind) = behind.split_at_checked(u32::from_le_bytes(*len) as usize)?;
            rest = behind;
            codec::unpack(event).ok()
        })
    }
}

/// The source of one file.
pub struct File {
    voice: Voice,
    story: Recorded,
}

impl File {
    /// The one that tells this story.
    #[must_use]
    pub fn new(voice: Voice, story: Recorded) -> Self {
        Self { voice, story }
    }

    fn welcome(&self) -> Welcome {
        let head = self.story.head.clone();
        let capability = |ability| Capability { ability, unavailable: Some(recorded()) };
        let capabilities = ABILITIES.into_iter().map(capability).collect();
        Welcome {
            version: head.by.unwrap_or_default(),
            epoch: head.epoch,
            now: head.now.unwrap_or_default(),
            // Nobody: its clients belong to whoever was there.
            member: MemberId(u32::MAX),
            token: String::new(),
            world: WorldKind::Replay,
            worlds: vec![WorldInfo { kind: WorldKind::Replay, unavailable: None, capabilities }],
            servers: head.servers.unwrap_or_default(),
            settings: head.settings.unwrap_or_default(),
            targets: Vec::new(),
            system: head.system.unwrap_or_default(),
        }
    }
}

/// Why nothing can be done.
fn recorded() -> Unavailable {
    Unavailable { reason: Reason::Recorded, detail: String::new(), remedy: String::new() }
}

impl Source for File {
    fn command(&self, _: Command, then: Then) {
        then(Err(Trouble::Refused(Refusal::Unavailable(Ability::OtherPrograms, recorded()))));
    }

    fn enter(&self) {
        self.voice.welcome(self.welcome());
        self.voice.link(Link::Recorded(self.story.name.clone()));
        let Some(store) = self.voice.store() else { return };
        let hole = |gap: &Gap| Hole { first: gap.first, last: gap.last, reason: Some(gap.reason) };
        store.holes.set(self.story.gaps.iter().map(hole).collect());
        // Its time stands where it was written: what waits has waited until then, and no longer.
        store.stop_clock(self.story.head.now.unwrap_or_default());
        let mut events = self.story.events().peekable();
        while events.peek().is_some() {
            let piece: Vec<Event> = events.by_ref().take(PIECE).collect();
            store.push(&piece);
        }
        // Whom a page opened is followed without being asked; else the first one.
        let first = store.peek(|story| {
            let clients = story.clients();
            let opened = clients.iter().any(|client| client.role == protocol::Role::Client);
            clients.first().filter(|_| !opened).map(|client| client.program)
        });
        if first.is_some() {
            store.followed.set(first);
        }
    }

    fn leave(&self) {}
}
