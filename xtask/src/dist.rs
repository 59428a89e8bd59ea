//! `cargo xtask dist`: one file to hand to somebody.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::project::Project;
use crate::shell;
use crate::steps::Steps;
use crate::web::{self, kb};

/// Builds the page and the bridge with the page inside, into `target/dist`.
pub fn run(project: &Project) -> Result<ExitCode> {
    let mut steps = Steps::new(web::STEPS + 2);
    web::build(project, &mut steps)?;
    steps.step("build socketscope with the page inside", || {
        let mut cargo = project.cargo("rustc");
        cargo.env("SOCKETSCOPE_SITE", project.site());
        cargo.args(["-p", "socketscope", "--bin", "socketscope", "--release", "--features", "embed", "--locked"]);
        // Only the last link strips; a profile of its own would compile every dependency again.
        shell::run(cargo.args(["--", "-C", "strip=symbols"]))
    })?;
    steps.step("put it in target/dist", || {
        let built = project.bridge("release");
        let dist = project.root.join("target/dist");
        fs::create_dir_all(&dist).with_context(|| format!("creating {}", dist.display()))?;
        let program = dist.join(built.file_name().context("a program has a name")?);
        // The old one may be running: a file in use cannot be written, but its name can go to another.
        let partial = program.with_extension("partial");
        fs::copy(&built, &partial).with_context(|| format!("copying {}", built.display()))?;
        fs::rename(&partial, &program).with_context(|| format!("writing {}", program.display()))?;
        // Started where there is no page on disk: what it says about itself is the proof that it runs.
        let mut version = project.command(&program);
        version.current_dir(std::env::temp_dir()).arg("--version").env_remove("SOCKETSCOPE_SITE");
        let version = shell::text(&mut version).context("the program does not start")?;
        let size = fs::metadata(&program)?.len();
        eprintln!("      {}: {version}, {}", project.short(&program), kb(size));
        Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}
