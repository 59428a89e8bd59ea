//! The page's pure model: events in, shapes and words out. It does not know the DOM, the clock or the language.

pub mod export;
pub mod filter;
pub mod focus;
pub mod inspect;
pub mod ladder;
pub mod letter;
pub mod link;
pub mod mark;
pub mod moral;
pub mod named;
pub mod pages;
#[cfg(test)]
#[path = "../../../lab/tests/support/mod.rs"]
mod played;
pub mod say;
pub mod search;
pub mod story;
pub mod table;
#[cfg(test)]
mod tests;
pub mod tour;
pub mod tracker;
pub mod why;
pub mod wording;

pub use letter::Letter;
pub use mark::MarkKind;
pub use pages::Pages;
pub use say::Say;
pub use story::Story;
