//! The words of finding and of choosing what is shown.

/// The sentences.
pub struct Find {
    /// Opens it, and its name.
    pub find: &'static str,
    /// In the empty field.
    pub hint: &'static str,
    /// The how many-th of how many.
    pub count: fn(usize, usize) -> String,
    /// Nothing fits.
    pub nothing: &'static str,
    /// It is still looking.
    pub looking: &'static str,
    /// Buttons: the one before, the one after.
    pub turns: [&'static str; 2],
    /// Name of the choice of what is shown.
    pub show: &'static str,
    /// Calls, packets, states, notes.
    pub sorts: [&'static str; 4],
    /// Only errors.
    pub trouble: &'static str,
    /// Puts it away, and shows everything again.
    pub close: &'static str,
    /// Name of the overview beside the ladder.
    pub map: &'static str,
    /// The oldest events were forgotten: how many.
    pub forgotten: fn(u64) -> String,
    /// Name of the slider over the record.
    pub scrub: &'static str,
    /// What it says while it stands at a time: the time, and the newest.
    pub then: fn(&str, &str) -> String,
}

/// English.
pub const EN: Find = Find {
    find: "Find",
    hint: "text, port, SYN, send, ECONNREFUSED…",
    count: |at, all| match at {
        0 => all.to_string() + if all == 1 { " hit" } else { " hits" },
        at => [&at.to_string(), " of ", &all.to_string()].concat(),
    },
    nothing: "nothing fits",
    looking: "looking…",
    turns: ["Previous hit", "Next hit"],
    show: "Show",
    sorts: ["Calls", "Packets", "States", "Notes"],
    trouble: "Only errors",
    close: "Close, and show everything",
    map: "All of the ladder",
    forgotten: |count| {
        ["This page keeps the newest events; the ", &count.to_string(), " oldest are forgotten."].concat()
    },
    scrub: "Time",
    then: |then, newest| [then, " of ", newest].concat(),
};

/// 简体中文.
pub const ZH: Find = Find {
    find: "查找",
    hint: "文字、端口、SYN、send、ECONNREFUSED…",
    count: |at, all| match at {
        0 => ["共 ", &all.to_string(), " 处"].concat(),
        at => ["第 ", &at.to_string(), " 处，共 ", &all.to_string(), " 处"].concat(),
    },
    nothing: "没有找到",
    looking: "正在查找…",
    turns: ["上一处", "下一处"],
    show: "显示",
    sorts: ["调用", "报文", "状态", "说明"],
    trouble: "只看错误",
    close: "关闭，并显示全部",
    map: "时序图全貌",
    forgotten: |count| ["本页只保留最新的事件；最早的 ", &count.to_string(), " 个已被丢弃。"].concat(),
    scrub: "时间",
    then: |then, newest| [then, "，共 ", newest].concat(),
};
