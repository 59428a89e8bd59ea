//! The words of the sources: the Socketscope program, the two hosts in this page, and how to get from one to the other.

/// The sentences.
pub struct Place {
    /// The status while two hosts in this page play: the stack.
    pub in_page: fn(&str) -> String,
    /// The status while a recorded story is shown.
    pub recorded: &'static str,
    /// This page plays by itself because no program answers; what starts one stands between the two.
    pub alone: [&'static str; 2],
    /// The same in a copy on a web server of this computer, before the address of the program's own page.
    pub copy: [&'static str; 2],
    /// The same in a copy elsewhere, which a browser keeps away from this computer.
    pub hosted: [&'static str; 2],
    /// The rest of the first sentence of the first visit.
    pub welcome_more: &'static str,
    /// No other program can join in.
    pub no_others: &'static str,
    /// The program answers now.
    pub here: &'static str,
    /// Button: goes to the program's world.
    pub go_there: fn(&str) -> String,
    /// Button, when the program went away: goes on with two hosts in this page.
    pub go_on: fn(&str) -> String,
}

/// English.
pub const EN: Place = Place {
    in_page: |stack| ["in this page · ", stack, ", simulated"].concat(),
    recorded: "a recorded story",
    alone: [
        "No Socketscope program answers, so two simulated hosts in this page play TCP/IP. To see real sockets of this computer, start the program with",
        "and this page offers to go there.",
    ],
    copy: [
        "This copy of the page comes from a plain web server: two simulated hosts play TCP/IP in it. To see real sockets of this computer, start the program with",
        "and open its own page:",
    ],
    hosted: [
        "This copy of the page comes from the web: two simulated hosts play TCP/IP in it, and nothing needs to be installed. Browsers keep pages from the web away from your computer, so to see its real sockets, start the program there with",
        "and open its own page:",
    ],
    welcome_more: "Press Connect: two simulated hosts in this page are joined by a wire that is yours. Type a message, and watch what one call sets off; stop time whenever you like.",
    no_others: "No other program can reach the two hosts in this page.",
    here: "The Socketscope program is running: you can see real sockets of this computer.",
    go_there: |world| ["Go to: ", world].concat(),
    go_on: |world| ["Go on: ", world].concat(),
};

/// 简体中文.
pub const ZH: Place = Place {
    in_page: |stack| ["在网页内 · ", stack, "，模拟"].concat(),
    recorded: "已录制的记录",
    alone: [
        "没有 Socketscope 程序应答，因此由本页内的两台模拟主机来做 TCP/IP。要看本机真实的套接字，请启动程序：",
        "启动后本页会提示切换。",
    ],
    copy: [
        "本页来自普通的网页服务器，由页内的两台模拟主机来做 TCP/IP。要看本机真实的套接字，请启动程序：",
        "然后打开程序自己的页面：",
    ],
    hosted: [
        "本页来自网络，由页内的两台模拟主机来做 TCP/IP，不需要安装任何东西。浏览器不允许网络上的页面访问你的电脑，因此要看真实的套接字，请在你的电脑上启动程序：",
        "然后打开程序自己的页面：",
    ],
    welcome_more: "按“连接”：本页内的两台模拟主机由一条归你掌管的线路相连。输入一条消息，看一次调用会引发什么；时间可以随时停住。",
    no_others: "外部程序无法连接本页内的两台主机。",
    here: "Socketscope 程序正在运行：可以看本机真实的套接字了。",
    go_there: |world| ["切换到：", world].concat(),
    go_on: |world| ["继续使用：", world].concat(),
};
