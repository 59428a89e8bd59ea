//! With the feature `embed`: compresses the page's files into `OUT_DIR/site`, where `site.rs` embeds them.

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
        if let Err(error) = replace(&site, &out.join("site")) {
            println!("cargo::error=cannot compress the page in {}: {error}", site.display());
        }
    }

    /// Fills `to` with the files of `from`, each compressed, and with nothing else.
    fn replace(from: &Path, to: &Path) -> io::Result<()> {
        if to.exists() {
            fs::remove_dir_all(to)?;
        }
        compress(from, to)
    }

    fn compress(from: &Path, to: &Path) -> io::Result<()> {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            let name = entry.file_name();
            if entry.file_type()?.is_dir() {
                compress(&entry.path(), &to.join(name))?;
                continue;
            }
            let mut packed = GzEncoder::new(Vec::new(), Compression::best());
            packed.write_all(&fs::read(entry.path())?)?;
            let mut file = name;
            file.push(".gz");
            fs::write(to.join(file), packed.finish()?)?;
        }
        Ok(())
    }
}
