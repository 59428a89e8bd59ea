//! A list over everything: the browser's own dialog, which keeps the focus and closes with Escape.

use super::desk::{Desk, Dialog};
use super::later::{Later, later};
use super::parts::{El, Said, cross, el};
use leptos::prelude::*;
use web_sys::HtmlDialogElement;

/// The list that is open.
#[must_use]
pub fn modal(which: Dialog) -> El {
    let desk = Desk::get();
    let close = move || desk.dialog.set(None);
    let (title, list): (Said, El) = match which {
        Dialog::Keys => (|words| words.shell.keys, later(Later::Keys)),
        Dialog::Abilities => (|words| words.shell.abilities, later(Later::Abilities)),
        Dialog::Program => (|words| words.tools.program, later(Later::Program)),
        Dialog::Conversations => (|words| words.shelf.conversations, later(Later::Conversations)),
    };
    let cross = cross("btn quiet", |words| words.shell.close).press(close);
    let dialog = el("dialog")
        .class("modal")
        .attr_said("aria-label", title)
        .child(el("header").child(el("h2").say(title)).child(cross))
        .child(list)
        .on("close", move |_| close());
    let element = dialog.cast::<HtmlDialogElement>();
    // An effect runs later, when the dialog is in the document.
    Effect::new(move |_| {
        // Fails when it is open already.
        let _ = element.show_modal();
    });
    dialog
}
