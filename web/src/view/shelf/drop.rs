//! Files dropped on the page, wherever.

use super::Shelf;
use crate::view::desk::body;
use crate::view::parts::{El, el, holds};
use wasm_bindgen::JsCast;
use web_sys::{DataTransfer, DragEvent, Event};

/// Listens on the whole page, as long as it lives.
pub fn listen(shelf: Shelf) {
    let page = El::from(body());
    let page = page.on("dragover", move |event| {
        if data(&event).is_some_and(|data| data.types().includes(&"Files".into(), 0)) {
            event.prevent_default();
            shelf.hovers.set(true);
        }
    });
    let page = page.on("dragleave", move |event| {
        // Out of the window, not into another element.
        if event.unchecked_ref::<DragEvent>().related_target().is_none() {
            shelf.hovers.set(false);
        }
    });
    let _: El = page.on("drop", move |event| {
        shelf.hovers.set(false);
        if let Some(file) = data(&event).and_then(|data| data.files()).and_then(|files| files.get(0)) {
            event.prevent_default();
            shelf.open(file);
        }
    });
}

fn data(event: &Event) -> Option<DataTransfer> {
    event.unchecked_ref::<DragEvent>().data_transfer()
}

/// What is seen while a file is over the page.
#[must_use]
pub fn target() -> El {
    let shelf = Shelf::get();
    el("div").class("drop-place").when(holds(move || shelf.hovers.get()), || {
        let words =
            el("div").child(el("b").say(|words| words.shelf.drop)).child(el("p").say(|words| words.shelf.sorts));
        el("div").class("drop-target").child(words)
    })
}
