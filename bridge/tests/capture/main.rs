//! The packets of this computer: seen where the right is there, and missed politely where it is not.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is its job")]

#[path = "../common/mod.rs"]
mod common;
mod export;
mod packets;
mod right;
mod theatre;
