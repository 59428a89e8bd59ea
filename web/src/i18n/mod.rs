//! Every sentence on the screen, in every language.
//!
//! A language is a value of [`Words`]; a sentence missing in one does not compile. Sentences with values in them are
//! functions, because languages put the values in different places.

pub mod inspector;
pub mod ladder;
pub mod shell;

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
    /// Its sentences.
    #[must_use]
    pub fn words(self) -> &'static Words {
        match self {
            Self::En => &EN,
            Self::Zh => &ZH,
        }
    }

    /// Its BCP 47 tag, for the `lang` attribute.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-CN",
        }
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
    /// Header, panels, consoles.
    pub shell: shell::Shell,
    /// The ladder, the tracker and the table of events.
    pub ladder: ladder::Ladder,
    /// The inspector.
    pub inspector: inspector::Inspector,
}

static EN: Words = Words { shell: shell::EN, ladder: ladder::EN, inspector: inspector::EN };
static ZH: Words = Words { shell: shell::ZH, ladder: ladder::ZH, inspector: inspector::ZH };
