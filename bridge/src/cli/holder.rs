//! Who has a port.

/// ` by NAME (process N)` where the system tells, else nothing.
#[cfg(target_os = "linux")]
#[must_use]
pub fn held_by(port: u16) -> String {
    linux::find(port).map_or_else(String::new, |(name, pid)| format!(" by {name} (process {pid})"))
}

/// Only Linux tells.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub fn held_by(_: u16) -> String {
    String::new()
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;

    pub fn find(port: u16) -> Option<(String, u32)> {
        let inodes: Vec<String> =
            ["tcp", "tcp6", "udp", "udp6"].iter().flat_map(|table| listeners(table, port)).collect();
        if inodes.is_empty() {
            return None;
        }
        let links: Vec<String> = inodes.iter().map(|inode| format!("socket:[{inode}]")).collect();
        for entry in fs::read_dir("/proc").ok()?.flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            // Other people's processes cannot be looked into.
            let Ok(descriptors) = fs::read_dir(entry.path().join("fd")) else { continue };
            let has_it = descriptors.flatten().any(|descriptor| {
                fs::read_link(descriptor.path())
                    .is_ok_and(|link| links.iter().any(|wanted| link.as_os_str() == wanted.as_str()))
            });
            if has_it {
                let name = fs::read_to_string(entry.path().join("comm")).ok()?;
                return Some((name.trim().to_owned(), pid));
            }
        }
        None
    }

    /// Inodes of the listening sockets on a port. A line is: number, local address, remote, state, …, inode as the tenth.
    fn listeners(table: &str, port: u16) -> Vec<String> {
        let text = fs::read_to_string(format!("/proc/net/{table}")).unwrap_or_default();
        let wanted = format!(":{port:04X}");
        let listening = if table.starts_with("tcp") { "0A" } else { "07" };
        let lines = text.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
        let ours = lines.filter(|words| words.len() > 9 && words[1].ends_with(&wanted) && words[3] == listening);
        ours.map(|words| words[9].to_owned()).collect()
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::held_by;

    #[test]
    fn a_port_of_our_own_is_ours() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let said = held_by(listener.local_addr().unwrap().port());
        assert!(said.contains(&format!("(process {})", std::process::id())), "{said}");
        assert_eq!(held_by(0), "");
    }
}
