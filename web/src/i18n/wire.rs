//! The words of the wire: hold, catch, conditions, and a packet stopped in the middle.

use protocol::wire::{Matches, Verdict};

/// The sentences.
pub struct Wire {
    /// The controls, for screen readers.
    pub controls: &'static str,
    /// Stops all deliveries.
    pub hold: &'static str,
    /// Lets them go on.
    pub holding: &'static str,
    /// What holding does, and what it does not.
    pub hold_title: &'static str,
    /// Waits for a packet of this sort: which.
    pub catch: fn(&str) -> String,
    /// It is waited for: which. The button stops waiting.
    pub catching: fn(&str) -> String,
    /// What catching does.
    pub catch_title: &'static str,
    /// Opens the choice of what to catch.
    pub catch_what: &'static str,
    /// A sort of packet.
    pub sort: fn(Matches) -> &'static str,
    /// The so many-th of a sort.
    pub nth_of: fn(u32, &str) -> String,
    /// Label: which one of the sort.
    pub nth: &'static str,
    /// Label.
    pub way: &'static str,
    /// Both ways, to the server, to the client.
    pub ways: [&'static str; 3],
    /// Button that begins to wait.
    pub catch_now: &'static str,
    /// Cuts the cable.
    pub cut: &'static str,
    /// Joins it again.
    pub mend: &'static str,
    /// What cutting does.
    pub cut_title: &'static str,
    /// Opens all conditions.
    pub more: &'static str,
    /// The conditions, for screen readers.
    pub conditions: &'static str,
    /// Label: which direction the fields below are for.
    pub applies: &'static str,
    /// Label, milliseconds.
    pub delay: &'static str,
    /// Label, milliseconds.
    pub jitter: &'static str,
    /// Label, percent.
    pub loss: &'static str,
    /// Label, packets.
    pub burst: &'static str,
    /// Label, percent.
    pub duplicate: &'static str,
    /// Label, percent.
    pub reorder: &'static str,
    /// Label, kilobits per second.
    pub rate: &'static str,
    /// Label, packets.
    pub queue: &'static str,
    /// Label, bytes.
    pub mtu: &'static str,
    /// In an empty field: no limit.
    pub unlimited: &'static str,
    /// The two directions differ: the fields show the one to the server.
    pub differ: &'static str,
    /// Button: a clean wire.
    pub clean: &'static str,
    /// A kernel's timers do not stop.
    pub timers: &'static str,
    /// From the client to the server.
    pub to_server: &'static str,
    /// From the server to the client.
    pub to_client: &'static str,
    /// So many bytes of data.
    pub data: fn(u64) -> String,
    /// Some packet: so many bytes in all.
    pub packet: fn(u32) -> String,
    /// Bytes first to last of the stream.
    pub place: fn(u32, u32) -> String,
    /// It was caught; else the whole wire is held.
    pub caught: &'static str,
    /// It waits because the wire is held.
    pub held: &'static str,
    /// The three verdicts.
    pub verdict: fn(Verdict) -> &'static str,
    /// What a verdict does.
    pub verdict_title: fn(Verdict) -> &'static str,
    /// How many more are held.
    pub others: fn(usize) -> String,
    /// Lets all go on.
    pub all_go: &'static str,
    /// In so many seconds the kernel of this side sends it again: whose, when.
    pub again_in: fn(bool, &str) -> String,
    /// It has done so already.
    pub again_done: fn(bool) -> String,
    /// Its bytes went over the wire before.
    pub repeats: &'static str,
    /// The time has come.
    pub again_now: fn(bool) -> String,
    /// For the live region: what was caught.
    pub aloud_caught: fn(&str) -> String,
    /// For the live region: no packet is held any more.
    pub aloud_none: &'static str,
    /// Steps through what was recorded.
    pub step: &'static str,
    /// What stepping does.
    pub step_title: &'static str,
    /// The last step was the last.
    pub step_end: &'static str,
}

/// English.
pub const EN: Wire = Wire {
    controls: "The wire",
    hold: "Hold wire",
    holding: "Let wire go",
    hold_title: "Stop all deliveries. A real kernel's timers do not stop: it sends again what is not answered.",
    catch: |what| format!("Catch next: {what}"),
    catching: |what| format!("Waiting for: {what}"),
    catch_title: "Stop the next such packet in the middle of the wire, and decide what becomes of it",
    catch_what: "What to catch",
    sort: |sort| match sort {
        Matches::Anything => "anything",
        Matches::DataSegment => "data segment",
        Matches::Syn => "SYN",
        Matches::Fin => "FIN",
        Matches::Rst => "RST",
        Matches::PureAck => "ACK",
        Matches::Udp => "UDP datagram",
        Matches::Icmp => "ICMP message",
    },
    nth_of: |nth, sort| format!("{sort} {nth}"),
    nth: "Which one, from now on",
    way: "Direction",
    ways: ["both ways", "client to server", "server to client"],
    catch_now: "Catch it",
    cut: "Cut the cable",
    mend: "Mend the cable",
    cut_title: "Every packet is lost, both ways, and nobody is told",
    more: "More",
    conditions: "Conditions of the wire",
    applies: "For",
    delay: "Delay, ms",
    jitter: "Jitter, ± ms",
    loss: "Loss, %",
    burst: "Lost in bursts of, packets",
    duplicate: "Duplicate, %",
    reorder: "Reorder, %",
    rate: "Rate, kbit/s",
    queue: "Queue before it, packets",
    mtu: "MTU, bytes",
    unlimited: "no limit",
    differ: "The two directions differ; what you change here holds for both.",
    clean: "A clean wire",
    timers: "A real kernel's timers do not stop.",
    to_server: "client → server",
    to_client: "server → client",
    data: |bytes| if bytes == 1 { "1 byte".into() } else { format!("{bytes} bytes") },
    packet: |bytes| format!("packet of {bytes} bytes"),
    place: |first, last| format!("bytes {first}–{last}"),
    caught: "caught",
    held: "held",
    verdict: |verdict| match verdict {
        Verdict::Drop => "Drop",
        Verdict::LetGo => "Let go",
        Verdict::Twice => "Twice",
    },
    verdict_title: |verdict| match verdict {
        Verdict::Drop => "It is lost, and nobody is told",
        Verdict::LetGo => "It goes on its way",
        Verdict::Twice => "It goes on its way, and so does a copy",
    },
    others: |count| if count == 1 { "1 more is held".into() } else { format!("{count} more are held") },
    all_go: "Let all go",
    again_in: |client, time| {
        format!("the {}'s kernel sends it again in {time}", if client { "client" } else { "server" })
    },
    again_done: |client| format!("the {}'s kernel has sent it again already", if client { "client" } else { "server" }),
    repeats: "sent again",
    again_now: |client| format!("the {}'s kernel sends it again now", if client { "client" } else { "server" }),
    aloud_caught: |what| format!("caught: {what}"),
    aloud_none: "nothing is held on the wire any more",
    step: "Step",
    step_title: "Go to the next thing that was recorded, in the order of time",
    step_end: "that is all so far",
};

/// 简体中文.
pub const ZH: Wire = Wire {
    controls: "线路",
    hold: "扣住线路",
    holding: "放行线路",
    hold_title: "停止一切投递。真实内核的定时器不会停：没有得到应答的，它会重发。",
    catch: |what| format!("拦截下一个：{what}"),
    catching: |what| format!("等待中：{what}"),
    catch_title: "把下一个这样的报文停在线路中间，由你决定它的去向",
    catch_what: "拦截什么",
    sort: |sort| match sort {
        Matches::Anything => "任意报文",
        Matches::DataSegment => "数据报文段",
        Matches::Syn => "SYN",
        Matches::Fin => "FIN",
        Matches::Rst => "RST",
        Matches::PureAck => "ACK",
        Matches::Udp => "UDP 数据报",
        Matches::Icmp => "ICMP 消息",
    },
    nth_of: |nth, sort| format!("第 {nth} 个{sort}"),
    nth: "从现在起第几个",
    way: "方向",
    ways: ["双向", "客户端到服务器", "服务器到客户端"],
    catch_now: "拦截",
    cut: "剪断线路",
    mend: "接好线路",
    cut_title: "两个方向的报文全部丢失，没有人会得到通知",
    more: "更多",
    conditions: "线路条件",
    applies: "适用于",
    delay: "时延，毫秒",
    jitter: "抖动，± 毫秒",
    loss: "丢包，%",
    burst: "连续丢失，个",
    duplicate: "重复，%",
    reorder: "乱序，%",
    rate: "速率，kbit/s",
    queue: "其前队列，个",
    mtu: "MTU，字节",
    unlimited: "不限",
    differ: "两个方向不同；在这里修改的对两个方向都生效。",
    clean: "恢复干净线路",
    timers: "真实内核的定时器不会停。",
    to_server: "客户端 → 服务器",
    to_client: "服务器 → 客户端",
    data: |bytes| format!("{bytes} 字节"),
    packet: |bytes| format!("{bytes} 字节的报文"),
    place: |first, last| format!("第 {first}–{last} 字节"),
    caught: "已拦截",
    held: "被扣住",
    verdict: |verdict| match verdict {
        Verdict::Drop => "丢弃",
        Verdict::LetGo => "放行",
        Verdict::Twice => "发两份",
    },
    verdict_title: |verdict| match verdict {
        Verdict::Drop => "它丢失了，没有人会得到通知",
        Verdict::LetGo => "它继续前进",
        Verdict::Twice => "它继续前进，另有一份副本同行",
    },
    others: |count| format!("还扣住 {count} 个"),
    all_go: "全部放行",
    again_in: |client, time| format!("{}的内核将在 {time} 后重发它", if client { "客户端" } else { "服务器" }),
    again_done: |client| format!("{}的内核已经重发了它", if client { "客户端" } else { "服务器" }),
    repeats: "重发",
    again_now: |client| format!("{}的内核正在重发它", if client { "客户端" } else { "服务器" }),
    aloud_caught: |what| format!("已拦截：{what}"),
    aloud_none: "线路上不再扣住任何报文",
    step: "单步",
    step_title: "按时间顺序转到下一件记录下来的事",
    step_end: "目前就这些",
};
