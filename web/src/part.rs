//! The parts of the page that are loaded when they are needed, and not before it can be used.
//!
//! `cargo xtask web` cuts everything that only these functions reach out of the page's wasm into files of its own. On
//! other targets they are plain functions.

use crate::i18n::{self, Words};
use crate::source::Source;
use crate::source::lab::Lab;
use crate::source::station::Voice;
use crate::store::Store;
use crate::view::desk::Desk;
use crate::view::dom::{El, el};
use crate::view::inspector::walk::Walk;
use crate::view::later::Later;
use crate::view::shelf::Shelf;
use leptos::prelude::{GetValue, Owner, StoredValue};
use std::rc::Rc;
use std::sync::Arc;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

/// Two hosts in this page.
///
/// # Errors
/// When the part cannot be loaded: the web server is gone, or another version of the page is there now. So it is with
/// every part.
#[wasm_split(lab, fallible, preload(
    /// Loads the two hosts in this page, so that they are there when the web server is not.
    lab_loaded
))]
pub fn lab(voice: Voice) -> Result<Rc<dyn Source>, SplitLoaderError> {
    Ok(Rc::new(Lab::start(voice)))
}

/// A view that is not needed for the first paint, for a place that is there as long as `alive` is.
///
/// # Errors
/// When the part cannot be loaded.
#[wasm_split(views, fallible)]
pub fn view(owner: Owner, alive: StoredValue<()>, which: Later) -> Result<El, SplitLoaderError> {
    // Its place may be gone by now: what is drawn for nobody would be half alive.
    Ok(if alive.try_get_value().is_some() { owner.with(|| which.draw()) } else { el("span") })
}

/// Goes to the cause of the mark that the inspector speaks of.
///
/// # Errors
/// When the part cannot be loaded.
#[wasm_split(views, fallible)]
pub fn walk_further(walk: Walk, store: Store, desk: Desk) -> Result<(), SplitLoaderError> {
    walk.further(store, desk);
    Ok(())
}

/// The sentences in Chinese.
///
/// # Errors
/// When the part cannot be loaded.
#[wasm_split(chinese, fallible, preload(
    /// Loads them, so that they are there when the web server is not.
    chinese_loaded
))]
pub fn chinese() -> Result<&'static Words, SplitLoaderError> {
    Ok(&i18n::ZH)
}

/// Reads what is in a file.
///
/// # Errors
/// When the part cannot be loaded.
#[wasm_split(files, fallible, preload(
    /// Loads what reads and writes files, so that it is there when the web server is not.
    files_loaded
))]
pub fn open_file(shelf: Shelf, work: u32, name: Arc<String>, bytes: Option<Vec<u8>>) -> Result<(), SplitLoaderError> {
    shelf.opened(work, &name, bytes);
    Ok(())
}

/// Tells what was chosen of a capture.
///
/// # Errors
/// When the part cannot be loaded.
#[wasm_split(files, fallible)]
pub fn tell_capture(shelf: Shelf) -> Result<(), SplitLoaderError> {
    shelf.tell_it();
    Ok(())
}

/// Writes a file.
///
/// # Errors
/// When the part cannot be loaded.
#[wasm_split(files, fallible)]
pub fn save_file(shelf: Shelf) -> Result<(), SplitLoaderError> {
    shelf.write();
    Ok(())
}
