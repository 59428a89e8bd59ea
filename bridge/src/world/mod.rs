//! A world: something that accepts commands and tells its story in events.

mod bind;
mod ensemble;
mod options;
#[cfg(test)]
mod tests;
pub mod this_computer;
#[cfg(target_os = "linux")]
pub mod two_hosts;
pub mod worlds;

pub use ensemble::Changed;

use crate::recorder::Recorder;
use protocol::message::TargetInfo;
use protocol::{
    Capability, Command, CommandId, HostId, MemberId, Refusal, Reply, ServerInfo, SettingsInfo, WorldInfo, WorldKind,
};
use tokio::sync::watch;

/// A world of the bridge.
///
/// All worlds accept the same commands; what one cannot do is listed with its reason and refused with the same one.
pub trait World: Send + Sync {
    /// Which one it is.
    fn kind(&self) -> WorldKind;

    /// What it can do and what not.
    fn capabilities(&self) -> Vec<Capability>;

    /// Its echo servers, as they are now.
    fn servers(&self) -> Vec<ServerInfo>;

    /// Their settings.
    fn settings(&self) -> SettingsInfo;

    /// Further targets, named on the command line.
    fn targets(&self) -> Vec<TargetInfo>;

    /// Changes whenever [`servers`](Self::servers) or [`settings`](Self::settings) would answer otherwise.
    fn changes(&self) -> watch::Receiver<u64>;

    /// Accepts a command or refuses it. Never waits: what takes time goes on in tasks and shows in events.
    ///
    /// The accepted command is recorded as an event before anything it causes.
    ///
    /// # Errors
    /// [`Refusal`], and then nothing was done.
    fn perform(&self, id: CommandId, what: Command) -> Result<Reply, Refusal>;

    /// The member is gone for good: closes its clients.
    fn leave(&self, member: MemberId);

    /// Closes the clients of everybody: another world is shown from now on.
    fn close_clients(&self) {}

    /// Tells hosts, programs, sockets and flows that live, for an epoch that has just begun.
    fn tell_again(&self);

    /// Where this computer's part of the story is written, and as which host: the relays, which no world owns, are told
    /// there.
    fn this_computer(&self) -> Option<(Recorder, HostId)> {
        None
    }

    /// Every world one could wish to be in, with the reason where one cannot.
    fn worlds(&self) -> Vec<WorldInfo> {
        worlds::all(&[self.info()], &[])
    }

    /// How it looks in the list of worlds.
    fn info(&self) -> WorldInfo {
        WorldInfo { kind: self.kind(), unavailable: None, capabilities: self.capabilities() }
    }
}
