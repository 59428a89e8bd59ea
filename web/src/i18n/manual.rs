//! The words around calls, programs and states.

/// The sentences.
pub struct Manual {
    /// Head of the call.
    pub call: &'static str,
    /// Name of what a call returned.
    pub returned: &'static str,
    /// The program's text is under way.
    pub coming: &'static str,
    /// The program's text could not be had.
    pub failed: &'static str,
    /// Tries again.
    pub again: &'static str,
    /// Head of the states.
    pub states: &'static str,
}

/// English.
pub const EN: Manual = Manual {
    call: "Call",
    returned: "returned",
    coming: "The program is being fetched.",
    failed: "The program could not be fetched.",
    again: "Try again",
    states: "States, RFC 9293",
};

/// 简体中文.
pub const ZH: Manual = Manual {
    call: "调用",
    returned: "返回",
    coming: "正在取程序。",
    failed: "没能取到程序。",
    again: "再试一次",
    states: "状态，RFC 9293",
};
