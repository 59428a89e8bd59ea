//! The Socketscope program, over a WebSocket. No other file touches `web_sys::WebSocket`.

use super::session::Session;
use super::station::Voice;
use super::{Answered, Link, Source, Then, Trouble, backoff};
use crate::memory;
use leptos::prelude::*;
use protocol::PackedBatch;
use protocol::codec::{Codec, DecodeError};
use protocol::command::Command;
use protocol::ids::Nanos;
use protocol::interest::{Interest, KindSet};
use protocol::message::{Farewell, ResetReason, ToBridge, ToPage};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{BinaryType, CloseEvent, MessageEvent, WebSocket};

/// How often the other side is asked whether it is there.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How many pings may stay without any sign of life. More than one: a page that was busy drawing hears late.
const SILENCE: u32 = 3;
/// How long a switched world may take to welcome us: time for the answers that are on their way.
const WELCOME_TIME: Duration = Duration::from_millis(200);

/// A viewer of the bridge that served this page.
pub struct Bridge {
    voice: Voice,
    inner: RefCell<Inner>,
}

#[derive(Default)]
struct Inner {
    session: Session,
    wire: Option<Wire>,
    /// Counts commands; the bridge echoes it.
    number: u32,
    /// Commands without an answer yet: a short list, in order.
    waiting: Vec<Waiting>,
    failed: u32,
    /// Whether a welcome came for the world that runs.
    greeted: bool,
    retry: Option<TimeoutHandle>,
    farewell: Option<Arc<Farewell>>,
    /// How many pings were sent since anything was heard.
    silent: u32,
    pings: u64,
}

/// A command's number, and who waits for its answer.
type Waiting = (u32, Then);

/// A WebSocket and its handlers, which live as long as it does.
struct Wire {
    socket: WebSocket,
    _open: Closure<dyn FnMut()>,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _close: Closure<dyn FnMut(CloseEvent)>,
}

impl Wire {
    /// Closes the socket and hears nothing more of it.
    fn hang_up(&self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        // Fails only for a code out of range, and there is none.
        let _ = self.socket.close();
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.hang_up();
    }
}

impl Bridge {
    /// Connects to the bridge that served this page, and stays with it.
    #[must_use]
    pub fn start(voice: Voice) -> Rc<Self> {
        let inner = Inner { session: Session::new(memory::recall("token")), ..Inner::default() };
        let bridge = Rc::new(Self { voice, inner: RefCell::new(inner) });
        bridge.connect();
        let weak = Rc::downgrade(&bridge);
        let beat = move || weak.upgrade().into_iter().for_each(|bridge| bridge.beat());
        // Fails only where there is no window.
        let _ = set_interval_with_handle(beat, HEARTBEAT);
        bridge
    }

    fn connect(self: &Rc<Self>) {
        let location = window().location();
        let scheme = if location.protocol().is_ok_and(|scheme| scheme == "https:") { "wss" } else { "ws" };
        let url = format!("{scheme}://{}/ws", location.host().unwrap_or_default());
        let Ok(socket) = WebSocket::new_with_str(&url, Codec::Postcard.name()) else {
            return self.lost();
        };
        socket.set_binary_type(BinaryType::Arraybuffer);

        let this = Rc::downgrade(self);
        let open = Closure::<dyn FnMut()>::new(move || {
            if let Some(bridge) = this.upgrade() {
                let interest = bridge.interest();
                let hello = bridge.inner.borrow().session.hello(interest);
                bridge.say(&hello);
            }
        });
        let this = Rc::downgrade(self);
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let (Some(bridge), Ok(buffer)) = (this.upgrade(), event.data().dyn_into::<js_sys::ArrayBuffer>()) {
                bridge.hear(&js_sys::Uint8Array::new(&buffer).to_vec());
            }
        });
        let this = Rc::downgrade(self);
        let close = Closure::<dyn FnMut(CloseEvent)>::new(move |_| {
            if let Some(bridge) = this.upgrade() {
                bridge.lost();
            }
        });
        socket.set_onopen(Some(open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(close.as_ref().unchecked_ref()));
        let wire = Wire { socket, _open: open, _message: message, _close: close };
        let mut inner = self.inner.borrow_mut();
        inner.silent = 0;
        inner.wire = Some(wire);
    }

    /// What this page wants to see: nothing while it listens to another source.
    fn interest(&self) -> Interest {
        let kinds = if self.voice.store().is_some() { KindSet::ALL } else { KindSet(0) };
        Interest { kinds, ..Interest::default() }
    }

    /// Sends a message; false if there is nobody.
    fn say(&self, message: &ToBridge) -> bool {
        let inner = self.inner.borrow();
        let Some(wire) = inner.wire.as_ref().filter(|wire| wire.socket.ready_state() == WebSocket::OPEN) else {
            return false;
        };
        wire.socket.send_with_u8_array(&Codec::Postcard.encode(message)).is_ok()
    }

    fn hear(self: &Rc<Self>, bytes: &[u8]) {
        self.inner.borrow_mut().silent = 0;
        let heard = match PackedBatch::of(bytes) {
            Some(batch) => self.take_batch(batch),
            None => Codec::Postcard.decode(bytes).map(|message| self.take(message)),
        };
        if let Err(error) = heard {
            // Nothing after this can be trusted, and trying again would give the same.
            if let Some(wire) = &self.inner.borrow().wire {
                wire.hang_up();
            }
            self.give_up_commands();
            self.voice.link(Link::Broken(error.to_string()));
        }
    }

    /// Takes events, each as it is read: there may be very many.
    fn take_batch(&self, mut batch: PackedBatch<'_>) -> Result<(), DecodeError> {
        let Some(store) = self.voice.store() else { return Ok(()) };
        let fresh = self.inner.borrow_mut().session.batch(batch.epoch, batch.after, batch.through);
        let Some(fresh) = fresh else { return Ok(()) };
        if let Some(hole) = fresh.hole {
            store.holes.update(|holes| holes.push(hole));
        }
        store.take(|take| {
            batch.try_for_each(|read| {
                let (event, packed) = read?;
                if event.seq > fresh.seen {
                    take(&event, Some(packed));
                }
                Ok(())
            })
        })
    }

    fn take(self: &Rc<Self>, message: ToPage) {
        // Nobody while another source is heard: the bridge tells everything again when its turn comes.
        let heard = self.voice.store();
        match message {
            ToPage::Welcome(welcome) => {
                let forget = {
                    let mut inner = self.inner.borrow_mut();
                    inner.failed = 0;
                    inner.greeted = true;
                    inner.farewell = None;
                    inner.session.token = Some(welcome.token.clone());
                    inner.session.enter(welcome.epoch)
                };
                memory::remember("token", &welcome.token);
                if let Some(store) = heard {
                    if forget {
                        store.forget();
                    }
                    store.epoch.set(Some(welcome.epoch));
                    store.set_clock(welcome.now);
                }
                self.voice.link(Link::Live);
                self.voice.welcome(*welcome);
            }
            // Taken already, packed.
            ToPage::Batch(_) => {}
            ToPage::Gap(gap) => {
                let hole = self.inner.borrow_mut().session.gap(gap);
                if let (Some(store), Some(hole)) = (heard, hole) {
                    store.holes.update(|holes| holes.push(hole));
                }
            }
            ToPage::Reset { epoch, why } => {
                self.inner.borrow_mut().session.reset(epoch);
                if let Some(store) = heard {
                    match why {
                        ResetReason::Cleared => store.clear_and_keep(),
                        ResetReason::Restarted | ResetReason::Switched => store.forget(),
                    }
                    store.epoch.set(Some(epoch));
                    store.set_clock(Nanos(0));
                }
                if why == ResetReason::Switched {
                    self.await_welcome();
                }
            }
            ToPage::Answer { number, result, .. } => {
                self.answer(number, result.map_err(Trouble::Refused));
            }
            ToPage::Servers(servers) => heard.into_iter().for_each(|store| store.servers.set(servers.clone())),
            ToPage::Settings(settings) => heard.into_iter().for_each(|store| store.settings.set(settings.clone())),
            ToPage::Pong(_) => {}
            ToPage::Bye(farewell) => self.inner.borrow_mut().farewell = Some(Arc::new(farewell)),
        }
    }

    /// The connection is gone, or could not be made: what is on the screen stays, and another attempt is planned.
    fn lost(self: &Rc<Self>) {
        let link = {
            let mut inner = self.inner.borrow_mut();
            let wait = backoff::delay(inner.failed, js_sys::Math::random());
            inner.failed += 1;
            let this = Rc::downgrade(self);
            let retry = move || this.upgrade().into_iter().for_each(|bridge| bridge.reconnect_now());
            if let Some(planned) = inner.retry.take() {
                planned.clear();
            }
            inner.retry = set_timeout_with_handle(retry, Duration::from_millis(wait)).ok();
            let next = Some(js_sys::Date::now() as u64 + wait);
            Link::Away { farewell: inner.farewell.clone(), attempts: inner.failed, next }
        };
        self.give_up_commands();
        self.voice.link(link);
    }

    /// Only a welcome says which world runs now, what it can do and when it began: if none comes by itself, a new
    /// session brings one.
    fn await_welcome(self: &Rc<Self>) {
        self.inner.borrow_mut().greeted = false;
        let this = Rc::downgrade(self);
        let ask = move || {
            let waiting = this.upgrade().filter(|bridge| !bridge.inner.borrow().greeted);
            waiting.into_iter().for_each(|bridge| bridge.reconnect_now());
        };
        set_timeout(ask, WELCOME_TIME);
    }

    fn reconnect_now(self: &Rc<Self>) {
        {
            let mut inner = self.inner.borrow_mut();
            if let Some(planned) = inner.retry.take() {
                planned.clear();
            }
            inner.wire = None;
        }
        self.voice.link(match self.voice.linked() {
            Link::Away { farewell, attempts, .. } => Link::Away { farewell, attempts, next: None },
            _ => Link::Connecting,
        });
        self.connect();
    }

    fn answer(&self, number: u32, answer: Answered) {
        let then = {
            let waiting = &mut self.inner.borrow_mut().waiting;
            waiting.iter().position(|(other, _)| *other == number).map(|at| waiting.remove(at).1)
        };
        if let Some(then) = then {
            then(answer);
        }
    }

    /// Whoever waits for an answer will not get one.
    fn give_up_commands(&self) {
        let waiting = std::mem::take(&mut self.inner.borrow_mut().waiting);
        for (_, then) in waiting {
            then(Err(Trouble::Lost));
        }
    }

    /// Asks whether the other side is still there. In a hidden page the browser calls this rarely, which is fine:
    /// silence counts only from one call to the next.
    fn beat(self: &Rc<Self>) {
        if self.voice.linked() != Link::Live {
            return;
        }
        let (silent, ping) = {
            let mut inner = self.inner.borrow_mut();
            inner.pings += 1;
            inner.silent += 1;
            (inner.silent > SILENCE, inner.pings)
        };
        if silent || !self.say(&ToBridge::Ping(ping)) {
            self.inner.borrow_mut().wire = None;
            self.lost();
        }
    }
}

impl Source for Rc<Bridge> {
    fn command(&self, what: Command, then: Then) {
        if self.voice.linked() != Link::Live {
            return then(Err(Trouble::NotConnected));
        }
        let number = {
            let mut inner = self.inner.borrow_mut();
            inner.number = inner.number.wrapping_add(1);
            let number = inner.number;
            inner.waiting.push((number, then));
            number
        };
        if !self.say(&ToBridge::Do { number, what }) {
            self.answer(number, Err(Trouble::NotConnected));
        }
    }

    fn enter(&self) {
        self.inner.borrow_mut().session.leave();
        self.reconnect_now();
    }

    /// The connection stays: it keeps our clients, and says when the bridge goes.
    fn leave(&self) {
        self.say(&ToBridge::Interest(self.interest()));
    }

    fn reconnect(&self) {
        self.reconnect_now();
    }
}
