//! Who is at a page: a member owns clients, and keeps them a while after its last session.
//!
//! Outside class everybody on the machine is one member, so there is one token, whatever token a page brings along.

use crate::world::World;
use protocol::{CommandId, MemberId};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// The members of this start of the bridge.
#[derive(Clone)]
pub struct Members {
    local: Arc<Member>,
}

struct Member {
    id: MemberId,
    token: String,
    world: Arc<dyn World>,
    grace: Duration,
    commands: AtomicU32,
    presence: Mutex<Presence>,
}

#[derive(Default)]
struct Presence {
    sessions: usize,
    /// Counts departures of the last session, so that a return cancels the one before it.
    departures: u64,
}

/// One session of a member, as long as it lives.
pub struct Seat(Arc<Member>);

impl Members {
    /// The one local member, whose clients are closed `grace` after its last session.
    #[must_use]
    pub fn new(world: Arc<dyn World>, grace: Duration) -> Self {
        let member = Member {
            id: MemberId(1),
            token: format!("{:032x}", crate::random()),
            world,
            grace,
            commands: AtomicU32::new(0),
            presence: Mutex::default(),
        };
        Self { local: Arc::new(member) }
    }

    /// A session begins. Outside class every token, known or not, is the local member's.
    #[must_use]
    pub fn join(&self, _token: Option<&str>) -> Seat {
        self.local.present().sessions += 1;
        Seat(Arc::clone(&self.local))
    }
}

impl Seat {
    /// Whose session it is.
    #[must_use]
    pub fn id(&self) -> MemberId {
        self.0.id
    }

    /// How to be the same member in the next session.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.0.token
    }

    /// The member's next command. Two sessions of one member never share a number.
    #[must_use]
    pub fn next_command(&self) -> CommandId {
        CommandId { by: self.0.id, number: self.0.commands.fetch_add(1, Ordering::Relaxed) + 1 }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let departure = {
            let mut presence = self.0.present();
            presence.sessions -= 1;
            if presence.sessions > 0 {
                return;
            }
            presence.departures += 1;
            presence.departures
        };
        // Without a runtime the program is ending, and its clients with it.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let member = Arc::clone(&self.0);
        runtime.spawn(async move {
            tokio::time::sleep(member.grace).await;
            let gone = {
                let presence = member.present();
                presence.sessions == 0 && presence.departures == departure
            };
            if gone {
                member.world.leave(member.id);
            }
        });
    }
}

impl Member {
    fn present(&self) -> MutexGuard<'_, Presence> {
        self.presence.lock().expect("nothing panics while it holds the presence")
    }
}
