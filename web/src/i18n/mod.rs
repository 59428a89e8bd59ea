//! Every sentence on the screen, in every language.
//!
//! A language is a value of [`Words`]; a sentence missing in one does not compile. Sentences with values in them are
//! functions, because languages put the values in different places.
//!
//! English is in the page; another language is a part of it, loaded for those who read it.

pub mod console;
pub mod find;
pub mod inspector;
pub mod ladder;
pub mod legend;
pub mod look;
pub mod manual;
pub mod moral;
pub mod place;
pub mod server;
pub mod shelf;
pub mod shell;
pub mod take;
pub mod time;
pub mod tools;
pub mod trouble;
pub mod why;
pub mod wire;

use crate::part;
use std::sync::OnceLock;
use wasm_split_helpers::SplitLoaderError;

/// A language of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    Zh,
}

impl Lang {
    /// Its sentences; English ones as long as those have not been [loaded](Self::load).
    #[must_use]
    pub fn words(self) -> &'static Words {
        match self {
            Self::En => &EN,
            // Elsewhere there are no parts.
            Self::Zh if cfg!(target_arch = "wasm32") => CHINESE.get().copied().unwrap_or(&EN),
            Self::Zh => &ZH,
        }
    }

    /// Makes its sentences be there.
    ///
    /// # Errors
    /// When their part of the page cannot be loaded.
    pub async fn load(self) -> Result<(), SplitLoaderError> {
        if self == Self::Zh && CHINESE.get().is_none() {
            // Two may have asked at once; both brought the same.
            let _ = CHINESE.set(part::chinese().await?);
        }
        Ok(())
    }

    /// Its BCP 47 tag, for the `lang` attribute.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-CN",
        }
    }

    /// The one that was chosen before, else the browser's.
    #[must_use]
    pub fn recall() -> Self {
        let tag = crate::memory::recall("lang").or_else(|| leptos::prelude::window().navigator().language());
        if tag.is_some_and(|tag| tag.starts_with("zh")) { Self::Zh } else { Self::En }
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::En => Self::Zh,
            Self::Zh => Self::En,
        }
    }
}

/// All sentences of one language.
pub struct Words {
    /// Header, notices, panels, keys.
    pub shell: shell::Shell,
    /// Clients.
    pub console: console::Console,
    /// Servers and their settings.
    pub server: server::Server,
    /// Refusals and errors.
    pub trouble: trouble::Trouble,
    /// The ladder, the tracker and the table of events.
    pub ladder: ladder::Ladder,
    /// The inspector.
    pub inspector: inspector::Inspector,
    /// Calls, states, and what can be taken along of them.
    pub manual: manual::Manual,
    /// Reasons.
    pub why: why::Why,
    /// Finding, and choosing what is shown.
    pub find: find::Find,
    /// The wire.
    pub wire: wire::Wire,
    /// What is taken along.
    pub take: take::Take,
    /// Export, and a program of one's own.
    pub tools: tools::Tools,
    /// Projector mode, and the first five minutes.
    pub look: look::Look,
    /// Stories in files.
    pub shelf: shelf::Shelf,
    /// The sources, and how to get from one to the other.
    pub place: place::Place,
    /// Virtual time.
    pub time: time::Time,
}

/// English.
static EN: Words = Words {
    shell: shell::EN,
    console: console::EN,
    server: server::EN,
    trouble: trouble::EN,
    ladder: ladder::EN,
    inspector: inspector::EN,
    manual: manual::EN,
    why: why::EN,
    find: find::EN,
    wire: wire::EN,
    take: take::EN,
    tools: tools::EN,
    look: look::EN,
    place: place::EN,
    time: time::EN,
    shelf: shelf::EN,
};
/// 简体中文, once it is there.
static CHINESE: OnceLock<&Words> = OnceLock::new();

/// 简体中文. Only its part may name it, or it is in the page's own wasm.
pub static ZH: Words = Words {
    shell: shell::ZH,
    console: console::ZH,
    server: server::ZH,
    trouble: trouble::ZH,
    ladder: ladder::ZH,
    inspector: inspector::ZH,
    manual: manual::ZH,
    why: why::ZH,
    find: find::ZH,
    wire: wire::ZH,
    take: take::ZH,
    tools: tools::ZH,
    look: look::ZH,
    place: place::ZH,
    time: time::ZH,
    shelf: shelf::ZH,
};
