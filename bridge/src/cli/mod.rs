//! The command line.

pub mod browser;
mod client;
pub mod descriptors;
mod doctor;
mod holder;
mod run;
mod serve;
mod signals;
mod target;
mod worlds;

pub use holder::held_by;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// See and touch what sockets do.
#[derive(Parser, Debug)]
#[command(name = "socketscope", version, about, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::Args,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Run the echo servers and the page (this is what happens without a command).
    Serve(serve::Args),
    /// Be the tutorial's client: send lines to a server and print what comes back.
    Client(client::Args),
    /// Run a program of your own, on this computer or inside one of the two hosts.
    Run(run::Args),
    /// Say what works on this computer and, for what does not, why and what to do about it.
    Doctor(doctor::Args),
}

/// What a person reads when it did not work, and the exit code that goes with it.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Something on the command line cannot be had: exit code 2, as for a wrong flag.
    #[error("{0}")]
    Usage(String),
    /// Something else failed: exit code 1.
    #[error("{0}")]
    Other(String),
    /// A person interrupted it before it had ended properly: exit code 130, as the shell says it.
    #[error("stopped at once")]
    Interrupted,
}

impl Failure {
    /// The process's exit code.
    #[must_use]
    pub fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Usage(_) => 2,
            Self::Other(_) => 1,
            Self::Interrupted => 130,
        })
    }

    fn other(error: impl std::fmt::Display) -> Self {
        Self::Other(error.to_string())
    }
}

/// Does what the command line says.
///
/// # Errors
/// [`Failure`], to be printed once.
pub fn run(cli: Cli) -> Result<ExitCode, Failure> {
    match cli.command {
        None => serve::run(&cli.serve),
        Some(Command::Serve(args)) => serve::run(&args),
        Some(Command::Client(args)) => client::run(&args),
        Some(Command::Run(args)) => run::run(&args),
        Some(Command::Doctor(args)) => doctor::run(&args),
    }
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::{CommandFactory, Parser};

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_work_with_and_without_the_word_serve() {
        for words in [&["socketscope", "--tcp", "0"][..], &["socketscope", "serve", "--tcp", "0"]] {
            assert!(Cli::try_parse_from(words).is_ok(), "{words:?}");
        }
        for words in [&["socketscope", "--tcp", "x"][..], &["socketscope", "--allow-target", "example.org:80"]] {
            assert!(Cli::try_parse_from(words).is_err(), "{words:?}");
        }
    }
}
