//! An account: what must be told alike in every world, in words without ports, descriptors and times.
//!
//! It has voices, each with its own order: a client's calls, its `recv`s (a thread of its own, in effect), a server's
//! calls, and the states of every socket. What two voices do at once has no order that could agree.
//!
//! A call is told when it has returned. One that was given up has done nothing, and whether it had been entered by then
//! is chance: it is left out. So are [notes about the world itself](ABOUT_THE_WORLD).

use protocol::script::{Play, Verb};
use protocol::{
    Address, Call, CallId, Event, Family, FlowId, Kind, NoteId, Op, Outcome, Phase, ProgramId, ServerInfo, SocketId,
    Span, Transport,
};
use std::collections::BTreeMap;
use std::fmt;

/// Notes that say what sort of world it is, not what happened in it.
const ABOUT_THE_WORLD: [NoteId; 2] = [NoteId::StackDiffers, NoteId::SynRetriesShortened];

/// Voices, and what each says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account(pub BTreeMap<String, Vec<String>>);

impl fmt::Display for Account {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (voice, lines) in &self.0 {
            writeln!(to, "{voice}")?;
            lines.iter().try_for_each(|line| writeln!(to, "  {line}"))?;
        }
        Ok(())
    }
}

/// Who takes part, by name.
#[derive(Debug, Default)]
pub struct Cast {
    clients: BTreeMap<ProgramId, String>,
    servers: BTreeMap<ProgramId, String>,
    addresses: BTreeMap<Address, String>,
}

impl Cast {
    /// A client takes part, and the server that it speaks to.
    pub fn plays(&mut self, name: &str, client: ProgramId, play: &Play, servers: &[ServerInfo]) {
        self.clients.insert(client, name.to_owned());
        let server = protocol::script::find_server(servers, play.transport, play.family);
        if let Some(server) = server.filter(|_| !play.to_nobody)
            && let Some(program) = server.program
        {
            let name = match (play.transport, play.family) {
                (Transport::Tcp, Family::Ipv4) => "TCP server",
                (Transport::Tcp, _) => "TCP server on IPv6",
                (_, Family::Ipv4) => "UDP server",
                _ => "UDP server on IPv6",
            };
            let name = name.to_owned();
            self.addresses.insert(server.address.clone(), name.clone());
            self.servers.insert(program, name);
        }
    }
}

/// The account of what happened to a cast.
pub fn account(cast: &Cast, events: &[Event]) -> Account {
    let mut teller = Teller::new(cast, events);
    events.iter().for_each(|event| teller.tell(event));
    teller.account
}

struct Teller<'a> {
    cast: &'a Cast,
    sockets: BTreeMap<SocketId, String>,
    addresses: BTreeMap<Address, String>,
    /// What was given to sends: it is told when they are entered.
    given: BTreeMap<CallId, Vec<u8>>,
    account: Account,
}

impl<'a> Teller<'a> {
    fn new(cast: &'a Cast, events: &[Event]) -> Self {
        let (mut flows, mut programs) = (BTreeMap::<SocketId, FlowId>::new(), BTreeMap::new());
        let mut theirs: BTreeMap<FlowId, &String> = BTreeMap::new();
        let mut addresses = cast.addresses.clone();
        for event in events {
            let about = event.about;
            if let (Some(socket), Some(flow)) = (about.socket, about.flow) {
                flows.insert(socket, flow);
            }
            if let (Some(socket), Some(program)) = (about.socket, about.program) {
                programs.insert(socket, program);
            }
            let client = about.program.and_then(|program| cast.clients.get(&program));
            if let (Some(flow), Some(name)) = (about.flow, client) {
                theirs.insert(flow, name);
            }
        }
        for event in events {
            // An end of a client's conversation that is no server's is the client's, whatever its socket is bound to.
            if let (Kind::Flow { a, b, .. }, Some(flow)) = (&event.kind, event.about.flow)
                && let Some(name) = theirs.get(&flow)
            {
                for end in [a, b] {
                    addresses.entry(end.address.clone()).or_insert_with(|| (*name).clone());
                }
            }
        }
        let mut sockets: BTreeMap<SocketId, String> = BTreeMap::new();
        for socket in events.iter().filter_map(|event| event.about.socket) {
            let program = programs.get(&socket);
            let client = program.and_then(|program| cast.clients.get(program));
            let server = program.and_then(|program| cast.servers.get(program));
            let connected = flows.get(&socket).and_then(|flow| theirs.get(flow));
            let name = match (client, server, connected) {
                (Some(client), ..) => format!("{client}'s socket"),
                (_, Some(server), _) if server.starts_with("UDP") => format!("{server}'s socket"),
                (_, _, Some(client)) => format!("{client}'s peer"),
                (_, Some(server), _) => format!("{server}'s listener"),
                _ => continue,
            };
            if !sockets.contains_key(&socket) {
                // A server that is bound again has another one.
                let before = sockets.values().filter(|other| other.starts_with(&name)).count();
                let name = if before == 0 { name } else { format!("{name} {}", before + 1) };
                sockets.insert(socket, name);
            }
        }
        Self { cast, sockets, addresses, given: BTreeMap::new(), account: Account::default() }
    }

    fn tell(&mut self, event: &Event) {
        let about = event.about;
        let socket = about.socket.and_then(|socket| self.sockets.get(&socket)).cloned();
        let client = about.program.and_then(|program| self.cast.clients.get(&program));
        let server = about.program.and_then(|program| self.cast.servers.get(&program));
        match &event.kind {
            Kind::Call(call) if call.phase == Phase::Entered => {
                self.given.insert(call.id, call.data.to_vec());
            }
            Kind::Call(call) if call.outcome != Some(Outcome::Cancelled) => {
                let line = self.call(call);
                match (client, server, socket) {
                    (Some(name), ..) if call.op.verb() == Verb::Recv => self.says(format!("{name} reads"), line),
                    (Some(name), ..) => self.says(format!("{name} calls"), line),
                    (_, Some(name), Some(socket)) => self.says(format!("{name} calls"), format!("{socket}: {line}")),
                    _ => {}
                }
            }
            Kind::State { to, .. } => {
                if let Some(socket) = socket {
                    self.says(format!("{socket} is"), to.to_string());
                }
            }
            Kind::Closed => {
                if let Some(socket) = socket {
                    self.says(format!("{socket} is"), "gone".into());
                }
            }
            Kind::Note(note, _) if !ABOUT_THE_WORLD.contains(note) => {
                if let Some(name) = client.or(server) {
                    let line = format!("({note:?})");
                    let voice = format!("{name} calls");
                    // Some are repeated for as long as something lasts.
                    if self.account.0.get(&voice).and_then(|lines| lines.last()) != Some(&line) {
                        self.says(voice, line);
                    }
                }
            }
            _ => {}
        }
    }

    fn says(&mut self, voice: String, line: String) {
        self.account.0.entry(voice).or_default().push(line);
    }

    fn call(&self, call: &Call) -> String {
        let op = match &call.op {
            Op::Socket { family, transport } => format!("socket({family:?}, {transport:?})"),
            Op::SetOption(option) => format!("setsockopt({option:?})"),
            Op::Bind { .. } => "bind(its address)".into(),
            Op::Listen { backlog } => format!("listen({backlog})"),
            Op::Accept => "accept()".into(),
            Op::Connect { to } => format!("connect({})", self.address(to)),
            Op::Send { len } => format!("send({len})"),
            Op::SendTo { len, to } => format!("sendto({len}, {})", self.address(to)),
            Op::Recv { max } => format!("recv({max})"),
            Op::RecvFrom { max } => format!("recvfrom({max})"),
            Op::Shutdown { how } => format!("shutdown({how:?})"),
            Op::Close => "close()".into(),
            Op::Abort => "close() with a reset".into(),
            Op::Think { .. } => "thinks".into(),
            Op::Unlink { .. } => "unlink(its path)".into(),
        };
        let outcome = match &call.outcome {
            Some(Outcome::Done) => "0".into(),
            Some(Outcome::Fd(_)) => "a descriptor".into(),
            Some(Outcome::Bytes(bytes)) => bytes.to_string(),
            Some(Outcome::From(bytes, from)) => format!("{bytes} from {}", self.address(from)),
            Some(Outcome::Accepted { socket, peer }) => {
                format!("{} from {}", self.sockets.get(socket).map_or("a stranger", |name| name), self.address(peer))
            }
            Some(Outcome::Failed(error)) => error.name.to_string(),
            Some(Outcome::Cancelled) | None => "?".into(),
        };
        let span = match call.span {
            Some(Span::Stream { start, len, .. }) if len > 0 => format!(" at {start}"),
            Some(Span::Datagram { len, true_len: Some(whole), .. }) if whole > len => format!(" of {whole}"),
            _ => String::new(),
        };
        let given = self.given.get(&call.id).filter(|_| call.op.verb() == Verb::Send);
        format!("{op} = {outcome}{span}{}", shown(given.unwrap_or(&call.data.0)))
    }

    fn address(&self, address: &Address) -> &str {
        self.addresses.get(address).map_or("nobody", |name| name)
    }
}

/// Bytes: the first ones, and a sum over all of them.
fn shown(data: &[u8]) -> String {
    const SHOWN: usize = 16;
    match data.len() {
        0 => String::new(),
        1..=SHOWN => format!(" {}", data.escape_ascii()),
        _ => {
            let sum = data.iter().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(*byte)));
            format!(" {}… ({sum:08x})", data[..SHOWN].escape_ascii())
        }
    }
}
