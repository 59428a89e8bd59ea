//! The state of the frame: what is open, what is said aloud, what went wrong last.

use super::inspector::walk::Walk;
use super::step::Steps;
use crate::i18n::Lang;
use crate::live::Live;
use crate::memory;
use crate::source::{Answered, Trouble};
use crate::store::Store;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::command::{ClientAction, Command, Reply};
use protocol::ids::{ProgramId, ServerId};
use protocol::program::{ClientSpec, Target};
use std::time::Duration;
use wasm_bindgen::JsCast;

/// By then the events that follow a command are here.
const SETTLED: Duration = Duration::from_millis(300);

/// What fills a narrow screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// The ladder.
    Ladder,
    /// The byte tracker.
    Bytes,
    /// The inspector.
    Code,
    /// Servers, sockets, settings.
    More,
}

impl Tab {
    /// All, from left to right.
    pub const ALL: [Self; 4] = [Self::Ladder, Self::Bytes, Self::Code, Self::More];

    /// Its name in the `data-tab` attribute.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ladder => "ladder",
            Self::Bytes => "bytes",
            Self::Code => "code",
            Self::More => "more",
        }
    }
}

/// A list over everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// The keys.
    Keys,
    /// What works here.
    Abilities,
    /// How to join in with a program of one's own.
    Program,
    /// Which conversations of a capture to show.
    Conversations,
}

/// The state of the frame. A handle: copies share everything.
#[derive(Clone, Copy)]
pub struct Desk {
    /// Whether the left panel is open.
    pub left: Live<bool>,
    /// Whether the right panel is open.
    pub right: Live<bool>,
    /// What fills a narrow screen.
    pub tab: Live<Tab>,
    /// Whether the inspector stands over the ladder of a narrow screen.
    pub sheet: Live<bool>,
    /// The list over everything.
    pub dialog: Live<Option<Dialog>>,
    /// Large type and no panels, for those who sit far away.
    pub projector: Live<bool>,
    /// Whether events are shown as a table.
    pub table: Live<bool>,
    /// The console shows the form of a new client.
    pub form: Live<bool>,
    /// A client was told to connect a moment ago, and nothing was heard of it yet.
    pub opening: Live<bool>,
    /// The options of the client in front are shown.
    pub options: Live<bool>,
    /// Walks through what was recorded.
    pub steps: Steps,
    /// Walks from causes to causes.
    pub walk: Walk,
    /// What *Catch next* catches: its place among the sorts, among the directions, and the how many-th.
    pub catch: (Live<usize>, Live<usize>, Live<u32>),
    /// The address of the page points into a story that is not told here.
    pub astray: Live<bool>,
    /// Closed clients whose tabs were put away.
    pub away: Live<Vec<ProgramId>>,
    /// What went wrong last.
    pub trouble: Live<Option<Trouble>>,
    /// What a screen reader says next.
    pub aloud: Live<String>,
}

impl Default for Desk {
    fn default() -> Self {
        Self::new()
    }
}

impl Desk {
    /// As the page is opened on this screen.
    #[must_use]
    pub fn new() -> Self {
        Self {
            left: Live::new(opens("left", "(min-width: 1200px)")),
            right: Live::new(opens("right", "(min-width: 980px)")),
            tab: Live::new(Tab::Ladder),
            sheet: Live::new(false),
            dialog: Live::new(None),
            projector: Live::new(memory::recall(PROJECTOR).as_deref() == Some("yes")),
            table: Live::new(false),
            form: Live::new(false),
            opening: Live::new(false),
            options: Live::new(false),
            steps: Steps::default(),
            walk: Walk::default(),
            catch: (Live::new(0), Live::new(0), Live::new(1)),
            astray: Live::new(false),
            away: Live::new(Vec::new()),
            trouble: Live::new(None),
            aloud: Live::new(String::new()),
        }
    }

    /// The one that [`crate::app`] provides.
    #[must_use]
    pub fn get() -> Self {
        expect_context()
    }

    /// Shows or hides a side panel, and remembers it.
    pub fn toggle(&self, panel: Live<bool>, name: &str) {
        panel.update(|open| *open = !*open);
        memory::remember(name, if panel.get_untracked() { "open" } else { "closed" });
    }

    /// Makes the page large for those who sit far away, or small again, and remembers it.
    pub fn project(&self) {
        self.projector.update(|on| *on = !*on);
        memory::remember(PROJECTOR, if self.projector.get_untracked() { "yes" } else { "no" });
    }

    /// Tells a client to connect. What is typed meanwhile waits for it.
    pub fn connect(&self, store: Store, client: ProgramId) {
        let desk = *self;
        desk.opening.set(true);
        store.command(Command::Client { client, action: ClientAction::Connect }, move |answer| {
            desk.note(answer);
            // The events that follow say how far it is.
            set_timeout(move || desk.opening.set(false), SETTLED);
        });
    }

    /// Opens an ordinary client of a server, which is followed and connects at once; then does something.
    pub fn open(&self, store: Store, server: ServerId, then: impl FnOnce() + 'static) {
        let desk = *self;
        store.command(Command::Open(ClientSpec::new(Target::Server(server))), move |answer| {
            let Ok(Reply::Opened(client)) = answer else { return desk.note(answer) };
            store.followed.set(Some(client));
            desk.connect(store, client);
            then();
        });
    }

    /// Gives a command, and says so if it is refused.
    pub fn act(&self, store: Store, what: Command) {
        let desk = *self;
        store.command(what, move |answer| desk.note(answer));
    }

    /// Says so if it was refused; what was said before is settled if not.
    pub fn note(&self, answer: Answered) {
        self.trouble.set(answer.err());
    }

    /// Speaks another language as soon as its sentences are here.
    pub fn speak(self, store: Store, lang: Lang) {
        spawn_local(async move {
            match lang.load().await {
                Ok(()) => store.lang.set(lang),
                Err(_) => self.trouble.set(Some(Trouble::NotLoaded)),
            }
        });
    }
}

/// Whether a side panel is open at first: as it was left, else closed on the first visit, else where there is room.
fn opens(name: &str, room: &str) -> bool {
    match memory::recall(name).as_deref() {
        _ if !matches(room) => false,
        Some(last) => last == "open",
        None => memory::recall(VISITED).is_some(),
    }
}

/// Under this name the browser remembers the projector mode.
const PROJECTOR: &str = "projector";
/// Under this name the browser remembers that a client was opened here before.
pub const VISITED: &str = "visited";

/// Whether a media query matches now.
#[must_use]
pub fn matches(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|media| media.matches())
}

/// Whether the screen is narrow.
#[must_use]
pub fn narrow() -> bool {
    matches("(max-width: 759px)")
}

/// Moves the focus to the element with this id, once what is being drawn is drawn.
pub fn focus(id: &'static str) {
    request_animation_frame(move || {
        let element = document().get_element_by_id(id);
        if let Some(element) = element.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
            // Fails for nothing that can be focused.
            let _ = element.focus();
        }
    });
}

/// The body of the document.
///
/// # Panics
/// Never in a page: scripts of a module run after the body began.
#[must_use]
pub fn body() -> web_sys::HtmlElement {
    document().body().expect("a module runs after the body began")
}
