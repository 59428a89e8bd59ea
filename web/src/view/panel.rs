//! The left panel: servers, their settings, every socket, other programs.

use super::desk::{Desk, Dialog};
use super::header::worlds;
use super::later::{Later, later};
use super::parts::{El, el, holds, section, worded};
use super::servers::servers;
use super::sockets::{others, sockets};
use crate::source::Link;
use crate::store::Store;

/// The panel.
#[must_use]
pub fn panel() -> El {
    let (store, desk) = (Store::get(), Desk::get());
    // Servers that were recorded can be looked at, and nothing else.
    let recorded = holds(move || matches!(store.link.get(), Link::Recorded(_)));
    // A capture knows of none of ours.
    let none = holds(move || recorded.get() && store.servers.with(Vec::is_empty));
    let program = worded("btn wide", |words| words.tools.program)
        .attr("aria-haspopup", "dialog")
        .press(move || desk.dialog.set(Some(Dialog::Program)));
    el("aside")
        .class("left")
        .attr("id", "left")
        .attr_said("aria-label", |words| words.shell.left_panel)
        .child(el("div").class("narrow-only").child(worlds()))
        .child(
            servers(section("", |words| words.server.servers).attr("open", ""))
                .attr_if("inert", recorded)
                .class_if("hidden", none),
        )
        .child(
            section("", |words| words.server.settings)
                .class_if("hidden", none)
                .child(el("div").child(later(Later::Settings)).attr_if("inert", recorded)),
        )
        .child(section("grows", |words| words.shell.sockets).attr("open", "").child(sockets()))
        .child(section("", |words| words.shell.others).attr("open", "").child(others()).child(program))
}
