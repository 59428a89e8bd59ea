//! The parts of the page: cut out of its wasm, cleaned, and placed beside it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use wasm_encoder::{Module, RawSection};
use wasmparser::{Parser, Payload};

use crate::site::{mirror_file, remove};

/// The JavaScript that loads the parts.
const LINK: &str = "./parts.js";
/// The part with the two hosts in the page.
pub const LAB: &str = "split_lab.wasm";
/// How it loads them, and how it should.
const STREAMED: &str = "WebAssembly.instantiateStreaming(src, imports)";
const WHOLE: &str = "src.then((part) => part.arrayBuffer()).then((part) => WebAssembly.instantiate(part, imports))";

/// Cuts what is loaded later (`web/src/part.rs`) out of the page, into files in `parts`; returns what remains.
///
/// # Errors
/// When the wasm is not as rustc makes it, or a file cannot be written.
pub fn split(wasm: &[u8], parts: &Path) -> Result<Vec<u8>> {
    let main = parts.join("main");
    let mut options = wasm_split_cli_support::Options::new(wasm);
    options.output_dir = parts;
    options.main_out_path = &main;
    options.link_name = LINK;
    options.main_module = "./page.js";
    wasm_split_cli_support::transform(options).map_err(|error| anyhow!("cannot cut the page into parts: {error:#}"))?;
    let remains = fs::read(&main).context("reading what remains of the page")?;
    remove(&main)?;
    for part in files(parts)?.iter().filter(|part| is_wasm(part)) {
        let bytes = without_names(&fs::read(part)?).with_context(|| format!("reading {}", part.display()))?;
        fs::write(part, bytes)?;
    }
    // Not every web server calls the parts application/wasm, which streaming insists on.
    let link = parts.join(LINK);
    let loader = fs::read_to_string(&link).context("reading what loads the parts")?;
    if !loader.contains(STREAMED) {
        bail!("wasm_split_cli_support loads the parts in another way than xtask knows");
    }
    fs::write(&link, loader.replace(STREAMED, WHOLE)).context("writing what loads the parts")?;
    Ok(remains)
}

/// Puts the parts beside the page, in place of those before.
///
/// # Errors
/// When a file cannot be written.
pub fn place(parts: &Path, pkg: &Path) -> Result<()> {
    for old in files(pkg)?.iter().filter(|old| !parts.join(old.file_name().unwrap_or_default()).exists()) {
        remove(old)?;
    }
    files(parts)?.iter().try_for_each(|part| mirror_file(part, &pkg.join(part.file_name().unwrap_or_default())))
}

/// The files in a folder that are parts of the page, and what loads them.
///
/// # Errors
/// When the folder cannot be read.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut parts = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let kept = ["page.js", "page_bg.wasm"].iter().any(|kept| path.file_name().is_some_and(|name| name == *kept));
        if path.is_file() && !kept {
            parts.push(path);
        }
    }
    parts.sort();
    Ok(parts)
}

/// Whether a part is code, and not what loads it.
pub fn is_wasm(part: &Path) -> bool {
    part.extension().is_some_and(|kind| kind == "wasm")
}

/// A module without its custom sections: in a part they are names and linking, a fifth of what would be loaded.
fn without_names(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        if let Some((id, range)) = payload.as_section()
            && !matches!(payload, Payload::CustomSection(_))
        {
            module.section(&RawSection { id, data: &wasm[usize::try_from(range.start)?..usize::try_from(range.end)?] });
        }
    }
    Ok(module.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{CustomSection, NameSection, TypeSection};

    #[test]
    fn a_part_has_no_names_and_keeps_the_rest() {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut names = NameSection::new();
        names.module("page");
        let mut whole = Module::new();
        whole.section(&types).section(&names).section(&CustomSection { name: "linking".into(), data: b"2"[..].into() });
        let mut bare = Module::new();
        bare.section(&types);
        assert_eq!(without_names(&whole.finish()).unwrap(), bare.finish());
        assert!(without_names(b"no wasm").is_err());
    }
}
