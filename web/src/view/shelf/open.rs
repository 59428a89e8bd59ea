//! Opening a file: read, told apart, and turned into a story, step by step.

use super::{Doing, Problem, Shelf};
use crate::part;
use crate::source::file::Recorded;
use crate::view::file::read;
use leptos::task::spawn_local;
use replay::capture::{MOST_PACKETS, Survey, Telling};
use replay::trace::Reader;
use replay::{Fault, MOST_BYTES, Sort, What};
use std::rc::Rc;
use std::sync::Arc;
use web_sys::File;

/// Events or packets in one step: a few milliseconds.
const STEP: usize = 2_000;
/// So many conversations are shown without asking which.
const FEW: usize = 3;

/// A capture that was looked through.
#[derive(Debug)]
pub struct Capture {
    /// The file's name.
    pub name: Arc<String>,
    /// The file.
    pub bytes: Vec<u8>,
    /// What is in it.
    pub survey: Survey,
}

impl Capture {
    /// Whether the story of this name is told from it, and there is something to choose.
    pub fn is_shown_as(&self, name: &str) -> bool {
        self.name.as_str() == name && self.survey.conversations().len() > 1
    }
}

impl Shelf {
    /// Opens a file. What is on the screen stays until it is read.
    pub fn open(self, file: File) {
        let work = self.begin();
        let name = Arc::new(file.name());
        self.state().borrow_mut().partly = None;
        if file.size() > MOST_BYTES as f64 {
            let most = MOST_BYTES as u64;
            return self.fail(&name, Problem::Fault(Fault::new(0, What::TooLarge { most }), 0));
        }
        spawn_local(async move {
            let bytes = read(&file, 0, file.size() as u64).await;
            if self.is_over(work) {
                return;
            }
            if part::open_file(self, work, name.clone(), bytes.map(|bytes| bytes.0)).await.is_err() {
                self.fail(&name, Problem::NotLoaded);
            }
        });
    }

    /// The file was read by the browser, or could not be.
    pub fn opened(self, work: u32, name: &Arc<String>, bytes: Option<Vec<u8>>) {
        let Some(bytes) = bytes else { return self.fail(name, Problem::Unreadable) };
        let read = match replay::sort(&bytes) {
            Ok(Sort::Trace) => Reader::open(bytes).map(|reader| self.read_trace(work, name, reader)),
            Ok(Sort::Capture) => Survey::open(&bytes).map(|survey| self.look_through(work, name, bytes, survey)),
            Err(fault) => Err(fault),
        };
        if let Err(fault) = read {
            self.fail(name, Problem::Fault(fault, 0));
        }
    }

    fn read_trace(self, work: u32, name: &Arc<String>, mut reader: Reader) {
        let mut story = Recorded::named(name);
        let name = name.clone();
        let doing = Doing::Opens(name.clone());
        let step = move || {
            let fault = loop {
                match reader.next_event() {
                    Ok(Some(event)) => story.push(&event),
                    Ok(None) => break None,
                    Err(fault) => break Some(fault),
                }
                if story.count().is_multiple_of(STEP) {
                    return Some(percent(reader.progress()));
                }
            };
            let good = story.count() as u64;
            let mut story = std::mem::take(&mut story);
            (story.head, story.gaps) = (reader.head().clone(), reader.gaps().to_vec());
            match fault {
                None => {
                    self.state().borrow_mut().capture = None;
                    self.show(story);
                }
                Some(fault) => {
                    self.state().borrow_mut().partly = Some(story);
                    self.fail(&name, Problem::Fault(fault, good));
                }
            }
            None
        };
        self.drive(work, doing, Box::new(step));
    }

    fn look_through(self, work: u32, name: &Arc<String>, mut bytes: Vec<u8>, mut survey: Survey) {
        let name = name.clone();
        let doing = Doing::Opens(name.clone());
        let step = move || {
            let fault = match survey.look(&bytes, STEP) {
                Ok(true) => return Some(percent((survey.at(), bytes.len()))),
                Ok(false) => None,
                Err(fault) => Some(fault),
            };
            let good: u64 = survey.conversations().iter().map(|one| one.packets).sum();
            {
                let state = self.state();
                let mut state = state.borrow_mut();
                state.chosen = survey.few();
                let (name, bytes, survey) = (name.clone(), std::mem::take(&mut bytes), survey.clone());
                state.capture = Some(Rc::new(Capture { name, bytes, survey }));
            }
            match fault {
                None => self.choose(),
                Some(fault) => self.fail(&name, Problem::Fault(fault, good)),
            }
            None
        };
        self.drive(work, doing, Box::new(step));
    }

    /// Shows what a damaged file told before the damage.
    pub fn open_partly(self) {
        let story = self.state().borrow_mut().partly.take();
        match story {
            Some(story) => {
                self.state().borrow_mut().capture = None;
                self.show(story);
            }
            None => self.choose(),
        }
    }

    /// Shows all of a small capture, and asks which part of a larger one.
    fn choose(self) {
        self.set_doing(Doing::Nothing);
        let Some(capture) = self.capture() else { return };
        let packets: u64 = capture.survey.conversations().iter().map(|one| one.packets).sum();
        if capture.survey.conversations().len() <= FEW && packets <= MOST_PACKETS {
            self.tell();
        } else {
            self.pick();
        }
    }

    /// Tells the chosen conversations of the capture.
    pub fn tell(self) {
        self.needs_part(part::tell_capture(self));
    }

    /// The same, once what is needed for it is loaded.
    pub fn tell_it(self) {
        let Some(capture) = self.capture() else { return };
        let work = self.begin();
        let name = capture.name.clone();
        let telling = Telling::begin(&capture.bytes, &capture.survey, &self.state().borrow().chosen);
        let mut telling = match telling {
            Ok(telling) => telling,
            Err(fault) => return self.fail(&name, Problem::Fault(fault, 0)),
        };
        let mut story = Recorded::named(&name);
        let mut gathers = true;
        let step = move || {
            if gathers {
                gathers = telling.gather(&capture.bytes, STEP);
                return Some(percent((telling.at(), capture.bytes.len())) / 2);
            }
            let mut events = Vec::new();
            let more = telling.tell(&capture.bytes, STEP, &mut events);
            for event in events {
                story.head.now = story.head.now.max(Some(event.at));
                story.push(&event);
            }
            if more {
                return Some(50 + percent(telling.progress()) / 2);
            }
            self.show(std::mem::take(&mut story));
            None
        };
        self.drive(work, Doing::Opens(name), Box::new(step));
    }
}

fn percent((done, of): (usize, usize)) -> u64 {
    done as u64 * 100 / (of as u64).max(1)
}
