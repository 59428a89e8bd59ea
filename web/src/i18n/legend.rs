//! The words for what the ladder's signs mean, for levels, and for the cards of errors.

use super::Lang;
use crate::model::Say;
use crate::model::say::{Entry, Remedy};

/// English; nothing for what the ladder has words for itself.
#[must_use]
pub fn en(say: &Say) -> String {
    let plain = |text: &str| text.to_string();
    match say {
        Say::Level { received: true, bytes } => [&bytes.to_string(), " B unread"].concat(),
        Say::Level { received: false, bytes } => [&bytes.to_string(), " B not acknowledged"].concat(),
        Say::QueueFull => plain("queue full: gone, and nobody is told"),
        Say::Windows(number) => ["Windows: WinError ", &number.to_string()].concat(),
        Say::Remedy(Remedy::Use(address)) => ["Connect to ", &address.to_string()].concat(),
        Say::Remedy(Remedy::Start) => plain("Start the server"),
        Say::Remedy(Remedy::Again) => plain("Connect again"),
        Say::Simulated => plain("simulated"),
        _ => String::new(),
    }
}

/// 简体中文.
#[must_use]
pub fn zh(say: &Say) -> String {
    let plain = |text: &str| text.to_string();
    match say {
        Say::Level { received: true, bytes } => [&bytes.to_string(), " 字节未读"].concat(),
        Say::Level { received: false, bytes } => [&bytes.to_string(), " 字节未确认"].concat(),
        Say::QueueFull => plain("队列已满：丢了，没有人得到通知"),
        Say::Windows(number) => ["Windows：WinError ", &number.to_string()].concat(),
        Say::Remedy(Remedy::Use(address)) => ["改连 ", &address.to_string()].concat(),
        Say::Remedy(Remedy::Start) => plain("启动服务器"),
        Say::Remedy(Remedy::Again) => plain("重新连接"),
        Say::Simulated => plain("模拟"),
        _ => String::new(),
    }
}

/// What a sign stands for. Apart from the other words: it is loaded when it is asked for.
#[must_use]
pub fn meaning(lang: Lang, entry: Entry) -> &'static str {
    match lang {
        Lang::En => entry_en(entry),
        Lang::Zh => entry_zh(entry),
    }
}

fn entry_en(entry: Entry) -> &'static str {
    match entry {
        Entry::Call => "a call, from its entry to its return",
        Entry::Waits => "hatched: it waits",
        Entry::Began => "open at the top: it began before what is recorded",
        Entry::Failed => "it failed",
        Entry::Bytes => "the bytes of one send: letter and colour stay with them",
        Entry::Answer => "outlined: the answer to them, a new stream",
        Entry::Packet => "a packet without data; steep is slow",
        Entry::Data => "a packet with data",
        Entry::Again => "dashed: sent again, tied to what it repeats",
        Entry::Lost => "lost, and why",
        Entry::Socket => "a socket",
        Entry::Queued => "dotted: its connection waits to be accepted",
        Entry::Listen => "the listening socket, with its seats",
        Entry::Level => "how full the kernel's buffer is",
        Entry::Reported => "solid: the kernel reported it",
        Entry::Derived => "dotted frame: derived from other events",
        Entry::Dotted => "which bytes these are: derived from their places in the stream",
        Entry::Break => "time that was left out",
        Entry::Observed => "everything else was seen: calls as they were made, packets as they were captured",
        Entry::Simulated => "“simulated” under the wire: the page plays TCP/IP itself",
        Entry::Edge => "in the bytes below: a gap is an edge, one call ended there",
        Entry::Hatched => "in the bytes below: sent again",
        Entry::Hollow => "in the bytes below: lost",
    }
}

fn entry_zh(entry: Entry) -> &'static str {
    match entry {
        Entry::Call => "一次调用，从进入到返回",
        Entry::Waits => "斜纹：正在等待",
        Entry::Began => "上端开口：在记录开始之前就已进入",
        Entry::Failed => "调用失败",
        Entry::Bytes => "一次 send 的字节：字母和颜色一路跟着它们",
        Entry::Answer => "空心：对它们的回答，一条新的流",
        Entry::Packet => "不带数据的报文；越陡越慢",
        Entry::Data => "带数据的报文",
        Entry::Again => "虚线：重传，与它重复的那个相连",
        Entry::Lost => "丢失，以及原因",
        Entry::Socket => "套接字",
        Entry::Queued => "点线：连接在等待被接受",
        Entry::Listen => "监听套接字和它的座位",
        Entry::Level => "内核缓冲区里有多少",
        Entry::Reported => "实线框：内核报告",
        Entry::Derived => "点线框：由其他事件推算",
        Entry::Dotted => "这是哪些字节：由它们在流中的位置推算",
        Entry::Break => "略去的时间",
        Entry::Observed => "其余都是直接看到的：调用在发生时，报文在抓到时",
        Entry::Simulated => "线路下写着“模拟”：由网页自己扮演 TCP/IP",
        Entry::Edge => "下方字节中：缝隙是边界，一次调用到此为止",
        Entry::Hatched => "下方字节中：重传过",
        Entry::Hollow => "下方字节中：丢失",
    }
}
