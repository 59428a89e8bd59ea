//! The ladder as a table, for those who read better than they see, and for copying.

use crate::model::ladder::svg::escape;
use crate::model::{Say, table, wording};
use crate::store::{Selection, Store};
use leptos::html;
use leptos::prelude::*;
use protocol::How;

/// So many rows are in the document at once.
const MOST: usize = 400;

/// The table of events.
#[component]
pub fn Table() -> impl IntoView {
    let store = Store::get();
    // Rows around a chosen event, or the newest.
    let until = RwSignal::new(None);
    let found = Memo::new(move |_| store.picture(|story| table::rows(story, until.get(), MOST, store.now())));
    let row = move |(row, cells): (table::Row, String)| {
        let seq = row.seq;
        let class = move || match (row.bad, store.selection.get() == Some(Selection::Event(seq))) {
            (_, true) => "chosen",
            (true, _) => "bad",
            _ => "",
        };
        let how = match row.how {
            How::Observed => "observed",
            How::Reported => "reported",
            How::Derived => "derived",
        };
        html::tr()
            .attr("class", class)
            .attr("data-seq", seq.0.to_string())
            .attr("data-kind", row.kind.name())
            .attr("data-how", how)
            .attr("tabindex", "0")
            .inner_html(cells)
    };
    let choose = move |target: Option<web_sys::EventTarget>| {
        if let Some(seq) = super::ladder::mark_at(target) {
            store.selection.set(Some(Selection::Event(seq)));
        }
    };
    let rows = move || {
        let say = store.words().ladder.say;
        found.with(|found| found.0.iter().map(|row| (row.clone(), cells(row, say))).collect::<Vec<_>>())
    };
    let more = move |count: usize| (count > 0).then(|| (store.words().ladder.left_out)(count));
    view! {
        <div class="events">
            <Show when=move || found.with(|found| found.1 > 0)>
                <button class="events-more" on:click=move |_| until.set(found.with(|found| found.0.first().map(|row| row.seq)))>
                    {move || more(found.with(|found| found.1))}
                </button>
            </Show>
            <table aria-label=move || store.words().ladder.events>
                <thead>
                    <tr>{move || store.words().ladder.columns.map(|name| view! { <th scope="col">{name}</th> })}</tr>
                </thead>
                <tbody on:click=move |event| choose(event.target())
                    on:keydown=move |event| if event.key() == "Enter" { choose(event.target()) }>
                    // Rows that say something else now are made anew; the others stay as they are.
                    <For each=rows key=|(row, cells)| (row.seq, cells.clone()) children=row />
                </tbody>
            </table>
            <Show when=move || found.with(|found| found.2 > 0)>
                <button class="events-more" on:click=move |_| until.set(None)>{move || store.words().ladder.newest}</button>
            </Show>
        </div>
    }
}

/// The cells of a row: text that is escaped.
fn cells(row: &table::Row, say: fn(&Say) -> String) -> String {
    let mut html = String::new();
    let result = row.result.as_ref().map(say).unwrap_or_default();
    let cells =
        [("num", wording::moment(row.at)), ("who", row.who.clone()), ("code", say(&row.what)), ("code", result)];
    for (class, text) in cells {
        html.push_str(["<td class=\"", class, "\">"].concat().as_str());
        escape(&text.replace('\n', " "), &mut html);
        html.push_str("</td>");
    }
    html
}
