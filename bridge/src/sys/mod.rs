//! The few system calls that no safe library offers. The only place with `unsafe`.
#![allow(unsafe_code, reason = "each block calls the kernel and says why that is sound")]

#[cfg(target_os = "linux")]
pub mod interface;
#[cfg(target_os = "linux")]
pub mod packet_socket;
#[cfg(target_os = "linux")]
pub mod process;
#[cfg(target_os = "linux")]
pub mod readable;
#[cfg(unix)]
pub mod register;
