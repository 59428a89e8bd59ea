//! Where things are.

use std::env::{self, consts::EXE_SUFFIX};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

/// The triple the page is compiled for.
pub const WASM: &str = "wasm32-unknown-unknown";

/// The checkout and its output folders, as absolute paths.
pub struct Project {
    /// The workspace's root.
    pub root: PathBuf,
    /// Where cargo writes.
    pub target: PathBuf,
}

impl Project {
    /// Finds the workspace around this xtask, wherever it is called from.
    pub fn find() -> Result<Self> {
        // Cargo sets the variable at run time too: a target folder that moved with its checkout still works.
        let manifest = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = Path::new(&manifest).parent().context("xtask has no folder above it")?.to_owned();
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(dir) => env::current_dir()?.join(dir),
            None => root.join("target"),
        };
        Ok(Self { root, target })
    }

    /// Everything that is served: `www/` and the compiled page in `pkg/`.
    ///
    /// Always inside the checkout, even if cargo writes elsewhere: the bridge embeds it by this path.
    pub fn site(&self) -> PathBuf {
        self.root.join("target/site")
    }

    /// The page as plain files for any web server.
    pub fn copy(&self) -> PathBuf {
        self.root.join("target/dist/static")
    }

    /// The bridge's program, as cargo's `profile` folder (`debug` or `release`) has it.
    pub fn bridge(&self, profile: &str) -> PathBuf {
        self.target.join(profile).join(format!("socketscope{EXE_SUFFIX}"))
    }

    /// `cargo SUBCOMMAND`, in the root, with our xtask's own build environment taken out again.
    pub fn cargo(&self, subcommand: &str) -> Command {
        let mut cargo = self.command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.arg(subcommand);
        cargo
    }

    /// A program started in the root.
    pub fn command(&self, program: impl Into<OsString>) -> Command {
        let mut command = Command::new(program.into());
        command.current_dir(&self.root);
        // `cargo run` describes the xtask package in these; a build script that reads them would run again
        // for every change between `cargo build` and `cargo xtask`.
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
                command.env_remove(&name);
            }
        }
        command
    }

    /// Whether `tests/Cargo.toml` has a target of this name.
    pub fn tests_have(&self, name: &str) -> Result<bool> {
        let path = self.root.join("tests/Cargo.toml");
        let manifest = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        Ok(manifest.lines().any(|line| line.replace(' ', "") == format!("name=\"{name}\"")))
    }

    /// A path as people here say it: from the root, if it is below it.
    pub fn short<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }
}
