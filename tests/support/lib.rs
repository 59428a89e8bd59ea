//! What the end-to-end tests, the benches and the screenshots drive Socketscope with.
//!
//! - [`running`]: the program as a person starts it, on free ports.
//! - [`session`]: a viewer over the real WebSocket, and the player of scripts.
//! - [`relay`]: a connection through `/relay/…`.
//! - [`http`]: single requests, also ill-formed ones.
//! - [`files`]: a plain web server with a copy of the page.
//! - [`browser`]: a browser through its driver; [`eyes`]: what is wrong with what it shows.
//!
//! Nothing here sleeps: everything waits for a condition, with a [deadline](DEADLINE).

pub mod browser;
pub mod capture;
pub mod eyes;
pub mod files;
pub mod flood;
pub mod http;
pub mod relay;
pub mod running;
pub mod session;
pub mod teller;

use std::time::Duration;

/// How long a condition may take before a test gives up: generous, because nobody waits for it when all is well.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// Waits for what must happen soon; panics with what it was otherwise.
///
/// # Panics
/// When the deadline passes.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(DEADLINE, future).await {
        Ok(value) => value,
        Err(_) => panic!("{what} did not happen within {} s", DEADLINE.as_secs()),
    }
}
