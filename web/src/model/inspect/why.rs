//! Why something happened: one step back, as far as the story knows.

use crate::model::story::{CallRecord, PacketRecord, SocketRecord, Sort, Story};
use protocol::{Cause, CommandId, DropReason, Errno, Kind, Nanos, Op, Outcome, Seq};

/// A reason.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// A person's command.
    Told,
    /// The producer says that this event caused it.
    Followed,
    /// These bytes were sent.
    BytesSent {
        /// How many sends.
        sends: u32,
    },
    /// The server answers what it received.
    Answers,
    /// A client connected.
    Connected,
    /// The other side closed, or shut its sending side down.
    OtherSideEnded,
    /// The server has not accepted the connection: it is busy with this call.
    ServerBusy,
    /// The connection is not accepted, and nobody knows what the server does instead.
    NotAccepted,
    /// Nothing has been sent to it since it began to wait.
    NothingSent,
    /// Nobody has connected since it began to wait.
    NobodyConnects,
    /// Nobody listens there.
    NobodyListens,
    /// The program thinks before it goes on.
    Thinks(Nanos),
    /// The same bytes were sent before and not acknowledged in time.
    SentBefore,
    /// A packet was lost.
    Lost(DropReason),
    /// A packet arrived.
    Arrived,
    /// The wire copied it.
    Copied,
}

/// One step back: the event that is the cause, if there is one, and how it is one.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The cause; `None` where the reason is that something did not happen.
    pub seq: Option<Seq>,
    /// How.
    pub reason: Reason,
}

/// The chain of reasons behind a mark, nearest first.
#[must_use]
pub fn chain(story: &Story, seq: Seq) -> Vec<Step> {
    const MOST: usize = 8;
    let mut steps: Vec<Step> = Vec::new();
    let mut at = Some(seq);
    while let Some(here) = at
        && steps.len() < MOST
        && let Some(step) = step(story, here)
    {
        // A circle would mean that something caused itself.
        if step.seq.is_some_and(|next| next == seq || steps.iter().any(|known| known.seq == Some(next))) {
            break;
        }
        at = step.seq;
        steps.push(step);
    }
    steps
}

fn step(story: &Story, seq: Seq) -> Option<Step> {
    let event = story.event(seq)?;
    if let Some(call) = story.call_of(seq)
        && let Some(step) = of_call(story, call)
    {
        return Some(step);
    }
    if let Kind::Packet(packet) = &event.kind
        && let Some(step) = story.packet(packet.id).and_then(|packet| of_packet(story, packet))
    {
        return Some(step);
    }
    match event.cause? {
        Cause::Event(cause) if matches!(event.kind, Kind::State { .. }) => {
            Some(Step { seq: Some(story.mark_of(cause)), reason: Reason::Arrived })
        }
        Cause::Event(cause) => Some(Step { seq: Some(story.mark_of(cause)), reason: Reason::Followed }),
        Cause::Command(id) => Some(Step { seq: command(story, id), reason: Reason::Told }),
        Cause::Timer(_) => None,
    }
}

/// Why a packet was sent: it repeats one, it is a copy, or a program gave its bytes.
fn of_packet(story: &Story, packet: &PacketRecord) -> Option<Step> {
    if let Some(original) = packet.copy_of.and_then(|id| story.packet(id)) {
        return Some(Step { seq: Some(original.seq), reason: Reason::Copied });
    }
    if let Some(before) = story.repeats(packet) {
        let reason = before.lost.map_or(Reason::SentBefore, Reason::Lost);
        return Some(Step { seq: Some(before.seq), reason });
    }
    let range = story.stretch_of(packet).filter(|_| packet.payload() > 0)?;
    let from = story.ends_of(packet).map(|(src, _)| src);
    let local = |socket: &&SocketRecord| {
        socket.local.as_ref().and_then(protocol::Address::inet) == from && !socket.sends.is_empty()
    };
    let socket = story.sockets().iter().rev().find(local)?;
    // The first byte has relative number 1.
    let first = range.start.checked_sub(1)?;
    let sends = socket.sends.iter().map(|at| &story.calls()[*at as usize]);
    let send = sends.into_iter().find(|send| story.stretch(send).is_some_and(|sent| sent.contains(&first)))?;
    Some(Step { seq: Some(send.seq), reason: Reason::BytesSent { sends: 1 } })
}

fn command(story: &Story, id: CommandId) -> Option<Seq> {
    let is = |place: &&u32| {
        story.tag(**place).sort == Sort::Sentence
            && matches!(&story.event_at(**place).kind, Kind::Command { id: known, .. } if *known == id)
    };
    story.in_order().iter().rev().find(is).map(|place| story.seq(*place))
}

fn of_call(story: &Story, call: &CallRecord) -> Option<Step> {
    let some = |seq: Seq, reason: Reason| Some(Step { seq: Some(seq), reason });
    let none = |reason: Reason| Some(Step { seq: None, reason });
    let socket = call.socket.and_then(|id| story.socket(id));
    let peer = call.socket.and_then(|id| story.peer(id));
    match (&call.op, &call.outcome) {
        (Op::Recv { .. } | Op::RecvFrom { .. }, Some(Outcome::Bytes(0)))
            if call.span.is_none_or(|span| matches!(span, protocol::Span::Stream { .. })) =>
        {
            let ended = story.calls().iter().rev().find(|other| {
                peer.is_some_and(|peer| other.socket == Some(peer.id))
                    && matches!(other.op, Op::Close | Op::Abort | Op::Shutdown { .. })
            })?;
            some(ended.seq, Reason::OtherSideEnded)
        }
        (Op::Recv { .. } | Op::RecvFrom { .. }, Some(Outcome::Bytes(_) | Outcome::From(..))) => {
            let shares = story.shares(call);
            let sends = story.sends_behind(call, &shares);
            // The one that ended the wait: the last that was made before it returned.
            let (send, _) = sends.iter().rev().find(|(send, _)| Some(send.start) <= call.end).or(sends.last())?;
            some(send.seq, Reason::BytesSent { sends: sends.len() as u32 })
        }
        (Op::Recv { .. } | Op::RecvFrom { .. }, None) => {
            let Some(peer) = peer.filter(|peer| peer.parent.is_some() && peer.accepted.is_none()) else {
                return none(Reason::NothingSent);
            };
            let server = peer.parent.and_then(|id| story.socket(id)).and_then(|listener| listener.program);
            let busy = server.and_then(|id| story.program(id)).and_then(|server| {
                server.calls.iter().rev().map(|at| &story.calls()[*at as usize]).find(|call| call.outcome.is_none())
            });
            match busy {
                Some(busy) if busy.op != Op::Accept => some(busy.seq, Reason::ServerBusy),
                _ => none(Reason::NotAccepted),
            }
        }
        (Op::Accept, None) => none(Reason::NobodyConnects),
        (Op::Accept, Some(Outcome::Accepted { socket, .. })) => {
            let client = story.peer(*socket)?;
            let connects =
                |other: &&CallRecord| other.socket == Some(client.id) && matches!(other.op, Op::Connect { .. });
            some(story.calls().iter().rev().find(connects)?.seq, Reason::Connected)
        }
        (Op::Connect { .. }, Some(Outcome::Failed(error))) if error.name == Errno::Econnrefused => {
            none(Reason::NobodyListens)
        }
        (Op::Send { .. } | Op::SendTo { .. }, _) if socket.is_some_and(|socket| story.echoes(socket)) => {
            let socket = socket?;
            let recv =
                match story.stretch(call) {
                    Some(range) => socket.recvs.iter().map(|at| &story.calls()[*at as usize]).find(|recv| {
                        story.stretch(recv).is_some_and(|got| got.end >= range.end && got.start < range.end)
                    }),
                    None => story.answered(call, socket.id),
                };
            some(recv?.seq, Reason::Answers)
        }
        (Op::Think { time }, _) => none(Reason::Thinks(*time)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;
    use crate::model::story::tell::{SERVER, three_in_one};

    #[test]
    fn the_last_recv_goes_back_to_the_client_through_the_server() {
        let story = three_in_one().story();
        let recv = story.calls().iter().find(|call| call.receives() && call.program != SERVER).unwrap();
        let reasons: Vec<Reason> = chain(&story, recv.seq).into_iter().map(|step| step.reason).collect();
        assert_eq!(reasons, [Reason::BytesSent { sends: 1 }, Reason::Answers, Reason::BytesSent { sends: 3 }]);
    }

    #[test]
    fn accept_returned_because_somebody_connected() {
        let story = three_in_one().story();
        let accept = story.calls().iter().find(|call| call.op == Op::Accept).unwrap();
        let chain = chain(&story, accept.seq);
        assert_eq!(chain[0].reason, Reason::Connected);
        assert!(matches!(story.call_of(chain[0].seq.unwrap()).unwrap().op, Op::Connect { .. }));
    }
}
