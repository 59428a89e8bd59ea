//! The words for reasons.
//!
//! A reason is a template: `%` stands for the mark that is the cause, `#` for the number, the time or the word in it.
//! Templates are data, and much smaller in the page than code that puts each sentence together.

use crate::model::Say;
use crate::model::why::Reason;
use crate::model::wording::time;
use protocol::{DropReason, Hold};

/// The sentences.
pub struct Why {
    /// Head of the chain of reasons.
    pub why: &'static str,
    /// Under the chain: how to walk it.
    pub walk: &'static str,
    /// Goes back to the mark one came from.
    pub back: &'static str,
    /// The end of the chain, said aloud by the key that walks it.
    pub end: &'static str,
    /// The template of a reason.
    pub reason: fn(Reason) -> &'static str,
}

impl Why {
    /// A reason in words; `cause` is the mark that it names.
    #[must_use]
    pub fn said(&self, reason: Reason, cause: &str, say: fn(&Say) -> String) -> String {
        let number = match reason {
            Reason::BytesSent { sends: number }
            | Reason::Unanswered(number)
            | Reason::Missed(number)
            | Reason::Queued(number)
            | Reason::NoSeat(number) => number.to_string(),
            Reason::Thinks(length) | Reason::Acknowledges(length) | Reason::TimedOut(length) => time(length),
            Reason::Lost(why) => say(&Say::Dropped(why)),
            _ => String::new(),
        };
        let mut said = String::new();
        for part in (self.reason)(reason).split_inclusive(['%', '#']) {
            match part.strip_suffix('%').or(part.strip_suffix('#')) {
                Some(text) => {
                    said.push_str(text);
                    said.push_str(if part.ends_with('%') { cause } else { &number });
                }
                None => said.push_str(part),
            }
        }
        // Where the cause is no mark, nothing comes after the colon.
        said.trim_end_matches([' ', ':', '：']).to_owned()
    }
}

/// English.
pub const EN: Why = Why {
    why: "Why?",
    walk: "Choose a cause to ask on from there.",
    back: "Back",
    end: "That is as far as the story tells.",
    reason: en,
};

/// 简体中文.
pub const ZH: Why =
    Why {
        why: "为什么？", walk: "选一个原因，从那里继续追问。", back: "返回", end: "记录只说到这里。", reason: zh
    };

fn en(reason: Reason) -> &'static str {
    match reason {
        Reason::Told => "A command: %",
        Reason::Followed => "It followed from: %",
        Reason::BytesSent { sends: 0 | 1 } => "The bytes came from %",
        Reason::BytesSent { .. } => "The bytes came from # sends; the last was %",
        Reason::Answers => "It answers what came in %",
        Reason::Connected => "A client called %",
        Reason::OtherSideEnded => "The other side called %",
        Reason::SawEnd => "The program saw the end in %",
        Reason::KernelAnswers => "The server's kernel answers by itself since %",
        Reason::Taken => "Another socket has that address: %",
        Reason::Thinks(_) => "The server is set to think for #",
        Reason::Woke => "This arrived and woke it: %",
        Reason::WasHere => "The kernel had it already, from %",
        Reason::Handshake => "The last step of the handshake arrived: %",
        Reason::WasQueued => "A connection was waiting in its seat: %",
        Reason::SynAnswered => "The other kernel answered: %",
        Reason::FinArrived => "The other side's end arrived: %",
        Reason::ResetArrived => "A reset arrived: %",
        Reason::IcmpArrived => "An error came back from the network: %",
        Reason::Unanswered(0 | 1) => "Nobody answered %",
        Reason::Unanswered(_) => "Nobody answered, # times: %",
        Reason::Arrived => "This packet arrived: %",
        Reason::SentThat => "This end sent %",
        Reason::Connects => "connect() asks with a SYN: %",
        Reason::AnswersSyn => "The kernel answers the SYN by itself: %",
        Reason::Acknowledges(protocol::Nanos(0)) => "It says that this arrived: %",
        Reason::Acknowledges(_) => "It says, # later, that this arrived: %",
        Reason::BeyondGap => "This arrived beyond a gap; the kernel keeps it and asks for what is missing: %",
        Reason::Missing => "What should have come before it: %",
        Reason::HadThat => "This arrived although it was here already: %",
        Reason::WindowOpens => "The program took bytes, so there is room again: %",
        Reason::Ends => "The program ended its sending: %",
        Reason::Aborts => "The program aborted: %",
        Reason::ClosedUnread => "The program closed before it had read everything: %",
        Reason::NoSuchConnection => "There is no connection there any more for %",
        Reason::NobodyThere => "Nobody listens there for %",
        Reason::TooBig => "It is larger than the path allows: %",
        Reason::Allowed => "The kernel had waited for this acknowledgement before sending more: %",
        Reason::Copied => "The wire copied %",
        Reason::Missed(0 | 1) => "An acknowledgement asked for these bytes: %",
        Reason::Missed(_) => "# acknowledgements asked for these bytes; the last was %",
        Reason::TimedOut(_) => "No acknowledgement came in #, so the kernel's timer fired, for %",
        Reason::AckLost => "It had arrived, but its acknowledgement did not come back: %",
        Reason::Probes => "The other side offers no room; the kernel asks whether that still holds: %",
        Reason::KeepsAlive => "Nothing was said for long; the kernel asks whether the other side is there: %",
        Reason::Dropped(DropReason::ByYou) => "You dropped it",
        Reason::Dropped(DropReason::Loss) => "The wire is set to lose some packets, at random: %",
        Reason::Dropped(DropReason::Cut) => "The cable was cut",
        Reason::Dropped(DropReason::QueueFull) => "The queue before the slow wire was full: %",
        Reason::Dropped(DropReason::TooBig) => "It is larger than the wire's MTU: %",
        Reason::Dropped(DropReason::AcceptQueueFull) => {
            "All seats of the accept queue were taken; the SYN was ignored: %"
        }
        Reason::Dropped(DropReason::Interface) => "The receiving interface took no more: %",
        Reason::Held(Hold::Wire) => "The whole wire is held",
        Reason::Held(Hold::Caught) => "It is what you wanted to catch",
        Reason::Queued(_) => "It waited behind # others, at the rate that is set: %",
        Reason::ServerBusy => "Nobody has accepted the connection: the server is busy in %",
        Reason::NotAccepted => "Nobody has accepted the connection yet: %",
        Reason::NoSeat(_) => "All # seats are taken, so the kernel ignores the SYN; the server is in %",
        Reason::NothingSent => "Nothing has come for it since it began to wait.",
        Reason::NobodyConnects => "Nobody has connected since accept() was called.",
        Reason::NobodyListens => "Nobody listens at that address: the kernel there refused.",
        Reason::NobodyAnswers => "Nobody answered.",
        Reason::OnItsWay => "What it waits for is on its way: %",
        Reason::Stopped => "What it waits for is stopped in mid-wire: %",
        Reason::Lost(_) => "What it waits for was lost (#): %",
        Reason::NotReading => "The other side's kernel has the bytes, but its program does not read: %",
        Reason::BothWait => "The other side has everything and waits for more itself, in %",
        Reason::Works => "The other side's program has the bytes and takes its time: %",
        Reason::NoRoom => "The buffers are full, because the other side's program does not read: %",
    }
}

fn zh(reason: Reason) -> &'static str {
    match reason {
        Reason::Told => "一个命令：%",
        Reason::Followed => "由此引起：%",
        Reason::BytesSent { sends: 0 | 1 } => "这些字节来自 %",
        Reason::BytesSent { .. } => "这些字节来自 # 次 send，最后一次是 %",
        Reason::Answers => "它回答的是 %",
        Reason::Connected => "有客户端调用了 %",
        Reason::OtherSideEnded => "对方调用了 %",
        Reason::SawEnd => "程序在这里看到了结束：%",
        Reason::KernelAnswers => "从这次调用起，服务器的内核自己应答：%",
        Reason::Taken => "该地址已被另一个套接字占用：%",
        Reason::Thinks(_) => "服务器被设为思考 #",
        Reason::Woke => "它到达，把调用唤醒了：%",
        Reason::WasHere => "内核早已收到，来自 %",
        Reason::Handshake => "握手的最后一步到了：%",
        Reason::WasQueued => "已有连接坐在座位上等着：%",
        Reason::SynAnswered => "对方内核应答了：%",
        Reason::FinArrived => "对方的结束标记到了：%",
        Reason::ResetArrived => "收到了重置：%",
        Reason::IcmpArrived => "网络返回了一个错误：%",
        Reason::Unanswered(0 | 1) => "没有人应答 %",
        Reason::Unanswered(_) => "发了 # 次都没有人应答：%",
        Reason::Arrived => "这个报文到了：%",
        Reason::SentThat => "这一端发出了 %",
        Reason::Connects => "connect() 用 SYN 请求连接：%",
        Reason::AnswersSyn => "内核自己应答了 SYN：%",
        Reason::Acknowledges(protocol::Nanos(0)) => "它表示收到了：%",
        Reason::Acknowledges(_) => "它在 # 之后表示收到了：%",
        Reason::BeyondGap => "它越过一个缺口先到了；内核留下它，并索要缺少的部分：%",
        Reason::Missing => "本该在它之前到的是：%",
        Reason::HadThat => "它又来了一次，其实早已收到：%",
        Reason::WindowOpens => "程序取走了字节，又有空间了：%",
        Reason::Ends => "程序结束了发送：%",
        Reason::Aborts => "程序异常终止了连接：%",
        Reason::ClosedUnread => "程序没读完就关闭了：%",
        Reason::NoSuchConnection => "那里已经没有这个连接，而它到了：%",
        Reason::NobodyThere => "那里没有人监听，而它到了：%",
        Reason::TooBig => "它比这条路允许的更大：%",
        Reason::Allowed => "内核等到这个确认才继续发送：%",
        Reason::Copied => "线路复制了 %",
        Reason::Missed(0 | 1) => "一个确认索要这些字节：%",
        Reason::Missed(_) => "# 个确认索要这些字节，最后一个是 %",
        Reason::TimedOut(_) => "等了 # 没有确认，内核的定时器到点，针对 %",
        Reason::AckLost => "它其实到了，但对它的确认没有回来：%",
        Reason::Probes => "对方没有空间；内核询问是否仍然如此：%",
        Reason::KeepsAlive => "很久没有消息；内核询问对方是否还在：%",
        Reason::Dropped(DropReason::ByYou) => "你丢弃了它",
        Reason::Dropped(DropReason::Loss) => "线路被设为随机丢失一些报文：%",
        Reason::Dropped(DropReason::Cut) => "网线被剪断了",
        Reason::Dropped(DropReason::QueueFull) => "慢速线路前的队列满了：%",
        Reason::Dropped(DropReason::TooBig) => "它比线路的 MTU 大：%",
        Reason::Dropped(DropReason::AcceptQueueFull) => "全连接队列的座位都满了，SYN 被忽略：%",
        Reason::Dropped(DropReason::Interface) => "接收接口不再收取：%",
        Reason::Held(Hold::Wire) => "整条线路被扣住",
        Reason::Held(Hold::Caught) => "它正是你要拦截的",
        Reason::Queued(_) => "按设定的速率，它排在另外 # 个之后：%",
        Reason::ServerBusy => "还没有人接受这个连接：服务器正忙于 %",
        Reason::NotAccepted => "还没有人接受这个连接：%",
        Reason::NoSeat(_) => "# 个座位都满了，内核忽略这个 SYN；服务器停在 %",
        Reason::NothingSent => "从它开始等待起，什么也没有来。",
        Reason::NobodyConnects => "从调用 accept() 起，还没有人连接。",
        Reason::NobodyListens => "那个地址没有人监听：那里的内核拒绝了。",
        Reason::NobodyAnswers => "没有人应答。",
        Reason::OnItsWay => "它等的东西在路上：%",
        Reason::Stopped => "它等的东西停在半路：%",
        Reason::Lost(_) => "它等的东西丢失了（#）：%",
        Reason::NotReading => "对方内核已收到，但对方程序不读取：%",
        Reason::BothWait => "对方已全部收到，自己也在等更多，停在 %",
        Reason::Works => "对方程序已拿到字节，还在处理：%",
        Reason::NoRoom => "缓冲区满了，因为对方程序不读取：%",
    }
}
