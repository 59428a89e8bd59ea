//! A host: one stack for IPv4 and one for IPv6, because each path has an MTU of its own and the stack has one per
//! interface.
//!
//! A TCP socket lives in a set of its own. So the host knows which socket every packet comes from, what each one waits
//! for, and polls nothing but the socket that something happened to.

use crate::device::Port;
use protocol::wire::Way;
use protocol::{HostId, Nanos};
use smoltcp::iface::{Config, Interface, PollResult, SocketSet};
use smoltcp::socket::tcp;
use smoltcp::time::Instant;
use smoltcp::wire::{HardwareAddress, IpAddress, IpCidr, IpEndpoint};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The MTU of the interface, as Ethernet has it.
pub(crate) const MTU: usize = 1500;
/// How long a smaller MTU of the path is remembered: `net.ipv4.route.mtu_expires` of Linux.
const PATH_MTU_EXPIRES: Nanos = Nanos::from_millis(600_000);

/// Which of the two hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Side {
    /// 10.0.0.1 and fd00::1.
    Client,
    /// 10.0.0.2 and fd00::2.
    Server,
}

impl Side {
    pub(crate) const BOTH: [Self; 2] = [Self::Client, Self::Server];

    pub(crate) fn host(self) -> HostId {
        HostId(self as u32 + 1)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }

    pub(crate) fn address(self, v6: bool) -> IpAddr {
        let number = self as u8 + 1;
        if v6 {
            Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, number.into()).into()
        } else {
            Ipv4Addr::new(10, 0, 0, number).into()
        }
    }

    /// The way of what it sends.
    pub(crate) fn way(self) -> Way {
        match self {
            Self::Client => Way::ToServer,
            Self::Server => Way::ToClient,
        }
    }

    /// The host at the end of a way.
    pub(crate) fn at_end_of(way: Way) -> Self {
        match way {
            Way::ToServer => Self::Server,
            Way::ToClient => Self::Client,
        }
    }
}

/// A host's two stacks.
pub(crate) struct Host {
    v4: Box<Stack>,
    v6: Box<Stack>,
}

impl Host {
    pub(crate) fn new(side: Side, seed: u64) -> Self {
        // Each stack has chances of its own, so that IPv6 does not change the story of IPv4.
        let stack = |v6: bool| {
            let salt = (side as u64) << 1 | u64::from(v6);
            Box::new(Stack::new(side.address(v6), seed ^ salt.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
        };
        Self { v4: stack(false), v6: stack(true) }
    }

    pub(crate) fn stack(&mut self, v6: bool) -> &mut Stack {
        if v6 { &mut self.v6 } else { &mut self.v4 }
    }

    pub(crate) fn polls(&self) -> u64 {
        self.v4.polls + self.v6.polls
    }
}

/// The stack of one family: an interface, and all of its datagram sockets.
pub(crate) struct Stack {
    interface: Interface,
    port: Port,
    address: IpAddr,
    seed: u64,
    /// Until when the path's smaller MTU is remembered.
    small_until: Option<Nanos>,
    /// Whoever a fragment belongs to is known only when the last one came, so they share a set.
    pub(crate) datagrams: SocketSet<'static>,
    /// Holds nobody: what arrives for nobody is answered with RST or ICMP.
    nobody: SocketSet<'static>,
    polls: u64,
}

impl Stack {
    fn new(address: IpAddr, seed: u64) -> Self {
        let mut port = Port::new(MTU);
        let interface = interface(&mut port, address, seed, Nanos(0));
        Self {
            interface,
            port,
            address,
            seed,
            small_until: None,
            datagrams: SocketSet::new(Vec::new()),
            nobody: SocketSet::new(Vec::new()),
            polls: 0,
        }
    }

    /// A packet arrives for the sockets of `set`; what they answer at once is in [`take_sent`](Self::take_sent).
    pub(crate) fn take_in(&mut self, now: Nanos, packet: Vec<u8>, set: &mut SocketSet<'static>) {
        self.forget_path_mtu(now);
        self.polls += 1;
        self.port.inbox = Some(packet);
        self.interface.poll_ingress_single(instant(now), &mut self.port, set);
    }

    /// A packet arrives for datagram sockets, or is a fragment of one.
    pub(crate) fn take_in_datagram(&mut self, now: Nanos, packet: Vec<u8>) {
        self.polls += 1;
        self.port.inbox = Some(packet);
        self.interface.poll_ingress_single(instant(now), &mut self.port, &mut self.datagrams);
    }

    /// A packet arrives for no socket.
    pub(crate) fn take_in_for_nobody(&mut self, now: Nanos, packet: Vec<u8>) {
        self.polls += 1;
        self.port.inbox = Some(packet);
        self.interface.poll_ingress_single(instant(now), &mut self.port, &mut self.nobody);
    }

    /// Lets the sockets of `set` send what they may.
    pub(crate) fn send(&mut self, now: Nanos, set: &mut SocketSet<'static>) {
        self.forget_path_mtu(now);
        loop {
            self.polls += 1;
            if self.interface.poll_egress(instant(now), &mut self.port, set) == PollResult::None {
                return;
            }
        }
    }

    /// Lets the datagram sockets send, with all fragments.
    pub(crate) fn send_datagrams(&mut self, now: Nanos) {
        self.forget_path_mtu(now);
        loop {
            self.polls += 1;
            let sent = self.interface.poll_egress(instant(now), &mut self.port, &mut self.datagrams);
            // Fragments after the first are not told as something sent, but as something due at once.
            let fragments = self.interface.poll_at(instant(now), &self.nobody).is_some();
            if sent == PollResult::None && !fragments {
                return;
            }
        }
    }

    /// What was sent since it was last asked.
    pub(crate) fn take_sent(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.port.outbox)
    }

    /// When the sockets of `set` want to be polled next, if nothing arrives before.
    pub(crate) fn due(&mut self, now: Nanos, set: &SocketSet<'static>) -> Option<Nanos> {
        self.interface.poll_at(instant(now), set).map(|at| nanos(at).max(now))
    }

    /// `connect` of a socket that lives in `set`.
    pub(crate) fn connect(
        &mut self,
        now: Nanos,
        socket: &mut tcp::Socket<'static>,
        to: SocketAddr,
        from: SocketAddr,
    ) -> Result<(), tcp::ConnectError> {
        // The interface reads its clock when it is polled.
        self.interface.poll_maintenance(instant(now));
        socket.connect(self.interface.context(), endpoint(to), endpoint(from))
    }

    /// The path takes no more than `mtu` bytes (RFC 1191, RFC 8201). The stack knows nothing of that; it gets another
    /// interface, and its sockets live on.
    pub(crate) fn path_takes(&mut self, now: Nanos, mtu: usize) {
        if mtu < self.port.mtu {
            self.small_until = Some(now.after(PATH_MTU_EXPIRES));
            self.change_mtu(now, mtu);
        }
    }

    /// The MTU of the path as far as it is known, bytes.
    pub(crate) fn mtu(&self) -> usize {
        self.port.mtu
    }

    fn forget_path_mtu(&mut self, now: Nanos) {
        if self.small_until.is_some_and(|until| until <= now) {
            self.small_until = None;
            self.change_mtu(now, MTU);
        }
    }

    fn change_mtu(&mut self, now: Nanos, mtu: usize) {
        self.port.mtu = mtu;
        // Another seed, or sequence numbers would be used again.
        self.seed = self.seed.wrapping_add(1);
        self.interface = interface(&mut self.port, self.address, self.seed, now);
    }
}

fn interface(port: &mut Port, address: IpAddr, seed: u64, now: Nanos) -> Interface {
    let mut config = Config::new(HardwareAddress::Ip);
    config.random_seed = seed;
    let mut interface = Interface::new(config, port, instant(now));
    let prefix = if address.is_ipv6() { 64 } else { 24 };
    interface.update_ip_addrs(|addresses| {
        // There is room for one.
        let _ = addresses.push(IpCidr::new(IpAddress::from(address), prefix));
    });
    interface
}

/// The stack counts microseconds.
pub(crate) fn instant(time: Nanos) -> Instant {
    Instant::from_micros(i64::try_from(time.0 / 1_000).unwrap_or(i64::MAX))
}

fn nanos(at: Instant) -> Nanos {
    Nanos::from_micros(u64::try_from(at.total_micros()).unwrap_or(0))
}

pub(crate) fn endpoint(address: SocketAddr) -> IpEndpoint {
    IpEndpoint::from(address)
}

pub(crate) fn socket_address(end: IpEndpoint) -> SocketAddr {
    let ip = match end.addr {
        IpAddress::Ipv4(ip) => IpAddr::V4(ip),
        IpAddress::Ipv6(ip) => IpAddr::V6(ip),
    };
    SocketAddr::new(ip, end.port)
}
