//! A socket as the kernel of a real system would keep it: around the stack's own, with what the stack does not know.

use crate::host::Side;
use crate::listener::Listener;
use crate::table::Table;
use protocol::header::{Segment, TcpFlags};
use protocol::{
    About, Address, Cause, DatagramId, Errno, FlowId, GaugeKey, Kind, Nanos, ProgramId, SocketId, SocketOption,
    TcpState, Transport,
};
use smoltcp::iface::{SocketHandle, SocketSet};
use smoltcp::socket::tcp;
use std::collections::VecDeque;
use std::net::SocketAddr;

/// The options of a socket.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    pub(crate) reuse: bool,
    pub(crate) no_delay: bool,
    pub(crate) keep_alive: bool,
    pub(crate) send_buffer: Option<u32>,
    pub(crate) recv_buffer: Option<u32>,
}

impl Options {
    /// Bytes a connection takes from its program before it is acknowledged.
    pub(crate) const SEND_BUFFER: usize = 65_536;
    /// Bytes a connection keeps for its program: the largest window that needs no scaling.
    pub(crate) const RECV_BUFFER: usize = 65_535;
    /// Bytes of datagrams kept for a program: `net.core.rmem_default` of Linux.
    pub(crate) const DATAGRAMS: usize = 212_992;

    pub(crate) fn set(&mut self, option: SocketOption) {
        match option {
            SocketOption::ReuseAddress(on) => self.reuse = on,
            SocketOption::NoDelay(on) => self.no_delay = on,
            SocketOption::KeepAlive(on) => self.keep_alive = on,
            SocketOption::SendBuffer(size) => self.send_buffer = Some(size),
            SocketOption::RecvBuffer(size) => self.recv_buffer = Some(size),
            // Each socket here has one family.
            SocketOption::V6Only(_) => {}
        }
    }

    /// As large as asked for, within what a system allows.
    pub(crate) fn size(asked: Option<u32>, own: usize) -> usize {
        asked.map_or(own, |size| (size as usize).clamp(1_024, 4 << 20))
    }
}

/// A socket.
pub(crate) struct Socket {
    pub(crate) id: SocketId,
    pub(crate) side: Side,
    pub(crate) transport: Transport,
    pub(crate) v6: bool,
    /// Whose it is; nobody's while it waits to be accepted.
    pub(crate) program: Option<ProgramId>,
    pub(crate) fd: Option<i32>,
    pub(crate) parent: Option<SocketId>,
    pub(crate) local: Option<SocketAddr>,
    /// Whether its program bound it: otherwise a failed `connect` gives the port back.
    pub(crate) bound: bool,
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) flow: Option<FlowId>,
    pub(crate) options: Options,
    /// What the next call is told (`SO_ERROR`).
    pub(crate) error: Option<Errno>,
    /// Who holds it.
    pub(crate) life: Life,
    /// Whether somebody hung up, and by which command.
    pub(crate) hung_up: Option<Option<Cause>>,
    /// What happened last that may let a waiting call return.
    pub(crate) stirred_by: Option<Cause>,
    pub(crate) body: Body,
    pub(crate) told: Told,
}

/// Who holds a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// Nobody yet: it waits to be accepted.
    Queued,
    /// A program.
    Open,
    /// Nobody any more: its program closed it, and the stack is not done with it.
    Orphan,
}

/// What has been told of a socket.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) state: Option<TcpState>,
    pub(crate) gauges: Table<GaugeKey, u64>,
    /// When values were told last.
    pub(crate) at: Option<Nanos>,
    /// The timer told last, with the moment at which it fires.
    pub(crate) timer: (u64, Option<Nanos>),
}

/// What a socket is by now.
pub(crate) enum Body {
    /// TCP, neither listening nor connected.
    Fresh,
    Listener(Listener),
    Stream(Box<Stream>),
    Datagram(Datagram),
}

/// A connection, from the first SYN to the end of TIME_WAIT.
pub(crate) struct Stream {
    /// Only this socket.
    pub(crate) set: SocketSet<'static>,
    pub(crate) handle: SocketHandle,
    /// Bytes given by the program.
    pub(crate) sent: u64,
    /// Bytes taken by the program.
    pub(crate) received: u64,
    /// `shutdown` for reading.
    pub(crate) shut_in: bool,
    /// `shutdown` for writing, or `close`.
    pub(crate) shut_out: bool,
    /// The state the stack had when it was last looked at.
    pub(crate) state: tcp::State,
    /// What it was waiting for then: bytes not acknowledged, and the state.
    pub(crate) progress: (usize, tcp::State),
    /// Which timer runs, as [`GaugeKey::Timer`] counts them, and when it fires.
    pub(crate) timer: (u64, Option<Nanos>),
    /// The end of the highest sequence number sent.
    pub(crate) highest: Option<u32>,
    /// What the peer's last segment said of its window.
    pub(crate) peer: PeerWindow,
    /// Whether it has sent its SYN more than once.
    pub(crate) syn_again: bool,
}

/// The peer's window, as a bystander reads it from its segments.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PeerWindow {
    /// Its scale, from the SYN (RFC 7323, 2.2).
    scale: u8,
    /// Whether it is closed.
    pub(crate) closed: bool,
    /// The first sequence number behind it.
    pub(crate) edge: Option<u32>,
}

impl PeerWindow {
    /// A segment came from the peer.
    pub(crate) fn learn(&mut self, segment: &Segment) {
        if segment.flags.has(TcpFlags::RST) {
            return;
        }
        let syn = segment.flags.has(TcpFlags::SYN);
        if syn {
            self.scale = segment.window_scale.unwrap_or(0).min(14);
        }
        // The window of a SYN is never scaled.
        let window = u32::from(segment.window) << if syn { 0 } else { self.scale };
        self.closed = window == 0;
        if segment.flags.has(TcpFlags::ACK) {
            self.edge = Some(segment.ack.wrapping_add(window));
        }
    }
}

/// Whether one sequence number lies before another, around the circle (RFC 9293, 3.4).
pub(crate) fn before(one: u32, other: u32) -> bool {
    (one.wrapping_sub(other) as i32) < 0
}

impl Stream {
    pub(crate) fn tcp(&self) -> &tcp::Socket<'static> {
        self.set.get(self.handle)
    }

    pub(crate) fn tcp_mut(&mut self) -> &mut tcp::Socket<'static> {
        self.set.get_mut(self.handle)
    }

    /// Whether it waits for an acknowledgement.
    pub(crate) fn is_owed(&self) -> bool {
        let state = self.tcp().state();
        self.tcp().send_queue() > 0 || matches!(state, tcp::State::FinWait1 | tcp::State::Closing | tcp::State::LastAck)
    }
}

/// A datagram socket's own queue: the stack's only says that it is full, not what it lost.
#[derive(Debug)]
pub(crate) struct Datagram {
    /// Known once it has a port.
    pub(crate) handle: Option<SocketHandle>,
    pub(crate) queue: VecDeque<Arrived>,
    /// Bytes in it, with what each datagram costs besides.
    pub(crate) bytes: usize,
    /// Lost because it was full.
    pub(crate) drops: u64,
}

/// What a datagram in the queue costs besides its bytes: about what Linux counts for its own structures.
pub(crate) const DATAGRAM_COST: usize = 512;

/// A datagram that has arrived.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) id: Option<DatagramId>,
    pub(crate) from: SocketAddr,
    pub(crate) data: Vec<u8>,
    /// What delivered it.
    pub(crate) cause: Option<Cause>,
}

impl Socket {
    pub(crate) fn about(&self) -> About {
        About { host: self.side.host(), program: self.program, socket: Some(self.id), flow: self.flow }
    }

    /// As the page is told.
    pub(crate) fn kind(&self) -> Kind {
        Kind::Socket {
            transport: self.transport,
            fd: self.fd,
            cookie: None,
            parent: self.parent,
            local: self.local.map(Address::Inet),
            peer: self.peer.map(Address::Inet),
        }
    }

    pub(crate) fn stream(&mut self) -> Option<&mut Stream> {
        match &mut self.body {
            Body::Stream(stream) => Some(stream),
            _ => None,
        }
    }

    pub(crate) fn listener(&mut self) -> Option<&mut Listener> {
        match &mut self.body {
            Body::Listener(listener) => Some(listener),
            _ => None,
        }
    }

    pub(crate) fn datagram(&mut self) -> Option<&mut Datagram> {
        match &mut self.body {
            Body::Datagram(datagram) => Some(datagram),
            _ => None,
        }
    }
}

/// The state as the field calls it.
pub(crate) fn state(of: tcp::State) -> TcpState {
    match of {
        tcp::State::Closed => TcpState::Closed,
        tcp::State::Listen => TcpState::Listen,
        tcp::State::SynSent => TcpState::SynSent,
        tcp::State::SynReceived => TcpState::SynReceived,
        tcp::State::Established => TcpState::Established,
        tcp::State::FinWait1 => TcpState::FinWait1,
        tcp::State::FinWait2 => TcpState::FinWait2,
        tcp::State::CloseWait => TcpState::CloseWait,
        tcp::State::Closing => TcpState::Closing,
        tcp::State::LastAck => TcpState::LastAck,
        tcp::State::TimeWait => TcpState::TimeWait,
    }
}
