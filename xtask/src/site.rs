//! Folders that follow other folders.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// Makes `to` hold exactly the files of `from`, except for the folder `keep` in it. A missing `from` is empty.
pub fn mirror(from: &Path, to: &Path, keep: &Path) -> Result<()> {
    if from.exists() {
        fs::create_dir_all(to).with_context(|| format!("creating {}", to.display()))?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            let (source, copy) = (entry.path(), to.join(entry.file_name()));
            if entry.file_type()?.is_dir() {
                mirror(&source, &copy, Path::new(""))?;
            } else {
                mirror_file(&source, &copy)?;
            }
        }
    }
    if !to.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(to)? {
        let name = entry?.file_name();
        if Path::new(&name) != keep && !from.join(&name).exists() {
            remove(&to.join(name))?;
        }
    }
    Ok(())
}

/// Copies a file if the copy is not the same already. Whoever reads it meanwhile gets the old one or the new one.
pub fn mirror_file(from: &Path, to: &Path) -> Result<()> {
    let bytes = fs::read(from).with_context(|| format!("reading {}", from.display()))?;
    if fs::read(to).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    if to.is_dir() {
        remove(to)?;
    }
    let folder = to.parent().context("a file without a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    let partial = to.with_extension("partial");
    fs::write(&partial, bytes).with_context(|| format!("writing {}", partial.display()))?;
    fs::rename(&partial, to).with_context(|| format!("writing {}", to.display()))
}

/// Removes a file or a folder, if it is there.
pub fn remove(path: &Path) -> Result<()> {
    let result = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match result {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => bail!("removing {}: {error}", path.display()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::mirror;
    use std::fs;
    use std::path::Path;

    #[test]
    fn a_mirror_follows_its_original_and_keeps_pkg() {
        let temp = std::env::temp_dir().join(format!("socketscope-mirror-{}", std::process::id()));
        let (from, to) = (temp.join("from"), temp.join("to"));
        for folder in [from.join("css"), to.join("pkg"), to.join("old")] {
            fs::create_dir_all(folder).unwrap();
        }
        fs::write(from.join("index.html"), "new").unwrap();
        fs::write(from.join("css/a.css"), "a").unwrap();
        fs::write(to.join("index.html"), "before").unwrap();
        fs::write(to.join("gone.js"), "x").unwrap();
        fs::write(to.join("pkg/page.js"), "kept").unwrap();

        mirror(&from, &to, Path::new("pkg")).unwrap();

        assert_eq!(fs::read_to_string(to.join("index.html")).unwrap(), "new");
        assert_eq!(fs::read_to_string(to.join("css/a.css")).unwrap(), "a");
        assert_eq!(fs::read_to_string(to.join("pkg/page.js")).unwrap(), "kept");
        assert!(!to.join("gone.js").exists() && !to.join("old").exists());
        fs::remove_dir_all(temp).unwrap();
    }
}
