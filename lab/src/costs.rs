//! What takes how long, besides the wire.
//!
//! Both hosts share one imaginary processor. Work that took no time would make two things at one moment, and a program
//! that never checks for the end of a stream would stop the clock. The figures are round and of the size of a real
//! machine's.

use protocol::Nanos;

/// A system call.
pub(crate) const CALL: Nanos = Nanos(1_000);
/// A packet on its way into the stack or out of it.
pub(crate) const PACKET: Nanos = Nanos(2_000);
