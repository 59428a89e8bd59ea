//! `cargo xtask test`: every test, with everything it drives in place.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::Args;
use crate::dist;
use crate::project::Project;
use crate::setup;
use crate::shell;
use crate::steps::Steps;
use crate::web;

/// Installs, builds, tests.
pub fn run(project: &Project, args: &Args) -> Result<ExitCode> {
    let mut steps = Steps::new(web::STEPS + 3);
    steps.step("look for the programs that the tests drive", || setup::test_programs(project))?;
    web::build(project, &mut steps)?;
    steps.step("build socketscope for the tests", || dist::copy(project).and_then(|()| build_bridge(project)))?;
    steps.step("run the tests", || shell::run(&mut cargo_test(project, args)))?;
    Ok(ExitCode::SUCCESS)
}

/// The program as the tests drive it: with assertions and overflow checks.
pub fn build_bridge(project: &Project) -> Result<()> {
    shell::run(project.cargo("build").args(["-p", "socketscope", "--bin", "socketscope", "--locked"]))
}

/// `cargo test` over all packages, or over those that `args` choose.
pub fn cargo_test(project: &Project, args: &Args) -> Command {
    let mut cargo = project.cargo("test");
    cargo.arg("--locked");
    let chosen = args.ours.iter().any(|arg| arg.starts_with("-p") || arg.starts_with("--package"));
    if !chosen {
        cargo.arg("--workspace");
    }
    cargo.args(&args.ours);
    if !args.theirs.is_empty() {
        cargo.arg("--").args(&args.theirs);
    }
    with_program(project, &mut cargo, "debug");
    if let Some(script) = setup::mermaid(project) {
        cargo.env("SOCKETSCOPE_MERMAID", script);
    }
    cargo
}

/// Tells the tests which program to start, and the program which page to serve.
pub fn with_program(project: &Project, command: &mut Command, profile: &str) {
    command.env("SOCKETSCOPE_BIN", project.bridge(profile));
    command.env("SOCKETSCOPE_SITE", project.site()).env("SOCKETSCOPE_COPY", project.copy());
}
