//! What all views share: the story so far, what is selected, who is followed, in which language.
//!
//! The story itself is plain data outside the reactive graph; views read it through [`Store::read`] or
//! [`Store::picture`] and run again when a version number moves, at most once per animation frame.

mod drawing;
mod time;

pub use time::BEFORE;

use crate::i18n::{Lang, Words};
use crate::live::Live;
use crate::memory;
use crate::model::story::Story;
use crate::source::session::Hole;
use crate::source::station::{Nearby, Station};
use crate::source::{Answered, Link, Place};
use crate::tally::Tally;
use crate::time::{Clockwork, Pace, Run};
use crate::told::Told;
use crate::wire::WireState;
use drawing::Drawing;
use leptos::prelude::*;
use protocol::capability::{Ability, WorldInfo};
use protocol::command::Command;
use protocol::event::Event;
use protocol::ids::{Epoch, Nanos, ProgramId, Seq, SocketId};
use protocol::message::{ServerInfo, SettingsInfo, Welcome};
use std::rc::Rc;
use std::sync::Arc;

/// What the inspector speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Selection {
    /// One event: a call, a packet, a state.
    Event(Seq),
    /// A socket, with its newest kernel values.
    Socket(SocketId),
    /// A program, with its source.
    Program(ProgramId),
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// Its name in the `data-theme` attribute.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The next one round.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    /// The one that was chosen before.
    #[must_use]
    pub fn recall() -> Self {
        match memory::recall("theme").as_deref() {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }
}

/// The state of the page. A handle: copies share everything.
#[derive(Clone, Copy)]
pub struct Store {
    story: StoredValue<Story, LocalStorage>,
    /// The story as it was, while the view is frozen.
    past: StoredValue<Option<Story>, LocalStorage>,
    station: StoredValue<Option<Rc<Station>>, LocalStorage>,
    /// Moves when the story has changed, at most once per animation frame.
    pub version: Live<u64>,
    /// As `version`, but stands still while the view is frozen.
    pub still: Live<u64>,
    /// Moves ten times a second while the page is visible and not frozen: bars of waiting calls grow with it.
    pub tick: Live<u64>,
    /// The time at which the view was frozen; `None` while it is live.
    pub frozen: Live<Option<Nanos>>,
    /// What the inspector speaks of.
    pub selection: Live<Option<Selection>>,
    /// The client whose exchange fills the ladder and the console.
    pub followed: Live<Option<ProgramId>>,
    /// The language.
    pub lang: Live<Lang>,
    /// Light or dark.
    pub theme: Live<Theme>,
    /// Whether events come in.
    pub link: Live<Link>,
    /// What to tell of the Socketscope program while another source is heard.
    pub nearby: Live<Nearby>,
    /// What the source said at the beginning, kept when it goes away; with all worlds one can go to.
    pub welcome: Live<Option<Arc<Welcome>>>,
    /// The story that is told, where its source names one.
    pub epoch: Live<Option<Epoch>>,
    /// The servers as they are now.
    pub servers: Live<Vec<ServerInfo>>,
    /// Their settings as they are now.
    pub settings: Live<SettingsInfo>,
    /// Stretches of the record that could not be had.
    pub holes: Live<Vec<Hole>>,
    /// How much has happened.
    pub tally: Live<Tally>,
    /// What clients were told.
    pub told: Live<Told>,
    /// Moves when the wire was told something.
    pub wired: Live<u64>,
    /// How virtual time stands; `None` where time is not in one's hand.
    pub time: Live<Option<Clockwork>>,
    /// The runs of virtual time, oldest first.
    pub runs: Live<Vec<Run>>,
    /// The number of the run that lies beside the one that is shown; read its story with [`Store::beside`].
    pub beside: Live<Option<u32>>,
    /// The story of the run beside.
    other: StoredValue<Story, LocalStorage>,
    /// Whether what was told before the last clear is kept, to lie beside what is told now.
    pub kept: Live<bool>,
    /// How the source's time follows the page's clock.
    pace: StoredValue<Pace>,
    drawing: Drawing,
}

impl Store {
    /// An empty one, in a language that is loaded and the remembered theme.
    #[must_use]
    pub fn new(lang: Lang) -> Self {
        Self {
            story: StoredValue::new_local(Story::default()),
            past: StoredValue::new_local(None),
            station: StoredValue::new_local(None),
            version: Live::new(0),
            still: Live::new(0),
            tick: Live::new(0),
            frozen: Live::new(None),
            selection: Live::new(None),
            followed: Live::new(None),
            lang: Live::new(lang),
            theme: Live::new(Theme::recall()),
            link: Live::new(Link::default()),
            nearby: Live::new(Nearby::default()),
            welcome: Live::new(None),
            epoch: Live::new(None),
            servers: Live::new(Vec::new()),
            settings: Live::new(SettingsInfo::default()),
            holes: Live::new(Vec::new()),
            tally: Live::new(Tally::default()),
            told: Live::new(Told::default()),
            wired: Live::new(0),
            time: Live::new(None),
            runs: Live::new(Vec::new()),
            beside: Live::new(None),
            other: StoredValue::new_local(Story::default()),
            kept: Live::new(false),
            pace: StoredValue::new(Pace::REAL),
            drawing: Drawing::new(),
        }
    }

    /// The one that [`crate::app`] provides.
    #[must_use]
    pub fn get() -> Self {
        expect_context()
    }

    /// Reads the story, and again when it changes.
    pub fn read<R>(&self, look: impl FnOnce(&Story) -> R) -> R {
        self.version.track();
        self.story.with_value(look)
    }

    /// Reads the story, and again when it changes and the view is not frozen: for the ladder and the tracker.
    pub fn picture<R>(&self, look: impl FnOnce(&Story) -> R) -> R {
        self.still.track();
        self.peek(look)
    }

    /// Reads how the wire is set, and again when that changes.
    pub fn wire<R>(&self, look: impl FnOnce(&WireState) -> R) -> R {
        self.wired.track();
        self.wire_now(look)
    }

    /// Reads how the wire is set, once.
    pub fn wire_now<R>(&self, look: impl FnOnce(&WireState) -> R) -> R {
        self.told.with_untracked(|told| look(&told.wire))
    }

    /// Reads the story of the picture once, from an event handler.
    pub fn peek<R>(&self, look: impl FnOnce(&Story) -> R) -> R {
        self.past.with_value(|past| match past {
            Some(past) => look(past),
            None => self.live(look),
        })
    }

    /// Reads the story as it is by now once, frozen or not.
    pub fn live<R>(&self, look: impl FnOnce(&Story) -> R) -> R {
        self.story.with_value(look)
    }

    /// Every sentence, in the language of the moment; runs again when that changes.
    #[must_use]
    pub fn words(&self) -> &'static Words {
        self.lang.get().words()
    }

    /// The source's clock now, or when the view was frozen. Not reactive: read [`Store::tick`] to run again.
    #[must_use]
    pub fn now(&self) -> Nanos {
        self.frozen.get_untracked().unwrap_or_else(|| self.live_now())
    }

    /// The source's clock now, frozen or not.
    #[must_use]
    pub fn live_now(&self) -> Nanos {
        self.pace.get_value().at(clock())
    }

    /// Takes events into the story.
    pub fn push(&self, events: &[Event]) {
        self.take(|take| events.iter().for_each(|event| take(event, None)));
    }

    /// Takes into the story what it is given, each event with its bytes where they are known.
    pub fn take<R>(&self, give: impl FnOnce(&mut dyn FnMut(&Event, Option<&[u8]>)) -> R) -> R {
        let (mut count, mut latest) = (0, Nanos(0));
        let (mut tally, mut told) = (self.tally.get_untracked(), self.told.get_untracked());
        let wire = told.wire.clone();
        let given = self.story.try_update_value(|story| {
            give(&mut |event, packed| {
                story.take_in(event, packed);
                tally.count(event);
                told.hear(event);
                (count, latest) = (count + 1, latest.max(event.at));
            })
        });
        let given = given.expect("the store lives as long as the page");
        if count == 0 {
            return given;
        }
        self.tally.set(tally);
        // Most events say nothing about the wire: its controls move only when something does.
        let rewired = wire != told.wire;
        self.told.set(told);
        if rewired {
            self.wired.update(|moved| *moved += 1);
        }
        if latest > self.live_now() {
            // An event cannot come from the future: the clocks drifted, or the welcome took long on its way.
            self.pace.update_value(|pace| *pace = Pace { real: clock(), shown: latest, ..*pace });
        }
        self.changed(count);
        given
    }

    /// Forgets the story and everything told in it: another producer, or another world.
    pub fn forget(&self) {
        self.epoch.set(None);
        self.told.set(Told::default());
        self.wired.update(|moved| *moved += 1);
        self.time.set(None);
        self.runs.set(Vec::new());
        self.lay_beside(None);
        self.kept.set(false);
        self.clear();
    }

    /// Begins a new story of the same sockets. What they and the wire were told still holds, and is not told again.
    pub fn clear(&self) {
        self.story.update_value(Story::clear);
        self.past.set_value(None);
        // Numbers of programs and events mean nothing in the next story.
        self.selection.set(None);
        self.followed.set(None);
        self.frozen.set(None);
        self.holes.set(Vec::new());
        self.tally.set(Tally::default());
        self.changed(0);
    }

    /// The source's clock shows `now` at this moment.
    pub fn set_clock(&self, now: Nanos) {
        self.pace.set_value(Pace { real: clock(), shown: now, ..Pace::REAL });
    }

    /// The servers and their settings as they are now.
    pub fn tell_servers(&self, servers: Vec<ServerInfo>, settings: SettingsInfo) {
        if self.servers.with_untracked(|before| *before != servers) {
            self.servers.set(servers);
        }
        if self.settings.with_untracked(|before| *before != settings) {
            self.settings.set(settings);
        }
    }

    /// The source's clock stands still, and shows `now`.
    pub fn stop_clock(&self, now: Nanos) {
        self.pace.set_value(Pace { real: clock(), shown: now, speed: (0, 1) });
    }

    /// Whoever decides which source is heard.
    pub fn attach(&self, station: Rc<Station>) {
        self.station.set_value(Some(station));
    }

    /// Whoever decides which source is heard. `None` before [`attach`](Self::attach).
    #[must_use]
    pub fn station(&self) -> Option<Rc<Station>> {
        self.station.with_value(Clone::clone)
    }

    /// Gives a command. `then` learns whether it was accepted; what comes of it is told by events.
    pub fn command(&self, what: Command, then: impl FnOnce(Answered) + 'static) {
        match self.station() {
            Some(station) => station.command(what, Box::new(then)),
            None => then(Err(crate::source::Trouble::NotConnected)),
        }
    }

    /// The world that runs, as the source described it.
    #[must_use]
    pub fn world(&self) -> Option<WorldInfo> {
        self.welcome.with(|welcome| {
            let welcome = welcome.as_ref()?;
            welcome.worlds.iter().find(|info| info.kind == welcome.world).cloned()
        })
    }

    /// Whether the world that runs can do something.
    #[must_use]
    pub fn can(&self, ability: Ability) -> bool {
        self.world().is_some_and(|world| {
            world.capabilities.iter().any(|one| one.ability == ability && one.unavailable.is_none())
        })
    }

    /// Which source is heard. Reactive.
    #[must_use]
    pub fn heard(&self) -> Place {
        self.welcome.with(|welcome| welcome.as_ref().map_or(Place::Bridge, |welcome| Place::of(welcome.world)))
    }

    /// Tries to reach the source at once instead of waiting for the next attempt.
    pub fn reconnect(&self) {
        if let Some(station) = self.station() {
            station.reconnect();
        }
    }
}

/// Calls back in the next animation frame, or soon when the page is hidden and has none.
pub fn request_frame(then: impl FnOnce() + 'static) {
    if document().hidden() {
        set_timeout(then, std::time::Duration::from_millis(200));
    } else {
        request_animation_frame(then);
    }
}

/// The page's own clock, nanoseconds since it was opened.
#[must_use]
pub fn clock() -> i64 {
    window().performance().map_or(0, |performance| (performance.now() * 1e6) as i64)
}
