//! A story as text: a line for each event, in words a person reads.

use protocol::header::{Carries, TcpFlags, summary};
use protocol::{Address, Call, Cause, Event, Kind, Op, Outcome, Packet, Phase, Span, Stage};

/// The lines of a story, without what only introduces it.
pub fn story(events: &[Event]) -> String {
    events.iter().map(line).map(|line| line + "\n").collect()
}

/// An event in one line.
pub fn line(event: &Event) -> String {
    let about = event.about;
    let place = if about.host.0 == 1 { "client" } else { "server" };
    let socket = about.socket.map(|socket| format!(" s{}", socket.0)).unwrap_or_default();
    let cause = match event.cause {
        Some(Cause::Event(seq)) => format!("  <- {}", seq.0),
        Some(Cause::Command(id)) => format!("  <- command {}", id.number),
        Some(Cause::Timer(timer)) => format!("  <- {timer:?}"),
        None => String::new(),
    };
    format!("{:<4} {:>9.3} {place}{socket}  {}{cause}", event.seq.0, event.at.as_millis(), kind(&event.kind))
}

fn kind(kind: &Kind) -> String {
    match kind {
        Kind::Host { name, stack, .. } => format!("host {name} ({stack})"),
        Kind::Program { name, .. } => format!("program {name}"),
        Kind::Socket { fd, parent, local, peer, .. } => {
            let at = |address: &Option<Address>| address.as_ref().map_or("-".into(), ToString::to_string);
            let fd = fd.map_or("-".into(), |fd| fd.to_string());
            let parent = parent.map(|parent| format!(" of s{}", parent.0)).unwrap_or_default();
            format!("socket fd {fd}{parent} {} -> {}", at(local), at(peer))
        }
        Kind::Flow { a, b, .. } => format!("flow {} -> {}", a.address, b.address),
        Kind::Command { id, .. } => format!("command {}", id.number),
        Kind::Call(of) => call(of),
        Kind::Packet(of) => packet(of),
        Kind::State { from, to } => match from {
            Some(from) => format!("{from} -> {to}"),
            None => format!("{to}"),
        },
        Kind::Gauge(values) => {
            let values: Vec<_> = values.iter().map(|(key, value)| format!("{key:?}={value}")).collect();
            values.join(" ")
        }
        Kind::Note(note, args) => format!("note {note:?} {args:?}"),
        other => format!("{other:?}"),
    }
}

fn call(call: &Call) -> String {
    let op = match &call.op {
        Op::Bind { to } => format!("bind({to})"),
        Op::Connect { to } => format!("connect({to})"),
        Op::SendTo { len, to } => format!("sendto({len}, {to})"),
        Op::Send { len } => format!("send({len})"),
        Op::Recv { max } => format!("recv({max})"),
        Op::RecvFrom { max } => format!("recvfrom({max})"),
        Op::Listen { backlog } => format!("listen({backlog})"),
        other => format!("{other:?}"),
    };
    if call.phase == Phase::Entered {
        return op;
    }
    let outcome = match call.outcome.as_ref() {
        Some(Outcome::Accepted { socket, peer }) => format!("s{} from {peer}", socket.0),
        Some(Outcome::Failed(error)) => error.to_string(),
        Some(other) => format!("{other:?}"),
        None => "?".into(),
    };
    let span = match call.span {
        Some(Span::Stream { start, len, .. }) if len > 0 => format!(" bytes {start}..{}", start + len),
        Some(Span::Datagram { id, .. }) => format!(" datagram {}", id.map_or("?".into(), |id| id.0.to_string())),
        _ => String::new(),
    };
    let data = if call.data.is_empty() || call.data.len() > 40 { String::new() } else { format!(" {:?}", call.data) };
    format!("{op} = {outcome}{span}{data}")
}

fn packet(packet: &Packet) -> String {
    let copy = packet.copy_of.map(|of| format!(" copy of {}", of.0)).unwrap_or_default();
    if packet.stage != Stage::Sent {
        return format!("packet {}{copy} {:?}", packet.id.0, packet.stage);
    }
    let what = summary(&packet.data, packet.true_len as usize).map_or("?".into(), |summary| match summary.carries {
        Carries::Tcp(segment) => {
            let names = [
                (TcpFlags::SYN, "SYN"),
                (TcpFlags::FIN, "FIN"),
                (TcpFlags::RST, "RST"),
                (TcpFlags::ACK, "ACK"),
                (TcpFlags::PSH, "PSH"),
            ];
            let flags: Vec<_> =
                names.into_iter().filter(|(flag, _)| segment.flags.has(*flag)).map(|(_, name)| name).collect();
            format!("{} len {}", flags.join(","), summary.payload_len)
        }
        Carries::Udp(datagram) => format!("UDP len {} of {}", summary.payload_len, datagram.len),
        Carries::Icmp(icmp) => format!("ICMP {}/{}", icmp.kind, icmp.code),
        Carries::Continued => format!("fragment len {}", summary.payload_len),
        Carries::Other => "other".into(),
    });
    format!("packet {}{copy} Sent {what}", packet.id.0)
}
