//! The page's pure model: events in, shapes and words out. It does not know the DOM, the clock or the language.

pub mod inspect;
pub mod ladder;
pub mod letter;
pub mod mark;
pub mod pages;
pub mod say;
pub mod story;
pub mod table;
pub mod tracker;
pub mod wording;

pub use letter::Letter;
pub use mark::MarkKind;
pub use pages::Pages;
pub use say::Say;
pub use story::Story;
