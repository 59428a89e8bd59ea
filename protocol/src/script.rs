//! Scripts: what to do and what to wait for, in words that hold in every world.
//!
//! A script never waits for time to pass, only for an event or a kernel value, with a deadline. Tests are written in
//! it, and so are experiments: the same file is played with a person, on the command line, and in the tests.

use crate::address::{Family, Transport};
use crate::call::{Op, SocketOption};
use crate::command::{ClientAction, ServerAction};
use crate::errno::Errno;
use crate::gauge::GaugeKey;
use crate::ids::Nanos;
use crate::message::ServerInfo;
use crate::note::NoteId;
use crate::program::{ClientSpec, LoopRule, Setting, Target};
use crate::state::TcpState;
use crate::wire::{Verdict, WireAction};
use serde::{Deserialize, Serialize};

/// Steps, one after another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    /// The steps.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Gives a command.
    Do(Action),
    /// Waits until the condition holds, at most so long.
    Wait(Condition, Nanos),
    /// The condition must hold now.
    Check(Condition),
}

/// A command, with names in place of numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// Opens a client and gives it a name.
    Open(String, Play),
    /// Tells a client something.
    Client(String, ClientAction),
    /// Changes a server setting.
    Set(Setting),
    /// Closes and binds again this server.
    Rebind(Transport, Family),
    /// Lets the server close its connection with this client first.
    HangUp(String),
    /// Stops this server.
    Stop(Transport, Family),
    /// Starts this server.
    Start(Transport, Family),
    /// Changes the wire.
    Wire(WireAction),
    /// Decides about the packet that the wire has held longest.
    Decide(Verdict),
}

/// A client to play: as [`ClientSpec`], with its target by what it speaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Play {
    /// What it speaks.
    pub transport: Transport,
    /// IPv4 or IPv6.
    pub family: Family,
    /// Speaks to a port where nobody listens.
    pub to_nobody: bool,
    /// The argument of `recv`, bytes.
    pub recv_size: u32,
    /// When it stops reading.
    pub rule: LoopRule,
    /// Datagrams: `connect` first.
    pub connected: bool,
    /// Options set right after `socket()`.
    pub options: Vec<SocketOption>,
}

impl Play {
    /// The ordinary client of a server.
    #[must_use]
    pub fn new(transport: Transport) -> Self {
        let family = if transport.is_inet() { Family::Ipv4 } else { Family::Unix };
        Self {
            transport,
            family,
            to_nobody: false,
            recv_size: 1024,
            rule: LoopRule::UntilLen,
            connected: true,
            options: Vec::new(),
        }
    }

    /// The same as a world wants it, with the server found in its list; `None` if it has no such server.
    #[must_use]
    pub fn spec(&self, servers: &[ServerInfo]) -> Option<ClientSpec> {
        let Self { transport, family, recv_size, rule, connected, .. } = *self;
        let target = if self.to_nobody {
            Target::Nobody { transport, family }
        } else {
            Target::Server(find_server(servers, transport, family)?.id)
        };
        Some(ClientSpec { target, recv_size, rule, connected, options: self.options.clone() })
    }
}

/// What can be waited for and checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Condition {
    /// The pattern was seen so many times since the script began, or more.
    Seen(Pattern, u32),
    /// The pattern was seen exactly so many times.
    Exactly(Pattern, u32),
    /// The kernel's last report of this value.
    Value(Who, GaugeKey, Compare, u64),
    /// The last known state.
    IsIn(Who, TcpState),
    /// All of them hold.
    All(Vec<Condition>),
    /// One of them holds.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
}

/// How to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Compare {
    /// Equal.
    Is,
    /// At least.
    AtLeast,
    /// At most.
    AtMost,
}

impl Compare {
    /// Whether `value` compares so to `with`.
    #[must_use]
    pub fn holds(self, value: u64, with: u64) -> bool {
        match self {
            Self::Is => value == with,
            Self::AtLeast => value >= with,
            Self::AtMost => value <= with,
        }
    }
}

/// An event to look for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    /// Who it is about.
    pub who: Who,
    /// What it is.
    pub what: What,
}

impl Who {
    /// The pattern that `what` happens to whoever this is.
    #[must_use]
    pub fn does(&self, what: What) -> Pattern {
        Pattern { who: self.clone(), what }
    }
}

/// Who an event is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Who {
    /// The client of this name, and its socket.
    Client(String),
    /// The other end of that client's conversation: the server's side of it, accepted or not.
    PeerOf(String),
    /// The echo server, and its listening or datagram socket.
    Server(Transport, Family),
    /// Anybody.
    Anyone,
}

/// What to look for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum What {
    /// The call was entered.
    Calls(Verb),
    /// The call returned, whatever it returned.
    Returns(Verb),
    /// The call returned so many bytes.
    Gives(Verb, u64),
    /// The call failed with this error.
    Fails(Verb, Errno),
    /// The state was reached.
    Reaches(TcpState),
    /// The note was made.
    Notes(NoteId),
    /// The socket was closed or forgotten.
    Closes,
    /// The kernel reported a socket that no program has accepted yet.
    Queues,
    /// The wire keeps a packet in mid-flight. Packets belong to [`Who::Anyone`] and [`Who::PeerOf`] alone.
    Holds,
}

/// A call without its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Verb {
    /// `socket`.
    Socket,
    /// `setsockopt`.
    SetOption,
    /// `bind`.
    Bind,
    /// `listen`.
    Listen,
    /// `accept`.
    Accept,
    /// `connect`.
    Connect,
    /// `send` and `sendto`.
    Send,
    /// `recv` and `recvfrom`.
    Recv,
    /// `shutdown`.
    Shutdown,
    /// `close`, also with a reset.
    Close,
    /// Thinking.
    Think,
    /// `unlink`.
    Unlink,
}

impl Op {
    /// The call without its arguments.
    #[must_use]
    pub fn verb(&self) -> Verb {
        match self {
            Self::Socket { .. } => Verb::Socket,
            Self::SetOption(_) => Verb::SetOption,
            Self::Bind { .. } => Verb::Bind,
            Self::Listen { .. } => Verb::Listen,
            Self::Accept => Verb::Accept,
            Self::Connect { .. } => Verb::Connect,
            Self::Send { .. } | Self::SendTo { .. } => Verb::Send,
            Self::Recv { .. } | Self::RecvFrom { .. } => Verb::Recv,
            Self::Shutdown { .. } => Verb::Shutdown,
            Self::Close | Self::Abort => Verb::Close,
            Self::Think { .. } => Verb::Think,
            Self::Unlink { .. } => Verb::Unlink,
        }
    }
}

/// The servers a script may name, as a world lists them.
pub fn find_server(servers: &[ServerInfo], transport: Transport, family: Family) -> Option<&ServerInfo> {
    servers.iter().find(|server| {
        server.transport == transport
            && match server.address.inet() {
                Some(address) => address.is_ipv4() == (family == Family::Ipv4),
                None => true,
            }
    })
}

/// The server action that `action` is, with the server found in the list.
#[must_use]
pub fn server_action(action: &Action, servers: &[ServerInfo]) -> Option<ServerAction> {
    let id = |transport, family| find_server(servers, transport, family).map(|server| server.id);
    match *action {
        Action::Set(ref setting) => Some(ServerAction::Set(setting.clone())),
        Action::Rebind(transport, family) => id(transport, family).map(ServerAction::Rebind),
        Action::Stop(transport, family) => id(transport, family).map(ServerAction::Stop),
        Action::Start(transport, family) => id(transport, family).map(ServerAction::Start),
        _ => None,
    }
}
