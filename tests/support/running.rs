//! The program as a person starts it: a process of its own, on free ports.

use crate::session::Session;
use crate::soon;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};

/// A running `socketscope`; killed when dropped.
pub struct Running {
    child: Child,
    /// Keeps the pipe open: a program whose output nobody takes would end.
    _output: BufReader<ChildStdout>,
    /// `127.0.0.1:` and the port of the page.
    pub address: String,
    /// What it printed until the page was served.
    pub printed: String,
    folder: PathBuf,
}

/// The program's file: what `cargo xtask test` built, or the debug build of this checkout.
#[must_use]
pub fn binary() -> PathBuf {
    from_env("SOCKETSCOPE_BIN").unwrap_or_else(|| target().join("debug").join(name()))
}

/// The folder of the built page.
#[must_use]
pub fn site() -> PathBuf {
    from_env("SOCKETSCOPE_SITE").unwrap_or_else(|| target().join("site"))
}

/// The folder of the page as plain files for any web server.
#[must_use]
pub fn copy() -> PathBuf {
    from_env("SOCKETSCOPE_COPY").unwrap_or_else(|| target().join("dist/static"))
}

fn from_env(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from)
}

fn target() -> PathBuf {
    from_env("CARGO_TARGET_DIR")
        .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ has a parent").join("target"))
}

fn name() -> &'static str {
    if cfg!(windows) { "socketscope.exe" } else { "socketscope" }
}

impl Running {
    /// Starts it with nothing but free ports, in the world *This computer*.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// Starts it in the world *Two hosts*.
    pub async fn two_hosts() -> Self {
        Self::with(&["--world", "two-hosts"]).await
    }

    /// Starts it with further arguments.
    ///
    /// # Panics
    /// When it does not serve its page soon.
    pub async fn with(args: &[&str]) -> Self {
        let folder = fresh_folder();
        let socket = folder.join("echo.sock");
        let mut command = Command::new(binary());
        command.args(["serve", "--no-open", "--listen", "127.0.0.1:0", "--tcp", "0", "--udp", "0", "--unix"]);
        command.arg(&socket).arg("--control").arg(folder.join("control"));
        // Two hosts, where they are possible, are the program's own choice.
        if !args.contains(&"--world") {
            command.args(["--world", "this-computer", "--hosts", "off"]);
        }
        command.args(args);
        Self::spawn(command, folder).await
    }

    /// Runs a prepared command and waits until it serves its page.
    ///
    /// # Panics
    /// When it does not.
    pub async fn spawn(mut command: Command, folder: PathBuf) -> Self {
        command.env("SOCKETSCOPE_SITE", site()).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap_or_else(|error| {
            panic!("{}: {error}; run the tests with `cargo xtask test`", binary().display());
        });
        let mut output = BufReader::new(child.stdout.take().expect("it is piped"));
        let (address, printed) = soon("the page's address", async {
            let mut printed = String::new();
            loop {
                let from = printed.len();
                let read = output.read_line(&mut printed).await.expect("its output can be read");
                assert!(read > 0, "it ended, having printed: {printed}");
                if let Some((_, rest)) = printed[from..].split_once("http://") {
                    let end = rest.find(|c: char| !(c.is_ascii_digit() || ".:[]".contains(c))).unwrap_or(rest.len());
                    break (rest[..end].to_owned(), printed);
                }
            }
        })
        .await;
        Self { child, _output: output, address, printed, folder }
    }

    /// Its process number.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id().expect("it was not waited for")
    }

    /// A viewer.
    pub async fn session(&self) -> Session {
        Session::open(&self.address).await
    }

    /// A folder of this run's own, gone afterwards.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Sends it a signal, as Ctrl-C and `kill` do.
    ///
    /// # Panics
    /// When it is gone already.
    #[cfg(unix)]
    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_raw(self.pid().cast_signed()).expect("a pid is not 0");
        rustix::process::kill_process(pid, signal).expect("it lives");
    }

    /// Waits until it ends.
    pub async fn ended(&mut self) -> ExitStatus {
        soon("the end of the program", self.child.wait()).await.expect("it can be waited for")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Left behind only when the system refuses; it is in the temporary folder.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// An empty folder for one test: short, because a Unix socket's path may have only 107 bytes.
///
/// # Panics
/// When the temporary folder cannot be written.
#[must_use]
pub fn fresh_folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("socketscope-{}-{count}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder can be written");
    folder
}
