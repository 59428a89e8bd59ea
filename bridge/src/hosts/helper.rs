//! The process that is a host.
//!
//! The bridge starts its own program again as `socketscope __host client|server`, with the control socket as standard
//! input: a fresh process has one thread, as a new user namespace demands. When it is told to, it makes the namespaces
//! and forks; the child is process 1 of the new PID namespace, so that its end is the end of everything inside. The parent only
//! waits for it. Both get SIGKILL when their parent dies, and the child also ends when the control socket does.

use super::control::{Failed, Reply, Request, Step, Want, receive, send};
use super::host::{HostRole, tun_device};
use super::network::{self, failed};
use crate::sys::interface::open_tun;
use crate::sys::process::{Fork, fork, unshare};
use rustix::fd::{AsFd, OwnedFd};
use rustix::net::{AddressFamily, Protocol, SocketFlags, SocketType, ipproto, netlink, socket_with};
use rustix::process::{Pid, Signal, WaitOptions, set_parent_process_death_signal, waitpid};
use rustix::thread::UnshareFlags;
use std::io;
use std::process::ExitCode;

/// The first argument of a helper; nobody types it.
pub(super) const ARGUMENT: &str = "__host";

/// Is the helper, if this process was started as one. To be called first of all in `main`.
#[must_use]
pub fn helper() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != ARGUMENT {
        return None;
    }
    let role = arguments.next().and_then(|name| HostRole::named(name.to_str()?));
    let (Some(role), Ok(control)) = (role, take_control()) else { return Some(ExitCode::from(2)) };
    Some(match become_host(role, &control) {
        Ok(code) => code,
        Err(failed) => {
            // If nobody listens any more, there is nobody to tell.
            let _ = send(&control, &Reply::Failed(failed), &[]);
            ExitCode::FAILURE
        }
    })
}

/// Takes the control socket away from standard input, where programs that are run here must not find it.
fn take_control() -> io::Result<OwnedFd> {
    let control = rustix::io::fcntl_dupfd_cloexec(io::stdin().as_fd(), 3)?;
    rustix::stdio::dup2_stdin(std::fs::File::open("/dev/null")?)?;
    Ok(control)
}

fn become_host(role: HostRole, control: &OwnedFd) -> Result<ExitCode, Failed> {
    die_with_parent().map_err(|error| failed(Step::Namespaces, &error))?;
    let Ok(Some((Request::Build, _))) = receive(control) else { return Ok(ExitCode::SUCCESS) };
    // Opened once before, only because the error is clearer outside of the namespaces.
    open_tun(&tun_device()).map_err(|error| failed(Step::OpenTun, &error))?;
    new_namespaces()?;
    match fork().map_err(|error| failed(Step::Fork, &error))? {
        Fork::Parent(child) => Ok(wait_for(child, control)),
        Fork::Child => {
            die_with_parent().map_err(|error| failed(Step::Fork, &error))?;
            let (tun, settings) = network::build(role, &tun_device())?;
            let told = send(control, &Reply::Ready { settings }, &[tun.as_fd()]);
            drop(tun);
            Ok(if told.is_ok() { serve(control) } else { ExitCode::FAILURE })
        }
    }
}

fn die_with_parent() -> io::Result<()> {
    // If the parent died before this line, the control socket has ended, and that ends us too.
    Ok(set_parent_process_death_signal(Some(Signal::KILL))?)
}

/// As root there is no need for a user namespace; where root may not (in a container), it is tried like anybody.
fn new_namespaces() -> Result<(), Failed> {
    let namespaces = UnshareFlags::NEWNET | UnshareFlags::NEWPID;
    if rustix::process::geteuid().is_root() && unshare(namespaces).is_ok() {
        return Ok(());
    }
    let (uid, gid) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    unshare(UnshareFlags::NEWUSER).map_err(|error| failed(Step::Namespaces, &error))?;
    let map = |file: &str, text: String| std::fs::write(format!("/proc/self/{file}"), text);
    // An ordinary user may map a group only after giving up setgroups (user_namespaces(7)).
    map("setgroups", "deny".to_owned())
        .and_then(|()| map("uid_map", format!("0 {uid} 1")))
        .and_then(|()| map("gid_map", format!("0 {gid} 1")))
        .map_err(|error| failed(Step::UserMap, &error))?;
    unshare(namespaces).map_err(|error| failed(Step::Namespaces, &error))
}

/// Tells the bridge the child's number and lives as long as it does.
fn wait_for(child: Pid, control: &OwnedFd) -> ExitCode {
    let _ = send(control, &Reply::Process(child.as_raw_pid().unsigned_abs()), &[]);
    match rustix::io::retry_on_intr(|| waitpid(Some(child), WaitOptions::empty())) {
        Ok(Some((_, status))) if status.exit_status() == Some(0) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// Answers until the bridge is gone.
fn serve(control: &OwnedFd) -> ExitCode {
    while let Ok(Some((Request::Open(want), _))) = receive(control) {
        let told = match open(want) {
            Ok(descriptor) => send(control, &Reply::Opened, &[descriptor.as_fd()]),
            Err(error) => send(control, &Reply::Failed(failed(Step::Socket, &error)), &[]),
        };
        if told.is_err() {
            break;
        }
    }
    ExitCode::SUCCESS
}

fn open(want: Want) -> io::Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let (family, kind, protocol): (_, _, Option<Protocol>) = match want {
        Want::Tcp4 => (AddressFamily::INET, SocketType::STREAM, Some(ipproto::TCP)),
        Want::Tcp6 => (AddressFamily::INET6, SocketType::STREAM, Some(ipproto::TCP)),
        Want::Udp4 => (AddressFamily::INET, SocketType::DGRAM, Some(ipproto::UDP)),
        Want::Udp6 => (AddressFamily::INET6, SocketType::DGRAM, Some(ipproto::UDP)),
        Want::SockDiag => (AddressFamily::NETLINK, SocketType::RAW, Some(netlink::SOCK_DIAG)),
    };
    Ok(socket_with(family, kind, flags, protocol)?)
}
