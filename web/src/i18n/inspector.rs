//! The words of the inspector.

/// The sentences.
pub struct Inspector {}

/// English.
pub const EN: Inspector = Inspector {};
/// 简体中文.
pub const ZH: Inspector = Inspector {};
