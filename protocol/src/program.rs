//! Programs are data: what a server or client does is a few values, so that a lesson can change one of them.

use crate::address::{Family, Transport};
use crate::ids::{Nanos, ServerId};
use serde::{Deserialize, Serialize};

/// When a program that reads believes that it has a whole message.
///
/// A server answers then; a client stops reading then. All but the last two are mistakes that people make.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LoopRule {
    /// After every `recv`, whatever it returned.
    #[default]
    Once,
    /// When a `recv` returned less than it could have. Waits for ever on an exact multiple.
    UntilShort,
    /// When as many bytes came as are expected: a client's own bytes sent; meaningless for a server, which then acts like `Once`.
    UntilLen,
    /// When the peer has closed its sending side.
    UntilEof,
    /// When a message announced by a 4-byte big-endian length is complete.
    Framed,
}

/// How the TCP echo server treats its clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TcpMode {
    /// `accept`, serve until the client closes, close, `accept` the next.
    #[default]
    OneAtATime,
    /// A task (a thread, in Python) for every client.
    TaskPerClient,
    /// The tutorial's program, exactly: it never checks for the empty `recv`, so after a clean close it spins
    /// and never accepts again.
    TutorialExactly,
}

/// Everything about the echo servers that can be set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerSettings {
    /// How TCP clients are served.
    pub tcp_mode: TcpMode,
    /// The argument of `recv` and `recvfrom`, 1 to 65,536 bytes.
    pub recv_size: u32,
    /// The argument of `listen`, 0 to 4,096.
    pub backlog: u32,
    /// When a message is complete.
    pub rule: LoopRule,
    /// How long the program thinks between receiving and answering, up to a minute.
    pub think: Nanos,
    /// Whether the program reads at all; when not, it stops *before* the next `recv`.
    pub reading: bool,
    /// Whether the program accepts; when not, it stops *before* the next `accept`.
    pub accepting: bool,
    /// `TCP_NODELAY` on accepted sockets.
    pub no_delay: bool,
    /// `SO_SNDBUF`, bytes; `None` leaves the system's own.
    pub send_buffer: Option<u32>,
    /// `SO_RCVBUF`, bytes; `None` leaves the system's own.
    pub recv_buffer: Option<u32>,
    /// `SO_REUSEADDR` before `bind`.
    pub reuse_address: bool,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            tcp_mode: TcpMode::default(),
            recv_size: 1024,
            backlog: 5,
            rule: LoopRule::Once,
            think: Nanos(0),
            reading: true,
            accepting: true,
            no_delay: false,
            send_buffer: None,
            recv_buffer: None,
            reuse_address: true,
        }
    }
}

/// One change of a server setting.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Setting {
    /// How TCP clients are served.
    TcpMode(TcpMode),
    /// The argument of `recv`, bytes.
    RecvSize(u32),
    /// The argument of `listen`.
    Backlog(u32),
    /// When a message is complete.
    Rule(LoopRule),
    /// Time between receiving and answering.
    Think(Nanos),
    /// Whether the program reads.
    Reading(bool),
    /// Whether the program accepts.
    Accepting(bool),
    /// `TCP_NODELAY`.
    NoDelay(bool),
    /// `SO_SNDBUF`, bytes.
    SendBuffer(Option<u32>),
    /// `SO_RCVBUF`, bytes.
    RecvBuffer(Option<u32>),
    /// `SO_REUSEADDR`.
    ReuseAddress(bool),
}

/// From when on a setting holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Holds {
    /// At once, for every connection (a call that already waits keeps its arguments).
    Now,
    /// For connections accepted from now on.
    NextConnection,
    /// When the servers are bound again.
    Rebind,
}

/// Why a setting is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{what} must be {least} to {most}, and is {given}")]
pub struct OutOfRange {
    /// The setting's name.
    pub what: String,
    /// The least allowed.
    pub least: u64,
    /// The most allowed.
    pub most: u64,
    /// What was asked for.
    pub given: u64,
}

impl Setting {
    /// From when on it holds.
    #[must_use]
    pub fn holds(&self) -> Holds {
        match self {
            Self::TcpMode(_) | Self::NoDelay(_) => Holds::NextConnection,
            Self::SendBuffer(_) | Self::RecvBuffer(_) | Self::ReuseAddress(_) => Holds::Rebind,
            // A listening socket takes a new backlog by another `listen`.
            _ => Holds::Now,
        }
    }
}

impl ServerSettings {
    /// The largest `recv` argument, bytes.
    pub const MOST_RECV: u32 = 65_536;
    /// The largest backlog; Linux cuts it at `net.core.somaxconn`, 4,096 by default.
    pub const MOST_BACKLOG: u32 = 4_096;
    /// The longest think time.
    pub const MOST_THINK: Nanos = Nanos::from_millis(60_000);
    /// The least socket buffer, bytes; the system rounds up to its own least.
    pub const LEAST_BUFFER: u32 = 1_024;
    /// The largest socket buffer, bytes.
    pub const MOST_BUFFER: u32 = 4 << 20;

    /// Takes one change.
    ///
    /// # Errors
    /// [`OutOfRange`] names the range, and nothing has changed.
    pub fn apply(&mut self, change: &Setting) -> Result<Holds, OutOfRange> {
        let buffer = |what: &str, size: Option<u32>| match size {
            Some(size) => range(what, Self::LEAST_BUFFER.into(), Self::MOST_BUFFER.into(), size.into()),
            None => Ok(()),
        };
        match *change {
            Setting::TcpMode(mode) => self.tcp_mode = mode,
            Setting::RecvSize(size) => {
                range("recv size", 1, Self::MOST_RECV.into(), size.into())?;
                self.recv_size = size;
            }
            Setting::Backlog(backlog) => {
                range("backlog", 0, Self::MOST_BACKLOG.into(), backlog.into())?;
                self.backlog = backlog;
            }
            Setting::Rule(rule) => self.rule = rule,
            Setting::Think(time) => {
                range("think time in nanoseconds", 0, Self::MOST_THINK.0, time.0)?;
                self.think = time;
            }
            Setting::Reading(reading) => self.reading = reading,
            Setting::Accepting(accepting) => self.accepting = accepting,
            Setting::NoDelay(on) => self.no_delay = on,
            Setting::SendBuffer(size) => {
                buffer("send buffer", size)?;
                self.send_buffer = size;
            }
            Setting::RecvBuffer(size) => {
                buffer("receive buffer", size)?;
                self.recv_buffer = size;
            }
            Setting::ReuseAddress(on) => self.reuse_address = on,
        }
        Ok(change.holds())
    }
}

/// Whether `given` lies in the range, as an error that names the range.
pub(crate) fn range(what: &str, least: u64, most: u64, given: u64) -> Result<(), OutOfRange> {
    if (least..=most).contains(&given) { Ok(()) } else { Err(OutOfRange { what: what.into(), least, most, given }) }
}

/// What a client is to be.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ClientSpec {
    /// Whom it will speak to.
    pub target: Target,
    /// The argument of its `recv`, 1 to 65,536 bytes.
    pub recv_size: u32,
    /// When it stops reading after a send. Sends do not wait for it: the reader is a thread of its own.
    pub rule: LoopRule,
    /// UDP and Unix datagrams: `connect` first, then `send`; otherwise `sendto` each time.
    pub connected: bool,
    /// Options set right after `socket()`.
    pub options: Vec<crate::call::SocketOption>,
}

impl ClientSpec {
    /// How many options one client may set.
    pub const MOST_OPTIONS: usize = 16;

    /// The ordinary client: `recv(1024)` until as much has come back as was sent.
    #[must_use]
    pub fn new(target: Target) -> Self {
        Self { target, recv_size: 1024, rule: LoopRule::UntilLen, connected: true, options: Vec::new() }
    }

    /// Whether its values are in range.
    ///
    /// # Errors
    /// [`OutOfRange`] names the first that is not.
    pub fn check(&self) -> Result<(), OutOfRange> {
        range("recv size", 1, ServerSettings::MOST_RECV.into(), self.recv_size.into())?;
        range("number of options", 0, Self::MOST_OPTIONS as u64, self.options.len() as u64)
    }
}

/// Whom a client may speak to. There is no host field: nobody can make the bridge connect elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Target {
    /// One of the echo servers, as listed in [`Welcome`](crate::message::Welcome).
    Server(ServerId),
    /// One of the targets named on the command line, by its place in the list.
    Named(u16),
    /// A port of this world where nobody listens: what an error looks like.
    Nobody {
        /// TCP or UDP, or a path of a Unix socket that does not exist.
        transport: Transport,
        /// IPv4 or IPv6; ignored for Unix sockets.
        family: Family,
    },
}

/// What sort of program it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Serves.
    Server,
    /// A client opened from a page.
    Client,
    /// A person's own program, run by us or found by the kernel's help.
    Other,
}

/// Whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Owner {
    /// The Socketscope program itself.
    Ours,
    /// A person at a page.
    Member(crate::ids::MemberId),
    /// Somebody on this computer.
    System,
}
