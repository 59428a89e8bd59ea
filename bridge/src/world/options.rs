//! What the world *This computer* is to be, and why it could not begin.

use crate::capture;
use protocol::message::TargetInfo;
use protocol::{Address, ServerSettings, SysError};
use std::path::PathBuf;

/// Where to serve, and how.
#[derive(Clone, Debug)]
pub struct WorldOptions {
    /// TCP ports, on 127.0.0.1 and ::1; 0 is any free one, the same on both where possible.
    pub tcp: Vec<u16>,
    /// Whether to serve the tutorial's own TCP port 808 too, where the system allows it.
    pub tutorial_port: bool,
    /// UDP ports, on 127.0.0.1 and ::1; 0 is any free one, the same on both where possible.
    pub udp: Vec<u16>,
    /// The Unix-domain stream socket; the datagram socket is beside it, with `.dgram` added. None on systems without.
    pub unix: Option<PathBuf>,
    /// Further targets that clients may name.
    pub targets: Vec<TargetInfo>,
    /// How the servers begin.
    pub settings: ServerSettings,
    /// Whether to see packets.
    pub capture: capture::Wanted,
}

impl Default for WorldOptions {
    fn default() -> Self {
        Self {
            tcp: vec![8808],
            tutorial_port: true,
            udp: vec![8080],
            unix: cfg!(unix).then(default_path),
            targets: Vec::new(),
            settings: ServerSettings::default(),
            capture: capture::Wanted::default(),
        }
    }
}

/// In the user's own folder for such files where there is one, else in the temporary one.
fn default_path() -> PathBuf {
    let folder = std::env::var_os("XDG_RUNTIME_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    folder.join("socketscope.sock")
}

/// Why the world could not begin.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Somebody else listens there.
    #[error("{address} is taken{}; choose another with {flag}", by(holder))]
    AddressTaken {
        /// Where.
        address: Address,
        /// The program that has it, as name and process number, where that can be known.
        holder: Option<String>,
        /// The flag that changes it.
        flag: &'static str,
    },
    /// The system does not let us serve there.
    #[error("cannot serve on {address}: {error}; choose another with {flag}")]
    Refused {
        /// Where.
        address: Address,
        /// What the system said.
        error: SysError,
        /// The flag that changes it.
        flag: &'static str,
    },
}

fn by(holder: &Option<String>) -> String {
    holder.as_ref().map_or_else(String::new, |holder| format!(" by {holder}"))
}
