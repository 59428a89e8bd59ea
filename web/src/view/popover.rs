//! A button and what it opens beside itself: the browser's own popover, which closes with Escape or a press elsewhere
//! and gives the focus back.

use super::dom::{El, Said, el, holds};
use super::parts::button;
use crate::live::Live;
use leptos::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};
use web_sys::{Element, Event, HtmlElement};

/// Its width, CSS pixels, as in the style sheet: the place depends on it before it is laid out.
const WIDTH: f64 = 340.0;
/// How far it stays from the window's edges.
const MARGIN: f64 = 8.0;

/// The identity of one popover, for buttons inside that close it.
#[derive(Clone, Copy)]
pub struct Popover(u32);

impl Popover {
    /// A new one.
    #[must_use]
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        Self(COUNT.fetch_add(1, Ordering::Relaxed))
    }

    fn id(self) -> String {
        ["pop-", &self.0.to_string()].concat()
    }

    /// Makes a button open it.
    #[must_use]
    pub fn opens(self, button: El) -> El {
        button.attr("popovertarget", &self.id()).attr("aria-haspopup", "dialog")
    }

    /// Makes a button close it, besides what else it does.
    #[must_use]
    pub fn closes(self, button: El) -> El {
        button.attr("popovertarget", &self.id()).attr("popovertargetaction", "hide")
    }

    /// What is opened, beside the element `by`. Its content is built when it opens and gone when it closes.
    #[must_use]
    pub fn panel(self, label: Said, by: &El, content: impl Fn() -> El + 'static) -> El {
        let open = Live::new(false);
        let panel = el("div")
            .class("pop")
            .attr("id", &self.id())
            .attr("popover", "auto")
            .attr("role", "dialog")
            .attr_said("aria-label", label)
            .when(holds(move || open.get()), content);
        let (by, place) = (by.element().clone(), panel.cast::<HtmlElement>());
        panel.on("beforetoggle", move |event| {
            let opens = opens(&event);
            if opens {
                beside(&by, &place);
            }
            open.set(opens);
        })
    }
}

impl Default for Popover {
    fn default() -> Self {
        Self::new()
    }
}

/// A button with words that opens a menu.
pub fn menu(class: &str, label: Said, content: impl Fn(Popover) -> El + 'static) -> [El; 2] {
    let popover = Popover::new();
    let button = popover.opens(button(class).say(label));
    let panel = popover.panel(label, &button, move || content(popover));
    [button, panel]
}

fn opens(event: &Event) -> bool {
    // The event's own type is too young for the bindings.
    js_sys::Reflect::get(event, &"newState".into()).is_ok_and(|state| state == "open")
}

fn beside(by: &Element, panel: &HtmlElement) {
    let rect = by.get_bounding_client_rect();
    let wide = inner(window().inner_width());
    let high = inner(window().inner_height());
    let left = rect.left().min(wide - WIDTH * zoom(panel) - MARGIN).max(MARGIN);
    let top = rect.bottom() + 4.0;
    // In projector mode lengths are given before they are enlarged.
    let zoom = zoom(panel);
    for (name, value) in [("left", left), ("top", top), ("max-height", high - top - MARGIN)] {
        // Fails only for a name that is none.
        let _ = panel.style().set_property(name, &[&((value / zoom) as i32).to_string(), "px"].concat());
    }
}

fn zoom(panel: &HtmlElement) -> f64 {
    // The property is too young for the bindings, and for some browsers.
    js_sys::Reflect::get(panel, &"currentCSSZoom".into()).ok().and_then(|zoom| zoom.as_f64()).unwrap_or(1.0)
}

fn inner(size: Result<wasm_bindgen::JsValue, wasm_bindgen::JsValue>) -> f64 {
    size.ok().and_then(|size| size.as_f64()).unwrap_or_default()
}
