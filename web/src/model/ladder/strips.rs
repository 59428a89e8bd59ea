//! Clients that have no lanes of their own, because there are too many: a word about each.

use super::cast::Cast;
use super::heads::short_name;
use crate::model::story::{CallRecord, Story};
use protocol::header::TcpFlags;
use protocol::{GaugeKey, Op, ProgramId};

/// From so many on they are a grid of names.
pub const GRID: usize = 17;

/// One client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strip {
    /// Which.
    pub program: ProgramId,
    /// `C2`.
    pub name: String,
    /// Its port, where it has one: `:41022`.
    pub port: String,
    /// How it is.
    pub standing: Standing,
    /// Whether its lanes are shown below.
    pub followed: bool,
}

/// How a client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The server waits for its bytes or answers them.
    Served,
    /// It sits in the accept queue.
    Seat {
        /// Which seat, from 1.
        seat: u32,
        /// Bytes of it that nobody reads.
        bytes: u64,
    },
    /// `connect` waits; so many SYNs were sent, as far as packets are seen.
    Connecting(u32),
    /// It has a socket that can send.
    Open,
    /// Its last call failed.
    Failed,
    /// It is closed.
    Closed,
}

/// A word about each client of a crowd; nothing where everybody has lanes.
#[must_use]
pub fn strips(story: &Story, cast: &Cast) -> Vec<Strip> {
    let strip = |program: &ProgramId| {
        let socket = story.last_socket(*program);
        let port = socket.and_then(|socket| socket.local.as_ref()?.port());
        Strip {
            program: *program,
            name: short_name(story, Some(*program)),
            port: port.map_or(String::new(), |port| [":", &port.to_string()].concat()),
            standing: standing(story, *program),
            followed: cast.clients.contains(program),
        }
    };
    cast.crowd.iter().map(strip).collect()
}

fn standing(story: &Story, program: ProgramId) -> Standing {
    let record = story.program(program);
    let Some(socket) = story.last_socket(program) else { return Standing::Open };
    let last: Option<&CallRecord> =
        record.and_then(|record| record.calls.last()).map(|at| &story.calls()[*at as usize]);
    if socket.closed.is_some() || record.is_some_and(|record| record.ended.is_some()) {
        return Standing::Closed;
    }
    let calls = record.map_or(&[][..], |record| &record.calls).iter().rev().map(|at| &story.calls()[*at as usize]);
    let connecting =
        calls.into_iter().take(8).any(|call| matches!(call.op, Op::Connect { .. }) && call.outcome.is_none());
    if connecting {
        let local = socket.local.as_ref().and_then(protocol::Address::inet);
        let syn = story.packets().iter().rev().take(2_000).filter(|packet| {
            packet.tcp.is_some_and(|tcp| tcp.flags.has(TcpFlags::SYN))
                && story.ends_of(packet).is_some_and(|(src, _)| Some(src) == local)
        });
        return Standing::Connecting(syn.count() as u32);
    }
    if last.is_some_and(CallRecord::failed) {
        return Standing::Failed;
    }
    let Some((peer, listener)) = story.peer(socket.id).and_then(|peer| Some((peer, peer.parent?))) else {
        return Standing::Open;
    };
    if peer.accepted.is_none() {
        let seat = story.queued(listener, story.latest()).iter().position(|queued| queued.id == peer.id);
        let seat = seat.map_or(0, |seat| seat as u32 + 1);
        return Standing::Seat { seat, bytes: peer.value(GaugeKey::RecvQueue).unwrap_or(0) };
    }
    Standing::Served
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;
    use crate::model::story::tell::{LISTENER, SERVER, Teller, at};
    use protocol::{Bytes, Outcome, Role, SocketId};

    #[test]
    fn a_crowd_says_who_is_served_who_sits_where_and_who_has_no_seat() {
        let mut tell = Teller::tcp();
        tell.connected(1_000, ProgramId(2), SocketId(2), SocketId(3), 41000);
        tell.enter(1_500, SERVER, SocketId(3), Op::Recv { max: 1024 }, Bytes::default(), None);
        for n in 0..4_u32 {
            let (program, mine, conn) = (ProgramId(10 + n), SocketId(20 + n), SocketId(40 + n));
            let (port, start) = (42_000 + n as u16, 2_000 + u64::from(n) * 1_000);
            tell.program(start, program, Role::Client, "TCP client");
            let connect = Op::Connect { to: at(8808) };
            let call = tell.enter(start + 1, program, mine, connect.clone(), Bytes::default(), None);
            tell.socket(start + 2, program, mine, None, Some(port), Some(8808));
            if n < 3 {
                tell.socket(start + 3, ProgramId(0), conn, Some(LISTENER), Some(8808), Some(port));
                tell.leave(start + 9, call, program, mine, connect, Outcome::Done, Bytes::default(), None);
            }
        }
        tell.gauge(9_000, SocketId(41), &[(GaugeKey::RecvQueue, 5)]);
        let story = tell.story();
        let cast = Cast::around(&story, Some(ProgramId(10)), false);
        assert_eq!(cast.clients, [ProgramId(10)], "one is followed");
        let strips = strips(&story, &cast);
        let standing: Vec<Standing> = strips.iter().map(|strip| strip.standing).collect();
        let seat = |seat, bytes| Standing::Seat { seat, bytes };
        assert_eq!(standing, [Standing::Served, seat(1, 0), seat(2, 5), seat(3, 0), Standing::Connecting(0)]);
        assert_eq!(strips.iter().filter(|strip| strip.followed).count(), 1);
        assert_eq!((strips[1].name.as_str(), strips[1].port.as_str()), ("C2", ":42000"));
    }
}
