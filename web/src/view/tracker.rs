//! The tracker.

use leptos::prelude::*;

/// The tracker.
#[component]
pub fn Tracker() -> impl IntoView {
    view! { <div></div> }
}
