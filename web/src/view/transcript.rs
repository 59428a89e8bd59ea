//! The console's upper half: what a client said and what came back, as in a REPL.

use super::console::Tabbed;
use super::desk::Desk;
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
#[component]
pub fn Transcript(
    /// The client in front.
    current: Memo<Option<Tabbed>>,
) -> impl IntoView {
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
    view! {
        <div class="term" node_ref=node tabindex="0" role="log" aria-live="off">
            {move || {
                let words = store.words();
                lines
                    .with(|lines| {
                        if lines.is_empty() {
                            return view! { <div><small>{words.console.empty}</small></div> }.into_any();
                        }
                        lines.iter().map(|line| show(store, line)).collect_view().into_any()
                    })
            }}
        </div>
    }
}

fn show(store: Store, line: &Line) -> AnyView {
    let words = store.words();
    match line {
        Line::Sent { seq, data, len, times, result, took: _, .. } => {
            let call = format!("send({len})");
            let outcome = match result {
                None => words.console.waiting.to_owned(),
                Some(Ok(sent)) => format!("= {sent}"),
                Some(Err(error)) => format!("✗ {}", (words.trouble.call)(error)),
            };
            let times = (*times > 1).then(|| [" · ", &(words.console.times)(*times)].concat());
            view! {
                <div class:bad=matches!(result, Some(Err(_)))>
                    <b>">>> " {excerpt(data)}</b>
                    " "
                    <Jump seq=*seq>{call} " " {outcome} {times}</Jump>
                </div>
            }
            .into_any()
        }
        Line::Received { seq, data, len, recvs, took, missing, .. } => {
            let took = took.map(wording::time);
            let sum = (words.console.received)(*len, *recvs, took.as_deref());
            let rest =
                if *missing == 0 { words.console.nothing_missing.into() } else { (words.console.missing)(*missing) };
            view! {
                <div>
                    <i>{excerpt(data)}</i>
                    " "
                    <Jump seq=*seq>{sum} " · " {rest}</Jump>
                </div>
            }
            .into_any()
        }
        Line::Call { seq, call, result } => {
            let outcome = match result {
                None => words.console.waiting.to_owned(),
                Some(Ok(value)) => format!("= {value}"),
                Some(Err(error)) => format!("✗ {}", (words.trouble.call)(error)),
            };
            let call = call.clone();
            view! {
                <div class:bad=matches!(result, Some(Err(_)))>
                    <Jump seq=*seq>{call} " " {outcome}</Jump>
                </div>
            }
            .into_any()
        }
        Line::End => view! { <div><small>{words.console.end}</small></div> }.into_any(),
    }
}

/// Text that leads to its event on the ladder.
#[component]
fn Jump(seq: Seq, children: Children) -> impl IntoView {
    let store = Store::get();
    view! {
        <button class="jump" on:click=move |_| store.selection.set(Some(Selection::Event(seq)))>
            {children()}
        </button>
    }
}

fn excerpt(data: &[u8]) -> String {
    let mut text = escape(&data[..data.len().min(BYTES)]);
    if data.len() > BYTES {
        text.push('…');
    }
    text
}
