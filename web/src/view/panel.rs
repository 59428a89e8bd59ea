//! The left panel: servers, their settings, every socket, other programs.

use super::header::Worlds;
use super::servers::Servers;
use super::settings::Settings;
use super::sockets::{Others, Sockets};
use crate::store::Store;
use leptos::prelude::*;

/// The panel.
#[component]
pub fn Panel() -> impl IntoView {
    let store = Store::get();
    view! {
        <div class="narrow-only">
            <Worlds />
        </div>
        <details open>
            <summary>{move || store.words().server.servers}</summary>
            <Servers />
        </details>
        <details>
            <summary>{move || store.words().server.settings}</summary>
            <Settings />
        </details>
        <details open>
            <summary>{move || store.words().shell.sockets}</summary>
            <Sockets />
        </details>
        <details open>
            <summary>{move || store.words().shell.others}</summary>
            <Others />
        </details>
    }
}
