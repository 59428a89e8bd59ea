//! One read buffer per thread instead of one per connection: an idle connection then costs none.

use crate::limits::RELAY_CHUNK;
use std::cell::RefCell;

thread_local! {
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; RELAY_CHUNK].into_boxed_slice());
}

/// Lends the thread's buffer. `use_it` never waits, so nobody else needs it meanwhile.
pub fn with<T>(use_it: impl FnOnce(&mut [u8]) -> T) -> T {
    SCRATCH.with_borrow_mut(|scratch| use_it(scratch))
}
