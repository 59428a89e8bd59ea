//! Entering a host with a program of one's own.

use super::host::HostRole;
use crate::sys::process::{Fork, fork, leave_to_child};
use rustix::process::{WaitOptions, waitpid};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

/// Why a program could not be run inside.
#[derive(Debug, thiserror::Error)]
pub enum EnterError {
    /// The host cannot be entered.
    #[error("the {0} host cannot be entered: {1}")]
    Namespaces(&'static str, io::Error),
    /// There can be no second process.
    #[error("a process cannot be made: {0}")]
    Fork(io::Error),
}

/// Runs a program inside the host whose first process is `process`, with this terminal, and waits for its end. To be
/// called from a process with one thread.
///
/// Its exit code is the program's; 128 and the signal's number if one ended it; 127 if there is no such program, 126 if
/// it cannot be run.
///
/// # Errors
/// [`EnterError`].
pub fn run_inside(role: HostRole, process: u32, command: &[OsString]) -> Result<ExitCode, EnterError> {
    enter(process).map_err(|error| EnterError::Namespaces(role.name(), error))?;
    // Only a child is in the PID namespace; and it is only there that its end comes with the host's.
    match fork().map_err(EnterError::Fork)? {
        Fork::Child => Ok(become_program(command)),
        Fork::Parent(child) => {
            // Ctrl-C is for the program: what becomes of it decides.
            leave_to_child();
            let status = rustix::io::retry_on_intr(|| waitpid(Some(child), WaitOptions::empty()));
            let code = status.ok().flatten().and_then(|(_, status)| {
                status.exit_status().or_else(|| status.terminating_signal().map(|signal| 128 + signal))
            });
            Ok(ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)))
        }
    }
}

/// Runs a program in place of this process.
pub fn become_program(command: &[OsString]) -> ExitCode {
    let Some((program, arguments)) = command.split_first() else { return ExitCode::from(127) };
    let error = Command::new(program).args(arguments).exec();
    eprintln!("socketscope: {}: {error}", program.to_string_lossy());
    ExitCode::from(if error.kind() == io::ErrorKind::NotFound { 127 } else { 126 })
}

fn enter(process: u32) -> io::Result<()> {
    let open = |kind: &str| File::open(format!("/proc/{process}/ns/{kind}"));
    let name = |who: &str| std::fs::read_link(format!("/proc/{who}/ns/user"));
    let kinds = [("net", LinkNameSpaceType::Network), ("pid", LinkNameSpaceType::ProcessID)];
    // All are opened before the first is entered: rights in this one may be gone then.
    let files = kinds.map(|(kind, _)| open(kind));
    if name("self")? != name(&process.to_string())? {
        move_into_link_name_space(open("user")?.as_fd(), Some(LinkNameSpaceType::User))?;
    }
    for (file, (_, kind)) in files.into_iter().zip(kinds) {
        move_into_link_name_space(file?.as_fd(), Some(kind))?;
    }
    Ok(())
}
