//! Whose a socket is: `/proc/PID/fd` names the inode of every socket a process has, where we may look.

use protocol::{Address, Transport};
use std::collections::{HashMap, HashSet};

/// A process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// Its name.
    pub name: String,
}

/// The processes that have these sockets open, by inode; those we may not look at are missing.
///
/// It looks at every process, which takes milliseconds: ask only about sockets that are new.
#[must_use]
pub fn owners(inodes: &HashSet<u32>) -> HashMap<u32, Process> {
    let mut found = HashMap::new();
    let Ok(processes) = std::fs::read_dir("/proc") else { return found };
    for process in processes.flatten() {
        let Some(pid) = process.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let Ok(descriptors) = std::fs::read_dir(process.path().join("fd")) else { continue };
        for descriptor in descriptors.flatten() {
            let Ok(target) = std::fs::read_link(descriptor.path()) else { continue };
            let inode = target.to_str().and_then(|text| text.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok());
            if let Some(inode) = inode.filter(|inode| inodes.contains(inode)) {
                let name = std::fs::read_to_string(process.path().join("comm")).unwrap_or_default();
                found.entry(inode).or_insert_with(|| Process { pid, name: name.trim_end().into() });
            }
        }
        if found.len() == inodes.len() {
            break;
        }
    }
    found
}

/// The program that has an address, as name and process number, where the system tells.
#[must_use]
pub fn holder(transport: Transport, address: &Address) -> Option<String> {
    let inode = inode_at(transport, address)?;
    let process = owners(&HashSet::from([inode])).remove(&inode)?;
    Some(format!("{} (process {})", process.name, process.pid))
}

#[cfg(target_os = "linux")]
fn inode_at(transport: Transport, address: &Address) -> Option<u32> {
    use super::proc_net;
    use protocol::TcpState;
    match address {
        Address::Inet(inet) => {
            let same = |local: std::net::SocketAddr| {
                local.port() == inet.port() && (local.ip() == inet.ip() || local.ip().is_unspecified())
            };
            let reports = proc_net::read(transport, &[inet.port()]).ok()?;
            let mut those = reports.into_iter().filter(|report| same(report.local) && report.inode != 0);
            those
                .find(|report| transport != Transport::Tcp || report.state == Some(TcpState::Listen))
                .map(|report| report.inode)
        }
        // Num RefCount Protocol Flags Type St Inode Path
        Address::Unix(Some(path)) => std::fs::read_to_string("/proc/net/unix").ok()?.lines().find_map(|line| {
            let mut fields = line.split_whitespace().skip(6);
            let (inode, name) = (fields.next()?, fields.next()?);
            (name == path).then(|| inode.parse().ok()).flatten()
        }),
        Address::Unix(None) => None,
    }
}

#[cfg(not(target_os = "linux"))]
fn inode_at(_transport: Transport, _address: &Address) -> Option<u32> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn we_hold_what_we_listen_on() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = Address::Inet(listener.local_addr().unwrap());
        let holder = holder(Transport::Tcp, &address).unwrap();
        assert!(holder.contains(&format!("(process {})", std::process::id())), "{holder}");
    }
}
