//! The words of the clients' consoles.

use crate::typed::Mistake;
use protocol::program::LoopRule;

/// The sentences.
pub struct Console {
    /// The console, for screen readers.
    pub name: &'static str,
    /// A client's tab: its transport's short name, its number.
    pub client: fn(&str, usize) -> String,
    /// The tab with the form.
    pub new_client: &'static str,
    /// TCP, UDP, Unix stream, Unix datagram.
    pub transports: [&'static str; 4],
    /// The short names of the same.
    pub short: [&'static str; 4],
    /// Label.
    pub transport: &'static str,
    /// Label.
    pub family: &'static str,
    /// Label.
    pub target: &'static str,
    /// An echo server at an address.
    pub server_at: fn(&str) -> String,
    /// An echo server that does not run.
    pub server_stopped: fn(&str) -> String,
    /// A target named on the command line.
    pub named_at: fn(&str) -> String,
    /// A port or path where nobody listens.
    pub nobody: &'static str,
    /// No server of this sort.
    pub no_target: &'static str,
    /// The button.
    pub connect: &'static str,
    /// The button that makes a socket and does not connect it.
    pub open_only: &'static str,
    /// What that does.
    pub open_only_title: &'static str,
    /// More settings of a new client.
    pub options: &'static str,
    /// Label.
    pub recv_size: &'static str,
    /// Label.
    pub rule: &'static str,
    /// A loop rule's name for a client.
    pub rules: fn(LoopRule) -> &'static str,
    /// Label.
    pub connected: &'static str,
    /// Label.
    pub no_delay: &'static str,
    /// Label.
    pub send_buffer: &'static str,
    /// Label.
    pub recv_buffer: &'static str,
    /// In an empty number field.
    pub system_default: &'static str,
    /// The field.
    pub message: &'static str,
    /// How the field is read, for screen readers.
    pub mode: &'static str,
    /// text, hex, file.
    pub modes: [&'static str; 3],
    /// In the empty field: text, hex.
    pub placeholders: [&'static str; 2],
    /// The button and field that choose a file.
    pub choose_file: &'static str,
    /// Label before the number.
    pub repeat: &'static str,
    /// Button.
    pub send: &'static str,
    /// Button.
    pub shut_down: &'static str,
    /// What it does.
    pub shut_down_title: &'static str,
    /// Button.
    pub close: &'static str,
    /// What it does.
    pub close_title: &'static str,
    /// Button.
    pub abort: &'static str,
    /// What it does.
    pub abort_title: &'static str,
    /// Button: stops reading.
    pub pause_reading: &'static str,
    /// Button: reads again.
    pub resume_reading: &'static str,
    /// Button: one `recv` more.
    pub one_recv: &'static str,
    /// What it does.
    pub one_recv_title: &'static str,
    /// Button that gives up what remains of a file.
    pub cancel: &'static str,
    /// So much of a file is sent.
    pub progress: fn(u64, u64) -> String,
    /// A file is too long for one datagram.
    pub file_too_long: fn(u64) -> String,
    /// The file cannot be read.
    pub file_unreadable: &'static str,
    /// The whole file was given to the client.
    pub file_sent: fn(u64) -> String,
    /// Why nothing can be sent: no client.
    pub first_connect: &'static str,
    /// Why nothing can be sent: `connect` waits.
    pub is_connecting: &'static str,
    /// It will be sent when `connect` returns.
    pub sends_soon: &'static str,
    /// The line that makes the transcript higher, for screen readers.
    pub divider: &'static str,
    /// Why nothing can be sent: its sending direction is shut.
    pub is_shut: &'static str,
    /// Why nothing can be sent: it is closed.
    pub is_closed: &'static str,
    /// Why nothing can be done: no Socketscope program.
    pub is_away: &'static str,
    /// Whose client it is, if not one's own.
    pub not_yours: &'static str,
    /// A call that waits.
    pub waiting: &'static str,
    /// `send(5) = 5`, folded: times, bytes.
    pub times: fn(u32) -> String,
    /// What came back: bytes, receives, time.
    pub received: fn(u64, u32, Option<&str>) -> String,
    /// Nothing is missing.
    pub nothing_missing: &'static str,
    /// So much is missing.
    pub missing: fn(u64) -> String,
    /// So much of the datagram was cut off.
    pub cut: fn(u64) -> String,
    /// `recv` returned 0.
    pub end: &'static str,
    /// More bytes than recorded.
    pub more_bytes: fn(u64) -> String,
    /// Nothing was done with this client yet.
    pub empty: &'static str,
    /// What is wrong with the message field.
    pub mistake: fn(Mistake) -> String,
    /// For the live region: what came back.
    pub heard: fn(&str, u64) -> String,
}

fn rules_en(rule: LoopRule) -> &'static str {
    match rule {
        LoopRule::Once => "once: after every recv",
        LoopRule::UntilShort => "until a recv returns less than it could",
        LoopRule::UntilLen => "until as much came back as was sent",
        LoopRule::UntilEof => "until the other side closes",
        LoopRule::Framed => "framed: a 4-byte length, then the message",
    }
}

fn rules_zh(rule: LoopRule) -> &'static str {
    match rule {
        LoopRule::Once => "一次：每次 recv 之后",
        LoopRule::UntilShort => "直到某次 recv 返回的少于上限",
        LoopRule::UntilLen => "直到收回的与发出的一样多",
        LoopRule::UntilEof => "直到对方关闭",
        LoopRule::Framed => "定界：4 字节长度，然后是消息",
    }
}

/// English.
pub const EN: Console = Console {
    name: "Clients",
    client: |transport, number| format!("{transport} client {number}"),
    new_client: "+ new client",
    transports: ["TCP", "UDP", "Unix stream", "Unix datagram"],
    short: ["TCP", "UDP", "Unix", "Unix datagram"],
    transport: "Transport",
    family: "Address family",
    target: "To",
    server_at: |address| format!("echo server {address}"),
    server_stopped: |address| format!("echo server {address} (stopped)"),
    named_at: |address| format!("named target {address}"),
    nobody: "a place where nobody listens",
    no_target: "There is no echo server of this sort here.",
    connect: "Connect",
    open_only: "Socket only",
    open_only_title: "Call socket() and do not connect yet",
    options: "Options",
    recv_size: "recv size",
    rule: "Read",
    rules: rules_en,
    connected: "connect() first, then send()",
    no_delay: "TCP_NODELAY",
    send_buffer: "Send buffer",
    recv_buffer: "Receive buffer",
    system_default: "automatic",
    message: "Message",
    mode: "The message is",
    modes: ["text", "hex", "file"],
    placeholders: [r"type here; \n \r \t \0 \xNN \\ are escapes", "68 65 6c 6c 6f"],
    choose_file: "Choose a file",
    repeat: "times",
    send: "Send",
    shut_down: "Shut down",
    shut_down_title: "shutdown(SHUT_WR): says “no more from me” and can still receive",
    close: "Close",
    close_title: "close(): the kernel says goodbye with a FIN",
    abort: "Abort",
    abort_title: "close() with SO_LINGER 0: the kernel resets the connection with a RST",
    pause_reading: "Stop reading",
    resume_reading: "Read again",
    one_recv: "One recv more",
    one_recv_title: "Calls recv once more than the rule asks for: it waits until something comes",
    cancel: "Cancel",
    progress: |done, all| format!("{done} of {all} bytes given to send()"),
    file_too_long: |most| format!("A datagram carries at most {most} bytes: choose a smaller file, or a stream."),
    file_unreadable: "The browser cannot read that file. Choose it again.",
    file_sent: |bytes| format!("the whole file, {bytes} bytes, was given to the client"),
    first_connect: "connect first",
    is_connecting: "connect() has not returned yet",
    sends_soon: "it is sent as soon as connect() returns",
    divider: "Height of the transcript: drag, or use the arrow keys",
    is_shut: "its sending direction is shut down",
    is_closed: "it is closed; open a new client",
    is_away: "the Socketscope program is away",
    not_yours: "this client belongs to somebody else; you can watch",
    waiting: "waiting…",
    times: |times| format!("{times} times"),
    received: |bytes, recvs, took| {
        let bytes = if bytes == 1 { "1 byte".into() } else { format!("{bytes} bytes") };
        let recvs = if recvs == 1 { "1 recv".into() } else { format!("{recvs} recvs") };
        took.map_or_else(|| format!("{bytes} in {recvs}"), |took| format!("{bytes} in {recvs} · {took}"))
    },
    nothing_missing: "nothing missing",
    missing: |bytes| format!("{bytes} bytes not back yet"),
    cut: |bytes| format!("{bytes} bytes cut off"),
    end: "recv = 0: the other side will send no more",
    more_bytes: |bytes| format!("and {bytes} bytes more"),
    empty: "This socket exists, and nothing was done with it yet.",
    mistake: |mistake| match mistake {
        Mistake::LoneBackslash => r"The backslash at the end begins an escape: write \\ for a backslash.".into(),
        Mistake::UnknownEscape(letter) => {
            format!(r"\{letter} is no escape. There are \n \r \t \0 \xNN and \\; write \\{letter} for what you see.")
        }
        Mistake::ShortHexEscape => r"\x needs two hexadecimal digits, as in \x0a.".into(),
        Mistake::OddHex => "A byte is two hexadecimal digits, and one is missing at the end.".into(),
        Mistake::NotHex(at) => format!("Character {at} is not a hexadecimal digit (0 to 9, a to f)."),
    },
    heard: |who, bytes| format!("{who} received {bytes} bytes"),
};

/// 简体中文.
pub const ZH: Console = Console {
    name: "客户端",
    client: |transport, number| format!("{transport} 客户端 {number}"),
    new_client: "+ 新客户端",
    transports: ["TCP", "UDP", "Unix 流", "Unix 数据报"],
    short: ["TCP", "UDP", "Unix", "Unix 数据报"],
    transport: "传输方式",
    family: "地址族",
    target: "目标",
    server_at: |address| format!("回显服务器 {address}"),
    server_stopped: |address| format!("回显服务器 {address}（已停止）"),
    named_at: |address| format!("指定目标 {address}"),
    nobody: "没有人监听的地方",
    no_target: "这里没有这一类回显服务器。",
    connect: "连接",
    open_only: "只建套接字",
    open_only_title: "调用 socket()，暂不连接",
    options: "选项",
    recv_size: "recv 大小",
    rule: "读取",
    rules: rules_zh,
    connected: "先 connect() 再 send()",
    no_delay: "TCP_NODELAY",
    send_buffer: "发送缓冲区",
    recv_buffer: "接收缓冲区",
    system_default: "自动",
    message: "消息",
    mode: "消息格式",
    modes: ["文本", "十六进制", "文件"],
    placeholders: [r"在此输入；可用转义 \n \r \t \0 \xNN \\", "68 65 6c 6c 6f"],
    choose_file: "选择文件",
    repeat: "次",
    send: "发送",
    shut_down: "停止发送",
    shut_down_title: "shutdown(SHUT_WR)：表示“我不再发送”，但仍可接收",
    close: "关闭",
    close_title: "close()：内核用 FIN 道别",
    abort: "异常终止",
    abort_title: "以 SO_LINGER 0 调用 close()：内核用 RST 重置连接",
    pause_reading: "暂停读取",
    resume_reading: "恢复读取",
    one_recv: "再 recv 一次",
    one_recv_title: "比读取规则多调用一次 recv：它会一直等到有数据来",
    cancel: "取消",
    progress: |done, all| format!("已交给 send() {done} / {all} 字节"),
    file_too_long: |most| format!("一个数据报最多携带 {most} 字节：请选较小的文件，或改用流。"),
    file_unreadable: "浏览器无法读取该文件，请重新选择。",
    file_sent: |bytes| format!("整个文件（{bytes} 字节）已交给客户端"),
    first_connect: "请先连接",
    is_connecting: "connect() 尚未返回",
    sends_soon: "connect() 一返回就发送",
    divider: "对话记录的高度：拖动，或用方向键",
    is_shut: "它的发送方向已停止",
    is_closed: "它已关闭；请打开新的客户端",
    is_away: "Socketscope 程序不在线",
    not_yours: "这个客户端属于别人；你可以观看",
    waiting: "等待中…",
    times: |times| format!("{times} 次"),
    received: |bytes, recvs, took| {
        took.map_or_else(
            || format!("{recvs} 次 recv 共 {bytes} 字节"),
            |took| format!("{recvs} 次 recv 共 {bytes} 字节 · {took}"),
        )
    },
    nothing_missing: "一字节不少",
    missing: |bytes| format!("还有 {bytes} 字节没有回来"),
    cut: |bytes| format!("被截掉 {bytes} 字节"),
    end: "recv = 0：对方不再发送",
    more_bytes: |bytes| format!("另有 {bytes} 字节"),
    empty: "这个套接字已存在，还没有对它做任何事。",
    mistake: |mistake| match mistake {
        Mistake::LoneBackslash => r"末尾的反斜杠是转义的开头：要输入反斜杠请写 \\。".into(),
        Mistake::UnknownEscape(letter) => {
            format!(r"\{letter} 不是转义。可用的有 \n \r \t \0 \xNN 和 \\；要原样输入请写 \\{letter}。")
        }
        Mistake::ShortHexEscape => r"\x 之后需要两位十六进制数字，例如 \x0a。".into(),
        Mistake::OddHex => "一个字节是两位十六进制数字，末尾少了一位。".into(),
        Mistake::NotHex(at) => format!("第 {at} 个字符不是十六进制数字（0 到 9，a 到 f）。"),
    },
    heard: |who, bytes| format!("{who} 收到 {bytes} 字节"),
};
