//! The relays' own echo servers: a task for every client, no settings, no events.

use super::scratch;
use crate::serve::{Pause, is_callers};
use std::collections::HashSet;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpListener, UdpSocket};

/// Accepts TCP clients for ever.
pub async fn tcp(listener: TcpListener) {
    let mut pause = Pause::new();
    loop {
        match listener.accept().await {
            Ok((client, _)) => {
                pause = Pause::new();
                // Without it Nagle's algorithm holds an answer back while the one before it is not acknowledged.
                let _ = client.set_nodelay(true);
                tokio::spawn(stream(client));
            }
            Err(error) if is_callers(&error) => {}
            Err(_) => tokio::time::sleep(pause.longer()).await,
        }
    }
}

/// Accepts Unix-domain clients for ever.
#[cfg(unix)]
pub async fn unix(listener: tokio::net::UnixListener) {
    let mut pause = Pause::new();
    loop {
        match listener.accept().await {
            Ok((client, _)) => {
                pause = Pause::new();
                tokio::spawn(stream(client));
            }
            Err(error) if is_callers(&error) => {}
            Err(_) => tokio::time::sleep(pause.longer()).await,
        }
    }
}

/// Answers one client in upper case until it has sent everything.
async fn stream<S: AsyncRead + AsyncWrite + Unpin>(mut client: S) -> io::Result<()> {
    let mut rest = Vec::new();
    while poll_fn(|cx| exchange(&mut client, &mut rest, cx)).await? > 0 {
        if !rest.is_empty() {
            client.write_all(&rest).await?;
            // An empty vector again: a connection that rests keeps no buffer.
            rest = Vec::new();
        }
    }
    client.shutdown().await
}

/// One read and, at once, one write of it; what the socket did not take goes into `rest`.
fn exchange<S>(client: &mut S, rest: &mut Vec<u8>, cx: &mut Context<'_>) -> Poll<io::Result<usize>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    scratch::with(|scratch| {
        let mut buffer = ReadBuf::new(scratch);
        ready!(Pin::new(&mut *client).poll_read(cx, &mut buffer))?;
        let data = buffer.filled_mut();
        data.make_ascii_uppercase();
        let written = match Pin::new(client).poll_write(cx, data) {
            _ if data.is_empty() => 0,
            Poll::Ready(written) => written?,
            Poll::Pending => 0,
        };
        rest.extend_from_slice(&data[written..]);
        Poll::Ready(Ok(data.len()))
    })
}

/// Whom the UDP echo answers: our own relays. Two servers that answer everybody could answer each other for ever.
pub type Known = Arc<Mutex<HashSet<SocketAddr>>>;

/// Answers datagrams of known clients for ever.
pub async fn udp(socket: UdpSocket, known: Known) {
    loop {
        // Errors of a datagram socket are answers to earlier datagrams (a client has gone): the next one is unharmed.
        let _ = poll_fn(|cx| answer(&socket, &known, cx)).await;
    }
}

fn answer(socket: &UdpSocket, known: &Known, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
    scratch::with(|scratch| {
        let mut buffer = ReadBuf::new(scratch);
        let from = ready!(socket.poll_recv_from(cx, &mut buffer))?;
        if known.lock().expect("nothing panics while it looks").contains(&from) {
            buffer.filled_mut().make_ascii_uppercase();
            // A full buffer loses the datagram, as UDP does.
            let _ = socket.try_send_to(buffer.filled(), from);
        }
        Poll::Ready(Ok(()))
    })
}
