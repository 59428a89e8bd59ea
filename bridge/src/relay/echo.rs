//! The relays' own echo servers: a task for every client, no settings, and events only while somebody watches.

use super::scratch;
use super::witness::{Begun, Witness};
use crate::limits::RELAY_CHUNK;
use crate::serve::{Pause, is_callers};
use protocol::{Direction, Op};
use std::collections::HashSet;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpListener, UdpSocket};

/// Accepts TCP clients for ever. That it waits for the first one is nobody's story before that one comes.
pub async fn tcp(listener: TcpListener, witness: Witness) {
    let mut pause = Pause::new();
    let mut call = Begun::Unwatched;
    loop {
        match listener.accept().await {
            Ok((client, peer)) => {
                pause = Pause::new();
                // Without it Nagle's algorithm holds an answer back while the one before it is not acknowledged.
                let _ = client.set_nodelay(true);
                tokio::spawn(stream(client, witness.accepted(call, Some(peer.into()))));
            }
            Err(error) => pause = wait(call, &error, pause, &witness).await,
        }
        call = witness.begins(|| Op::Accept, &[]);
    }
}

/// Accepts Unix-domain clients for ever.
#[cfg(unix)]
pub async fn unix(listener: tokio::net::UnixListener, witness: Witness) {
    let mut pause = Pause::new();
    let mut call = Begun::Unwatched;
    loop {
        match listener.accept().await {
            Ok((client, _)) => {
                pause = Pause::new();
                tokio::spawn(stream(client, witness.accepted(call, None)));
            }
            Err(error) => pause = wait(call, &error, pause, &witness).await,
        }
        call = witness.begins(|| Op::Accept, &[]);
    }
}

/// Tells that `accept` failed; waits if not only its caller is concerned.
async fn wait(call: Begun, error: &io::Error, mut pause: Pause, witness: &Witness) -> Pause {
    witness.failed(call, error);
    if !is_callers(error) {
        tokio::time::sleep(pause.longer()).await;
    }
    pause
}

/// Answers one client in upper case until it has sent everything.
async fn stream<S: AsyncRead + AsyncWrite + Unpin>(mut client: S, witness: Witness) -> io::Result<()> {
    let mut rest = Vec::new();
    loop {
        let mut call = witness.begins(|| Op::Recv { max: RELAY_CHUNK as u32 }, &[]);
        let len = match poll_fn(|cx| exchange(&mut client, &mut rest, cx, &mut call, &witness)).await {
            Ok(0) => break,
            Ok(len) => len,
            Err(error) => {
                witness.failed(call, &error);
                return Err(error);
            }
        };
        if rest.is_empty() {
            witness.sent(call, len, &Ok(()));
            continue;
        }
        let result = client.write_all(&rest).await;
        witness.sent(call, len, &result);
        result?;
        // An empty vector again: a connection that rests keeps no buffer.
        rest = Vec::new();
    }
    let call = witness.begins(|| Op::Shutdown { how: Direction::Out }, &[]);
    let result = client.shutdown().await;
    witness.done(call, &result);
    result
}

/// One read and, at once, one write of it; what the socket did not take goes into `rest`. `call` is the call that has
/// not returned yet: first the read, then the write.
fn exchange<S>(
    client: &mut S,
    rest: &mut Vec<u8>,
    cx: &mut Context<'_>,
    call: &mut Begun,
    witness: &Witness,
) -> Poll<io::Result<usize>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    scratch::with(|scratch| {
        let mut buffer = ReadBuf::new(scratch);
        ready!(Pin::new(&mut *client).poll_read(cx, &mut buffer))?;
        let data = buffer.filled_mut();
        witness.received(std::mem::replace(call, Begun::Counted), RELAY_CHUNK as u32, Ok(data));
        if data.is_empty() {
            return Poll::Ready(Ok(0));
        }
        data.make_ascii_uppercase();
        *call = witness.begins(|| Op::Send { len: data.len() as u64 }, data);
        let written = match Pin::new(client).poll_write(cx, data) {
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
pub async fn udp(socket: UdpSocket, known: Known, witness: Witness) {
    let mut call = Begun::Unwatched;
    loop {
        // Errors of a datagram socket are answers to earlier datagrams (a client has gone): the next one is unharmed.
        if let Err(error) = poll_fn(|cx| answer(&socket, &known, cx, &mut call, &witness)).await {
            witness.failed(call, &error);
        }
        call = witness.begins(|| Op::RecvFrom { max: RELAY_CHUNK as u32 }, &[]);
    }
}

fn answer(
    socket: &UdpSocket,
    known: &Known,
    cx: &mut Context<'_>,
    call: &mut Begun,
    witness: &Witness,
) -> Poll<io::Result<()>> {
    scratch::with(|scratch| {
        let mut buffer = ReadBuf::new(scratch);
        let from = ready!(socket.poll_recv_from(cx, &mut buffer))?;
        if !known.lock().expect("nothing panics while it looks").contains(&from) {
            // Its receive goes on waiting: for the story of the relays, that datagram is nobody's.
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let received = std::mem::replace(call, Begun::Counted);
        *call = witness.received_from(received, RELAY_CHUNK as u32, buffer.filled(), &from.into());
        buffer.filled_mut().make_ascii_uppercase();
        // A full buffer loses the datagram, as UDP does.
        let result = socket.try_send_to(buffer.filled(), from).map(drop);
        witness.sent(std::mem::replace(call, Begun::Counted), buffer.filled().len(), &result);
        Poll::Ready(Ok(()))
    })
}
