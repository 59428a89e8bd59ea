//! The world on real sockets: what must be true of the servers and clients, seen in their own events.
#![cfg_attr(
    not(target_os = "linux"),
    allow(unused_imports, dead_code, reason = "some of what is tested is there on Linux only")
)]

mod datagrams;
mod people;
mod stage;
mod tcp;
