//! The probe: what a program does to its sockets goes through it, and comes out as events.
//!
//! The servers and clients stay as plain as a learner would write them; who they are, what they called, with which
//! bytes, when and how often the system had to be asked is written down here.

mod record;
mod socket;

pub use record::{SNAP, Story};
pub use socket::{Received, Socket};

pub use crate::sockets::gate::{Gate, GateKeeper};

use crate::sockets::SocketFactory;
use protocol::{
    About, Address, Cause, Family, Kind, LoopRule, Nanos, NoteId, Op, Outcome, Owner, ProgramId, Provenance, Reads,
    Role, Transport,
};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A program of ours: an echo server, or a client opened from a page.
pub struct Program {
    id: ProgramId,
    story: Arc<Story>,
    factory: Arc<dyn SocketFactory>,
    /// Before each `recv`.
    reading: Gate,
    /// Before each `accept`.
    accepting: Gate,
    face: Mutex<Face>,
}

/// What the page is told of a program.
#[derive(Clone, Debug)]
pub struct Face {
    /// Its name.
    pub name: String,
    /// What sort it is.
    pub role: Role,
    /// Whose it is.
    pub owner: Owner,
    /// What it speaks.
    pub transport: Transport,
    /// How it reads.
    pub recv_size: u32,
    /// When it has a whole message.
    pub rule: LoopRule,
}

impl Program {
    /// A program takes part from now on.
    pub fn start(
        story: Arc<Story>,
        factory: Arc<dyn SocketFactory>,
        face: Face,
        reading: Gate,
        accepting: Gate,
        cause: Option<Cause>,
    ) -> Arc<Self> {
        let id = story.recorder.new_program();
        let program = Self { id, story, factory, reading, accepting, face: Mutex::new(face) };
        program.tell(cause);
        Arc::new(program)
    }

    /// Who it is.
    #[must_use]
    pub fn id(&self) -> ProgramId {
        self.id
    }

    /// Where its calls are written down.
    #[must_use]
    pub fn story(&self) -> &Arc<Story> {
        &self.story
    }

    /// `socket(family, type)`.
    ///
    /// # Errors
    /// The system's own.
    pub async fn socket(
        self: &Arc<Self>,
        family: Family,
        transport: Transport,
        cause: Option<Cause>,
    ) -> io::Result<Socket> {
        Socket::make(self, family, transport, cause).await
    }

    /// `unlink(path)`: Unix-domain sockets leave their file behind.
    ///
    /// # Errors
    /// The system's own.
    pub fn unlink(&self, path: &str, cause: Option<Cause>) -> io::Result<()> {
        let call = self.story.enter(self.about(), Op::Unlink { path: path.into() }, None, &[], cause);
        let result = std::fs::remove_file(path);
        self.story.leave(call, Outcome::of(&result, Outcome::Done), None, &[], 1);
        result
    }

    /// The program thinks: it makes no call, and everybody waits for it.
    pub async fn think(&self, about: About, time: Nanos) {
        if time == Nanos(0) {
            return;
        }
        let call = self.story.enter(About { program: Some(self.id), ..about }, Op::Think { time }, None, &[], None);
        self.story.watch(&call, tokio::time::sleep(Duration::from_nanos(time.0))).await;
        self.story.leave(call, Outcome::Done, None, &[], 0);
    }

    /// Whether others begin the conversation.
    fn serves(&self) -> bool {
        self.face.lock().expect("nothing panics while it holds the face").role == Role::Server
    }

    /// It reads otherwise from now on.
    pub fn reads(&self, recv_size: u32, rule: LoopRule) {
        {
            let mut face = self.face.lock().expect("nothing panics while it holds the face");
            if (face.recv_size, face.rule) == (recv_size, rule) {
                return;
            }
            face.recv_size = recv_size;
            face.rule = rule;
        }
        self.tell(None);
    }

    /// Tells that it takes part, again for a new epoch.
    pub fn tell(&self, cause: Option<Cause>) {
        let face = self.face.lock().expect("nothing panics while it holds the face").clone();
        let kind = Kind::Program {
            pid: Some(std::process::id()),
            name: face.name,
            role: face.role,
            owner: face.owner,
            transport: Some(face.transport),
            reads: Some(Reads { recv_size: face.recv_size, rule: face.rule }),
            calls_visible: true,
        };
        self.story.recorder.record(self.about(), Provenance::OBSERVED, cause, kind);
    }

    /// It takes part no longer.
    pub fn ended(&self, cause: Option<Cause>) {
        self.story.recorder.record(self.about(), Provenance::OBSERVED, cause, Kind::Ended);
    }

    /// A sentence about it.
    pub fn note(&self, about: About, note: NoteId, args: Vec<protocol::Arg>) {
        let about = About { program: Some(self.id), ..about };
        self.story.recorder.record(about, Provenance::OBSERVED, None, Kind::Note(note, args));
    }

    /// An event about the program as a whole.
    #[must_use]
    pub fn about(&self) -> About {
        About { host: self.story.host, program: Some(self.id), socket: None, flow: None }
    }
}

/// The outcome of a call that gave `result`.
trait OutcomeOf {
    fn of<T>(result: &io::Result<T>, success: Self) -> Self;
}

impl OutcomeOf for Outcome {
    fn of<T>(result: &io::Result<T>, success: Self) -> Self {
        match result {
            Ok(_) => success,
            Err(error) if is_cancelled(error) => Self::Cancelled,
            Err(error) => Self::Failed(crate::sockets::errno::named(error)),
        }
    }
}

/// A call that did not come back, because the program closed the socket under it or somebody hung up.
#[derive(Debug, thiserror::Error)]
#[error("the call was given up: the socket was closed under it")]
pub struct Cancelled;

/// [`Cancelled`] as an error of a call.
#[must_use]
pub fn cancelled() -> io::Error {
    io::Error::other(Cancelled)
}

/// Whether the call was [`Cancelled`].
#[must_use]
pub fn is_cancelled(error: &io::Error) -> bool {
    error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<Cancelled>)
}

/// The address for sockets that are not bound.
#[must_use]
pub fn is_bound(address: &Address) -> bool {
    match address {
        Address::Inet(inet) => inet.port() != 0,
        Address::Unix(path) => path.is_some(),
    }
}
