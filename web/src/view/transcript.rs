//! The console's upper half: what a client said and what came back, as in a REPL.

use super::console::Tabbed;
use super::desk::Desk;
use super::parts::{live, press};
use crate::model::story::Line;
use crate::model::wording;
use crate::store::{Selection, Store};
use crate::typed::escape;
use leptos::html::Div;
use leptos::prelude::*;
use protocol::ids::Seq;

/// So many lines are shown, and so many bytes of each: the ladder has the rest.
const LINES: usize = 200;
const BYTES: usize = 400;

/// The transcript of one client.
pub fn transcript(current: Memo<Option<Tabbed>>) -> AnyView {
    let store = Store::get();
    let desk = Desk::get();
    let node = NodeRef::<Div>::new();
    let lines = Memo::new(move |_| {
        let Some(tab) = current.get() else { return Vec::new() };
        let mut lines = store.read(|story| story.transcript(tab.client.program));
        lines.split_off(lines.len().saturating_sub(LINES))
    });
    // The newest line is what one wants to see.
    Effect::new(move |_| {
        lines.track();
        if let Some(node) = node.get() {
            request_animation_frame(move || node.set_scroll_top(node.scroll_height()));
        }
    });
    // One announcement when an answer is complete, none for its pieces.
    Effect::new(move |before: Option<u64>| {
        let answered = lines.with(|lines| match lines.last() {
            Some(Line::Received { seq, len, missing: 0, .. }) => Some((seq.0, *len)),
            _ => None,
        });
        let before = before.unwrap_or_default();
        let Some((seq, len)) = answered else { return before };
        if seq > before
            && let Some(tab) = current.get_untracked()
        {
            desk.aloud.set((store.words().console.heard)(&tab.name(store), len));
        }
        seq
    });
    let shown = live(move || {
        let words = store.words();
        lines.with(|lines| {
            if lines.is_empty() {
                return Some(view! { <div><small>{words.console.empty}</small></div> }.into_any());
            }
            Some(lines.iter().map(|line| show(store, line)).collect_view().into_any())
        })
    });
    view! {
        <div class="term" node_ref=node tabindex="0" role="log" aria-live="off">
            {shown}
        </div>
    }
    .into_any()
}

fn show(store: Store, line: &Line) -> AnyView {
    let words = store.words();
    let failed = |error| format!("✗ {}", (words.trouble.call)(error));
    match line {
        Line::Sent { seq, data, len, times, result, .. } => {
            let outcome = match result {
                None => words.console.waiting.to_owned(),
                Some(Ok(sent)) => format!("= {sent}"),
                Some(Err(error)) => failed(error),
            };
            let times = if *times > 1 { [" · ", &(words.console.times)(*times)].concat() } else { String::new() };
            let said = [">>> ", &excerpt(data)].concat();
            entry(store, "said", said, *seq, format!("send({len}) {outcome}{times}"), matches!(result, Some(Err(_))))
        }
        Line::Received { seq, data, len, recvs, took, missing, .. } => {
            let took = took.map(wording::time);
            let sum = (words.console.received)(*len, *recvs, took.as_deref());
            let rest = match missing {
                0 => words.console.nothing_missing.to_owned(),
                missing => (words.console.missing)(*missing),
            };
            entry(store, "heard", excerpt(data), *seq, [&sum, " · ", &rest].concat(), false)
        }
        Line::Call { seq, call, result } => {
            let outcome = match result {
                None => words.console.waiting.to_owned(),
                Some(Ok(value)) => format!("= {value}"),
                Some(Err(error)) => failed(error),
            };
            entry(store, "", String::new(), *seq, [call, " ", &outcome].concat(), matches!(result, Some(Err(_))))
        }
        Line::End => view! { <div><small>{words.console.end}</small></div> }.into_any(),
    }
}

/// The bytes, and a sentence about them that leads to their event on the ladder.
fn entry(store: Store, class: &'static str, bytes: String, seq: Seq, sentence: String, bad: bool) -> AnyView {
    let jump = press(move || store.selection.set(Some(Selection::Event(seq))));
    let row = if bad { "bad" } else { "" };
    view! {
        <div class=row>
            <span class=class>{bytes}</span>
            " "
            <button class="jump" type="button" on:click=jump>
                {sentence}
            </button>
        </div>
    }
    .into_any()
}

fn excerpt(data: &[u8]) -> String {
    let mut text = escape(&data[..data.len().min(BYTES)]);
    if data.len() > BYTES {
        text.push('…');
    }
    text
}
