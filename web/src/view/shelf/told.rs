//! What is to be said about files above the ladder: which one is open, what goes on, what is wrong.

use super::{Doing, Problem, Shelf};
use crate::source::Link;
use crate::view::parts::{El, Said, button, el, notice, worded};
use protocol::capability::WorldKind;
use protocol::command::{Command, WorldAction};

/// Adds the notices.
#[must_use]
pub fn notices(to: El) -> El {
    let shelf = Shelf::get();
    to.region(move || looking(shelf).into_iter().collect()).region(move || doing(shelf).into_iter().collect())
}

/// One looks at a file: which, and the way back.
fn looking(shelf: Shelf) -> Option<El> {
    let Link::Recorded(name) = shelf.store.link.get() else { return None };
    let words = &shelf.store.words().shelf;
    let head = shelf.state().borrow().head.clone();
    let made = head.by.map(|by| (words.made)(&by, head.system.as_deref().unwrap_or_default()));
    let said = [(words.looking)(&name), made.unwrap_or_default(), words.recorded.into()].join(" ");
    let pick = shelf.capture().filter(|capture| capture.is_shown_as(&name)).map(|_| {
        worded("btn", |words| words.shelf.conversations).attr("aria-haspopup", "dialog").press(move || shelf.pick())
    });
    let back = worded("btn", |words| words.shelf.back).press(move || {
        let world = shelf.state().borrow().before.unwrap_or(WorldKind::ThisComputer);
        shelf.desk.act(shelf.store, Command::World(WorldAction::Switch(world)));
    });
    let text = el("p").text(&said);
    Some(el("div").class("notice").attr("role", "status").child(text).children(pick).child(back))
}

fn doing(shelf: Shelf) -> Option<El> {
    shelf.moved.track();
    let words = &shelf.store.words().shelf;
    let doing = shelf.state().borrow().doing.clone();
    match doing {
        Doing::Nothing => None,
        Doing::Opens(name) => Some(works(shelf, &(words.opens)(&name))),
        Doing::Saves => Some(works(shelf, words.saves)),
        Doing::Failed(name, problem) => {
            let (said, good) = match problem {
                Problem::Unreadable => (words.unreadable.to_owned(), 0),
                Problem::Unwritable => (words.unwritable.to_owned(), 0),
                Problem::NotLoaded => (shelf.store.words().trouble.not_loaded.to_owned(), 0),
                Problem::Fault(fault, good) => ((words.fault)(&fault), good),
            };
            let said = if name.is_empty() { said } else { [name.as_str(), ": ", &said].concat() };
            let partly =
                (good > 0).then(|| button("btn").text(&(words.partly)(good)).press(move || shelf.open_partly()));
            let dismiss = stop(shelf, |words| words.shell.dismiss);
            Some(notice("notice bad", move || said.clone()).children(partly).child(dismiss))
        }
    }
}

/// Something takes time: how far it is, and a button that ends it.
fn works(shelf: Shelf, said: &str) -> El {
    let bar = el("progress").attr("max", "100").attr("aria-label", said);
    let bar = bar.attr_as("value", move || Some(shelf.percent.get().to_string()));
    let text = el("p").text(said);
    el("div")
        .class("notice")
        .attr("role", "status")
        .child(text)
        .child(bar)
        .child(stop(shelf, |words| words.shelf.cancel))
}

/// Ends whatever goes on, and forgets it.
fn stop(shelf: Shelf, label: Said) -> El {
    worded("btn", label).press(move || {
        shelf.begin();
        shelf.state().borrow_mut().partly = None;
    })
}
