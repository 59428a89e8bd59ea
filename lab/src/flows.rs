//! Who speaks to whom: joins the two ends of a conversation by their addresses.

use crate::story::Story;
use crate::table::Table;
use protocol::{About, Address, End, FlowId, HostId, Kind, SocketId, Transport};
use std::net::SocketAddr;

/// Conversations remembered; past ones are forgotten first.
const MOST: usize = 8_192;

#[derive(Clone, Debug)]
struct Flow {
    id: FlowId,
    host: HostId,
    sockets: [Option<SocketId>; 2],
    incarnation: u32,
    /// An end is gone, so that nobody new can join.
    over: bool,
}

/// All conversations, by who began and who was called.
#[derive(Debug, Default)]
pub(crate) struct Flows(Table<(Transport, SocketAddr, SocketAddr), Flow>);

/// One end as it appears.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Appears {
    pub(crate) host: HostId,
    pub(crate) transport: Transport,
    pub(crate) socket: SocketId,
    pub(crate) local: SocketAddr,
    pub(crate) peer: SocketAddr,
    /// Whether it is the end that began.
    pub(crate) began: bool,
}

impl Flows {
    /// The conversation an end belongs to, told when that says anything new.
    pub(crate) fn join(&mut self, story: &mut Story, end: Appears) -> FlowId {
        let (a, b) = if end.began { (end.local, end.peer) } else { (end.peer, end.local) };
        let key = (end.transport, a, b);
        let mine = usize::from(!end.began);
        let mut incarnation = 0;
        if let Some(flow) = self.0.get_mut(&key) {
            if flow.sockets[mine] == Some(end.socket) {
                return flow.id;
            }
            if flow.sockets[mine].is_none() && !flow.over {
                flow.sockets[mine] = Some(end.socket);
                let id = flow.id;
                tell(story, &key, flow);
                return id;
            }
            incarnation = flow.incarnation + 1;
        }
        if self.0.len() >= MOST {
            self.0.retain(|flow| !flow.over);
        }
        let mut sockets = [None; 2];
        sockets[mine] = Some(end.socket);
        let flow = Flow { id: story.new_flow(), host: end.host, sockets, incarnation, over: false };
        tell(story, &key, &flow);
        let id = flow.id;
        self.0.insert(key, flow);
        id
    }

    /// The conversation that packets between these ends belong to, whoever began it.
    pub(crate) fn between(&self, transport: Transport, one: SocketAddr, other: SocketAddr) -> Option<FlowId> {
        let flow = self.0.get(&(transport, one, other)).or_else(|| self.0.get(&(transport, other, one)));
        flow.map(|flow| flow.id)
    }

    /// A socket is gone: its conversations take nobody new.
    pub(crate) fn gone(&mut self, socket: SocketId) {
        for flow in self.0.values_mut().filter(|flow| flow.sockets.contains(&Some(socket))) {
            flow.over = true;
        }
    }

    /// Tells the living ones again.
    pub(crate) fn tell_again(&self, story: &mut Story) {
        let mut living = Table::default();
        self.0.iter().filter(|(_, flow)| !flow.over).for_each(|(key, flow)| living.insert(flow.id, (key, flow)));
        living.values().for_each(|(key, flow)| tell(story, key, flow));
    }
}

fn tell(story: &mut Story, (transport, a, b): &(Transport, SocketAddr, SocketAddr), flow: &Flow) {
    let end = |socket: Option<SocketId>, address: &SocketAddr| End { socket, address: Address::Inet(*address) };
    let kind = Kind::Flow {
        transport: *transport,
        a: end(flow.sockets[0], a),
        b: end(flow.sockets[1], b),
        incarnation: flow.incarnation,
    };
    story.record(About { host: flow.host, flow: Some(flow.id), ..About::default() }, None, kind);
}
