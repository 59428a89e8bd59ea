//! What the hosts' kernels say of their connections, in `/proc/net/tcp`.

use super::End;
use crate::two_hosts::descendants;
use protocol::TcpState;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Instant;
use support::running::Running;

/// What the kernel had: each state at some time between two moments.
pub(super) struct Sample {
    pub(super) from: Instant,
    pub(super) until: Instant,
    pub(super) states: BTreeMap<End, (TcpState, [Instant; 2])>,
}

/// Reads all connections of both hosts, in whose network these processes live.
pub(super) fn sample(processes: &[u32; 2]) -> Sample {
    let from = Instant::now();
    let mut states = BTreeMap::new();
    for process in processes {
        for file in ["tcp", "tcp6"] {
            let before = Instant::now();
            let text = std::fs::read_to_string(format!("/proc/{process}/net/{file}")).unwrap();
            let at = [before, Instant::now()];
            let connections = text.lines().skip(1).filter_map(connection);
            states.extend(connections.map(|(end, state)| (end, (state, at))));
        }
    }
    Sample { from, until: Instant::now(), states }
}

/// A line of `/proc/net/tcp`: number, ends, and state, in hexadecimal.
fn connection(line: &str) -> Option<(End, TcpState)> {
    let mut words = line.split_whitespace().skip(1);
    let end = (address(words.next()?)?, address(words.next()?)?);
    let state = match words.next()? {
        "01" => TcpState::Established,
        "02" => TcpState::SynSent,
        "03" | "0C" => TcpState::SynReceived,
        "04" => TcpState::FinWait1,
        "05" => TcpState::FinWait2,
        "06" => TcpState::TimeWait,
        "08" => TcpState::CloseWait,
        "09" => TcpState::LastAck,
        "0B" => TcpState::Closing,
        // A listener, or a socket that is not connected.
        _ => return None,
    };
    Some((end, state))
}

/// Words of the machine's own byte order, and a port.
fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let octets: Vec<u8> =
        (0..ip.len() / 8).flat_map(|at| u32::from_str_radix(&ip[at * 8..][..8], 16).unwrap().to_ne_bytes()).collect();
    let ip: IpAddr = match octets.len() {
        4 => Ipv4Addr::from(<[u8; 4]>::try_from(octets).unwrap()).into(),
        _ => Ipv6Addr::from(<[u8; 16]>::try_from(octets).unwrap()).to_canonical(),
    };
    Some(SocketAddr::new(ip, u16::from_str_radix(port, 16).ok()?))
}

/// A process of each host, the networks of which differ from ours.
pub(super) fn inside(bridge: &Running) -> [u32; 2] {
    let network = |process: u32| std::fs::read_link(format!("/proc/{process}/ns/net")).unwrap();
    let ours = network(std::process::id());
    let mut found: BTreeMap<_, u32> = BTreeMap::new();
    for process in descendants(bridge.pid()) {
        found.entry(network(process)).or_insert(process);
    }
    let processes: Vec<u32> = found.into_iter().filter(|(net, _)| *net != ours).map(|(_, process)| process).collect();
    processes.try_into().expect("two hosts")
}
