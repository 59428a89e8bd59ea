//! The project's chores. `cargo xtask` builds everything and starts it; `cargo xtask --help` lists the rest.

mod bench;
mod ci;
mod dist;
mod parts;
mod project;
mod run;
mod setup;
mod shell;
mod shots;
mod site;
mod steps;
mod test;
mod tidy;
mod web;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::project::Project;

const HELP: &str = "\
Usage: cargo xtask [COMMAND]

  cargo xtask [--no-open] [-- SOCKETSCOPE ARGS]
                 build the page and the program, start it, open the browser
  cargo xtask web
                 build the page alone, into target/site
  cargo xtask test [CARGO TEST ARGS] [-- TEST ARGS]
                 install what the tests need, then run them all;
                 one test: cargo xtask test -- NAME
  cargo xtask ci
                 everything a change has to pass
  cargo xtask bench [-- ARGS]
                 measure, and compare with the figures to reach
  cargo xtask shots [-- ARGS]
                 photograph every screen into target/shots
  cargo xtask dist
                 one self-contained program, the page inside, into target/dist
  cargo xtask dist --static
                 the page alone as plain files for any web server, into target/dist/static
";

fn main() -> ExitCode {
    match dispatch(std::env::args().skip(1).collect()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(mut args: Vec<String>) -> Result<ExitCode> {
    // The first word is the command; flags and `--` belong to the default one.
    let named = args.first().is_some_and(|first| !first.starts_with('-'));
    let command = if named { args.remove(0) } else { String::new() };
    let args = Args::split(args);
    if args.ours.iter().any(|arg| arg == "--help" || arg == "-h") || command == "help" {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    let project = Project::find()?;
    match command.as_str() {
        "" | "run" => run::run(&project, &args),
        "web" => args.none("web").and_then(|()| web::run(&project)),
        "test" => test::run(&project, &args),
        "ci" => args.none("ci").and_then(|()| ci::run(&project)),
        "bench" => bench::run(&project, &args),
        "shots" => shots::run(&project, &args),
        "dist" => dist::run(&project, &args),
        other => bail!("there is no command `{other}`\n\n{HELP}"),
    }
}

/// The arguments after the command's name: ours before the first `--`, the other program's after it.
#[derive(Debug, Default)]
pub struct Args {
    /// For xtask, or for the cargo command it wraps.
    pub ours: Vec<String>,
    /// Passed on untouched.
    pub theirs: Vec<String>,
}

impl Args {
    fn split(mut args: Vec<String>) -> Self {
        let theirs = match args.iter().position(|arg| arg == "--") {
            Some(at) => args.split_off(at).split_off(1),
            None => Vec::new(),
        };
        Self { ours: args, theirs }
    }

    /// Fails when something stands before `--`, for the commands that take nothing there.
    pub fn only_theirs(&self, command: &str) -> Result<()> {
        match self.ours.first() {
            Some(arg) => bail!("`cargo xtask {command}` does not know `{arg}`; put `--` before arguments to pass on"),
            None => Ok(()),
        }
    }

    fn none(&self, command: &str) -> Result<()> {
        match self.ours.iter().chain(&self.theirs).next() {
            Some(arg) => bail!("`cargo xtask {command}` takes no arguments, but there is `{arg}`"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Args;

    fn split(line: &str) -> Args {
        Args::split(line.split_whitespace().map(str::to_owned).collect())
    }

    #[test]
    fn the_first_double_dash_divides() {
        let args = split("--no-open -- --tcp 0 -- x");
        assert_eq!(args.ours, ["--no-open"]);
        assert_eq!(args.theirs, ["--tcp", "0", "--", "x"]);
        assert_eq!(split("-p wire").theirs, Vec::<String>::new());
        assert_eq!(split("--").ours, Vec::<String>::new());
    }

    #[test]
    fn a_command_without_arguments_names_the_stranger() {
        let error = split("--static").none("web").unwrap_err().to_string();
        assert!(error.contains("--static"), "{error}");
        let error = split("-- name").none("ci").unwrap_err().to_string();
        assert!(error.contains("name"), "{error}");
    }
}
