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

/// Words that must not stand in a file, with the reason. Cut in two so that this file passes.
const NOWHERE: [(&str, &str); 6] = [
    (concat!("TO", "DO"), "finish it or open an issue"),
    (concat!("FIX", "ME"), "finish it or open an issue"),
    (concat!("XX", "X:"), "finish it or open an issue"),
    (concat!("unbounded", "_channel("), "channels are bounded: say how many, and what happens when it is full"),
    (concat!("mpsc::", "channel()"), "channels are bounded: use sync_channel(n)"),
    (concat!("mpsc::", "unbounded"), "channels are bounded: say how many, and what happens when it is full"),
];

/// Words that must not stand in a test.
const NOT_IN_TESTS: [(&str, &str); 3] = [
    (concat!("thread::", "sleep"), "a test waits for a condition with a deadline"),
    (concat!("time::", "sleep("), "a test waits for a condition with a deadline"),
    (concat!("127.0.0.1:", "7700"), "a test names no port: bind port 0 and ask"),
];

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
    let mut test = path.components().any(|part| part.as_os_str() == "tests") || path.ends_with("tests.rs");
    for (number, line) in text.lines().enumerate() {
        test |= line.trim_start().starts_with("#[cfg(test)]");
        let in_tests = NOT_IN_TESTS.iter().filter(|_| test);
        for (word, reason) in NOWHERE.iter().chain(in_tests) {
            if line.contains(word) {
                faults.push(format!("{}:{}: `{word}`: {reason}", path.display(), number + 1));
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
    use super::{MOST_LINES, NOT_IN_TESTS, NOWHERE, common, look};
    use std::path::Path;

    fn faults(path: &str, text: &str) -> usize {
        look(Path::new(path), text).len()
    }

    #[test]
    fn words_are_found_where_they_must_not_be() {
        for (word, _) in NOWHERE {
            assert_eq!(faults("bridge/src/echo.rs", &format!("fn a() {{}}\n// {word}")), 1, "{word}");
        }
        for (word, _) in NOT_IN_TESTS {
            let line = format!("    {word}");
            assert_eq!(faults("bridge/src/echo.rs", &line), 0, "{word}");
            assert_eq!(faults("bridge/src/echo.rs", &format!("#[cfg(test)]\nmod tests {{\n{line}")), 1, "{word}");
            assert_eq!(faults("tests/browser.rs", &line), 1, "{word}");
            assert_eq!(faults("bridge/src/echo/tests.rs", &line), 1, "{word}");
        }
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
