//! `socketscope`.

use bridge::cli;
use clap::Parser;
use std::process::ExitCode;

/// No runtime here: what has to happen before the first thread exists happens before `run` builds one.
fn main() -> ExitCode {
    if let Some(code) = bridge::capture::helper() {
        return code;
    }
    // Neither a host nor the bridge itself captures.
    bridge::capture::give_up_right();
    if let Some(code) = bridge::hosts::helper() {
        return code;
    }
    match cli::run(cli::Cli::parse()) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("socketscope: {failure}");
            failure.code()
        }
    }
}
