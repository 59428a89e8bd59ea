//! Identities, handed out once each: they mean the same through all epochs.

use super::Recorder;
use protocol::{CallId, DatagramId, FlowId, HostId, PacketId, ProgramId, SocketId};
use std::sync::atomic::{AtomicU32, Ordering};

#[derive(Default)]
pub(super) struct Ids {
    pub(super) voice: AtomicU32,
    host: AtomicU32,
    program: AtomicU32,
    socket: AtomicU32,
    flow: AtomicU32,
    call: AtomicU32,
    packet: AtomicU32,
    datagram: AtomicU32,
}

impl Recorder {
    /// A new host's identity.
    #[must_use]
    pub fn new_host(&self) -> HostId {
        HostId(next(&self.shared.ids.host))
    }

    /// A new program's identity.
    #[must_use]
    pub fn new_program(&self) -> ProgramId {
        ProgramId(next(&self.shared.ids.program))
    }

    /// A new socket's identity.
    #[must_use]
    pub fn new_socket(&self) -> SocketId {
        SocketId(next(&self.shared.ids.socket))
    }

    /// A new flow's identity.
    #[must_use]
    pub fn new_flow(&self) -> FlowId {
        FlowId(next(&self.shared.ids.flow))
    }

    /// A new call's identity.
    #[must_use]
    pub fn new_call(&self) -> CallId {
        CallId(next(&self.shared.ids.call))
    }

    /// A new packet's identity.
    #[must_use]
    pub fn new_packet(&self) -> PacketId {
        PacketId(next(&self.shared.ids.packet))
    }

    /// A new datagram's identity.
    #[must_use]
    pub fn new_datagram(&self) -> DatagramId {
        DatagramId(next(&self.shared.ids.datagram))
    }
}

pub(super) fn next(counter: &AtomicU32) -> u32 {
    counter.fetch_add(1, Ordering::Relaxed) + 1
}
