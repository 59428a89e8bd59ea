//! The wire between two hosts.
