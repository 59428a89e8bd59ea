//! What leaves the page: text to the clipboard, files to the reader's own folder.

use super::desk::body;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, Clipboard, HtmlAnchorElement, HtmlDocument, HtmlTextAreaElement, Url};

/// Puts text into the clipboard; `then` learns whether it is there. A page that came over plain HTTP from another
/// computer has no clipboard of its own: there the old way has to do.
pub fn copy(text: String, then: impl FnOnce(bool) + 'static) {
    let clipboard = js_sys::Reflect::get(&window().navigator(), &"clipboard".into()).ok();
    let clipboard = clipboard.filter(|found| !found.is_undefined()).map(JsCast::unchecked_into::<Clipboard>);
    let Some(clipboard) = clipboard else { return then(copy_selected(&text)) };
    let copied = clipboard.write_text(&text);
    spawn_local(async move {
        let done = JsFuture::from(copied).await.is_ok();
        then(done || copy_selected(&text));
    });
}

/// Selects the text in a field of its own, and copies that.
fn copy_selected(text: &str) -> bool {
    let Ok(field) = document().create_element("textarea") else { return false };
    let field: HtmlTextAreaElement = field.unchecked_into();
    field.set_value(text);
    field.set_class_name("aloud");
    // An open dialog makes everything outside it inert: the field goes inside.
    let place = document().query_selector("dialog[open]").ok().flatten().unwrap_or_else(|| body().into());
    // Fails only where there is no document.
    let _ = place.append_child(&field);
    field.select();
    let done = document().unchecked_into::<HtmlDocument>().exec_command("copy").unwrap_or(false);
    field.remove();
    done
}

/// Gives the reader a file.
///
/// # Errors
/// As the browser says.
pub fn download(name: &str, kind: &str, text: &str) -> Result<(), JsValue> {
    give(name, kind, &js_sys::Array::of1(&text.into()))
}

/// Gives the reader a file made of parts: texts, or arrays of bytes.
///
/// # Errors
/// As the browser says.
pub fn give(name: &str, kind: &str, parts: &js_sys::Array) -> Result<(), JsValue> {
    save(name, &url(kind, parts)?)
}

/// An address for a file made of parts, in this page only.
///
/// # Errors
/// As the browser says.
pub fn url(kind: &str, parts: &js_sys::Array) -> Result<String, JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    Url::create_object_url_with_blob(&Blob::new_with_u8_array_sequence_and_options(parts, &options)?)
}

/// Gives the reader what is at an address of this page; it is gone then.
///
/// # Errors
/// As the browser says.
pub fn save(name: &str, url: &str) -> Result<(), JsValue> {
    let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(url);
    link.set_download(name);
    link.click();
    Url::revoke_object_url(url)
}
