//! Connections: what the stack does with them, noticed and told.

use super::{Alarm, Net};
use crate::options::Congestion;
use crate::socket::{Body, Life, Options, PeerWindow, Socket, Stream, before, state};
use protocol::header::{Summary, TcpFlags, summary};
use protocol::{Cause, Errno, Nanos, NoteId, SocketId, TcpState, TimerKind};
use smoltcp::iface::SocketSet;
use smoltcp::socket::tcp::{self, CongestionControl, State};
use smoltcp::time::Duration;

/// A connect is given up when the answer to the third SYN has not come: 1, 2 and 4 seconds.
const CONNECT_PATIENCE: Nanos = Nanos::from_millis(7_000);
/// A half-open connection is given up after five retries of SYN,ACK, as `tcp_synack_retries` of Linux has it.
const HALF_OPEN_PATIENCE: Nanos = Nanos::from_millis(63_000);
/// Data that nobody acknowledges: what 15 retries take on Linux (`tcp_retries2`).
const DATA_PATIENCE: Nanos = Nanos::from_millis(924_600);
/// The same when no program waits for it any more (RFC 1122, 4.2.3.5: at least 100 s).
const ORPHAN_PATIENCE: Nanos = Nanos::from_millis(100_000);
/// FIN_WAIT_2 of an orphan: `tcp_fin_timeout` of Linux.
const FIN_WAIT_2_PATIENCE: Nanos = Nanos::from_millis(60_000);
/// Before the first keep-alive probe: `tcp_keepalive_time` of Linux.
const KEEP_ALIVE: Duration = Duration::from_secs(7_200);

impl Net {
    /// A connection without a connection.
    pub(super) fn new_stream(&self, options: &Options) -> Stream {
        let buffer = |size| tcp::SocketBuffer::new(vec![0; size]);
        let mut socket = tcp::Socket::new(
            buffer(Options::size(options.recv_buffer, Options::RECV_BUFFER)),
            buffer(Options::size(options.send_buffer, Options::SEND_BUFFER)),
        );
        socket.set_congestion_control(match self.options.congestion {
            Congestion::None => CongestionControl::None,
            Congestion::Reno => CongestionControl::Reno,
            Congestion::Cubic => CongestionControl::Cubic,
        });
        socket.set_ack_delay(self.options.delayed_ack.map(|delay| Duration::from_micros(delay.0 / 1_000)));
        apply(&mut socket, options);
        let mut set = SocketSet::new(Vec::with_capacity(1));
        let handle = set.add(socket);
        Stream {
            set,
            handle,
            sent: 0,
            received: 0,
            shut_in: false,
            shut_out: false,
            state: State::Closed,
            progress: (0, State::Closed),
            timer: (0, None),
            highest: None,
            peer: PeerWindow::default(),
            syn_again: false,
        }
    }

    /// Lets a connection send what it may. Without a cause it is a timer that fired.
    pub(super) fn flush(&mut self, id: SocketId, cause: Option<Cause>) {
        let now = self.story.now();
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        let (side, v6) = (socket.side, socket.v6);
        let Some(stream) = socket.stream() else { return };
        let stack = self.hosts[side as usize].stack(v6);
        stack.send(now, &mut stream.set);
        let sent = stack.take_sent();
        self.observe(id, cause.or(Some(Cause::Timer(TimerKind::TimeWait))));
        self.sends(id, sent, cause);
        let gone = |socket: &Socket| {
            socket.life == Life::Orphan && matches!(&socket.body, Body::Stream(stream) if stream.state == State::Closed)
        };
        if self.sockets.get(&id).is_some_and(gone) {
            return self.forget(id, cause.or(Some(Cause::Timer(TimerKind::TimeWait))));
        }
        self.attend(id);
    }

    /// A connection has sent packets.
    pub(super) fn sends(&mut self, id: SocketId, packets: Vec<Vec<u8>>, cause: Option<Cause>) {
        if packets.is_empty() {
            return;
        }
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        let (side, about) = (socket.side, socket.about());
        let mut again = None;
        let packets = packets
            .into_iter()
            .map(|mut packet| {
                let Some(stream) = socket.stream() else { return (packet, cause) };
                let timer = classify(stream, &packet);
                if let Some(highest) = stream.highest {
                    let edge = stream.peer.edge.unwrap_or(highest);
                    mend_ack(&mut packet, if before(edge, highest) { edge } else { highest });
                }
                if timer == TimerKind::Retransmission && again.is_none() {
                    again = Some(stream.state);
                }
                (packet, cause.or(Some(Cause::Timer(timer))))
            })
            .collect();
        self.offer(side, about, packets);
        match again {
            Some(State::SynSent) => {
                let first = first_syn_again(self, id);
                if first {
                    self.story.note(about, None, NoteId::SynRetriesShortened, Vec::new());
                }
            }
            Some(_) if cause.is_none() => self.differs(about, "RTO ≥ 1 s, go-back-N"),
            Some(_) => self.differs(about, "SACK: sent, not used"),
            None => {}
        }
    }

    /// Tells what has become of a connection since it was last looked at.
    pub(super) fn observe(&mut self, id: SocketId, cause: Option<Cause>) {
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        let (life, parent) = (socket.life, socket.parent);
        let Some(stream) = socket.stream() else { return };
        let (before, now) = (stream.state, stream.tcp().state());
        stream.state = now;
        if before == now {
            return;
        }
        if life != Life::Orphan {
            let error = match (before, now) {
                (State::SynSent, State::Closed) => Some(Errno::Econnrefused),
                // RFC 9293, 3.10.7.4: a reset; the name depends on what the program could still expect.
                (State::CloseWait, State::Closed) => Some(Errno::Epipe),
                (State::LastAck | State::TimeWait, State::Closed) => None,
                (_, State::Closed) => Some(Errno::Econnreset),
                _ => None,
            };
            if error.is_some() {
                socket.error = error;
            }
        }
        if now == State::Closed {
            // Its addresses are free, though a program may have it open still.
            if let Some((local, peer)) = socket.local.zip(socket.peer) {
                self.connections.remove(&(socket.side, local, peer));
            }
        }
        if before == State::SynReceived && now == State::Listen {
            // Reset before it was established: nobody will miss it.
            if let Some(listener) = parent.and_then(|parent| self.sockets.get_mut(&parent)).and_then(|it| it.listener())
            {
                listener.gone(id);
            }
            self.forget(id, cause);
            return self.parent_changed(parent);
        }
        self.tell_state(id, state(now), cause);
        if before == State::SynReceived && life == Life::Queued {
            if let Some(listener) = parent.and_then(|parent| self.sockets.get_mut(&parent)).and_then(|it| it.listener())
            {
                listener.established(id);
            }
            self.parent_changed(parent);
            if let Some(parent) = parent {
                self.wake(parent, cause);
            }
        }
    }

    fn parent_changed(&mut self, parent: Option<SocketId>) {
        if let Some(parent) = parent {
            self.tell_gauges(parent, true);
        }
    }

    /// After something happened to a connection: its timers, its values, and what a kernel does to orphans.
    pub(super) fn attend(&mut self, id: SocketId) {
        let now = self.story.now();
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        let (side, v6, life) = (socket.side, socket.v6, socket.life);
        let Some(stream) = socket.stream() else { return };
        if life == Life::Orphan && stream.tcp().recv_queue() > 0 {
            // Nobody will read it, and the peer is to know (RFC 2525, 2.17).
            stream.tcp_mut().abort();
            let last = self.last();
            return self.flush(id, Some(Cause::Event(last)));
        }
        let due = self.hosts[side as usize].stack(v6).due(now, &stream.set);
        self.alarms.set(Alarm::Stack(id), due);
        stream.timer = timer(stream, now, due);
        let progress = (stream.tcp().send_queue(), stream.tcp().state());
        let patience = match progress.1 {
            State::SynSent => Some(CONNECT_PATIENCE),
            State::SynReceived => Some(HALF_OPEN_PATIENCE),
            State::FinWait2 if life == Life::Orphan => Some(FIN_WAIT_2_PATIENCE),
            _ if stream.is_owed() => Some(if life == Life::Orphan { ORPHAN_PATIENCE } else { DATA_PATIENCE }),
            _ => None,
        };
        let began = stream.progress != progress || self.alarms.when(Alarm::Patience(id)).is_none();
        stream.progress = progress;
        match patience {
            // The stack counts microseconds: a last retry must not slip in before.
            Some(patience) if began => {
                let since = Nanos(now.0 / 1_000 * 1_000);
                self.alarms.set(Alarm::Patience(id), Some(since.after(patience)));
            }
            Some(_) => {}
            None => self.alarms.set(Alarm::Patience(id), None),
        }
        self.tell_gauges(id, false);
    }

    /// A connect begins: patience counts from here, as the retries do.
    pub(super) fn awaits_answer(&mut self, id: SocketId) {
        let since = Nanos(self.story.now().0 / 1_000 * 1_000);
        self.alarms.set(Alarm::Patience(id), Some(since.after(CONNECT_PATIENCE)));
        if let Some(stream) = self.sockets.get_mut(&id).and_then(Socket::stream) {
            stream.progress = (0, State::SynSent);
        }
    }

    /// Nobody answered for too long.
    pub(super) fn give_up(&mut self, id: SocketId) {
        let cause = Some(Cause::Timer(TimerKind::Retransmission));
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        let (life, parent) = (socket.life, socket.parent);
        socket.error = Some(Errno::Etimedout);
        if let Some(listener) = parent.and_then(|parent| self.sockets.get_mut(&parent)).and_then(|it| it.listener()) {
            listener.gone(id);
        }
        self.without_connection(id);
        if life == Life::Open {
            self.tell_state(id, TcpState::Closed, cause);
            self.wake(id, cause);
        } else {
            self.forget(id, cause);
            self.parent_changed(parent);
        }
    }

    /// Takes the connection out of the stack without a word to the peer, as a kernel does that has lost patience.
    pub(super) fn without_connection(&mut self, id: SocketId) {
        let tiny = Options { send_buffer: Some(1_024), recv_buffer: Some(1_024), ..Options::default() };
        let fresh = self.new_stream(&tiny);
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        if let Some((local, peer)) = socket.local.zip(socket.peer) {
            self.connections.remove(&(socket.side, local, peer));
        }
        if let Body::Stream(stream) = &mut socket.body {
            stream.set = fresh.set;
            stream.handle = fresh.handle;
            stream.state = State::Closed;
        }
        self.alarms.set(Alarm::Stack(id), None);
        self.alarms.set(Alarm::Patience(id), None);
    }
}

/// Whether this connection sends its SYN again for the first time.
fn first_syn_again(net: &mut Net, id: SocketId) -> bool {
    let stream = net.sockets.get_mut(&id).and_then(|socket| socket.stream());
    stream.is_some_and(|stream| !std::mem::replace(&mut stream.syn_again, true))
}

/// The timer that waits for the peer. The stack says only when it wants to be polled: anything sooner than a tenth of
/// a second is a delayed ACK or the timer itself about to fire, and no news of it.
fn timer(stream: &Stream, now: Nanos, due: Option<Nanos>) -> (u64, Option<Nanos>) {
    const NO_NEWS: Nanos = Nanos::from_millis(100);
    let handshake = matches!(stream.tcp().state(), State::SynSent | State::SynReceived);
    let which = match stream.is_owed() || handshake {
        false => return (0, None),
        true if stream.peer.closed && !handshake => 4,
        true => 1,
    };
    let (before, fires) = stream.timer;
    let news = due.filter(|due| *due > now.after(NO_NEWS));
    (which, news.or(fires.filter(|fires| before == which && *fires > now)))
}

/// Sets what can be set on a connection at any time.
pub(super) fn apply(socket: &mut tcp::Socket<'static>, options: &Options) {
    socket.set_nagle_enabled(!options.no_delay);
    socket.set_keep_alive(options.keep_alive.then_some(KEEP_ALIVE));
}

/// Which timer makes a connection send this, if a timer does. Remembers the highest sequence number.
fn classify(stream: &mut Stream, packet: &[u8]) -> TimerKind {
    let Some(packet) = summary(packet, packet.len()) else { return TimerKind::DelayedAck };
    let Some(segment) = packet.tcp() else { return TimerKind::DelayedAck };
    let occupied = occupied(&packet);
    if occupied == 0 {
        return TimerKind::DelayedAck;
    }
    let end = segment.seq.wrapping_add(occupied);
    let is_new = stream.highest.is_none_or(|highest| before(highest, end));
    if stream.peer.closed && packet.payload_len == 1 {
        // Outside of the window: as good as not sent until it is acknowledged.
        return TimerKind::ZeroWindowProbe;
    }
    if is_new {
        stream.highest = Some(end);
        TimerKind::DelayedAck
    } else if stream.tcp().send_queue() == 0 && packet.payload_len == 1 {
        TimerKind::KeepAlive
    } else {
        TimerKind::Retransmission
    }
}

/// Gives a pure ACK the sequence number it should have: how far its end has sent, as far as the peer's window goes.
///
/// After a timeout smoltcp forgets how far it had sent, and its ACKs carry an old sequence number. Who has received
/// more than that must not accept them (RFC 9293, 3.10.7.4), so two ends that both lost segments would wait for each
/// other for ever. RFC 9293 wants SND.NXT, which a retransmission does not set back for this purpose.
fn mend_ack(packet: &mut [u8], next: u32) {
    let Some(read) = summary(packet, packet.len()) else { return };
    let Some(segment) = read.tcp() else { return };
    let sets = segment.flags.any(TcpFlags::SYN | TcpFlags::FIN | TcpFlags::RST);
    if read.payload_len > 0 || sets || !before(segment.seq, next) {
        return;
    }
    let stale = segment.seq;
    let tcp = if read.dst.is_ipv6() { 40 } else { usize::from(packet[0] & 0x0f) * 4 };
    packet[tcp + 4..tcp + 8].copy_from_slice(&next.to_be_bytes());
    // The checksum, without the rest of the segment (RFC 1624, 3).
    let halves = |value: u32| [(value >> 16) as u16, value as u16];
    let checksum = u16::from_be_bytes([packet[tcp + 16], packet[tcp + 17]]);
    let mut sum = u32::from(!checksum);
    for (old, new) in halves(stale).into_iter().zip(halves(next)) {
        sum += u32::from(!old) + u32::from(new);
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    packet[tcp + 16..tcp + 18].copy_from_slice(&(!(sum as u16)).to_be_bytes());
}

/// Sequence numbers a segment takes (RFC 9293, 3.4).
fn occupied(packet: &Summary) -> u32 {
    let flags = packet.tcp().map_or(TcpFlags::default(), |segment| segment.flags);
    packet.payload_len + u32::from(flags.has(TcpFlags::SYN)) + u32::from(flags.has(TcpFlags::FIN))
}
