//! The left panel: servers, their settings, every socket, other programs.

use super::header::worlds;
use super::parts::{El, el, section};
use super::servers::servers;
use super::settings::settings;
use super::sockets::{others, sockets};

/// The panel.
#[must_use]
pub fn panel() -> El {
    el("aside")
        .class("left")
        .attr("id", "left")
        .attr_said("aria-label", |words| words.shell.left_panel)
        .child(el("div").class("narrow-only").child(worlds()))
        .child(servers(section("", |words| words.server.servers).attr("open", "")))
        .child(section("", |words| words.server.settings).child(settings()))
        .child(section("", |words| words.shell.sockets).attr("open", "").child(sockets()))
        .child(section("", |words| words.shell.others).attr("open", "").child(others()))
}
