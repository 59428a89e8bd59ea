//! The same bytes everywhere: from one mark to all marks that carried its bytes, from `send` to `recv` and back.

use super::letter::Letter;
use super::story::{CallRecord, PacketRecord, SocketRecord, Sort, Story};
use protocol::{Seq, SocketId, Span};
use std::ops::Range;

/// Bytes that somebody points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Focus {
    /// The client's socket.
    pub socket: SocketId,
    /// Which of its bytes, as offsets in its stream; of a datagram, all.
    pub range: Range<u64>,
    /// The datagram's letter; none for a stream.
    pub letter: Option<Letter>,
    /// Whether they are lit in the direction of the client's bytes, and in that of the answers.
    pub ways: (bool, bool),
}

/// So many marks of one sort are lit at most, and so many events are looked at for a datagram's packet.
const MOST: usize = 400;
const NEAR: usize = 16;

/// The bytes of a mark; `part` of them where only those are meant. `None` where it moved none.
#[must_use]
pub fn of_mark(story: &Story, seq: Seq, part: Option<&Range<u64>>) -> Option<Focus> {
    let place = story.place(seq)?;
    let tag = story.tag(place);
    let (mover, range, sends) = if tag.sort.is_call() {
        let call = &story.calls()[tag.at as usize];
        let mover = story.socket(call.socket?)?;
        match call.span {
            Some(Span::Datagram { .. }) => {
                let letter = story.shares(call).first()?.letter?;
                return datagram(story, call, letter);
            }
            _ => (mover, story.stretch(call)?, call.sends()),
        }
    } else if tag.sort.is_packet() {
        let packet = &story.packets()[tag.at as usize];
        let first = story.relative_seq(packet)?.checked_sub(1)?;
        (story.sender(story.ends_of(packet)?)?, first..first + packet.payload(), true)
    } else {
        return None;
    };
    let range = part.cloned().unwrap_or(range);
    if range.is_empty() {
        return None;
    }
    let peer = story.peer(mover.id);
    // The client's end is the one that did not come from a listening socket.
    let (client, server, mine) = match peer {
        Some(peer) if mover.parent.is_some() || serves(story, mover) => (peer, Some(mover), false),
        peer => (mover, peer, true),
    };
    // What an echo sends at an offset is what it received there; of other programs nobody knows.
    let both = server.is_some_and(|server| story.echoes(server));
    let forth = mine == sends;
    Some(Focus { socket: client.id, range, letter: None, ways: (both || forth, both || !forth) })
}

fn serves(story: &Story, socket: &SocketRecord) -> bool {
    socket.program.is_some_and(|id| story.serves(id))
}

fn datagram(story: &Story, call: &CallRecord, letter: Letter) -> Option<Focus> {
    let mover = story.socket(call.socket?)?;
    let sends = |socket: &SocketRecord| {
        socket.sends.iter().rev().take(MOST).any(|at| story.calls()[*at as usize].letter == Some(letter))
    };
    // A letter belongs to one send of one client.
    let owner = if sends(mover) { Some(mover) } else { story.sockets().iter().rev().find(|socket| sends(socket)) };
    Some(Focus { socket: owner?.id, range: 0..u64::MAX, letter: Some(letter), ways: (true, true) })
}

/// The marks that carried these bytes.
#[must_use]
pub fn marks(story: &Story, focus: &Focus) -> Vec<Seq> {
    let Some(client) = story.socket(focus.socket) else { return Vec::new() };
    if let Some(letter) = focus.letter {
        return datagrams(story, client, letter);
    }
    let mut found = Vec::new();
    let server = story.peer(client.id);
    let mut calls = |list: &[u32]| {
        let stretch = |at: &u32| story.stretch(&story.calls()[*at as usize]);
        let first = list.partition_point(|at| stretch(at).is_some_and(|moved| moved.end <= focus.range.start));
        let moved = list[first..].iter().take(MOST).filter_map(|at| Some((at, stretch(at)?)));
        let within = moved.take_while(|(_, moved)| moved.start < focus.range.end);
        let filled = within.filter(|(_, moved)| moved.end > focus.range.start);
        found.extend(filled.map(|(at, _)| story.calls()[*at as usize].seq));
    };
    let nothing = &[][..];
    if focus.ways.0 {
        calls(&client.sends);
        calls(server.map_or(nothing, |server| &server.recvs));
    }
    if focus.ways.1 {
        calls(server.map_or(nothing, |server| &server.sends));
        calls(&client.recvs);
    }
    let ends = [(focus.ways.0, Some(client)), (focus.ways.1, server)];
    for socket in ends.into_iter().filter_map(|(lit, socket)| socket.filter(|_| lit)) {
        let segments = story.segments_of(socket, focus.range.start, MOST);
        let carries = |packet: &&PacketRecord| {
            // The first byte has relative number 1.
            let first = story.relative_seq(packet).and_then(|first| first.checked_sub(1));
            first.is_some_and(|first| first < focus.range.end && focus.range.start < first + packet.payload())
        };
        found.extend(segments.into_iter().filter(carries).map(|packet| packet.seq));
    }
    found
}

fn datagrams(story: &Story, client: &SocketRecord, letter: Letter) -> Vec<Seq> {
    let of = |at: &u32| &story.calls()[*at as usize];
    let Some(send) = client.sends.iter().rev().map(of).find(|send| send.letter == Some(letter)) else {
        return Vec::new();
    };
    let recv = story.receipt(send);
    let server = recv.and_then(|recv| story.socket(recv.socket?));
    let answer = server.zip(recv).and_then(|(server, recv)| {
        let after = server.sends.partition_point(|at| Some(of(at).start) < recv.end);
        let mut answers = server.sends[after..].iter().take(NEAR).map(of);
        answers.find(|answer| story.answered(answer, server.id).is_some_and(|of| of.id == recv.id))
    });
    let back = answer.and_then(|answer| story.receipt(answer));
    let calls = [Some(send), recv, answer, back].into_iter().flatten();
    let packets =
        [Some(send), answer].into_iter().flatten().filter_map(|call| packet_of(story, call)).map(|packet| packet.seq);
    calls.map(|call| call.seq).chain(packets).collect()
}

/// The packet that a datagram became: the next one with as many bytes that its socket sent.
#[must_use]
pub fn packet_of<'a>(story: &'a Story, send: &CallRecord) -> Option<&'a PacketRecord> {
    let socket = story.socket(send.socket?)?;
    let local = socket.local.as_ref()?.inet()?;
    let order = story.in_order();
    let from = story.rank(send.seq)?;
    let near = order[from..].iter().take(NEAR).map(|place| story.tag(*place)).filter(|tag| tag.sort == Sort::Sent);
    let mut packets = near.map(|tag| &story.packets()[tag.at as usize]);
    let its = |packet: &&PacketRecord| {
        story.ends_of(packet).is_some_and(|(from, _)| from.port() == local.port()) && packet.payload() == send.bytes()
    };
    packets.find(its)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;
    use crate::model::story::tell::three_in_one;
    use crate::model::story::tell_packets::lost_segment;
    use expect_test::expect;

    /// What is lit for a mark, in the words of the ladder.
    fn lit(story: &Story, seq: Seq, part: Option<&Range<u64>>) -> String {
        let Some(focus) = of_mark(story, seq, part) else { return "nothing".into() };
        let name = |seq: Seq| format!("{seq} {:?}", crate::model::named::mark(story, seq).unwrap());
        [format!("{:?}", focus.range)]
            .into_iter()
            .chain(marks(story, &focus).into_iter().map(name))
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn bytes_are_lit_from_the_send_to_the_answer() {
        let story = three_in_one().story();
        // The second of three sends, and the same bytes pointed at inside the one receive.
        let (send, recv) = (Seq(25), Seq(30));
        expect![[r#"
            3..6
            25 Named { who: "client 1", what: Code("send(3)") }
            30 Named { who: "TCP echo server", what: Code("recv(1024)") }
            32 Named { who: "TCP echo server", what: Code("send(11)") }
            34 Named { who: "client 1", what: Code("recv(1024)") }"#]]
        .assert_eq(&lit(&story, send, None));
        assert_eq!(lit(&story, send, None), lit(&story, recv, Some(&(3..6))));
        assert_eq!(lit(&story, Seq(6), None), "nothing", "bind() moves no bytes");
    }

    #[test]
    fn what_was_sent_again_is_lit_with_what_it_repeats() {
        let story = lost_segment(20, false).story();
        let lost = story.packets().iter().find(|packet| packet.lost.is_some()).unwrap();
        expect![[r#"
            1448..2896
            61 Named { who: "TCP client", what: Code("send(3000)") }
            78 Named { who: "TCP server", what: Code("recv(1024)") }
            82 Named { who: "TCP server", what: Code("recv(1024)") }
            80 Named { who: "TCP server", what: Code("send(1024)") }
            84 Named { who: "TCP server", what: Code("send(528)") }
            86 Named { who: "TCP client", what: Code("recv(1024)") }
            88 Named { who: "TCP client", what: Code("recv(1024)") }
            21 Both(DataBytes(1448), Code("1449–2896"))
            38 Both(DataBytes(1448), Code("1449–2896"))
            42 Both(DataBytes(1024), Code("1449–2472"))
            44 Both(DataBytes(528), Code("2473–3000"))"#]]
        .assert_eq(&lit(&story, lost.seq, None));
    }
}
