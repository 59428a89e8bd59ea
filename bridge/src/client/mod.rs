//! Clients opened from pages: each a program of its own, with a real socket.

mod desk;
mod reader;
mod run;

pub use desk::{Clients, Whom};
