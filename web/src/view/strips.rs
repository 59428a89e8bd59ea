//! The clients above the ladder, when they are more than have lanes: one is followed.

use super::dom::{El, el};
use crate::live::Live;
use crate::model::ladder::strips::{GRID, Standing, Strip};
use crate::store::Store;

/// The list; it is there while `strips` has anybody.
pub fn strips(strips: Live<Vec<Strip>>) -> El {
    let store = Store::get();
    el("div").region(move || {
        let words = &store.words().ladder;
        let row = move |strip: &Strip| {
            let program = strip.program;
            let standing = (words.standing)(strip.standing);
            let class = match strip.standing {
                Standing::Served => "strip served",
                Standing::Seat { .. } => "strip seated",
                Standing::Failed => "strip failed",
                Standing::Closed => "strip closed",
                Standing::Connecting(_) | Standing::Open => "strip",
            };
            el("button")
                .class(class)
                .attr("type", "button")
                .attr("aria-pressed", if strip.followed { "true" } else { "false" })
                .attr("title", &[&strip.name, " ", &strip.port, " ", &standing].concat())
                .child(el("b").text(&strip.name))
                .child(el("span").class("standing").text(&standing))
                .press(move || store.followed.set(Some(program)))
        };
        strips.with(|strips| {
            if strips.is_empty() {
                return Vec::new();
            }
            let class = if strips.len() < GRID { "strips" } else { "strips grid" };
            let list = el("div").class(class).attr("role", "group").attr("aria-label", words.clients);
            vec![list.children(strips.iter().map(row))]
        })
    })
}
