//! `cargo xtask dist`: one file to hand to somebody, or the page alone for any web server.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::Args;
use crate::project::Project;
use crate::shell;
use crate::site::mirror;
use crate::steps::Steps;
use crate::web::{self, kb};

/// What the program says in a header when it serves the page, as far as a page can say it of itself.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'";

/// `cargo xtask dist [--static]`.
pub fn run(project: &Project, args: &Args) -> Result<ExitCode> {
    match args.ours.iter().chain(&args.theirs).map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => program(project),
        ["--static"] => {
            let mut steps = Steps::new(web::STEPS + 1);
            web::build(project, &mut steps)?;
            steps.step("lay out the copy for web servers", || copy(project))?;
            eprintln!("      {}: plain files, for any folder of any web server", project.short(&project.copy()));
            Ok(ExitCode::SUCCESS)
        }
        other => bail!("`cargo xtask dist` knows only --static, but there is `{}`", other.join(" ")),
    }
}

/// Makes the site a copy that knows it has no program behind it. All its addresses are relative already.
pub fn copy(project: &Project) -> Result<()> {
    let (site, copy) = (project.site(), project.copy());
    mirror(&site, &copy, Path::new(""))?;
    let index = fs::read_to_string(site.join("index.html")).context("reading the page's index.html")?;
    fs::write(copy.join("index.html"), mark(&index)?).with_context(|| format!("writing {}", copy.display()))
}

/// The index of a copy: it asks nobody where it came from, and brings its policy along.
fn mark(index: &str) -> Result<String> {
    const CHARSET: &str = "<meta charset=\"utf-8\">";
    if !index.contains("<html ") || !index.contains(CHARSET) {
        bail!("www/index.html does not begin as a copy needs it");
    }
    let policy = format!("{CHARSET}\n  <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">");
    Ok(index.replacen("<html ", "<html data-copy ", 1).replacen(CHARSET, &policy, 1))
}

/// Builds the page and the bridge with the page inside, into `target/dist`.
fn program(project: &Project) -> Result<ExitCode> {
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

#[cfg(test)]
mod tests {
    use super::mark;

    #[test]
    fn a_copy_says_that_it_is_one() {
        let index = "<!doctype html>\n<html lang=\"en\">\n<head>\n  <meta charset=\"utf-8\">\n";
        let marked = mark(index).unwrap();
        assert!(marked.contains("<html data-copy lang=\"en\">"), "{marked}");
        assert!(marked.contains("content=\"default-src 'none'; script-src 'self' 'wasm-unsafe-eval';"), "{marked}");
        assert!(mark("<html>").is_err());
    }

    #[test]
    fn no_address_of_the_page_depends_on_where_it_is_served() {
        let www = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../www");
        for file in ["index.html", "boot.js"] {
            let text = std::fs::read_to_string(www.join(file)).unwrap();
            for absolute in ["=\"/", "='/", "(\"/", "from \"/", "url(/"] {
                assert!(!text.contains(absolute), "{file} has {absolute}");
            }
        }
    }
}
