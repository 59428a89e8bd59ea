//! The TCP echo server, and the same one on a Unix-domain path.

use super::shared::Shared;
use crate::probe::{Program, Socket, is_cancelled};
use crate::sockets::errno::{is_shortage, named};
use protocol::loop_rule::Collected;
use protocol::{Arg, Cause, Nanos, NoteId, SocketOption, TcpMode, Transport};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The first wait after `accept` failed for want of a resource, and the longest.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(1));
/// Empty `recv`s that are shown one by one before the rest is counted.
const EMPTIES_SHOWN: u32 = 3;
/// Empty `recv`s without a pause: the tutorial's program would take a whole processor.
const SPIN: u64 = 64;
/// The first interval between two counts, and the longest.
const COUNTED: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Accepts and answers until the listening socket is closed under it.
///
/// # Errors
/// In *the tutorial, exactly* the error of a connection ends the program, as an exception that nobody catches does.
pub async fn serve(program: Arc<Program>, listener: Arc<Socket>, shared: Arc<Shared>) -> io::Result<()> {
    let mut backoff = BACKOFF.0;
    loop {
        let connection = match listener.accept().await {
            Ok(connection) => Arc::new(connection),
            Err(error) if is_cancelled(&error) => return Ok(()),
            Err(error) => {
                if is_shortage(&error) {
                    let args = vec![
                        Arg::Text(named(&error).to_string()),
                        Arg::Time(Nanos::from_millis(backoff.as_millis() as u64)),
                    ];
                    program.note(listener.about(), NoteId::AcceptBackoff, args);
                    tokio::select! {
                        biased;
                        () = listener.hung_up().cancelled() => return Ok(()),
                        () = tokio::time::sleep(backoff) => {}
                    }
                    backoff = BACKOFF.1.min(backoff * 2);
                }
                continue;
            }
        };
        backoff = BACKOFF.0;
        shared.opened(&connection);
        let answering = shared.spawn(serve_one(Arc::clone(&program), connection, Arc::clone(&shared)));
        tokio::select! {
            served = answering => {
                if let Ok(Err(error)) = served && shared.now().tcp_mode == TcpMode::TutorialExactly {
                    return Err(error);
                }
            }
            () = shared.mode_is(TcpMode::TaskPerClient) => {}
            () = listener.hung_up().cancelled() => return Ok(()),
        }
    }
}

async fn serve_one(program: Arc<Program>, connection: Arc<Socket>, shared: Arc<Shared>) -> io::Result<()> {
    let result = answer(&program, &connection, &shared).await;
    connection.close(None).await;
    shared.closed(&connection);
    match result {
        Err(error) if is_cancelled(&error) => Ok(()),
        result => result,
    }
}

async fn answer(program: &Program, connection: &Socket, shared: &Shared) -> io::Result<()> {
    if shared.now().no_delay && connection.transport() == Transport::Tcp {
        connection.set(SocketOption::NoDelay(true), None).await?;
    }
    let mut message = Collected::default();
    let mut empties = 0;
    loop {
        let mut max = 0;
        let asked = || {
            max = shared.now().recv_size;
            max
        };
        let data = connection.recv(asked, None).await?;
        if data.is_empty() {
            if let Some(rest) = message.end() {
                connection.think(shared.now().think, None).await;
                connection.send(&rest, None).await?;
            }
            if shared.now().tcp_mode != TcpMode::TutorialExactly {
                return Ok(());
            }
            connection.send(b"", None).await?;
            empties += 1;
            if empties >= EMPTIES_SHOWN {
                return spin(program, connection, shared).await;
            }
            continue;
        }
        let answers = message.received(shared.now().rule, max, &data).map_err(io::Error::other)?;
        for answer in answers {
            connection.think(shared.now().think, None).await;
            connection.send(&answer, None).await?;
        }
    }
}

/// `recv` returns nothing, again and again, because the program never checks for the end.
///
/// It goes on until the mode changes, the server is bound again, or somebody hangs up.
async fn spin(program: &Program, connection: &Socket, shared: &Shared) -> io::Result<()> {
    let bound = shared.times_bound();
    let (mut count, mut since, mut interval) = (0, Instant::now(), COUNTED.0);
    let mut all = 0_u64;
    while shared.now().tcp_mode == TcpMode::TutorialExactly && shared.times_bound() == bound {
        let max = shared.now().recv_size;
        if let Ok(data) = tokio::time::timeout(COUNTED.0, connection.recv_uncounted(max)).await {
            debug_assert!(data?.is_empty(), "nothing comes after the end of a stream");
            count += 1;
            all += 1;
        }
        if count > 0 && since.elapsed() >= interval {
            let time = Nanos(since.elapsed().as_nanos() as u64);
            program.note(connection.about(), NoteId::EmptyRecvs, vec![Arg::Count(count), Arg::Time(time)]);
            (count, since, interval) = (0, Instant::now(), COUNTED.1.min(interval * 2));
        }
        if all.is_multiple_of(SPIN) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        } else {
            tokio::task::yield_now().await;
        }
    }
    Ok(())
}

/// Makes the listening socket: `socket`, `setsockopt`, `bind`, `listen`.
///
/// # Errors
/// The system's own, such as `EADDRINUSE` and `EACCES`.
pub async fn listen(
    program: &Arc<Program>,
    transport: Transport,
    address: &protocol::Address,
    settings: &protocol::ServerSettings,
    cause: Option<Cause>,
) -> io::Result<Socket> {
    let listener = super::server::bound_socket(program, transport, address, settings, cause).await?;
    if let Err(error) = listener.listen(settings.backlog, cause).await {
        listener.close(cause).await;
        return Err(error);
    }
    Ok(listener)
}
