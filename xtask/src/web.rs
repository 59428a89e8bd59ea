//! The page: compiled to wasm, bound to JavaScript, laid out in `target/site` as it is served.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};
use wasm_bindgen_cli_support::Bindgen;

use crate::parts;
use crate::project::{Project, WASM};
use crate::setup;
use crate::shell;
use crate::site::{mirror, mirror_file, remove};
use crate::steps::Steps;

/// How many steps [`build`] takes.
pub const STEPS: usize = 2;

/// What was built.
pub struct Page {
    /// Size of the wasm after gzip -9, in bytes, before any wasm-opt.
    pub plain_gzip: u64,
    /// Size of the wasm as it is served, after gzip -9, in bytes.
    pub served_gzip: u64,
    /// Size of the part with the TCP/IP stack, after gzip -9, in bytes.
    pub lab_gzip: u64,
}

/// `cargo xtask web`.
pub fn run(project: &Project) -> Result<ExitCode> {
    build(project, &mut Steps::new(STEPS))?;
    eprintln!("      the page is in {}", project.short(&project.site()));
    Ok(ExitCode::SUCCESS)
}

/// Builds the page into `target/site`.
pub fn build(project: &Project, steps: &mut Steps) -> Result<Page> {
    let wasm = steps.step("compile the page to wasm", || compile(project))?;
    steps.step("lay out the site", || assemble(project, &wasm))
}

/// Compiles the page; returns cargo's wasm.
pub fn compile(project: &Project) -> Result<PathBuf> {
    setup::rust_target(project, WASM)?;
    let mut cargo = project.cargo("build");
    cargo.args(["-p", "socketscope-web", "--bin", "page", "--target", WASM, "--profile", "web", "--locked"]);
    shell::run(&mut cargo)?;
    Ok(project.target.join(WASM).join("web/page.wasm"))
}

/// Binds cargo's wasm to JavaScript, shrinks it if wasm-opt is there, and copies `www/` beside it.
pub fn assemble(project: &Project, wasm: &Path) -> Result<Page> {
    let (site, bound) = (project.site(), project.root.join("target/bindgen"));
    mirror(&project.root.join("www"), &site, Path::new("pkg"))?;

    let input = fs::read(wasm).with_context(|| format!("reading {}", wasm.display()))?;
    let optimiser = Optimiser::find();
    let stamp = stamp(&input, optimiser.as_ref());
    let stamp_file = bound.join("stamp");
    let pkg = site.join("pkg");
    let plain = bound.join("page_bg.wasm");
    let served = pkg.join("page_bg.wasm");

    let fresh = fs::read_to_string(&stamp_file).is_ok_and(|old| old == stamp);
    if fresh && served.exists() && pkg.join("page.js").exists() {
        eprintln!("      the wasm has not changed");
    } else {
        // Gone first: a failure half-way must not look finished next time.
        remove(&stamp_file)?;
        remove(&bound)?;
        let cut = bound.join("parts");
        let main = parts::split(&input, &cut)?;
        bind(main, &bound)?;
        mirror_file(&bound.join("page.js"), &pkg.join("page.js"))?;
        parts::place(&cut, &pkg)?;
        // Fragments of JavaScript that libraries bring along.
        let snippets = bound.join("snippets");
        mirror(&snippets, &pkg.join("snippets"), Path::new(""))?;
        match &optimiser {
            Some(optimiser) => optimiser.shrink(project, &plain, &served)?,
            None => mirror_file(&plain, &served)?,
        }
        fs::write(&stamp_file, &stamp)?;
    }
    let mut page = Page { plain_gzip: gzip_size(&plain)?, served_gzip: gzip_size(&served)?, lab_gzip: 0 };
    eprintln!("      page_bg.wasm: {}, {} after gzip -9", kb(fs::metadata(&served)?.len()), kb(page.served_gzip));
    let mut all = page.served_gzip;
    for part in parts::files(&pkg)?.iter().filter(|part| parts::is_wasm(part)) {
        let (size, packed) = (fs::metadata(part)?.len(), gzip_size(part)?);
        let name = part.file_name().unwrap_or_default();
        if name == parts::LAB {
            page.lab_gzip = packed;
        }
        all += packed;
        eprintln!("      {}: {}, {} after gzip -9, loaded later", name.display(), kb(size), kb(packed));
    }
    eprintln!("      all together: {} after gzip -9", kb(all));
    if page.served_gzip < page.plain_gzip {
        let saved = page.plain_gzip - page.served_gzip;
        let percent = 100.0 * saved as f64 / page.plain_gzip as f64;
        eprintln!("      wasm-opt took {} off it ({percent:.1} %)", kb(saved));
    }
    Ok(page)
}

/// wasm-bindgen, in this process: its version is the lock file's, so it matches the library in the page.
fn bind(wasm: Vec<u8>, into: &Path) -> Result<()> {
    Bindgen::new()
        .input_bytes("page", wasm)
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        // The parts share the page's table and memory.
        .keep_lld_exports(true)
        // boot.js calls init() without telling it where the wasm is: beside it.
        .omit_default_module_path(false)
        .generate(into)
        .context("wasm-bindgen cannot bind the page")
}

/// A wasm-opt found on the PATH.
struct Optimiser {
    program: PathBuf,
    version: String,
}

impl Optimiser {
    /// Debian 12's 108 mixes up the tables that wasm-bindgen exports: its page dies in `Table.set()`. 111 does not.
    const OLDEST: u32 = 111;

    fn find() -> Option<Self> {
        let program = shell::which(&["wasm-opt"])?;
        let version = shell::text(std::process::Command::new(&program).arg("--version"))?;
        if wasm_opt_number(&version).is_some_and(|number| number >= Self::OLDEST) {
            return Some(Self { program, version });
        }
        eprintln!("      `{version}` is older than {}, so it is left alone", Self::OLDEST);
        None
    }

    /// Writes a smaller `from` to `to`; an unchanged one, with a word about it, when wasm-opt fails.
    fn shrink(&self, project: &Project, from: &Path, to: &Path) -> Result<()> {
        let out = from.with_extension("opt.wasm");
        let mut command = project.command(&self.program);
        // No --enable-…: it would forbid the features not named; without, the module says what it uses.
        command.arg("-Oz").arg(from).arg("-o").arg(&out);
        match shell::run(&mut command) {
            Ok(()) => mirror_file(&out, to),
            Err(error) => {
                eprintln!("      {error:#}; the page goes without ({})", self.version);
                mirror_file(from, to)
            }
        }
    }
}

/// Says all that decides what `pkg/` holds.
fn stamp(input: &[u8], optimiser: Option<&Optimiser>) -> String {
    let mut hasher = DefaultHasher::new();
    input.hash(&mut hasher);
    let optimiser = optimiser.map_or("no wasm-opt", |optimiser| &optimiser.version);
    // A new xtask may bind differently; its own file is what tells.
    let xtask = std::env::current_exe().and_then(fs::metadata).and_then(|meta| meta.modified()).ok();
    format!("{:016x} {} {optimiser} {xtask:?}\n", hasher.finish(), input.len())
}

fn gzip_size(path: &Path) -> Result<u64> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&fs::read(path)?)?;
    Ok(encoder.finish()?.len() as u64)
}

/// Thousands of bytes, as in the size we promise.
pub fn kb(bytes: u64) -> String {
    format!("{:.1} kB", bytes as f64 / 1000.0)
}

/// 132 of `wasm-opt version 132 (version_132)`.
fn wasm_opt_number(version: &str) -> Option<u32> {
    version.strip_prefix("wasm-opt version ")?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::wasm_opt_number;

    #[test]
    fn wasm_opt_tells_its_version() {
        assert_eq!(wasm_opt_number("wasm-opt version 108"), Some(108));
        assert_eq!(wasm_opt_number("wasm-opt version 132 (version_132)"), Some(132));
        assert_eq!(wasm_opt_number("something else"), None);
    }
}
