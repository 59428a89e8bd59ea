//! How many file descriptors this process may have.

/// Raises the limit as far as an ordinary user may; returns what it is then.
#[cfg(unix)]
pub fn raise() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // A soft limit of 1,024 is for programs that use select(); ours does not.
    let wanted = Rlimit { current: limit.maximum, maximum: limit.maximum };
    // macOS refuses "unlimited"; then the limit stays as it is, and the caps follow it.
    let _ = setrlimit(Resource::Nofile, wanted);
    present()
}

/// The limit as it is.
#[cfg(unix)]
pub fn present() -> u64 {
    use rustix::process::{Resource, getrlimit};
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// Windows counts no sockets.
#[cfg(not(unix))]
pub fn raise() -> u64 {
    present()
}

/// Windows counts no sockets.
#[cfg(not(unix))]
pub fn present() -> u64 {
    u64::MAX
}
