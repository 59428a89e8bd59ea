//! The words of the projector mode and of the first five minutes.

/// The sentences.
pub struct Look {
    /// Large type, panels hidden.
    pub projector: &'static str,
    /// A program's name: what runs in the Socketscope program has an English one.
    pub program: fn(&str) -> String,
    /// The button that puts a client's tab away.
    pub put_away: &'static str,
    /// The tour, for screen readers.
    pub tour: &'static str,
    /// Leaves it.
    pub skip: &'static str,
    /// Goes on.
    pub next: &'static str,
    /// Ends it.
    pub done: &'static str,
    /// After `connect`: so many packets were seen, or none can be.
    pub connected: fn(Option<usize>) -> String,
    /// After a `connect` that sends nothing: datagrams.
    pub connected_datagrams: &'static str,
    /// What to do with the message.
    pub press_enter: &'static str,
    /// After the answer.
    pub answered: &'static str,
    /// The question about three sends.
    pub question: &'static str,
    /// While they are sent.
    pub sending: &'static str,
    /// What came of it: how many recvs, what was chosen, whether a stream.
    pub outcome: fn(usize, usize, bool) -> String,
    /// The button that opens a second client.
    pub second: &'static str,
    /// It sits in its seat.
    pub seated: &'static str,
    /// The server takes everybody at once.
    pub taken: &'static str,
    /// The last step.
    pub own: &'static str,
}

fn outcome_en(recvs: usize, chosen: usize, stream: bool) -> String {
    let verdict = if recvs == chosen { "Right: " } else { "" };
    let count = if recvs == 1 { "1 recv".to_owned() } else { [&recvs.to_string(), " recvs"].concat() };
    let why = match (stream, recvs) {
        (true, 1) => {
            "three colours in one recv. TCP keeps the bytes, not your edges: whoever needs messages must mark their ends."
        }
        (true, _) => "this time. TCP keeps the bytes, not your edges: the number may be another one every time.",
        (false, _) => "datagrams keep their edges, one recv for each.",
    };
    [verdict, &count, ": ", why].concat()
}

fn outcome_zh(recvs: usize, chosen: usize, stream: bool) -> String {
    let verdict = if recvs == chosen { "答对了：" } else { "" };
    let why = match (stream, recvs) {
        (true, 1) => "一次 recv 里有三种颜色。TCP 只保证字节，不保留你的边界：需要消息的程序必须自己标出结尾。",
        (true, _) => "这一次如此。TCP 只保证字节，不保留你的边界：次数每回都可能不同。",
        (false, _) => "数据报保留边界，每个各需一次 recv。",
    };
    [verdict, "共 ", &recvs.to_string(), " 次 recv。", why].concat()
}

/// Also for sentences that speak of a program.
pub(super) fn program_zh(name: &str) -> String {
    let said = [(" echo server", " 回显服务器"), (" client", " 客户端"), (" stream", " 流"), (" datagram", " 数据报")];
    said.iter().fold(name.to_owned(), |name, (english, chinese)| name.replace(english, chinese))
}

/// English.
pub const EN: Look = Look {
    projector: "Projector mode: large type, no panels",
    program: str::to_owned,
    put_away: "Put this tab away",
    tour: "The first five minutes",
    skip: "Skip the tour",
    next: "Next",
    done: "Done",
    connected: |packets| match packets {
        Some(3) => "connect() was one call; the kernels sent three packets.".into(),
        Some(count) => ["connect() was one call; the kernels sent ", &count.to_string(), " packets."].concat(),
        None => "connect() was one call. What the kernel did for it cannot be seen here.".into(),
    },
    connected_datagrams: "connect() sent nothing: it only told the kernel where datagrams go.",
    press_enter: "Now press Enter: the message says hello.",
    answered: "It came back in capitals: each direction is a stream of its own.",
    question: "Send one, two and three while the server is not reading. How many recvs will it need?",
    sending: "The server is not reading. one, two and three go into its kernel…",
    outcome: outcome_en,
    second: "Connect a second client",
    seated: "The second client is connected, yet nobody accepted it: its connection sits in a seat of LISTEN until the server has done with the first.",
    taken: "The second client was accepted at once: this server does not make anybody wait.",
    own: "Now your own program: whatever connects appears here by itself.",
};

/// 简体中文.
pub const ZH: Look = Look {
    projector: "投影模式：大字号，不显示面板",
    program: program_zh,
    put_away: "收起此标签页",
    tour: "最初五分钟",
    skip: "跳过导览",
    next: "下一步",
    done: "完成",
    connected: |packets| match packets {
        Some(count) => ["connect() 只是一次调用，两边的内核却发了 ", &count.to_string(), " 个报文。"].concat(),
        None => "connect() 只是一次调用。内核为它做的事在这里看不到。".into(),
    },
    connected_datagrams: "connect() 什么也没有发送：它只告诉内核数据报发往哪里。",
    press_enter: "现在按 Enter：消息是 hello。",
    answered: "它以大写返回了：每个方向各是一条流。",
    question: "在服务器不读取时发送 one、two、three，它需要几次 recv？",
    sending: "服务器没有在读取。one、two、three 正进入它的内核……",
    outcome: outcome_zh,
    second: "再连接一个客户端",
    seated: "第二个客户端已经连上，却还没有被 accept：它的连接坐在 LISTEN 的座位上，直到服务器服务完第一个客户端。",
    taken: "第二个客户端立刻被接受了：这个服务器不让任何人等待。",
    own: "轮到你自己的程序了：任何连上来的程序都会自动出现在这里。",
};
