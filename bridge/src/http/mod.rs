//! HTTP on one port: the page, the WebSockets, and a few plain answers.

pub mod reply;
mod routes;
pub mod upgrade;

use crate::doors::Pass;
use crate::limits;
use crate::serve::Bridge;
use crate::session;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// One end-to-end connection: where it arrived and where it comes from.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// Our end.
    pub local: SocketAddr,
    /// The other end.
    pub peer: SocketAddr,
}

/// Answers the requests of one connection until it ends or becomes a WebSocket.
pub async fn connection(bridge: Arc<Bridge>, socket: TcpStream, pass: Pass) {
    let (Ok(local), Ok(peer)) = (socket.local_addr(), socket.peer_addr()) else { return };
    let ends = Ends { local, peer };
    let stop = bridge.stop.clone();
    let head_time = bridge.head_time;
    let service = service_fn(move |request| {
        let bridge = Arc::clone(&bridge);
        async move { Ok::<_, Infallible>(routes::answer(&bridge, ends, request)) }
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_time)
        .max_headers(limits::HTTP_HEADERS)
        .max_header_size(limits::HTTP_HEAD)
        .max_buf_size(limits::HTTP_HEAD)
        .serve_connection(TokioIo::new(socket), service)
        .with_upgrades();
    let result = tokio::select! {
        result = &mut connection => result,
        () = stop.cancelled() => {
            std::pin::Pin::new(&mut connection).graceful_shutdown();
            (&mut connection).await
        }
    };
    if let Err(error) = result
        && let Some(parts) = connection.into_parts()
    {
        let mut socket = parts.io.into_inner();
        // Nothing read is an idle connection that is simply closed; half a head deserves a word.
        if error.is_timeout() && !parts.read_buf.is_empty() {
            let _ = socket.write_all(TOO_LATE).await;
        }
        // What is still coming must not overtake the answer with a reset.
        session::hang_up(socket).await;
    }
    drop(pass);
}

const TOO_LATE: &[u8] = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-type: text/plain; \
    charset=utf-8\r\ncontent-length: 47\r\n\r\nThe head of the request did not come in time.\r\n";

/// Turns a connection away in words, because there are too many.
pub async fn too_many(mut socket: TcpStream, most: usize) {
    let text = format!("No more than {most} HTTP connections at once (limits::HTTP_CONNECTIONS); try again.\n");
    let head = format!(
        "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 1\r\n\
         content-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\n\r\n",
        text.len()
    );
    let _ = socket.write_all((head + &text).as_bytes()).await;
}
