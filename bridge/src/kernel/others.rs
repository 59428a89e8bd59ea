//! Programs that are not ours and speak to our servers.

use super::processes::Process;
use crate::probe::Story;
use protocol::{About, Arg, Kind, NoteId, Owner, ProgramId, Provenance, Role, Transport};
use std::collections::{HashMap, HashSet};

/// The other programs that take part.
#[derive(Default)]
pub struct Others {
    programs: HashMap<Who, Other>,
}

/// Who another program is: a process, or nobody knows and then each socket is a program of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// A process that we may look at.
    Process(Process),
    /// The file of a socket whose process we may not look at.
    Unknown(u32),
}

struct Other {
    id: ProgramId,
    transport: Transport,
}

impl Others {
    /// The program, told when it is new.
    pub fn program(&mut self, story: &Story, who: &Who, transport: Transport) -> ProgramId {
        if let Some(other) = self.programs.get(who) {
            return other.id;
        }
        let other = Other { id: story.recorder.new_program(), transport };
        let id = other.id;
        tell(story, who, &other);
        let (name, pid) = face(who);
        let args = vec![Arg::Text(name), Arg::Count(pid.unwrap_or(0).into())];
        story.recorder.record(about(story, id), Provenance::REPORTED, None, Kind::Note(NoteId::OtherProgram, args));
        self.programs.insert(who.clone(), other);
        id
    }

    /// Only these still have a socket open.
    pub fn only(&mut self, story: &Story, living: &HashSet<ProgramId>) {
        self.programs.retain(|_, other| {
            let lives = living.contains(&other.id);
            if !lives {
                story.recorder.record(about(story, other.id), Provenance::REPORTED, None, Kind::Ended);
            }
            lives
        });
    }

    /// Tells all again, for a new epoch.
    pub fn tell_again(&self, story: &Story) {
        let mut all: Vec<_> = self.programs.iter().collect();
        all.sort_by_key(|(_, other)| other.id);
        all.into_iter().for_each(|(who, other)| tell(story, who, other));
    }
}

fn tell(story: &Story, who: &Who, other: &Other) {
    let (name, pid) = face(who);
    let kind = Kind::Program {
        pid,
        name,
        role: Role::Other,
        owner: Owner::System,
        transport: Some(other.transport),
        reads: None,
        calls_visible: false,
    };
    story.recorder.record(about(story, other.id), Provenance::REPORTED, None, kind);
}

/// Its name, empty where the system does not tell, and its number.
fn face(who: &Who) -> (String, Option<u32>) {
    match who {
        Who::Process(process) => (process.name.clone(), Some(process.pid)),
        Who::Unknown(_) => (String::new(), None),
    }
}

fn about(story: &Story, id: ProgramId) -> About {
    About { host: story.host, program: Some(id), socket: None, flow: None }
}
