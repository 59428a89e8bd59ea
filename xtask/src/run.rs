//! `cargo xtask`: from nothing to a page that works.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::Args;
use crate::project::Project;
use crate::shell;
use crate::steps::Steps;
use crate::web;

/// Builds the page and the bridge, then becomes the bridge.
pub fn run(project: &Project, args: &Args) -> Result<ExitCode> {
    if let Some(stranger) = args.ours.iter().find(|arg| *arg != "--no-open") {
        bail!("`cargo xtask` does not know `{stranger}`; put `--` before arguments for socketscope");
    }
    let mut steps = Steps::new(web::STEPS + 1);
    web::build(project, &mut steps)?;
    steps.step("build socketscope", || {
        shell::run(project.cargo("build").args(["-p", "socketscope", "--bin", "socketscope", "--release", "--locked"]))
    })?;

    let mut bridge = project.command(project.bridge("release"));
    // From where the person is: their relative paths (--unix ./echo.sock) mean what they say.
    bridge.current_dir(std::env::current_dir()?);
    bridge.args(&args.theirs).args(&args.ours).env("SOCKETSCOPE_SITE", project.site());
    eprintln!();
    become_it(&mut bridge).context("cannot start socketscope")
}

/// Replaces this process, so that Ctrl-C and the exit code are the program's own.
#[cfg(unix)]
fn become_it(program: &mut Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    Err(program.exec().into())
}

/// Waits for the program. Its console is ours, so Ctrl-C reaches it as well.
#[cfg(not(unix))]
fn become_it(program: &mut Command) -> Result<ExitCode> {
    let code = program.status()?.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
