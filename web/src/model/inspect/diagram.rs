//! The states of RFC 9293 (section 3.3.2, figure 5), where they are drawn, and the way that a socket took through them.

use crate::model::story::{SocketRecord, Story};
use protocol::{Kind, Nanos, Seq, TcpState};

/// A box of the drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its state.
    pub state: TcpState,
    /// Its middle, from the left.
    pub x: i32,
    /// Its middle, from the top.
    pub y: i32,
}

/// How large the drawing is.
pub const SIZE: (i32, i32) = (306, 254);
/// How large a box is.
pub const BOX: (i32, i32) = (92, 20);

const fn node(state: TcpState, x: i32, y: i32) -> Node {
    Node { state, x, y }
}

/// The boxes. The last is the end: the same state as the first, drawn apart so that no line has to run back.
pub const NODES: [Node; 12] = [
    node(TcpState::Closed, 153, 14),
    node(TcpState::Listen, 153, 52),
    node(TcpState::SynReceived, 50, 90),
    node(TcpState::SynSent, 256, 90),
    node(TcpState::Established, 153, 128),
    node(TcpState::FinWait1, 50, 166),
    node(TcpState::CloseWait, 256, 166),
    node(TcpState::FinWait2, 50, 204),
    node(TcpState::Closing, 153, 204),
    node(TcpState::LastAck, 256, 204),
    node(TcpState::TimeWait, 102, 240),
    node(TcpState::Closed, 256, 240),
];

/// The lines of the figure, as places in [`NODES`].
pub const EDGES: [(usize, usize); 17] = [
    (0, 1),
    (0, 3),
    (1, 2),
    (1, 3),
    (3, 2),
    (3, 4),
    (2, 4),
    (2, 5),
    (4, 5),
    (4, 6),
    (5, 7),
    (5, 8),
    (7, 10),
    (8, 10),
    (6, 9),
    (9, 11),
    (10, 11),
];

/// A state on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Its place in [`NODES`].
    pub node: usize,
    /// The event that tells of it; `None` for where the way began.
    pub seq: Option<Seq>,
    /// When.
    pub at: Nanos,
}

/// The way a TCP socket took until a time; empty where nothing is known.
#[must_use]
pub fn way(story: &Story, socket: &SocketRecord, until: Nanos) -> Vec<Stop> {
    let mut way: Vec<Stop> = Vec::new();
    for event in socket.states.iter().map(|place| story.event_at(*place)).filter(|event| event.at <= until) {
        let Kind::State { to, .. } = event.kind else { continue };
        if way.is_empty() {
            // A connection begins at its listening socket's state; everybody else at none.
            let node = usize::from(socket.parent.is_some());
            way.push(Stop { node, seq: None, at: event.at });
        }
        let is = |at: &usize| NODES[*at].state == to;
        // Whatever ends ends below.
        let Some(node) = (0..NODES.len()).rev().find(is) else { continue };
        if way.last().is_some_and(|last| last.node != node) {
            way.push(Stop { node, seq: Some(event.seq), at: event.at });
        }
    }
    way
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;
    use crate::model::story::tell_packets::lost_segment;
    use protocol::SocketId;

    fn names(socket: u32, until: Nanos) -> Vec<&'static str> {
        let story = lost_segment(20, false).story();
        let way = way(&story, story.socket(SocketId(socket)).unwrap(), until);
        way.iter().map(|stop| NODES[stop.node].state.name()).collect()
    }

    #[test]
    fn a_client_begins_closed_and_a_connection_of_the_server_at_its_listener() {
        assert_eq!(names(2, Nanos::from_millis(500)), ["CLOSED", "SYN_SENT", "ESTABLISHED", "FIN_WAIT_1"]);
        assert_eq!(names(3, Nanos::from_millis(500)), ["LISTEN", "SYN_RECV", "ESTABLISHED", "CLOSE_WAIT"]);
        assert_eq!(names(2, Nanos::from_millis(20)), ["CLOSED", "SYN_SENT"]);
        assert_eq!(names(1, Nanos::from_millis(500)), [""; 0]);
    }

    #[test]
    fn boxes_do_not_overlap_and_lie_inside() {
        for (at, node) in NODES.iter().enumerate() {
            assert!(node.x >= BOX.0 / 2 && node.x + BOX.0 / 2 <= SIZE.0 && node.y + BOX.1 / 2 <= SIZE.1, "{node:?}");
            for other in &NODES[at + 1..] {
                assert!((node.x - other.x).abs() > BOX.0 || (node.y - other.y).abs() > BOX.1, "{node:?} {other:?}");
            }
        }
        assert!(TcpState::ALL.iter().all(|state| NODES.iter().any(|node| node.state == *state)));
        assert!(EDGES.iter().all(|(from, to)| from != to && *to < NODES.len()));
    }
}
