//! The words of the ladder, the tracker and the table of events.

/// The sentences.
pub struct Ladder {}

/// English.
pub const EN: Ladder = Ladder {};
/// 简体中文.
pub const ZH: Ladder = Ladder {};
