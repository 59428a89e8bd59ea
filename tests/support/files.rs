//! A plain web server: Python's own, which knows nothing of Socketscope.

use crate::running::{copy, fresh_folder, site};
use crate::soon;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};

/// Serves files like `python3 -m http.server`, but calls none of them `application/wasm`.
const NAMELESS: &str = "\
import http.server
class Handler(http.server.SimpleHTTPRequestHandler):
    def guess_type(self, path):
        return 'application/octet-stream' if path.endswith('.wasm') else super().guess_type(path)
http.server.test(Handler, port=0, bind='127.0.0.1')
";

/// A web server with the copy of the page in a folder of it; killed when dropped.
pub struct Files {
    _child: Child,
    /// Keeps the pipe open.
    _output: BufReader<ChildStdout>,
    /// Where the page is.
    pub page: String,
    /// What is served, and gone when the server is dropped.
    pub folder: PathBuf,
}

impl Files {
    /// Starts `python3 -m http.server` on a free port, with the page some folders below its root.
    ///
    /// # Panics
    /// When it does not serve soon.
    pub async fn start() -> Self {
        Self::spawn(&copy(), &["-m", "http.server", "0", "--bind", "127.0.0.1"]).await
    }

    /// The same with the page as the program serves it, which looks for the program behind it.
    ///
    /// # Panics
    /// When it does not serve soon.
    pub async fn of_the_program() -> Self {
        Self::spawn(&site(), &["-m", "http.server", "0", "--bind", "127.0.0.1"]).await
    }

    /// The same server, which does not know what a `.wasm` file is.
    ///
    /// # Panics
    /// When it does not serve soon.
    pub async fn without_names() -> Self {
        Self::spawn(&copy(), &["-c", NAMELESS]).await
    }

    async fn spawn(page: &Path, args: &[&str]) -> Self {
        let folder = fresh_folder();
        let place = folder.join("some/where/socketscope");
        copy_all(page, &place);
        let mut command = Command::new("python3");
        // Unbuffered, or the port stays in a pipe.
        command.arg("-u").args(args).current_dir(&folder);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn().expect("python3 is installed: `cargo xtask test` says how to get it");
        let mut output = BufReader::new(child.stdout.take().expect("it is piped"));
        let port = soon("the web server's port", async {
            let mut line = String::new();
            output.read_line(&mut line).await.expect("its output can be read");
            let port = line.split_once(" port ").and_then(|(_, rest)| rest.split_whitespace().next());
            port.unwrap_or_else(|| panic!("it printed: {line}")).to_owned()
        })
        .await;
        let page = format!("http://127.0.0.1:{port}/some/where/socketscope/");
        Self { _child: child, _output: output, page, folder }
    }
}

fn copy_all(from: &Path, to: &Path) {
    let entries = std::fs::read_dir(from)
        .unwrap_or_else(|error| panic!("{}: {error}; run the tests with `cargo xtask test`", from.display()));
    std::fs::create_dir_all(to).expect("a fresh folder can be filled");
    for entry in entries {
        let entry = entry.expect("the folder can be read");
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_all(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).expect("a fresh folder can be filled");
        }
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
