//! What is on the screen. A view reads the [`Store`](crate::store::Store) and never asks which world an event came from.

pub mod abilities;
pub mod can;
pub mod compose;
pub mod console;
pub mod desk;
pub mod dom;
pub mod file;
pub mod habits;
pub mod header;
pub mod history;
pub mod inspector;
pub mod keys;
pub mod ladder;
pub mod modal;
pub mod newcomer;
pub mod notices;
pub mod panel;
pub mod parts;
pub mod servers;
pub mod settings;
pub mod sockets;
pub mod table;
pub mod toolbar;
pub mod tracker;
pub mod transcript;
