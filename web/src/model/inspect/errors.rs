//! An error as Python writes it, and its number on Windows.

use super::*;

/// The exception that Python raises, as it prints it.
#[must_use]
pub fn python(error: SysError) -> String {
    let (class, text) = match error.name {
        Errno::Econnrefused => ("ConnectionRefusedError", "Connection refused"),
        Errno::Econnreset => ("ConnectionResetError", "Connection reset by peer"),
        Errno::Econnaborted => ("ConnectionAbortedError", "Software caused connection abort"),
        Errno::Epipe => ("BrokenPipeError", "Broken pipe"),
        Errno::Etimedout => ("TimeoutError", "Connection timed out"),
        Errno::Eacces => ("PermissionError", "Permission denied"),
        Errno::Eperm => ("PermissionError", "Operation not permitted"),
        Errno::Enoent => ("FileNotFoundError", "No such file or directory"),
        Errno::Eexist => ("FileExistsError", "File exists"),
        Errno::Eaddrinuse => ("OSError", "Address already in use"),
        Errno::Eaddrnotavail => ("OSError", "Cannot assign requested address"),
        Errno::Enotconn => ("OSError", "Transport endpoint is not connected"),
        Errno::Eisconn => ("OSError", "Transport endpoint is already connected"),
        Errno::Ehostunreach => ("OSError", "No route to host"),
        Errno::Enetunreach => ("OSError", "Network is unreachable"),
        Errno::Emsgsize => ("OSError", "Message too long"),
        Errno::Enobufs => ("OSError", "No buffer space available"),
        Errno::Emfile => ("OSError", "Too many open files"),
        Errno::Enfile => ("OSError", "Too many open files in system"),
        Errno::Einval => ("OSError", "Invalid argument"),
        Errno::Edestaddrreq => ("OSError", "Destination address required"),
        other => ("OSError", other.posix()),
    };
    [class, ": [Errno ", &error.number.to_string(), "] ", text].concat()
}

/// The number that Windows gives for it, where it has one of its own.
#[must_use]
pub fn windows(error: Errno) -> Option<u32> {
    Some(match error {
        Errno::Econnrefused => 10061,
        Errno::Econnreset => 10054,
        Errno::Econnaborted => 10053,
        Errno::Eaddrinuse => 10048,
        Errno::Eaddrnotavail => 10049,
        Errno::Eacces => 10013,
        Errno::Enotconn => 10057,
        Errno::Eisconn => 10056,
        Errno::Etimedout => 10060,
        Errno::Ehostunreach => 10065,
        Errno::Enetunreach => 10051,
        Errno::Emsgsize => 10040,
        Errno::Enobufs => 10055,
        Errno::Emfile => 10024,
        Errno::Einval => 10022,
        Errno::Edestaddrreq => 10039,
        Errno::Epipe => 10058,
        Errno::Ewouldblock => 10035,
        _ => return None,
    })
}
