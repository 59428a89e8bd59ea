//! House rules that no other tool knows.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::project::Project;
use crate::shell;

/// A file is one noun of 100 to 300 lines; here it has certainly become two.
const MOST_LINES: usize = 400;

/// What is read and edited by hand, line by line.
const CODE: [&str; 5] = ["rs", "js", "css", "html", "py"];

/// A word that must be absent, with the reason. The invariants of ARCHITECTURE.md that one can search for are here.
struct Absence {
    /// Cut in two where this file would find itself.
    word: &'static str,
    scope: Scope,
    reason: &'static str,
}

/// Where an [`Absence`] holds; paths are prefixes, from the root.
enum Scope {
    Everywhere,
    Tests,
    In(&'static [&'static str]),
    /// In the first folder, but not in the second.
    Except(&'static str, &'static str),
}

const ABSENCES: [Absence; 18] = [
    absent(concat!("TO", "DO"), Scope::Everywhere, "finish it or open an issue"),
    absent(concat!("FIX", "ME"), Scope::Everywhere, "finish it or open an issue"),
    absent(concat!("unbounded", "_channel("), Scope::Everywhere, BOUNDED),
    absent(concat!("mpsc::", "channel()"), Scope::Everywhere, BOUNDED),
    absent(concat!("mpsc::", "unbounded"), Scope::Everywhere, BOUNDED),
    absent(concat!("thread::", "sleep"), Scope::Tests, "a test waits for a condition with a deadline"),
    absent(concat!("time::", "sleep("), Scope::Tests, "a test waits for a condition with a deadline"),
    absent("std::fs", PURE, "protocol, wire, lab and replay do no I/O"),
    absent("std::thread", PURE, "protocol, wire, lab and replay do no I/O"),
    absent("tokio::", PURE, "protocol, wire, lab and replay do no I/O"),
    absent("Instant::now", PURE, "protocol, wire, lab and replay read no clock: time is an argument"),
    absent("leptos", Scope::In(&["web/src/model"]), "the model does not know the DOM"),
    absent("web_sys", Scope::In(&["web/src/model"]), "the model does not know the DOM"),
    absent("WebSocket::new", Scope::Except("web", "web/src/source/bridge"), "one file touches the WebSocket"),
    absent("web_sys::WebSocket", Scope::Except("web", "web/src/source/bridge"), "one file touches the WebSocket"),
    absent("Socket::new(", Scope::In(&["bridge/src/echo", "bridge/src/client"]), "the SocketFactory makes sockets"),
    absent("(unsafe_code", Scope::Except("bridge", "bridge/src/sys"), "unsafe is in bridge/src/sys only"),
    absent("process::exit", Scope::Except("bridge", "bridge/src/main.rs"), "main.rs alone exits"),
];

const BOUNDED: &str = "channels are bounded: say how many, and what happens when it is full";
const PURE: Scope = Scope::In(&["protocol/src", "wire/src", "lab/src", "replay/src"]);

const fn absent(word: &'static str, scope: Scope, reason: &'static str) -> Absence {
    Absence { word, scope, reason }
}

impl Scope {
    fn covers(&self, path: &str, in_tests: bool) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Tests => in_tests,
            Self::In(folders) => folders.iter().any(|folder| path.starts_with(folder)),
            Self::Except(folder, home) => path.starts_with(folder) && !path.starts_with(home),
        }
    }
}

/// Looks through every file that git knows or would add.
pub fn run(project: &Project) -> Result<()> {
    let mut faults = Vec::new();
    for path in files(project)? {
        let Ok(text) = fs::read_to_string(project.root.join(&path)) else {
            continue; // pictures, and files just deleted
        };
        faults.extend(look(&path, &text));
    }
    faults.extend(bans(project)?);
    for fault in &faults {
        eprintln!("      {fault}");
    }
    match faults.len() {
        0 => Ok(()),
        count => bail!("{count} against the house rules"),
    }
}

fn files(project: &Project) -> Result<Vec<PathBuf>> {
    let mut git = project.command("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard"]);
    let list = shell::text(&mut git).context("`git ls-files` failed; is this a checkout?")?;
    Ok(list.lines().map(PathBuf::from).collect())
}

fn look(path: &Path, text: &str) -> Vec<String> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    if !CODE.contains(&extension) {
        return Vec::new();
    }
    let mut faults = Vec::new();
    let lines = text.lines().count();
    if lines > MOST_LINES {
        faults.push(format!("{}: {lines} lines, more than {MOST_LINES}: it is two nouns", path.display()));
    }
    let name = path.to_string_lossy().replace('\\', "/");
    let mut in_tests = name.starts_with("tests/") || name.contains("/tests/") || name.ends_with("/tests.rs");
    for (number, line) in text.lines().enumerate() {
        in_tests |= line.trim_start().starts_with("#[cfg(test)]");
        for Absence { word, scope, reason } in &ABSENCES {
            if line.contains(word) && scope.covers(&name, in_tests) {
                faults.push(format!("{name}:{}: `{word}`: {reason}", number + 1));
            }
        }
    }
    faults
}

/// Clippy reads only the nearest clippy.toml, so each repeats the bans that hold for everyone.
fn bans(project: &Project) -> Result<Vec<String>> {
    let read = |path: &Path| fs::read_to_string(project.root.join(path));
    let root = read(Path::new("clippy.toml")).context("reading clippy.toml")?;
    let common = common(&root);
    if common.is_empty() {
        bail!("clippy.toml has no `# bans for everyone`");
    }
    let copies = files(project)?.into_iter().filter(|path| path.ends_with("clippy.toml"));
    Ok(copies
        .filter(|path| read(path).is_ok_and(|text| self::common(&text) != common))
        .map(|path| format!("{}: its `bans for everyone` differ from those of clippy.toml", path.display()))
        .collect())
}

/// The lines between the two marks.
fn common(text: &str) -> Vec<&str> {
    let lines = text.lines().map(str::trim).skip_while(|line| *line != "# bans for everyone");
    lines.skip(1).take_while(|line| *line != "# end of the bans for everyone").collect()
}

#[cfg(test)]
mod tests {
    use super::{ABSENCES, Absence, MOST_LINES, Scope, common, look};
    use std::path::Path;

    fn faults(path: &str, text: &str) -> usize {
        look(Path::new(path), text).len()
    }

    #[test]
    fn every_absence_is_missed_where_it_holds_and_only_there() {
        for Absence { word, scope, .. } in ABSENCES {
            let (inside, outside) = match scope {
                Scope::Everywhere => ("bridge/src/serve.rs", None),
                Scope::Tests => ("tests/browser.rs", Some("bridge/src/serve.rs".to_owned())),
                Scope::In(folders) => (folders[0], Some("xtask/src".to_owned())),
                Scope::Except(folder, home) => (folder, Some(home.to_owned())),
            };
            let line = format!("    {word}");
            assert!(faults(&format!("{inside}/a.rs"), &line) > 0, "{word}");
            if let Some(outside) = outside {
                assert_eq!(faults(&format!("{outside}/a.rs"), &line), 0, "{word}");
            }
        }
    }

    #[test]
    fn a_test_is_one_wherever_it_stands() {
        let line = format!("    {}(d);", concat!("thread::", "sleep"));
        assert_eq!(faults("bridge/src/echo.rs", &line), 0);
        assert_eq!(faults("bridge/src/echo.rs", &format!("#[cfg(test)]\nmod tests {{\n{line}")), 1);
        assert_eq!(faults("bridge/src/echo/tests.rs", &line), 1);
        assert_eq!(faults("bridge/tests/echo.rs", &line), 1);
    }

    #[test]
    fn long_files_are_found_and_prose_may_be_long() {
        let long = "\n".repeat(MOST_LINES + 1);
        assert_eq!(faults("web/src/view.rs", &long), 1);
        assert_eq!(faults("web/src/view.rs", &long[1..]), 0);
        assert_eq!(faults("ARCHITECTURE.md", &long), 0);
    }

    #[test]
    fn the_common_bans_stand_between_their_marks() {
        let text = "a\n    # bans for everyone\n    b\n    c\n    # end of the bans for everyone\nd";
        assert_eq!(common(text), ["b", "c"]);
        assert!(common("nothing").is_empty());
    }
}
