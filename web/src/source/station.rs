//! The station: which source is heard, and the switch between them.
//!
//! Every source has a seat and speaks through a [`Voice`]. One of them is heard: what it says reaches the store, commands
//! go to it, and no view knows which one it is. The others are silent and keep what they need to come back.
//!
//! # Another source
//! A file, for example: implement [`Source`], take a seat with [`Station::sit`] and be heard with [`Station::go`].
//!
//! ```ignore
//! let station = store.station()?;
//! station.sit(Place::File, |voice| File::new(voice, trace));
//! station.go(Place::File);
//! ```
//!
//! Then [`Source::enter`] says who it is ([`Voice::welcome`], with a [`WorldInfo`] of its world in `worlds`), that it is
//! there ([`Voice::link`]), and everything that happened (`voice.store()`, and `push`). A world whose source has said a
//! welcome is in the header's switch. A later `sit` takes the place of the file before.

mod voice;

pub use voice::Voice;

use super::bridge::Bridge;
use super::lab::Lab;
use super::{Link, Place, Source, Then, Trouble};
use crate::memory;
use crate::part;
use crate::store::Store;
use crate::time::TimeAction;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::capability::{Ability, Reason, Unavailable, WorldInfo, WorldKind};
use protocol::command::{Command, Reply, WorldAction};
use protocol::message::{Refusal, Welcome};
use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::sync::Arc;

/// Where the Socketscope program serves its own page, unless it was told otherwise.
pub const ADDRESS: &str = "http://127.0.0.1:7700";
/// What starts it.
pub const START: &str = "cargo xtask";

/// Under this name the browser remembers who was chosen.
const CHOICE: &str = "world";
/// The two hosts in this page were; anything else is the bridge, which knows itself which world it shows.
const PAGE: &str = "page";

/// What to tell of the Socketscope program while another source is heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nearby {
    /// Nothing: it is heard, or nobody has asked yet.
    #[default]
    Unasked,
    /// This page came from it or could have, and nobody answers.
    Silent,
    /// This page is a copy on a web server of this computer, which the program has nothing to do with.
    Copy,
    /// This page is a copy on a web server elsewhere, which browsers keep away from this computer.
    Hosted,
    /// It answers.
    Here,
}

/// All sources, of which one is heard.
pub struct Station {
    store: Store,
    me: Weak<Self>,
    inner: RefCell<Inner>,
}

#[derive(Default)]
struct Inner {
    heard: Place,
    /// A few, in no order.
    seats: Vec<Seat>,
    /// Nobody chose the two hosts in this page: they play because no bridge answered.
    by_itself: bool,
    /// The two hosts in this page are being loaded, for whoever waits for them.
    loading: Option<Vec<Then>>,
    /// The world of the bridge that one goes to as soon as it answers, and who waits for that.
    wanted: Option<(WorldKind, Then)>,
}

struct Seat {
    place: Place,
    source: Rc<dyn Source>,
    welcome: Option<Welcome>,
    link: Link,
}

impl Inner {
    fn seat(&self, place: Place) -> Option<&Seat> {
        self.seats.iter().find(|seat| seat.place == place)
    }

    fn seat_mut(&mut self, place: Place) -> Option<&mut Seat> {
        self.seats.iter_mut().find(|seat| seat.place == place)
    }

    fn source(&self, place: Place) -> Option<Rc<dyn Source>> {
        self.seat(place).map(|seat| seat.source.clone())
    }

    /// All worlds, each as its own source describes it.
    fn worlds(&self) -> Vec<WorldInfo> {
        let told = |kind: WorldKind| {
            let Some(seat) = self.seat(Place::of(kind)) else {
                return (kind == WorldKind::InThisPage).then(Lab::info);
            };
            // What went away is on the screen still, and was as it was.
            let there = matches!(seat.link, Link::Live | Link::Recorded(_)) || seat.place == self.heard;
            if seat.place == Place::Lab && seat.welcome.is_none() {
                return Some(Lab::info());
            }
            let worlds = &seat.welcome.as_ref().filter(|_| there || seat.place != Place::Bridge)?.worlds;
            worlds.iter().find(|info| info.kind == kind).cloned()
        };
        let lives = [WorldKind::ThisComputer, WorldKind::TwoHosts, WorldKind::InThisPage];
        let mut all: Vec<WorldInfo> = Vec::new();
        for kind in lives {
            all.push(told(kind).unwrap_or_else(|| WorldInfo {
                kind,
                unavailable: Some(missing()),
                capabilities: Vec::new(),
            }));
        }
        all.extend(told(WorldKind::Replay));
        all
    }

    fn nearby(&self) -> Nearby {
        match self.seat(Place::Bridge) {
            _ if self.heard != Place::Lab => Nearby::Unasked,
            Some(seat) => match seat.link {
                Link::Connecting => Nearby::Unasked,
                Link::Live if self.by_itself => Nearby::Here,
                Link::Live | Link::Recorded(_) => Nearby::Unasked,
                Link::Away { .. } | Link::Broken(_) => Nearby::Silent,
            },
            None if is_on_this_computer() => Nearby::Copy,
            None => Nearby::Hosted,
        }
    }
}

/// Why one cannot go to a world of the bridge.
fn missing() -> Unavailable {
    Unavailable { reason: Reason::NeedsBridge, detail: String::new(), remedy: START.into() }
}

impl Station {
    /// Seats everybody, and lets the one be heard that was chosen last.
    pub fn start(store: Store) {
        let station = Rc::new_cyclic(|me| Self { store, me: me.clone(), inner: RefCell::default() });
        store.attach(station.clone());
        let copy = is_copy();
        if !copy {
            station.sit(Place::Bridge, Bridge::start);
        }
        // What is loaded now is there when the program that served the page is not.
        spawn_local(async {
            // Whoever needs it tries again, and is told.
            let _ = part::lab_loaded().await;
            let _ = part::files_loaded().await;
            let _ = part::chinese_loaded().await;
        });
        if copy || memory::recall(CHOICE).as_deref() == Some(PAGE) {
            station.go_to_lab(Box::new(move |gone| {
                if gone.is_err() {
                    store.link.set(Link::Broken(store.words().trouble.not_loaded.to_owned()));
                }
            }));
        }
    }

    /// Gives a source a seat, in place of the one before it. It is not heard yet.
    pub fn sit<S: Source + 'static>(&self, place: Place, make: impl FnOnce(Voice) -> S) {
        self.seat(place, Rc::new(make(self.voice(place))));
    }

    fn voice(&self, place: Place) -> Voice {
        Voice { station: self.me.clone(), place }
    }

    fn seat(&self, place: Place, source: Rc<dyn Source>) {
        let mut inner = self.inner.borrow_mut();
        inner.seats.retain(|seat| seat.place != place);
        inner.seats.push(Seat { place, source, welcome: None, link: Link::default() });
    }

    /// Goes to the two hosts in this page, once they are loaded.
    fn go_to_lab(&self, then: Then) {
        {
            let mut inner = self.inner.borrow_mut();
            if inner.seat(Place::Lab).is_none() {
                if let Some(waiting) = &mut inner.loading {
                    return waiting.push(then);
                }
                inner.loading = Some(vec![then]);
                drop(inner);
                return self.load_lab();
            }
        }
        self.go(Place::Lab);
        then(Ok(Reply::Done));
    }

    fn load_lab(&self) {
        let Some(station) = self.me.upgrade() else { return };
        spawn_local(async move {
            let loaded = part::lab(station.voice(Place::Lab)).await;
            let waiting = station.inner.borrow_mut().loading.take().unwrap_or_default();
            match loaded {
                Ok(source) => {
                    station.seat(Place::Lab, source);
                    station.go(Place::Lab);
                    waiting.into_iter().for_each(|then| then(Ok(Reply::Done)));
                }
                Err(_) => waiting.into_iter().for_each(|then| then(Err(Trouble::NotLoaded))),
            }
        });
    }

    /// Lets this one be heard from now on, if it has a seat.
    pub fn go(&self, place: Place) {
        let (before, next) = {
            let mut inner = self.inner.borrow_mut();
            let Some(next) = inner.source(place) else { return };
            let before = inner.source(inner.heard).filter(|_| inner.heard != place);
            inner.heard = place;
            (before, next)
        };
        before.into_iter().for_each(|source| source.leave());
        self.store.forget();
        self.publish();
        next.enter();
    }

    /// Goes to a world, and remembers the choice.
    fn switch(&self, kind: WorldKind, then: Then) {
        let place = Place::of(kind);
        let late = self.inner.borrow_mut().wanted.take();
        if let Some((_, then)) = late {
            then(Err(Trouble::Lost));
        }
        let (heard, there) = {
            let inner = self.inner.borrow();
            (inner.heard, place == Place::Lab || inner.seat(place).is_some())
        };
        if !there {
            return then(Err(Trouble::Refused(Refusal::Unavailable(Ability::OtherPrograms, missing()))));
        }
        if place != Place::File {
            memory::remember(CHOICE, if place == Place::Lab { PAGE } else { "bridge" });
            self.inner.borrow_mut().by_itself = false;
        }
        if place != Place::Bridge {
            return match place {
                _ if heard == place => then(Ok(Reply::Done)),
                Place::Lab => self.go_to_lab(then),
                _ => {
                    self.go(place);
                    then(Ok(Reply::Done));
                }
            };
        }
        if heard == place {
            return self.forward(Command::World(WorldAction::Switch(kind)), then);
        }
        self.inner.borrow_mut().wanted = Some((kind, then));
        self.go(place);
    }

    fn forward(&self, what: Command, then: Then) {
        match self.heard() {
            Some(source) => source.command(what, then),
            None => then(Err(Trouble::NotConnected)),
        }
    }

    /// Gives a command to whoever is heard; a switch of worlds may change who that is.
    pub fn command(&self, what: Command, then: Then) {
        match what {
            Command::World(WorldAction::Switch(kind)) => self.switch(kind, then),
            what => self.forward(what, then),
        }
    }

    /// Whoever is heard tries again at once.
    pub fn reconnect(&self) {
        self.heard().into_iter().for_each(|source| source.reconnect());
    }

    /// Does something to time, where it is in one's hand.
    pub fn time(&self, what: TimeAction) {
        self.heard().into_iter().for_each(|source| source.time(what));
    }

    fn heard(&self) -> Option<Rc<dyn Source>> {
        let inner = self.inner.borrow();
        inner.source(inner.heard)
    }

    /// Tells the store who is heard, and what else there is.
    fn publish(&self) {
        let store = self.store;
        let (link, welcome, nearby) = {
            let inner = self.inner.borrow();
            let Some(seat) = inner.seat(inner.heard) else { return };
            let welcome = seat.welcome.clone().map(|welcome| Welcome { worlds: inner.worlds(), ..welcome });
            (seat.link.clone(), welcome, inner.nearby())
        };
        // Only what changed: a new list of worlds closes the menus that hang on it.
        if store.nearby.get_untracked() != nearby {
            store.nearby.set(nearby);
        }
        if store.welcome.with_untracked(|before| before.as_deref() != welcome.as_ref()) {
            store.welcome.set(welcome.map(Arc::new));
        }
        if store.link.with_untracked(|before| *before != link) {
            store.link.set(link);
        }
    }

    /// The world of the bridge that was wanted, now that it has answered.
    fn arrive(&self, world: WorldKind) {
        let wanted = self.inner.borrow_mut().wanted.take();
        match wanted {
            Some((kind, then)) if kind == world => then(Ok(Reply::Done)),
            Some((kind, then)) => self.forward(Command::World(WorldAction::Switch(kind)), then),
            None => {}
        }
    }
}

/// Whether this page is a copy of files, as `cargo xtask dist --static` makes it: nobody speaks where it came from.
fn is_copy() -> bool {
    document().document_element().is_some_and(|root| root.has_attribute("data-copy"))
}

/// Whether the page's own address is one that only this computer has.
fn is_on_this_computer() -> bool {
    is_loopback(&window().location().hostname().unwrap_or_default())
}

/// Whether a host name, as the address bar has it, can only be this computer's.
fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost") || host == "[::1]" || host.starts_with("127.") && is_ipv4(host)
}

fn is_ipv4(host: &str) -> bool {
    host.bytes().all(|letter| letter == b'.' || letter.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_this_computers_own_names_are_loopback() {
        for host in ["localhost", "page.localhost", "127.0.0.1", "127.8.0.8", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["example.org", "127.example.org", "notlocalhost", "10.0.0.1", "192.168.127.1", "[fd00::1]", ""] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
