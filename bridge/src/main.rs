//! `socketscope`.

use bridge::cli;
use clap::Parser;
use std::process::ExitCode;

/// No runtime here: what has to happen before the first thread exists happens before `run` builds one.
fn main() -> ExitCode {
    match cli::run(cli::Cli::parse()) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("socketscope: {failure}");
            failure.code()
        }
    }
}
