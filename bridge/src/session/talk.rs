//! The conversation itself, over any pair of message streams, so that tests need no network.
//!
//! One loop holds it all. It reads only while its answers fit, and asks for events only when everything before them has
//! been written: so answers are never lost, and a viewer that reads slowly slows nothing but itself.

use super::budget::Budget;
use super::ending::Ending;
use super::viewer::Viewer;
use super::{commands, welcome};
use crate::limits;
use crate::members::Seat;
use crate::recorder::REST;
use crate::serve::Bridge;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use protocol::message::{Limit, Resume};
use protocol::{Codec, Farewell, Interest, Refusal, ServerInfo, SettingsInfo, ToBridge, ToPage};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::{Error, Message};

/// A message in the codec's kind of frame.
#[must_use]
pub fn encode(codec: Codec, bytes: Vec<u8>) -> Message {
    match codec {
        Codec::Postcard => Message::binary(bytes),
        Codec::Json => Message::text(String::from_utf8(bytes).expect("serde_json writes UTF-8")),
    }
}

/// Speaks with one client until there is a reason to end.
pub async fn talk<I, O>(bridge: &Bridge, codec: Codec, incoming: &mut I, outgoing: &mut O) -> Ending
where
    I: Stream<Item = Result<Message, Error>> + Unpin,
    O: Sink<Message, Error = Error> + Unpin,
{
    let hello = tokio::select! {
        () = bridge.stop.cancelled() => return Ending::Farewell(Farewell::Stopped),
        hello = timeout(limits::HELLO_TIME, hello(codec, incoming)) => hello,
    };
    let (token, resume, interest) = match hello {
        Ok(Ok(hello)) => hello,
        Ok(Err(ending)) => return ending,
        Err(_) => return Ending::Farewell(Farewell::HelloFirst),
    };
    let mut session = Session::new(bridge, codec, token.as_deref(), resume, interest);
    // From here on somebody watches, and what costs something to know is worth it.
    let _watching = bridge.recorder.watch();
    match session.run(incoming, outgoing).await {
        Ok(never) => match never {},
        Err(ending) => ending,
    }
}

type Hello = (Option<String>, Option<Resume>, Interest);

async fn hello<I>(codec: Codec, incoming: &mut I) -> Result<Hello, Ending>
where
    I: Stream<Item = Result<Message, Error>> + Unpin,
{
    loop {
        let message = incoming.next().await.ok_or(Ending::Theirs)?;
        match decode(codec, message)? {
            None => {}
            Some(ToBridge::Hello { token, resume, interest }) => return Ok((token, resume, checked(interest)?)),
            Some(_) => return Err(Ending::Farewell(Farewell::HelloFirst)),
        }
    }
}

/// The message in a frame; `None` in frames that only show that somebody lives.
fn decode(codec: Codec, frame: Result<Message, Error>) -> Result<Option<ToBridge>, Ending> {
    use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
    let message = match (codec, frame.map_err(|error| Ending::of(&error))?) {
        (Codec::Postcard, Message::Binary(bytes)) => codec.decode(&bytes),
        (Codec::Json, Message::Text(text)) => codec.decode(text.as_bytes()),
        (_, Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => return Ok(None),
        (_, Message::Close(_)) => return Err(Ending::Theirs),
        (Codec::Postcard, Message::Text(_)) => {
            return Err(Ending::Close(CloseCode::Unsupported, "postcard goes into binary messages".to_owned()));
        }
        (Codec::Json, Message::Binary(_)) => {
            return Err(Ending::Close(CloseCode::Unsupported, "JSON goes into text messages".to_owned()));
        }
    };
    message.map(Some).map_err(|error| Ending::Farewell(Farewell::Malformed(error.to_string())))
}

fn checked(interest: Interest) -> Result<Interest, Ending> {
    let most = Interest::MOST_LISTED;
    if interest.hosts.len() > most || interest.programs.len() > most {
        let why = format!("an interest lists no more than {most} hosts and {most} programs");
        return Err(Ending::Farewell(Farewell::Malformed(why)));
    }
    Ok(interest)
}

struct Session<'a> {
    bridge: &'a Bridge,
    codec: Codec,
    seat: Seat,
    viewer: Viewer,
    commands: Budget,
    /// What goes out before any more events.
    outbox: VecDeque<Message>,
    servers: Vec<ServerInfo>,
    settings: SettingsInfo,
}

impl<'a> Session<'a> {
    fn new(bridge: &'a Bridge, codec: Codec, token: Option<&str>, resume: Option<Resume>, interest: Interest) -> Self {
        let now = Instant::now().into_std();
        let seat = bridge.members.join(token);
        let (viewer, reset) = Viewer::new(&bridge.recorder, codec, interest, resume, now);
        let welcome = welcome::welcome(&*bridge.world, &seat, viewer.epoch(), bridge.recorder.now());
        let (servers, settings) = (welcome.servers.clone(), welcome.settings.clone());
        let commands = Budget::new(limits::COMMANDS, limits::COMMANDS_BURST, now);
        let epoch = viewer.epoch();
        let mut session = Self { bridge, codec, seat, viewer, commands, outbox: VecDeque::new(), servers, settings };
        session.say(&ToPage::Welcome(Box::new(welcome)));
        if let Some(why) = reset {
            session.say(&ToPage::Reset { epoch, why });
        }
        session
    }

    async fn run<I, O>(&mut self, incoming: &mut I, outgoing: &mut O) -> Result<std::convert::Infallible, Ending>
    where
        I: Stream<Item = Result<Message, Error>> + Unpin,
        O: Sink<Message, Error = Error> + Unpin,
    {
        let bridge = self.bridge;
        let mut recorded = bridge.recorder.changes();
        let mut changed = bridge.world.changes();
        // When to look for events; None when all have been seen. One event alone is not kept waiting.
        let mut look_at = Some(Instant::now());
        let mut earliest = Instant::now();
        let mut unflushed = false;
        // Since when something waits to be written; the clock of a stuck viewer.
        let mut waiting_since: Option<Instant> = None;
        let mut was_blocked = false;
        let mut heard = Instant::now();
        let mut pinged = false;
        loop {
            let idle = self.outbox.is_empty() && !unflushed;
            if idle {
                waiting_since = None;
            } else if waiting_since.is_none() {
                waiting_since = Some(Instant::now());
            }
            let silence = heard + if pinged { limits::IDLE_TIME } else { limits::PING_AFTER };
            tokio::select! {
                biased;
                () = bridge.stop.cancelled() => return Err(Ending::Farewell(Farewell::Stopped)),

                // One future for both: a sink is polled by one task in one place.
                written = poll_fn(|cx| match self.outbox.is_empty() {
                    false => outgoing.poll_ready_unpin(cx),
                    true => outgoing.poll_flush_unpin(cx),
                }), if !idle => {
                    written.map_err(|error| Ending::of(&error))?;
                    was_blocked |= waiting_since.is_some_and(|since| since.elapsed() > BLOCKED);
                    waiting_since = Some(Instant::now());
                    let message = self.outbox.pop_front();
                    unflushed = message.is_some();
                    if let Some(message) = message {
                        outgoing.start_send_unpin(message).map_err(|error| Ending::of(&error))?;
                    }
                }

                frame = incoming.next(), if self.outbox.len() < limits::ANSWERS_WAITING => {
                    heard = Instant::now();
                    pinged = false;
                    let frame = frame.ok_or(Ending::Theirs)?;
                    if let Some(message) = decode(self.codec, frame)? {
                        self.hear(message)?;
                        // Interests change what there is to see.
                        look_at.get_or_insert(earliest);
                    }
                }

                () = sleep_until(look_at.unwrap_or(heard)), if idle && look_at.is_some() => {
                    // Marked as seen first: what is recorded while we read wakes us again.
                    recorded.mark_unchanged();
                    let owed = bridge.recorder.settle();
                    let news = self.viewer.pull(Instant::now().into_std(), std::mem::take(&mut was_blocked));
                    self.outbox.extend(news.messages.into_iter().map(|bytes| encode(self.codec, bytes)));
                    let looked = Instant::now();
                    earliest = looked + limits::pause_after(news.events);
                    let again = news.again.or_else(|| owed.then_some(REST));
                    look_at = again.map(|pause| earliest.max(looked + pause));
                }

                alive = recorded.changed(), if look_at.is_none() => {
                    alive.map_err(|_| Ending::Farewell(Farewell::Stopped))?;
                    look_at = Some(earliest);
                }

                alive = changed.changed(), if idle => {
                    alive.map_err(|_| Ending::Farewell(Farewell::Stopped))?;
                    self.tell_servers();
                }

                () = sleep_until(silence) => {
                    if pinged {
                        return Err(Ending::Farewell(Farewell::Silent));
                    }
                    pinged = true;
                    self.outbox.push_back(Message::Ping(bytes::Bytes::new()));
                }

                () = sleep_until(waiting_since.unwrap_or(heard) + limits::STUCK_TIME), if waiting_since.is_some() => {
                    return Err(Ending::Farewell(Farewell::TooSlow));
                }
            }
        }
    }

    fn hear(&mut self, message: ToBridge) -> Result<(), Ending> {
        let now = Instant::now().into_std();
        match message {
            ToBridge::Hello { .. } => return Err(Ending::Farewell(Farewell::HelloFirst)),
            ToBridge::Interest(interest) => self.viewer.set_interest(checked(interest)?, now),
            ToBridge::Do { number, what } => {
                let id = self.seat.next_command();
                let result = if self.commands.take(now) {
                    commands::perform(&*self.bridge.world, &self.bridge.recorder, id, what)
                } else {
                    Err(Refusal::Limit { what: Limit::Commands, most: limits::COMMANDS.into() })
                };
                self.say(&ToPage::Answer { number, id, result });
            }
            ToBridge::Ping(number) => self.say(&ToPage::Pong(number)),
        }
        Ok(())
    }

    fn tell_servers(&mut self) {
        let (servers, settings) = (self.bridge.world.servers(), self.bridge.world.settings());
        if servers != self.servers {
            self.say(&ToPage::Servers(servers.clone()));
            self.servers = servers;
        }
        if settings != self.settings {
            self.say(&ToPage::Settings(settings.clone()));
            self.settings = settings;
        }
    }

    fn say(&mut self, message: &ToPage) {
        self.outbox.push_back(encode(self.codec, self.codec.encode(message)));
    }
}

/// A write that took so long was not the viewer's computer being busy for a moment.
const BLOCKED: Duration = Duration::from_millis(500);
