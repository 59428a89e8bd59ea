//! In this page: a client host and a server host on one wire, in virtual time.
mod agenda;
mod costs;
mod datagrams;
mod device;
mod flows;
mod host;
mod lab;
mod listener;
mod net;
mod options;
mod program;
mod rewind;
mod socket;
mod story;
mod world;

pub use lab::Lab;
pub use options::{Congestion, LabOptions};
pub use rewind::{Input, Log};
