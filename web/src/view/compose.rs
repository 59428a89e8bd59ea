//! The message to send, and the buttons that end a connection.

use super::can::{Can, Why};
use super::console::Tabbed;
use super::desk::Desk;
use super::file::{self, Progress};
use super::history::History;
use super::parts::{El, Said, button, el, holds, number, watch, worded};
use crate::live::{Live, Memo};
use crate::store::Store;
use crate::typed::{self, Mistake, Mode};
use leptos::prelude::*;
use protocol::bytes::Bytes;
use protocol::call::Direction;
use protocol::command::{ClientAction, Command};
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, KeyboardEvent};

/// How many sends one press can ask for.
const MOST_REPEAT: u32 = 10_000;

/// The state of the composer. A handle: copies share everything.
#[derive(Clone, Copy)]
struct Draft {
    store: Store,
    desk: Desk,
    current: Memo<Option<Tabbed>>,
    can: Memo<Can>,
    mode: Live<Mode>,
    text: Live<String>,
    repeat: Live<u32>,
    mistake: Live<Option<Mistake>>,
    /// What was typed goes as soon as `connect` has returned.
    eager: Live<bool>,
    progress: Live<Option<Progress>>,
    /// A file that no datagram can carry was chosen.
    too_long: Live<bool>,
    history: StoredValue<History>,
    /// The field that chooses a file.
    chooser: StoredValue<HtmlInputElement, LocalStorage>,
}

impl Draft {
    fn new(current: Memo<Option<Tabbed>>) -> Self {
        let store = Store::get();
        let can = move |tab: &Option<Tabbed>| {
            tab.as_ref().map_or_else(|| Can::nothing(Can::nobody(store)), |tab| Can::now(store, tab))
        };
        Self {
            store,
            desk: Desk::get(),
            current,
            can: Memo::new(move || current.with(can)),
            mode: Live::new(Mode::Text),
            text: Live::new("hello".into()),
            repeat: Live::new(1),
            mistake: Live::new(None),
            eager: Live::new(false),
            progress: Live::new(None),
            too_long: Live::new(false),
            history: StoredValue::new(History::default()),
            chooser: StoredValue::new_local(el("input").class("field in").attr("type", "file").cast()),
        }
    }

    fn tell(&self, action: ClientAction) {
        if let Some(tab) = self.current.get_untracked() {
            self.desk.act(self.store, Command::Client { client: tab.client.program, action });
        }
    }

    fn connect(&self) {
        if let Some(tab) = self.current.get_untracked() {
            self.desk.connect(self.store, tab.client.program);
        }
    }

    /// Whether it can send in a moment: it is connecting, or was told to.
    fn soon(&self) -> bool {
        !self.can.get().send && (self.can.get().why == Some(Why::Connecting) || self.desk.opening.get())
    }

    fn send(&self) {
        let can = self.can.get_untracked();
        if !can.send {
            return self.eager.set(self.soon());
        }
        self.eager.set(false);
        if self.mode.get_untracked() == Mode::File {
            return self.send_file();
        }
        let typed = self.text.get_untracked();
        match typed::bytes(self.mode.get_untracked(), &typed) {
            Err(wrong) => self.mistake.set(Some(wrong)),
            Ok(data) => {
                self.history.update_value(|history| history.push(typed));
                self.tell(ClientAction::Send { data: Bytes(data), repeat: self.repeat.get_untracked() });
                self.text.set(String::new());
            }
        }
    }

    fn send_file(&self) {
        let Some(tab) = self.current.get_untracked() else { return };
        let input = self.chooser.with_value(Clone::clone);
        let Some(file) = input.files().and_then(|files| files.get(0)) else { return input.click() };
        let stream = tab.client.transport.is_none_or(protocol::Transport::is_stream);
        let too_long = !stream && file.size() > file::DATAGRAM as f64;
        self.too_long.set(too_long);
        if !too_long {
            file::send(self.store, tab.client.program, file, stream, self.progress);
        }
    }

    /// What was typed changed: what was wrong with it is not true any more.
    fn fresh(&self) {
        self.eager.set(false);
        self.mistake.set(None);
        self.too_long.set(false);
        if !self.going() {
            self.progress.set(None);
        }
    }

    fn going(&self) -> bool {
        self.progress.with_untracked(|progress| matches!(progress, Some(Progress::Going(..))))
    }

    fn arrow(&self, event: &KeyboardEvent) {
        let recalled = match event.key().as_str() {
            _ if event.is_composing() => return,
            "ArrowUp" => self.history.try_update_value(|history| history.earlier().map(str::to_owned)).flatten(),
            "ArrowDown" => self.history.try_update_value(|history| history.later().to_owned()),
            _ => return,
        };
        event.prevent_default();
        if let Some(message) = recalled {
            self.text.set(message);
            self.fresh();
        }
    }

    /// The line under the field.
    fn note(&self) -> String {
        let words = self.store.words();
        if let Some(mistake) = self.mistake.get() {
            return (words.console.mistake)(mistake);
        }
        if self.too_long.get() {
            return (words.console.file_too_long)(file::DATAGRAM);
        }
        if self.eager.get() {
            return words.console.sends_soon.to_owned();
        }
        match self.progress.get() {
            None => self.can.get().why.map(|why| why.say(self.store).to_owned()).unwrap_or_default(),
            Some(Progress::Going(done, all)) => (words.console.progress)(done, all),
            Some(Progress::Done(all)) => (words.console.file_sent)(all),
            Some(Progress::Unreadable) => words.console.file_unreadable.to_owned(),
            Some(Progress::Refused(trouble)) => (words.trouble.command)(&trouble),
        }
    }
}

/// The composer.
#[must_use]
pub fn composer(current: Memo<Option<Tabbed>>) -> El {
    let draft = Draft::new(current);
    let can_send = holds(move || draft.can.get().send);
    let soon = holds(move || draft.soon());
    // A press that came a moment too early waits for connect() as a program does.
    watch(move || {
        if can_send.get() && draft.eager.get_untracked() {
            untrack(|| draft.send());
        }
    });
    let mut last = None;
    watch(move || {
        let now = current.with(|tab| tab.as_ref().map(|tab| tab.client.program));
        // Another client was not told to send it.
        if last.is_some() && last != now {
            draft.eager.set(false);
        }
        last = now;
    });
    let going = holds(move || draft.progress.with(|progress| matches!(progress, Some(Progress::Going(..)))));
    let busy = holds(move || !(can_send.get() || soon.get()) || going.get());
    let connect = move || worded("btn primary", |words| words.console.connect).press(move || draft.connect());
    let send = el("button")
        .class("btn")
        .class_if("primary", can_send)
        .attr("type", "submit")
        .attr_if("disabled", busy)
        .say(|words| words.console.send)
        .text(" ")
        .child(el("kbd").text("↵"));
    let endings = ENDINGS.map(|(label, title, enabled, action)| ending(draft, label, title, enabled, action));
    let acts =
        el("span").class("acts").when(holds(move || draft.can.get().connect), connect).child(send).children(endings);
    let note = el("p")
        .class("compose-note")
        .attr("id", "compose-note")
        .attr("role", "status")
        .child(el("span").text_as(move || draft.note()))
        .when(going, move || progress(draft));
    el("form")
        .class("compose")
        .child(modes(draft))
        .child(message(draft))
        .child(file_field(draft))
        .child(repeat(draft))
        .child(acts)
        .child(note)
        .on("submit", move |event| {
            event.prevent_default();
            draft.send();
        })
}

fn modes(draft: Draft) -> El {
    let store = draft.store;
    let buttons = [Mode::Text, Mode::Hex, Mode::File].map(|mode| {
        button("")
            .aria("aria-pressed", holds(move || draft.mode.get() == mode))
            .text_as(move || store.words().console.modes[mode as usize].to_owned())
            .press(move || {
                draft.mode.set(mode);
                draft.fresh();
            })
    });
    el("div")
        .class("seg modes")
        .attr("role", "group")
        .attr_said("aria-label", |words| words.console.mode)
        .children(buttons)
}

fn message(draft: Draft) -> El {
    let store = draft.store;
    let wrong = holds(move || draft.mistake.get().is_some());
    let placeholder = move || {
        let example = store.words().console.placeholders[usize::from(draft.mode.get() == Mode::Hex)];
        Some(draft.can.get().why.map_or(example, |why| why.say(store)).to_owned())
    };
    el("input")
        .class("field in")
        .class_if("hidden", holds(move || draft.mode.get() == Mode::File))
        .class_if("wrong", wrong)
        .attr("id", "message")
        .attr("type", "text")
        .attr("autocomplete", "off")
        .attr("autocapitalize", "off")
        .attr("spellcheck", "false")
        .attr("enterkeyhint", "send")
        .attr("aria-describedby", "compose-note")
        .attr_said("aria-label", |words| words.console.message)
        .aria("aria-invalid", wrong)
        .attr_as("placeholder", placeholder)
        .prop("value", move || draft.text.get().into())
        .on("input", move |event| {
            draft.text.set(event_target_value(&event));
            draft.fresh();
        })
        .on("keydown", move |event| draft.arrow(event.unchecked_ref()))
}

fn file_field(draft: Draft) -> El {
    El::from(draft.chooser.with_value(Clone::clone))
        .class_if("hidden", holds(move || draft.mode.get() != Mode::File))
        .attr_said("aria-label", |words| words.console.choose_file)
        .on("change", move |_| draft.fresh())
}

fn repeat(draft: Draft) -> El {
    let set = move |typed: String| draft.repeat.set(typed.parse().unwrap_or(1).clamp(1, MOST_REPEAT));
    let field = number((1, MOST_REPEAT.into()), move || draft.repeat.get().to_string(), set)
        .attr_said("aria-label", |words| words.console.repeat)
        .attr_said("title", |words| words.console.repeat);
    el("label").class("repeat").text("×").child(field)
}

fn progress(draft: Draft) -> El {
    let far = move || match draft.progress.get() {
        Some(Progress::Going(done, all)) => (done, all.max(1)),
        _ => (1, 1),
    };
    let bar = el("progress")
        .attr_as("max", move || Some(far().1.to_string()))
        .attr_as("value", move || Some(far().0.to_string()));
    let cancel = worded("btn small", |words| words.console.cancel).press(move || draft.progress.set(None));
    el("span").class("progress").child(bar).child(cancel)
}

/// A button that ends something: its word, what it does, whether it can, and the command.
type Ending = (Said, Said, fn(Can) -> bool, ClientAction);

const ENDINGS: [Ending; 3] = [
    (
        |words| words.console.shut_down,
        |words| words.console.shut_down_title,
        |can| can.shut,
        ClientAction::Shutdown(Direction::Out),
    ),
    (|words| words.console.close, |words| words.console.close_title, |can| can.end, ClientAction::Close),
    (|words| words.console.abort, |words| words.console.abort_title, |can| can.end, ClientAction::Abort),
];

/// One of them; it says why it cannot.
fn ending(draft: Draft, label: Said, title: Said, enabled: fn(Can) -> bool, action: ClientAction) -> El {
    let store = draft.store;
    let off = holds(move || !enabled(draft.can.get()));
    let title = move || {
        let why = draft.can.get().why.filter(|_| off.get());
        Some(why.map_or_else(|| title(store.words()), |why| why.say(store)).to_owned())
    };
    worded("btn", label).attr_if("disabled", off).attr_as("title", title).press(move || draft.tell(action.clone()))
}
