//! The page as a whole.

/// Mounts it on the document.
pub fn mount() {}
