//! The console's upper half: what a client said and what came back, as in a REPL.

use super::console::Tabbed;
use super::desk::Desk;
use super::parts::{El, button, el, watch};
use crate::live::{Live, Memo};
use crate::model::story::{Line, Rest};
use crate::model::wording;
use crate::store::{Selection, Store};
use crate::typed::escape;
use leptos::prelude::*;
use protocol::ids::Seq;
use web_sys::HtmlElement;

/// So many lines are shown, and so many bytes of each: the ladder has the rest.
const LINES: usize = 200;
const BYTES: usize = 400;

/// The transcript of one client.
#[must_use]
pub fn transcript(current: Memo<Option<Tabbed>>, high: Live<u32>) -> El {
    let store = Store::get();
    let desk = Desk::get();
    let lines = Memo::new(move || {
        let Some(tab) = current.get() else { return Vec::new() };
        let mut lines = store.read(|story| story.transcript(tab.client.program));
        lines.split_off(lines.len().saturating_sub(LINES))
    });
    // One announcement when an answer is complete, none for its pieces.
    Effect::new(move |before: Option<u64>| {
        let answered = lines.with(|lines| match lines.last() {
            Some(Line::Received { seq, len, rest: Rest::Nothing | Rest::Cut(_) | Rest::Unknown, .. }) => {
                Some((seq.0, *len))
            }
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
    let shown = move || {
        let words = store.words();
        lines.with(|lines| match lines.as_slice() {
            [] => vec![el("div").child(el("small").text(words.console.empty))],
            lines => lines.iter().map(|line| show(store, line)).collect(),
        })
    };
    let term = el("div").class("term").attr("tabindex", "0").attr("role", "log").attr("aria-live", "off").region(shown);
    let place = term.cast::<HtmlElement>();
    watch(move || {
        // Fails only for a name that is none.
        let _ = place.style().set_property("height", &[&high.get().to_string(), "px"].concat());
    });
    let element = term.element().clone();
    // The newest line is what one wants to see.
    watch(move || {
        lines.track();
        let element = element.clone();
        request_animation_frame(move || element.set_scroll_top(element.scroll_height()));
    });
    term
}

fn show(store: Store, line: &Line) -> El {
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
            entry(store, "said", &said, *seq, &format!("send({len}) {outcome}{times}"), matches!(result, Some(Err(_))))
        }
        Line::Received { seq, data, len, recvs, took, rest, .. } => {
            let took = took.map(wording::time);
            let sum = (words.console.received)(*len, *recvs, took.as_deref());
            let rest = match rest {
                Rest::Nothing => words.console.nothing_missing.to_owned(),
                Rest::Late(bytes) => (words.console.missing)(*bytes),
                Rest::Cut(bytes) => (words.console.cut)(*bytes),
                Rest::Unknown => String::new(),
            };
            let sum = if rest.is_empty() { sum } else { [&sum, " · ", &rest].concat() };
            entry(store, "heard", &excerpt(data), *seq, &sum, false)
        }
        Line::Call { seq, call, result } => {
            let outcome = match result {
                None => words.console.waiting.to_owned(),
                Some(Ok(value)) => format!("= {value}"),
                Some(Err(error)) => failed(error),
            };
            entry(store, "", "", *seq, &[call, " ", &outcome].concat(), matches!(result, Some(Err(_))))
        }
        Line::End => el("div").child(el("small").text(words.console.end)),
    }
}

/// The bytes, and a sentence about them that leads to their event on the ladder.
fn entry(store: Store, class: &str, bytes: &str, seq: Seq, sentence: &str, bad: bool) -> El {
    let jump = button("jump").text(sentence).press(move || store.selection.set(Some(Selection::Event(seq))));
    let row = el("div").class(if bad { "bad" } else { "" });
    row.child(el("span").class(class).text(bytes)).text(" ").child(jump)
}

fn excerpt(data: &[u8]) -> String {
    let mut text = escape(&data[..data.len().min(BYTES)]);
    if data.len() > BYTES {
        text.push('…');
    }
    text
}
