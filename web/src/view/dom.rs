//! Elements that change with the store.
//!
//! The shell is built with these few functions and not with the `view!` macro: the macro compiles every element into
//! machinery of its own type, and the page would be half as large again. Nothing here is generic inside, so an element
//! costs a few calls. Whatever runs again lives as long as its reactive owner: the region, or the page.

use crate::i18n::Words;
use crate::live::Memo;
use crate::store::Store;
use leptos::mount::mount_to;
use leptos::prelude::*;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, HtmlElement, Node};

/// Picks one sentence.
pub type Said = fn(&'static Words) -> &'static str;
/// Words that may change.
pub type Text = Box<dyn Fn() -> String>;
/// What an event does.
pub type Act = Box<dyn FnMut(Event)>;

const SVG: &str = "http://www.w3.org/2000/svg";

/// An element being built.
#[derive(Clone)]
pub struct El(Element);

/// An HTML element.
#[must_use]
pub fn el(tag: &str) -> El {
    El(document().create_element(tag).expect("tags are written in this crate, and are names"))
}

/// An SVG element.
#[must_use]
pub fn svg(tag: &str) -> El {
    El(document().create_element_ns(Some(SVG), tag).expect("tags are written in this crate, and are names"))
}

/// Runs it now, and again when what it reads changes, as long as the owner lives.
pub fn watch(run: impl FnMut() + 'static) {
    fn boxed(mut run: Box<dyn FnMut()>) {
        StoredValue::new_local(RenderEffect::new(move |_: Option<()>| run()));
    }
    boxed(Box::new(run));
}

impl<T: Into<Element>> From<T> for El {
    fn from(element: T) -> Self {
        Self(element.into())
    }
}

impl El {
    /// The element itself.
    #[must_use]
    pub fn element(&self) -> &Element {
        &self.0
    }

    /// The element as another type of the DOM.
    ///
    /// # Panics
    /// When it is not one: the tag decides that, and stands in the same function.
    #[must_use]
    pub fn cast<T: JsCast>(&self) -> T {
        self.0.clone().unchecked_into()
    }

    /// Sets an attribute.
    #[must_use]
    pub fn attr(self, name: &str, value: &str) -> Self {
        // Fails only for a name that is none.
        let _ = self.0.set_attribute(name, value);
        self
    }

    /// Sets the class.
    #[must_use]
    pub fn class(self, class: &str) -> Self {
        self.attr("class", class)
    }

    /// Keeps an attribute as this says; absent when it says nothing.
    #[must_use]
    pub fn attr_as(self, name: &'static str, value: impl Fn() -> Option<String> + 'static) -> Self {
        fn boxed(element: Element, name: &'static str, value: Box<dyn Fn() -> Option<String>>) {
            watch(move || {
                // Both fail only for a name that is none.
                let _ = match value() {
                    Some(value) => element.set_attribute(name, &value),
                    None => element.remove_attribute(name),
                };
            });
        }
        boxed(self.0.clone(), name, Box::new(value));
        self
    }

    /// Keeps an attribute in the language of the moment.
    #[must_use]
    pub fn attr_said(self, name: &'static str, what: Said) -> Self {
        let store = Store::get();
        self.attr_as(name, move || Some(what(store.words()).to_owned()))
    }

    /// Keeps an attribute there while something holds.
    #[must_use]
    pub fn attr_if(self, name: &'static str, holds: Memo<bool>) -> Self {
        self.attr_as(name, move || holds.get().then(String::new))
    }

    /// Keeps an attribute `true` or `false`, as ARIA writes it.
    #[must_use]
    pub fn aria(self, name: &'static str, holds: Memo<bool>) -> Self {
        self.attr_as(name, move || Some(holds.get().to_string()))
    }

    /// Keeps a class there while something holds.
    #[must_use]
    pub fn class_if(self, class: &'static str, holds: Memo<bool>) -> Self {
        let list = self.0.class_list();
        // Fails only for a class with a space in it.
        watch(move || drop(list.toggle_with_force(class, holds.get())));
        self
    }

    /// Keeps a property, such as a field's value, as this says.
    #[must_use]
    pub fn prop(self, name: &'static str, value: impl Fn() -> JsValue + 'static) -> Self {
        let element = self.0.clone();
        // Fails only for an object that is frozen.
        watch(move || drop(js_sys::Reflect::set(&element, &name.into(), &value())));
        self
    }

    /// Acts on an event.
    #[must_use]
    pub fn on(self, event: &str, act: impl FnMut(Event) + 'static) -> Self {
        fn boxed(element: &Element, event: &str, act: Act) {
            let closure = Closure::<dyn FnMut(Event)>::new(act);
            // Fails for no element.
            let _ = element.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
            let kept = StoredValue::new_local(Some((element.clone(), event.to_owned(), closure)));
            // What was asked for a moment ago, such as a scroll, still comes to an element that is gone.
            on_cleanup(move || {
                if let Some((element, event, closure)) = kept.try_update_value(Option::take).flatten() {
                    // Fails for no element.
                    let _ = element.remove_event_listener_with_callback(&event, closure.as_ref().unchecked_ref());
                }
            });
        }
        boxed(&self.0, event, Box::new(act));
        self
    }

    /// Acts when it is pressed.
    #[must_use]
    pub fn press(self, act: impl Fn() + 'static) -> Self {
        self.on("click", move |_| act())
    }

    /// Acts on the new value of a field.
    #[must_use]
    pub fn change(self, act: impl Fn(String) + 'static) -> Self {
        self.on("change", move |event| act(event_target_value(&event)))
    }

    /// Adds text.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        self.append(&document().create_text_node(text))
    }

    /// Adds text that changes.
    #[must_use]
    pub fn text_as(self, write: impl Fn() -> String + 'static) -> Self {
        fn boxed(node: web_sys::Text, write: Text) {
            watch(move || node.set_data(&write()));
        }
        let node = document().create_text_node("");
        boxed(node.clone(), Box::new(write));
        self.append(&node)
    }

    /// Adds a sentence in the language of the moment.
    #[must_use]
    pub fn say(self, what: Said) -> Self {
        let store = Store::get();
        self.text_as(move || what(store.words()).to_owned())
    }

    /// Adds an element.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "a child is built in place, and belongs to its parent then")]
    pub fn child(self, child: El) -> Self {
        self.append(&child.0)
    }

    /// Adds elements.
    #[must_use]
    pub fn children(self, children: impl IntoIterator<Item = El>) -> Self {
        children.into_iter().fold(self, Self::child)
    }

    /// Adds elements that are built anew when what this reads changes.
    #[must_use]
    pub fn region(self, draw: impl Fn() -> Vec<El> + 'static) -> Self {
        fn boxed(end: web_sys::Comment, draw: Box<dyn Fn() -> Vec<El>>) {
            let mut old: Vec<El> = Vec::new();
            watch(move || {
                old.drain(..).for_each(|old| old.0.remove());
                old = draw();
                if let Some(parent) = end.parent_node() {
                    for new in &old {
                        // Fails only if the end had left its parent, and it never does.
                        let _ = parent.insert_before(&new.0, Some(&end));
                    }
                }
            });
        }
        let end = document().create_comment("");
        let this = self.append(&end);
        boxed(end, Box::new(draw));
        this
    }

    /// Adds an element while something holds.
    #[must_use]
    pub fn when(self, holds: Memo<bool>, draw: impl Fn() -> El + 'static) -> Self {
        self.region(move || if holds.get() { vec![draw()] } else { Vec::new() })
    }

    /// Adds a view made with leptos's macro.
    #[must_use]
    pub fn view(self, view: impl FnOnce() -> AnyView + 'static) -> Self {
        let view: Box<dyn FnOnce() -> AnyView> = Box::new(view);
        StoredValue::new_local(mount_to(self.cast::<HtmlElement>(), view));
        self
    }

    fn append(self, node: &Node) -> Self {
        // Fails only for a node that contains this one.
        let _ = self.0.append_child(node);
        self
    }
}

/// Whether something holds, worked out anew only when what it depends on changes.
pub fn holds(test: impl Fn() -> bool + Send + Sync + 'static) -> Memo<bool> {
    Memo::new(test)
}
