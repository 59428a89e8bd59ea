//! `socketscope run`: a person's own program, on this computer or inside a host.

use super::Failure;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

/// What can be said to `run`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Inside which of the two hosts; without it, on this computer.
    #[arg(long = "in", value_name = "HOST", value_enum)]
    inside: Option<Inside>,

    /// The control socket of the running Socketscope program [default: the user's own].
    #[arg(long, env = "SOCKETSCOPE_CONTROL", value_name = "PATH")]
    control: Option<PathBuf>,

    /// The program and its arguments, after `--`.
    #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Inside which host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Inside {
    /// 10.0.0.1 and fd00::1.
    Client,
    /// 10.0.0.2 and fd00::2.
    Server,
}

/// Runs the program; its exit code is ours.
///
/// # Errors
/// [`Failure`], when there is no such place to run it.
#[cfg(target_os = "linux")]
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    use crate::hosts::{HostRole, ask, become_program, default_control, run_inside};
    let Some(inside) = args.inside else { return Ok(become_program(&args.command)) };
    let control = args.control.clone().unwrap_or_else(default_control);
    let hosts = ask(&control).map_err(|error| {
        Failure::Usage(format!(
            "no running Socketscope with two hosts is found at {} ({error}); start one in another terminal with \
             `socketscope --hosts on`, which says what is missing if it cannot",
            control.display()
        ))
    })?;
    let (role, process) = match inside {
        Inside::Client => (HostRole::Client, hosts.client),
        Inside::Server => (HostRole::Server, hosts.server),
    };
    run_inside(role, process, &args.command).map_err(Failure::other)
}

/// Runs the program; its exit code is ours.
///
/// # Errors
/// [`Failure`], when there is no such place to run it.
#[cfg(not(target_os = "linux"))]
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    let Args { inside, control: _, command } = args;
    if inside.is_some() {
        return Err(Failure::Usage("--in needs the network namespaces of Linux; leave it out to run here".into()));
    }
    let status = std::process::Command::new(&command[0]).args(&command[1..]).status().map_err(Failure::other)?;
    Ok(ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)))
}
