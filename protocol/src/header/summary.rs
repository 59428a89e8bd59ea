//! A packet's essentials as values, for the ladder and for filters.

use super::fragment::Fragment;
use super::option::{SackBlocks, TcpOption};
use super::tcp::TcpFlags;
use super::{Headers, Network, Transport};
use std::net::{IpAddr, SocketAddr};

/// What one asks about a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Where it comes from.
    pub src: IpAddr,
    /// Where it goes.
    pub dst: IpAddr,
    /// The protocol it carries: see [`ipproto`](super::ipproto).
    pub protocol: u8,
    /// Time to live, or hop limit.
    pub ttl: u8,
    /// Which piece of a datagram it is, if it is one.
    pub fragment: Option<Fragment>,
    /// What it carries.
    pub carries: Carries,
    /// Where its payload begins, bytes from the start of the packet.
    pub payload_at: u32,
    /// The payload behind the headers, bytes; counted even where it was not captured.
    pub payload_len: u32,
}

/// What a packet carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carries {
    /// A TCP segment.
    Tcp(Segment),
    /// A UDP datagram, or its first fragment.
    Udp(Datagram),
    /// An ICMP or ICMPv6 message.
    Icmp(IcmpMessage),
    /// A later fragment of something.
    Continued,
    /// Another protocol, or too few bytes to tell.
    Other,
}

/// A TCP segment's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Source port.
    pub src_port: u16,
    /// Destination port.
    pub dst_port: u16,
    /// Sequence number of its first byte (or of its SYN).
    pub seq: u32,
    /// Acknowledgement number; means something only with [`TcpFlags::ACK`].
    pub ack: u32,
    /// Control bits.
    pub flags: TcpFlags,
    /// Window as it stands there, unscaled.
    pub window: u16,
    /// Maximum segment size, in a SYN.
    pub mss: Option<u16>,
    /// Window scale, in a SYN.
    pub window_scale: Option<u8>,
    /// Whether SACK is offered, in a SYN.
    pub sack_permitted: bool,
    /// What arrived out of order.
    pub sack: SackBlocks,
    /// Timestamp value and echo.
    pub timestamps: Option<(u32, u32)>,
}

/// A UDP datagram's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Datagram {
    /// Source port.
    pub src_port: u16,
    /// Destination port.
    pub dst_port: u16,
    /// The data of the whole datagram, bytes, however many fragments carry it.
    pub len: u16,
}

/// An ICMP message's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IcmpMessage {
    /// Type: see [`icmpv4`](super::icmpv4) and [`icmpv6`](super::icmpv6).
    pub kind: u8,
    /// Code.
    pub code: u8,
    /// The MTU it tells, if it does.
    pub mtu: Option<u32>,
    /// The two ends of the packet that it is about, if that can be read.
    pub about: Option<(SocketAddr, SocketAddr)>,
}

/// Sums up the captured `bytes` of a packet whose whole length was `true_len`.
///
/// `None` if the IP addresses cannot be read. What else is missing makes it [`Carries::Other`].
#[must_use]
pub fn summary(bytes: &[u8], true_len: usize) -> Option<Summary> {
    Headers::read(bytes, true_len)?.summary()
}

impl Headers<'_> {
    /// The essentials as values.
    #[must_use]
    pub fn summary(&self) -> Option<Summary> {
        let ttl = match self.network {
            Network::V4(ip) => ip.ttl(),
            Network::V6(ip) => ip.hop_limit(),
        };
        Some(Summary {
            src: self.src()?,
            dst: self.dst()?,
            protocol: self.protocol,
            ttl: ttl.unwrap_or(0),
            fragment: self.fragment,
            carries: self.carries(),
            payload_at: count(self.payload.start),
            payload_len: count(self.payload.len()),
        })
    }

    fn carries(&self) -> Carries {
        let read = match self.transport {
            Transport::Tcp(_) => self.segment().map(Carries::Tcp),
            Transport::Udp(udp) => {
                udp.src_port().zip(udp.dst_port()).zip(udp.len()).map(|((src_port, dst_port), len)| {
                    Carries::Udp(Datagram { src_port, dst_port, len: len.saturating_sub(8) })
                })
            }
            Transport::Icmp(icmp) => icmp.kind().zip(icmp.code()).map(|(kind, code)| {
                Carries::Icmp(IcmpMessage { kind, code, mtu: icmp.mtu(), about: self.quoted_ends() })
            }),
            Transport::Continued => Some(Carries::Continued),
            Transport::Other => None,
        };
        read.unwrap_or(Carries::Other)
    }

    fn segment(&self) -> Option<Segment> {
        let Transport::Tcp(tcp) = self.transport else { return None };
        let mut segment = Segment {
            src_port: tcp.src_port()?,
            dst_port: tcp.dst_port()?,
            seq: tcp.seq()?,
            ack: tcp.ack()?,
            flags: tcp.flags()?,
            window: tcp.window()?,
            mss: None,
            window_scale: None,
            sack_permitted: false,
            sack: SackBlocks::default(),
            timestamps: None,
        };
        for (_, option) in tcp.options() {
            match option {
                TcpOption::Mss(mss) => segment.mss = Some(mss),
                TcpOption::WindowScale(scale) => segment.window_scale = Some(scale),
                TcpOption::SackPermitted => segment.sack_permitted = true,
                TcpOption::Sack(blocks) => segment.sack = blocks,
                TcpOption::Timestamps { value, echo } => segment.timestamps = Some((value, echo)),
                TcpOption::End | TcpOption::Nop | TcpOption::Other { .. } | TcpOption::Malformed { .. } => {}
            }
        }
        Some(segment)
    }

    /// The ends named by a packet that an ICMP error quotes; eight bytes of transport header are enough for ports.
    fn quoted_ends(&self) -> Option<(SocketAddr, SocketAddr)> {
        let (_, quoted) = self.quoted()?;
        let (src, dst) = match quoted.transport {
            Transport::Tcp(tcp) => (tcp.src_port()?, tcp.dst_port()?),
            Transport::Udp(udp) => (udp.src_port()?, udp.dst_port()?),
            _ => return None,
        };
        Some((SocketAddr::new(quoted.src()?, src), SocketAddr::new(quoted.dst()?, dst)))
    }
}

impl Summary {
    /// The TCP segment, if it is one.
    #[must_use]
    pub fn tcp(&self) -> Option<&Segment> {
        if let Carries::Tcp(segment) = &self.carries { Some(segment) } else { None }
    }

    /// The UDP datagram, if it is one.
    #[must_use]
    pub fn udp(&self) -> Option<&Datagram> {
        if let Carries::Udp(datagram) = &self.carries { Some(datagram) } else { None }
    }

    /// Source and destination with their ports, where there are ports.
    #[must_use]
    pub fn ends(&self) -> Option<(SocketAddr, SocketAddr)> {
        let (src, dst) = match &self.carries {
            Carries::Tcp(segment) => (segment.src_port, segment.dst_port),
            Carries::Udp(datagram) => (datagram.src_port, datagram.dst_port),
            Carries::Icmp(_) | Carries::Continued | Carries::Other => return None,
        };
        Some((SocketAddr::new(self.src, src), SocketAddr::new(self.dst, dst)))
    }
}

impl Segment {
    /// What it takes of the sequence space besides its payload: one each for SYN and FIN (RFC 9293, 3.4).
    #[must_use]
    pub fn phantom_len(&self) -> u32 {
        u32::from(self.flags.has(TcpFlags::SYN)) + u32::from(self.flags.has(TcpFlags::FIN))
    }
}

/// Packets are far shorter than 4 GiB; one that is not shows as that long.
fn count(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
