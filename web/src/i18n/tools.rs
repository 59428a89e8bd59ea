//! The words of the menus: taking the story along as a picture or packets, and joining in with a program of one's own.

use protocol::address::Transport;

/// The sentences.
pub struct Tools {
    /// Packets as the wire, the client, the server saw them.
    pub packets: [&'static str; 3],
    /// What they are for.
    pub packets_more: &'static str,
    /// The ladder as a picture.
    pub picture: &'static str,
    /// What it holds.
    pub picture_more: &'static str,
    /// What it holds.
    pub transcript_more: &'static str,
    /// Nobody is followed, so there is none.
    pub no_transcript: &'static str,
    /// Button.
    pub copy: &'static str,
    /// It is in the clipboard.
    pub copied: &'static str,
    /// The browser did not allow it.
    pub not_copied: &'static str,
    /// Opens the panel, and its heading.
    pub program: &'static str,
    /// Its first sentence.
    pub program_lead: &'static str,
    /// Label over the choice of server.
    pub program_server: &'static str,
    /// No server runs.
    pub program_none: &'static str,
    /// Over the Python lines: the file's name.
    pub python: fn(&str) -> String,
    /// Over the line for netcat.
    pub netcat: &'static str,
    /// Over the line for our own client.
    pub ours: &'static str,
    /// Where these commands must run in Two hosts.
    pub inside: &'static str,
    /// What one sees of it.
    pub program_seen: &'static str,
    /// Runs a program with its calls and packets on the ladder.
    pub run: &'static str,
    /// A server in the choice: its transport, its address.
    pub server: fn(Transport, &str) -> String,
}

fn transport_en(transport: Transport) -> &'static str {
    match transport {
        Transport::Tcp => "TCP",
        Transport::Udp => "UDP",
        Transport::UnixStream => "Unix stream",
        Transport::UnixDatagram => "Unix datagram",
    }
}

fn transport_zh(transport: Transport) -> &'static str {
    match transport {
        Transport::Tcp => "TCP",
        Transport::Udp => "UDP",
        Transport::UnixStream => "Unix 流",
        Transport::UnixDatagram => "Unix 数据报",
    }
}

/// English.
pub const EN: Tools = Tools {
    packets: ["Packets as the wire saw them", "Packets as the client saw them", "Packets as the server saw them"],
    packets_more: "pcapng, for Wireshark",
    picture: "Ladder, SVG",
    picture_more: "a picture, as it looks now",
    transcript_more: "what this client sent and received",
    no_transcript: "no client is chosen",
    copy: "Copy",
    copied: "Copied",
    not_copied: "The browser did not allow it: select the text and copy it yourself.",
    program: "Your program",
    program_lead: "Any program can talk to these servers. It appears on the ladder by itself.",
    program_server: "Server",
    program_none: "No server runs. Start one in the panel “Servers and sockets”.",
    python: |file| format!("Python: save as {file}"),
    netcat: "netcat: type a line, press Enter",
    ours: "Socketscope's own client, the tutorial's",
    inside: "This server lives inside the server host: your program reaches it from inside the client host, as below.",
    program_seen: "Its calls stay its own secret: the ladder shows what the kernel tells about its socket.",
    run: "Run it inside the client host",
    server: |transport, address| format!("{} {address}", transport_en(transport)),
};

/// 简体中文.
pub const ZH: Tools = Tools {
    packets: ["线路上看到的报文", "客户端看到的报文", "服务器看到的报文"],
    packets_more: "pcapng，用 Wireshark 打开",
    picture: "时序图，SVG",
    picture_more: "一张图，与现在所见相同",
    transcript_more: "这个客户端发送和收到的内容",
    no_transcript: "没有选中客户端",
    copy: "复制",
    copied: "已复制",
    not_copied: "浏览器不允许：请自行选中文字并复制。",
    program: "你的程序",
    program_lead: "任何程序都可以与这些服务器对话，它会自动出现在时序图上。",
    program_server: "服务器",
    program_none: "没有服务器在运行。请在“服务器与套接字”面板中启动一个。",
    python: |file| format!("Python：保存为 {file}"),
    netcat: "netcat：输入一行，按 Enter",
    ours: "Socketscope 自带的客户端，与教程相同",
    inside: "这个服务器在服务器主机里：你的程序要像下面这样，在客户端主机里运行才能到达它。",
    program_seen: "它的调用仍是它自己的秘密：时序图显示内核所说的它的套接字。",
    run: "在客户端主机里运行它",
    server: |transport, address| format!("{} {address}", transport_zh(transport)),
};
