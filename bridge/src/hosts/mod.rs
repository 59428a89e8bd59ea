//! Two hosts: two TCP/IP stacks of the Linux kernel, each in a network namespace of its own, with us as the wire.
//!
//! A host is a small child process of the bridge, and all that keeps its namespaces alive: when it goes, its
//! interface, its sockets and every program inside go with it. It goes when the bridge does, however that happens.

#[cfg(target_os = "linux")]
mod control;
#[cfg(target_os = "linux")]
mod door;
#[cfg(target_os = "linux")]
mod enter;
#[cfg(target_os = "linux")]
mod helper;
#[cfg(target_os = "linux")]
mod host;
#[cfg(target_os = "linux")]
mod inside;
#[cfg(target_os = "linux")]
mod network;
#[cfg(target_os = "linux")]
mod pump;
#[cfg(target_os = "linux")]
mod starting;
#[cfg(target_os = "linux")]
mod timer;
#[cfg(target_os = "linux")]
mod tun;
#[cfg(target_os = "linux")]
mod unavailable;

#[cfg(target_os = "linux")]
pub use self::{
    control::{Setting, Want},
    door::{Door, Where, ask, default_path as default_control},
    enter::{EnterError, become_program, run_inside},
    helper::helper,
    host::{Host, HostRole, Hosts},
    inside::Inside,
    pump::{Pump, Sink, WireHandle, WireUnavailable},
    starting::Starting,
};

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(not(target_os = "linux"))]
pub use elsewhere::{Hosts, Starting, helper};
