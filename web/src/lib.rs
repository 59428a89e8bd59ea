//! The page: ladder, byte tracker, inspector and consoles.
//!
//! [`source`] brings events (the bridge, the lab in this page, a file), [`store`] keeps them in the pure [`model`], [`view`] draws them,
//! and [`i18n`] has every sentence in every language.

pub mod app;
pub mod held;
pub mod i18n;
pub mod live;
pub mod memory;
pub mod model;
pub mod part;
pub mod source;
pub mod store;
pub mod tally;
pub mod time;
pub mod told;
pub mod typed;
pub mod view;
pub mod wire;
