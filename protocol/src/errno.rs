//! Errors of socket calls, by their POSIX names.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The error of a call: its POSIX name and the number the system gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SysError {
    /// The name.
    pub name: Errno,
    /// The number on the system where it happened (111 on Linux and 10061 on Windows are both `ECONNREFUSED`); 0 in the page.
    pub number: i32,
}

impl fmt::Display for SysError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            Errno::Other => write!(to, "errno {}", self.number),
            name => name.fmt(to),
        }
    }
}

macro_rules! errno {
    ($($name:ident $posix:literal $meaning:literal,)*) => {
        /// POSIX error names that socket calls give.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Errno {
            $(#[doc = concat!("`", $posix, "`: ", $meaning, ".")] $name,)*
            /// Another one: the number says which.
            Other,
        }

        impl Errno {
            /// Every named one.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The name in the manual pages.
            #[must_use]
            pub fn posix(self) -> &'static str {
                match self { $(Self::$name => $posix,)* Self::Other => "errno" }
            }
        }
    };
}

errno! {
    Eaddrinuse "EADDRINUSE" "address already in use",
    Eaddrnotavail "EADDRNOTAVAIL" "address not available here",
    Eacces "EACCES" "permission denied",
    Eperm "EPERM" "operation not permitted",
    Eafnosupport "EAFNOSUPPORT" "address family not supported",
    Econnrefused "ECONNREFUSED" "connection refused",
    Econnreset "ECONNRESET" "connection reset by peer",
    Econnaborted "ECONNABORTED" "connection aborted",
    Enotconn "ENOTCONN" "socket not connected",
    Eisconn "EISCONN" "socket already connected",
    Epipe "EPIPE" "broken pipe",
    Etimedout "ETIMEDOUT" "connection timed out",
    Ehostunreach "EHOSTUNREACH" "host unreachable",
    Enetunreach "ENETUNREACH" "network unreachable",
    Emsgsize "EMSGSIZE" "message too long",
    Enobufs "ENOBUFS" "no buffer space",
    Emfile "EMFILE" "too many open files in the program",
    Enfile "ENFILE" "too many open files in the system",
    Einval "EINVAL" "invalid argument",
    Enoent "ENOENT" "no such file",
    Eexist "EEXIST" "file exists",
    Eintr "EINTR" "interrupted",
    Ewouldblock "EAGAIN" "would block",
    Einprogress "EINPROGRESS" "in progress",
    Ecanceled "ECANCELED" "cancelled because the program closed the socket",
    Edestaddrreq "EDESTADDRREQ" "destination address required",
    Eopnotsupp "EOPNOTSUPP" "operation not supported",
    Enomem "ENOMEM" "out of memory",
}

impl fmt::Display for Errno {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.posix())
    }
}
