//! The few system calls that no safe library offers. The only place with `unsafe`.
#![allow(unsafe_code, reason = "each block calls the kernel and says why that is sound")]

#[cfg(unix)]
pub mod register;
