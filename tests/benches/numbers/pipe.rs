//! The ways a byte can take: directly, through the relay, watched, through a session, through websocat.

use futures_util::{SinkExt as _, StreamExt as _};
use protocol::script::{Play, Verb, What, Who};
use protocol::{ClientAction, Interest, ServerAction, Setting, TcpMode, Transport};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use support::relay::Relay;
use support::running::Running;
use support::session::Session;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Bytes, Message};

/// One way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// TCP to a plain echo server: the reference.
    Direct,
    /// `/relay/tcp`, nobody watching.
    Relay,
    /// `/relay/tcp`, a viewer without a screen watching.
    Watched,
    /// A client of the bridge, told by a session; its events tell the answer.
    Session,
    /// websocat in front of the plain echo server.
    Websocat,
}

/// Everything that is compared, running.
pub struct Ways {
    echo: SocketAddr,
    _echo: Guard,
    /// Unwatched.
    pub bridge: Running,
    watched: Running,
    _viewer: tokio::task::JoinHandle<()>,
    websocat: Option<(SocketAddr, Guard)>,
}

struct Guard(Child);

impl Drop for Guard {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Seconds, or rates, per way and round.
pub struct Measured(BTreeMap<Way, Vec<f64>>);

impl Measured {
    /// Adds a round's figure; a way that does not run here has none.
    pub fn push(&mut self, way: Way, figure: Option<f64>) {
        self.0.entry(way).or_default().extend(figure);
    }

    /// The median of a way.
    pub fn median(&self, way: Way) -> Option<f64> {
        self.0.get(&way).and_then(|figures| crate::load::median(&mut figures.clone()))
    }

    /// The median of the rounds' ratios.
    pub fn over(&self, way: Way, reference: Way) -> Option<f64> {
        let (ours, theirs) = (self.0.get(&way)?, self.0.get(&reference)?);
        let mut ratios: Vec<f64> = ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect();
        crate::load::median(&mut ratios)
    }
}

impl Ways {
    /// Starts everything.
    pub async fn start() -> Self {
        let mut echo = Command::new(std::env::current_exe().unwrap())
            .arg("--echo")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(echo.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let echo_address: SocketAddr = line.trim().parse().unwrap();
        let websocat = websocat(echo_address).await;
        if websocat.is_none() {
            eprintln!("  websocat is not installed, so nothing is compared with it: `cargo xtask bench` does that");
        }
        let watched = Running::start().await;
        let interest = Interest { budget: 10_000, ..Interest::default() };
        let codec = protocol::Codec::Postcard;
        let mut viewer = Session::with(&watched.address, codec, None, None, interest).await;
        Self {
            echo: echo_address,
            _echo: Guard(echo),
            bridge: Running::start().await,
            watched,
            _viewer: tokio::spawn(async move { while viewer.glance().await {} }),
            websocat,
        }
    }

    /// Every way.
    pub fn all(&self) -> [Way; 5] {
        [Way::Direct, Way::Relay, Way::Watched, Way::Session, Way::Websocat]
    }

    /// No figures yet.
    pub fn empty(&self) -> Measured {
        Measured(BTreeMap::new())
    }

    /// A connection; `None` when the way does not run here.
    pub async fn open(&self, way: Way) -> Option<Pipe> {
        Some(match way {
            Way::Direct => {
                let stream = TcpStream::connect(self.echo).await.unwrap();
                stream.set_nodelay(true).unwrap();
                Pipe::Direct(stream)
            }
            Way::Relay => Pipe::WebSocket(Box::new(Relay::open(&self.bridge.address, "tcp").await)),
            Way::Watched => Pipe::WebSocket(Box::new(Relay::open(&self.watched.address, "tcp").await)),
            Way::Websocat => {
                let (address, _) = self.websocat.as_ref()?;
                let socket = support::session::connect(&address.to_string(), "/", "").await.unwrap();
                Pipe::WebSocket(Box::new(Relay(socket)))
            }
            Way::Session => {
                let mut session = self.bridge.session().await;
                session.server(ServerAction::Set(Setting::TcpMode(TcpMode::TaskPerClient))).await;
                session.client("a", &Play::new(Transport::Tcp)).await;
                session.tell("a", ClientAction::Connect).await;
                Pipe::Session(Box::new(session), 0)
            }
        })
    }
}

async fn websocat(echo: SocketAddr) -> Option<(SocketAddr, Guard)> {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let program = std::env::var_os("SOCKETSCOPE_WEBSOCAT").unwrap_or_else(|| "websocat".into());
    let child = Command::new(program)
        .args(["--binary", "-E", &format!("ws-l:{free}"), &format!("tcp:{echo}")])
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let child = Guard(child);
    support::soon("websocat", async {
        while TcpStream::connect(free).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    Some((free, child))
}

/// An open connection.
pub enum Pipe {
    /// Plain TCP.
    Direct(TcpStream),
    /// Binary messages.
    WebSocket(Box<Relay>),
    /// Commands and events; with the bytes that came back so far.
    Session(Box<Session>, u64),
}

impl Pipe {
    /// Sends `data` and takes as much back.
    pub async fn round_trip(&mut self, data: &[u8]) {
        match self {
            Self::Direct(stream) => {
                stream.write_all(data).await.unwrap();
                let mut answer = [0; 64];
                stream.read_exact(&mut answer[..data.len()]).await.unwrap();
            }
            Self::WebSocket(relay) => {
                relay.0.send(Message::Binary(Bytes::copy_from_slice(data))).await.unwrap();
                let mut missing = data.len();
                while missing > 0 {
                    missing -= next(relay).await.len();
                }
            }
            Self::Session(session, answers) => {
                *answers += 1;
                session.send("a", data).await;
                let pattern = Who::Client("a".into()).does(What::Gives(Verb::Recv, data.len() as u64));
                while !session.heard(&pattern) {
                    session.next().await.unwrap();
                }
                session.forget();
            }
        }
    }

    /// Sends `total` bytes in chunks of 64 KiB while taking as many back.
    pub async fn bulk(self, total: usize) {
        let chunk = Bytes::from(vec![b'x'; 64 << 10]);
        match self {
            Self::Direct(stream) => {
                let (mut from, mut to) = stream.into_split();
                let sender = tokio::spawn(async move {
                    for _ in 0..total / chunk.len() {
                        to.write_all(&chunk).await.unwrap();
                    }
                    to
                });
                let mut buffer = vec![0; 64 << 10];
                let mut missing = total;
                while missing > 0 {
                    missing -= from.read(&mut buffer).await.unwrap();
                }
                drop(sender.await.unwrap());
            }
            Self::WebSocket(relay) => {
                let (mut to, mut from) = relay.0.split();
                let sender = tokio::spawn(async move {
                    for _ in 0..total / chunk.len() {
                        to.send(Message::Binary(chunk.clone())).await.unwrap();
                    }
                    to
                });
                let mut missing = total;
                while missing > 0 {
                    if let Message::Binary(bytes) = from.next().await.unwrap().unwrap() {
                        missing -= bytes.len();
                    }
                }
                drop(sender.await.unwrap());
            }
            Self::Session(..) => unreachable!("a session is not measured in bulk"),
        }
    }
}

async fn next(relay: &mut Relay) -> Bytes {
    loop {
        if let Message::Binary(bytes) = relay.0.next().await.unwrap().unwrap() {
            return bytes;
        }
    }
}

/// The reference: a plain echo server, a task per client, in a process of its own until its input ends.
pub fn echo_server() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.spawn(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{}", listener.local_addr().unwrap());
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            tokio::spawn(async move {
                let mut buffer = vec![0; 64 << 10];
                while let Ok(read @ 1..) = stream.read(&mut buffer).await {
                    buffer[..read].make_ascii_uppercase();
                    if stream.write_all(&buffer[..read]).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    // Ends with the bench, however that ends.
    let _ = std::io::stdin().lines().count();
}
