//! The table.

use leptos::prelude::*;

/// The table.
#[component]
pub fn Table() -> impl IntoView {
    view! { <div></div> }
}
