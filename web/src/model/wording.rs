//! Calls, results, times and sizes as programmers write them: the same in every language.

use protocol::{Address, Direction, Errno, Family, Nanos, Op, Outcome, SocketOption, Transport};

/// `recv(1024)`, `send(5)`, `bind(127.0.0.1:8808)`.
#[must_use]
pub fn op(op: &Op) -> String {
    match op {
        Op::Socket { family, transport } => {
            let family = match family {
                Family::Ipv4 => "AF_INET",
                Family::Ipv6 => "AF_INET6",
                Family::Unix => "AF_UNIX",
            };
            let kind = if transport.is_stream() { "SOCK_STREAM" } else { "SOCK_DGRAM" };
            ["socket(", family, ", ", kind, ")"].concat()
        }
        Op::SetOption(option) => setsockopt(*option),
        Op::Bind { to } => call("bind", &place(to)),
        Op::Listen { backlog } => call("listen", &backlog.to_string()),
        Op::Accept => "accept()".into(),
        Op::Connect { to } => call("connect", &place(to)),
        Op::Send { len } => call("send", &len.to_string()),
        Op::SendTo { len, to } => ["sendto(", &len.to_string(), ", ", &place(to), ")"].concat(),
        Op::Recv { max } => call("recv", &max.to_string()),
        Op::RecvFrom { max } => call("recvfrom", &max.to_string()),
        Op::Shutdown { how } => call("shutdown", direction(*how)),
        Op::Close => "close()".into(),
        Op::Abort => "close() SO_LINGER 0".into(),
        Op::Think { time: length } => call("sleep", &time(*length)),
        Op::Unlink { path } => call("unlink", path),
    }
}

/// With fewer arguments, for a narrow lane: `socket()`, `bind(:8808)`, `sendto(5)`.
#[must_use]
pub fn short_op(what: &Op) -> String {
    let port = |name: &str, to: &Address| match to.port() {
        Some(port) => call(name, &[":", &port.to_string()].concat()),
        None => call(name, &place(to)),
    };
    match what {
        Op::Bind { to } => port("bind", to),
        Op::Connect { to } => port("connect", to),
        Op::SendTo { len, .. } => call("sendto", &len.to_string()),
        Op::Abort => "close() RST".into(),
        Op::Socket { .. } | Op::SetOption(_) | Op::Unlink { .. } => call(op_name(what), ""),
        _ => op(what),
    }
}

/// What came back, without the address it came from.
#[must_use]
pub fn short_outcome(what: &Outcome) -> String {
    match what {
        Outcome::From(count, _) => count.to_string(),
        Outcome::Accepted { .. } => "conn".into(),
        _ => outcome(what),
    }
}

/// Without its arguments: `recv()`; what is short enough for a narrow lane.
#[must_use]
pub fn op_name(op: &Op) -> &'static str {
    match op {
        Op::Socket { .. } => "socket",
        Op::SetOption(_) => "setsockopt",
        Op::Bind { .. } => "bind",
        Op::Listen { .. } => "listen",
        Op::Accept => "accept",
        Op::Connect { .. } => "connect",
        Op::Send { .. } => "send",
        Op::SendTo { .. } => "sendto",
        Op::Recv { .. } => "recv",
        Op::RecvFrom { .. } => "recvfrom",
        Op::Shutdown { .. } => "shutdown",
        Op::Close | Op::Abort => "close",
        Op::Think { .. } => "sleep",
        Op::Unlink { .. } => "unlink",
    }
}

fn call(name: &str, argument: &str) -> String {
    [name, "(", argument, ")"].concat()
}

/// An address as an argument; an unnamed Unix socket is `''`.
#[must_use]
pub fn place(address: &Address) -> String {
    match address {
        Address::Unix(None) => "''".into(),
        Address::Unix(Some(path)) if path.len() > 24 => ["…/", path.rsplit('/').next().unwrap_or(path)].concat(),
        other => other.to_string(),
    }
}

/// `SHUT_WR`.
#[must_use]
pub fn direction(how: Direction) -> &'static str {
    match how {
        Direction::In => "SHUT_RD",
        Direction::Out => "SHUT_WR",
        Direction::Both => "SHUT_RDWR",
    }
}

fn setsockopt(option: SocketOption) -> String {
    let flag = |on: bool| if on { "1" } else { "0" }.to_string();
    let (name, value) = match option {
        SocketOption::ReuseAddress(on) => ("SO_REUSEADDR", flag(on)),
        SocketOption::NoDelay(on) => ("TCP_NODELAY", flag(on)),
        SocketOption::SendBuffer(size) => ("SO_SNDBUF", size.to_string()),
        SocketOption::RecvBuffer(size) => ("SO_RCVBUF", size.to_string()),
        SocketOption::KeepAlive(on) => ("SO_KEEPALIVE", flag(on)),
        SocketOption::V6Only(on) => ("IPV6_V6ONLY", flag(on)),
    };
    ["setsockopt(", name, ", ", &value, ")"].concat()
}

/// What came back, as it stands after `=`.
#[must_use]
pub fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Done => "0".into(),
        Outcome::Fd(fd) => ["fd ", &fd.to_string()].concat(),
        Outcome::Bytes(count) => count.to_string(),
        Outcome::From(count, from) => match from {
            Address::Inet(_) => [&count.to_string(), ", ", &place(from)].concat(),
            Address::Unix(_) => count.to_string(),
        },
        Outcome::Accepted { peer, .. } => match peer {
            Address::Inet(peer) => ["conn :", &peer.port().to_string()].concat(),
            Address::Unix(_) => "conn".into(),
        },
        Outcome::Failed(error) if error.name == Errno::Other => error.to_string(),
        Outcome::Failed(error) => error.name.posix().into(),
        Outcome::Cancelled => "…".into(),
    }
}

/// The transport's name: `TCP`, `UDP`, `Unix stream`, `Unix datagram`.
#[must_use]
pub fn transport(transport: Transport) -> &'static str {
    match transport {
        Transport::Tcp => "TCP",
        Transport::Udp => "UDP",
        Transport::UnixStream => "Unix stream",
        Transport::UnixDatagram => "Unix datagram",
    }
}

/// A length of time with two or three figures: `0.08 ms`, `41 ms`, `12 s`, `2 min`.
#[must_use]
pub fn time(length: Nanos) -> String {
    let micros = length.0 / 1_000;
    let (whole, tenths, unit) = match micros {
        0..1_000 => return fraction(micros.max(u64::from(length.0 > 0)), 1_000, if micros < 10 { 3 } else { 2 }, "ms"),
        1_000..10_000 => return fraction(micros, 1_000, 1, "ms"),
        10_000..1_000_000 => (micros / 1_000, 0, "ms"),
        1_000_000..10_000_000 => (micros / 1_000_000, micros / 100_000 % 10, "s"),
        10_000_000..120_000_000 => (micros / 1_000_000, 0, "s"),
        _ => (micros / 60_000_000, 0, "min"),
    };
    if tenths > 0 { fraction(whole * 10 + tenths, 10, 1, unit) } else { [&whole.to_string(), " ", unit].concat() }
}

/// A moment of the story: `78.38 ms`, `12.345 s`.
#[must_use]
pub fn moment(at: Nanos) -> String {
    let micros = at.0 / 1_000;
    if micros < 1_000_000 { fraction(micros, 1_000, 2, "ms") } else { fraction(micros / 1_000, 1_000, 3, "s") }
}

fn fraction(value: u64, unit: u64, digits: usize, name: &str) -> String {
    let tail: String = (unit + value % unit).to_string().chars().skip(1).take(digits).collect();
    [&(value / unit).to_string(), ".", &tail, " ", name].concat()
}

/// One byte as a person should see it: white space and control characters made visible, others as they are.
#[must_use]
pub fn visible(bytes: &[u8]) -> String {
    let mut shown = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for letter in chunk.valid().chars() {
            shown.push(match letter {
                ' ' => '·',
                '\n' => '↵',
                '\r' => '␍',
                '\t' => '⇥',
                '\0'..='\u{1f}' => char::from_u32(0x2400 + letter as u32).unwrap_or('�'),
                '\u{7f}' => '␡',
                other => other,
            });
        }
        for _ in chunk.invalid() {
            shown.push('�');
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_two_or_three_figures() {
        let shown = |nanos| time(Nanos(nanos));
        assert_eq!(
            [900, 8_400, 80_000, 999_999, 1_250_000, 41_200_000, 1_500_000_000, 12_000_000_000, 180_000_000_000]
                .map(shown)
                .join(" | "),
            "0.001 ms | 0.008 ms | 0.08 ms | 0.99 ms | 1.2 ms | 41 ms | 1.5 s | 12 s | 3 min"
        );
        assert_eq!(moment(Nanos(78_380_000)), "78.38 ms");
        assert_eq!(moment(Nanos(12_345_678_000)), "12.345 s");
    }

    #[test]
    fn edges_of_text_are_visible() {
        assert_eq!(visible("one two\n".as_bytes()), "one·two↵");
        assert_eq!(visible("é\u{0}".as_bytes()), "é␀");
        assert_eq!(visible(&[0xe4, 0xbd]), "��");
    }
}
