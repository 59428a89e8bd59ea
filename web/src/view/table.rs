//! The ladder as a table, for those who read better than they see, and for copying.

use crate::model::{Say, table, wording};
use crate::store::{Selection, Store};
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
    let text = move |what: &Say| (store.words().ladder.say)(what).replace('\n', " ");
    let row = move |row: table::Row| {
        let (seq, bad) = (row.seq, row.bad);
        let chosen = move || store.selection.get() == Some(Selection::Event(seq));
        let how = match row.how {
            How::Observed => "observed",
            How::Reported => "reported",
            How::Derived => "derived",
        };
        let result = row.result.clone();
        view! {
            <tr data-seq=seq.0.to_string() data-kind=row.kind.name() data-how=how tabindex="0" class:bad=bad class:chosen=chosen
                on:click=move |_| store.selection.set(Some(Selection::Event(seq)))
                on:keydown=move |event| if event.key() == "Enter" { store.selection.set(Some(Selection::Event(seq))) }>
                <td class="num">{wording::moment(row.at)}</td>
                <td>{row.who}</td>
                <td class="code">{move || text(&row.what)}</td>
                <td class="code">{move || result.as_ref().map(&text)}</td>
            </tr>
        }
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
                <tbody>
                    // Rows that have become something else are made anew; the others stay as they are.
                    <For each=move || found.with(|found| found.0.clone()) key=|row| (row.seq, key(row)) children=row />
                </tbody>
            </table>
            <Show when=move || found.with(|found| found.2 > 0)>
                <button class="events-more" on:click=move |_| until.set(None)>{move || store.words().ladder.newest}</button>
            </Show>
        </div>
    }
}

/// What may still change in a row: its result, and the name of who it is about.
fn key(row: &table::Row) -> (bool, usize) {
    (matches!(row.result, None | Some(Say::Waiting { .. })), row.who.len())
}
