//! A viewer over the real WebSocket, and the player of scripts.

use crate::{DEADLINE, soon};
use futures_util::{SinkExt as _, StreamExt as _};
use protocol::message::Resume;
use protocol::script::{Action, Condition, Play, Script, Step};
use protocol::{
    Batch, ClientAction, Codec, Command, Epoch, Event, Interest, ProgramId, Refusal, Reply, Seq, ServerAction,
    ToBridge, ToPage, Welcome, Witness,
};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// So much a client reads at once, bytes.
const READ_BUFFER: usize = 8 * 1024;

/// The WebSocket of a client.
pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A viewer that has been welcomed.
pub struct Session {
    socket: Socket,
    codec: Codec,
    /// What it was welcomed with.
    pub welcome: Welcome,
    /// What it has seen, with the names of a script's clients.
    pub witness: Witness,
    /// The last event it knows of.
    pub through: Seq,
    /// Everything else that came: gaps, resets, servers, settings, farewells.
    pub others: Vec<ToPage>,
    number: u32,
}

/// Opens a WebSocket with a subprotocol (none if empty).
///
/// # Errors
/// As tungstenite says, the HTTP answer among them.
pub async fn connect(address: &str, path: &str, subprotocol: &str) -> Result<Socket, Error> {
    let mut request = format!("ws://{address}{path}").into_client_request()?;
    if !subprotocol.is_empty() {
        let value = HeaderValue::from_str(subprotocol).expect("a plain word");
        request.headers_mut().insert("Sec-WebSocket-Protocol", value);
    }
    // The default buffer, 128 KiB, is filled with zeros before every read: a client that is measured must not be slow.
    let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER);
    let connecting = tokio_tungstenite::connect_async_with_config(request, Some(config), true);
    soon("the WebSocket", connecting).await.map(|(socket, _)| socket)
}

impl Session {
    /// Opens one that wants everything, in postcard.
    pub async fn open(address: &str) -> Self {
        Self::with(address, Codec::Postcard, None, None, Interest::default()).await
    }

    /// Opens one.
    ///
    /// # Panics
    /// When it is not welcomed.
    pub async fn with(
        address: &str,
        codec: Codec,
        token: Option<String>,
        resume: Option<Resume>,
        interest: Interest,
    ) -> Self {
        let mut socket = connect(address, "/ws", codec.name()).await.expect("the session opens");
        say(&mut socket, codec, &ToBridge::Hello { token, resume, interest }).await;
        let ToPage::Welcome(welcome) = soon("the welcome", hear(&mut socket, codec)).await.expect("a welcome") else {
            panic!("the first message is the welcome")
        };
        let witness = Witness::new(welcome.servers.clone());
        let through = resume.map_or(Seq(0), |resume| resume.after);
        Self { socket, codec, welcome: *welcome, witness, through, others: Vec::new(), number: 0 }
    }

    /// Where to resume it from.
    #[must_use]
    pub fn resume(&self) -> Resume {
        Resume { epoch: self.welcome.epoch, after: self.through }
    }

    /// The epoch it is in.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        self.welcome.epoch
    }

    /// Takes the next message. Events go to the witness; what else came is returned and kept.
    pub async fn next(&mut self) -> Option<ToPage> {
        let message = hear(&mut self.socket, self.codec).await?;
        match message.clone() {
            ToPage::Batch(batch) => self.take(batch),
            ToPage::Servers(servers) => self.witness.servers(servers),
            other => self.others.push(other),
        }
        Some(message)
    }

    fn take(&mut self, batch: Batch) {
        assert_eq!(batch.after, self.through, "batches join without a hole");
        self.through = batch.through;
        batch.events.into_iter().for_each(|event| self.witness.see(event));
    }

    /// Waits until the condition holds.
    ///
    /// # Panics
    /// When it does not within `at_most`, with what was seen.
    pub async fn wait_at_most(&mut self, condition: &Condition, at_most: Duration) {
        let waiting = async {
            while !self.witness.holds(condition) {
                assert!(self.next().await.is_some(), "the session ended");
            }
        };
        if tokio::time::timeout(at_most, waiting).await.is_err() {
            let seen: Vec<String> = self.witness.events().iter().map(line).collect();
            panic!("{condition:?} did not come to hold; seen:\n{}", seen.join("\n"));
        }
    }

    /// Waits until the condition holds, up to the ordinary deadline.
    pub async fn wait(&mut self, condition: Condition) {
        self.wait_at_most(&condition, DEADLINE).await;
    }

    /// Gives a command and takes its answer.
    ///
    /// # Errors
    /// The refusal.
    pub async fn order(&mut self, what: Command) -> Result<Reply, Refusal> {
        self.number += 1;
        let mine = self.number;
        say(&mut self.socket, self.codec, &ToBridge::Do { number: mine, what }).await;
        loop {
            let message = soon("the answer", self.next()).await.expect("the session is open");
            if let ToPage::Answer { number, result, .. } = message
                && number == mine
            {
                return result;
            }
        }
    }

    /// Opens a client and names it.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn client(&mut self, name: &str, play: &Play) -> ProgramId {
        self.act(&Action::Open(name.to_owned(), play.clone())).await;
        self.witness.client(name).expect("it was named when it was opened")
    }

    /// Tells a named client something.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn tell(&mut self, name: &str, action: ClientAction) {
        self.act(&Action::Client(name.to_owned(), action)).await;
    }

    /// Sends some text from a named client.
    pub async fn send(&mut self, name: &str, data: impl AsRef<[u8]>) {
        self.tell(name, ClientAction::Send { data: data.as_ref().into(), repeat: 1 }).await;
    }

    /// Changes the servers.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn server(&mut self, action: ServerAction) {
        let reply = self.order(Command::Server(action.clone())).await;
        assert_eq!(reply, Ok(Reply::Done), "{action:?}");
    }

    /// Plays a script to its end.
    ///
    /// # Panics
    /// When a condition does not come to hold.
    pub async fn play(&mut self, script: &Script) {
        for step in &script.steps {
            match step {
                Step::Do(action) => self.act(action).await,
                Step::Wait(condition, at_most) => {
                    self.wait_at_most(condition, Duration::from_nanos(at_most.0)).await;
                }
                Step::Check(condition) => assert!(self.witness.holds(condition), "{condition:?} does not hold"),
            }
        }
    }

    async fn act(&mut self, action: &Action) {
        let command =
            self.witness.command(action).unwrap_or_else(|| panic!("whoever {action:?} is about is not there"));
        match self.order(command).await {
            Ok(reply) => self.witness.answered(action, &reply),
            Err(refusal) => panic!("{action:?} was refused: {refusal:?}"),
        }
    }

    /// Says something that is not a command.
    pub async fn say(&mut self, message: &ToBridge) {
        say(&mut self.socket, self.codec, message).await;
    }

    /// Takes the next message and keeps nothing of it: for viewers that only load the bridge. False at the end.
    pub async fn glance(&mut self) -> bool {
        hear(&mut self.socket, self.codec).await.is_some()
    }

    /// Whether an event matches.
    #[must_use]
    pub fn heard(&self, pattern: &protocol::script::Pattern) -> bool {
        self.witness.matching(pattern).next().is_some()
    }

    /// Forgets the events seen so far, but not the names.
    pub fn forget(&mut self) {
        self.witness.forget();
    }

    /// The events it has seen.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        self.witness.events()
    }

    /// The WebSocket itself.
    #[must_use]
    pub fn into_socket(self) -> Socket {
        self.socket
    }
}

async fn say(socket: &mut Socket, codec: Codec, message: &ToBridge) {
    let bytes = codec.encode(message);
    let message = match codec {
        Codec::Postcard => Message::binary(bytes),
        Codec::Json => Message::text(String::from_utf8(bytes).expect("JSON is text")),
    };
    socket.send(message).await.expect("the session is open");
}

/// The next message of the bridge; `None` when it closed.
async fn hear(socket: &mut Socket, codec: Codec) -> Option<ToPage> {
    loop {
        let bytes = match socket.next().await?.ok()? {
            Message::Binary(bytes) => bytes,
            Message::Text(text) => text.into(),
            Message::Close(_) => return None,
            _ => continue,
        };
        return Some(codec.decode(&bytes).expect("the bridge speaks the protocol"));
    }
}

/// An event in one line, for a failing test.
#[must_use]
pub fn line(event: &Event) -> String {
    format!("{:>5} {:>10.3} {:?} {:?}", event.seq.0, event.at.as_millis(), event.about, event.kind)
}
