//! Processes and namespaces.

use rustix::process::Pid;
use rustix::thread::UnshareFlags;
use std::io;

/// Which side of a fork this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fork {
    /// The one that called, and the other's process number.
    Parent(Pid),
    /// The new one.
    Child,
}

/// Makes a second process that goes on here.
///
/// # Errors
/// What `fork` says; also if this process has more than one thread, because the child would have only one of them
/// and whatever locks the others held for ever.
pub fn fork() -> io::Result<Fork> {
    let threads = std::fs::read_dir("/proc/self/task")?.count();
    if threads != 1 {
        return Err(io::Error::other(format!("fork in a process with {threads} threads")));
    }
    // SAFETY: this is the only thread, so memory, locks and the allocator are whole in the child as well.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        child => Ok(Pid::from_raw(child).map_or(Fork::Child, Fork::Parent)),
    }
}

/// Leaves the namespaces of the parent for new ones.
///
/// # Errors
/// What `unshare` says: `EPERM` where it is not allowed, `ENOSPC` where there may be no more.
pub fn unshare(namespaces: UnshareFlags) -> io::Result<()> {
    debug_assert!(!namespaces.contains(UnshareFlags::FILES));
    // SAFETY: unsound only with FILES, which could take descriptors from under other threads; it is never asked for.
    unsafe { rustix::thread::unshare_unsafe(namespaces) }.map_err(io::Error::from)
}

/// Lets Ctrl-C and Ctrl-\ of the terminal pass by this process: they are for its child, which has the same terminal.
pub fn leave_to_child() {
    for signal in [libc::SIGINT, libc::SIGQUIT] {
        // SAFETY: no handler of ours runs; the signals are only ignored.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
}
