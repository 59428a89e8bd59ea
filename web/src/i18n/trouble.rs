//! Refusals, errors and missing abilities in words: what happened, and what to do.

use crate::source::Trouble as What;
use protocol::capability::Reason;
use protocol::errno::{Errno, SysError};
use protocol::message::{Farewell, Limit, Moment, Refusal};

/// The sentences.
pub struct Trouble {
    /// A part of the page cannot be loaded.
    pub not_loaded: &'static str,
    /// A command was not accepted.
    pub command: fn(&What) -> String,
    /// A call failed.
    pub call: fn(&SysError) -> String,
    /// Why something cannot be had.
    pub reason: fn(Reason) -> &'static str,
    /// Why the session ended.
    pub farewell: fn(&Farewell) -> String,
}

const NOT_LOADED_EN: &str =
    "A part of this page could not be loaded: its web server is gone or has another version. Load the page again.";
const NOT_LOADED_ZH: &str = "本页的一部分无法加载：网页服务器不在了，或已换成别的版本。请重新加载本页。";

/// English.
pub const EN: Trouble = Trouble {
    not_loaded: NOT_LOADED_EN,
    command: command_en,
    call: |error| named(error, errno_en(error.name)),
    reason: reason_en,
    farewell: |farewell| match farewell {
        Farewell::Stopped => "The Socketscope program was stopped.".into(),
        Farewell::Malformed(why) => format!("It could not read a message of this page: {why}."),
        Farewell::HelloFirst => "This page began the session wrongly; load it again.".into(),
        Farewell::Silent => "It heard nothing from this page for too long.".into(),
        Farewell::TooSlow => "This page did not read for too long.".into(),
        Farewell::Limit { what, most } => limit_en(*what, *most),
    },
};

/// 简体中文.
pub const ZH: Trouble = Trouble {
    not_loaded: NOT_LOADED_ZH,
    command: command_zh,
    call: |error| named(error, errno_zh(error.name)),
    reason: reason_zh,
    farewell: |farewell| match farewell {
        Farewell::Stopped => "Socketscope 程序已被停止。".into(),
        Farewell::Malformed(why) => format!("它读不懂本页的一条消息：{why}。"),
        Farewell::HelloFirst => "本页没有正确开始会话；请重新加载。".into(),
        Farewell::Silent => "它太久没有听到本页的消息。".into(),
        Farewell::TooSlow => "本页太久没有读取。".into(),
        Farewell::Limit { what, most } => limit_zh(*what, *most),
    },
};

fn named(error: &SysError, sentence: &str) -> String {
    if error.name == Errno::Other { format!("errno {}", error.number) } else { format!("{error}: {sentence}") }
}

fn command_en(what: &What) -> String {
    let refusal = match what {
        What::NotConnected => return "The Socketscope program is away: nothing was done. Try when it is back.".into(),
        What::Lost => {
            return "The connection was lost before the answer came: look at the events to see whether it was done."
                .into();
        }
        What::NotLoaded => return NOT_LOADED_EN.into(),
        What::Refused(refusal) => refusal,
    };
    match refusal {
        Refusal::NoSuchClient(_) => "This client is gone. Open a new one.".into(),
        Refusal::NotYours(_) => "This client belongs to somebody else. Open one of your own.".into(),
        Refusal::NoSuchServer(_) => "There is no such server any more. Choose another one.".into(),
        Refusal::NoSuchTarget(_) => {
            "There is no such target. Name it with --allow-target when starting the Socketscope program.".into()
        }
        Refusal::NoSuchSocket(_) => "That connection is gone already.".into(),
        Refusal::OutOfRange(range) => {
            format!("{} must be {} to {}, and {} was asked for.", range.what, range.least, range.most, range.given)
        }
        Refusal::Limit { what, most } => limit_en(*what, *most),
        Refusal::Unavailable(_, why) => {
            let remedy = if why.remedy.is_empty() { String::new() } else { format!(" What helps: {}", why.remedy) };
            format!("{} ({}){remedy}", reason_en(why.reason), why.detail)
        }
        Refusal::WrongMoment(moment) => match moment {
            Moment::NotConnected => "The client is not connected. Connect first.".into(),
            Moment::AlreadyConnected => "The client is connected, or connecting, already.".into(),
            Moment::Closed => "The client is closed. Open a new one.".into(),
            Moment::Busy => {
                "The client has not done yet what it was told before. Wait for that, or let the server read.".into()
            }
        },
        Refusal::PresenterOnly => "Only the presenter can change that in class.".into(),
        Refusal::System(error) => format!("The system refused. {}", named(error, errno_en(error.name))),
        Refusal::NotHeld => "That packet is not on the wire any more.".into(),
    }
}

fn command_zh(what: &What) -> String {
    let refusal = match what {
        What::NotConnected => return "Socketscope 程序不在线：什么也没有做。等它恢复后再试。".into(),
        What::Lost => return "在得到回答之前连接断了：请看事件，确认是否已经执行。".into(),
        What::NotLoaded => return NOT_LOADED_ZH.into(),
        What::Refused(refusal) => refusal,
    };
    match refusal {
        Refusal::NoSuchClient(_) => "这个客户端已经不在了。请打开新的。".into(),
        Refusal::NotYours(_) => "这个客户端属于别人。请打开你自己的。".into(),
        Refusal::NoSuchServer(_) => "这个服务器已经不在了。请另选一个。".into(),
        Refusal::NoSuchTarget(_) => "没有这个目标。启动 Socketscope 程序时用 --allow-target 指定它。".into(),
        Refusal::NoSuchSocket(_) => "那个连接已经不在了。".into(),
        Refusal::OutOfRange(range) => {
            let what = range_zh(&range.what);
            format!("{what}必须在 {} 到 {} 之间，而请求的是 {}。", range.least, range.most, range.given)
        }
        Refusal::Limit { what, most } => limit_zh(*what, *most),
        Refusal::Unavailable(_, why) => {
            let remedy = if why.remedy.is_empty() { String::new() } else { format!(" 解决办法：{}", why.remedy) };
            format!("{}（{}）{remedy}", reason_zh(why.reason), why.detail)
        }
        Refusal::WrongMoment(moment) => match moment {
            Moment::NotConnected => "客户端还没有连接。请先连接。".into(),
            Moment::AlreadyConnected => "客户端已经连接，或正在连接。".into(),
            Moment::Closed => "客户端已关闭。请打开新的。".into(),
            Moment::Busy => "客户端还没做完之前的事。请等它做完，或让服务器读取。".into(),
        },
        Refusal::PresenterOnly => "课堂上只有讲师能更改这一项。".into(),
        Refusal::System(error) => format!("系统拒绝了。{}", named(error, errno_zh(error.name))),
        Refusal::NotHeld => "那个报文已经不在线路上了。".into(),
    }
}

/// The names of ranges come in English.
fn range_zh(what: &str) -> &str {
    match what {
        "recv size" => "recv 大小",
        "backlog" => "backlog ",
        "think time in nanoseconds" => "思考时间（纳秒）",
        "send buffer" => "发送缓冲区",
        "receive buffer" => "接收缓冲区",
        "number of options" => "选项个数",
        other => other,
    }
}

fn limit_en(what: Limit, most: u64) -> String {
    match what {
        Limit::Sessions => format!("No more than {most} pages can be open at once. Close one."),
        Limit::SessionsEach => format!("No more than {most} pages from one address can be open at once. Close one."),
        Limit::Clients => format!("One person can have {most} clients. Close one first."),
        Limit::Sockets => format!("The Socketscope program holds at most {most} sockets. Close some."),
        Limit::Relays => format!("No more than {most} relay connections at once."),
        Limit::Commands => format!("No more than {most} commands a second. Wait a moment."),
        Limit::MessageBytes => format!("One message can have {most} bytes. Send less at once."),
        Limit::PendingBytes => {
            format!("A client keeps at most {most} bytes that wait to be sent. Wait until the other side reads.")
        }
    }
}

fn limit_zh(what: Limit, most: u64) -> String {
    match what {
        Limit::Sessions => format!("同时最多打开 {most} 个页面。请关闭一个。"),
        Limit::SessionsEach => format!("同一地址同时最多打开 {most} 个页面。请关闭一个。"),
        Limit::Clients => format!("每人最多 {most} 个客户端。请先关闭一个。"),
        Limit::Sockets => format!("Socketscope 程序最多持有 {most} 个套接字。请关闭一些。"),
        Limit::Relays => format!("同时最多 {most} 个中继连接。"),
        Limit::Commands => format!("每秒最多 {most} 条命令。请稍等。"),
        Limit::MessageBytes => format!("一条消息最多 {most} 字节。请一次少发一些。"),
        Limit::PendingBytes => format!("一个客户端最多积压 {most} 字节待发数据。请等对方读取。"),
    }
}

fn reason_en(reason: Reason) -> &'static str {
    match reason {
        Reason::ComingLater => "Coming: not built yet in this version.",
        Reason::NeedsLinux => "Works on Linux only.",
        Reason::NeedsUnix => "Works on Unix systems only.",
        Reason::NeedsBridge => "Needs the Socketscope program on this computer.",
        Reason::NeedsTunDevice => "The TUN device is missing or may not be opened.",
        Reason::NeedsNamespaces => "This system denies user namespaces.",
        Reason::NeedsPermission => "A right is missing.",
        Reason::NotReported => "This system does not tell.",
        Reason::SwitchedOff => "Switched off on the command line.",
        Reason::AddressTaken => "The port or path is taken by another program.",
        Reason::NoSuchAddress => "This computer has no such address.",
        Reason::NotInThisWorld => "It makes no sense in this world.",
        Reason::Recorded => "This is a recorded story: it can be looked at, not changed.",
    }
}

fn reason_zh(reason: Reason) -> &'static str {
    match reason {
        Reason::ComingLater => "即将推出：这个版本还没有。",
        Reason::NeedsLinux => "只能在 Linux 上使用。",
        Reason::NeedsUnix => "只能在 Unix 系统上使用。",
        Reason::NeedsBridge => "需要在本机运行 Socketscope 程序。",
        Reason::NeedsTunDevice => "TUN 设备不存在或不允许打开。",
        Reason::NeedsNamespaces => "系统不允许用户命名空间。",
        Reason::NeedsPermission => "缺少权限。",
        Reason::NotReported => "系统不提供这项信息。",
        Reason::SwitchedOff => "已在命令行关闭。",
        Reason::AddressTaken => "端口或路径被别的程序占用。",
        Reason::NoSuchAddress => "本机没有这样的地址。",
        Reason::NotInThisWorld => "在这个环境里没有意义。",
        Reason::Recorded => "这是一份录制的记录：可以查看，不能改变。",
    }
}

fn errno_en(name: Errno) -> &'static str {
    match name {
        Errno::Eaddrinuse => "that address is in use already; choose another port, or stop whoever has it.",
        Errno::Eaddrnotavail => "this computer does not have that address.",
        Errno::Eacces => "not permitted; ports below 1024 and some paths need more rights.",
        Errno::Eperm => "the system does not permit it.",
        Errno::Eafnosupport => "this system does not know that address family.",
        Errno::Econnrefused => "nobody listens there: the other kernel said no. Start the server or check the port.",
        Errno::Econnreset => "the other side reset the connection: it closed with bytes unread, aborted, or is gone.",
        Errno::Econnaborted => "the connection was given up before it was accepted.",
        Errno::Enotconn => "the socket is not connected. Connect first.",
        Errno::Eisconn => "the socket is connected already. Open a new one.",
        Errno::Epipe => "this end was shut down, or the other side reset the connection: nothing can be sent any more.",
        Errno::Etimedout => "nobody answered for too long.",
        Errno::Ehostunreach => "there is no way to that host.",
        Errno::Enetunreach => "there is no way to that network.",
        Errno::Emsgsize => "one datagram cannot carry so many bytes. Send less.",
        Errno::Enobufs => "the kernel has no room for it now. Try again.",
        Errno::Emfile => "the program has too many files and sockets open. Close some.",
        Errno::Enfile => "the system has too many files and sockets open.",
        Errno::Einval => "the kernel does not accept that value.",
        Errno::Enoent => "there is no such socket file: nobody is bound there.",
        Errno::Eexist => "it exists already.",
        Errno::Eintr => "a signal interrupted it.",
        Errno::Ewouldblock => "it would have to wait.",
        Errno::Einprogress => "it is under way.",
        Errno::Ecanceled => "the program closed the socket meanwhile.",
        Errno::Edestaddrreq => "a destination is needed: connect first.",
        Errno::Eopnotsupp => "this sort of socket cannot do that.",
        Errno::Enomem => "the system is out of memory.",
        Errno::Other => "an error without a name here.",
    }
}

fn errno_zh(name: Errno) -> &'static str {
    match name {
        Errno::Eaddrinuse => "该地址已被占用；请换一个端口，或停掉占用者。",
        Errno::Eaddrnotavail => "本机没有这个地址。",
        Errno::Eacces => "没有权限；1024 以下的端口和某些路径需要更高权限。",
        Errno::Eperm => "系统不允许。",
        Errno::Eafnosupport => "系统不支持该地址族。",
        Errno::Econnrefused => "那里没有人监听：对方内核拒绝了。请启动服务器或检查端口。",
        Errno::Econnreset => "对方重置了连接：它没读完就关闭、异常终止，或已不在。",
        Errno::Econnaborted => "连接在被 accept 之前就被放弃了。",
        Errno::Enotconn => "套接字没有连接。请先连接。",
        Errno::Eisconn => "套接字已经连接。请打开新的。",
        Errno::Epipe => "本端已停止发送，或对方重置了连接：再也发不出去了。",
        Errno::Etimedout => "太久没有人回应。",
        Errno::Ehostunreach => "没有通往该主机的路。",
        Errno::Enetunreach => "没有通往该网络的路。",
        Errno::Emsgsize => "一个数据报装不下这么多字节。请少发一些。",
        Errno::Enobufs => "内核暂时没有空间。请重试。",
        Errno::Emfile => "程序打开的文件和套接字太多。请关闭一些。",
        Errno::Enfile => "系统打开的文件和套接字太多。",
        Errno::Einval => "内核不接受这个值。",
        Errno::Enoent => "没有这个套接字文件：没有人绑定在那里。",
        Errno::Eexist => "已经存在。",
        Errno::Eintr => "被信号打断。",
        Errno::Ewouldblock => "需要等待。",
        Errno::Einprogress => "正在进行。",
        Errno::Ecanceled => "程序在此期间关闭了套接字。",
        Errno::Edestaddrreq => "需要目的地址：请先连接。",
        Errno::Eopnotsupp => "这类套接字做不到。",
        Errno::Enomem => "系统内存不足。",
        Errno::Other => "这里没有名字的错误。",
    }
}
