//! 简体中文 for the inspector.

use super::*;
use crate::i18n::look::program_zh;

/// 简体中文.
pub const ZH: Inspector = Inspector {
    nothing: "在时序图上选一个标记：调用、状态或座位。",
    following: "最新。选一个标记就停在它上面。",
    pinned: "已选定。按 Esc 继续跟随。",
    header: |layer, bytes| [layer_name(layer), "，", &bytes.to_string(), " 字节"].concat(),
    headers: "首部",
    checksum: zh_checksum,
    choose_field: "指向一个字段或一个字节。",
    sentence: zh_sentence,
    program: "程序",
    no_source: "别人自己的程序：这里不知道它的源代码。",
    kernel: "来自内核",
    no_values: "内核还没有报告这个套接字。",
    value: zh_value,
    amount: |value, unit| match unit {
        Unit::Bytes => [&value.to_string(), " 字节"].concat(),
        Unit::Micros => time(Nanos::from_micros(value)),
        Unit::Count => value.to_string(),
    },
    state: "状态",
    state_means: zh_state,
    bytes: "字节",
    before: "upper() 之前",
    after: "upper() 之后",
    more_bytes: |count| ["……还有 ", &count.to_string(), " 字节"].concat(),
    how: |how| match how {
        How::Observed => "直接观测：我们自己做的或看到的",
        How::Reported => "内核报告",
        How::Derived => "由其他事件推算",
    },
    simulated: "模拟",
    times: |began, took, uncertain| {
        let mut said = ["时刻 ", began].concat();
        if let Some(took) = took {
            said = [&said, "，用时 ", took].concat();
        }
        if let Some(uncertain) = uncertain {
            said = [&said, "，可能早至多 ", uncertain].concat();
        }
        said
    },
    windows: |number| ["在 Windows 上：WinError ", &number.to_string()].concat(),
    language: "源代码的语言",
};

fn zh_checksum(verdict: Checksum, loopback: bool) -> String {
    match verdict {
        Checksum::Correct => "校验和：正确。".into(),
        Checksum::Wrong { found, expected } => {
            ["校验和：错误。写的是 ", &hex4(found), "，应为 ", &hex4(expected), "。"].concat()
        }
        Checksum::NotFilledIn if loopback => "校验和：没有填写。内核把它留给接口，而回环接口不计算。".into(),
        Checksum::NotFilledIn => "校验和：没有填写，内核把它留给了接口。".into(),
        Checksum::None => "校验和：发送方选择不用。".into(),
        Checksum::Fragmented => "校验和：它覆盖所有分片。".into(),
        Checksum::Truncated => "校验和：它覆盖的字节没有全部记录。".into(),
    }
}

fn zh_packet(what: &PacketWords, fragment: Option<(u64, u64)>) -> String {
    let mut said = what.flags.clone();
    if what.bytes > 0 {
        let comma = if said.is_empty() { "" } else { "，" };
        said = [&said, comma, &what.bytes.to_string(), " 字节"].concat();
    }
    if let Some((first, last)) = what.place {
        said = [&said, "（", &first.to_string(), "–", &last.to_string(), "）"].concat();
    }
    if let Some((src, dst)) = what.ends {
        said = [&said, "，从 ", &src.to_string(), " 到 ", &dst.to_string()].concat();
    }
    said += "。";
    if let Some((first, last)) = fragment {
        said = [&said, "这是一个分片：数据报的第 ", &first.to_string(), "–", &last.to_string(), " 字节。"].concat();
    }
    said
}

fn zh_sentence(sentence: &Sentence) -> String {
    let Sentence { who, call, fact } = sentence;
    let who = &program_zh(who);
    let subject = [who, "：", call].concat();
    match fact {
        Fact::Waits(length) => [&subject, " 已经等了 ", &time(*length), "。"].concat(),
        Fact::Listens(length) => {
            [&subject, " 已经等了 ", &time(*length), "。这很正常：服务器要等到有人连接。"].concat()
        }
        Fact::Failed(error) => [&subject, " 失败：", &error.to_string(), "。"].concat(),
        Fact::Cancelled => [&subject, " 没有返回：程序结束了，或者关闭了它的套接字。"].concat(),
        Fact::Sent { bytes, letter, tries } => {
            let letter = letter.map_or(String::new(), |letter| ["（", &letter.to_string(), "）"].concat());
            let tries = if *tries > 1 {
                ["，用了 ", &tries.to_string(), " 次系统调用"].concat()
            } else {
                String::new()
            };
            [&subject, " 把 ", &bytes.to_string(), " 字节", &letter, "交给了内核", &tries, "。这并不说明它们已经到达。"]
                .concat()
        }
        Fact::Answered { bytes, letters } => {
            let space = if letters.is_empty() { "" } else { " " };
            [&subject, " 把 ", &bytes.to_string(), " 字节交给了内核：回答", space, letters, "，是另一条流。"].concat()
        }
        Fact::Received { bytes, most, letters, sends, waited, cut, transport } => {
            let mut said = [&subject, " 返回 ", &bytes.to_string(), " 字节"].concat();
            if !letters.is_empty() {
                said = [&said, "（", letters, "）"].concat();
            }
            said += &match waited {
                Some(waited) => ["，等了 ", &time(*waited), "。"].concat(),
                None => "，立即返回：它们已经在这里了。".into(),
            };
            match (!transport.is_stream(), *sends) {
                (true, _) if *cut > 0 => {
                    said += &["数据报比 ", &most.to_string(), " 字节长：", &cut.to_string(), " 字节没有了。"].concat();
                }
                (true, _) => said += "一次 recvfrom()，一个数据报。",
                (false, 2..) => {
                    let what = if transport.is_inet() { "TCP" } else { "Unix 流" };
                    said += &["它们来自 ", &sends.to_string(), " 次 send：", what, " 保住字节，不保住边界。"].concat();
                }
                (false, _) if bytes == &u64::from(*most) => said += "一次只能取这么多，剩下的等下一次。",
                _ => {}
            }
            said
        }
        Fact::End => [&subject, " 返回 0 字节：对方不会再发送了。程序应当在这里停止读取。"].concat(),
        Fact::Accepted { peer, sat } => {
            [&subject, " 返回一个新的套接字：与 ", &peer.to_string(), " 的连接，它在座位上等了 ", &time(*sat), "。"]
                .concat()
        }
        Fact::Connected(took) => {
            [&subject, " 用了 ", &time(*took), " 返回：两边内核已经握手。服务器程序不一定已经 accept。"].concat()
        }
        Fact::Listening { backlog } => [
            &subject,
            "：从现在起内核自己接受连接，在 accept() 之前最多保留 ",
            &(backlog + 1).to_string(),
            " 个（Linux 为 backlog 加一）。",
        ]
        .concat(),
        Fact::Done => [&subject, " 立即返回。"].concat(),
        Fact::State { state, address } => [who, " ", address, " 处于 ", state.name(), "：", zh_state(*state)].concat(),
        Fact::Queued { peer, taken, seats, accepted } => {
            let after = if *accepted { "" } else { "至今没有 accept() 取走它。" };
            [
                "来自 ",
                peer,
                " 的连接已经建立，坐在全连接队列里：",
                &seats.to_string(),
                " 个座位占了 ",
                &taken.to_string(),
                " 个。",
                after,
            ]
            .concat()
        }
        Fact::Holds { address, unread, unacknowledged } => [
            address,
            " 的内核缓冲区：已到达、程序还没有读的有 ",
            &unread.to_string(),
            " 字节，已发出、对方还没有确认的有 ",
            &unacknowledged.to_string(),
            " 字节。",
        ]
        .concat(),
        Fact::Packet { what, flew, lost, held, again, fragment } => {
            let mut said = zh_packet(what, *fragment);
            if *again {
                said += "它以前发过：这是重传。";
            }
            if *held {
                said += "它停在半路，等你决定。";
            }
            match (lost, flew) {
                (Some(why), _) => {
                    said = [&said, "它没有到达：", &(crate::i18n::ladder::ZH.say)(&Say::Dropped(*why)), "。"].concat();
                }
                (None, Some(Nanos(0))) => said += "发出与收到是同一时刻。",
                (None, Some(flew)) => said = [&said, "它在路上用了 ", &time(*flew), "。"].concat(),
                (None, None) if !*held => said += "它在路上。",
                (None, None) => {}
            }
            said
        }
        Fact::Said(say) => (crate::i18n::ladder::ZH.say)(say),
    }
}

fn zh_state(state: TcpState) -> &'static str {
    match state {
        TcpState::Closed => "没有连接。",
        TcpState::Listen => "等待 SYN。",
        TcpState::SynSent => "SYN 已发出，回答还没来。",
        TcpState::SynReceived => "收到 SYN 并已回答，握手还差最后一步。",
        TcpState::Established => "双向都通。",
        TcpState::FinWait1 => "这一方先关闭，它的 FIN 还没有被确认。",
        TcpState::FinWait2 => "这一方先关闭并已被确认，对方还可以发送。",
        TcpState::CloseWait => "对方已关闭，这个程序还没有。",
        TcpState::Closing => "双方同时关闭。",
        TcpState::LastAck => "双方都已关闭，还差最后一个确认。",
        TcpState::TimeWait => "已结束，内核在等旧报文消失。",
    }
}

fn zh_value(key: GaugeKey) -> &'static str {
    match key {
        GaugeKey::RecvQueue => "已收到，未读取",
        GaugeKey::SendQueue => "已发送，未确认",
        GaugeKey::AcceptQueue => "等待 accept 的连接",
        GaugeKey::AcceptLimit => "backlog",
        GaugeKey::SynQueue => "半开连接",
        GaugeKey::RecvBuffer => "接收缓冲区",
        GaugeKey::SendBuffer => "发送缓冲区",
        GaugeKey::Drops => "因队列满而丢失",
        GaugeKey::Srtt => "平滑往返时间",
        GaugeKey::RttVar => "往返时间变化",
        GaugeKey::Rto => "重传超时",
        GaugeKey::Cwnd => "拥塞窗口（报文段）",
        GaugeKey::Ssthresh => "慢启动阈值（报文段）",
        GaugeKey::Unacked => "未确认的报文段",
        GaugeKey::Sacked => "被选择确认的报文段",
        GaugeKey::Lost => "被认为丢失的报文段",
        GaugeKey::Retrans => "这一批中重传的报文段",
        GaugeKey::TotalRetrans => "重传的报文段",
        GaugeKey::SndMss => "发送的最大报文段",
        GaugeKey::RcvMss => "收到的最大报文段",
        GaugeKey::SndWnd => "对方给的窗口",
        GaugeKey::RcvWnd => "给对方的窗口",
        GaugeKey::BytesAcked => "对方已确认",
        GaugeKey::BytesReceived => "按序收到",
        GaugeKey::NotSent => "已交给内核，未发送",
        GaugeKey::SegsOut => "发出的报文段",
        GaugeKey::SegsIn => "收到的报文段",
        GaugeKey::Timer => "正在运行的定时器",
        GaugeKey::TimerExpires => "定时器还有",
        GaugeKey::Backoff => "连续超时次数",
        GaugeKey::Probes => "未应答的窗口探测",
        GaugeKey::PacketsQueued => "等待中的数据报",
    }
}
