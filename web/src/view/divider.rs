//! The line between the picture and the console: drawn up or down, by pointer or keyboard, and remembered.

use super::parts::{El, Said, el};
use crate::live::Live;
use crate::memory;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{KeyboardEvent, PointerEvent};

/// Three lines, CSS pixels.
const LEAST: u32 = 64;
/// So much that the picture keeps some room on a small screen.
const MOST: u32 = 420;
/// Two lines.
const STEP: u32 = 40;

/// The height of the transcript, CSS pixels.
#[must_use]
pub fn height() -> Live<u32> {
    let last = memory::recall("transcript").and_then(|last| last.parse::<u32>().ok());
    Live::new(last.unwrap_or(LEAST).clamp(LEAST, MOST))
}

/// The line.
#[must_use]
pub fn divider(label: Said, height: Live<u32>) -> El {
    // Where its foot was when the pointer went down.
    let grip = StoredValue::new(None::<i32>);
    let set = move |wanted: u32| height.set(wanted.clamp(LEAST, MOST));
    let line = el("div")
        .class("divider")
        .attr("role", "separator")
        .attr("tabindex", "0")
        .attr("aria-orientation", "horizontal")
        .attr("aria-valuemin", &LEAST.to_string())
        .attr("aria-valuemax", &MOST.to_string())
        .attr_as("aria-valuenow", move || Some(height.get().to_string()))
        .attr_said("aria-label", label)
        .attr_said("title", label);
    let element = line.element().clone();
    let remember = move || memory::remember("transcript", &height.get_untracked().to_string());
    line.on("pointerdown", move |event| {
        let event: PointerEvent = event.unchecked_into();
        event.prevent_default();
        // Fails for a pointer that is gone already.
        let _ = element.set_pointer_capture(event.pointer_id());
        grip.set_value(Some(event.client_y() + height.get_untracked() as i32));
    })
    .on("pointermove", move |event| {
        if let Some(foot) = grip.get_value() {
            set((foot - event.unchecked_into::<PointerEvent>().client_y()).max(0).unsigned_abs());
        }
    })
    .on("lostpointercapture", move |_| {
        grip.set_value(None);
        remember();
    })
    .on("dblclick", move |_| {
        set(if height.get_untracked() > LEAST { LEAST } else { MOST / 2 });
        remember();
    })
    .on("keydown", move |event| {
        let event: KeyboardEvent = event.unchecked_into();
        let wanted = match event.key().as_str() {
            "ArrowUp" => height.get_untracked() + STEP,
            "ArrowDown" => height.get_untracked().saturating_sub(STEP),
            "Home" => LEAST,
            "End" => MOST,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        set(wanted);
        remember();
    })
}
