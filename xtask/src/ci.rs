//! `cargo xtask ci`: everything a change has to pass. CONTRIBUTING.md lists the same commands.

use std::process::ExitCode;

use anyhow::{Result, bail, ensure};

use crate::Args;
use crate::dist;
use crate::parts;
use crate::project::{Project, WASM};
use crate::setup;
use crate::shell;
use crate::steps::Steps;
use crate::test;
use crate::tidy;
use crate::web::{self, kb};

/// The most the page's wasm may be after gzip -9, without wasm-opt and the parts that are loaded later, in bytes.
const PAGE_BUDGET: u64 = 300_000;
/// The most it may be together with the part that plays two hosts in the page.
const LAB_BUDGET: u64 = 400_000;

/// Systems that nobody here runs but somebody in class has.
const ELSEWHERE: [&str; 2] = ["x86_64-pc-windows-gnu", "aarch64-apple-darwin"];

type Check = fn(&Project) -> Result<()>;

/// Quick ones first; none depends on another, so one failure hides no other.
const CHECKS: [(&str, Check); 12] = [
    ("formatting", |project| shell::run(project.cargo("fmt").args(["--all", "--check"]))),
    ("tidy", tidy::run),
    ("programs for the tests", setup::test_programs),
    ("clippy", clippy_all),
    ("clippy, the page as wasm", clippy_wasm),
    ("the bridge on Windows and macOS", elsewhere),
    ("fuzz targets", fuzz),
    ("documentation", documentation),
    ("dependencies", dependencies),
    ("the page and its size", page),
    ("clippy, the page inside the program", |project| clippy(project, &["-p", "socketscope", "--features", "embed"])),
    ("tests", tests),
];

/// Does all checks, then says which failed.
pub fn run(project: &Project) -> Result<ExitCode> {
    let mut steps = Steps::new(CHECKS.len());
    for (name, check) in CHECKS {
        // The summary reports it; the other checks are worth their time all the same.
        let _ = steps.step(name, || check(project));
    }
    steps.summary().map(|()| ExitCode::SUCCESS)
}

fn clippy(project: &Project, what: &[&str]) -> Result<()> {
    shell::run(project.cargo("clippy").args(what).args(["--locked", "--", "-D", "warnings"]))
}

fn clippy_all(project: &Project) -> Result<()> {
    clippy(project, &["--workspace", "--all-targets"])?;
    // `test = false` hides it from --all-targets.
    if project.tests_have("shots")? { clippy(project, &["-p", "socketscope-tests", "--test", "shots"]) } else { Ok(()) }
}

fn clippy_wasm(project: &Project) -> Result<()> {
    setup::rust_target(project, WASM)?;
    clippy(project, &["-p", "socketscope-web", "--target", WASM])
}

fn elsewhere(project: &Project) -> Result<()> {
    for triple in ELSEWHERE {
        setup::rust_target(project, triple)?;
        clippy(project, &["-p", "socketscope", "--all-targets", "--target", triple])?;
    }
    Ok(())
}

fn fuzz(project: &Project) -> Result<()> {
    let manifest = project.root.join("fuzz/Cargo.toml");
    if !manifest.exists() {
        eprintln!("      there is no fuzz/ yet");
        return Ok(());
    }
    // Type-checks on stable; only running them needs nightly.
    shell::run(project.cargo("check").arg("--manifest-path").arg(manifest))
}

fn documentation(project: &Project) -> Result<()> {
    let mut cargo = project.cargo("doc");
    cargo.args(["--workspace", "--no-deps", "--document-private-items", "--locked"]);
    shell::run(cargo.env("RUSTDOCFLAGS", "-D warnings"))
}

fn dependencies(project: &Project) -> Result<()> {
    let deny = setup::cargo_deny(project)?;
    shell::run(project.command(&deny).args(["--locked", "check", "licenses", "bans", "sources"]))?;
    let output = shell::output(project.command(&deny).args(["--locked", "check", "advisories"]))?;
    let told = String::from_utf8_lossy(&output.stderr);
    if told.contains("failed to fetch advisory database") {
        // Networks without GitHub exist; a known hole must fail where it can be seen, not here.
        eprintln!("      advisories NOT checked: the RustSec database cannot be fetched from here");
        return Ok(());
    }
    eprint!("{told}");
    if !output.status.success() {
        bail!("a dependency has an advisory (cargo deny check advisories)");
    }
    Ok(())
}

fn page(project: &Project) -> Result<()> {
    let wasm = web::compile(project)?;
    let page = web::assemble(project, &wasm)?;
    let (alone, with_lab) = (page.plain_gzip, page.plain_gzip + page.lab_gzip);
    for (what, size, most) in [("wasm", alone, PAGE_BUDGET), ("wasm with its lab", with_lab, LAB_BUDGET)] {
        if size > most {
            bail!("the page's {what} is {} after gzip -9, more than {}", kb(size), kb(most));
        }
    }
    ensure!(page.lab_gzip > 0, "there is no {}: what is its name now?", parts::LAB);
    Ok(())
}

fn tests(project: &Project) -> Result<()> {
    dist::copy(project)?;
    test::build_bridge(project)?;
    shell::run(&mut test::cargo_test(project, &Args::default()))
}
