//! What the browser remembers for us, if it lets us: every use works without it too.

use leptos::prelude::window;

const PREFIX: &str = "socketscope.";

/// What was remembered under a name. `None` if nothing was, or the browser keeps nothing for this page.
#[must_use]
pub fn recall(name: &str) -> Option<String> {
    let storage = window().local_storage().ok().flatten()?;
    storage.get_item(&format!("{PREFIX}{name}")).ok().flatten()
}

/// Remembers it, if the browser lets us.
pub fn remember(name: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        // A full or forbidden storage costs only comfort.
        let _ = storage.set_item(&format!("{PREFIX}{name}"), value);
    }
}
