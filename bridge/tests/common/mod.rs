//! A bridge in this process, on free ports, over a world that only writes down what it is told.
#![allow(dead_code, reason = "each test file uses its own part")]

use bridge::guard::Guard;
use bridge::recorder::Recorder;
use bridge::serve::{Config, serve};
use bridge::site::Site;
use bridge::world::World;
use futures_util::{SinkExt, StreamExt};
use protocol::ids::Boot;
use protocol::message::TargetInfo;
use protocol::trace::Bounds;
use protocol::{
    About, Capability, Codec, Command, CommandId, Interest, Kind, MemberId, NoteId, Provenance, Refusal, Reply, Seq,
    ServerInfo, SettingsInfo, ToBridge, ToPage, Welcome, WorldKind,
};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_util::sync::CancellationToken;

pub const PATIENCE: Duration = Duration::from_secs(20);

/// A world without sockets.
pub struct Paper {
    recorder: Recorder,
    settings: Mutex<SettingsInfo>,
    changes: watch::Sender<u64>,
    pub left: AtomicU32,
}

impl Paper {
    pub fn new(recorder: &Recorder) -> Arc<Self> {
        Arc::new(Self {
            recorder: recorder.clone(),
            settings: Mutex::default(),
            changes: watch::Sender::new(0),
            left: AtomicU32::new(0),
        })
    }
}

impl World for Paper {
    fn kind(&self) -> WorldKind {
        WorldKind::ThisComputer
    }

    fn capabilities(&self) -> Vec<Capability> {
        Vec::new()
    }

    fn servers(&self) -> Vec<ServerInfo> {
        Vec::new()
    }

    fn settings(&self) -> SettingsInfo {
        self.settings.lock().unwrap().clone()
    }

    fn targets(&self) -> Vec<TargetInfo> {
        Vec::new()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn this_computer(&self) -> Option<(Recorder, protocol::HostId)> {
        Some((self.recorder.clone(), protocol::HostId(1)))
    }

    fn perform(&self, id: CommandId, what: Command) -> Result<Reply, Refusal> {
        if let Command::Server(protocol::ServerAction::Set(setting)) = &what {
            self.settings.lock().unwrap().wanted.apply(setting)?;
            self.changes.send_modify(|count| *count += 1);
        }
        self.recorder.record(About::default(), Provenance::OBSERVED, None, Kind::Command { id, what });
        Ok(Reply::Done)
    }

    fn leave(&self, _: MemberId) {
        self.left.fetch_add(1, Ordering::Relaxed);
    }

    fn tell_again(&self) {
        note(&self.recorder);
    }
}

/// Records one event.
pub fn note(recorder: &Recorder) -> Seq {
    recorder.record(About::default(), Provenance::OBSERVED, None, Kind::Note(NoteId::Rebound, Vec::new()))
}

/// A running bridge; stopped when dropped.
pub struct Running {
    pub address: SocketAddr,
    pub recorder: Recorder,
    pub world: Arc<Paper>,
    pub stop: CancellationToken,
    pub served: Option<JoinHandle<std::io::Result<()>>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub async fn start() -> Running {
    start_with(Config { site: Site::Folder("no/such/folder".into()), ..Config::default() }, Bounds::default()).await
}

pub async fn start_with(config: Config, bounds: Bounds) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let recorder = Recorder::new(Boot(bridge::random()), bounds);
    let world = Paper::new(&recorder);
    let stop = CancellationToken::new();
    let served = tokio::spawn(serve(listener, world.clone(), recorder.clone(), config, stop.clone().cancelled_owned()));
    Running { address, recorder, world, stop, served: Some(served) }
}

/// A configuration with nothing on disk.
pub fn bare() -> Config {
    Config { site: Site::Folder("no/such/folder".into()), guard: Guard::default(), ..Config::default() }
}

/// Waits, but not for ever.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("{what} did not come in time"))
}

/// Sends these bytes; returns all that comes until the other side closes.
pub async fn exchange(address: SocketAddr, request: &str) -> String {
    soon("the answer", async {
        let mut socket = TcpStream::connect(address).await.unwrap();
        // A refusal may come before all of a long request is written.
        let _ = socket.write_all(request.as_bytes()).await;
        let mut answer = Vec::new();
        // A reset after the answer is the other side's right.
        let _ = socket.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    })
    .await
}

/// A request that closes afterwards.
pub async fn get(running: &Running, path: &str, headers: &str) -> String {
    let address = running.address;
    exchange(address, &format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}\r\n")).await
}

/// The status of an answer.
pub fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or_else(|| panic!("no answer: {answer:?}"))
}

pub type Socket = WebSocketStream<TcpStream>;

/// Opens a WebSocket.
pub async fn open(address: SocketAddr, path: &str, protocol: Option<&'static str>) -> Result<Socket, Error> {
    let mut request = format!("ws://{address}{path}").into_client_request().unwrap();
    if let Some(protocol) = protocol {
        request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static(protocol));
    }
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (socket, _) = soon("the handshake", tokio_tungstenite::client_async(request, stream)).await?;
    Ok(socket)
}

/// The close frame, whatever comes before it.
pub async fn closed(socket: &mut Socket) -> Option<CloseFrame> {
    soon("the close", async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Close(frame))) => return frame,
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    })
    .await
}

/// One viewer.
pub struct Session {
    pub socket: Socket,
    pub codec: Codec,
}

impl Session {
    pub async fn open(address: SocketAddr, codec: Codec) -> Self {
        let socket = open(address, "/ws", Some(codec.name())).await.unwrap();
        Self { socket, codec }
    }

    /// Opens, says hello, and takes the welcome.
    pub async fn begin(
        address: SocketAddr,
        codec: Codec,
        resume: Option<protocol::message::Resume>,
    ) -> (Self, Welcome) {
        let mut session = Self::open(address, codec).await;
        session.tell(&ToBridge::Hello { token: None, resume, interest: Interest::default() }).await;
        match session.next().await {
            Some(ToPage::Welcome(welcome)) => (session, *welcome),
            other => panic!("instead of a welcome came {other:?}"),
        }
    }

    pub async fn tell(&mut self, message: &ToBridge) {
        let bytes = self.codec.encode(message);
        let frame = match self.codec {
            Codec::Postcard => Message::binary(bytes),
            Codec::Json => Message::text(String::from_utf8(bytes).unwrap()),
        };
        self.socket.send(frame).await.unwrap();
    }

    /// The next message; `None` when the session has ended.
    pub async fn next(&mut self) -> Option<ToPage> {
        soon("a message", async {
            loop {
                match self.socket.next().await? {
                    Ok(Message::Binary(bytes)) => return Some(self.codec.decode(&bytes).unwrap()),
                    Ok(Message::Text(text)) => return Some(self.codec.decode(text.as_bytes()).unwrap()),
                    Ok(Message::Close(_)) | Err(_) => return None,
                    Ok(_) => {}
                }
            }
        })
        .await
    }
}
