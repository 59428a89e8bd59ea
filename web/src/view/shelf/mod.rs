//! The shelf: stories in files, saved and opened, with progress while it takes time.

mod drop;
mod open;
mod picker;
mod save;
mod told;

pub use drop::target;
pub use picker::picker;
pub use told::notices;

use super::desk::{Desk, body};
use super::parts::el;
use crate::live::Live;
use crate::source::Place;
use crate::source::file::{File, Recorded};
use crate::store::Store;
use leptos::prelude::*;
use leptos::task::spawn_local;
use open::Capture;
use protocol::capability::WorldKind;
use replay::Fault;
use replay::trace::Head;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use wasm_split_helpers::SplitLoaderError;
use web_sys::{HtmlInputElement, KeyboardEvent};

/// What is going on with files.
#[derive(Clone, Debug, Default, PartialEq)]
enum Doing {
    /// Nothing.
    #[default]
    Nothing,
    /// This file is read.
    Opens(Arc<String>),
    /// The story is written.
    Saves,
    /// This file could not be opened, or not all of it.
    Failed(Arc<String>, Problem),
}

/// Why a file cannot be opened.
#[derive(Clone, Debug, PartialEq)]
enum Problem {
    /// Something is wrong with it. So many events or packets before that are good.
    Fault(Fault, u64),
    /// The browser cannot read it.
    Unreadable,
    /// The browser cannot make a file.
    Unwritable,
    /// The part of the page that reads and writes files cannot be loaded.
    NotLoaded,
}

/// What is on the shelf. One value for all of it: each kind of signal adds to the page.
#[derive(Default)]
struct State {
    doing: Doing,
    /// Counts pieces of work: one that is not the newest stops.
    work: u32,
    /// What the open file says about itself.
    head: Head,
    /// The capture that is open, or will be.
    capture: Option<Rc<Capture>>,
    /// Which of its conversations are chosen.
    chosen: Vec<usize>,
    /// What a damaged file told before the damage.
    partly: Option<Recorded>,
    /// The world one came from.
    before: Option<WorldKind>,
}

/// The state of the shelf. A handle: copies share everything.
#[derive(Clone, Copy)]
pub struct Shelf {
    store: Store,
    desk: Desk,
    state: StoredValue<Rc<RefCell<State>>, LocalStorage>,
    /// Moves when the state does.
    moved: Live<u64>,
    /// How far the work is.
    percent: Live<u64>,
    /// Whether something is dragged over the page.
    hovers: Live<bool>,
    chooser: StoredValue<HtmlInputElement, LocalStorage>,
}

impl Shelf {
    /// An empty one, on this page.
    #[must_use]
    pub fn new(store: Store, desk: Desk) -> Self {
        let chooser = el("input").attr("type", "file").attr("accept", ".socketscope,.json,.pcap,.pcapng,.cap");
        let chooser = chooser.attr("id", "chooser").class("hidden");
        let shelf = Self {
            store,
            desk,
            state: StoredValue::new_local(Rc::default()),
            moved: Live::new(0),
            percent: Live::new(0),
            hovers: Live::new(false),
            chooser: StoredValue::new_local(chooser.cast()),
        };
        let chosen = chooser.on("change", move |_| {
            let input = shelf.chooser.with_value(Clone::clone);
            if let Some(file) = input.files().and_then(|files| files.get(0)) {
                shelf.open(file);
            }
            // The same file can be chosen again.
            input.set_value("");
        });
        // Fails only where there is no body.
        let _ = body().append_child(chosen.element());
        drop::listen(shelf);
        shelf
    }

    /// The one that [`crate::app`] provides.
    #[must_use]
    pub fn get() -> Self {
        expect_context()
    }

    /// Asks for a file, and opens it.
    pub fn ask(&self) {
        self.chooser.with_value(|chooser| chooser.click());
    }

    /// Does what a key with Ctrl stands for; false if it is nothing of ours.
    #[must_use]
    pub fn press(&self, event: &KeyboardEvent) -> bool {
        let ctrl = (event.ctrl_key() || event.meta_key()) && !event.alt_key() && !event.shift_key();
        match event.key().as_str() {
            "s" if ctrl => self.save(),
            "o" if ctrl => self.ask(),
            _ => return false,
        }
        true
    }

    fn state(&self) -> Rc<RefCell<State>> {
        self.state.with_value(Clone::clone)
    }

    /// The capture that is open, or will be.
    fn capture(&self) -> Option<Rc<Capture>> {
        self.state().borrow().capture.clone()
    }

    fn set_doing(&self, doing: Doing) {
        self.state().borrow_mut().doing = doing;
        self.moved.update(|moved| *moved += 1);
    }

    fn fail(&self, name: &Arc<String>, problem: Problem) {
        self.set_doing(Doing::Failed(name.clone(), problem));
    }

    /// Waits for something that is done by a part of the page, and says so if that cannot be loaded.
    fn needs_part(self, done: impl Future<Output = Result<(), SplitLoaderError>> + 'static) {
        spawn_local(async move {
            if done.await.is_err() {
                self.fail(&Arc::default(), Problem::NotLoaded);
            }
        });
    }

    /// A new piece of work begins, and the one before it ends: its number.
    fn begin(&self) -> u32 {
        self.state().borrow_mut().work += 1;
        self.set_doing(Doing::Nothing);
        self.state().borrow().work
    }

    /// Whether a piece of work was ended.
    fn is_over(&self, work: u32) -> bool {
        self.state().borrow().work != work
    }

    /// Goes on with a piece of work, a step at a time, so that the page stays alive; a step says how far it is, or
    /// nothing when it was the last. What takes one step only is not worth a word.
    fn drive(self, work: u32, doing: Doing, mut step: Box<dyn FnMut() -> Option<u64>>) {
        let again = move || {
            if self.is_over(work) {
                return;
            }
            if let Some(percent) = step() {
                self.percent.set(percent);
                if self.state().borrow().doing == Doing::Nothing {
                    self.set_doing(doing.clone());
                }
                self.drive(work, doing, step);
            }
        };
        set_timeout(again, Duration::ZERO);
    }

    /// Shows a story.
    fn show(&self, story: Recorded) {
        self.set_doing(Doing::Nothing);
        let Some(station) = self.store.station() else { return };
        let world = self.store.welcome.with_untracked(|welcome| welcome.as_ref().map(|welcome| welcome.world));
        {
            let state = self.state();
            let mut state = state.borrow_mut();
            if world != Some(WorldKind::Replay) {
                state.before = world;
            }
            state.head = story.head.clone();
        }
        self.desk.trouble.set(None);
        station.sit(Place::File, move |voice| File::new(voice, story));
        station.go(Place::File);
    }
}
