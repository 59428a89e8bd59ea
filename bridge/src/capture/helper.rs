//! The child that opens the packet socket: `socketscope __capture tcp=8808,808 udp=8080`, with its answer's socket as
//! standard input.

use super::{Ports, filter};
use crate::sys::packet_socket;
use protocol::{Reason, Unavailable};
use rustix::fd::{AsFd, OwnedFd};
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socket_with, socketpair,
};
use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, capability_is_in_ambient_set, clear_ambient_capability_set,
    set_capabilities, set_no_new_privs,
};
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

/// The first argument of the child; nobody types it.
const ARGUMENT: &str = "__capture";

/// How long the child may take. It takes two milliseconds; this is for a machine that is very busy.
const PATIENCE: Duration = Duration::from_secs(5);

/// The interface whose packets are captured.
const INTERFACE: &str = "lo";

/// Is the child, if this process was started as one. To be called first of all in `main`.
#[must_use]
pub fn helper() -> Option<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    if arguments.next()? != ARGUMENT {
        return None;
    }
    let Some(ports) = Ports::read(arguments) else { return Some(ExitCode::from(2)) };
    let (error, socket) = match open(&ports) {
        Ok(socket) => (0, Some(socket)),
        Err(error) => (error.raw_os_error().unwrap_or(libc::EIO), None),
    };
    Some(match answer(error, socket.as_ref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    })
}

/// Gives up the right to capture, in a bridge that has it from its file: only the child is to have it, which gets it
/// from the file as well. To be called before there are threads.
pub fn give_up_right() {
    if rustix::process::geteuid().is_root() {
        return;
    }
    let Ok(mut have) = capabilities(None) else { return };
    if !have.permitted.contains(CapabilitySet::NET_RAW) {
        return;
    }
    have.effective.remove(CapabilitySet::NET_RAW);
    // The child would not inherit what somebody passed on to us on purpose, as systemd does.
    if !capability_is_in_ambient_set(CapabilitySet::NET_RAW).unwrap_or(false) {
        have.permitted.remove(CapabilitySet::NET_RAW);
    }
    if set_capabilities(None, have).is_ok() && have.permitted.is_empty() {
        // A program with rights from its file may not be looked at by its own user, not even by itself: hosts write
        // into /proc/self. There is nothing left to protect.
        let _ = set_dumpable_behavior(DumpableBehavior::Dumpable);
    }
}

/// Whether a packet socket could be opened from here, by this program as it is.
///
/// # Errors
/// [`Unavailable`] with the exact remedy.
pub fn try_here() -> Result<(), Unavailable> {
    obtain(Path::new("/proc/self/exe"), &Ports::default()).map(drop)
}

/// Lets a child open the packet socket for these ports. Blocks until it has.
pub(super) fn obtain(program: &Path, ports: &Ports) -> Result<OwnedFd, Unavailable> {
    let got = || -> io::Result<(i32, Option<OwnedFd>)> {
        let (ours, theirs) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
        set_socket_timeout(&ours, Timeout::Recv, Some(PATIENCE))?;
        let mut child = Command::new(program)
            .arg(ARGUMENT)
            .args(ports.written())
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .env_clear()
            .spawn()?;
        let answer = receive(&ours);
        if answer.is_err() {
            let _ = child.kill();
        }
        let _ = child.wait();
        answer
    };
    match got() {
        Ok((0, Some(socket))) => Ok(socket),
        Ok((number, _)) => Err(failed(&io::Error::from_raw_os_error(number))),
        Err(error) => Err(failed(&error)),
    }
}

/// Says why there is no capture, and what helps.
pub(super) fn failed(error: &io::Error) -> Unavailable {
    if matches!(error.raw_os_error(), Some(libc::EPERM | libc::EACCES)) {
        let program = std::env::current_exe().map_or_else(|_| "socketscope".into(), |path| path.display().to_string());
        return Unavailable {
            reason: Reason::NeedsPermission,
            detail: "capturing packets needs the right CAP_NET_RAW".into(),
            remedy: format!("sudo setcap cap_net_raw+ep {program}"),
        };
    }
    let (detail, remedy) = match error.raw_os_error() {
        Some(libc::EAFNOSUPPORT) => ("this kernel has no packet sockets".into(), "sudo modprobe af_packet"),
        _ => (format!("packets cannot be captured here: {error}"), ""),
    };
    Unavailable { reason: Reason::NotReported, detail, remedy: remedy.into() }
}

/// Opens the socket with no more rights than that needs, and with none when it is open.
fn open(ports: &Ports) -> io::Result<OwnedFd> {
    keep_only(CapabilitySet::NET_RAW)?;
    // Protocol 0: nothing is received before the filter is there, and until somebody watches.
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(AddressFamily::PACKET, SocketType::DGRAM, flags, None)?;
    keep_only(CapabilitySet::empty())?;
    packet_socket::filter_for_good(&socket, &filter::program(interface(&socket)?, ports))?;
    Ok(socket)
}

fn keep_only(wanted: CapabilitySet) -> io::Result<()> {
    clear_ambient_capability_set()?;
    set_no_new_privs(true)?;
    let kept = capabilities(None)?.permitted & wanted;
    set_capabilities(None, CapabilitySets { effective: kept, permitted: kept, inheritable: CapabilitySet::empty() })?;
    Ok(())
}

/// The number of the loopback interface.
pub(super) fn interface(socket: impl AsFd) -> io::Result<u32> {
    Ok(rustix::net::netdevice::name_to_index(socket, INTERFACE)?)
}

/// The error number, 0 for none, and the socket beside it.
fn answer(error: i32, socket: Option<&OwnedFd>) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut beside = SendAncillaryBuffer::new(&mut space);
    let descriptors: Vec<_> = socket.into_iter().map(AsFd::as_fd).collect();
    if !descriptors.is_empty() && !beside.push(SendAncillaryMessage::ScmRights(&descriptors)) {
        return Err(io::Error::other("no space for a descriptor"));
    }
    let text = error.to_ne_bytes();
    sendmsg(io::stdin(), &[IoSlice::new(&text)], &mut beside, SendFlags::NOSIGNAL)?;
    Ok(())
}

fn receive(from: &OwnedFd) -> io::Result<(i32, Option<OwnedFd>)> {
    let mut number = [0; 4];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut beside = RecvAncillaryBuffer::new(&mut space);
    let received = rustix::io::retry_on_intr(|| {
        recvmsg(from, &mut [IoSliceMut::new(&mut number)], &mut beside, RecvFlags::CMSG_CLOEXEC)
    })?;
    if received.bytes != number.len() {
        return Err(io::Error::other("the capture's child ended without an answer"));
    }
    let socket = beside.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut rights) => rights.next(),
        _ => None,
    });
    Ok((i32::from_ne_bytes(number), socket))
}

impl Ports {
    /// As arguments of the child.
    fn written(&self) -> [String; 2] {
        let list = |name: &str, ports: &[u16]| {
            let ports: Vec<_> = ports.iter().map(u16::to_string).collect();
            format!("{name}={}", ports.join(","))
        };
        [list("tcp", &self.tcp), list("udp", &self.udp)]
    }

    fn read(arguments: impl Iterator<Item = String>) -> Option<Self> {
        let mut ports = Self::default();
        for argument in arguments {
            let (name, list) = argument.split_once('=')?;
            let to = match name {
                "tcp" => &mut ports.tcp,
                "udp" => &mut ports.udp,
                _ => return None,
            };
            for port in list.split(',').filter(|port| !port.is_empty()) {
                to.push(port.parse().ok()?);
            }
        }
        Some(ports)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_survive_the_command_line() {
        for (tcp, udp) in [(vec![], vec![]), (vec![808, 8_808], vec![8_080]), (vec![], vec![65_535])] {
            let ports = Ports { tcp, udp };
            assert_eq!(Ports::read(ports.written().into_iter()), Some(ports));
        }
        for wrong in ["tcp", "tcp=x", "sctp=1", "udp=65536"] {
            assert_eq!(Ports::read([wrong.to_owned()].into_iter()), None, "{wrong}");
        }
    }

    #[test]
    fn the_missing_right_has_its_remedy() {
        let missing = failed(&io::Error::from_raw_os_error(libc::EPERM));
        assert_eq!(missing.reason, Reason::NeedsPermission);
        assert!(missing.remedy.starts_with("sudo setcap cap_net_raw+ep /"), "{missing:?}");
        assert_ne!(failed(&io::Error::from_raw_os_error(libc::ENOMEM)).reason, Reason::NeedsPermission);
    }
}
