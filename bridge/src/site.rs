//! The page's files: from a folder, or inside the program.

use bytes::Bytes;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

/// Where the page's files come from.
#[derive(Clone, Debug)]
pub enum Site {
    /// A folder, read anew for every request, so that a rebuilt page needs no restart.
    Folder(PathBuf),
    /// The program itself.
    #[cfg(feature = "embed")]
    Embedded,
}

/// A file as it goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its bytes.
    pub body: Bytes,
    /// Its MIME type.
    pub mime: &'static str,
    /// Changes with the bytes.
    pub etag: String,
    /// Whether the bytes are compressed.
    pub gzip: bool,
}

impl Site {
    /// The embedded page if there is one, else the folder that `SOCKETSCOPE_SITE` names, else where `cargo xtask`
    /// puts the page.
    #[must_use]
    pub fn find() -> Self {
        if let Some(folder) = std::env::var_os("SOCKETSCOPE_SITE").filter(|folder| !folder.is_empty()) {
            return Self::Folder(folder.into());
        }
        #[cfg(feature = "embed")]
        return Self::Embedded;
        #[cfg(not(feature = "embed"))]
        Self::Folder(PathBuf::from("target/site"))
    }

    /// The file of a request's path, `/` being the page. `plain` asks for bytes that are not compressed.
    #[must_use]
    pub fn file(&self, path: &str, plain: bool) -> Option<File> {
        let name = path.strip_prefix('/')?;
        let name = if name.is_empty() { "index.html" } else { name };
        if !is_tame(name) {
            return None;
        }
        let (body, gzip) = match self {
            Self::Folder(folder) => {
                let file = folder.join(name);
                (Bytes::from(std::fs::read(file).ok()?), false)
            }
            #[cfg(feature = "embed")]
            Self::Embedded => embedded::file(name, plain)?,
        };
        #[cfg(not(feature = "embed"))]
        let _ = plain;
        let mut hasher = DefaultHasher::new();
        body.hash(&mut hasher);
        Some(File { mime: mime(name), etag: format!("\"{:016x}\"", hasher.finish()), body, gzip })
    }
}

/// Whether a name stays inside the folder on every system: our own files have plain names, so anything else is foreign.
fn is_tame(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    name.split('/').all(|part| !part.is_empty() && !part.starts_with('.') && part.bytes().all(plain))
}

fn mime(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "toml" | "txt" | "md" | "py" | "rs" | "c" | "h" => "text/plain; charset=utf-8",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(feature = "embed")]
mod embedded {
    use bytes::Bytes;
    use std::io::Read;

    /// The page, as the build script compressed it: paths in the site, and gzip.
    const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/site.rs"));

    pub fn file(name: &str, plain: bool) -> Option<(Bytes, bool)> {
        let (_, packed) = *FILES.iter().find(|(path, _)| *path == name)?;
        if !plain {
            return Some((Bytes::from_static(packed), true));
        }
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(packed).read_to_end(&mut unpacked).ok()?;
        Some((Bytes::from(unpacked), false))
    }
}

#[cfg(test)]
mod tests {
    use super::{Site, is_tame};

    #[test]
    fn names_that_stay_inside() {
        for name in ["index.html", "pkg/page_bg.wasm", "css/a-b.css"] {
            assert!(is_tame(name), "{name}");
        }
        for name in ["../secret", "a/../b", "/etc/passwd", "a//b", ".hidden", "a\\b", "%2e%2e/x", "c:x", "a\0", ""] {
            assert!(!is_tame(name), "{name:?}");
        }
    }

    #[test]
    fn a_folder_is_read_anew() {
        let folder = std::env::temp_dir().join(format!("socketscope-site-{:032x}", crate::random()));
        std::fs::create_dir_all(&folder).unwrap();
        let site = Site::Folder(folder.clone());
        assert_eq!(site.file("/", false), None);
        std::fs::write(folder.join("index.html"), "one").unwrap();
        let one = site.file("/", false).unwrap();
        std::fs::write(folder.join("index.html"), "two").unwrap();
        let two = site.file("/index.html", false).unwrap();
        assert_eq!((&one.body[..], &two.body[..], two.mime), (&b"one"[..], &b"two"[..], "text/html; charset=utf-8"));
        assert_ne!(one.etag, two.etag);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
