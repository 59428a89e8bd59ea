//! What is on the screen. A view reads the [`Store`](crate::store::Store) and never asks which world an event came from.

pub mod inspector;
pub mod ladder;
pub mod table;
pub mod tracker;
