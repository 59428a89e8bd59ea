//! A link to what one looks at, in the fragment of the page's address: made here, and followed when the page opens.

use super::desk::{Desk, narrow};
use super::parts::{El, cross, notice, watch};
use crate::i18n::Lang;
use crate::model::link::Link;
use crate::store::{Selection, Store};
use leptos::prelude::*;
use protocol::{Epoch, Seq};
use wasm_bindgen::JsCast;
use web_sys::Element;

/// The address of what is shown now. It stands in the address bar too.
#[must_use]
pub fn address(store: Store, desk: Desk) -> String {
    let mark = match store.selection.get_untracked() {
        Some(Selection::Event(seq)) => Some(seq),
        _ => None,
    };
    let link = Link {
        story: store.epoch.get_untracked().map(name),
        mark,
        top: if mark.is_some() { None } else { top() },
        client: store.followed.get_untracked(),
        world: store.world().map(|world| world.kind),
        lang: Some(store.lang.get_untracked().tag().to_owned()),
        table: desk.table.get_untracked(),
    };
    let place = window().location();
    // Fails only in a frame that may not navigate.
    let _ = place.set_hash(&link.fragment());
    place.href().unwrap_or_default()
}

fn name(epoch: Epoch) -> String {
    [&epoch.boot.to_string(), "-", &epoch.run.to_string()].concat()
}

/// The first mark in sight, where one has scrolled away from the newest.
fn top() -> Option<Seq> {
    document().query_selector(".ladder-newest").ok().flatten()?;
    let edge = document().query_selector(".ladder-scroll").ok().flatten()?.get_bounding_client_rect().top();
    let marks = document().query_selector_all(".ladder-svg .mark[data-seq]").ok()?;
    let mark = |at| marks.get(at)?.dyn_into::<Element>().ok();
    let seen = (0..marks.length()).filter_map(mark).find(|mark| mark.get_bounding_client_rect().top() >= edge)?;
    seen.get_attribute("data-seq")?.parse().ok().map(Seq)
}

/// Goes where the address of the page points, once that is here.
pub fn follow(store: Store, desk: Desk) {
    let Some(link) = window().location().hash().ok().and_then(|hash| Link::read(&hash)) else { return };
    if let Some(lang) = &link.lang {
        desk.speak(store, if lang.starts_with("zh") { Lang::Zh } else { Lang::En });
    }
    desk.table.set(link.table);
    let Some(story) = link.story.clone() else { return };
    let done = StoredValue::new(false);
    watch(move || {
        let Some(told) = store.epoch.get().filter(|_| !done.get_value()) else { return };
        if name(told) != story || store.world().map(|world| world.kind) != link.world {
            // Numbers of another story would point at something else here.
            done.set_value(true);
            return desk.astray.set(true);
        }
        let wanted = link.mark.or(link.top);
        let here = store.read(|story| {
            link.client.is_none_or(|client| story.program(client).is_some())
                && wanted.is_none_or(|mark| story.event(mark).is_some())
        });
        if !here {
            return;
        }
        done.set_value(true);
        if link.client.is_some() {
            store.followed.set(link.client);
        }
        store.selection.set(wanted.map(Selection::Event));
        if link.mark.is_none() && wanted.is_some() {
            // It was only the first in sight: to bring it there is enough.
            desk.sheet.set(narrow());
            request_animation_frame(move || store.selection.set(None));
        }
    });
}

/// Says that the address points into a story that is not told here.
pub fn astray(desk: Desk) -> Option<El> {
    let store = Store::get();
    desk.astray.get().then(|| {
        let close = cross("btn quiet", |words| words.shell.close).press(move || desk.astray.set(false));
        notice("notice", move || store.words().take.astray.to_owned()).child(close)
    })
}
