//! The menu of files: opening a story, and taking it along: trace, packets, pictures, text.

mod picture;
mod written;

use super::find::Finder;
use super::outside;
use super::parts::{El, Said, button, el};
use super::popover::Popover;
use super::shelf::Shelf;
use crate::source::Place;
use crate::store::Store;
use leptos::task::spawn_local;
use protocol::capability::Ability;

const TAPS: [&str; 3] = ["wire", "client", "server"];

/// The list.
#[must_use]
pub fn list(popover: Popover) -> El {
    let store = Store::get();
    let shelf = Shelf::get();
    let open = keyed(item(|words| words.shelf.open, |words| words.shelf.sorts), "Ctrl O").press(move || shelf.ask());
    let save =
        keyed(item(|words| words.shelf.save, |words| words.shelf.save_more), "Ctrl S").press(move || shelf.save());
    let mut items = vec![popover.closes(open), popover.closes(save)];
    // The program writes these files: another source has none of them.
    if store.heard() == Place::Bridge && store.can(Ability::Packets) {
        // Only where the wire is ours are its ends places of their own.
        let taps = if store.can(Ability::Wire) { 3 } else { 1 };
        items.extend(TAPS.iter().zip(PACKETS).take(taps).map(|(tap, title)| {
            let file = ["socketscope-", tap, ".pcapng"].concat();
            link(&["./trace.pcapng?tap=", tap].concat(), &file, title, |words| words.tools.packets_more)
        }));
    }
    items.extend(pictures(store).map(|item| popover.closes(item)));
    items.extend(written::items(store));
    el("div").class("menu").children(items)
}

const PACKETS: [Said; 3] =
    [|words| words.tools.packets[0], |words| words.tools.packets[1], |words| words.tools.packets[2]];

fn titled(entry: El, title: Said, more: Said) -> El {
    entry.child(el("span").say(title)).child(el("small").say(more))
}

fn keyed(item: El, key: &str) -> El {
    item.class("item keyed").child(el("kbd").text(key))
}

fn item(title: Said, more: Said) -> El {
    titled(button("item"), title, more)
}

fn link(address: &str, file: &str, title: Said, more: Said) -> El {
    titled(el("a").class("item").attr("href", address).attr("download", file), title, more)
}

/// The ladder as a picture, in two sorts.
fn pictures(store: Store) -> [El; 2] {
    let finder = Finder::get();
    // Both fail only in a browser that cannot make files or draw.
    let svg = item(|words| words.tools.picture, |words| words.tools.picture_more).press(move || {
        if let Some(picture) = picture::svg(store, finder.filter.get_untracked()) {
            let _ = outside::download("socketscope.svg", "image/svg+xml", &picture.svg);
        }
    });
    let png = item(|words| words.take.png, |words| words.tools.picture_more).press(move || {
        if let Some(picture) = picture::svg(store, finder.filter.get_untracked()) {
            spawn_local(async move { drop(picture::png(&picture).await) });
        }
    });
    [svg, png]
}
