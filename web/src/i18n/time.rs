//! The words of virtual time: pause, step, speed, the past, and runs.

/// The sentences.
pub struct Time {
    /// The controls, for screen readers.
    pub controls: &'static str,
    /// Stops time.
    pub pause: &'static str,
    /// Lets it go on.
    pub go_on: &'static str,
    /// What that does.
    pub pause_title: &'static str,
    /// On to the next thing that happens.
    pub step: &'static str,
    /// What that is.
    pub step_title: &'static str,
    /// On to the next packet.
    pub packet: &'static str,
    /// What that does.
    pub packet_title: &'static str,
    /// Label: how fast time goes.
    pub speed: &'static str,
    /// Label of the slider.
    pub back: &'static str,
    /// The time that is shown, and of how long.
    pub of: fn(&str, &str) -> String,
    /// What is shown is the past, and what acting there does.
    pub past: &'static str,
    /// The same in a sentence.
    pub past_title: &'static str,
    /// The run fills the page's memory: so many events.
    pub full: fn(usize) -> String,
    /// The oldest events are not in the page's memory any more: so many.
    pub forgotten: fn(u64) -> String,
    /// The runs, for screen readers.
    pub runs: &'static str,
    /// A run: its number.
    pub run: fn(u32) -> String,
    /// Where it came from: the run's number, the time.
    pub forked: fn(u32, &str) -> String,
    /// A run that began from nothing.
    pub first: &'static str,
    /// Label: the run that lies beside.
    pub beside: &'static str,
    /// What was told before the last clear, in real time.
    pub before: &'static str,
    /// Lays it beside.
    pub compare: &'static str,
    /// What that does.
    pub compare_title: &'static str,
    /// None does.
    pub none: &'static str,
    /// Opens how the hosts are made.
    pub hosts: &'static str,
    /// What can be chosen there.
    pub hosts_title: &'static str,
    /// Label: how TCP reacts to loss.
    pub congestion: &'static str,
    /// Not at all, and two algorithms.
    pub congestions: [&'static str; 3],
    /// Label: acknowledgements wait for data to go with.
    pub delayed_ack: &'static str,
    /// Label: what decides all chances.
    pub seed: &'static str,
    /// Where Nagle's algorithm is switched.
    pub nagle: &'static str,
    /// Button: makes the hosts so, and begins another run.
    pub anew: &'static str,
    /// A packet is caught: time stands.
    pub stands: &'static str,
}

/// English.
pub const EN: Time = Time {
    controls: "Virtual time",
    pause: "❚❚ Pause",
    go_on: "▶ Go on",
    pause_title: "Stop virtual time, timers and all, or let it go on",
    step: "Next event",
    step_title: "On to the next thing that happens, however far away, and no further",
    packet: "Next packet",
    packet_title: "On to the next thing that happens to a packet, and no further",
    speed: "Speed",
    back: "Go back in time",
    of: |now, end| [now, " of ", end].concat(),
    past: "past · act to fork",
    past_title: "This is the past: whatever you do here begins another run, and this one stays as it is",
    full: |events| {
        [&events.to_string(), " events are in this page's memory, so time stands. Clear begins an empty record; going on takes more memory."].concat()
    },
    forgotten: |events| {
        [
            "The oldest ",
            &events.to_string(),
            " events are gone: this page keeps the newest million or so. The ladder begins later than the story.",
        ]
        .concat()
    },
    runs: "Runs",
    run: |number| ["Run ", &number.to_string()].concat(),
    forked: |run, time| ["forked from run ", &run.to_string(), " at ", time].concat(),
    first: "began from nothing",
    beside: "Beside it",
    before: "Before Clear",
    compare: "Compare",
    compare_title: "Lay what happened before the last Clear beside what happens now, from the first client on",
    none: "nothing",
    hosts: "Stacks",
    hosts_title: "How the two stacks are made: congestion control, delayed ACK, chance",
    congestion: "Congestion control",
    congestions: ["none", "Reno", "CUBIC"],
    delayed_ack: "Delayed ACK (40 ms)",
    seed: "Seed of all chances",
    nagle: "Nagle's algorithm is switched with no-delay, in the options of a client and the settings of the servers. The same seed and the same actions make the same story, byte for byte.",
    anew: "Begin another run so",
    stands: "Time stands still while you decide: no timer runs. Go on, and the sender loses patience.",
};

/// 简体中文.
pub const ZH: Time = Time {
    controls: "虚拟时间",
    pause: "❚❚ 暂停",
    go_on: "▶ 继续",
    pause_title: "停住虚拟时间（包括所有定时器），或让它继续",
    step: "下一事件",
    step_title: "前进到下一件发生的事，不论多久以后，到此为止",
    packet: "下一报文",
    packet_title: "前进到下一个报文发生的事，到此为止",
    speed: "速度",
    back: "回到过去",
    of: |now, end| [now, " / ", end].concat(),
    past: "过去 · 操作即分叉",
    past_title: "这是过去：在这里做任何操作都会开始新的一次运行，原来的保持不变",
    full: |events| {
        ["本页内存中已有 ", &events.to_string(), " 个事件，因此时间停住。“清空”开始一份空记录；继续会占用更多内存。"]
            .concat()
    },
    forgotten: |events| {
        ["最早的 ", &events.to_string(), " 个事件已不在：本页只保留最新的约一百万个。时序图从故事中途开始。"].concat()
    },
    runs: "各次运行",
    run: |number| ["运行 ", &number.to_string()].concat(),
    forked: |run, time| ["从运行 ", &run.to_string(), " 的 ", time, " 处分叉"].concat(),
    first: "从头开始",
    beside: "并排对比",
    before: "清空之前",
    compare: "对比",
    compare_title: "把上次清空之前发生的事与现在发生的并排，从第一个客户端开始对齐",
    none: "无",
    hosts: "协议栈",
    hosts_title: "两个协议栈的选项：拥塞控制、延迟确认、随机种子",
    congestion: "拥塞控制",
    congestions: ["无", "Reno", "CUBIC"],
    delayed_ack: "延迟确认（40 ms）",
    seed: "随机种子",
    nagle: "Nagle 算法由 no-delay 开关：在客户端的选项和服务器的设置里。相同的种子加相同的操作，产生逐字节相同的记录。",
    anew: "以此开始新的运行",
    stands: "你做决定时时间停住，没有定时器在走。按继续，发送方就会失去耐心。",
};
