//! Installing what is missing, and saying exactly what where we may not.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::project::Project;
use crate::shell::{self, which};

/// A Rust program that is not ours.
struct Tool {
    name: &'static str,
    version: &'static str,
    /// How it is compiled.
    how: &'static [&'static str],
}

/// Reads our deny.toml. Unoptimised: it takes a minute instead of five and then runs for one second.
const CARGO_DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2", how: &["--debug"] };
/// What the relays are measured against; without TLS, which would need OpenSSL.
const WEBSOCAT: Tool = Tool { name: "websocat", version: "1.14.1", how: &["--no-default-features"] };

/// Drives Firefox. Debian and Ubuntu have no package of it.
const GECKODRIVER: Tool = Tool { name: "geckodriver", version: "0.37.1", how: &["--debug"] };
/// Finds what keeps people out of a page; from npm, with nothing of it in the product.
const AXE: &str = "axe-core@4.14.1";

/// Adds a compilation target to the toolchain in use, if it is missing.
pub fn rust_target(project: &Project, triple: &str) -> Result<()> {
    let mut query = project.command("rustc");
    query.args(["--print", "target-libdir", "--target", triple]);
    let there = shell::text(&mut query).is_some_and(|dir| PathBuf::from(dir).is_dir());
    if there {
        return Ok(());
    }
    shell::run(project.command("rustup").args(["target", "add", triple])).with_context(|| {
        format!("the Rust target {triple} is missing and only rustup can add it: get rustup from https://rustup.rs")
    })
}

/// cargo-deny.
///
/// # Errors
/// When it is neither there nor can be installed.
pub fn cargo_deny(project: &Project) -> Result<PathBuf> {
    tool(project, &CARGO_DENY)
}

/// websocat.
///
/// # Errors
/// When it is neither there nor can be installed.
pub fn websocat(project: &Project) -> Result<PathBuf> {
    tool(project, &WEBSOCAT)
}

/// axe-core in `target/tools`, installed on first use.
fn axe(project: &Project) -> Result<()> {
    let folder = project.root.join("target/tools/axe");
    if folder.join("node_modules/axe-core/axe.min.js").is_file() {
        return Ok(());
    }
    let mut npm = project.command("npm");
    npm.args(["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", AXE, "--prefix"]).arg(&folder);
    shell::run(&mut npm)
}

/// The one on the PATH, or our own in `target/tools`, installed on first use.
fn tool(project: &Project, tool: &Tool) -> Result<PathBuf> {
    let tools = project.root.join("target/tools");
    let ours = tools.join("bin").join(format!("{}{}", tool.name, std::env::consts::EXE_SUFFIX));
    if let Some(found) = which(&[tool.name]).or_else(|| ours.is_file().then(|| ours.clone())) {
        return Ok(found);
    }
    let mut install = project.cargo("install");
    install.args([tool.name, "--version", tool.version, "--locked"]).args(tool.how).arg("--root").arg(&tools);
    install.env("CARGO_TARGET_DIR", tools.join("build")).env("CARGO_PROFILE_DEV_DEBUG", "0");
    shell::run(&mut install)?;
    // A second build will hardly ever be needed; its objects are half a gigabyte.
    fs::remove_dir_all(tools.join("build")).ok();
    Ok(ours)
}

/// The Mermaid that the tests let read what the page writes for it.
const MERMAID: &str = "11.17.2";

/// Mermaid's own program in `target/tools`, fetched by npm on first use; none where npm or the network is not there.
pub fn mermaid(project: &Project) -> Option<PathBuf> {
    let tools = project.root.join("target/tools");
    let script = tools.join(format!("mermaid-{MERMAID}.js"));
    if script.is_file() {
        return Some(script);
    }
    let npm = which(&["npm"])?;
    fs::create_dir_all(&tools).ok()?;
    let mut pack = project.command(npm);
    pack.args(["pack", &format!("mermaid@{MERMAID}"), "--silent", "--pack-destination"]).arg(&tools);
    let packed = tools.join(format!("mermaid-{MERMAID}.tgz"));
    let mut unpack = project.command("tar");
    unpack.arg("-xzf").arg(&packed).arg("-C").arg(&tools).arg("package/dist/mermaid.min.js");
    let got = shell::run(&mut pack).and_then(|()| shell::run(&mut unpack));
    if let Err(error) = got {
        eprintln!("      Mermaid cannot be had, so its own check is left out: {error:#}");
        return None;
    }
    fs::rename(tools.join("package/dist/mermaid.min.js"), &script).ok()?;
    // What is left is of no use to anybody, and in nobody's way.
    fs::remove_dir_all(tools.join("package")).ok();
    fs::remove_file(packed).ok();
    Some(script)
}

/// Something the end-to-end tests drive that is not Rust.
struct Need {
    /// How a person calls it.
    what: &'static str,
    /// The package on Debian, then on Ubuntu.
    packages: [&'static str; 2],
    present: fn(&Project) -> bool,
}

const NEEDS: [Need; 8] = [
    Need {
        what: "Chromium or Chrome",
        packages: ["chromium", "chromium-browser"],
        present: |_| which(&["chromium", "chromium-browser", "google-chrome", "chrome"]).is_some(),
    },
    Need {
        what: "chromedriver of the same version",
        packages: ["chromium-driver", "chromium-chromedriver"],
        present: |_| which(&["chromedriver"]).is_some(),
    },
    Need {
        what: "Firefox",
        packages: ["firefox-esr", "firefox"],
        present: |_| which(&["firefox", "firefox-esr"]).is_some(),
    },
    Need { what: "npm", packages: ["npm"; 2], present: |_| which(&["npm"]).is_some() },
    Need {
        what: "nc (OpenBSD's, which speaks to Unix sockets)",
        packages: ["netcat-openbsd"; 2],
        present: |project| {
            // The other netcats either lack -U or print no help that mentions it.
            which(&["nc"]).is_some_and(|nc| {
                shell::output(project.command(nc).arg("-h")).is_ok_and(|help| {
                    let text = [help.stdout, help.stderr].concat();
                    String::from_utf8_lossy(&text).contains("-U")
                })
            })
        },
    },
    Need { what: "tshark (Wireshark's)", packages: ["tshark"; 2], present: |_| which(&["tshark"]).is_some() },
    Need { what: "python3", packages: ["python3"; 2], present: |_| which(&["python3"]).is_some() },
    Need {
        what: "a font with Chinese characters",
        packages: ["fonts-noto-cjk"; 2],
        present: |project| {
            let list = shell::text(project.command("fc-list").args([":lang=zh", "family"]));
            list.is_some_and(|fonts| !fonts.is_empty())
        },
    },
];

/// Installs what the tests drive.
///
/// # Errors
/// When something is missing and cannot be installed.
pub fn test_programs(project: &Project) -> Result<()> {
    packages(project)?;
    axe(project)?;
    tool(project, &GECKODRIVER).map(drop)
}

/// By apt-get where we are allowed to; else says what to install.
fn packages(project: &Project) -> Result<()> {
    let missing: Vec<_> = NEEDS.iter().filter(|need| !(need.present)(project)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = missing.iter().map(|need| need.what).collect();
    eprintln!("      missing: {}", names.join(", "));
    let Some(column) = distribution() else {
        bail!("the tests need these programs on the PATH, please install them: {}", names.join(", "));
    };
    let packages: Vec<_> = missing.iter().map(|need| need.packages[column]).collect();
    let Some(prefix) = privilege(project) else {
        bail!("the tests need some packages: sudo apt-get install {}", packages.join(" "));
    };
    apt(project, prefix, &["update"])?;
    apt(project, prefix, &[&["install", "--yes", "--no-install-recommends"], packages.as_slice()].concat())?;
    match missing.iter().find(|need| !(need.present)(project)) {
        Some(need) => bail!("{} is still missing after installing {}", need.what, packages.join(" ")),
        None => Ok(()),
    }
}

fn apt(project: &Project, prefix: &[&str], args: &[&str]) -> Result<()> {
    let words = [prefix, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], args].concat();
    shell::run(project.command(words[0]).args(&words[1..]))
}

/// Which column of [`Need::packages`] this system reads; none where there is no apt-get.
fn distribution() -> Option<usize> {
    which(&["apt-get"])?;
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    Some(usize::from(release.lines().any(|line| line == "ID=ubuntu")))
}

/// What to put before a command that needs root: nothing for root, sudo where it asks for no password.
fn privilege(project: &Project) -> Option<&'static [&'static str]> {
    if shell::text(project.command("id").arg("-u"))? == "0" {
        return Some(&[]);
    }
    shell::text(project.command("sudo").args(["-n", "true"])).map(|_| &["sudo", "-n"][..])
}
