//! The system's error numbers as POSIX names.

use protocol::{Errno, SysError};
use std::io;

/// The error of a call, by name.
#[must_use]
pub fn named(error: &io::Error) -> SysError {
    match error.raw_os_error() {
        Some(number) => {
            SysError { name: name_of(number).or_else(|| by_kind(error.kind())).unwrap_or(Errno::Other), number }
        }
        None => SysError { name: by_kind(error.kind()).unwrap_or(Errno::Other), number: 0 },
    }
}

#[cfg(unix)]
fn name_of(number: i32) -> Option<Errno> {
    use rustix::io::Errno as E;
    // Elsewhere there is no error, and the library insists on that.
    if !(1..4096).contains(&number) {
        return None;
    }
    Some(match E::from_raw_os_error(number) {
        E::ADDRINUSE => Errno::Eaddrinuse,
        E::ADDRNOTAVAIL => Errno::Eaddrnotavail,
        E::ACCESS => Errno::Eacces,
        E::PERM => Errno::Eperm,
        E::AFNOSUPPORT => Errno::Eafnosupport,
        E::CONNREFUSED => Errno::Econnrefused,
        E::CONNRESET => Errno::Econnreset,
        E::CONNABORTED => Errno::Econnaborted,
        E::NOTCONN => Errno::Enotconn,
        E::ISCONN => Errno::Eisconn,
        E::PIPE => Errno::Epipe,
        E::TIMEDOUT => Errno::Etimedout,
        E::HOSTUNREACH => Errno::Ehostunreach,
        E::NETUNREACH => Errno::Enetunreach,
        E::MSGSIZE => Errno::Emsgsize,
        E::NOBUFS => Errno::Enobufs,
        E::MFILE => Errno::Emfile,
        E::NFILE => Errno::Enfile,
        E::INVAL => Errno::Einval,
        E::NOENT => Errno::Enoent,
        E::EXIST => Errno::Eexist,
        E::INTR => Errno::Eintr,
        E::AGAIN => Errno::Ewouldblock,
        E::INPROGRESS => Errno::Einprogress,
        E::CANCELED => Errno::Ecanceled,
        E::DESTADDRREQ => Errno::Edestaddrreq,
        E::OPNOTSUPP => Errno::Eopnotsupp,
        E::NOMEM => Errno::Enomem,
        _ => return None,
    })
}

/// Winsock's numbers: the BSD ones of their time plus 10,000, as `winerror.h` lists them.
#[cfg(windows)]
fn name_of(number: i32) -> Option<Errno> {
    Some(match number {
        2 | 3 => Errno::Enoent,
        8 | 14 => Errno::Enomem,
        995 => Errno::Ecanceled,
        10_004 => Errno::Eintr,
        10_013 => Errno::Eacces,
        10_022 => Errno::Einval,
        10_024 => Errno::Emfile,
        10_035 => Errno::Ewouldblock,
        10_036 | 10_037 => Errno::Einprogress,
        10_039 => Errno::Edestaddrreq,
        10_040 => Errno::Emsgsize,
        10_045 => Errno::Eopnotsupp,
        10_047 => Errno::Eafnosupport,
        10_048 => Errno::Eaddrinuse,
        10_049 => Errno::Eaddrnotavail,
        10_051 => Errno::Enetunreach,
        10_053 => Errno::Econnaborted,
        10_054 => Errno::Econnreset,
        10_055 => Errno::Enobufs,
        10_056 => Errno::Eisconn,
        10_057 => Errno::Enotconn,
        10_058 => Errno::Epipe,
        10_060 => Errno::Etimedout,
        10_061 => Errno::Econnrefused,
        10_065 => Errno::Ehostunreach,
        _ => return None,
    })
}

fn by_kind(kind: io::ErrorKind) -> Option<Errno> {
    use io::ErrorKind as K;
    Some(match kind {
        K::AddrInUse => Errno::Eaddrinuse,
        K::AddrNotAvailable => Errno::Eaddrnotavail,
        K::PermissionDenied => Errno::Eacces,
        K::ConnectionRefused => Errno::Econnrefused,
        K::ConnectionReset => Errno::Econnreset,
        K::ConnectionAborted => Errno::Econnaborted,
        K::NotConnected => Errno::Enotconn,
        K::BrokenPipe => Errno::Epipe,
        K::TimedOut => Errno::Etimedout,
        K::HostUnreachable => Errno::Ehostunreach,
        K::NetworkUnreachable => Errno::Enetunreach,
        K::InvalidInput => Errno::Einval,
        K::NotFound => Errno::Enoent,
        K::AlreadyExists => Errno::Eexist,
        K::Interrupted => Errno::Eintr,
        K::WouldBlock => Errno::Ewouldblock,
        K::Unsupported => Errno::Eopnotsupp,
        K::OutOfMemory => Errno::Enomem,
        _ => return None,
    })
}

/// Whether `accept` failed for want of a resource that may come back: descriptors, buffers, memory.
#[must_use]
pub fn is_shortage(error: &io::Error) -> bool {
    matches!(named(error).name, Errno::Emfile | Errno::Enfile | Errno::Enobufs | Errno::Enomem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_connection_has_its_posix_name_and_the_number_of_this_system() {
        let number = if cfg!(windows) { 10_061 } else { rustix_refused() };
        let error = named(&io::Error::from_raw_os_error(number));
        assert_eq!(error, SysError { name: Errno::Econnrefused, number });
    }

    #[cfg(unix)]
    fn rustix_refused() -> i32 {
        rustix::io::Errno::CONNREFUSED.raw_os_error()
    }

    #[cfg(not(unix))]
    fn rustix_refused() -> i32 {
        0
    }

    #[test]
    fn an_unknown_number_is_kept() {
        assert_eq!(named(&io::Error::from_raw_os_error(9_999)), SysError { name: Errno::Other, number: 9_999 });
    }
}
