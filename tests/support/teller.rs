//! A program that tells a page what it is given, as the real one would: for measuring the page alone.

use crate::running::site;
use futures_util::{SinkExt as _, StreamExt as _};
use protocol::{
    Batch, Codec, Epoch, Event, MemberId, Nanos, Seq, SettingsInfo, ToBridge, ToPage, Welcome, WorldInfo, WorldKind,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};

/// What a page is told, and when.
#[derive(Clone, Debug)]
pub struct Tale {
    /// Batches at once.
    pub first: Vec<Vec<Event>>,
    /// Batches afterwards, one after each pause.
    pub then: Vec<Vec<Event>>,
    /// Between them.
    pub pause: Duration,
}

/// Serves the page and the tale. Returns where; it ends with the test.
///
/// # Panics
/// When no port is free.
pub async fn serve(tale: Tale) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound").to_string();
    let tale = Arc::new(Packed::new(tale));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let tale = Arc::clone(&tale);
            // Whoever hangs up has heard enough.
            tokio::spawn(async move { drop(answer(stream, &tale).await) });
        }
    });
    address
}

/// A tale in messages, made before anybody waits for them.
struct Packed {
    first: Vec<Message>,
    then: Vec<Message>,
    pause: Duration,
}

impl Packed {
    fn new(tale: Tale) -> Self {
        let batch = |events: Vec<Event>| {
            let after = events.first().map_or(Seq(0), |event| Seq(event.seq.0 - 1));
            let through = events.last().map_or(after, |event| event.seq);
            packed(&ToPage::Batch(Batch { epoch: Epoch::default(), after, through, events }))
        };
        let all = |batches: Vec<Vec<Event>>| batches.into_iter().map(batch).collect();
        Self { first: all(tale.first), then: all(tale.then), pause: tale.pause }
    }
}

fn packed(message: &ToPage) -> Message {
    Message::Binary(Codec::Postcard.encode(message).into())
}

async fn answer(mut stream: TcpStream, tale: &Packed) -> anyhow::Result<()> {
    let mut head = [0; 2048];
    let path = loop {
        let len = stream.peek(&mut head).await?;
        let text = String::from_utf8_lossy(&head[..len]);
        if let Some((line, _)) = text.split_once("\r\n") {
            break line.split(' ').nth(1).unwrap_or_default().to_owned();
        }
    };
    if path.starts_with("/ws") {
        return tell(stream, tale).await;
    }
    let name = if path == "/" { "index.html" } else { path.trim_start_matches('/') };
    let file = tokio::fs::read(site().join(name)).await;
    let kind = match name.rsplit_once('.').map_or("", |(_, end)| end) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript",
        "css" => "text/css",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };
    let (status, body) = file.map_or(("404 Not Found", Vec::new()), |body| ("200 OK", body));
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&body).await?;
    // The request is still unread, and closing on it would be a reset.
    let mut rest = [0; 4096];
    while tokio::io::AsyncReadExt::read(&mut stream, &mut rest).await? > 0 {}
    Ok(())
}

async fn tell(stream: TcpStream, tale: &Packed) -> anyhow::Result<()> {
    #[allow(clippy::result_large_err, reason = "the library says so")]
    let choose = |_: &Request, mut response: Response| {
        let named = protocol::message::POSTCARD.parse().expect("a plain name");
        response.headers_mut().insert("sec-websocket-protocol", named);
        Ok(response)
    };
    let socket = tokio_tungstenite::accept_hdr_async(stream, choose).await?;
    let (mut to, mut from) = socket.split();
    let epoch = Epoch::default();
    let world = WorldKind::TwoHosts;
    let here = WorldInfo { kind: world, unavailable: None, capabilities: Vec::new() };
    let welcome = Welcome {
        version: "0.1.0".into(),
        epoch,
        now: Nanos(0),
        member: MemberId(1),
        token: "measured".into(),
        world,
        worlds: vec![here],
        servers: Vec::new(),
        settings: SettingsInfo::default(),
        targets: Vec::new(),
        system: "made up".into(),
    };
    to.send(packed(&ToPage::Welcome(Box::new(welcome)))).await?;
    for message in &tale.first {
        to.send(message.clone()).await?;
    }
    let mut then = tale.then.iter();
    let mut clock = tokio::time::interval(tale.pause);
    loop {
        tokio::select! {
            _ = clock.tick(), if then.len() > 0 => {
                if let Some(message) = then.next() {
                    to.send(message.clone()).await?;
                }
            }
            said = from.next() => {
                let Some(said) = said else { return Ok(()) };
                if let Ok(ToBridge::Ping(number)) = Codec::Postcard.decode(&said?.into_data()) {
                    to.send(packed(&ToPage::Pong(number))).await?;
                }
            }
        }
    }
}
