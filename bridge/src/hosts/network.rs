//! The network inside a host: one TUN with two addresses, and the kernel settings that make it a good teacher.

use super::control::{Failed, Setting, Step};
use super::host::HostRole;
use crate::sys::interface::{Interface, create_tun, open_tun};
use rustix::fd::OwnedFd;
use std::io;
use std::path::Path;

/// The interface that leads onto the wire.
pub(super) const INTERFACE: &str = "wire0";

/// Packets that may wait in the TUN until the bridge reads them. The default, 500, is gone in a few milliseconds of
/// bulk, and what the TUN drops nobody sees.
const QUEUE: u32 = 10_000;

/// What is set before the interface exists, so that it is born with it.
const SETTINGS: [(&str, &str); 9] = [
    // Since Linux 6.5 the first SYN retries come every second; the doubling of RFC 6298 is what is to be seen, and a
    // refusal within seven seconds instead of two minutes.
    ("net.ipv4.tcp_syn_linear_timeouts", "0"),
    ("net.ipv4.tcp_syn_retries", "2"),
    // Each connection learns for itself: one that lost segments must not slow the next one.
    ("net.ipv4.tcp_no_metrics_save", "1"),
    // There is no router, and nobody else who could have our addresses.
    ("net.ipv6.conf.all.router_solicitations", "0"),
    ("net.ipv6.conf.default.router_solicitations", "0"),
    ("net.ipv6.conf.default.accept_ra", "0"),
    ("net.ipv6.conf.default.accept_dad", "0"),
    ("net.ipv6.conf.default.dad_transmits", "0"),
    // No link-local address: nothing uses it, and it announces itself.
    ("net.ipv6.conf.default.addr_gen_mode", "1"),
];

/// Builds it, and returns the TUN and what was set.
pub(super) fn build(role: HostRole, device: &Path) -> Result<(OwnedFd, Vec<Setting>), Failed> {
    let settings = SETTINGS.iter().map(|(name, value)| set(name, value)).collect();
    // A TUN belongs to the namespace in which its device was opened.
    let tun = open_tun(device).map_err(|error| failed(Step::OpenTun, &error))?;
    create_tun(&tun, INTERFACE).map_err(|error| failed(Step::CreateTun, &error))?;
    configure(role).map_err(|error| failed(Step::Configure, &error))?;
    Ok((tun, settings))
}

fn configure(role: HostRole) -> io::Result<()> {
    Interface::named("lo")?.up()?;
    let wire = Interface::named(INTERFACE)?;
    wire.set_queue(QUEUE)?;
    wire.set_v4(role.v4(), HostRole::V4_PREFIX)?;
    wire.up()?;
    match wire.set_v6(role.v6(), HostRole::V6_PREFIX) {
        // A kernel without IPv6 still has a host with IPv4.
        Err(error) if matches!(error.raw_os_error(), Some(libc::EAFNOSUPPORT | libc::EOPNOTSUPP)) => Ok(()),
        result => result,
    }
}

fn set(name: &str, value: &str) -> Setting {
    let path = format!("/proc/sys/{}", name.replace('.', "/"));
    let refused = std::fs::write(path, value).err().map(|error| error.to_string());
    Setting { name: name.to_owned(), value: value.to_owned(), refused }
}

/// A failure as it is told to the bridge.
pub(super) fn failed(step: Step, error: &io::Error) -> Failed {
    Failed { step, errno: error.raw_os_error().unwrap_or(0) }
}
