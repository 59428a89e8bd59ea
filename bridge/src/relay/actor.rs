//! The programs that the relays tell of: each relay connection is one, and so is each of their echo servers.

use crate::recorder::Recorder;
use protocol::{About, Epoch, HostId, Kind, Owner, ProgramId, Provenance, Role, Transport};
use std::sync::{Mutex, MutexGuard};

/// Where relays are written down.
#[derive(Clone)]
pub struct Book {
    /// Writes events.
    pub recorder: Recorder,
    /// The host on which they run; none where this computer takes no part in the story.
    pub host: Option<HostId>,
}

/// A program, unnamed until somebody watches what it does.
pub struct Actor {
    /// Where it is written down.
    pub book: Book,
    /// What it speaks.
    pub transport: Transport,
    role: Role,
    /// Who it is, and in which epoch that was told last.
    told: Mutex<Option<(Epoch, About)>>,
}

impl Actor {
    /// One that nobody has heard of.
    pub fn new(book: Book, role: Role, transport: Transport) -> Self {
        Self { book, transport, role, told: Mutex::default() }
    }

    /// Where events of it go, if somebody watches.
    pub fn watched(&self) -> Option<HostId> {
        self.book.host.filter(|_| self.book.recorder.is_watched())
    }

    /// Tells who it is, once in every epoch.
    pub fn introduce(&self, host: HostId, epoch: Epoch) -> ProgramId {
        let recorder = &self.book.recorder;
        let mut told = self.told();
        let program = told.and_then(|(_, about)| about.program).unwrap_or_else(|| recorder.new_program());
        if told.is_none_or(|(before, _)| before != epoch) {
            let about = About { host, program: Some(program), ..About::default() };
            *told = Some((epoch, about));
            recorder.record(about, Provenance::OBSERVED, None, self.kind());
        }
        program
    }

    fn kind(&self) -> Kind {
        let name = match (self.role, self.transport) {
            (Role::Server, Transport::Tcp) => "relays' echo/tcp",
            (Role::Server, Transport::Udp) => "relays' echo/udp",
            (Role::Server, Transport::UnixStream | Transport::UnixDatagram) => "relays' echo/unix",
            (_, Transport::Tcp) => "relay/tcp",
            (_, Transport::Udp) => "relay/udp",
            (_, Transport::UnixStream | Transport::UnixDatagram) => "relay/unix",
        };
        Kind::Program {
            pid: Some(std::process::id()),
            name: name.to_owned(),
            role: self.role,
            owner: Owner::Ours,
            transport: Some(self.transport),
            reads: None,
            calls_visible: true,
        }
    }

    fn told(&self) -> MutexGuard<'_, Option<(Epoch, About)>> {
        self.told.lock().expect("nothing panics while it holds the name")
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        let recorder = &self.book.recorder;
        let Some((epoch, about)) = *self.told() else { return };
        if epoch == recorder.epoch() {
            recorder.record(about, Provenance::OBSERVED, None, Kind::Ended);
        }
    }
}
