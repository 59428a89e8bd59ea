//! A mark in a few words, wherever one is spoken of: in a chain of reasons, in a row of the table, in an export.

use super::say::Say;
use super::story::{PacketRecord, Story};
use super::wording;
use protocol::header::{Carries, TcpFlags};
use protocol::{Kind, ProgramId, Role, Seq};

/// The mark that an event belongs to: who, and what.
#[must_use]
pub fn mark(story: &Story, seq: Seq) -> Option<Say> {
    let event = story.event(story.mark_of(seq))?;
    let name = |what: Say, who: Option<String>| match who {
        Some(who) => Say::Named { who, what: Box::new(what) },
        None => what,
    };
    let socket = event.about.socket.and_then(|id| story.socket(id));
    let program = event.about.program.or_else(|| socket?.program);
    let who = program.map(|id| who(story, id)).filter(|who| !who.is_empty());
    Some(match &event.kind {
        Kind::Call(call) => name(Say::Code(wording::op(&call.op)), who),
        Kind::Packet(packet) => self::packet(story, story.packet(packet.id)?),
        Kind::State { to, .. } => name(Say::Code(to.name().into()), who),
        Kind::Socket { .. } => {
            let peer = socket?.peer.as_ref().map(ToString::to_string).unwrap_or_default();
            Say::Both(Box::new(Say::Code(peer)), Box::new(Say::Queued))
        }
        Kind::Command { what, .. } => Say::Command(Box::new(what.clone())),
        Kind::Note(id, args) => Say::Note(*id, args.clone()),
        _ => return None,
    })
}

/// A program by its name; of several clients with one name, with its number among the clients as well.
#[must_use]
pub fn who(story: &Story, id: ProgramId) -> String {
    let Some(program) = story.program(id) else { return String::new() };
    let clients = || story.programs().iter().filter(|other| other.role == Some(Role::Client));
    let same = clients().filter(|other| other.name == program.name).count();
    match clients().position(|other| other.id == id).filter(|_| same > 1) {
        Some(at) => [&program.name, " ", &(at + 1).to_string()].concat(),
        None => program.name.clone(),
    }
}

/// A packet as the ladder writes it: `SYN, ACK`, `1448 bytes 1449–2896`, `ACK 1449, SACK 2897–3000`.
#[must_use]
pub fn packet(story: &Story, packet: &PacketRecord) -> Say {
    let Some(header) = story.header(packet) else { return Say::DataBytes(packet.true_len.into()) };
    let data = u64::from(header.payload_len);
    let code = |code: &str| Say::Code(code.into());
    let mut said: Vec<Say> = Vec::new();
    match header.carries {
        Carries::Tcp(segment) => {
            let named = [(TcpFlags::SYN, "SYN"), (TcpFlags::FIN, "FIN"), (TcpFlags::RST, "RST")];
            said.extend(named.iter().filter(|(flag, _)| segment.flags.has(*flag)).map(|(_, name)| code(name)));
            let plain = said.is_empty() && data == 0;
            if data > 0 {
                said.push(Say::DataBytes(data));
                if let Some(first) = story.relative_seq(packet) {
                    said.push(Say::Code([&first.to_string(), "–", &(first + data - 1).to_string()].concat()));
                }
            }
            if segment.flags.has(TcpFlags::ACK) && data == 0 {
                let number = story.relative_back(packet, segment.ack).filter(|_| plain);
                said.push(number.map_or_else(|| code("ACK"), |number| code(&["ACK ", &number.to_string()].concat())));
            }
            let edge = |number: u32| story.relative_back(packet, number).unwrap_or_default().to_string();
            for (from, to) in segment.sack.edges().iter().filter(|_| plain) {
                said.push(code(&["SACK ", &edge(*from), "–", &edge(to.wrapping_sub(1))].concat()));
            }
        }
        Carries::Icmp(message) => {
            said.push(code(&["ICMP ", &message.kind.to_string(), "/", &message.code.to_string()].concat()));
            said.extend(message.mtu.map(|mtu| code(&["MTU ", &mtu.to_string()].concat())));
        }
        Carries::Udp(_) | Carries::Continued | Carries::Other => {
            if !matches!(header.carries, Carries::Other) {
                said.push(code("UDP"));
            }
            said.push(match header.fragment {
                Some(fragment) => {
                    let from = u64::from(fragment.offset);
                    Say::Fragment(from, (from + data).saturating_sub(1))
                }
                None => Say::DataBytes(data),
            });
        }
    }
    let both = |first: Say, second: Say| Say::Both(Box::new(first), Box::new(second));
    said.into_iter().reduce(both).unwrap_or(Say::DataBytes(data))
}
