//! `socketscope doctor`: prints what the examination found.

use super::Failure;
use crate::doctor::{self, Check};
use serde::Serialize;
use std::io::{self, Write};
use std::process::ExitCode;

/// What can be said to `doctor`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Examines and prints. It always succeeds: what is missing is an answer, not an error.
///
/// # Errors
/// When the report cannot be written.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    #[derive(Serialize)]
    struct Report<'a> {
        system: String,
        version: &'a str,
        checks: &'a [Check],
    }
    let checks = doctor::examine();
    let text = if args.json {
        let report = Report { system: crate::session::system(), version: env!("CARGO_PKG_VERSION"), checks: &checks };
        serde_json::to_string_pretty(&report).map_err(Failure::other)? + "\n"
    } else {
        checks.iter().map(line).collect()
    };
    io::stdout().write_all(text.as_bytes()).map_err(Failure::other)?;
    Ok(ExitCode::SUCCESS)
}

fn line(check: &Check) -> String {
    let mut text = format!("{}  {}", if check.ok { "yes" } else { "no " }, check.name);
    if !check.why.is_empty() {
        text += &format!(": {}", check.why);
    }
    text.push('\n');
    if !check.remedy.is_empty() {
        text += &format!("     to have it: {}\n", check.remedy);
    }
    text
}
