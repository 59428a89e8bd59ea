//! The ladder.

use leptos::prelude::*;

/// The ladder.
#[component]
pub fn Ladder() -> impl IntoView {
    view! { <div></div> }
}
