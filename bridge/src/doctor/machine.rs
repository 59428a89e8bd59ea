//! What the system tells and allows: states, names, capture, hosts of one's own, a browser, descriptors.

use super::Check;
use crate::cli::{browser, descriptors};
use crate::limits;
use crate::site::Site;

pub fn checks() -> Vec<Check> {
    let mut checks = system();
    checks.push(browser_check());
    checks.push(descriptors_check());
    checks.push(match Site::find().file("/", true) {
        Some(_) => Check::yes("the page", ""),
        None => Check::no("the page", "it has not been built, or SOCKETSCOPE_SITE names another folder", "cargo xtask"),
    });
    checks
}

fn browser_check() -> Check {
    let name = "a browser to open the page in";
    match browser::opener() {
        Some((program, _)) => Check::yes(name, program.display().to_string()),
        None => Check::no(
            name,
            "no display, or nothing that opens a browser on it",
            "open the printed address yourself; from another computer: ssh -L 7700:127.0.0.1:7700 HERE",
        ),
    }
}

fn descriptors_check() -> Check {
    let name = "file descriptors";
    let most = descriptors::raise();
    let relays = limits::relays(most);
    match most {
        u64::MAX => Check::yes(name, "no limit"),
        _ if relays >= 1_000 => Check::yes(name, format!("{most}, for {relays} relay connections at once")),
        _ => Check::no(
            name,
            format!("{most}, for only {relays} relay connections at once"),
            "ulimit -n 65536 (and, if that is refused, a line `* hard nofile 65536` in /etc/security/limits.conf)",
        ),
    }
}

#[cfg(target_os = "linux")]
fn system() -> Vec<Check> {
    linux::checks()
}

#[cfg(not(target_os = "linux"))]
fn system() -> Vec<Check> {
    let linux_only = |name| Check::no(name, "only Linux has it", "");
    vec![
        linux_only("kernel states and values (sock_diag)"),
        linux_only("names of other programs"),
        linux_only("packets of this computer (capture)"),
        linux_only("two hosts and the wire between them"),
    ]
}

#[cfg(target_os = "linux")]
mod linux {
    use super::Check;
    use crate::hosts::{Hosts, Starting};
    use rustix::net::{AddressFamily, SocketFlags, SocketType, netlink, socket_with};
    use std::fs;

    pub fn checks() -> Vec<Check> {
        vec![sock_diag(), names(), capture(), hosts()]
    }

    fn sock_diag() -> Check {
        let name = "kernel states and values (sock_diag)";
        let flags = SocketFlags::CLOEXEC;
        match socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, Some(netlink::SOCK_DIAG)) {
            Ok(_) => Check::yes(name, ""),
            Err(error) => Check::no(
                name,
                format!("{error}; states come from /proc/net instead"),
                "sudo modprobe inet_diag tcp_diag udp_diag",
            ),
        }
    }

    fn names() -> Check {
        let name = "names of other programs";
        // With hidepid other people's processes are not listed; our own always are.
        match fs::read_to_string("/proc/1/comm") {
            Ok(_) => Check::yes(name, "your own programs by name; other people's only as root"),
            Err(error) => Check::no(
                name,
                format!("/proc hides other processes ({error})"),
                "sudo mount -o remount,hidepid=0 /proc",
            ),
        }
    }

    fn capture() -> Check {
        let name = "packets of this computer (capture)";
        // As the bridge does it: this process itself has given the right up.
        match crate::capture::try_here() {
            Ok(()) => Check::yes(name, "of our own ports, while somebody watches"),
            Err(why) => Check::no(name, why.detail, why.remedy),
        }
    }

    /// They are made, and are gone with the answer: nothing else says so surely whether they can be.
    fn hosts() -> Check {
        let name = "two hosts and the wire between them";
        match Hosts::begin().and_then(Starting::stand) {
            Ok(_) => Check::yes(name, ""),
            Err(why) => Check::no(name, why.detail, why.remedy),
        }
    }
}
