//! The operating system's own TCP/IP, over loopback.
