//! The words of the ladder, the tracker and the table of events.

use crate::model::Say;
use crate::model::ladder::strips::Standing;
use crate::model::say::TrackerRow;
use crate::model::wording::time;
use protocol::{
    Arg, ClientAction, Command, DropReason, LoopRule, NoteId, Place, ServerAction, Setting, TcpMode, Transport,
};

/// The sentences.
pub struct Ladder {
    /// Says what the ladder wants to say.
    pub say: fn(&Say) -> String,
    /// Name of the picture.
    pub ladder: &'static str,
    /// Name of the table.
    pub events: &'static str,
    /// Name of the byte tracker.
    pub tracker: &'static str,
    /// Heads of the table's columns: time, who, what, result.
    pub columns: [&'static str; 4],
    /// Shown while there is nothing to draw.
    pub empty: &'static str,
    /// Choice of the bytes in the tracker: the last exchange.
    pub recent: &'static str,
    /// Choice of the bytes in the tracker: all.
    pub all: &'static str,
    /// Goes to the newest events and stays there.
    pub newest: &'static str,
    /// Chooses whom to follow.
    pub follow: &'static str,
    /// Under the server's title, by the mode in which TCP clients are served.
    pub mode: fn(TcpMode) -> &'static str,
    /// How many earlier and later rows the table leaves out.
    pub left_out: fn(usize) -> String,
    /// Name of the list of clients that have no lanes.
    pub clients: &'static str,
    /// How a client of a crowd is.
    pub standing: fn(Standing) -> String,
    /// Legend: how marks are known.
    pub legend: &'static str,
}

/// English.
pub const EN: Ladder = Ladder {
    say: en,
    ladder: "Ladder",
    events: "Events",
    tracker: "Bytes",
    columns: ["Time", "Who", "What", "Result"],
    empty: "Nothing has happened yet.",
    recent: "last exchange",
    all: "all bytes",
    newest: "Newest ↓",
    follow: "Follow",
    mode: |mode| match mode {
        TcpMode::OneAtATime => "one client at a time",
        TcpMode::TaskPerClient => "a task per client",
        TcpMode::TutorialExactly => "the tutorial, exactly",
    },
    left_out: |count| [&count.to_string(), " more"].concat(),
    clients: "Clients",
    standing: |standing| match standing {
        Standing::Served => "being served".into(),
        Standing::Seat { seat, bytes: 0 } => ["seat ", &seat.to_string()].concat(),
        Standing::Seat { seat, bytes } => ["seat ", &seat.to_string(), ", ", &bytes.to_string(), " B"].concat(),
        Standing::Connecting(0 | 1) => "connecting".into(),
        Standing::Connecting(syns) => ["SYN ×", &syns.to_string()].concat(),
        Standing::Open => "open".into(),
        Standing::Failed => "failed".into(),
        Standing::Closed => "closed".into(),
    },
    legend: "dotted: worked out from byte positions",
};

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
    legend: "点线：由字节位置推算",
};

/// `3 sends`, `1 send`.
fn count(number: u64, one: &str, many: &str) -> String {
    let word = if number == 1 { one } else { many };
    [number.to_string().as_str(), " ", word].concat()
}

fn arg(arg: Option<&Arg>) -> String {
    match arg {
        None => String::new(),
        Some(Arg::Count(count)) => count.to_string(),
        Some(Arg::Time(length)) => time(*length),
        Some(Arg::Text(text)) => text.clone(),
        Some(Arg::At(address)) => address.to_string(),
    }
}

fn en(say: &Say) -> String {
    let plain = |text: &str| text.to_string();
    match say {
        Say::Code(code) => code.clone(),
        Say::ClientProgram => plain("client program"),
        Say::ClientSocket => plain("client socket"),
        Say::You => plain("You"),
        Say::WireShort => plain("wire"),
        Say::Server => plain("Server"),
        Say::ServerSocket => plain("server socket"),
        Say::Wire => plain("the wire"),
        Say::Loopback => plain("loopback"),
        Say::InsideKernel => plain("packets inside one kernel"),
        Say::Kernel => plain("inside the kernel"),
        Say::Path => plain("a path"),
        Say::ServerSockets => plain("server sockets"),
        Say::ServerProgram => plain("server program"),
        Say::NotVisibleHere => plain("packets not visible here"),
        Say::KernelCopies => plain("no packets: the kernel copies"),
        Say::CallsNotVisible => plain("calls not visible"),
        Say::Waited(length) => ["waited ", &time(*length)].concat(),
        Say::Waiting { accept: true, time: length } => ["waiting, which is normal:\n", &time(*length)].concat(),
        Say::Waiting { accept: false, time: length } => ["waiting: ", &time(*length)].concat(),
        Say::Idle(length) => time(*length),
        Say::Seats { taken: 0, seats } => ["0 of ", &seats.to_string(), " seats taken"].concat(),
        Say::Seats { taken, seats } if taken >= seats => {
            [&taken.to_string(), " of ", &seats.to_string(), ": full"].concat()
        }
        Say::Seats { taken, seats } => [&taken.to_string(), " of ", &seats.to_string(), " waiting"].concat(),
        Say::Queued => plain("waits to be accepted"),
        Say::Echoes { count, median } => [&count.to_string(), " equal echoes, p50 ", &time(*median)].concat(),
        Say::EmptyRecvs { count, time: length } => {
            [&count.to_string(), " more recv() = 0 in ", &time(*length)].concat()
        }
        Say::Note(id, args) => en_note(*id, args),
        Say::Lost(place, number) => {
            let place = match place {
                Place::Calls => "made faster than they can be recorded",
                Place::Capture => "the capture queue was full",
                Place::Kernel => "too many kernel reports",
                Place::Relay => "a relay made them too fast",
            };
            [&count(*number, "event", "events"), " lost here: ", place].concat()
        }
        Say::Command(command) => en_command(command),
        Say::Dropped(why) => plain(match why {
            DropReason::ByYou => "dropped by you",
            DropReason::Loss => "lost at random",
            DropReason::Cut => "the cable is cut",
            DropReason::QueueFull => "queue full",
            DropReason::TooBig => "larger than the MTU",
            DropReason::AcceptQueueFull => "no seat free",
            DropReason::Interface => "not taken by the interface",
        }),
        Say::Held => plain("held"),
        Say::SentAgain => plain("sent again"),
        Say::DataBytes(number) => count(*number, "byte", "bytes"),
        Say::Fragment(from, to) => ["fragment ", &from.to_string(), "–", &to.to_string()].concat(),
        Say::Copied => plain("copy"),
        Say::OnItsWay => plain("sent"),
        Say::Delivered => plain("arrived"),
        Say::Released => plain("let go"),
        Say::CutUp => plain("cut into fragments"),
        Say::Cards(0) => plain("one queue"),
        Say::Cards(number) => [&number.to_string(), " in the queue"].concat(),
        Say::Segments { count: number, again, lost } => {
            let mut said = count((*number).into(), "segment", "segments");
            if *again > 0 {
                said = [&said, ", ", &again.to_string(), " of them twice"].concat();
            }
            if *lost > 0 { [&said, ", ", &lost.to_string(), " lost"].concat() } else { said }
        }
        Say::CutOff(number) => ["✂ ", &count(*number, "byte", "bytes"), " gone"].concat(),
        Say::Both(first, second) => [&en(first), ", ", &en(second)].concat(),
        Say::Named { who, what } => [who, ": ", &en(what)].concat(),
        Say::Row(row) => plain(match row {
            TrackerRow::ClientSend => "client send()",
            TrackerRow::Segments => "segments",
            TrackerRow::Buffer => "recv buffer",
            TrackerRow::ServerRecv => "server recv()",
            TrackerRow::ServerSend => "server send()",
            TrackerRow::ClientRecv => "client recv()",
        }),
        Say::Counted(row, number) => match row {
            TrackerRow::ClientSend => count((*number).into(), "send", "sends"),
            TrackerRow::Segments => count((*number).into(), "segment", "segments"),
            TrackerRow::Buffer => count((*number).into(), "byte unread", "bytes unread"),
            TrackerRow::ServerRecv | TrackerRow::ClientRecv => count((*number).into(), "recv", "recvs"),
            TrackerRow::ServerSend => [&count((*number).into(), "send", "sends"), ": a new stream"].concat(),
        },
        Say::Moral { transport, sends, segments, recvs, cut, unread } => {
            let mut said = count((*sends).into(), "send", "sends");
            if let Some(segments) = segments {
                said = [&said, " → ", &count((*segments).into(), "segment", "segments")].concat();
            }
            said = [&said, " → ", &count((*recvs).into(), "recv", "recvs")].concat();
            let moral = match (transport, sends == recvs) {
                _ if *unread > 0 && *recvs == 0 => {
                    return [&said, ": ", &count(*unread, "byte waits", "bytes wait"), " in the kernel"].concat();
                }
                (Transport::Tcp, false) => "TCP kept the bytes, not your edges",
                (Transport::Tcp, true) => "the same number this time; TCP does not promise it",
                (Transport::UnixStream, false) => "the stream kept the bytes, not your edges",
                (Transport::UnixStream, true) => "the same number this time; a stream does not promise it",
                (Transport::Udp, true) => "UDP keeps the edges",
                (Transport::Udp, false) => "UDP keeps the edges, not every datagram",
                (Transport::UnixDatagram, _) => "datagrams keep the edges",
            };
            said = [&said, ": ", moral].concat();
            if *cut > 0 { [&said, "; ✂ ", &count(*cut, "byte", "bytes"), " cut off and gone"].concat() } else { said }
        }
        Say::NothingYet => plain("nothing sent yet"),
    }
}

fn en_note(id: NoteId, args: &[Arg]) -> String {
    let (first, second) = (arg(args.first()), arg(args.get(1)));
    match id {
        NoteId::EmptyRecvs => {
            [&first, " more empty recv() in ", &second, ": the client has closed, and the program never checks for it"]
                .concat()
        }
        NoteId::DatagramCut if second.is_empty() => {
            ["✂ the datagram was longer than the buffer: ", &first, " bytes kept"].concat()
        }
        NoteId::DatagramCut => {
            ["✂ ", &second, " bytes gone: the datagram was longer than the buffer of ", &first].concat()
        }
        NoteId::DatagramRefused => {
            ["a datagram from ", &first, " was refused: answering it could go on for ever"].concat()
        }
        NoteId::DatagramsLimited => [&first, " datagrams refused: too many came"].concat(),
        NoteId::AcceptBackoff => ["accept() failed (errno ", &first, "); it is tried again in ", &second].concat(),
        NoteId::Rebound => "the server was bound again: new settings hold".into(),
        NoteId::WaitsForRebind => "this setting waits for the next bind".into(),
        NoteId::StaleSocketFile => ["a socket file nobody listens on was removed: ", &first].concat(),
        NoteId::SynRetriesShortened => "in our hosts a SYN is sent again only twice, after doubled times".into(),
        NoteId::OtherProgram => ["another program: ", &first, " (", &second, "); its calls are not visible"].concat(),
        NoteId::GaveUp => ["gave up after ", &first].concat(),
        NoteId::MemberLeft => "its owner left: the client was closed".into(),
        NoteId::SynCookies => "the kernel answers with SYN cookies".into(),
        NoteId::StackDiffers => ["here the stack in the page differs from a kernel: ", &first].concat(),
    }
}

/// What a person chose for a client, by the name of the call.
fn chosen(action: &ClientAction) -> &'static str {
    match action {
        ClientAction::Connect => "connect()",
        ClientAction::Send { .. } => "send()",
        ClientAction::Recv | ClientAction::Reading(_) | ClientAction::Program { .. } => "recv()",
        ClientAction::Option(_) => "setsockopt()",
        ClientAction::Shutdown(_) => "shutdown()",
        ClientAction::Close => "close()",
        ClientAction::Abort => "close() + RST",
    }
}

fn en_command(command: &Command) -> String {
    let action = match command {
        Command::Server(action) => action,
        Command::Open(_) => return "you opened a client".into(),
        Command::Client { action, .. } => return ["you chose ", chosen(action)].concat(),
        Command::Wire(_) => return "you changed the wire".into(),
        Command::World(_) => return "you changed the world".into(),
    };
    let on = |on: bool| if on { "on" } else { "off" };
    let size = |size: Option<u32>| size.map_or("the system's own".to_string(), |size| size.to_string());
    match action {
        ServerAction::Rebind(_) => "you bound the server again".into(),
        ServerAction::Stop(_) => "you stopped the server".into(),
        ServerAction::Start(_) => "you started the server".into(),
        ServerAction::HangUp(_) => "you let the server hang up".into(),
        ServerAction::Set(setting) => match setting {
            Setting::Reading(false) => "you paused reading: the server stops before its next recv()".into(),
            Setting::Reading(true) => "you let the server read again".into(),
            Setting::Accepting(false) => "you paused accepting: the server stops before its next accept()".into(),
            Setting::Accepting(true) => "you let the server accept again".into(),
            Setting::TcpMode(mode) => ["you set the server to: ", (EN.mode)(*mode)].concat(),
            Setting::RecvSize(size) => ["you set recv(", &size.to_string(), ")"].concat(),
            Setting::Backlog(size) => ["you set listen(", &size.to_string(), ")"].concat(),
            Setting::Think(length) => ["you set the think time to ", &time(*length)].concat(),
            Setting::NoDelay(value) => ["you set TCP_NODELAY ", on(*value)].concat(),
            Setting::ReuseAddress(value) => ["you set SO_REUSEADDR ", on(*value)].concat(),
            Setting::SendBuffer(value) => ["you set SO_SNDBUF to ", &size(*value)].concat(),
            Setting::RecvBuffer(value) => ["you set SO_RCVBUF to ", &size(*value)].concat(),
            Setting::Rule(rule) => [
                "you set when the server answers: ",
                match rule {
                    LoopRule::Once => "after every recv()",
                    LoopRule::UntilShort => "after a short recv()",
                    LoopRule::UntilLen => "after as many bytes as expected",
                    LoopRule::UntilEof => "after the end of the stream",
                    LoopRule::Framed => "after a whole framed message",
                },
            ]
            .concat(),
        },
    }
}

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
        Say::InsideKernel => plain("数据包不出内核"),
        Say::Kernel => plain("内核内部"),
        Say::Path => plain("路径"),
        Say::ServerSockets => plain("服务器套接字"),
        Say::ServerProgram => plain("服务器程序"),
        Say::NotVisibleHere => plain("这里看不到数据包"),
        Say::KernelCopies => plain("没有数据包：内核直接复制"),
        Say::CallsNotVisible => plain("看不到它的调用"),
        Say::Waited(length) => ["等了 ", &time(*length)].concat(),
        Say::Waiting { accept: true, time: length } => ["等待中，这很正常：\n", &time(*length)].concat(),
        Say::Waiting { accept: false, time: length } => ["等待中：", &time(*length)].concat(),
        Say::Idle(length) => time(*length),
        Say::Seats { taken: 0, seats } => [&seats.to_string(), " 个座位，空着"].concat(),
        Say::Seats { taken, seats } if taken >= seats => [&seats.to_string(), " 个座位，已满"].concat(),
        Say::Seats { taken, seats } => [&seats.to_string(), " 个座位，", &taken.to_string(), " 个在等"].concat(),
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
        Say::Named { who, what } => [who, "：", &zh(what)].concat(),
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
        Say::Moral { transport, sends, segments, recvs, cut, unread } => {
            let mut said = [&sends.to_string(), " 次 send"].concat();
            if let Some(segments) = segments {
                said = [&said, " → ", &segments.to_string(), " 个报文段"].concat();
            }
            said = [&said, " → ", &recvs.to_string(), " 次 recv"].concat();
            let moral = match (transport, sends == recvs) {
                _ if *unread > 0 && *recvs == 0 => {
                    return [&said, "：", &unread.to_string(), " 字节在内核里等着"].concat();
                }
                (Transport::Tcp, false) => "TCP 保住了字节，没有保住你的边界",
                (Transport::Tcp, true) => "这次次数相同，但 TCP 不保证",
                (Transport::UnixStream, false) => "流保住了字节，没有保住你的边界",
                (Transport::UnixStream, true) => "这次次数相同，但流不保证",
                (Transport::Udp, true) => "UDP 保住边界",
                (Transport::Udp, false) => "UDP 保住边界，但不保证每个数据报都到",
                (Transport::UnixDatagram, _) => "数据报保住边界",
            };
            said = [&said, "：", moral].concat();
            if *cut > 0 {
                [&said, "；✂ ", &cut.to_string(), " 字节被截掉，再也没有了"].concat()
            } else {
                said
            }
        }
        Say::NothingYet => plain("还没有发送"),
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
    }
}

fn zh_command(command: &Command) -> String {
    let action = match command {
        Command::Server(action) => action,
        Command::Open(_) => return "你打开了一个客户端".into(),
        Command::Client { action, .. } => return ["你选择了 ", chosen(action)].concat(),
        Command::Wire(_) => return "你改变了线路".into(),
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
