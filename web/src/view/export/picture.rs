//! The ladder as a picture: SVG that needs nothing else, and PNG made of it.

use super::outside;
use crate::model::filter::Filter;
use crate::model::ladder::{self, Drawn, Window, heads, svg as shapes};
use crate::model::{Say, Story};
use crate::store::Store;
use crate::view::desk::body;
use crate::view::parts::{el, svg as svg_el};
use leptos::prelude::*;
use protocol::Transport;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, CanvasRenderingContext2d, Element, HtmlCanvasElement, HtmlImageElement, Url};

/// The width of the picture, CSS pixels.
const WIDTH: f64 = 960.0;
/// The height of the lane titles, CSS pixels.
const HEADS: f64 = 46.0;
/// The highest picture, CSS pixels: viewers of pictures give up on larger ones. Of a longer story it is the end.
const HIGHEST: f64 = 30_000.0;
/// What a picture's elements look like, as attributes that every viewer of SVG understands.
const LOOKS: [&str; 12] = [
    "fill",
    "stroke",
    "stroke-width",
    "stroke-dasharray",
    "stroke-linecap",
    "opacity",
    "font-family",
    "font-size",
    "font-weight",
    "font-style",
    // The ground around letters lies under them.
    "paint-order",
    "stroke-linejoin",
];
/// A picture, and how large it is.
pub struct Picture {
    /// The document.
    pub svg: String,
    /// CSS pixels.
    pub size: (u32, u32),
}

/// The ladder as one picture that needs no style sheet; `None` where the browser cannot draw it.
pub fn svg(store: Store, filter: Filter) -> Option<Picture> {
    let words = store.words();
    let say = |what: &Say| (words.ladder.say)(what);
    let followed = store.followed.get_untracked();
    let mode = store.settings.with_untracked(|settings| settings.wanted.tcp_mode);
    let (titles, marks, top, bottom) = store.peek(|story: &Story| {
        let mut layout = ladder::Ladder::default();
        layout.filter(filter);
        layout.update(story, followed);
        let now = store.now();
        let bottom = layout.height(now);
        let top = (bottom - HIGHEST).max(0.0);
        let marks: Vec<Drawn> =
            layout.picture(story, &Window { top, bottom, width: WIDTH, floor: 0.0, now, say: &say }).marks;
        let stream = layout.cast().transport.is_some_and(Transport::is_stream);
        let mode = if stream { (words.ladder.mode)(mode) } else { "" };
        (
            shapes::shapes(&heads::heads(story, layout.cast(), WIDTH, heads::Told { mode, run: None }, &say)),
            marks,
            top,
            bottom,
        )
    });
    // Mounted for a moment, because only the document knows what the classes look like.
    // Without a style element: the policy of this page forbids one, even for a moment.
    let root = svg_el("svg").attr("xmlns", "http://www.w3.org/2000/svg").attr("width", &(WIDTH as i64).to_string());
    let root = root.attr("height", &((bottom - top + HEADS) as i64).to_string());
    let all: String = [shapes::DEFS.to_owned()].into_iter().chain(marks.iter().map(shapes::mark)).collect();
    root.element().set_inner_html(&all);
    let place = el("div").class("aloud").child(root.clone());
    body().append_child(place.element()).ok()?;
    let drawn = dress(root.element(), &titles, top, bottom);
    place.element().remove();
    Some(Picture { svg: drawn?, size: (WIDTH as u32, (bottom - top + HEADS) as u32) })
}

/// So many device pixels a picture may have on a side: browsers give up on larger ones.
const LARGEST: u32 = 16_000;

/// Gives the reader a picture as PNG, twice as fine as the screen where that is possible.
///
/// # Errors
/// As the browser says.
pub async fn png(picture: &Picture) -> Result<(), JsValue> {
    let (width, height) = picture.size;
    let fine = if width.max(height) * 2 <= LARGEST { 2 } else { 1 };
    let (width, height) = (width * fine, (height * fine).min(LARGEST));
    let url = outside::url("image/svg+xml", &js_sys::Array::of1(&picture.svg.as_str().into()))?;
    let image = HtmlImageElement::new()?;
    image.set_src(&url);
    JsFuture::from(image.decode()).await?;
    Url::revoke_object_url(&url)?;
    let canvas: HtmlCanvasElement = document().create_element("canvas")?.unchecked_into();
    canvas.set_width(width);
    canvas.set_height(height);
    let context = canvas.get_context("2d")?.ok_or(JsValue::NULL)?.unchecked_into::<CanvasRenderingContext2d>();
    let (wide, high) = (f64::from(width), f64::from(picture.size.1 * fine));
    context.draw_image_with_html_image_element_and_dw_and_dh(&image, 0.0, 0.0, wide, high)?;
    // Fails only for a canvas with pictures of others in it.
    let made = js_sys::Promise::new(&mut |done, _| drop(canvas.to_blob(&done)));
    let made: Blob = JsFuture::from(made).await?.dyn_into()?;
    outside::save("socketscope.png", &Url::create_object_url_with_blob(&made)?)
}

fn dress(root: &Element, titles: &str, top: f64, bottom: f64) -> Option<String> {
    let box_ = [0.0, top - HEADS, WIDTH, bottom - top + HEADS].map(|part| (part as i64).to_string()).join(" ");
    root.set_attribute("viewBox", &box_).ok()?;
    let heads = svg_el("g").attr("transform", &["translate(0 ", &((top - HEADS) as i64).to_string(), ")"].concat());
    heads.element().set_inner_html(titles);
    root.append_child(heads.element()).ok()?;
    let ground = svg_el("rect").class("hatch-ground").attr("width", "100%").attr("height", "100%");
    let ground = ground.attr("y", &((top - HEADS) as i64).to_string());
    root.insert_before(ground.element(), root.first_child().as_ref()).ok()?;
    let all = root.query_selector_all("*").ok()?;
    for at in 0..all.length() {
        let Some(element) = all.get(at).and_then(|node| node.dyn_into::<Element>().ok()) else { continue };
        let Some(looks) = window().get_computed_style(&element).ok().flatten() else { continue };
        for name in LOOKS {
            if let Ok(value) = looks.get_property_value(name) {
                // A path in a definition is named from the document it was in.
                let value = if value.contains("#hatch") { "url(#hatch)" } else { &value };
                element.set_attribute(name, value).ok()?;
            }
        }
        element.remove_attribute("class").ok()?;
    }
    Some(root.outer_html())
}
