//! `cargo xtask bench`: the numbers of this machine against the numbers to reach.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::Args;
use crate::project::Project;
use crate::setup;
use crate::shell;
use crate::steps::Steps;
use crate::test::with_program;
use crate::web;

/// Builds everything in release and runs the harness in `tests/`.
pub fn run(project: &Project, args: &Args) -> Result<ExitCode> {
    args.only_theirs("bench")?;
    if !project.tests_have("numbers")? {
        bail!("tests/Cargo.toml has no [[bench]] named \"numbers\" yet, so there is nothing to measure with");
    }
    let mut steps = Steps::new(web::STEPS + 4);
    web::build(project, &mut steps)?;
    steps.step("build socketscope in release", || {
        shell::run(project.cargo("build").args(["-p", "socketscope", "--bin", "socketscope", "--release", "--locked"]))
    })?;
    let mut harness = project.cargo("bench");
    harness.args(["-p", "socketscope-tests", "--bench", "numbers", "--locked"]);
    // Compiled in a step of its own: a measurement shares its two cores with no compiler.
    steps.step("build the harness", || {
        shell::run(project.cargo("bench").args(harness.get_args().skip(1)).arg("--no-run"))
    })?;
    let websocat = steps.step("websocat, to compare with", || {
        if compares(&args.theirs) { setup::websocat(project).map(Some) } else { Ok(None) }
    });
    // Without it, the figures that compare with it are missing, and the others are worth their time.
    if let Ok(Some(websocat)) = websocat {
        harness.env("SOCKETSCOPE_WEBSOCAT", websocat);
    }
    with_program(project, &mut harness, "release");
    harness.arg("--").args(&args.theirs);
    steps.step("measure", || shell::run(&mut harness))?;
    Ok(ExitCode::SUCCESS)
}

/// Whether something is to be measured that is compared with websocat.
fn compares(asked: &[String]) -> bool {
    let mut parts = asked.iter().filter(|word| !word.starts_with("--")).peekable();
    parts.peek().is_none() || parts.any(|part| ["trips", "rate", "bulk"].contains(&part.as_str()))
}
