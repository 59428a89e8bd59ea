//! A session's commands: most go to the world, those about the story as a whole are done here.

use super::welcome::unavailable;
use crate::recorder::Recorder;
use crate::world::World;
use protocol::{Ability, About, Command, CommandId, Kind, Provenance, Refusal, Reply, WorldAction, WorldKind};

/// Does a command or refuses it.
///
/// # Errors
/// [`Refusal`], and then nothing was done.
pub fn perform(world: &dyn World, recorder: &Recorder, id: CommandId, what: Command) -> Result<Reply, Refusal> {
    match what {
        Command::World(WorldAction::Clear) => {
            recorder.begin_epoch();
            recorder.record(About::default(), Provenance::OBSERVED, None, Kind::Command { id, what });
            world.tell_again();
            Ok(Reply::Done)
        }
        Command::World(WorldAction::Switch(kind)) if kind == world.kind() => Ok(Reply::Done),
        Command::World(WorldAction::Switch(kind)) => Err(Refusal::Unavailable(missing(kind), unavailable(kind))),
        what => world.perform(id, what),
    }
}

/// What one would have there and has not here.
fn missing(kind: WorldKind) -> Ability {
    match kind {
        WorldKind::InThisPage => Ability::VirtualTime,
        _ => Ability::Wire,
    }
}
