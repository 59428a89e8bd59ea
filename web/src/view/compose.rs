//! The message to send, and the buttons that end a connection.

use super::console::Tabbed;
use super::desk::Desk;
use super::file::{self, Progress};
use crate::model::story::ClientPhase;
use crate::source::Link;
use crate::store::Store;
use crate::typed::{self, Mistake, Mode};
use leptos::html::Input;
use leptos::prelude::*;
use protocol::bytes::Bytes;
use protocol::call::Direction;
use protocol::command::{ClientAction, Command};
use protocol::program::Owner;
use web_sys::KeyboardEvent;

/// How many sends one press can ask for.
const MOST_REPEAT: u32 = 10_000;
/// How many messages are remembered.
const HISTORY: usize = 100;

/// What the client in front can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Can {
    connect: bool,
    send: bool,
    shut: bool,
    end: bool,
    /// Why it cannot send.
    why: Option<Why>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    Away,
    NotYours,
    NotConnected,
    Connecting,
    Shut,
    Closed,
}

impl Can {
    fn nothing(why: Why) -> Self {
        Self { connect: false, send: false, shut: false, end: false, why: Some(why) }
    }

    fn now(store: Store, tab: &Tabbed) -> Self {
        let client = &tab.client;
        let member = store.welcome.with(|welcome| welcome.as_ref().map(|welcome| welcome.member));
        if store.link.get() != Link::Live {
            return Self::nothing(Why::Away);
        }
        if let Owner::Member(owner) = client.owner
            && Some(owner) != member
        {
            return Self::nothing(Why::NotYours);
        }
        let stream = client.transport.is_none_or(protocol::Transport::is_stream);
        let state = store.read(|story| story.client_state(client.program));
        let all = Self { connect: false, send: true, shut: stream, end: true, why: None };
        match state.phase {
            _ if client.ended => Self::nothing(Why::Closed),
            ClientPhase::Closed => Self::nothing(Why::Closed),
            ClientPhase::Connecting => Self { send: false, shut: false, why: Some(Why::Connecting), ..all },
            // A datagram socket may send without connecting.
            ClientPhase::Opened if !stream => Self { connect: true, ..all },
            ClientPhase::Opened => {
                Self { connect: true, send: false, shut: false, why: Some(Why::NotConnected), ..all }
            }
            ClientPhase::Ready if state.shut => Self { send: false, shut: false, why: Some(Why::Shut), ..all },
            ClientPhase::Ready => all,
        }
    }
}

fn reason(store: Store, why: Why) -> &'static str {
    let words = &store.words().console;
    match why {
        Why::Away => words.is_away,
        Why::NotYours => words.not_yours,
        Why::NotConnected => words.first_connect,
        Why::Connecting => words.is_connecting,
        Why::Shut => words.is_shut,
        Why::Closed => words.is_closed,
    }
}

/// The messages sent so far, and where the arrow keys are among them.
#[derive(Default)]
struct History {
    sent: Vec<String>,
    at: usize,
}

impl History {
    fn push(&mut self, message: String) {
        self.sent.retain(|old| *old != message);
        self.sent.push(message);
        if self.sent.len() > HISTORY {
            self.sent.remove(0);
        }
        self.at = self.sent.len();
    }

    fn earlier(&mut self) -> Option<&str> {
        self.at = self.at.checked_sub(1)?;
        self.sent.get(self.at).map(String::as_str)
    }

    fn later(&mut self) -> &str {
        self.at = (self.at + 1).min(self.sent.len());
        self.sent.get(self.at).map_or("", String::as_str)
    }
}

/// The composer.
#[component]
pub fn Composer(
    /// The client in front.
    current: Memo<Option<Tabbed>>,
) -> impl IntoView {
    let store = Store::get();
    let desk = Desk::get();
    let mode = RwSignal::new(Mode::Text);
    let text = RwSignal::new(String::from("hello"));
    let repeat = RwSignal::new(1_u32);
    let mistake = RwSignal::new(None::<Mistake>);
    let progress = RwSignal::new(None::<Progress>);
    let history = StoredValue::new(History::default());
    let chooser = NodeRef::<Input>::new();
    let can = Memo::new(move |_| {
        current.with(|tab| tab.as_ref().map_or(Can::nothing(Why::Closed), |tab| Can::now(store, tab)))
    });
    let going = move || matches!(progress.get(), Some(Progress::Going(..)));
    let tell = move |action: ClientAction| {
        if let Some(tab) = current.get_untracked() {
            desk.act(store, Command::Client { client: tab.client.program, action });
        }
    };
    let send_file = move || {
        let Some(tab) = current.get_untracked() else { return };
        let chosen = chooser.get_untracked().and_then(|input| input.files()).and_then(|files| files.get(0));
        let Some(file) = chosen else {
            return chooser.get_untracked().into_iter().for_each(|input| input.click());
        };
        let stream = tab.client.transport.is_none_or(protocol::Transport::is_stream);
        if !stream && file.size() as u64 > file::DATAGRAM {
            progress.set(None);
            mistake.set(None);
            return desk.aloud.set((store.words().console.file_too_long)(file::DATAGRAM));
        }
        file::send(store, tab.client.program, file, stream, progress);
    };
    let send = move || {
        if !can.get_untracked().send {
            return;
        }
        if mode.get_untracked() == Mode::File {
            return send_file();
        }
        let typed = text.get_untracked();
        match typed::bytes(mode.get_untracked(), &typed) {
            Err(wrong) => mistake.set(Some(wrong)),
            Ok(data) => {
                mistake.set(None);
                history.update_value(|history| history.push(typed));
                tell(ClientAction::Send { data: Bytes(data), repeat: repeat.get_untracked() });
                text.set(String::new());
            }
        }
    };
    let on_key = move |event: KeyboardEvent| {
        if event.is_composing() {
            return;
        }
        match event.key().as_str() {
            "ArrowUp" => {
                if let Some(earlier) =
                    history.try_update_value(|history| history.earlier().map(str::to_owned)).flatten()
                {
                    text.set(earlier);
                }
                event.prevent_default();
            }
            "ArrowDown" => {
                if let Some(later) = history.try_update_value(|history| history.later().to_owned()) {
                    text.set(later);
                }
                event.prevent_default();
            }
            _ => {}
        }
    };
    let placeholder = move || {
        let words = &store.words().console;
        match can.get().why {
            Some(why) => reason(store, why),
            None => words.placeholders[usize::from(mode.get() == Mode::Hex)],
        }
    };
    let why = move || can.get().why.map(|why| reason(store, why));
    let ending = move |class: &'static str,
                       label: fn(Store) -> &'static str,
                       title: fn(Store) -> &'static str,
                       enabled: fn(Can) -> bool,
                       action: ClientAction| {
        view! {
            <button
                class=class
                type="button"
                disabled=move || !enabled(can.get())
                title=move || if enabled(can.get()) { title(store) } else { why().unwrap_or_default() }
                on:click=move |_| tell(action.clone())
            >
                {move || label(store)}
            </button>
        }
    };
    view! {
        <form
            class="compose"
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            <div class="seg modes" role="group" aria-label=move || store.words().console.mode>
                {[Mode::Text, Mode::Hex, Mode::File]
                    .map(|one| {
                        view! {
                            <button
                                type="button"
                                aria-pressed=move || (mode.get() == one).to_string()
                                on:click=move |_| {
                                    mode.set(one);
                                    mistake.set(None);
                                }
                            >
                                {move || store.words().console.modes[one as usize]}
                            </button>
                        }
                    })}
            </div>
            <input
                id="message"
                class="field in"
                class:hidden=move || mode.get() == Mode::File
                class:wrong=move || mistake.get().is_some()
                type="text"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                enterkeyhint="send"
                aria-label=move || store.words().console.message
                aria-describedby="compose-note"
                aria-invalid=move || mistake.get().is_some().to_string()
                placeholder=placeholder
                prop:value=move || text.get()
                on:input=move |event| {
                    text.set(event_target_value(&event));
                    mistake.set(None);
                }
                on:keydown=on_key
            />
            <input
                class="field in"
                class:hidden=move || mode.get() != Mode::File
                type="file"
                node_ref=chooser
                aria-label=move || store.words().console.choose_file
                on:change=move |_| progress.set(None)
            />
            <label class="repeat">
                "×"
                <input
                    class="field"
                    type="number"
                    min="1"
                    max=MOST_REPEAT
                    aria-label=move || store.words().console.repeat
                    title=move || store.words().console.repeat
                    prop:value=move || repeat.get()
                    on:change=move |event| {
                        repeat.set(event_target_value(&event).parse().unwrap_or(1).clamp(1, MOST_REPEAT));
                    }
                />
            </label>
            <span class="acts">
                <Show when=move || can.get().connect>
                    {ending(
                        "btn primary",
                        |store| store.words().console.connect,
                        |store| store.words().console.connect,
                        |can| can.connect,
                        ClientAction::Connect,
                    )}
                </Show>
                <button
                    class="btn"
                    class:primary=move || can.get().send
                    type="submit"
                    disabled=move || !can.get().send || going()
                    title=move || why()
                >
                    {move || store.words().console.send}
                    <kbd>"↵"</kbd>
                </button>
                {ending(
                    "btn",
                    |store| store.words().console.shut_down,
                    |store| store.words().console.shut_down_title,
                    |can| can.shut,
                    ClientAction::Shutdown(Direction::Out),
                )}
                {ending(
                    "btn",
                    |store| store.words().console.close,
                    |store| store.words().console.close_title,
                    |can| can.end,
                    ClientAction::Close,
                )}
                {ending(
                    "btn",
                    |store| store.words().console.abort,
                    |store| store.words().console.abort_title,
                    |can| can.end,
                    ClientAction::Abort,
                )}
            </span>
            <p id="compose-note" class="compose-note" role="status">
                {move || {
                    let words = store.words();
                    if let Some(mistake) = mistake.get() {
                        return Some((words.console.mistake)(mistake));
                    }
                    match progress.get() {
                        None => why().map(str::to_owned),
                        Some(Progress::Going(done, all)) => Some((words.console.progress)(done, all)),
                        Some(Progress::Done(all)) => Some((words.console.file_sent)(all)),
                        Some(Progress::Unreadable) => Some(words.console.file_unreadable.into()),
                        Some(Progress::Refused(trouble)) => Some((words.trouble.command)(&trouble)),
                    }
                }}
                <Show when=going>
                    <progress
                        max="1"
                        value=move || match progress.get() {
                            Some(Progress::Going(done, all)) => done as f64 / all.max(1) as f64,
                            _ => 1.0,
                        }
                    ></progress>
                    <button class="btn small" type="button" on:click=move |_| progress.set(None)>
                        {move || store.words().console.cancel}
                    </button>
                </Show>
            </p>
        </form>
    }
}
