//! What the bridge and a host say to each other: one JSON message a packet, with descriptors beside it.

use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage};
use rustix::net::{SendFlags, recvmsg, sendmsg};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;

/// The longest message, bytes.
const MESSAGE_MOST: usize = 16 << 10;
/// The most descriptors beside one.
const DESCRIPTORS_MOST: usize = 4;

/// What the bridge asks of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// The host itself, to be built now.
    Build,
    /// A descriptor that only somebody inside can make.
    Open(Want),
}

/// A descriptor that only somebody inside a host can make; it stays inside, whoever holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Want {
    /// A TCP socket over IPv4.
    Tcp4,
    /// A TCP socket over IPv6.
    Tcp6,
    /// A UDP socket over IPv4.
    Udp4,
    /// A UDP socket over IPv6.
    Udp6,
    /// A netlink socket that reports on the host's sockets (sock_diag(7)).
    SockDiag,
}

/// What a host says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// Its process number, as the bridge sees it.
    Process(u32),
    /// It stands; its TUN is beside the message.
    Ready {
        /// What was set in its kernel, so that the page can say so.
        settings: Vec<Setting>,
    },
    /// The descriptor is beside the message.
    Opened,
    /// It could not.
    Failed(Failed),
}

/// A setting of the host's kernel that is not the system's default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// Its name, as for `sysctl`.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Why it could not be set; `None` if it was.
    pub refused: Option<String>,
}

/// What failed in a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// At what.
    pub step: Step,
    /// The error number of the system; 0 if it was none.
    pub errno: i32,
}

/// The steps on the way to a host, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Step {
    /// Open the TUN device.
    OpenTun,
    /// Leave the namespaces of the parent.
    Namespaces,
    /// Say who is who inside.
    UserMap,
    /// Become two processes.
    Fork,
    /// Make the interface.
    CreateTun,
    /// Give it addresses and switch it on.
    Configure,
    /// Open a socket.
    Socket,
}

/// Sends one message with its descriptors.
pub(super) fn send(to: impl AsFd, message: &impl Serialize, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
    let text = serde_json::to_vec(message)?;
    if text.len() > MESSAGE_MOST || descriptors.len() > DESCRIPTORS_MOST {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a message to or from a host is too long"));
    }
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MOST))];
    let mut beside = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() && !beside.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(io::Error::other("no space for descriptors"));
    }
    // Whoever is gone is told by the result, not by a signal.
    rustix::io::retry_on_intr(|| sendmsg(&to, &[IoSlice::new(&text)], &mut beside, SendFlags::NOSIGNAL))?;
    Ok(())
}

/// Receives one message with its descriptors; `None` when the other side is gone.
pub(super) fn receive<M: DeserializeOwned>(from: impl AsFd) -> io::Result<Option<(M, Vec<OwnedFd>)>> {
    let mut text = vec![0; MESSAGE_MOST];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MOST))];
    let mut beside = RecvAncillaryBuffer::new(&mut space);
    let received = rustix::io::retry_on_intr(|| {
        recvmsg(&from, &mut [IoSliceMut::new(&mut text)], &mut beside, RecvFlags::CMSG_CLOEXEC)
    })?;
    if received.bytes == 0 {
        return Ok(None);
    }
    let mut descriptors = Vec::new();
    for message in beside.drain() {
        if let RecvAncillaryMessage::ScmRights(rights) = message {
            descriptors.extend(rights);
        }
    }
    Ok(Some((serde_json::from_slice(&text[..received.bytes])?, descriptors)))
}
