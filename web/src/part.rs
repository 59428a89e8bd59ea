//! The parts of the page that are loaded when they are needed, and not before it can be used.
//!
//! `cargo xtask web` cuts everything that only these functions reach out of the page's wasm into files of its own. On
//! other targets they are plain functions.

use crate::source::Source;
use crate::source::lab::Lab;
use crate::source::station::Voice;
use std::rc::Rc;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

/// Two hosts in this page.
///
/// # Errors
/// When the part cannot be loaded: the web server is gone, or another version of the page is there now.
#[wasm_split(lab, fallible, preload(
    /// Loads the two hosts in this page, so that they are there when the web server is not.
    lab_loaded
))]
pub fn lab(voice: Voice) -> Result<Rc<dyn Source>, SplitLoaderError> {
    Ok(Rc::new(Lab::start(voice)))
}
