//! The overview beside the ladder: a press or a drag on it goes there.

use crate::model::ladder::{minimap, svg};
use crate::view::dom::{El, svg as svg_el};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, PointerEvent};

/// The overview. `go` gets the part of the whole that was pressed.
pub fn map(go: impl Fn(f64) + 'static) -> El {
    let map = svg_el("svg").class("ladder-map").attr("aria-hidden", "true");
    map.element().set_inner_html("<g></g><rect class=\"mini-window\" x=\"0.5\"/>");
    let element = map.element().clone();
    let go = Rc::new(move |event: web_sys::Event| {
        let event: PointerEvent = event.unchecked_into();
        if event.buttons() == 0 {
            return;
        }
        event.prevent_default();
        let place = element.get_bounding_client_rect();
        if place.height() > 0.0 {
            go((f64::from(event.client_y()) - place.top()) / place.height());
        }
    });
    let moved = go.clone();
    map.on("pointerdown", move |event| go(event)).on("pointermove", move |event| moved(event))
}

/// Puts the lines of the whole and the frame of what is seen into it.
pub fn show(map: &Element, lines: &str, (top, high): (f64, f64)) {
    let (group, frame) = (map.first_element_child(), map.last_element_child());
    if let (Some(group), Some(frame)) = (group, frame) {
        if group.inner_html() != lines {
            group.set_inner_html(lines);
        }
        let wide = minimap::WIDTH as i32 - 1;
        for (name, value) in [("y", top as i32), ("height", (high as i32).max(6)), ("width", wide)] {
            // Fails only for a name that is none.
            let _ = frame.set_attribute(name, &value.to_string());
        }
    }
}

/// The lines as SVG.
pub fn lines(shapes: &[crate::model::ladder::Shape]) -> String {
    svg::shapes(shapes)
}
