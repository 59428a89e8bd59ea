//! The words for what is taken along as text, as a picture, as a link.

/// The sentences.
pub struct Take {
    /// The ladder as PNG.
    pub png: &'static str,
    /// The ladder as text.
    pub text: &'static str,
    /// What it is for.
    pub text_more: &'static str,
    /// What Mermaid is for.
    pub mermaid_more: &'static str,
    /// The log of calls.
    pub log: &'static str,
    /// What it is.
    pub log_more: &'static str,
    /// Its first line.
    pub log_head: &'static str,
    /// The transcript, which is only copied.
    pub transcript: &'static str,
    /// A link to what is shown.
    pub link: &'static str,
    /// What it keeps.
    pub link_more: &'static str,
    /// The address of the page points into another story.
    pub astray: &'static str,
}

/// English.
pub const EN: Take = Take {
    png: "Ladder, PNG",
    text: "Ladder, text",
    text_more: "for mails, notes and terminals",
    mermaid_more: "a sequence diagram, for Markdown",
    log: "Program calls",
    log_more: "a log like that of strace",
    log_head: "program calls: what the programs called, not their system calls",
    transcript: "Copy the transcript",
    link: "Copy a link",
    link_more: "to this mark, client and world, while this story is told",
    astray: "The link points into another story, which is not told here any more.",
};

/// 简体中文.
pub const ZH: Take = Take {
    png: "时序图，PNG",
    text: "时序图，文本",
    text_more: "用于邮件、笔记和终端",
    mermaid_more: "Markdown 用的时序图",
    log: "程序的调用",
    log_more: "类似 strace 的日志",
    log_head: "程序的调用：程序调用了什么，不是它们的系统调用",
    transcript: "复制对话记录",
    link: "复制链接",
    link_more: "指向这个标记、客户端和环境，在这段记录还在时有效",
    astray: "链接指向另一段记录，这里已经没有它了。",
};
