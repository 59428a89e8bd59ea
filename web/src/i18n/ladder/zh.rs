//! 简体中文 for the ladder.

use super::*;
use crate::i18n::look::program_zh;

/// 简体中文.
pub const ZH: Ladder = Ladder {
    say: zh,
    ladder: "时序图",
    events: "事件",
    tracker: "字节",
    columns: ["时间", "谁", "做什么", "结果"],
    empty: "还没有发生任何事。",
    recent: "最近一次往返",
    all: "全部字节",
    newest: "最新 ↓",
    follow: "跟随",
    mode: |mode| match mode {
        TcpMode::OneAtATime => "一次服务一个客户端",
        TcpMode::TaskPerClient => "每个客户端一个任务",
        TcpMode::TutorialExactly => "与教程完全相同",
    },
    left_out: |count| ["还有 ", &count.to_string(), " 行"].concat(),
    clients: "客户端",
    legend: "图例",
    known: ["内核报告", "推算"],
    standing: |standing| match standing {
        Standing::Served => "正在服务".into(),
        Standing::Seat { seat, bytes: 0 } => ["座位 ", &seat.to_string()].concat(),
        Standing::Seat { seat, bytes } => ["座位 ", &seat.to_string(), "，", &bytes.to_string(), " 字节"].concat(),
        Standing::Connecting(0 | 1) => "正在连接".into(),
        Standing::Connecting(syns) => ["SYN ×", &syns.to_string()].concat(),
        Standing::Open => "可发送".into(),
        Standing::Failed => "失败".into(),
        Standing::Closed => "已关闭".into(),
    },
};

fn zh(say: &Say) -> String {
    let plain = |text: &str| text.to_string();
    match say {
        Say::Code(code) => code.clone(),
        Say::ClientProgram => plain("客户端程序"),
        Say::ClientSocket => plain("客户端套接字"),
        Say::You => plain("你"),
        Say::WireShort => plain("线路"),
        Say::Server => plain("服务器"),
        Say::ServerSocket => plain("服务器套接字"),
        Say::Wire => plain("线路"),
        Say::Loopback => plain("回环"),
        Say::InsideKernel => plain("报文不出内核"),
        Say::OnePlace => plain("抓包所见：各有一个时间"),
        Say::Kernel => plain("内核内部"),
        Say::Path => plain("路径"),
        Say::ServerSockets => plain("服务器套接字"),
        Say::ServerProgram => plain("服务器程序"),
        Say::NotVisibleHere => plain("这里看不到报文"),
        Say::KernelCopies => plain("没有报文：内核直接复制"),
        Say::CallsNotVisible => plain("看不到它的调用"),
        Say::Waited(length) => ["等了 ", &time(*length)].concat(),
        Say::Waiting { accept: true, time: length } => ["等待中，这很正常：\n", &time(*length)].concat(),
        Say::Waiting { accept: false, time: length } => ["等待中：", &time(*length)].concat(),
        Say::Idle(length) => time(*length),
        Say::Seats { taken: 0, seats } => [&seats.to_string(), " 个座位，空着"].concat(),
        Say::Seats { taken, seats } if taken >= seats => [&seats.to_string(), " 个座位，已满"].concat(),
        Say::Seats { taken, seats } => [&seats.to_string(), " 个座位，", &taken.to_string(), " 个在等"].concat(),
        Say::HalfOpen => plain("半开：握手还在进行"),
        Say::Queued => plain("等待被接受"),
        Say::Echoes { count, median } => [&count.to_string(), " 次相同的回显，中位数 ", &time(*median)].concat(),
        Say::EmptyRecvs { count, time: length } => {
            ["又有 ", &count.to_string(), " 次 recv() = 0，共 ", &time(*length)].concat()
        }
        Say::Note(id, args) => zh_note(*id, args),
        Say::Lost(place, number) => {
            let place = match place {
                Place::Calls => "产生得比记录快",
                Place::Capture => "抓包队列已满",
                Place::Kernel => "内核报告太多",
                Place::Relay => "中继产生得太快",
            };
            ["这里丢失了 ", &number.to_string(), " 个事件：", place].concat()
        }
        Say::Command(command) => zh_command(command),
        Say::Dropped(why) => plain(match why {
            DropReason::ByYou => "被你丢弃",
            DropReason::Loss => "随机丢失",
            DropReason::Cut => "线路已切断",
            DropReason::QueueFull => "队列已满",
            DropReason::TooBig => "超过 MTU",
            DropReason::AcceptQueueFull => "没有空座位",
            DropReason::Interface => "接口没有收下",
        }),
        Say::Held => plain("被扣住"),
        Say::SentAgain => plain("重传"),
        Say::DataBytes(number) => [&number.to_string(), " 字节"].concat(),
        Say::Fragment(from, to) => ["分片 ", &from.to_string(), "–", &to.to_string()].concat(),
        Say::Copied => plain("副本"),
        Say::OnItsWay => plain("发出"),
        Say::Delivered => plain("到达"),
        Say::Released => plain("放行"),
        Say::CutUp => plain("被切成分片"),
        Say::Cards(0) => plain("一个队列"),
        Say::Cards(number) => ["队列里有 ", &number.to_string(), " 个"].concat(),
        Say::Segments { count, again, lost } => {
            let mut said = [&count.to_string(), " 个报文段"].concat();
            if *again > 0 {
                said = [&said, "，其中 ", &again.to_string(), " 个发了两次"].concat();
            }
            if *lost > 0 { [&said, "，", &lost.to_string(), " 个丢失"].concat() } else { said }
        }
        Say::CutOff(number) => ["✂ 丢了 ", &number.to_string(), " 字节"].concat(),
        Say::Both(first, second) => [&zh(first), "，", &zh(second)].concat(),
        Say::Named { who, what } => [&program_zh(who), "：", &zh(what)].concat(),
        Say::Program(name) => program_zh(name),
        Say::Row(row) => plain(match row {
            TrackerRow::ClientSend => "客户端 send()",
            TrackerRow::Segments => "报文段",
            TrackerRow::Buffer => "接收缓冲区",
            TrackerRow::ServerRecv => "服务器 recv()",
            TrackerRow::ServerSend => "服务器 send()",
            TrackerRow::ClientRecv => "客户端 recv()",
        }),
        Say::Counted(row, number) => match row {
            TrackerRow::ClientSend => [&number.to_string(), " 次 send"].concat(),
            TrackerRow::Segments => [&number.to_string(), " 个报文段"].concat(),
            TrackerRow::Buffer => [&number.to_string(), " 字节未读"].concat(),
            TrackerRow::ServerRecv | TrackerRow::ClientRecv => [&number.to_string(), " 次 recv"].concat(),
            TrackerRow::ServerSend => [&number.to_string(), " 次 send：一条新的流"].concat(),
        },
        Say::Moral(moral) => crate::i18n::moral::zh(moral),
        Say::NothingYet => plain("还没有发送"),
        Say::Because(reason, cause) => crate::i18n::why::ZH.said(*reason, &zh(cause), zh),
        other => crate::i18n::legend::zh(other),
    }
}

fn zh_note(id: NoteId, args: &[Arg]) -> String {
    let (first, second) = (arg(args.first()), arg(args.get(1)));
    match id {
        NoteId::EmptyRecvs => {
            ["又有 ", &first, " 次空的 recv()，共 ", &second, "：客户端已关闭，而程序从不检查"].concat()
        }
        NoteId::DatagramCut if second.is_empty() => ["✂ 数据报比缓冲区长：只留下 ", &first, " 字节"].concat(),
        NoteId::DatagramCut => ["✂ 丢了 ", &second, " 字节：数据报比 ", &first, " 字节的缓冲区长"].concat(),
        NoteId::DatagramRefused => ["拒绝了来自 ", &first, " 的数据报：回答它可能没完没了"].concat(),
        NoteId::DatagramsLimited => ["拒绝了 ", &first, " 个数据报：来得太多"].concat(),
        NoteId::AcceptBackoff => ["accept() 失败（errno ", &first, "），", &second, " 后再试"].concat(),
        NoteId::Rebound => "服务器已重新绑定：新设置生效".into(),
        NoteId::WaitsForRebind => "这项设置要等下次绑定".into(),
        NoteId::StaleSocketFile => ["删除了没有人监听的套接字文件：", &first].concat(),
        NoteId::SynRetriesShortened => "在我们的主机里，SYN 只重发两次，间隔加倍".into(),
        NoteId::OtherProgram => ["外部程序：", &first, "（", &second, "），看不到它的调用"].concat(),
        NoteId::GaveUp => ["等了 ", &first, " 后放弃"].concat(),
        NoteId::MemberLeft => "它的主人离开了：客户端已关闭".into(),
        NoteId::SynCookies => "内核用 SYN cookie 回答".into(),
        NoteId::StackDiffers => ["网页内的协议栈在这里与内核不同：", &first].concat(),
        NoteId::Comment => ["“", &first, "”"].concat(),
    }
}

fn zh_command(command: &Command) -> String {
    let action = match command {
        Command::Server(action) => action,
        Command::Open(_) => return "你打开了一个客户端".into(),
        Command::Client { action, .. } => return ["你选择了 ", chosen(action)].concat(),
        Command::Wire(action) => return zh_wire(action).into(),
        Command::World(_) => return "你换了环境".into(),
    };
    let on = |on: bool| if on { "打开" } else { "关闭" };
    let size = |size: Option<u32>| size.map_or("系统默认值".to_string(), |size| size.to_string());
    match action {
        ServerAction::Rebind(_) => "你让服务器重新绑定".into(),
        ServerAction::Stop(_) => "你停止了服务器".into(),
        ServerAction::Start(_) => "你启动了服务器".into(),
        ServerAction::HangUp(_) => "你让服务器挂断".into(),
        ServerAction::Set(setting) => match setting {
            Setting::Reading(false) => "你暂停了读取：服务器停在下一次 recv() 之前".into(),
            Setting::Reading(true) => "你让服务器继续读取".into(),
            Setting::Accepting(false) => "你暂停了接受：服务器停在下一次 accept() 之前".into(),
            Setting::Accepting(true) => "你让服务器继续接受".into(),
            Setting::TcpMode(mode) => ["你把服务器设为：", (ZH.mode)(*mode)].concat(),
            Setting::RecvSize(size) => ["你设置了 recv(", &size.to_string(), ")"].concat(),
            Setting::Backlog(size) => ["你设置了 listen(", &size.to_string(), ")"].concat(),
            Setting::Think(length) => ["你把思考时间设为 ", &time(*length)].concat(),
            Setting::NoDelay(value) => ["你", on(*value), "了 TCP_NODELAY"].concat(),
            Setting::ReuseAddress(value) => ["你", on(*value), "了 SO_REUSEADDR"].concat(),
            Setting::SendBuffer(value) => ["你把 SO_SNDBUF 设为 ", &size(*value)].concat(),
            Setting::RecvBuffer(value) => ["你把 SO_RCVBUF 设为 ", &size(*value)].concat(),
            Setting::Rule(rule) => [
                "你设置了服务器何时回答：",
                match rule {
                    LoopRule::Once => "每次 recv() 之后",
                    LoopRule::UntilShort => "recv() 没有装满之后",
                    LoopRule::UntilLen => "收够字节之后",
                    LoopRule::UntilEof => "流结束之后",
                    LoopRule::Framed => "收到一条完整的带长度消息之后",
                },
            ]
            .concat(),
        },
    }
}

fn zh_wire(action: &WireAction) -> &'static str {
    match action {
        WireAction::Conditions(..) => "你设定了线路的表现",
        WireAction::Hold(true) => "你扣住了线路",
        WireAction::Hold(false) => "你放行了线路",
        WireAction::Cut(true) => "你剪断了网线",
        WireAction::Cut(false) => "你接好了网线",
        WireAction::Catch(Some(_)) => "你等着拦截一个报文",
        WireAction::Catch(None) => "你不再等着拦截",
        WireAction::Decide(_, Verdict::Drop) => "你丢弃了报文",
        WireAction::Decide(_, Verdict::LetGo) => "你放行了报文",
        WireAction::Decide(_, Verdict::Twice) => "你让报文发了两份",
    }
}
