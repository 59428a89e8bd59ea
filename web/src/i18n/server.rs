//! The words of the servers and their settings.

use protocol::program::{LoopRule, Setting, TcpMode};

/// The sentences.
pub struct Server {
    /// The heading over the servers.
    pub servers: &'static str,
    /// The heading over the settings.
    pub settings: &'static str,
    /// The button that shows the servers on IPv6: how many.
    pub twins: fn(usize) -> String,
    /// A server's state.
    pub listening: &'static str,
    /// A datagram server's state.
    pub receiving: &'static str,
    /// A server's state.
    pub stopped: &'static str,
    /// Button.
    pub stop: &'static str,
    /// What it does.
    pub stop_title: &'static str,
    /// Button.
    pub start: &'static str,
    /// Button.
    pub rebind: &'static str,
    /// What it does.
    pub rebind_title: &'static str,
    /// Button: the server closes this connection first.
    pub hang_up: &'static str,
    /// The same for screen readers, with the peer.
    pub hang_up_on: fn(&str) -> String,
    /// Label.
    pub mode: &'static str,
    /// A mode's name.
    pub modes: fn(TcpMode) -> &'static str,
    /// What a mode does.
    pub mode_help: fn(TcpMode) -> &'static str,
    /// Button.
    pub pause: &'static str,
    /// Button.
    pub resume: &'static str,
    /// What pausing does.
    pub pause_title: &'static str,
    /// Label of the checkbox.
    pub accepting: &'static str,
    /// Label, bytes.
    pub recv_size: &'static str,
    /// Label.
    pub backlog: &'static str,
    /// Label.
    pub rule: &'static str,
    /// A loop rule's name for a server.
    pub rules: fn(LoopRule) -> &'static str,
    /// Label, milliseconds.
    pub think: &'static str,
    /// Label.
    pub no_delay: &'static str,
    /// Label.
    pub send_buffer: &'static str,
    /// Label.
    pub recv_buffer: &'static str,
    /// Label.
    pub reuse_address: &'static str,
    /// Beside a setting that does not hold yet.
    pub waits: &'static str,
    /// Beside a setting that holds for connections accepted from now on.
    pub next_connection: &'static str,
    /// Some settings wait: which.
    pub waiting: fn(&str) -> String,
    /// What the settings hold for.
    pub for_all: &'static str,
    /// The label of a setting.
    pub setting: fn(&Setting) -> &'static str,
}

fn rules_en(rule: LoopRule) -> &'static str {
    match rule {
        LoopRule::Once => "after every recv",
        LoopRule::UntilShort => "after a short recv",
        LoopRule::UntilLen => "after every recv (no length known)",
        LoopRule::UntilEof => "at the end of the stream",
        LoopRule::Framed => "after a framed message",
    }
}

fn rules_zh(rule: LoopRule) -> &'static str {
    match rule {
        LoopRule::Once => "每次 recv 之后",
        LoopRule::UntilShort => "recv 不满上限之后",
        LoopRule::UntilLen => "每次 recv 之后（不知长度）",
        LoopRule::UntilEof => "流结束时",
        LoopRule::Framed => "收完一条定界消息之后",
    }
}

fn setting_en(setting: &Setting) -> &'static str {
    match setting {
        Setting::TcpMode(_) => "TCP clients",
        Setting::RecvSize(_) => "recv size",
        Setting::Backlog(_) => "backlog",
        Setting::Rule(_) => "answers",
        Setting::Think(_) => "think time",
        Setting::Reading(_) => "reading",
        Setting::Accepting(_) => "accepting",
        Setting::NoDelay(_) => "TCP_NODELAY",
        Setting::SendBuffer(_) => "send buffer",
        Setting::RecvBuffer(_) => "receive buffer",
        Setting::ReuseAddress(_) => "SO_REUSEADDR",
    }
}

fn setting_zh(setting: &Setting) -> &'static str {
    match setting {
        Setting::TcpMode(_) => "TCP 客户端",
        Setting::RecvSize(_) => "recv 大小",
        Setting::Backlog(_) => "backlog",
        Setting::Rule(_) => "应答时机",
        Setting::Think(_) => "思考时间",
        Setting::Reading(_) => "读取",
        Setting::Accepting(_) => "accept",
        Setting::NoDelay(_) => "TCP_NODELAY",
        Setting::SendBuffer(_) => "发送缓冲区",
        Setting::RecvBuffer(_) => "接收缓冲区",
        Setting::ReuseAddress(_) => "SO_REUSEADDR",
    }
}

/// English.
pub const EN: Server = Server {
    servers: "Echo servers",
    settings: "Server settings",
    twins: |count| format!("the same on IPv6 ({count})"),
    listening: "listening",
    receiving: "receiving",
    stopped: "stopped",
    stop: "Stop",
    stop_title: "Close the listening socket; connections live on",
    start: "Start",
    rebind: "Rebind",
    rebind_title: "Close the listening socket and bind it again, with the settings that waited for it",
    hang_up: "Hang up",
    hang_up_on: |peer| format!("Hang up on {peer}: the server closes first"),
    mode: "TCP clients",
    modes: |mode| match mode {
        TcpMode::OneAtATime => "one at a time",
        TcpMode::TaskPerClient => "a task per client",
        TcpMode::TutorialExactly => "the tutorial, exactly",
    },
    mode_help: |mode| match mode {
        TcpMode::OneAtATime => "The next client waits in its seat until this one closes.",
        TcpMode::TaskPerClient => "Every client is served at once.",
        TcpMode::TutorialExactly => {
            "Never checks for the empty recv: after a clean close it spins and never accepts again."
        }
    },
    pause: "Pause reading",
    resume: "Resume reading",
    pause_title: "The server stops before its next recv: bytes pile up in the kernel",
    accepting: "accepts",
    recv_size: "recv size, bytes",
    backlog: "Backlog",
    rule: "Answers",
    rules: rules_en,
    think: "Thinks, ms",
    no_delay: "TCP_NODELAY",
    send_buffer: "Send buffer, bytes",
    recv_buffer: "Receive buffer, bytes",
    reuse_address: "SO_REUSEADDR",
    waits: "waits for a rebind",
    next_connection: "for the next connection",
    waiting: |which| format!("Wait for a rebind: {which}. Press Rebind at a server."),
    for_all: "For all echo servers and everybody who looks.",
    setting: setting_en,
};

/// 简体中文.
pub const ZH: Server = Server {
    servers: "回显服务器",
    settings: "服务器设置",
    twins: |count| format!("IPv6 上的同样服务器（{count}）"),
    listening: "监听中",
    receiving: "接收中",
    stopped: "已停止",
    stop: "停止",
    stop_title: "关闭监听套接字；已有连接继续",
    start: "启动",
    rebind: "重新绑定",
    rebind_title: "关闭监听套接字并重新绑定，使等待中的设置生效",
    hang_up: "挂断",
    hang_up_on: |peer| format!("挂断 {peer}：由服务器先关闭"),
    mode: "TCP 客户端",
    modes: |mode| match mode {
        TcpMode::OneAtATime => "一次一个",
        TcpMode::TaskPerClient => "每个客户端一个任务",
        TcpMode::TutorialExactly => "与教程完全一致",
    },
    mode_help: |mode| match mode {
        TcpMode::OneAtATime => "下一个客户端坐在座位上，等到当前这个关闭。",
        TcpMode::TaskPerClient => "所有客户端同时得到服务。",
        TcpMode::TutorialExactly => "从不检查空的 recv：对方正常关闭后它空转，再也不 accept。",
    },
    pause: "暂停服务器读取",
    resume: "恢复服务器读取",
    pause_title: "服务器停在下一次 recv 之前：字节堆积在内核里",
    accepting: "调用 accept",
    recv_size: "recv 大小，字节",
    backlog: "Backlog",
    rule: "应答时机",
    rules: rules_zh,
    think: "思考，毫秒",
    no_delay: "TCP_NODELAY",
    send_buffer: "发送缓冲区，字节",
    recv_buffer: "接收缓冲区，字节",
    reuse_address: "SO_REUSEADDR",
    waits: "等待重新绑定",
    next_connection: "下一个连接起生效",
    waiting: |which| format!("等待重新绑定：{which}。请在某个服务器处按“重新绑定”。"),
    for_all: "对所有回显服务器和所有观看者生效。",
    setting: setting_zh,
};
