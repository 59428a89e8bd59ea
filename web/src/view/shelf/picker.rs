//! Which conversations of a capture are shown.

use super::Shelf;
use super::open::Capture;
use crate::live::Live;
use crate::model::wording;
use crate::view::desk::Dialog;
use crate::view::parts::{El, button, el, worded};
use leptos::prelude::*;
use protocol::{Nanos, Transport};
use replay::capture::{Conversation, MOST_CHOSEN, MOST_PACKETS};

/// Rows that are shown; for more there is the filter.
const MOST_ROWS: usize = 200;

impl Shelf {
    /// Asks which conversations to show.
    pub fn pick(&self) {
        self.desk.dialog.set(Some(Dialog::Conversations));
    }

    fn tell_chosen(&self) {
        self.desk.dialog.set(None);
        self.tell();
    }
}

/// The list.
#[must_use]
pub fn picker() -> El {
    let shelf = Shelf::get();
    let Some(capture) = shelf.capture() else { return el("div") };
    let filter = Live::new(String::new());
    let field = el("input")
        .class("field")
        .attr("type", "search")
        .attr_said("aria-label", |words| words.shelf.filter)
        .attr_said("placeholder", |words| words.shelf.filter)
        .on("input", move |event| filter.set(event_target_value(&event)));
    let others = capture.survey.others();
    let left_out = (others > 0).then(|| el("p").class("aside").text(&(shelf.store.words().shelf.others)(others)));
    let name = el("p").class("aside").text(&capture.name);
    let head = |name: &&str| el("th").attr("scope", "col").text(name);
    let heads = el("tr").children(shelf.store.words().shelf.columns.iter().map(head));
    let all = capture.clone();
    let table =
        el("table").child(el("thead").child(heads)).child(el("tbody").region(move || rows(shelf, &all, &filter.get())));
    el("div")
        .class("picker")
        .child(name)
        .child(field)
        .child(el("div").class("picker-rows").child(table))
        .children(left_out)
        .child(foot(shelf))
}

fn rows(shelf: Shelf, capture: &Capture, filter: &str) -> Vec<El> {
    let words = &shelf.store.words().shelf;
    let all = capture.survey.conversations();
    let wanted: Vec<&str> = filter.split_whitespace().collect();
    let fits = |one: &Conversation| {
        let said = ends(one).concat();
        wanted.iter().all(|part| said.contains(part))
    };
    let mut fitting = all.iter().enumerate().filter(|(_, one)| fits(one));
    let mut rows: Vec<El> = Vec::new();
    for (at, one) in fitting.by_ref().take(MOST_ROWS) {
        rows.push(row(shelf, at, one, Nanos(capture.survey.zero())));
    }
    let more = fitting.count();
    if more > 0 {
        let cell = el("td").attr("colspan", "5").class("aside").text(&(words.more)(more as u64));
        rows.push(el("tr").child(cell));
    }
    rows
}

/// What is said of the ends: who calls, who is called, and over what.
fn ends(one: &Conversation) -> [String; 3] {
    let transport = if one.transport == Transport::Tcp { " TCP" } else { " UDP" };
    let again = match one.incarnation {
        0 => String::new(),
        before => [" (", &(before + 1).to_string(), ")"].concat(),
    };
    [one.a.to_string() + &again, " → ".to_owned() + &one.b.to_string(), transport.to_owned()]
}

fn row(shelf: Shelf, at: usize, one: &Conversation, zero: Nanos) -> El {
    let [from, to, transport] = ends(one);
    let name = [from.as_str(), &to, &transport].concat();
    let on = move || {
        shelf.moved.track();
        shelf.state().borrow().chosen.contains(&at).into()
    };
    let check = el("input").attr("type", "checkbox").attr("aria-label", &name).prop("checked", on);
    let check = check.on("change", move |_| {
        {
            let state = shelf.state();
            let chosen = &mut state.borrow_mut().chosen;
            // In the order of the list.
            match chosen.iter().position(|one| *one >= at) {
                Some(place) if chosen[place] == at => drop(chosen.remove(place)),
                Some(place) => chosen.insert(place, at),
                None => chosen.push(at),
            }
        }
        shelf.moved.update(|moved| *moved += 1);
    });
    let only = button("link").text(&name).press(move || {
        shelf.state().borrow_mut().chosen = vec![at];
        shelf.tell_chosen();
    });
    let count = |text: String| el("td").class("count").text(&text);
    el("tr")
        .child(el("td").child(check))
        .child(el("td").child(only))
        .child(count(one.packets.to_string()))
        .child(count(one.bytes.to_string()))
        .child(count(wording::time(one.first.since(zero))))
}

/// What is chosen: how many conversations, how many packets.
fn sum(shelf: Shelf) -> (usize, u64) {
    shelf.moved.track();
    let state = shelf.state();
    let state = state.borrow();
    let all = state.capture.as_ref().map_or(&[][..], |capture| capture.survey.conversations());
    (state.chosen.len(), state.chosen.iter().filter_map(|at| all.get(*at)).map(|one| one.packets).sum())
}

fn is_shown((count, packets): (usize, u64)) -> bool {
    (1..=MOST_CHOSEN).contains(&count) && packets <= MOST_PACKETS
}

fn foot(shelf: Shelf) -> El {
    let said = move || {
        let words = &shelf.store.words().shelf;
        let sum @ (count, packets) = sum(shelf);
        let said = (words.chosen)(count as u64, packets);
        if count == 0 || is_shown(sum) { said } else { said + &(words.too_many)(MOST_CHOSEN as u64, MOST_PACKETS) }
    };
    let show = worded("btn primary", |words| words.shelf.show)
        .attr_as("disabled", move || (!is_shown(sum(shelf))).then(String::new))
        .press(move || shelf.tell_chosen());
    el("div").class("picker-foot").child(el("p").attr("role", "status").text_as(said)).child(show)
}
