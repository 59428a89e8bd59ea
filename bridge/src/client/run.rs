//! The writing half of a client: does what it is told, one thing after another, as its program would.

use super::reader::Reading;
use crate::probe::{Program, Socket};
use crate::sockets::family_of;
use protocol::loop_rule::PREFIX;
use protocol::{Address, Bytes, Cause, ClientAction, ClientSpec, LoopRule, NoteId, SocketOption, Transport};
use std::borrow::Cow;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// How long a send that was told to make way for `close` may stand still before it is given up.
const STANDSTILL: Duration = Duration::from_secs(1);

/// Where a client is in its life, as commands see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Stage {
    /// It has a socket, or will have in a moment.
    Fresh,
    /// It connects, or is connected.
    Connected,
    /// It closes.
    Closed,
}

/// What the desk and the running client share.
pub struct Life {
    stage: AtomicU8,
    /// Bytes that wait to be sent.
    pub pending: AtomicU64,
    /// `connect` was called on it.
    connected: AtomicBool,
    /// Give up whatever waits.
    pub give_up: CancellationToken,
    /// `close` is wanted; what stands still is given up for it.
    pub closing: CancellationToken,
}

impl Life {
    /// A client that begins.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            stage: AtomicU8::new(Stage::Fresh as u8),
            pending: AtomicU64::new(0),
            connected: AtomicBool::new(false),
            give_up: CancellationToken::new(),
            closing: CancellationToken::new(),
        })
    }

    /// Where it is.
    #[must_use]
    pub fn stage(&self) -> Stage {
        match self.stage.load(Ordering::Acquire) {
            0 => Stage::Fresh,
            1 => Stage::Connected,
            _ => Stage::Closed,
        }
    }

    /// It goes on to `stage`; from closed there is no way back.
    pub fn becomes(&self, stage: Stage) {
        if self.stage() != Stage::Closed {
            self.stage.store(stage as u8, Ordering::Release);
        }
    }
}

/// One thing to do.
pub struct Order {
    /// By which command.
    pub cause: Cause,
    /// What.
    pub action: ClientAction,
}

/// A client's program.
pub struct Run {
    /// Who it is.
    pub program: Arc<Program>,
    /// What it is to be.
    pub spec: ClientSpec,
    /// Whom it speaks to, and over what.
    pub to: (Transport, Address),
    /// Shared with the desk.
    pub life: Arc<Life>,
    /// Shared with the reader.
    pub reading: Arc<Reading>,
}

impl Run {
    /// From `socket` to `close`. `opened` is the command that wanted it.
    pub async fn run(self, opened: Cause, mut inbox: mpsc::Receiver<Order>) {
        let last = match self.prepare(opened).await {
            Ok((socket, path)) => {
                let socket = Arc::new(socket);
                let life = Arc::clone(&self.life);
                let connected = move || life.connected.load(Ordering::Acquire);
                let reader = tokio::spawn(Arc::clone(&self.reading).run(Arc::clone(&socket), connected));
                let last = self.obey(&socket, &mut inbox).await;
                // The reader gave up with the socket, so that this is a moment.
                let _ = reader.await;
                if let Some(path) = path {
                    // It was ours alone, in a folder for such files.
                    let _ = self.program.unlink(&path.to_string_lossy(), last);
                }
                last
            }
            Err(_) => None,
        };
        self.life.becomes(Stage::Closed);
        self.program.ended(last);
    }

    async fn prepare(&self, cause: Cause) -> io::Result<(Socket, Option<PathBuf>)> {
        let (transport, address) = &self.to;
        let cause = Some(cause);
        let socket = self.program.socket(family_of(address), *transport, cause).await?;
        for option in &self.spec.options {
            // One that the system refuses is in the record, and the program goes on as most programs do.
            let _ = socket.set(*option, cause).await;
        }
        let mut path = None;
        if *transport == Transport::UnixDatagram {
            // An unnamed datagram socket can send, and nobody can answer it.
            let name = format!("socketscope-{}-{}.client", std::process::id(), self.program.id());
            let private = std::env::temp_dir().join(name);
            socket.bind(&Address::Unix(Some(private.to_string_lossy().into_owned())), cause).await?;
            path = Some(private);
        }
        Ok((socket, path))
    }

    /// Does what it is told until it is closed; returns what closed it.
    async fn obey(&self, socket: &Arc<Socket>, inbox: &mut mpsc::Receiver<Order>) -> Option<Cause> {
        loop {
            let Some(Order { cause, action }) = inbox.recv().await else {
                // Nobody can tell it anything any more: its member left, or the program stops.
                socket.close(None).await;
                return None;
            };
            let why = Some(cause);
            match action {
                ClientAction::Connect => self.connect(socket, cause).await,
                ClientAction::Send { data, repeat } => self.send(socket, &data, repeat, cause).await,
                ClientAction::Recv => self.reading.ask(cause),
                ClientAction::Option(option) => self.option(socket, option, cause).await,
                ClientAction::Program { recv_size, rule } => {
                    self.reading.set(recv_size, rule);
                    self.program.reads(recv_size, rule);
                }
                ClientAction::Shutdown(how) => {
                    let _ = socket.shutdown(how, why).await;
                }
                ClientAction::Close => {
                    socket.close(why).await;
                    return why;
                }
                ClientAction::Abort => {
                    socket.abort(why).await;
                    return why;
                }
                // The gate was set by whoever took the command.
                ClientAction::Reading(_) => {}
            }
        }
    }

    async fn connect(&self, socket: &Socket, cause: Cause) {
        let result = self.unless_given_up(socket, socket.connect(&self.to.1, Some(cause))).await;
        let there = result.is_ok();
        self.life.connected.store(there, Ordering::Release);
        self.life.becomes(if there { Stage::Connected } else { Stage::Fresh });
        if there {
            // The rule "until the end" reads from the start.
            self.reading.set_again();
        }
    }

    async fn option(&self, socket: &Socket, option: SocketOption, cause: Cause) {
        // What the system says is in the record.
        let _ = socket.set(option, Some(cause)).await;
    }

    async fn send(&self, socket: &Socket, data: &Bytes, repeat: u32, cause: Cause) {
        let stream = socket.transport().is_stream();
        let bytes: Cow<'_, [u8]> = if stream && self.reading.rule() == LoopRule::Framed {
            let mut framed = Vec::with_capacity(PREFIX + data.len());
            framed.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
            framed.extend_from_slice(data);
            Cow::Owned(framed)
        } else {
            Cow::Borrowed(data)
        };
        let to_peer = stream || self.life.connected.load(Ordering::Acquire);
        for _ in 0..repeat {
            // Before the call: the answer may come before it returns.
            self.reading.sent(bytes.len());
            let sending = async {
                if to_peer {
                    socket.send(&bytes, Some(cause)).await
                } else {
                    socket.send_to(&bytes, &self.to.1, Some(cause)).await
                }
            };
            let result = self.unless_given_up(socket, sending).await;
            if result.is_err() && (stream || self.life.give_up.is_cancelled()) {
                // The stream is broken, or the client closes: the rest has nowhere to go.
                break;
            }
            tokio::task::consume_budget().await;
        }
        self.life.pending.fetch_sub(data.len() as u64, Ordering::AcqRel);
    }

    /// Does something that may wait. When the client is to be aborted, or to be closed and it stands still, the call
    /// comes back as cancelled.
    async fn unless_given_up<T>(&self, socket: &Socket, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = self.life.give_up.cancelled() => {}
            () = self.standstill() => {
                let time = protocol::Nanos(STANDSTILL.as_nanos() as u64);
                self.program.note(socket.about(), NoteId::GaveUp, vec![protocol::Arg::Time(time)]);
                self.life.give_up.cancel();
            }
        }
        socket.hang_up(None);
        work.await
    }

    async fn standstill(&self) {
        self.life.closing.cancelled().await;
        tokio::time::sleep(STANDSTILL).await;
    }
}
