//! What the card of an error offers to do.

use super::desk::Desk;
use crate::model::ladder;
use crate::model::say::Remedy;
use crate::store::Store;
use protocol::command::{Command, ServerAction};
use protocol::{Seq, ServerId};

/// Does what the card of this call offers.
pub fn perform(store: Store, desk: Desk, seq: Seq) {
    let asked = store.peek(|story| {
        let call = story.call_of(seq)?;
        let program = story.program(call.program)?;
        let socket = call.socket.and_then(|id| story.socket(id));
        let transport = program.transport.or(socket?.transport)?;
        Some((ladder::remedy(story, call)?, transport, socket?.peer.clone()))
    });
    let Some((remedy, transport, peer)) = asked else { return };
    let server = |listens: bool, address: Option<protocol::Address>| {
        store.servers.with_untracked(|servers| {
            let mut alike = servers.iter().filter(|one| one.transport == transport && one.socket.is_some() == listens);
            let first = alike.clone().next();
            alike.find(|one| Some(&one.address) == address.as_ref()).or(first).map(|one| one.id)
        })
    };
    match remedy {
        Remedy::Use(address) => open(store, desk, server(true, Some(address))),
        Remedy::Again => open(store, desk, server(true, peer)),
        Remedy::Start => match server(false, peer) {
            Some(server) => desk.act(store, Command::Server(ServerAction::Start(server))),
            None => desk.form.set(true),
        },
    }
}

/// Another client, which connects at once; without a server the form asks for one.
fn open(store: Store, desk: Desk, server: Option<ServerId>) {
    match server {
        Some(server) => desk.open(store, server, || {}),
        None => desk.form.set(true),
    }
}
