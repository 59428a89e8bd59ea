//! The UDP echo server: one socket and one queue for everyone.

use super::probe::{Came, Received, Receiving, send_datagram};
use super::{Reach, Rest};
use crate::story::Entered;
use protocol::{Arg, Nanos, NoteId, Op, Outcome, SocketId};
use std::net::SocketAddr;

/// Receives and answers until the socket is closed under it.
pub(crate) struct DatagramServer {
    socket: SocketId,
    receiving: Receiving,
    thinking: Option<(Entered, Nanos, Vec<u8>, SocketAddr)>,
}

impl DatagramServer {
    pub(super) fn new(socket: SocketId) -> Self {
        Self { socket, receiving: Receiving::default(), thinking: None }
    }

    pub(super) fn socket(&self) -> SocketId {
        self.socket
    }

    pub(super) fn run(&mut self, reach: &mut Reach<'_>) -> Rest {
        if let Some((call, until, answer, to)) = self.thinking.take() {
            let hung_up = reach.net.socket(self.socket).is_none_or(|socket| socket.hung_up.is_some());
            if reach.now() < until && !hung_up {
                self.thinking = Some((call, until, answer, to));
                return Rest::Until(Some(until));
            }
            let outcome = if hung_up { Outcome::Cancelled } else { Outcome::Done };
            reach.net.story.leave(call, outcome, None, &[], None);
            if hung_up {
                return Rest::Ended;
            }
            // That it failed is in the record, and the next one is served all the same.
            send_datagram(reach.net, self.socket, &answer, to, true, None);
        }
        let (gate, max) = (reach.settings.reading, reach.settings.recv_size);
        match self.receiving.poll(reach.net, self.socket, gate, true, max, None) {
            Came::Back(received) => self.answer(reach, received),
            Came::Failed(_) => Rest::Until(Some(reach.now())),
            Came::Cancelled => Rest::Ended,
            Came::Waits => Rest::Until(None),
        }
    }

    fn answer(&mut self, reach: &mut Reach<'_>, received: Received) -> Rest {
        let Received { data, true_len, from, about, .. } = received;
        if true_len > data.len() {
            let args = vec![Arg::Count(data.len() as u64), Arg::Count((true_len - data.len()) as u64)];
            reach.net.story.note(about, None, NoteId::DatagramCut, args);
        }
        let Some(from) = from else { return Rest::Until(Some(reach.now())) };
        let (answer, time) = (data.to_ascii_uppercase(), reach.settings.think);
        if time == Nanos(0) {
            send_datagram(reach.net, self.socket, &answer, from, true, None);
            return Rest::Until(Some(reach.now()));
        }
        let call = reach.net.story.enter(about, Op::Think { time }, None, &[], None);
        let until = reach.now().after(time);
        self.thinking = Some((call, until, answer, from));
        Rest::Until(Some(until))
    }
}
