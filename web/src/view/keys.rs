//! The keyboard: keys that work everywhere, and the list of them.

use super::desk::{Desk, Dialog, focus};
use super::find::Finder;
use super::parts::{El, el};
use super::shelf::Shelf;
use super::time;
use super::wire::{catch, caught};
use crate::part;
use crate::source::Trouble;
use crate::store::Store;
use crate::time::TimeAction;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::capability::Ability;
use protocol::command::{Command, ServerAction};
use protocol::program::{Role, Setting};
use protocol::wire::{Verdict, WireAction};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

/// Listens on the window. Never while somebody types.
pub fn listen(store: Store, desk: Desk, shelf: Shelf) {
    let finder = Finder::get();
    let handle = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        if shelf.press(&event) {
            return event.prevent_default();
        }
        let key = event.key().to_ascii_lowercase();
        // The browser finds what is in the document, and most of a long story is not.
        if key == "f" && (event.ctrl_key() || event.meta_key()) && !event.alt_key() && !event.shift_key() {
            event.prevent_default();
            finder.show();
            return;
        }
        if event.ctrl_key() || event.alt_key() || event.meta_key() || event.is_composing() {
            return;
        }
        let element = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
        let tag = element.as_ref().map(|element| element.tag_name()).unwrap_or_default();
        if matches!(tag.as_str(), "INPUT" | "TEXTAREA" | "SELECT") {
            if event.key() == "Escape" {
                element.into_iter().for_each(|element| {
                    // Fails for nothing that has the focus.
                    let _ = element.blur();
                });
            }
            return;
        }
        // Space presses a focused button and opens a focused summary: that comes first.
        if event.key() == " " && matches!(tag.as_str(), "BUTTON" | "SUMMARY" | "A") {
            return;
        }
        if desk.dialog.get_untracked().is_some() {
            return;
        }
        // An open menu has the keyboard.
        if document().query_selector(":popover-open").ok().flatten().is_some() {
            return;
        }
        let key = event.key();
        // Where there is something to scroll these keys scroll it; a presenter's remote is heard everywhere else.
        let pages = |element: &HtmlElement| matches!(element.closest("[tabindex], aside"), Ok(Some(_)));
        if key.starts_with("Page") && element.as_ref().is_some_and(pages) {
            return;
        }
        let key = if key.len() == 1 { key.to_ascii_lowercase() } else { key };
        if press(store, desk, finder, &key) {
            event.prevent_default();
        }
    });
    on_cleanup(move || handle.remove());
}

/// Does what the key stands for; false if it stands for nothing.
fn press(store: Store, desk: Desk, finder: Finder, key: &str) -> bool {
    match key {
        // What a presenter's remote sends to black the screen.
        " " | "b" => store.freeze(store.frozen.get_untracked().is_none()),
        "n" => {
            desk.form.set(true);
            focus("transport");
        }
        "m" => focus("message"),
        "/" => finder.show(),
        "p" => {
            let reading = store.settings.with_untracked(|settings| settings.wanted.reading);
            desk.act(store, Command::Server(ServerAction::Set(Setting::Reading(!reading))));
        }
        "d" if caught::decide(store, desk, Verdict::Drop) => {}
        "l" if caught::decide(store, desk, Verdict::LetGo) => {}
        "t" if caught::decide(store, desk, Verdict::Twice) => {}
        "h" if store.can(Ability::Wire) => {
            let hold = store.wire_now(|wire| wire.hold);
            desk.act(store, Command::Wire(WireAction::Hold(!hold)));
        }
        "c" if store.can(Ability::Wire) => catch::toggle(store, desk),
        "k" if store.can(Ability::VirtualTime) => time::pause(store),
        "." if store.can(Ability::VirtualTime) => store.act_on_time(TimeAction::Step),
        "," if store.can(Ability::VirtualTime) => time::back(store),
        "t" => desk.table.update(|table| *table = !*table),
        "ArrowRight" | "PageDown" => desk.steps.step(store, desk, true),
        "ArrowLeft" | "PageUp" => desk.steps.step(store, desk, false),
        "v" => store.compare(),
        "w" => spawn_local(async move {
            if part::walk_further(desk.walk, store, desk).await.is_err() {
                desk.trouble.set(Some(Trouble::NotLoaded));
            }
        }),
        "Backspace" => desk.walk.back(store),
        "z" => desk.project(),
        "[" => desk.toggle(desk.left, "left"),
        "]" => desk.toggle(desk.right, "right"),
        "?" => desk.dialog.set(Some(Dialog::Keys)),
        "Escape" => {
            desk.sheet.set(false);
            store.selection.set(None);
        }
        digit => {
            let Ok(number @ 1..=9) = digit.parse::<usize>() else { return false };
            let client = store.peek(|story| {
                let clients = story.clients();
                let mut ours = clients.iter().filter(|client| client.role == Role::Client);
                ours.nth(number - 1).map(|client| client.program)
            });
            let Some(client) = client else { return false };
            store.followed.set(Some(client));
            desk.form.set(false);
            focus("message");
        }
    }
    true
}

/// The list of keys.
#[must_use]
pub fn list() -> El {
    let store = Store::get();
    let rows = el("dl").class("keys").region(move || {
        let row = |(key, does): &(&str, &str)| [el("dt").child(el("kbd").text(key)), el("dd").text(does)];
        store.words().shell.key_list.iter().flat_map(row).collect()
    });
    el("div").child(rows).child(el("p").class("aside").say(|words| words.shell.keys_note))
}
