//! Two hosts in this page: the lab, driven by the page's clock.
//!
//! Virtual time follows the clock at the chosen speed. A frame is asked for only when something is due: while time
//! stands, or nothing will ever happen by itself, nothing runs here. A simulation that takes longer than a part of a
//! frame is cut into pieces, and virtual time goes as fast as it can.

pub mod runs;

use super::station::Voice;
use super::{Link, Source, Then, Trouble};
use crate::store::{Store, clock, request_frame};
use crate::time::{Clockwork, Making, Pace, REAL, SPEEDS, TimeAction};
use ::lab::{Lab as Stacks, LabOptions};
use leptos::prelude::*;
use protocol::capability::WorldInfo;
use protocol::command::Command;
use protocol::ids::{Boot, Nanos};
use protocol::message::Welcome;
use protocol::wire::WireAction;
use runs::{ME, Run, Runs, Shown, Stop};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

/// Who plays TCP/IP.
const STACK: &str = "smoltcp 0.14";
/// So much of a frame may be used up, nanoseconds: the picture needs the rest.
const PIECE: i64 = 8_000_000;
/// A run of so many events, or twice as many, makes time stand: all of them are in the page's memory.
const FULL: usize = 200_000;
/// What is due so much later, nanoseconds, is waited for without frames.
const SOON: u64 = 50_000_000;
/// The longest wait that browsers know is 2^31 milliseconds.
const LONGEST: u64 = 1_000_000_000;

/// Two hosts in this page.
pub struct Lab {
    voice: Voice,
    inner: RefCell<Inner>,
    /// Counts what was planned: only the last plan holds.
    plan: Cell<u64>,
}

struct Inner {
    runs: Option<Runs>,
    paused: bool,
    /// Time stands because a packet was caught: it goes on when that is decided.
    decides: bool,
    /// Time stands because somebody went back: it goes on when they act there.
    looks_back: bool,
    speed: usize,
    pace: Pace,
    /// What the store was told.
    told: Option<Shown>,
    beside: Option<u32>,
}

impl Lab {
    /// Two hosts that do not live yet.
    #[must_use]
    pub fn start(voice: Voice) -> Rc<Self> {
        let pace = Pace { real: 0, shown: Nanos(0), speed: (0, 1) };
        let inner = Inner {
            runs: None,
            paused: false,
            decides: false,
            looks_back: false,
            speed: REAL,
            pace,
            told: None,
            beside: None,
        };
        Rc::new(Self { voice, inner: RefCell::new(inner), plan: Cell::new(0) })
    }

    /// How it looks in the list of worlds before anybody went there.
    #[must_use]
    pub fn info() -> WorldInfo {
        Stacks::info()
    }

    /// Does something with the runs after time has gone on to this moment, and tells what came of it.
    fn act<R>(self: &Rc<Self>, act: impl FnOnce(&mut Inner, &mut Runs) -> R) -> Option<R> {
        let result = {
            let mut inner = self.inner.borrow_mut();
            let mut runs = inner.runs.take()?;
            inner.go_on(&mut runs);
            let result = act(&mut inner, &mut runs);
            inner.runs = Some(runs);
            result
        };
        self.tell();
        self.wake();
        Some(result)
    }

    /// Tells the store what is shown now.
    fn tell(&self) {
        let Some(store) = self.voice.store() else { return };
        let mut inner = self.inner.borrow_mut();
        let Inner { runs: Some(runs), told, .. } = &mut *inner else { return };
        let shown = runs.shown();
        let run = runs.run();
        let events = &run.events()[..shown.1];
        let before = told.replace(shown);
        match before {
            Some((key, count)) if key == shown.0 && count <= shown.1 => store.push(&events[count..]),
            Some(((number, cleared), _)) if number == shown.0.0 && cleared < shown.0.1 => {
                store.clear();
                store.push(events);
            }
            _ => store.retell(run.told(), events),
        }
        let lab = run.lab();
        if before.is_none_or(|(key, _)| key.0 != shown.0.0) {
            self.voice.welcome(welcome(lab, runs.now()));
        }
        store.tell_servers(lab.servers(), lab.settings());
        inner.show_time(store);
    }

    /// Lays the chosen run beside the one that is shown. It stands still: only the one that is shown goes on.
    fn lay_beside(&self) {
        let Some(store) = self.voice.store() else { return };
        let inner = self.inner.borrow();
        let Some(runs) = &inner.runs else { return };
        let run = inner.beside.and_then(|number| runs.find(number));
        let run = run.filter(|run| run.number() != runs.run().number());
        if store.beside.get_untracked() != run.map(Run::number) {
            store.lay_beside(run.map(|run| (run.number(), run.events())));
        }
    }

    /// Plans the next piece of work, if there is any.
    fn wake(self: &Rc<Self>) {
        self.plan.set(self.plan.get() + 1);
        let plan = self.plan.get();
        let wait = {
            let inner = self.inner.borrow();
            let due = inner.runs.as_ref().and_then(Runs::due);
            due.and_then(|due| inner.pace.until(clock(), due))
        };
        let Some(wait) = wait.filter(|_| self.voice.store().is_some()) else { return };
        let this = Rc::downgrade(self);
        let work = move || {
            if let Some(lab) = this.upgrade().filter(|lab| lab.plan.get() == plan) {
                lab.act(|_, _| ());
            }
        };
        if wait < SOON {
            request_frame(work);
        } else {
            set_timeout(work, Duration::from_millis((wait / 1_000_000).min(LONGEST)));
        }
    }
}

impl Inner {
    /// Lets time go on to this moment.
    fn go_on(&mut self, runs: &mut Runs) {
        if self.still() {
            return;
        }
        let began = clock();
        let mut calls = 0_u32;
        let mut tired = || {
            calls += 1;
            calls.is_multiple_of(16) && clock() - began > PIECE
        };
        let before = runs.run().events().len() / FULL;
        if runs.advance(self.pace.at(began), &mut tired) == Stop::Caught {
            self.decides = true;
        }
        self.paused = runs.run().events().len() / FULL > before;
        self.set_pace(runs);
    }

    fn still(&self) -> bool {
        self.paused || self.decides || self.looks_back
    }

    /// Time goes on from where it is, as fast as it should.
    fn set_pace(&mut self, runs: &Runs) {
        let speed = if self.still() { (0, 1) } else { SPEEDS[self.speed] };
        self.pace = Pace { real: clock(), shown: runs.now(), speed };
    }

    fn show_time(&self, store: Store) {
        let Some(runs) = &self.runs else { return };
        let run = runs.run();
        let clockwork = Clockwork {
            paused: self.still(),
            speed: self.speed,
            shown: runs.shown().1,
            events: run.events().len(),
            now: runs.now(),
            end: run.lab().now(),
            past: runs.is_past(),
            full: self.paused && run.events().len() >= FULL,
            making: run.making(),
        };
        store.tell_time(self.pace, clockwork, runs.list());
    }

    /// What can be done to time.
    fn time(&mut self, runs: &mut Runs, what: TimeAction) {
        match what {
            TimeAction::Pause(pause) => self.stand(pause, false),
            TimeAction::Step | TimeAction::Packet => {
                self.stand(true, false);
                if what == TimeAction::Step {
                    runs.step()
                } else {
                    runs.to_packet()
                };
            }
            TimeAction::Speed(speed) => self.speed = speed.min(SPEEDS.len() - 1),
            TimeAction::To(count) => {
                runs.to(count);
                self.stand(self.paused, runs.is_past());
            }
            TimeAction::Show(number) => {
                self.stand(true, false);
                runs.show(number);
            }
            TimeAction::Beside(beside) => self.beside = beside,
            TimeAction::Anew(making) => {
                self.stand(false, false);
                runs.anew(making);
            }
        }
        self.set_pace(runs);
    }

    fn stand(&mut self, paused: bool, looks_back: bool) {
        (self.paused, self.decides, self.looks_back) = (paused, false, looks_back);
    }
}

fn welcome(lab: &Stacks, now: Nanos) -> Welcome {
    Welcome {
        version: env!("CARGO_PKG_VERSION").into(),
        epoch: lab.epoch(),
        now,
        member: ME,
        token: String::new(),
        world: Stacks::kind(),
        worlds: vec![Stacks::info()],
        servers: lab.servers(),
        settings: lab.settings(),
        targets: Vec::new(),
        system: STACK.into(),
    }
}

impl Source for Rc<Lab> {
    fn command(&self, what: Command, then: Then) {
        let answer = self.act(|inner, runs| {
            let decided = matches!(what, Command::Wire(WireAction::Decide(..)));
            let answer = runs.perform(what);
            if answer.is_ok() {
                inner.looks_back = false;
                inner.decides &= !decided;
            }
            inner.set_pace(runs);
            answer
        });
        then(answer.map_or(Err(Trouble::NotConnected), |answer| answer.map_err(Trouble::Refused)));
    }

    fn enter(&self) {
        {
            let mut inner = self.inner.borrow_mut();
            inner.told = None;
            let runs = inner.runs.take().unwrap_or_else(|| {
                let random = || (js_sys::Math::random() * 4_294_967_296.0) as u128;
                let boot = Boot(random() << 96 | random() << 64 | random() << 32 | random());
                Runs::new(boot, Making { seed: 1, options: LabOptions::default() })
            });
            inner.set_pace(&runs);
            inner.runs = Some(runs);
        }
        self.voice.link(Link::Live);
        self.tell();
        self.wake();
    }

    fn leave(&self) {
        // Time stands while nobody looks.
        let mut inner = self.inner.borrow_mut();
        inner.pace.speed = (0, 1);
        self.plan.set(self.plan.get() + 1);
    }

    fn time(&self, what: TimeAction) {
        self.act(|inner, runs| inner.time(runs, what));
        self.lay_beside();
    }
}
