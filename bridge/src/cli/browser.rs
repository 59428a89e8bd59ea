//! Opens the page in the person's browser, if there is a screen to open it on.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// How a browser is opened here; `None` if there is no display, or nothing that opens one.
#[must_use]
pub fn opener() -> Option<(PathBuf, &'static [&'static str])> {
    if cfg!(target_os = "macos") {
        return which("open").map(|program| (program, &[][..]));
    }
    if cfg!(windows) {
        // The empty argument is the window's title, which `start` would else take the address for.
        return which("cmd.exe").map(|program| (program, &["/C", "start", ""][..]));
    }
    let display = ["DISPLAY", "WAYLAND_DISPLAY"];
    if !display.iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty())) {
        return None;
    }
    which("xdg-open").map(|program| (program, &[][..]))
}

/// Opens it. Whether that works is not our business: the address is printed as well.
pub fn open(address: &str) {
    let Some((program, arguments)) = opener() else { return };
    let child = Command::new(program)
        .args(arguments)
        .arg(address)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if let Ok(mut child) = child {
        // Waited for, so that no dead process is left lying about.
        std::thread::spawn(move || child.wait());
    }
}

/// A program on the PATH.
#[must_use]
pub fn which(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}
