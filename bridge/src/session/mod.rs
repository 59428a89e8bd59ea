//! One session: a page, or any other client, that speaks [`protocol::message`] over a WebSocket.

mod budget;
mod commands;
mod ending;
mod talk;
mod viewer;
pub(crate) mod welcome;

pub use ending::{Ending, part};
pub use talk::talk;
pub use welcome::system;

use crate::http::upgrade;
use crate::limits;
use crate::serve::Bridge;
use futures_util::StreamExt;
use hyper::upgrade::OnUpgrade;
use protocol::message::Limit;
use protocol::{Codec, Farewell};
use std::net::IpAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// Serves the session that follows an accepted handshake.
pub async fn serve(bridge: Arc<Bridge>, from: IpAddr, codec: Codec, upgrade: OnUpgrade) {
    let Some((socket, read_ahead)) = upgrade::socket(upgrade).await else { return };
    let config = WebSocketConfig::default()
        .read_buffer_size(limits::SESSION_READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(limits::SESSION_WRITE_BUFFER)
        .max_message_size(Some(limits::SESSION_MESSAGE))
        .max_frame_size(Some(limits::SESSION_MESSAGE));
    let websocket = upgrade::websocket(socket, &read_ahead, config).await;
    let (mut outgoing, mut incoming) = websocket.split();
    // A full house is told in the session itself: a browser shows nobody the body of a failed handshake.
    let (ending, pass) = match bridge.sessions.enter(from) {
        Ok(pass) => (talk(&bridge, codec, &mut incoming, &mut outgoing).await, Some(pass)),
        Err(full) => (Ending::Farewell(full.into()), None),
    };
    ending::say(codec, ending, &mut incoming, &mut outgoing).await;
    if let Ok(websocket) = outgoing.reunite(incoming) {
        hang_up(websocket.into_inner()).await;
    }
    drop(pass);
}

impl From<crate::doors::Full> for Farewell {
    fn from(full: crate::doors::Full) -> Self {
        match full {
            crate::doors::Full::All(most) => Self::Limit { what: Limit::Sessions, most: most as u64 },
            crate::doors::Full::Each(most) => Self::Limit { what: Limit::SessionsEach, most: most as u64 },
        }
    }
}

/// Closes so that the last frame arrives: bytes left unread would turn the close into a reset, which overtakes it.
pub async fn hang_up(mut socket: TcpStream) {
    let drain = async {
        socket.shutdown().await?;
        let mut scratch = [0; 1024];
        while socket.read(&mut scratch).await? > 0 {}
        std::io::Result::Ok(())
    };
    // Whoever does not close in time is reset after all.
    let _ = tokio::time::timeout(limits::PARTING_TIME, drain).await;
}
