//! The caption of the byte tracker: what became of what was sent, from the trace, and what it teaches.

use crate::model::moral::Moral;
use protocol::Transport;

/// English.
#[must_use]
pub fn en(moral: &Moral) -> String {
    let count = |number: u64, one: &str, many: &str| {
        [number.to_string().as_str(), " ", if number == 1 { one } else { many }].concat()
    };
    let mut said = count(moral.sends.into(), "send", "sends");
    if let Some(segments) = moral.segments {
        said += " → ";
        said += &count(segments.into(), "segment", "segments");
        match (moral.again, moral.lost) {
            (0, 0) => {}
            (again, 0) => said += &[" (", &again.to_string(), " sent again)"].concat(),
            (0, lost) => said += &[" (", &lost.to_string(), " lost)"].concat(),
            (again, lost) => said += &[" (", &again.to_string(), " sent again, ", &lost.to_string(), " lost)"].concat(),
        }
    }
    said += " → ";
    said += &count(moral.recvs.into(), "recv", "recvs");
    said += ": ";
    let streams = moral.streams();
    let waiting = if streams {
        count(moral.waiting, "byte waits", "bytes wait")
    } else {
        count(moral.waiting, "datagram waits", "datagrams wait")
    };
    let waits = [waiting.as_str(), if streams { " in the kernel" } else { " in the queue" }].concat();
    let mut more: Vec<String> = Vec::new();
    match lesson(moral) {
        Lesson::Waits => said += &waits,
        Lesson::Lost => said += "what was lost is sent again when nobody acknowledges it",
        Lesson::Under => said += &count(moral.missing, "byte is on its way", "bytes are on their way"),
        Lesson::Bytes => {
            said += if moral.transport == Some(Transport::UnixStream) { "the stream" } else { "TCP" };
            said += " kept the bytes, not your edges";
        }
        Lesson::Same => {
            let unix = moral.transport == Some(Transport::UnixStream);
            said += "the same edges this time; ";
            said += if unix { "a stream does not promise it" } else { "TCP does not promise it" };
        }
        Lesson::Edges => {
            said += if streams { "" } else { keeps(moral, "UDP keeps the edges", "datagrams keep the edges") }
        }
        Lesson::Gone => {
            said +=
                keeps(moral, "UDP keeps the edges, not every datagram", "datagrams keep the edges, not every one came");
            more.push([&count(moral.missing, "is", "are"), " gone, and nobody was told"].concat());
        }
    }
    if !streams && moral.missing > 0 && lesson(moral) != Lesson::Gone {
        more.push([&count(moral.missing, "is", "are"), " gone, and nobody was told"].concat());
    }
    if moral.waiting > 0 && lesson(moral) != Lesson::Waits {
        more.push(waits);
    }
    if streams && moral.missing > 0 && !matches!(lesson(moral), Lesson::Under | Lesson::Lost) {
        more.push(count(moral.missing, "byte is on its way", "bytes are on their way"));
    }
    if moral.cut > 0 {
        more.push(["✂ ", &count(moral.cut, "byte", "bytes"), " cut off and gone"].concat());
    }
    for part in more {
        said += "; ";
        said += &part;
    }
    said
}

/// 简体中文.
#[must_use]
pub fn zh(moral: &Moral) -> String {
    let number = |number: u64| number.to_string();
    let mut said = [&number(moral.sends.into()), " 次 send"].concat();
    if let Some(segments) = moral.segments {
        said += &[" → ", &number(segments.into()), " 个报文段"].concat();
        match (moral.again, moral.lost) {
            (0, 0) => {}
            (again, 0) => said += &["（重传 ", &again.to_string(), " 个）"].concat(),
            (0, lost) => said += &["（丢失 ", &lost.to_string(), " 个）"].concat(),
            (again, lost) => {
                said += &["（重传 ", &again.to_string(), " 个，丢失 ", &lost.to_string(), " 个）"].concat();
            }
        }
    }
    said += &[" → ", &number(moral.recvs.into()), " 次 recv："].concat();
    let streams = moral.streams();
    let waits = if streams {
        [&number(moral.waiting), " 字节在内核里等着"].concat()
    } else {
        [&number(moral.waiting), " 个数据报在队列里等着"].concat()
    };
    let under = [&number(moral.missing), " 字节还在路上"].concat();
    let mut more: Vec<String> = Vec::new();
    match lesson(moral) {
        Lesson::Waits => said += &waits,
        Lesson::Lost => said += "丢失的部分没人确认，到时会重传",
        Lesson::Under => said += &under,
        Lesson::Bytes => {
            said += if moral.transport == Some(Transport::UnixStream) { "流" } else { "TCP " };
            said += "保住了字节，没有保住你的边界";
        }
        Lesson::Same => {
            let unix = moral.transport == Some(Transport::UnixStream);
            said +=
                if unix { "这次边界相同，但流不保证" } else { "这次边界相同，但 TCP 不保证" };
        }
        Lesson::Edges => said += if streams { "" } else { keeps(moral, "UDP 保住边界", "数据报保住边界") },
        Lesson::Gone => {
            said += keeps(moral, "UDP 保住边界，但不保证每个数据报都到", "数据报保住边界，但不是每个都到了");
            more.push([&number(moral.missing), " 个丢了，谁也没有收到通知"].concat());
        }
    }
    if !streams && moral.missing > 0 && lesson(moral) != Lesson::Gone {
        more.push([&number(moral.missing), " 个丢了，谁也没有收到通知"].concat());
    }
    if moral.waiting > 0 && lesson(moral) != Lesson::Waits {
        more.push(waits);
    }
    if streams && moral.missing > 0 && !matches!(lesson(moral), Lesson::Under | Lesson::Lost) {
        more.push(under);
    }
    if moral.cut > 0 {
        more.push(["✂ ", &number(moral.cut), " 字节被截掉，再也没有了"].concat());
    }
    for part in more {
        said += "；";
        said += &part;
    }
    said
}

fn keeps(moral: &Moral, udp: &'static str, other: &'static str) -> &'static str {
    if moral.transport == Some(Transport::Udp) { udp } else { other }
}

/// What there is to learn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lesson {
    /// Nothing was read yet: it waits.
    Waits,
    /// Nothing was read yet: some of it was lost.
    Lost,
    /// Nothing was read yet, and nothing has come.
    Under,
    /// The bytes came, the edges did not.
    Bytes,
    /// The edges came too, by chance.
    Same,
    /// Datagrams keep their edges.
    Edges,
    /// Some datagrams are gone.
    Gone,
}

fn lesson(moral: &Moral) -> Lesson {
    match (moral.streams(), moral.recvs) {
        (_, 0) if moral.waiting > 0 => Lesson::Waits,
        (true, 0) if moral.lost > 0 => Lesson::Lost,
        (true, 0) => Lesson::Under,
        (true, _) if moral.same => Lesson::Same,
        (true, _) => Lesson::Bytes,
        (false, _) if moral.missing > 0 => Lesson::Gone,
        (false, _) => Lesson::Edges,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn said(moral: Moral) -> String {
        [en(&moral), zh(&moral)].join("\n") + "\n"
    }

    #[test]
    fn a_caption_is_true_whatever_became_of_the_bytes() {
        let tcp = Moral { transport: Some(Transport::Tcp), sends: 3, recvs: 1, ..Moral::default() };
        let udp = Moral { transport: Some(Transport::Udp), sends: 3, recvs: 3, ..Moral::default() };
        let all = [
            Moral { segments: Some(2), ..tcp },
            Moral { segments: Some(3), again: 1, recvs: 3, same: true, ..tcp },
            Moral { segments: Some(3), lost: 1, recvs: 0, missing: 11, ..tcp },
            Moral { recvs: 0, missing: 11, ..tcp },
            Moral { recvs: 0, waiting: 11, ..tcp },
            Moral { waiting: 5, ..tcp },
            Moral { missing: 1, transport: Some(Transport::UnixStream), ..tcp },
            udp,
            Moral { cut: 976, ..udp },
            Moral { recvs: 1, waiting: 1, missing: 1, ..udp },
            Moral { recvs: 0, waiting: 3, missing: 2, ..udp },
        ];
        expect![[r#"
            3 sends → 2 segments → 1 recv: TCP kept the bytes, not your edges
            3 次 send → 2 个报文段 → 1 次 recv：TCP 保住了字节，没有保住你的边界
            3 sends → 3 segments (1 sent again) → 3 recvs: the same edges this time; TCP does not promise it
            3 次 send → 3 个报文段（重传 1 个） → 3 次 recv：这次边界相同，但 TCP 不保证
            3 sends → 3 segments (1 lost) → 0 recvs: what was lost is sent again when nobody acknowledges it
            3 次 send → 3 个报文段（丢失 1 个） → 0 次 recv：丢失的部分没人确认，到时会重传
            3 sends → 0 recvs: 11 bytes are on their way
            3 次 send → 0 次 recv：11 字节还在路上
            3 sends → 0 recvs: 11 bytes wait in the kernel
            3 次 send → 0 次 recv：11 字节在内核里等着
            3 sends → 1 recv: TCP kept the bytes, not your edges; 5 bytes wait in the kernel
            3 次 send → 1 次 recv：TCP 保住了字节，没有保住你的边界；5 字节在内核里等着
            3 sends → 1 recv: the stream kept the bytes, not your edges; 1 byte is on its way
            3 次 send → 1 次 recv：流保住了字节，没有保住你的边界；1 字节还在路上
            3 sends → 3 recvs: UDP keeps the edges
            3 次 send → 3 次 recv：UDP 保住边界
            3 sends → 3 recvs: UDP keeps the edges; ✂ 976 bytes cut off and gone
            3 次 send → 3 次 recv：UDP 保住边界；✂ 976 字节被截掉，再也没有了
            3 sends → 1 recv: UDP keeps the edges, not every datagram; 1 is gone, and nobody was told; 1 datagram waits in the queue
            3 次 send → 1 次 recv：UDP 保住边界，但不保证每个数据报都到；1 个丢了，谁也没有收到通知；1 个数据报在队列里等着
            3 sends → 0 recvs: 3 datagrams wait in the queue; 2 are gone, and nobody was told
            3 次 send → 0 次 recv：3 个数据报在队列里等着；2 个丢了，谁也没有收到通知
        "#]].assert_eq(&all.into_iter().map(said).collect::<String>());
    }
}
