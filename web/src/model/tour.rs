//! What the first five minutes wait for, read off the story: nothing is told before it happened.

use super::Story;
use super::story::{Client, ClientPhase};
use protocol::program::Role;
use protocol::{GaugeKey, Outcome, Transport};

/// How far a newcomer is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The first client that a page opened.
    pub first: Option<Client>,
    /// Whether it is connected.
    pub connected: bool,
    /// Packets of its connection before the first with bytes: what `connect()` made the kernels send.
    pub packets: usize,
    /// Bytes that it sent and got back.
    pub moved: (u64, u64),
    /// Bytes that its server's kernel has and nobody has read yet, as far as that is reported.
    pub unread: u64,
    /// Receives of its server that gave something.
    pub recvs: usize,
    /// Whether the second client is connected, and whether its connection was accepted.
    pub second: Option<bool>,
}

impl Facts {
    /// What the story tells.
    #[must_use]
    pub fn read(story: &Story) -> Self {
        let mut ours = story.clients().into_iter().filter(|client| client.role == Role::Client);
        let Some(first) = ours.next() else { return Self::default() };
        let second = ours.next();
        let is_ready = |client: &Client| story.client_state(client.program).phase == ClientPhase::Ready;
        let moved = story.program(first.program).map_or((0, 0), |program| program.moved);
        let socket = story.last_socket(first.program);
        let flow = socket.and_then(|socket| socket.flow);
        let unread = socket.and_then(|socket| story.peer(socket.id)?.value(GaugeKey::RecvQueue)).unwrap_or(0);
        let stream = first.transport.is_none_or(Transport::is_stream);
        let gave = |outcome: &Option<Outcome>| matches!(outcome, Some(Outcome::Bytes(count) | Outcome::From(count, _)) if *count > 0);
        let recvs = story.calls().iter().filter(|call| {
            let socket = call.socket.and_then(|id| story.socket(id));
            call.receives()
                && gave(&call.outcome)
                && story.serves(call.program)
                && (!stream || socket.is_some_and(|socket| socket.flow == flow))
        });
        let recvs = recvs.count();
        let packets = story.packets().iter().filter(|packet| flow.is_some() && packet.flow == flow);
        let accepted = |client: &Client| {
            let socket = story.last_socket(client.program)?;
            let mut others = story.sockets().iter().filter(|other| other.flow == socket.flow && other.id != socket.id);
            Some(others.any(|other| other.accepted.is_some()))
        };
        Self {
            connected: is_ready(&first),
            packets: packets.take_while(|packet| packet.payload() == 0).count(),
            moved,
            unread,
            recvs,
            second: second.filter(is_ready).and_then(|client| accepted(&client)),
            first: Some(first),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::story::tell::three_in_one;
    use crate::model::story::tell_packets::lost_segment;
    use protocol::FlowId;

    #[test]
    fn what_nobody_has_read_is_in_the_servers_kernel() {
        let tell = three_in_one();
        let unread = |count: usize| {
            let mut story = Story::new();
            tell.events.iter().take(count).for_each(|event| story.push(event));
            Facts::read(&story).unread
        };
        let counts: Vec<u64> = (0..=tell.events.len()).map(unread).collect();
        assert!(counts.contains(&0) && counts.contains(&11), "{counts:?}");
    }

    #[test]
    fn what_is_sent_later_is_nothing_that_connect_did() {
        let mut tell = lost_segment(20, false);
        tell.events.iter_mut().for_each(|event| event.about.flow = Some(FlowId(1)));
        let story = tell.story();
        assert!(story.packets().len() > 3 && Facts::read(&story).packets == 3, "{:?}", Facts::read(&story));
    }
}
