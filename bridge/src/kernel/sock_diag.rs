//! The netlink messages of `sock_diag(7)`: the question as bytes, and the answers as [`Report`]s.

use super::{Report, tcp_info};
use protocol::{GaugeKey, TcpState, Transport};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// `SOCK_DIAG_BY_FAMILY`.
const BY_FAMILY: u16 = 20;
/// `TCPDIAG_GETSOCK`: the older question, which alone answers for IPv4 and IPv6 at once.
const TCP_SOCKETS: u16 = 18;
/// `NLM_F_REQUEST | NLM_F_DUMP`.
const DUMP: u16 = 0x301;
/// `NLMSG_ERROR` and `NLMSG_DONE`.
const ERROR: u16 = 2;
const DONE: u16 = 3;
const NETLINK_HEADER: usize = 16;
const MESSAGE: usize = 72;
/// `INET_DIAG_REQ_BYTECODE`, an attribute of the question.
const BYTECODE: u16 = 1;
/// `INET_DIAG_INFO` and `INET_DIAG_SKMEMINFO`, attributes of the answers.
const INFO: u16 = 2;
const MEMORY: u16 = 7;
/// The two we ask for: a bit each, from 1.
const WANTED: u8 = 1 << (INFO - 1) | 1 << (MEMORY - 1);
/// `INET_DIAG_BC_JMP`, `_S_EQ`, `_D_EQ`.
const JUMP: u8 = 1;
const SOURCE_IS: u8 = 11;
const DESTINATION_IS: u8 = 12;

/// IPv4 or IPv6, as the kernel numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Family {
    /// `AF_INET`.
    V4 = 2,
    /// `AF_INET6`.
    V6 = 10,
}

/// Asks for all UDP sockets of a family with one of the ports at one of their ends.
#[must_use]
pub fn udp(family: Family, ports: &[u16], sequence: u32) -> Vec<u8> {
    const UDP: u8 = 17;
    let mut body = vec![family as u8, UDP, WANTED, 0];
    body.extend(u32::MAX.to_ne_bytes());
    // No particular socket.
    body.extend([0; 48]);
    question(BY_FAMILY, &body, ports, sequence)
}

/// Asks for all TCP sockets of both families with one of the ports at one of their ends, in every state.
///
/// One question, because for each the kernel walks its whole hash table, whose size follows the machine's memory: at
/// 262,144 places that is 0.7 ms.
#[must_use]
pub fn tcp(ports: &[u16], sequence: u32) -> Vec<u8> {
    let mut body = vec![0, 0, 0, WANTED];
    body.extend([0; 48]);
    body.extend(u32::MAX.to_ne_bytes());
    body.extend(0_u32.to_ne_bytes());
    question(TCP_SOCKETS, &body, ports, sequence)
}

fn question(kind: u16, body: &[u8], ports: &[u16], sequence: u32) -> Vec<u8> {
    let filter = filter(ports);
    let mut message = Vec::with_capacity(128 + filter.len());
    message.extend(0_u32.to_ne_bytes());
    message.extend(kind.to_ne_bytes());
    message.extend(DUMP.to_ne_bytes());
    message.extend(sequence.to_ne_bytes());
    message.extend(0_u32.to_ne_bytes());
    message.extend(body);
    // Without a port all are asked for.
    if !ports.is_empty() {
        message.extend(((filter.len() + 4) as u16).to_ne_bytes());
        message.extend(BYTECODE.to_ne_bytes());
        message.extend(filter);
    }
    let len = message.len() as u32;
    message[..4].copy_from_slice(&len.to_ne_bytes());
    message
}

/// "Source or destination port is one of these", in the kernel's little language: each condition jumps behind the end
/// when it holds, to the next when not, and the last one too far, which rejects.
fn filter(ports: &[u16]) -> Vec<u8> {
    const CONDITION: usize = 12;
    let conditions: Vec<_> = ports.iter().flat_map(|port| [(SOURCE_IS, *port), (DESTINATION_IS, *port)]).collect();
    let all = conditions.len() * CONDITION;
    let mut code = Vec::with_capacity(all);
    for (index, (what, port)) in conditions.iter().enumerate() {
        let left = all - index * CONDITION;
        // The comparison takes two places: itself, and the port it compares with.
        let otherwise = if left == CONDITION { CONDITION + 4 } else { CONDITION };
        code.extend([*what, 8]);
        code.extend((otherwise as u16).to_ne_bytes());
        code.extend([0, 0]);
        code.extend(port.to_ne_bytes());
        code.extend([JUMP, 4]);
        code.extend(((left - 8) as u16).to_ne_bytes());
    }
    code
}

/// What one read from the socket says.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// These, and more comes.
    More(Vec<Report>),
    /// These, and that was all.
    Last(Vec<Report>),
    /// The kernel refuses: its error number.
    Refused(i32),
}

/// Reads the messages of one `recv`; those with another sequence number are left-overs of an earlier question.
#[must_use]
pub fn answer(mut bytes: &[u8], transport: Transport, sequence: u32) -> Answer {
    let mut reports = Vec::new();
    while let Some(len) = u32_at(bytes, 0).map(|len| len as usize) {
        if len < NETLINK_HEADER || len > bytes.len() {
            break;
        }
        let message = &bytes[..len];
        bytes = &bytes[len.next_multiple_of(4).min(bytes.len())..];
        if u32_at(message, 8) != Some(sequence) {
            continue;
        }
        match u16_at(message, 4) {
            Some(DONE) => return Answer::Last(reports),
            Some(ERROR) => return Answer::Refused(-(u32_at(message, NETLINK_HEADER).unwrap_or(0) as i32)),
            _ => reports.extend(report(&message[NETLINK_HEADER..], transport)),
        }
    }
    Answer::More(reports)
}

/// `struct inet_diag_msg` and its attributes.
fn report(message: &[u8], transport: Transport) -> Option<Report> {
    let fixed = message.first_chunk::<MESSAGE>()?;
    let v6 = fixed[0] == Family::V6 as u8;
    let local = address(&fixed[8..24], v6, port_at(fixed, 4));
    let peer = address(&fixed[24..40], v6, port_at(fixed, 6));
    let state = if transport == Transport::Tcp { Some(state_of(fixed[1])?) } else { None };
    let cookie = u64::from(u32_at(fixed, 44)?) | u64::from(u32_at(fixed, 48)?) << 32;
    let word = |at: usize| u32_at(fixed, at).unwrap_or(0);
    let (expires, received, sending, inode) = (word(52), word(56), word(60), word(68));
    let timer = fixed[2];
    let mut gauges = if state == Some(TcpState::Listen) {
        vec![(GaugeKey::AcceptQueue, received.into()), (GaugeKey::AcceptLimit, sending.into())]
    } else {
        vec![(GaugeKey::RecvQueue, received.into()), (GaugeKey::SendQueue, sending.into())]
    };
    if transport == Transport::Tcp && state != Some(TcpState::Listen) {
        gauges.push((GaugeKey::Timer, timer.into()));
        if timer == 0 {
            gauges.push((GaugeKey::TimerExpires, 0));
        } else {
            gauges.push((GaugeKey::TimerExpires, u64::from(expires) * 1_000));
        }
    }
    for (kind, data) in attributes(&message[MESSAGE..]) {
        match kind {
            INFO if state != Some(TcpState::Listen) => gauges.extend(tcp_info::gauges(data)),
            MEMORY => {
                let fields = [(1, GaugeKey::RecvBuffer), (3, GaugeKey::SendBuffer), (8, GaugeKey::Drops)];
                gauges.extend(fields.iter().filter_map(|(at, key)| Some((*key, u64::from(u32_at(data, at * 4)?)))));
            }
            _ => {}
        }
    }
    let peer = (peer.port() != 0).then_some(peer);
    Some(Report { transport, local, peer, state, inode, cookie: Some(cookie), timer: (timer, expires), gauges })
}

fn attributes(mut bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let len = usize::from(u16_at(bytes, 0)?);
        let (kind, data) = (u16_at(bytes, 2)?, bytes.get(4..len)?);
        bytes = bytes.get(len.next_multiple_of(4)..).unwrap_or_default();
        Some((kind, data))
    })
}

fn address(bytes: &[u8], v6: bool, port: u16) -> SocketAddr {
    let mut octets = [0; 16];
    octets.copy_from_slice(bytes);
    let ip = if v6 {
        // A socket of both families shows IPv4 peers as ::ffff:a.b.c.d; the packets are IPv4.
        Ipv6Addr::from(octets).to_canonical()
    } else {
        IpAddr::V4(Ipv4Addr::new(octets[0], octets[1], octets[2], octets[3]))
    };
    SocketAddr::new(ip, port)
}

/// The kernel's numbers (`include/net/tcp_states.h`).
pub(super) fn state_of(number: u8) -> Option<TcpState> {
    Some(match number {
        1 => TcpState::Established,
        2 => TcpState::SynSent,
        3 | 12 => TcpState::SynReceived,
        4 => TcpState::FinWait1,
        5 => TcpState::FinWait2,
        6 => TcpState::TimeWait,
        7 => TcpState::Closed,
        8 => TcpState::CloseWait,
        9 => TcpState::LastAck,
        10 => TcpState::Listen,
        11 => TcpState::Closing,
        _ => return None,
    })
}

fn port_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One `inet_diag_msg` in a netlink message.
    fn message(kind: u16, sequence: u32, state: u8, queue: (u32, u32), attributes: &[(u16, Vec<u8>)]) -> Vec<u8> {
        let mut body = vec![2, state, 3, 0];
        body.extend(8808_u16.to_be_bytes());
        body.extend(50_000_u16.to_be_bytes());
        for last in [1, 2] {
            body.extend([127, 0, 0, last]);
            body.extend([0; 12]);
        }
        body.extend(0_u32.to_ne_bytes());
        body.extend(7_u32.to_ne_bytes());
        body.extend(1_u32.to_ne_bytes());
        for word in [59_000, queue.0, queue.1, 1000, 4242] {
            body.extend(u32::to_ne_bytes(word));
        }
        for (kind, data) in attributes {
            body.extend(((data.len() + 4) as u16).to_ne_bytes());
            body.extend(kind.to_ne_bytes());
            body.extend(data);
            body.resize(body.len().next_multiple_of(4), 0);
        }
        let mut message = ((body.len() + NETLINK_HEADER) as u32).to_ne_bytes().to_vec();
        message.extend(kind.to_ne_bytes());
        message.extend(0_u16.to_ne_bytes());
        message.extend(sequence.to_ne_bytes());
        message.extend(0_u32.to_ne_bytes());
        message.extend(body);
        message
    }

    #[test]
    fn a_connection_is_read_with_its_values() {
        let mut memory = vec![0; 36];
        memory[4..8].copy_from_slice(&131_072_u32.to_ne_bytes());
        let bytes = message(BY_FAMILY, 9, 1, (11, 5), &[(99, vec![1]), (MEMORY, memory)]);
        let Answer::More(reports) = answer(&bytes, Transport::Tcp, 9) else { panic!("more comes") };
        let report = &reports[0];
        assert_eq!(report.local, "127.0.0.1:8808".parse().unwrap());
        assert_eq!(report.peer, Some("127.0.0.2:50000".parse().unwrap()));
        assert_eq!(report.state, Some(TcpState::Established));
        assert_eq!((report.inode, report.cookie, report.timer), (4242, Some(1 << 32 | 7), (3, 59_000)));
        for expected in [(GaugeKey::RecvQueue, 11), (GaugeKey::SendQueue, 5), (GaugeKey::RecvBuffer, 131_072)] {
            assert!(report.gauges.contains(&expected), "{expected:?}");
        }
    }

    #[test]
    fn a_listener_has_a_queue_of_connections() {
        let bytes = message(BY_FAMILY, 9, 10, (1, 5), &[]);
        let Answer::More(reports) = answer(&bytes, Transport::Tcp, 9) else { panic!("more comes") };
        assert_eq!(reports[0].gauges, [(GaugeKey::AcceptQueue, 1), (GaugeKey::AcceptLimit, 5)]);
    }

    #[test]
    fn the_end_a_refusal_and_left_overs_are_told_apart() {
        let mut bytes = message(BY_FAMILY, 8, 1, (0, 0), &[]);
        bytes.extend(message(DONE, 9, 0, (0, 0), &[]));
        assert_eq!(answer(&bytes, Transport::Tcp, 9), Answer::Last(vec![]));
        let mut refused = message(ERROR, 9, 0, (0, 0), &[]);
        refused[16..20].copy_from_slice(&(-1_i32).to_ne_bytes());
        assert_eq!(answer(&refused, Transport::Tcp, 9), Answer::Refused(1));
    }

    #[test]
    fn what_is_cut_anywhere_is_no_panic() {
        let whole = message(BY_FAMILY, 9, 1, (1, 2), &[(INFO, vec![0; 240]), (MEMORY, vec![0; 36])]);
        for len in 0..whole.len() {
            let mut cut = whole[..len].to_vec();
            let _ = answer(&cut, Transport::Tcp, 9);
            if len >= 4 {
                cut[..4].copy_from_slice(&(len as u32).to_ne_bytes());
                let _ = answer(&cut, Transport::Tcp, 9);
            }
        }
    }

    #[test]
    fn the_filter_accepts_the_ports_and_nothing_else() {
        let code = filter(&[8808, 808]);
        let run = |source: u16, destination: u16| -> bool {
            let (mut at, mut left) = (0_usize, code.len() as isize);
            while left > 0 {
                let (what, yes) = (code[at], code[at + 1]);
                let no = u16::from_ne_bytes([code[at + 2], code[at + 3]]);
                let holds = match what {
                    SOURCE_IS => source == u16::from_ne_bytes([code[at + 6], code[at + 7]]),
                    DESTINATION_IS => destination == u16::from_ne_bytes([code[at + 6], code[at + 7]]),
                    _ => false,
                };
                let step = if holds { usize::from(yes) } else { usize::from(no) };
                at += step;
                left -= step as isize;
            }
            left == 0
        };
        assert!(run(8808, 1) && run(1, 8808) && run(808, 1) && run(1, 808));
        assert!(!run(1, 2) && !run(809, 8809));
    }
}
