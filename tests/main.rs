//! End to end: the program as a person starts it, real sockets, real programs, a real browser.
//!
//! - [`echo`]: what comes back, over TCP, UDP and Unix sockets.
//! - [`queue`]: one client at a time, seats, and the tutorial's own server.
//! - [`viewers`]: sessions, codecs, resuming, members.
//! - [`relays`]: `/relay/…`, byte by byte and in bulk.
//! - [`trust`]: who may speak, and what becomes of nonsense.
//! - [`programs`]: Python and nc, as servers and as clients.
//! - [`two_hosts`]: the kernel's TCP over our wire, held, lossy and cut.
//! - [`two_hosts_states`]: a thousand connections whose states packets and kernel tell alike.
//! - [`two_hosts_taps`]: the same as a file, read by tshark.
//! - [`same_story`]: scripts, played in all worlds and compared.
//! - [`leaving`]: Ctrl-C, busy ports, exhausted descriptors.
//! - [`in_this_page`]: two hosts in the page, with and without the program.
//! - [`page`]: the page in Chromium and in Firefox; [`keyboard`]: without a
//!   pointer, and the first five minutes; [`eyes`]: that a fault on a screen is seen.
//! - [`signs`]: cards of errors, the legend, bytes that light up everywhere.
//! - [`shelf`]: stories in files, saved and opened there.
//! - [`inspector`]: the inspector there, and what the page gives away.
//! - [`sources`]: the programs that the inspector shows, compiled and run.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is its job")]

mod echo;
mod eyes;
mod in_this_page;
mod inspector;
mod keyboard;
mod leaving;
mod page;
mod programs;
mod queue;
mod relays;
mod same_story;
mod shelf;
mod signs;
mod sources;
mod trust;
mod two_hosts;
mod two_hosts_states;
mod two_hosts_taps;
mod viewers;
