//! A thread of relays with the echo servers they speak to.

use super::actor::{Actor, Book};
use super::flows::{Ends, Flows};
use super::witness::{Begun, Witness};
use super::{Wire, datagram, echo, stream};
use crate::doors::Pass;
use crate::http::upgrade;
use crate::limits;
use crate::session::{self, Ending};
use bytes::Bytes;
use futures_util::StreamExt;
use protocol::{Address, Op, Role, Transport};
use socket2::{Domain, Socket, Type};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
#[cfg(unix)]
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
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
    unix: Result<SocketFile, String>,
}

/// A thread's echo servers before its runtime has them.
struct Sockets {
    tcp: std::net::TcpListener,
    udp: std::net::UdpSocket,
    #[cfg(unix)]
    unix: Option<(PathBuf, std::os::unix::net::UnixListener)>,
}

/// Where a thread's echo servers listen.
#[derive(Clone)]
struct Targets {
    tcp: SocketAddr,
    udp: SocketAddr,
    known: echo::Known,
    flows: Flows,
    #[cfg(unix)]
    unix: Option<Arc<Path>>,
}

/// What all connections of all threads share.
#[derive(Clone)]
struct Common {
    book: Book,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// Connections on their way to a thread; more wait in their own tasks.
const JOBS: usize = 64;

impl Shard {
    /// Opens the listeners and starts the thread. It ends when the bridge, which holds its queue, is gone.
    pub fn start(book: &Book, stop: &CancellationToken, tasks: &TaskTracker) -> io::Result<Self> {
        let (sockets, unix) = Sockets::open()?;
        let (jobs, queue) = mpsc::channel::<Job>(JOBS);
        let common = Common { book: book.clone(), stop: stop.clone(), tasks: tasks.clone() };
        let (tell, told) = sync_channel(1);
        thread::Builder::new().name("relay".to_owned()).spawn(move || {
            match runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => {
                    runtime.block_on(run(sockets, queue, common, tell));
                }
                Err(error) => {
                    let _ = tell.send(Err(error));
                }
            }
        })?;
        told.recv().unwrap_or_else(|_| Err(io::Error::other("a relay thread ended while it began")))?;
        Ok(Self { jobs, unix })
    }

    /// Why there are no Unix-domain sockets, if there are none.
    pub fn unix_error(&self) -> Option<&str> {
        self.unix.as_ref().err().map(String::as_str)
    }

    /// Removes the socket file.
    pub fn close(&self) {
        if let Ok(file) = &self.unix {
            file.remove();
        }
    }

    /// Takes a connection over.
    pub async fn take(&self, job: Job) {
        let _ = self.jobs.send(job).await;
    }
}

impl Sockets {
    /// The file of the Unix-domain one is apart: it outlives the thread.
    fn open() -> io::Result<(Self, Result<SocketFile, String>)> {
        let tcp = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        tcp.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
        tcp.listen(limits::RELAY_BACKLOG)?;
        tcp.set_nonblocking(true)?;
        let udp = std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        udp.set_nonblocking(true)?;
        #[cfg(unix)]
        let (unix, file) = match SocketFile::bind() {
            Ok((file, listener)) => (Some((file.path.clone(), listener)), Ok(file)),
            Err(error) => (None, Err(error.to_string())),
        };
        #[cfg(not(unix))]
        let file = Err("there are none on this system".to_owned());
        let sockets = Self {
            tcp: tcp.into(),
            udp,
            #[cfg(unix)]
            unix,
        };
        Ok((sockets, file))
    }
}

async fn run(sockets: Sockets, mut queue: mpsc::Receiver<Job>, common: Common, tell: SyncSender<io::Result<()>>) {
    let targets = match serve(sockets, &common.book) {
        Ok(targets) => targets,
        Err(error) => {
            let _ = tell.send(Err(error));
            return;
        }
    };
    let _ = tell.send(Ok(()));
    while let Some(job) = queue.recv().await {
        tokio::spawn(common.tasks.track_future(relay(job, targets.clone(), common.clone())));
    }
}

/// Starts the echo servers.
fn serve(sockets: Sockets, book: &Book) -> io::Result<Targets> {
    let (known, flows) = (echo::Known::default(), Flows::default());
    let (tcp, udp) = (sockets.tcp.local_addr()?, sockets.udp.local_addr()?);
    let witness = |transport, at: Address| {
        let actor = Arc::new(Actor::new(book.clone(), Role::Server, transport));
        Witness::listener(actor, flows.clone(), at)
    };
    #[cfg(unix)]
    let unix: Option<Arc<Path>> = match sockets.unix {
        Some((path, listener)) => {
            let witness = witness(Transport::UnixStream, at_path(&path));
            tokio::spawn(echo::unix(tokio::net::UnixListener::from_std(listener)?, witness));
            Some(path.into())
        }
        None => None,
    };
    tokio::spawn(echo::tcp(TcpListener::from_std(sockets.tcp)?, witness(Transport::Tcp, tcp.into())));
    let udp_socket = UdpSocket::from_std(sockets.udp)?;
    tokio::spawn(echo::udp(udp_socket, Arc::clone(&known), witness(Transport::Udp, udp.into())));
    Ok(Targets {
        tcp,
        udp,
        known,
        flows,
        #[cfg(unix)]
        unix,
    })
}

#[cfg(unix)]
fn at_path(path: &Path) -> Address {
    Address::Unix(path.to_str().map(str::to_owned))
}

async fn relay(job: Job, targets: Targets, common: Common) {
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
    let actor = Arc::new(Actor::new(common.book.clone(), Role::Client, wire.transport()));
    let witness = Witness::caller(actor, targets.flows.clone());
    let ending = tokio::select! {
        biased;
        ending = async {
            match wire {
                Wire::Tcp => tcp(&targets, &mut incoming, &mut outgoing, &witness).await,
                Wire::Udp => udp(&targets, &mut incoming, &mut outgoing, &witness).await,
                Wire::Unix => unix(&targets, &mut incoming, &mut outgoing, &witness).await,
            }
        } => ending,
        () = common.stop.cancelled() => stream::leaving(),
    };
    // Its socket is closed; the WebSocket may take its time.
    drop(witness);
    session::part(ending, &mut incoming, &mut outgoing).await;
    if let Ok(websocket) = outgoing.reunite(incoming) {
        session::hang_up(websocket.into_inner()).await;
    }
    drop(pass);
}

/// The two ends of a socket that has connected.
fn ends(caller: io::Result<SocketAddr>, called: SocketAddr) -> io::Result<Ends> {
    Ok(Ends { caller: caller?.into(), called: called.into() })
}

async fn tcp(targets: &Targets, incoming: &mut Incoming, outgoing: &mut Outgoing, witness: &Witness) -> Ending {
    let call = witness.begins(|| Op::Connect { to: targets.tcp.into() }, &[]);
    match TcpStream::connect(targets.tcp).await {
        Ok(socket) => {
            witness.connected(call, ends(socket.local_addr(), targets.tcp));
            if let Err(error) = socket.set_nodelay(true) {
                return stream::broken(&error);
            }
            let (reader, writer) = socket.into_split();
            stream::run(incoming, outgoing, reader, writer, witness).await
        }
        Err(error) => fails_to_connect(call, error, witness),
    }
}

async fn udp(targets: &Targets, incoming: &mut Incoming, outgoing: &mut Outgoing, witness: &Witness) -> Ending {
    let call = witness.begins(|| Op::Connect { to: targets.udp.into() }, &[]);
    match Client::open(targets).await {
        Ok(client) => {
            witness.connected(call, ends(Ok(client.address), targets.udp));
            datagram::run(incoming, outgoing, &client.socket, witness).await
        }
        Err(error) => fails_to_connect(call, error, witness),
    }
}

fn fails_to_connect(call: Begun, error: io::Error, witness: &Witness) -> Ending {
    let ending = stream::broken(&error);
    witness.connected(call, Err(error));
    ending
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
async fn unix(targets: &Targets, incoming: &mut Incoming, outgoing: &mut Outgoing, witness: &Witness) -> Ending {
    let Some(path) = &targets.unix else { return stream::broken(&io::ErrorKind::Unsupported.into()) };
    let call = witness.begins(|| Op::Connect { to: at_path(path) }, &[]);
    match tokio::net::UnixStream::connect(path).await {
        Ok(socket) => {
            // Its end has no name, so nothing tells which of the echo's sockets is the other one: no flow.
            witness.done(call, &Ok(()));
            let (reader, writer) = socket.into_split();
            stream::run(incoming, outgoing, reader, writer, witness).await
        }
        Err(error) => fails_to_connect(call, error, witness),
    }
}

#[cfg(not(unix))]
async fn unix(_: &Targets, _: &mut Incoming, _: &mut Outgoing, _: &Witness) -> Ending {
    stream::broken(&io::ErrorKind::Unsupported.into())
}

/// A socket file in a folder that only we may enter; both go when it is dropped.
struct SocketFile {
    folder: PathBuf,
    path: PathBuf,
}

impl SocketFile {
    #[cfg(unix)]
    fn bind() -> io::Result<(Self, std::os::unix::net::UnixListener)> {
        use std::os::unix::fs::DirBuilderExt;
        let folder = std::env::temp_dir().join(format!("socketscope-{:016x}", crate::random() as u64));
        std::fs::DirBuilder::new().mode(0o700).create(&folder)?;
        let file = Self { path: folder.join("relay.sock"), folder };
        let listener = std::os::unix::net::UnixListener::bind(&file.path)?;
        listener.set_nonblocking(true)?;
        Ok((file, listener))
    }

    fn remove(&self) {
        // Gone already, or not ours any more: either way there is nothing left to do.
        let _ = std::fs::remove_file(&self.path);
        let _ = std::fs::remove_dir(&self.folder);
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        self.remove();
    }
}
