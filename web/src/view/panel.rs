//! The left panel: servers, their settings, every socket, other programs.

use super::desk::{Desk, Dialog};
use super::header::worlds;
use super::parts::{El, el, section, worded};
use super::servers::servers;
use super::settings::settings;
use super::sockets::{others, sockets};
use leptos::prelude::*;

/// The panel.
#[must_use]
pub fn panel() -> El {
    let desk = Desk::get();
    let program = worded("btn wide", |words| words.tools.program)
        .attr("aria-haspopup", "dialog")
        .press(move || desk.dialog.set(Some(Dialog::Program)));
    el("aside")
        .class("left")
        .attr("id", "left")
        .attr_said("aria-label", |words| words.shell.left_panel)
        .child(el("div").class("narrow-only").child(worlds()))
        .child(servers(section("", |words| words.server.servers).attr("open", "")))
        .child(section("", |words| words.server.settings).child(settings()))
        .child(section("grows", |words| words.shell.sockets).attr("open", "").child(sockets()))
        .child(section("", |words| words.shell.others).attr("open", "").child(others()).child(program))
}
