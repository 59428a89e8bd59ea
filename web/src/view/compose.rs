//! The message to send, and the buttons that end a connection.

use super::can::{Can, Why};
use super::console::Tabbed;
use super::desk::Desk;
use super::file::{self, Progress};
use super::history::History;
use super::parts::{Pressed, Said, aria, changed, holds, live, press, say, text, when};
use crate::store::Store;
use crate::typed::{self, Mistake, Mode};
use leptos::html::Input;
use leptos::prelude::*;
use protocol::bytes::Bytes;
use protocol::call::Direction;
use protocol::command::{ClientAction, Command};
use web_sys::KeyboardEvent;

/// How many sends one press can ask for.
const MOST_REPEAT: u32 = 10_000;

/// The state of the composer. A handle: copies share everything.
#[derive(Clone, Copy)]
struct Draft {
    store: Store,
    desk: Desk,
    current: Memo<Option<Tabbed>>,
    can: Memo<Can>,
    mode: RwSignal<Mode>,
    text: RwSignal<String>,
    repeat: RwSignal<u32>,
    mistake: RwSignal<Option<Mistake>>,
    progress: RwSignal<Option<Progress>>,
    /// A file that no datagram can carry was chosen.
    too_long: RwSignal<bool>,
    history: StoredValue<History>,
    chooser: NodeRef<Input>,
}

impl Draft {
    fn new(current: Memo<Option<Tabbed>>) -> Self {
        let store = Store::get();
        let can =
            move |tab: &Option<Tabbed>| tab.as_ref().map_or(Can::nothing(Why::Closed), |tab| Can::now(store, tab));
        Self {
            store,
            desk: Desk::get(),
            current,
            can: Memo::new(move |_| current.with(can)),
            mode: RwSignal::new(Mode::Text),
            text: RwSignal::new("hello".into()),
            repeat: RwSignal::new(1),
            mistake: RwSignal::new(None),
            progress: RwSignal::new(None),
            too_long: RwSignal::new(false),
            history: StoredValue::new(History::default()),
            chooser: NodeRef::new(),
        }
    }

    fn tell(&self, action: ClientAction) {
        if let Some(tab) = self.current.get_untracked() {
            self.desk.act(self.store, Command::Client { client: tab.client.program, action });
        }
    }

    fn send(&self) {
        if !self.can.get_untracked().send {
            return;
        }
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
        let Some(input) = self.chooser.get_untracked() else { return };
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
pub fn composer(current: Memo<Option<Tabbed>>) -> AnyView {
    let draft = Draft::new(current);
    let store = draft.store;
    let can_send = holds(move || draft.can.get().send);
    let busy =
        holds(move || !can_send.get() || draft.progress.with(|progress| matches!(progress, Some(Progress::Going(..)))));
    let typing = holds(move || draft.mode.get() != Mode::File);
    let wrong = holds(move || draft.mistake.get().is_some());
    let placeholder = text(move || {
        let words = &store.words().console;
        let example = words.placeholders[usize::from(draft.mode.get() == Mode::Hex)];
        draft.can.get().why.map_or(example, |why| why.say(store)).to_owned()
    });
    let modes = [Mode::Text, Mode::Hex, Mode::File].map(|mode| {
        let choose = press(move || {
            draft.mode.set(mode);
            draft.fresh();
        });
        let name = text(move || store.words().console.modes[mode as usize].to_owned());
        view! {
            <button type="button" aria-pressed=aria(holds(move || draft.mode.get() == mode)) on:click=choose>
                {name}
            </button>
        }
    });
    let on_input = changed(move |typed| {
        draft.text.set(typed);
        draft.fresh();
    });
    let repeat = changed(move |typed| draft.repeat.set(typed.parse().unwrap_or(1).clamp(1, MOST_REPEAT)));
    let connect = when(holds(move || draft.can.get().connect), move || {
        let label: Said = |words| words.console.connect;
        let act = press(move || draft.tell(ClientAction::Connect));
        view! {
            <button class="btn primary" type="button" on:click=act>
                {say(label)}
            </button>
        }
        .into_any()
    });
    let cancel =
        when(holds(move || draft.progress.with(|progress| matches!(progress, Some(Progress::Going(..))))), move || {
            let act = press(move || draft.progress.set(None));
            let (done, all) = (move || far(draft).0, move || far(draft).1);
            view! {
                <progress max=text(all) value=text(done)></progress>
                <button class="btn small" type="button" on:click=act>
                    {say(|words| words.console.cancel)}
                </button>
            }
            .into_any()
        });
    let note = live(move || {
        let note = draft.note();
        (!note.is_empty()).then(|| view! { <span>{note}</span> }.into_any())
    });
    view! {
        <form
            class="compose"
            on:submit=move |event| {
                event.prevent_default();
                draft.send();
            }
        >
            <div class="seg modes" role="group" aria-label=say(|words| words.console.mode)>
                {modes}
            </div>
            <input
                id="message"
                class="field in"
                class:hidden=holds(move || !typing.get())
                class:wrong=wrong
                type="text"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                enterkeyhint="send"
                aria-label=say(|words| words.console.message)
                aria-describedby="compose-note"
                aria-invalid=aria(wrong)
                placeholder=placeholder
                prop:value=draft.text
                on:input=on_input
                on:keydown=move |event| draft.arrow(&event)
            />
            <input
                class="field in"
                class:hidden=typing
                type="file"
                node_ref=draft.chooser
                aria-label=say(|words| words.console.choose_file)
                on:change=changed(move |_| draft.fresh())
            />
            <label class="repeat">
                "×"
                <input
                    class="field"
                    type="number"
                    min="1"
                    max=MOST_REPEAT
                    aria-label=say(|words| words.console.repeat)
                    title=say(|words| words.console.repeat)
                    prop:value=text(move || draft.repeat.get().to_string())
                    on:change=repeat
                />
            </label>
            <span class="acts">
                {connect} <button class="btn" class:primary=can_send type="submit" disabled=busy>
                    {say(|words| words.console.send)}
                    <kbd>"↵"</kbd>
                </button>
                {ending(
                    draft,
                    |words| words.console.shut_down,
                    |words| words.console.shut_down_title,
                    |can| can.shut,
                    press(move || draft.tell(ClientAction::Shutdown(Direction::Out))),
                )}
                {ending(
                    draft,
                    |words| words.console.close,
                    |words| words.console.close_title,
                    |can| can.end,
                    press(move || draft.tell(ClientAction::Close)),
                )}
                {ending(
                    draft,
                    |words| words.console.abort,
                    |words| words.console.abort_title,
                    |can| can.end,
                    press(move || draft.tell(ClientAction::Abort)),
                )}
            </span>
            <p id="compose-note" class="compose-note" role="status">
                {note}
                {cancel}
            </p>
        </form>
    }
    .into_any()
}

fn far(draft: Draft) -> (String, String) {
    match draft.progress.get() {
        Some(Progress::Going(done, all)) => (done.to_string(), all.max(1).to_string()),
        _ => ("1".into(), "1".into()),
    }
}

/// A button that ends something; it says why it cannot.
fn ending(draft: Draft, label: Said, title: Said, enabled: fn(Can) -> bool, act: Pressed) -> AnyView {
    let store = draft.store;
    let off = holds(move || !enabled(draft.can.get()));
    let title = text(move || {
        let why = draft.can.get().why.filter(|_| off.get());
        why.map_or_else(|| title(store.words()), |why| why.say(store)).to_owned()
    });
    view! {
        <button class="btn" type="button" disabled=off title=title on:click=act>
            {say(label)}
        </button>
    }
    .into_any()
}
