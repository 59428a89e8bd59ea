//! The words of the page's frame.

/// The sentences.
pub struct Shell {
    /// Shown while the first connection is made.
    pub connecting: &'static str,
}

/// English.
pub const EN: Shell = Shell { connecting: "connecting to the Socketscope program…" };
/// 简体中文.
pub const ZH: Shell = Shell { connecting: "正在连接 Socketscope 程序…" };
