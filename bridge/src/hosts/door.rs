//! The door to the hosts: a socket file, for this user only, where another `socketscope` asks where they are.

use super::host::Hosts;
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, fchmod};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, listen, socket_with};
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::UnixListener;

/// Questions that may wait.
const BACKLOG: i32 = 16;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Where an answer would be too long.
const MOST: u64 = 1024;

/// The first processes of the hosts, whose namespaces are in `/proc/<number>/ns`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Where {
    /// The client host's.
    pub client: u32,
    /// The server host's.
    pub server: u32,
}

/// The file that is used when none is named: in the user's own folder for such files, else in the temporary one.
#[must_use]
pub fn default_path() -> PathBuf {
    let folder = std::env::var_os("XDG_RUNTIME_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    folder.join(format!("socketscope-{}.control", rustix::process::geteuid().as_raw()))
}

/// An open door; the file goes with it.
#[derive(Debug)]
pub struct Door {
    path: PathBuf,
    listener: UnixListener,
    whither: Where,
}

impl Door {
    /// Opens it. To be called on the runtime.
    ///
    /// # Errors
    /// The system's own; `AddrInUse` if another bridge has it.
    pub fn open(path: PathBuf, hosts: &Hosts) -> io::Result<Self> {
        let socket = match bound(&path) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && is_stale(&path) => {
                std::fs::remove_file(&path)?;
                bound(&path)?
            }
            result => result?,
        };
        let listener = UnixListener::from_std(socket.into())?;
        let whither = Where { client: hosts.client.process(), server: hosts.server.process() };
        Ok(Self { path, listener, whither })
    }

    /// Answers for ever.
    pub async fn serve(self) -> std::convert::Infallible {
        let answer = serde_json::to_vec(&self.whither).expect("numbers are text");
        loop {
            match self.listener.accept().await {
                // The file's mode keeps others away; this is for a file system that knows no modes.
                Ok((mut asks, _)) if asks.peer_cred().is_ok_and(|peer| is_allowed(peer.uid())) => {
                    // A few bytes, which always fit.
                    let _ = asks.write_all(&answer).await;
                }
                Ok(_) => {}
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        // Somebody may have removed it already, and that is as good.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn is_allowed(uid: u32) -> bool {
    uid == 0 || uid == rustix::process::geteuid().as_raw()
}

fn bound(path: &Path) -> io::Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    // Before it has a name, so that at no moment anybody else could connect.
    fchmod(&socket, Mode::RUSR | Mode::WUSR)?;
    bind(&socket, &SocketAddrUnix::new(path)?)?;
    listen(&socket, BACKLOG)?;
    Ok(socket)
}

/// Whether it is a socket on which nobody listens any more.
fn is_stale(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket())
        && UnixStream::connect(path).is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}

/// Asks the running bridge where its hosts are.
///
/// # Errors
/// The system's own: `NotFound` and `ConnectionRefused` if no bridge has hosts.
pub fn ask(path: &Path) -> io::Result<Where> {
    let asks = UnixStream::connect(path)?;
    let peer = rustix::net::sockopt::socket_peercred(&asks)?.uid.as_raw();
    if !is_allowed(peer) && !rustix::process::geteuid().is_root() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it belongs to another user"));
    }
    asks.set_read_timeout(Some(PATIENCE))?;
    (&asks).flush()?;
    let mut answer = Vec::new();
    (&asks).take(MOST).read_to_end(&mut answer)?;
    Ok(serde_json::from_slice(&answer)?)
}
