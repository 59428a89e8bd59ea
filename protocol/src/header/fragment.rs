//! Fragments: pieces of one datagram in several packets.

use std::net::IpAddr;

/// What the fragments of one datagram have in common (RFC 791, 3.2; RFC 8200, 4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FragmentKey {
    /// Where they come from.
    pub src: IpAddr,
    /// Where they go.
    pub dst: IpAddr,
    /// The identification; 16 bits in IPv4, 32 in IPv6.
    pub id: u32,
    /// What the datagram carries.
    pub protocol: u8,
}

/// One fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fragment {
    /// Of which datagram.
    pub key: FragmentKey,
    /// Where in the datagram it belongs, bytes from the start of what can be fragmented.
    pub offset: u32,
    /// Whether more follow.
    pub more: bool,
}
