//! The words of the page's frame: header, notices, panels, keys.

use protocol::capability::{Ability, WorldKind};
use protocol::message::GapReason;

/// The sentences.
pub struct Shell {
    /// The world switch.
    pub worlds: &'static str,
    /// A world's name.
    pub world: fn(WorldKind) -> &'static str,
    /// After the name of a world one cannot go to.
    pub world_later: &'static str,
    /// The page goes to another world: which.
    pub switching: fn(&str) -> String,
    /// The status while the first connection is made.
    pub connecting: &'static str,
    /// The status while it is live: the address, the system.
    pub running: fn(&str, &str) -> String,
    /// The status while it is gone.
    pub away: &'static str,
    /// What to know when it is gone.
    pub away_long: &'static str,
    /// In so many seconds another attempt is made.
    pub retry_in: fn(u64) -> String,
    /// An attempt is being made.
    pub retrying: &'static str,
    /// The button.
    pub try_now: &'static str,
    /// What came in could not be read, and why.
    pub broken: fn(&str) -> String,
    /// The button that loads the page again.
    pub reload: &'static str,
    /// Events are missing: how many, and why.
    pub hole: fn(u64, Option<GapReason>) -> String,
    /// The button that puts a notice away.
    pub dismiss: &'static str,
    /// Calls and packets so far.
    pub tally: fn(u64, u64, u64) -> String,
    /// No packet can be seen; calls only.
    pub tally_calls: fn(u64) -> String,
    /// The button to the other language, in that language.
    pub other_language: &'static str,
    /// What that button does, for screen readers.
    pub switch_language: &'static str,
    /// The theme button: system, light, dark.
    pub theme: [&'static str; 3],
    /// Opens the list of keys.
    pub keys: &'static str,
    /// Opens what works here.
    pub abilities: &'static str,
    /// An ability's name.
    pub ability: fn(Ability) -> &'static str,
    /// It works.
    pub works: &'static str,
    /// What would help.
    pub remedy: &'static str,
    /// Closes a dialog.
    pub close: &'static str,
    /// The left panel, for screen readers.
    pub left_panel: &'static str,
    /// The right panel, for screen readers.
    pub right_panel: &'static str,
    /// The button that shows or hides the left panel.
    pub toggle_left: &'static str,
    /// The button that shows or hides the right panel.
    pub toggle_right: &'static str,
    /// The mode without a task.
    pub free_play: &'static str,
    /// The heading over sockets.
    pub sockets: &'static str,
    /// No socket yet.
    pub no_sockets: &'static str,
    /// An echo server's socket, after its transport.
    pub server: &'static str,
    /// The socket of a client of a page, after its transport.
    pub client: &'static str,
    /// A connection nobody accepted yet.
    pub not_accepted: &'static str,
    /// A socket in TIME_WAIT: so many seconds more.
    pub kept: fn(u64) -> String,
    /// A socket in SYN_RECV: so many seconds more.
    pub answers_again: fn(u64) -> String,
    /// Seats taken, of how many.
    pub seats: fn(u64, u64) -> String,
    /// Bytes waiting in a receive buffer.
    pub unread: fn(u64) -> String,
    /// The heading over other programs.
    pub others: &'static str,
    /// No other program yet, and how to get one.
    pub no_others: &'static str,
    /// A process number.
    pub pid: fn(u32) -> String,
    /// Its calls are not seen.
    pub calls_hidden: &'static str,
    /// The program is gone.
    pub gone: &'static str,
    /// The button that has the ladder follow a program.
    pub follow: fn(&str) -> String,
    /// Freezes the picture.
    pub freeze: &'static str,
    /// Lets it go on.
    pub unfreeze: &'static str,
    /// What freezing does and does not do.
    pub frozen: &'static str,
    /// Begins a new, empty record.
    pub clear: &'static str,
    /// What clearing does.
    pub clear_title: &'static str,
    /// Shows the events as a table.
    pub table: &'static str,
    /// Shows the ladder again.
    pub ladder: &'static str,
    /// The choice of whom to follow.
    pub following: &'static str,
    /// Follow the newest.
    pub everybody: &'static str,
    /// The first sentence of the first visit.
    pub welcome: &'static str,
    /// The rest of it.
    pub welcome_more: &'static str,
    /// The tabs of a narrow screen: ladder, bytes, code, more.
    pub tabs: [&'static str; 4],
    /// The tabs' name for screen readers.
    pub tabs_name: &'static str,
    /// Keys, and what they do.
    pub key_list: &'static [(&'static str, &'static str)],
    /// Keys do nothing while typing.
    pub keys_note: &'static str,
    /// A link over everything, for the keyboard.
    pub skip: &'static str,
}

fn world_en(world: WorldKind) -> &'static str {
    match world {
        WorldKind::ThisComputer => "This computer",
        WorldKind::TwoHosts => "Two hosts",
        WorldKind::InThisPage => "In this page",
        WorldKind::Replay => "Replay",
    }
}

fn world_zh(world: WorldKind) -> &'static str {
    match world {
        WorldKind::ThisComputer => "本机",
        WorldKind::TwoHosts => "两台主机",
        WorldKind::InThisPage => "网页内模拟",
        WorldKind::Replay => "回放",
    }
}

fn ability_en(ability: Ability) -> &'static str {
    match ability {
        Ability::Tcp4 => "TCP over IPv4",
        Ability::Tcp6 => "TCP over IPv6",
        Ability::Udp4 => "UDP over IPv4",
        Ability::Udp6 => "UDP over IPv6",
        Ability::UnixStream => "Unix stream sockets",
        Ability::UnixDatagram => "Unix datagram sockets",
        Ability::Packets => "See the packets",
        Ability::Wire => "Hold, drop and delay packets",
        Ability::KernelValues => "See the kernel's states and values",
        Ability::OtherPrograms => "See other programs",
        Ability::ProgramNames => "Know other programs by name",
        Ability::VirtualTime => "Stop time, rewind, fork",
        Ability::RunPrograms => "Run your program and see its calls",
    }
}

fn ability_zh(ability: Ability) -> &'static str {
    match ability {
        Ability::Tcp4 => "IPv4 上的 TCP",
        Ability::Tcp6 => "IPv6 上的 TCP",
        Ability::Udp4 => "IPv4 上的 UDP",
        Ability::Udp6 => "IPv6 上的 UDP",
        Ability::UnixStream => "Unix 流套接字",
        Ability::UnixDatagram => "Unix 数据报套接字",
        Ability::Packets => "看到报文",
        Ability::Wire => "扣住、丢弃、延迟报文",
        Ability::KernelValues => "看到内核的状态和数值",
        Ability::OtherPrograms => "看到外部程序",
        Ability::ProgramNames => "知道外部程序的名字",
        Ability::VirtualTime => "暂停时间、倒带、分叉",
        Ability::RunPrograms => "运行你的程序并看到它的调用",
    }
}

/// English.
pub const EN: Shell = Shell {
    worlds: "World: who plays TCP/IP",
    world: world_en,
    world_later: "not available now: see why",
    switching: |world| format!("going to {world}…"),
    connecting: "connecting to the Socketscope program…",
    running: |address, system| format!("running on {address} · {system}"),
    away: "the Socketscope program is away",
    away_long: "The Socketscope program does not answer. What happened so far stays here; if it was stopped, start it again and this page goes on by itself.",
    retry_in: |seconds| format!("Trying again in {seconds} s."),
    retrying: "Trying now…",
    try_now: "Try now",
    broken: |why| {
        format!(
            "This page cannot read what the Socketscope program says ({why}). They are probably of different versions: load the page again."
        )
    },
    reload: "Load again",
    hole: |count, reason| {
        let why = match reason {
            Some(GapReason::TooOld) => "they were too old and had left the record",
            Some(GapReason::Budget) => "more happened than a page can be told",
            Some(GapReason::SlowViewer) => "this page read too slowly",
            None => "nobody said why, which is a fault of ours",
        };
        format!("{count} events are missing from the picture: {why}. The sockets were not affected.")
    },
    dismiss: "Put this notice away",
    tally: |calls, packets, dropped| {
        let dropped = if dropped > 0 { format!(" · {dropped} dropped") } else { String::new() };
        format!("{calls} calls · {packets} packets{dropped}")
    },
    tally_calls: |calls| format!("{calls} calls"),
    other_language: "中文",
    switch_language: "切换到中文",
    theme: ["Theme: as the system", "Theme: light", "Theme: dark"],
    keys: "Keys",
    abilities: "What works here",
    ability: ability_en,
    works: "works",
    remedy: "What helps:",
    close: "Close this list",
    left_panel: "Servers and sockets",
    right_panel: "Inspector",
    toggle_left: "Servers and sockets panel",
    toggle_right: "Inspector panel",
    free_play: "Free play",
    sockets: "Sockets",
    no_sockets: "none yet",
    server: "server",
    client: "client",
    not_accepted: "waits in a seat, not accepted yet",
    kept: |seconds| ["closed; the kernel keeps it, ", &seconds.to_string(), " s more"].concat(),
    answers_again: |seconds| ["sends SYN, ACK again within ", &seconds.to_string(), " s"].concat(),
    seats: |taken, of| format!("{taken} of {of} seats taken"),
    unread: |bytes| format!("{bytes} bytes not read yet"),
    others: "Other programs",
    no_others: "Connect with nc or with a program of your own: it appears here by itself.",
    pid: |pid| format!("process {pid}"),
    calls_hidden: "calls not visible",
    gone: "gone",
    follow: |name| format!("Follow {name}"),
    freeze: "Freeze view",
    unfreeze: "Go on",
    frozen: "Only the picture stands still. The programs and the kernel go on.",
    clear: "Clear",
    clear_title: "Begin a new, empty record for everybody who looks. Sockets stay open.",
    table: "As a table",
    ladder: "As a ladder",
    following: "Follow",
    everybody: "everybody",
    welcome: "An echo server is running, and it is already waiting in accept(), which is normal.",
    welcome_more: "Press Connect to open a real socket, type a message, and watch what one call sets off.",
    tabs: ["Ladder", "Bytes", "Code", "More"],
    tabs_name: "View",
    key_list: &[
        ("space", "freeze the view, and let it go on (also B, on a presenter's remote)"),
        ("← →", "step through what was recorded (also Page Up and Page Down)"),
        ("z", "projector mode: large type, no panels"),
        ("w", "why? to the cause of the chosen mark; Backspace goes back"),
        ("H", "hold the wire, and let it go on (where the wire is ours)"),
        ("C", "catch the next packet, or stop waiting for it"),
        ("D L T", "with a packet held: drop it, let it go, send it twice"),
        ("k . ,", "in this page: stop time; on to the next event; one event back"),
        ("n", "new client"),
        ("/", "find; Ctrl F too; then Enter for the next hit, Shift Enter for the one before"),
        ("m", "go to the message"),
        ("v", "lay what was there before the last Clear beside it"),
        ("1 – 9", "go to a client's console"),
        ("p", "pause the server's reading, and let it read"),
        ("t", "ladder or table of events"),
        ("[", "show or hide servers and sockets"),
        ("]", "show or hide the inspector"),
        ("↑ ↓", "in the message: earlier and later messages"),
        ("Enter", "in the message: send it"),
        ("↑ ↓ ← →", "on the ladder: from mark to mark; Home and End too"),
        ("↑ ↓", "on the line above the console: a higher or lower transcript"),
        ("Ctrl S", "save what happened as a file"),
        ("Ctrl O", "open a file"),
        ("Esc", "leave a field, close a list"),
        ("?", "this list"),
    ],
    keys_note: "Single letters do nothing while you type in a field.",
    skip: "Go to the message",
};

/// 简体中文.
pub const ZH: Shell = Shell {
    worlds: "环境：由谁来做 TCP/IP",
    world: world_zh,
    world_later: "现在不可用：查看原因",
    switching: |world| format!("正在切换到{world}…"),
    connecting: "正在连接 Socketscope 程序…",
    running: |address, system| format!("运行于 {address} · {system}"),
    away: "Socketscope 程序不在线",
    away_long: "Socketscope 程序没有回应。已经发生的一切仍保留在这里；如果它被停止了，重新启动它，本页会自动继续。",
    retry_in: |seconds| format!("{seconds} 秒后重试。"),
    retrying: "正在重试…",
    try_now: "立即重试",
    broken: |why| format!("本页读不懂 Socketscope 程序发来的内容（{why}）。两者的版本很可能不同：请重新加载本页。"),
    reload: "重新加载",
    hole: |count, reason| {
        let why = match reason {
            Some(GapReason::TooOld) => "它们太旧，已不在记录中",
            Some(GapReason::Budget) => "发生的事多于网页能接收的",
            Some(GapReason::SlowViewer) => "本页读得太慢",
            None => "没有说明原因，这是我们的缺陷",
        };
        format!("图中缺少 {count} 个事件：{why}。套接字本身不受影响。")
    },
    dismiss: "关闭此提示",
    tally: |calls, packets, dropped| {
        let dropped = if dropped > 0 { format!(" · 丢弃 {dropped} 个") } else { String::new() };
        format!("{calls} 次调用 · {packets} 个报文{dropped}")
    },
    tally_calls: |calls| format!("{calls} 次调用"),
    other_language: "English",
    switch_language: "Switch to English",
    theme: ["主题：跟随系统", "主题：浅色", "主题：深色"],
    keys: "快捷键",
    abilities: "这里能做什么",
    ability: ability_zh,
    works: "可用",
    remedy: "解决办法：",
    close: "关闭此列表",
    left_panel: "服务器与套接字",
    right_panel: "检视",
    toggle_left: "服务器与套接字面板",
    toggle_right: "检视面板",
    free_play: "自由操作",
    sockets: "套接字",
    no_sockets: "暂无",
    server: "服务器",
    client: "客户端",
    not_accepted: "占着一个座位，尚未被 accept",
    kept: |seconds| ["已关闭；内核还保留它 ", &seconds.to_string(), " 秒"].concat(),
    answers_again: |seconds| [&seconds.to_string(), " 秒内会重发 SYN, ACK"].concat(),
    seats: |taken, of| format!("{of} 个座位已占 {taken} 个"),
    unread: |bytes| format!("{bytes} 字节尚未读取"),
    others: "外部程序",
    no_others: "用 nc 或你自己的程序连接，它会自动出现在这里。",
    pid: |pid| format!("进程 {pid}"),
    calls_hidden: "调用不可见",
    gone: "已离开",
    follow: |name| format!("跟随 {name}"),
    freeze: "定格画面",
    unfreeze: "继续",
    frozen: "只有画面停住了，程序和内核仍在继续。",
    clear: "清空",
    clear_title: "为所有观看者开始一份新的空记录。套接字保持打开。",
    table: "显示为表格",
    ladder: "显示为时序图",
    following: "跟随",
    everybody: "所有人",
    welcome: "回显服务器正在运行，已经在 accept() 里等待，这是正常的。",
    welcome_more: "按“连接”打开一个真正的套接字，输入一条消息，看一次调用会引发什么。",
    tabs: ["时序图", "字节", "代码", "更多"],
    tabs_name: "视图",
    key_list: &[
        ("space", "定格画面，再按继续（翻页笔的 B 键亦可）"),
        ("← →", "逐步查看记录下来的事（Page Up、Page Down 亦可）"),
        ("z", "投影模式：大字号，不显示面板"),
        ("w", "为什么？转到所选标记的原因；Backspace 返回"),
        ("H", "扣住线路，再按放行（在我们的线路上）"),
        ("C", "拦截下一个报文，再按取消等待"),
        ("D L T", "扣住报文时：丢弃、放行、发两份"),
        ("k . ,", "网页内模拟时：停住时间；前进到下一事件；后退一个事件"),
        ("n", "新客户端"),
        ("/", "查找，也可按 Ctrl F；之后按 Enter 到下一处，Shift Enter 到上一处"),
        ("m", "转到消息框"),
        ("v", "把上次清空之前的运行并排"),
        ("1 – 9", "转到某个客户端的控制台"),
        ("p", "暂停服务器的读取，再按恢复"),
        ("t", "时序图或事件表格"),
        ("[", "显示或隐藏服务器与套接字"),
        ("]", "显示或隐藏检视面板"),
        ("↑ ↓", "在消息框中：较早和较晚的消息"),
        ("Enter", "在消息框中：发送"),
        ("↑ ↓ ← →", "在时序图上：逐个标记移动；Home 和 End 亦可"),
        ("↑ ↓", "在控制台上方的分隔线上：调整对话记录的高度"),
        ("Ctrl S", "把发生的一切存为文件"),
        ("Ctrl O", "打开文件"),
        ("Esc", "离开输入框，关闭列表"),
        ("?", "本列表"),
    ],
    keys_note: "在输入框中打字时，单个字母不起快捷键作用。",
    skip: "转到消息框",
};
