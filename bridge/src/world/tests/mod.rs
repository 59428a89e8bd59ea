//! The world on real sockets: what must be true of the servers and clients, seen in their own events.

mod datagrams;
mod people;
mod stage;
mod tcp;
