//! `cargo xtask shots`: a photograph of every screen, for looking at.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::Args;
use crate::project::Project;
use crate::setup;
use crate::shell;
use crate::steps::Steps;
use crate::test::{build_bridge, with_program};
use crate::web;

/// Drives the running program in Chromium and writes PNG files to `target/shots`.
pub fn run(project: &Project, args: &Args) -> Result<ExitCode> {
    args.only_theirs("shots")?;
    if !project.tests_have("shots")? {
        bail!("tests/Cargo.toml has no [[test]] named \"shots\" yet, so there is nothing to take pictures with");
    }
    let mut steps = Steps::new(web::STEPS + 3);
    steps.step("look for the programs that are needed", || setup::test_programs(project))?;
    web::build(project, &mut steps)?;
    steps.step("build socketscope", || build_bridge(project))?;
    let shots = project.root.join("target/shots");
    let mut camera = project.cargo("test");
    // `test = false` keeps the camera out of `cargo test`; by its name it is found.
    camera.args(["-p", "socketscope-tests", "--test", "shots", "--locked"]);
    // There is one test, which takes all pictures: the words choose among their names.
    camera.env("SOCKETSCOPE_SHOTS", &shots).env("SOCKETSCOPE_SCENE", args.theirs.join(" "));
    with_program(project, &mut camera, "debug");
    steps.step("take the pictures", || shell::run(&mut camera))?;
    eprintln!("      they are in {}", project.short(&shots));
    Ok(ExitCode::SUCCESS)
}
