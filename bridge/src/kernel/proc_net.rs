//! The lists of sockets in `/proc/net`: all that is left where netlink is denied. Fewer values, and no cookies.

use super::{Report, sock_diag};
use protocol::{GaugeKey, TcpState, Transport};
use std::collections::HashSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Clock ticks of these files, a second: fixed for user space on every architecture.
const TICKS: u32 = 100;

/// All sockets with one of the ports at one of their ends.
///
/// # Errors
/// The files cannot be read.
pub fn read(transport: Transport, ports: &[u16]) -> io::Result<Vec<Report>> {
    let files = if transport == Transport::Udp {
        ["/proc/net/udp", "/proc/net/udp6"]
    } else {
        ["/proc/net/tcp", "/proc/net/tcp6"]
    };
    let mut all = parse(&std::fs::read_to_string(files[0])?, transport, ports);
    // A system without IPv6 lacks the second.
    all.extend(std::fs::read_to_string(files[1]).map(|text| parse(&text, transport, ports)).unwrap_or_default());
    Ok(all)
}

fn parse(text: &str, transport: Transport, ports: &[u16]) -> Vec<Report> {
    let wanted = |report: &Report| {
        ports.contains(&report.local.port()) || report.peer.is_some_and(|peer| ports.contains(&peer.port()))
    };
    let mut all: Vec<Report> = text.lines().skip(1).filter_map(|line| report(line, transport)).filter(wanted).collect();
    // The kernel walks its table while it changes, and may list a socket twice.
    let mut seen = HashSet::new();
    all.retain(|report| seen.insert((report.local, report.peer, report.inode)));
    all
}

/// `sl local remote st tx:rx timer:when retrnsmt uid timeout inode …`, numbers in hexadecimal up to `when`.
fn report(line: &str, transport: Transport) -> Option<Report> {
    let mut fields = line.split_whitespace().skip(1);
    let (local, peer) = (end(fields.next()?)?, end(fields.next()?)?);
    let state = u8::from_str_radix(fields.next()?, 16).ok()?;
    let (sending, received) = pair(fields.next()?)?;
    let (timer, when) = pair(fields.next()?)?;
    let inode = fields.nth(3)?.parse().ok()?;
    let state = if transport == Transport::Tcp { Some(sock_diag::state_of(state)?) } else { None };
    let gauges = if state == Some(TcpState::Listen) {
        vec![(GaugeKey::AcceptQueue, received.into())]
    } else {
        vec![(GaugeKey::RecvQueue, received.into()), (GaugeKey::SendQueue, sending.into())]
    };
    let timer = (u8::try_from(timer).ok()?, when.saturating_mul(1_000 / TICKS));
    let peer = (peer.port() != 0).then_some(peer);
    Some(Report { transport, local, peer, state, inode, cookie: None, timer, gauges })
}

fn pair(text: &str) -> Option<(u32, u32)> {
    let (first, second) = text.split_once(':')?;
    Some((u32::from_str_radix(first, 16).ok()?, u32::from_str_radix(second, 16).ok()?))
}

/// An address is one or four words of the machine's own byte order, a port is not.
fn end(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let word = |at: usize| Some(u32::from_str_radix(ip.get(at..at + 8)?, 16).ok()?.to_ne_bytes());
    let ip = match ip.len() {
        8 => IpAddr::V4(Ipv4Addr::from(word(0)?)),
        32 => {
            let mut octets = [0; 16];
            for (index, place) in octets.chunks_exact_mut(4).enumerate() {
                place.copy_from_slice(&word(index * 8)?);
            }
            Ipv6Addr::from(octets).to_canonical()
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn a_line_is_read() {
        let text = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
            0: 0100007F:2268 0200007F:C350 08 00000000:0000000B 02:00000064 00000000  1000        0 4242 1 0 20 0 0 10 0";
        let reports = parse(text, Transport::Tcp, &[8808]);
        let report = &reports[0];
        assert_eq!(report.local, "127.0.0.1:8808".parse().unwrap());
        assert_eq!(report.peer, Some("127.0.0.2:50000".parse().unwrap()));
        assert_eq!((report.state, report.inode, report.timer), (Some(TcpState::CloseWait), 4242, (2, 1_000)));
        assert!(report.gauges.contains(&(GaugeKey::RecvQueue, 11)));
        assert!(parse(text, Transport::Tcp, &[8809]).is_empty());
    }
}
