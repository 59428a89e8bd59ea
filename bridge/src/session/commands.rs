//! A session's commands: most go to the world, those about the story as a whole are done here.

use crate::recorder::Recorder;
use crate::world::World;
use protocol::{About, Command, CommandId, Kind, Provenance, Refusal, Reply, WorldAction};

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
        what => world.perform(id, what),
    }
}
