//! A thread of relays with the echo servers they speak to.

use super::{Wire, datagram, echo, stream};
use crate::doors::Pass;
use crate::http::upgrade;
use crate::limits;
use crate::recorder::Recorder;
use crate::session::{self, Ending};
use bytes::Bytes;
use futures_util::StreamExt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::thread;
use tokio::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};
use tokio::runtime;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A connection to be relayed.
pub struct Job {
    /// To what.
    pub wire: Wire,
    /// The WebSocket's TCP connection.
    pub socket: std::net::TcpStream,
    /// What came behind the handshake.
    pub read_ahead: Bytes,
    /// Its place among the relays.
    pub pass: Pass,
}

/// The way to a thread.
pub struct Shard {
    jobs: mpsc::Sender<Job>,
    unix_error: Option<String>,
}

/// Where a thread's echo servers listen.
#[derive(Clone)]
struct Targets {
    tcp: SocketAddr,
    udp: SocketAddr,
    known: echo::Known,
    #[cfg(unix)]
    unix: Option<std::sync::Arc<SocketFile>>,
}

/// Connections on their way to a thread; more wait in their own tasks.
const JOBS: usize = 64;

impl Shard {
    /// Opens the listeners and starts the thread.
    pub fn start(recorder: &Recorder, stop: &CancellationToken, tasks: &TaskTracker) -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let (tcp, udp) = {
            let _inside = runtime.enter();
            (tcp_listener()?, runtime.block_on(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)))?)
        };
        #[cfg(unix)]
        let (unix, unix_error) = {
            let _inside = runtime.enter();
            match SocketFile::bind() {
                Ok(unix) => (Some(unix), None),
                Err(error) => (None, Some(error.to_string())),
            }
        };
        #[cfg(not(unix))]
        let unix_error = Some("tokio has none on this system".to_owned());
        let known = echo::Known::default();
        #[cfg(unix)]
        let (file, unix) = unix.map_or((None, None), |(file, listener)| (Some(file.into()), Some(listener)));
        let targets = Targets {
            tcp: tcp.local_addr()?,
            udp: udp.local_addr()?,
            known: known.clone(),
            #[cfg(unix)]
            unix: file,
        };
        let (jobs, mut queue) = mpsc::channel::<Job>(JOBS);
        let (stop, tasks) = (stop.clone(), tasks.clone());
        let _ = recorder;
        thread::Builder::new().name("relay".to_owned()).spawn(move || {
            runtime.block_on(async move {
                tokio::spawn(echo::tcp(tcp));
                tokio::spawn(echo::udp(udp, known));
                #[cfg(unix)]
                if let Some(listener) = unix {
                    tokio::spawn(echo::unix(listener));
                }
                // Ends when the bridge, which holds the other end, is gone; connections are told by `stop`.
                while let Some(job) = queue.recv().await {
                    tokio::spawn(tasks.track_future(relay(job, targets.clone(), stop.clone())));
                }
            });
        })?;
        Ok(Self { jobs, unix_error })
    }

    /// Why there are no Unix-domain sockets, if there are none.
    pub fn unix_error(&self) -> Option<&str> {
        self.unix_error.as_deref()
    }

    /// Takes a connection over.
    pub async fn take(&self, job: Job) {
        let _ = self.jobs.send(job).await;
    }
}

fn tcp_listener() -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    socket.listen(limits::RELAY_BACKLOG)
}

async fn relay(job: Job, targets: Targets, stop: CancellationToken) {
    let Job { wire, socket, read_ahead, pass } = job;
    let Ok(socket) = TcpStream::from_std(socket) else { return };
    let config = WebSocketConfig::default()
        .read_buffer_size(limits::RELAY_READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(limits::RELAY_WRITE_BUFFER)
        .max_message_size(Some(limits::RELAY_MESSAGE))
        .max_frame_size(Some(limits::RELAY_MESSAGE));
    let websocket = upgrade::websocket(socket, &read_ahead, config).await;
    drop(read_ahead);
    let (mut outgoing, mut incoming) = websocket.split();
    let ending = tokio::select! {
        ending = async {
            match wire {
                Wire::Tcp => match TcpStream::connect(targets.tcp).await.and_then(no_delay) {
                    Ok(socket) => {
                        let (reader, writer) = socket.into_split();
                        stream::run(&mut incoming, &mut outgoing, reader, writer).await
                    }
                    Err(error) => stream::broken(&error),
                },
                Wire::Udp => match Client::open(&targets).await {
                    Ok(client) => datagram::run(&mut incoming, &mut outgoing, &client.socket).await,
                    Err(error) => stream::broken(&error),
                },
                Wire::Unix => unix(&targets, &mut incoming, &mut outgoing).await,
            }
        } => ending,
        () = stop.cancelled() => stream::leaving(),
    };
    session::part(ending, &mut incoming, &mut outgoing).await;
    if let Ok(websocket) = outgoing.reunite(incoming) {
        session::hang_up(websocket.into_inner()).await;
    }
    drop(pass);
}

fn no_delay(socket: TcpStream) -> io::Result<TcpStream> {
    socket.set_nodelay(true)?;
    Ok(socket)
}

/// A UDP socket that the echo knows, as long as it lives.
struct Client {
    socket: UdpSocket,
    address: SocketAddr,
    known: echo::Known,
}

impl Client {
    async fn open(targets: &Targets) -> io::Result<Self> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        socket.connect(targets.udp).await?;
        let address = socket.local_addr()?;
        targets.known.lock().expect("nothing panics while it looks").insert(address);
        Ok(Self { socket, address, known: targets.known.clone() })
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.known.lock().expect("nothing panics while it looks").remove(&self.address);
    }
}

type Incoming = futures_util::stream::SplitStream<tokio_tungstenite::WebSocketStream<TcpStream>>;
type Outgoing = futures_util::stream::SplitSink<
    tokio_tungstenite::WebSocketStream<TcpStream>,
    tokio_tungstenite::tungstenite::Message,
>;

#[cfg(unix)]
async fn unix(targets: &Targets, incoming: &mut Incoming, outgoing: &mut Outgoing) -> Ending {
    let Some(file) = &targets.unix else { return stream::broken(&io::ErrorKind::Unsupported.into()) };
    match tokio::net::UnixStream::connect(&file.path).await {
        Ok(socket) => {
            let (reader, writer) = socket.into_split();
            stream::run(incoming, outgoing, reader, writer).await
        }
        Err(error) => stream::broken(&error),
    }
}

#[cfg(not(unix))]
async fn unix(_: &Targets, _: &mut Incoming, _: &mut Outgoing) -> Ending {
    stream::broken(&io::ErrorKind::Unsupported.into())
}

/// A socket file in a folder that only we may enter; both go when it is dropped.
#[cfg(unix)]
struct SocketFile {
    folder: std::path::PathBuf,
    path: std::path::PathBuf,
}

#[cfg(unix)]
impl SocketFile {
    fn bind() -> io::Result<(Self, tokio::net::UnixListener)> {
        use std::os::unix::fs::DirBuilderExt;
        let folder = std::env::temp_dir().join(format!("socketscope-{:016x}", crate::random() as u64));
        std::fs::DirBuilder::new().mode(0o700).create(&folder)?;
        let file = Self { path: folder.join("relay.sock"), folder };
        let listener = tokio::net::UnixListener::bind(&file.path)?;
        Ok((file, listener))
    }
}

#[cfg(unix)]
impl Drop for SocketFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
        let _ = std::fs::remove_dir(&self.folder);
    }
}
