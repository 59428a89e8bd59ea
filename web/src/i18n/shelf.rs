//! The words of stories in files: saving, opening, what is wrong with a file, which conversations to show.

use replay::{Fault, What};

/// The sentences.
pub struct Shelf {
    /// Opens the menu.
    pub file: &'static str,
    /// Opens a file.
    pub open: &'static str,
    /// What can be opened.
    pub sorts: &'static str,
    /// Saves the story.
    pub save: &'static str,
    /// What it is for.
    pub save_more: &'static str,
    /// Something is dragged over the page.
    pub drop: &'static str,
    /// Which file one looks at.
    pub looking: fn(&str) -> String,
    /// What made it, and on which system.
    pub made: fn(&str, &str) -> String,
    /// Why nothing can be sent.
    pub recorded: &'static str,
    /// Goes back to where things happen.
    pub back: &'static str,
    /// Opens the list of conversations, and its heading.
    pub conversations: &'static str,
    /// A file is being opened.
    pub opens: fn(&str) -> String,
    /// The story is being written.
    pub saves: &'static str,
    /// Ends that.
    pub cancel: &'static str,
    /// The browser cannot read the file.
    pub unreadable: &'static str,
    /// The browser cannot make a file.
    pub unwritable: &'static str,
    /// Something is wrong with a file, and where.
    pub fault: fn(&Fault) -> String,
    /// Shows so many events or packets that are good.
    pub partly: fn(u64) -> String,
    /// The field that shortens the list.
    pub filter: &'static str,
    /// The heads of the list's columns.
    pub columns: [&'static str; 5],
    /// So many rows are not shown.
    pub more: fn(u64) -> String,
    /// So many packets are of no conversation.
    pub others: fn(u64) -> String,
    /// So many conversations with so many packets are chosen.
    pub chosen: fn(u64, u64) -> String,
    /// They are too many: the most of each.
    pub too_many: fn(u64, u64) -> String,
    /// Shows them.
    pub show: &'static str,
}

/// English.
pub const EN: Shelf = Shelf {
    file: "File",
    open: "Open a file…",
    sorts: "a .socketscope trace, or a capture: pcap, pcapng",
    save: "Save the trace",
    save_more: ".socketscope: opens here again; JSON, for scripts",
    drop: "Drop it here to look at it",
    looking: |name| ["You look at a file: ", name, "."].concat(),
    made: |by, system| match system {
        "" => ["Made by ", by, "."].concat(),
        _ => ["Made by ", by, " on ", system, "."].concat(),
    },
    recorded: "It was recorded: nothing in it can be changed.",
    back: "Back to live",
    conversations: "Conversations",
    opens: |name| ["Opening ", name, "…"].concat(),
    saves: "Saving…",
    cancel: "Cancel",
    unreadable: "the browser cannot read this file. Was it moved, or is it a folder?",
    unwritable: "the browser did not allow this page to make a file.",
    fault: |fault| {
        let (at, number) = (fault.at.to_string(), fault.number.to_string());
        let place = match (fault.line, fault.number) {
            (0, 0) if fault.at == 0 => return en(&fault.what),
            (0, 0) => ["byte ", &at].concat(),
            (0, _) => ["packet ", &number, ", byte ", &at].concat(),
            (line, 0) => ["line ", &line.to_string(), ", byte ", &at].concat(),
            (line, _) => ["event ", &number, ", line ", &line.to_string(), ", byte ", &at].concat(),
        };
        [&place, ": ", &en(&fault.what)].concat()
    },
    partly: |good| ["Look at the ", &good.to_string(), " before it"].concat(),
    filter: "Filter: an address, a port, TCP or UDP",
    columns: ["", "Conversation", "Packets", "Bytes", "From"],
    more: |count| [&count.to_string(), " more: use the filter"].concat(),
    others: |count| [&count.to_string(), " packets of other protocols are left out."].concat(),
    chosen: |count, packets| {
        let one = if count == 1 { " conversation, " } else { " conversations, " };
        [&count.to_string(), one, &packets.to_string(), " packets"].concat()
    },
    too_many: |most, packets| {
        [". At most ", &most.to_string(), " conversations with ", &packets.to_string(), " packets at once"].concat()
    },
    show: "Show them",
};

fn en(what: &What) -> String {
    match what {
        What::Empty => "the file is empty.".into(),
        What::Compressed => "the file is packed. Unpack it first.".into(),
        What::Strange => "this is neither a .socketscope trace nor a pcap or pcapng capture.".into(),
        What::TooLarge { most } => ["larger than ", &(most >> 20).to_string(), " MiB. Open a part of it."].concat(),
        What::TooMany { most } => ["more than ", &most.to_string(), ". Open a part of it."].concat(),
        What::Version { found } => {
            ["a trace of version ", &found.to_string(), "; this page reads version 1. Open it with a newer page."]
                .concat()
        }
        What::Ends => "the file ends in the middle of something: it was cut. Copy it again.".into(),
        What::Expected(what) => [what, " should stand here."].concat(),
        What::Unknown(word) => ["“", word, "” is not known here. A newer page may know it."].concat(),
        What::Missing(name) => ["“", name, "” is missing."].concat(),
        What::Twice(name) => ["“", name, "” is said twice."].concat(),
        What::Range(what) => ["not a possible ", what, "."].concat(),
        What::TooDeep => "too many brackets inside each other.".into(),
        What::Order => "the numbers of events must grow.".into(),
        What::Length(length) => {
            ["a length of ", &length.to_string(), " bytes cannot be: the file is damaged."].concat()
        }
        What::LinkType(number) => [
            "packets of link type ",
            &number.to_string(),
            " cannot be read here. Capture on Ethernet, loopback or “any”.",
        ]
        .concat(),
        What::NoPackets => "there is no packet of TCP or UDP in it.".into(),
    }
}

/// 简体中文.
pub const ZH: Shelf = Shelf {
    file: "文件",
    open: "打开文件…",
    sorts: ".socketscope 记录，或抓包文件：pcap、pcapng",
    save: "保存记录",
    save_more: ".socketscope：可以在这里再打开；JSON，供脚本使用",
    drop: "放在这里即可查看",
    looking: |name| ["正在查看文件：", name, "。"].concat(),
    made: |by, system| match system {
        "" => ["由 ", by, " 生成。"].concat(),
        _ => ["由 ", by, " 在 ", system, " 上生成。"].concat(),
    },
    recorded: "这是录制的内容：不能改变。",
    back: "回到实时",
    conversations: "会话",
    opens: |name| ["正在打开 ", name, "…"].concat(),
    saves: "正在保存…",
    cancel: "取消",
    unreadable: "浏览器读不了这个文件。它被移走了，还是一个文件夹？",
    unwritable: "浏览器不允许本页生成文件。",
    fault: |fault| {
        let (at, number) = (fault.at.to_string(), fault.number.to_string());
        let place = match (fault.line, fault.number) {
            (0, 0) if fault.at == 0 => return zh(&fault.what),
            (0, 0) => ["字节 ", &at].concat(),
            (0, _) => ["第 ", &number, " 个报文，字节 ", &at].concat(),
            (line, 0) => ["第 ", &line.to_string(), " 行，字节 ", &at].concat(),
            (line, _) => ["第 ", &number, " 个事件，第 ", &line.to_string(), " 行，字节 ", &at].concat(),
        };
        [&place, "：", &zh(&fault.what)].concat()
    },
    partly: |good| ["查看此前的 ", &good.to_string(), " 个"].concat(),
    filter: "筛选：地址、端口、TCP 或 UDP",
    columns: ["", "会话", "报文", "字节", "开始"],
    more: |count| ["还有 ", &count.to_string(), " 个：请用筛选"].concat(),
    others: |count| ["其他协议的 ", &count.to_string(), " 个报文未列出。"].concat(),
    chosen: |count, packets| [&count.to_string(), " 个会话，", &packets.to_string(), " 个报文"].concat(),
    too_many: |most, packets| ["。一次最多 ", &most.to_string(), " 个会话、", &packets.to_string(), " 个报文"].concat(),
    show: "显示",
};

fn zh(what: &What) -> String {
    match what {
        What::Empty => "文件是空的。".into(),
        What::Compressed => "文件是压缩的，请先解压。".into(),
        What::Strange => "这既不是 .socketscope 记录，也不是 pcap 或 pcapng 抓包文件。".into(),
        What::TooLarge { most } => ["超过 ", &(most >> 20).to_string(), " MiB，请打开其中一部分。"].concat(),
        What::TooMany { most } => ["超过 ", &most.to_string(), " 个，请打开其中一部分。"].concat(),
        What::Version { found } => {
            ["这是版本 ", &found.to_string(), " 的记录，本页读版本 1。请用更新的页面打开。"].concat()
        }
        What::Ends => "文件在中途结束：它被截断了，请重新复制。".into(),
        What::Expected(what) => ["这里应当是：", zh_thing(what), "。"].concat(),
        What::Unknown(word) => ["不认识“", word, "”，更新的页面也许认识。"].concat(),
        What::Missing(name) => ["缺少“", name, "”。"].concat(),
        What::Twice(name) => ["“", name, "”出现了两次。"].concat(),
        What::Range(what) => ["不可能的", zh_thing(what), "。"].concat(),
        What::TooDeep => "括号嵌套太深。".into(),
        What::Order => "事件的编号必须递增。".into(),
        What::Length(length) => ["长度不可能是 ", &length.to_string(), " 字节：文件已损坏。"].concat(),
        What::LinkType(number) => {
            ["这里读不了链路类型 ", &number.to_string(), " 的报文。请在以太网、回环或 any 上抓包。"].concat()
        }
        What::NoPackets => "其中没有 TCP 或 UDP 报文。".into(),
    }
}

/// What should stand somewhere, as the readers name it; signs are the same in every language.
fn zh_thing(what: &'static str) -> &'static str {
    match what {
        "a trace in JSON" => "JSON 记录",
        "a value" => "一个值",
        "a number" => "一个数",
        "one more value" => "还有一个值",
        "a text in quotes" => "引号中的文字",
        "the rest of a text" => "文字的其余部分",
        "text in UTF-8" => "UTF-8 文字",
        "pairs of hexadecimal digits" => "成对的十六进制数字",
        "the end of the file" => "文件结尾",
        "the byte order of a section" => "段的字节序",
        "the length of the block again" => "再次写出的块长度",
        "whole number" => "整数",
        "time" => "时间",
        "size" => "大小",
        "event number" => "事件编号",
        "length of a packet" => "报文长度",
        "interface of a packet" => "报文接口",
        other => other,
    }
}
