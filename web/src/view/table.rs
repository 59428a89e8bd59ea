//! The ladder as a table, for those who read better than they see, and for copying.

use super::desk::Desk;
use super::dom::{El, el, holds, watch};
use super::find::Finder;
use super::ladder::mark_at;
use crate::live::{Live, Memo};
use crate::model::ladder::svg::escape;
use crate::model::{Say, table, wording};
use crate::store::{Selection, Store};
use protocol::{How, Seq};
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

/// So many rows are in the document at once.
const MOST: usize = 400;
/// So many while nobody sees them: they are there for those who listen.
const SPOKEN: usize = 100;

/// A row in the document.
struct Placed {
    seq: Seq,
    cells: String,
    element: Element,
}

/// The table of events.
pub fn table() -> El {
    let (store, desk) = (Store::get(), Desk::get());
    let finder = Finder::get();
    // Once a second, and at once while a story is short.
    let slow =
        Memo::new(move || (store.tick.get() / 10, store.picture(|story| (story.epoch(), (story.len() + 1).ilog2()))));
    // Rows around this event, or the newest.
    let until = Live::new(None::<Seq>);
    let (earlier, later) = (Live::new(0_usize), Live::new(0_usize));
    let first = Live::new(None::<Seq>);
    let choose = move |event: &web_sys::Event| {
        if let Some(seq) = mark_at(event.target()) {
            store.selection.set(Some(Selection::Event(seq)));
        }
    };
    let body = el("tbody").on("click", move |event| choose(&event)).on("keydown", move |event| {
        if event.unchecked_ref::<KeyboardEvent>().key() == "Enter" {
            choose(&event);
        }
    });
    let place = body.element().clone();
    let mut placed: Vec<Placed> = Vec::new();
    watch(move || {
        let say = store.words().ladder.say;
        let chosen = store.selection.get();
        // Nobody listens to sixty tables a second: while it is not seen it is told once a second.
        let most = if desk.table.get() {
            store.still.track();
            MOST
        } else {
            slow.with(|_| ());
            SPOKEN
        };
        let (rows, before, after) =
            store.peek(|story| table::rows(story, finder.filter.get(), until.get(), most, store.now()));
        // What is there already and says the same stays; rows leave above and come below.
        let gone = placed.iter().take_while(|old| rows.first().is_none_or(|row| old.seq != row.seq)).count();
        placed.drain(..gone).for_each(|old| old.element.remove());
        for (at, row) in rows.iter().enumerate() {
            let cells = cells(row, say);
            if placed.get(at).is_none_or(|old| old.seq != row.seq) {
                placed.drain(at..).for_each(|old| old.element.remove());
                let element = element(row);
                element.set_inner_html(&cells);
                // Fails only for an element that contains the table.
                let _ = place.append_child(&element);
                placed.push(Placed { seq: row.seq, cells, element });
            } else if placed[at].cells != cells {
                placed[at].element.set_inner_html(&cells);
                placed[at].cells = cells;
            }
            let class = match (row.bad, chosen == Some(Selection::Event(row.seq))) {
                (_, true) => "chosen",
                (true, _) => "bad",
                _ => "",
            };
            if placed[at].element.class_name() != class {
                placed[at].element.set_class_name(class);
            }
        }
        placed.drain(rows.len()..).for_each(|old| old.element.remove());
        first.set(rows.first().map(|row| row.seq));
        earlier.set(before);
        later.set(after);
    });
    let heads = el("tr").region(move || {
        store.words().ladder.columns.iter().map(|name| el("th").attr("scope", "col").text(name)).collect()
    });
    let more = || el("button").class("events-more").attr("type", "button");
    el("div")
        .class("events")
        .when(holds(move || earlier.get() > 0), move || {
            more()
                .text_as(move || (store.words().ladder.left_out)(earlier.get()))
                .press(move || until.set(first.get_untracked()))
        })
        .child(
            el("table")
                .attr_said("aria-label", |words| words.ladder.events)
                .child(el("thead").child(heads))
                .child(body),
        )
        .when(holds(move || later.get() > 0), move || {
            more().say(|words| words.ladder.newest).press(move || until.set(None))
        })
}

fn element(row: &table::Row) -> Element {
    let how = match row.how {
        How::Observed => "observed",
        How::Reported => "reported",
        How::Derived => "derived",
    };
    el("tr")
        .attr("data-seq", &row.seq.0.to_string())
        .attr("data-kind", row.kind.name())
        .attr("data-how", how)
        // Not a stop of its own: the arrow keys go from event to event, here as on the ladder.
        .attr("tabindex", "-1")
        .cast()
}

/// The cells of a row: text that is escaped.
fn cells(row: &table::Row, say: fn(&Say) -> String) -> String {
    let mut html = String::new();
    let result = row.result.as_ref().map(say).unwrap_or_default();
    let cells = [
        ("num", wording::moment(row.at)),
        ("who", say(&Say::Program(row.who.clone()))),
        ("code", say(&row.what)),
        ("code", result),
    ];
    for (class, text) in cells {
        html.push_str(["<td class=\"", class, "\">"].concat().as_str());
        escape(&text.replace('\n', " "), &mut html);
        html.push_str("</td>");
    }
    html
}
