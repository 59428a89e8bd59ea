//! What the inspector speaks of while nothing is selected: the latest that happened to the followed client.

use crate::model::ladder::Cast;
use crate::model::story::{CallRecord, Sort, Story};
use protocol::{Kind, Op, Outcome, Phase, ProgramId, Seq, SocketId, Stage};

/// So far back one looks: what happened before is not the latest any more.
const FAR: usize = 2_000;

/// The latest event worth a sentence, and the server whose program is shown with it.
#[must_use]
pub fn latest(story: &Story, followed: Option<ProgramId>) -> (Option<Seq>, Option<ProgramId>) {
    let cast = Cast::around(story, followed, true);
    let server = cast.server;
    if let Some(held) = story.held().next() {
        return (Some(held.seq), server);
    }
    let client = cast.clients.first().copied();
    let sockets = ours(story, client);
    if let Some(waits) = client.and_then(|client| waits_for_answer(story, client)) {
        return (Some(waits.seq), server);
    }
    let told = |place: &&u32| {
        if !matches!(story.tag(**place).sort, Sort::Returned | Sort::Broken) {
            return false;
        }
        let event = story.event_at(**place);
        match &event.kind {
            Kind::Call(end) if end.phase == Phase::Returned => {
                let about = event.about;
                let shown = client.is_some() && about.program == client
                    || about.socket.is_some_and(|socket| sockets.contains(&socket));
                shown && story.call(end.id).is_some_and(says_something)
            }
            Kind::Packet(packet) => {
                matches!(packet.stage, Stage::Dropped(_))
                    && story.packet(packet.id).is_some_and(|packet| cast.has_packet(story, packet))
            }
            _ => false,
        }
    };
    let found = story.in_order().iter().rev().take(FAR).find(told).map(|place| story.seq(*place));
    (found.or_else(|| server.and_then(|server| open(story, server))).map(|seq| story.mark_of(seq)), server)
}

/// The client's sockets, and those at their other ends.
fn ours(story: &Story, client: Option<ProgramId>) -> Vec<SocketId> {
    let sockets = client.and_then(|id| story.program(id)).map_or(&[][..], |program| &program.sockets);
    let last = sockets.iter().rev().take(2);
    last.flat_map(|id| [Some(*id), story.peer(*id).map(|peer| peer.id)]).flatten().collect()
}

/// Whether a call is worth a sentence when it is over.
fn says_something(call: &CallRecord) -> bool {
    let moves = matches!(
        call.op,
        Op::Send { .. }
            | Op::SendTo { .. }
            | Op::Recv { .. }
            | Op::RecvFrom { .. }
            | Op::Connect { .. }
            | Op::Shutdown { .. }
            | Op::Close
            | Op::Abort
    );
    call.failed() || (moves && call.outcome != Some(Outcome::Cancelled))
}

/// The call in which a client waits although it sent something: that needs explaining more than what it sent.
fn waits_for_answer(story: &Story, client: ProgramId) -> Option<&CallRecord> {
    let calls = || story.program(client).into_iter().flat_map(|program| program.calls.iter().rev().take(64));
    let call = |at: &u32| &story.calls()[*at as usize];
    let waits = calls().map(call).find(|call| call.outcome.is_none() && call.may_wait())?;
    let socket = story.socket(waits.socket?)?;
    let moved = |list: &[u32]| list.iter().rev().take(512).map(|at| call(at).bytes()).sum::<u64>();
    let owed = moved(&socket.sends) > moved(&socket.recvs);
    (!waits.receives() || owed).then_some(waits)
}

/// The call in which a program waits.
fn open(story: &Story, program: ProgramId) -> Option<Seq> {
    let calls = story.program(program)?.calls.iter().rev().take(64).map(|at| &story.calls()[*at as usize]);
    calls.into_iter().find(|call| call.outcome.is_none()).map(|call| call.seq)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;
    use crate::model::story::tell::{LISTENER, SERVER, Teller, three_in_one};
    use crate::model::story::tell_packets::lost_segment;
    use protocol::Bytes;

    fn op(story: &Story, seq: Option<Seq>) -> Option<Op> {
        story.call_of(seq?).map(|call| call.op.clone())
    }

    #[test]
    fn before_anybody_comes_it_is_the_accept_that_waits() {
        let mut tell = Teller::tcp();
        tell.enter(100, SERVER, LISTENER, Op::Accept, Bytes::default(), None);
        let story = tell.story();
        let (seq, server) = latest(&story, None);
        assert_eq!((op(&story, seq), server), (Some(Op::Accept), Some(SERVER)));
    }

    #[test]
    fn after_an_echo_it_is_the_answer_that_came_back() {
        let story = three_in_one().story();
        let (seq, _) = latest(&story, Some(ProgramId(2)));
        let call = story.call_of(seq.unwrap()).unwrap();
        assert!(call.receives() && call.program == ProgramId(2));
    }

    #[test]
    fn while_an_answer_is_missing_it_is_the_wait() {
        let (client, socket, conn) = (ProgramId(2), SocketId(2), SocketId(3));
        let mut tell = Teller::tcp();
        tell.connected(1_000, client, socket, conn, 41022);
        tell.send(2_000, 2_010, client, socket, "one");
        tell.enter(2_020, client, socket, Op::Recv { max: 1024 }, Bytes::default(), None);
        let story = tell.story();
        let (seq, _) = latest(&story, Some(client));
        assert_eq!(op(&story, seq), Some(Op::Recv { max: 1024 }));
    }

    #[test]
    fn a_packet_that_is_held_comes_first() {
        let story = lost_segment(8, true).story();
        let (seq, _) = latest(&story, None);
        assert!(matches!(&story.event(seq.unwrap()).unwrap().kind, Kind::Packet(packet) if packet.id.0 == 5));
    }
}
