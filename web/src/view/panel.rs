//! The left panel: servers, their settings, every socket, other programs.

use super::header::Worlds;
use super::parts::{Said, say};
use super::servers::Servers;
use super::settings::Settings;
use super::sockets::{Others, Sockets};
use leptos::prelude::*;

/// The panel.
#[component]
pub fn Panel() -> impl IntoView {
    view! {
        <div class="narrow-only">{Worlds().into_any()}</div>
        {section(true, |words| words.server.servers, Servers().into_any())}
        {section(false, |words| words.server.settings, Settings().into_any())}
        {section(true, |words| words.shell.sockets, Sockets().into_any())}
        {section(true, |words| words.shell.others, Others().into_any())}
    }
}

fn section(open: bool, title: Said, inside: AnyView) -> impl IntoView {
    view! {
        <details open=open>
            <summary>{say(title)}</summary>
            {inside}
        </details>
    }
}
