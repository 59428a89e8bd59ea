//! With the feature `embed`: compresses the page's files and lists them in `OUT_DIR/site.rs`, which `site.rs` includes.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(feature = "embed")]
    embed::run();
}

#[cfg(feature = "embed")]
mod embed {
    use std::fs;
    use std::io::{self, Write};
    use std::path::{Path, PathBuf};

    use flate2::{Compression, write::GzEncoder};

    pub fn run() {
        let site = std::env::var_os("SOCKETSCOPE_SITE").map_or_else(|| PathBuf::from("../target/site"), PathBuf::from);
        println!("cargo::rerun-if-env-changed=SOCKETSCOPE_SITE");
        println!("cargo::rerun-if-changed={}", site.display());
        if !site.join("index.html").exists() {
            println!("cargo::error=there is no page in {}: `cargo xtask dist` builds it first", site.display());
            return;
        }
        let out = std::env::var_os("OUT_DIR").map(PathBuf::from).expect("cargo sets OUT_DIR for build scripts");
        let mut list = String::from("&[\n");
        let written = pack(&site, "", &out, &mut list).and_then(|()| fs::write(out.join("site.rs"), list + "]\n"));
        if let Err(error) = written {
            println!("cargo::error=cannot compress the page in {}: {error}", site.display());
        }
    }

    /// Compresses the files of `folder` into `out`, flat, and lists each with its path in the site.
    fn pack(folder: &Path, prefix: &str, out: &Path, list: &mut String) -> io::Result<()> {
        let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
        // The same page makes the same program.
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                pack(&entry.path(), &format!("{name}/"), out, list)?;
                continue;
            }
            let mut packed = GzEncoder::new(Vec::new(), Compression::best());
            packed.write_all(&fs::read(entry.path())?)?;
            let file = format!("{}.gz", name.replace('/', "+"));
            fs::write(out.join(&file), packed.finish()?)?;
            list.push_str(&format!("    ({name:?}, include_bytes!({file:?})),\n"));
        }
        Ok(())
    }
}
