//! The inspector: one sentence about the selection, and under it the call, the program, the kernel, the bytes.

use super::dom::{El, el, watch};
use super::ladder::mark_at;
use crate::i18n::Words;
use crate::live::Live;
use crate::memory;
use crate::model::inspect::diagram::Stop;
use crate::model::inspect::{self, About, Figures, Tongue};
use crate::model::ladder::svg::escape;
use crate::model::{Story, named, why, wording};
use crate::store::{Selection, Store};
use files::Files;
use gather::*;
use protocol::{Nanos, ProgramId, Seq, SocketId, TcpMode};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

mod figure;
mod files;
mod gather;
mod kernel;
mod program;
mod reasons;
pub mod walk;

/// So many bytes are shown as hex and text.
const MOST_BYTES: usize = 256;

/// All that is shown, as plain values.
#[derive(Default)]
struct Page {
    sentence: String,
    error: Vec<String>,
    /// Each cause, in words, and when it was.
    why: Vec<(Option<Seq>, String, String)>,
    /// Whether one came here from another mark.
    came: bool,
    /// The call's signature; empty until its file is here.
    signature: String,
    /// Its name, for the head.
    name: &'static str,
    arguments: Vec<(&'static str, String)>,
    /// The program's name, and where its lines are.
    program: Option<(String, program::Lines)>,
    no_source: bool,
    values: Vec<kernel::Row>,
    way: Vec<Stop>,
    socket: String,
    bytes: Vec<(String, Vec<[String; 2]>, String)>,
    footer: String,
    nothing: bool,
    /// Whether a person chose what is shown; else it follows the story.
    pinned: bool,
    /// The call in the sentence, which stands out.
    call: String,
    packet: Option<Figures>,
}

/// Writes a part as HTML.
type Write = fn(&Page, &Words) -> String;

/// A part of the inspector; those with a head can be closed.
struct Part {
    element: El,
    places: [(El, Write); 2],
    before: [String; 2],
}

impl Part {
    /// A part that is always open.
    fn plain(element: El, write: Write) -> Self {
        Self {
            places: [(el("i"), |_, _| String::new()), (element.clone(), write)],
            element,
            before: Default::default(),
        }
    }

    /// A part that can be closed, and stays as it was left.
    fn folding(class: &'static str, open: bool, [head, body]: [Write; 2]) -> Self {
        let places = [(el("summary"), head), (el("div"), body)];
        let children = places.iter().map(|(place, _)| place.clone());
        let mut element = el("details").class(class).children(children);
        if memory::recall(class).map_or(open, |last| last == "open") {
            element = element.attr("open", "");
        }
        let here = element.element().clone();
        let element = element.on("toggle", move |_| {
            memory::remember(class, if here.has_attribute("open") { "open" } else { "closed" });
        });
        Self { element, places, before: Default::default() }
    }

    /// Writes what has changed. A part with nothing in it is not there.
    fn show(&mut self, page: &Page, words: &Words) {
        for ((place, write), before) in self.places.iter().zip(&mut self.before) {
            let new = write(page, words);
            if *before != new {
                place.element().set_inner_html(&new);
                *before = new;
                program::show_line(place.element());
            }
        }
        self.element.cast::<HtmlElement>().set_hidden(self.before[1].is_empty());
    }
}

/// The inspector.
///
/// What stands inside its parts is written as HTML, where every text goes through [`escape`]: it is much smaller in
/// the page than a view of each line, and the parts themselves stay, so that one that was closed stays closed.
pub fn inspector() -> El {
    let store = Store::get();
    let walk = super::desk::Desk::get().walk;
    super::light::Light::get().shine();
    let tongue = Live::new(program::recall());
    let files = Files::new();
    let said = el("p").class("say").attr("aria-live", "polite");
    let tongues = program::tongues(tongue);
    let mut parts = [
        Part::plain(el("p").class("pin"), pin_line),
        Part::plain(said, sentence),
        Part::plain(el("div"), errors),
        Part::plain(el("div"), reasons::body),
        Part::folding("part-call", true, [program::call_head, program::call_body]),
        Part::folding("part-program", true, [program::head, program::body]),
        Part::folding("part-header", true, [figure::head, figure::body]),
        Part::folding("part-kernel", true, [kernel::head, kernel::body]),
        Part::folding("part-states", false, [kernel::states_head, kernel::states_body]),
        Part::folding("part-bytes", true, [bytes_head, bytes_body]),
        Part::plain(el("p").class("provenance"), footer),
    ];
    let mut all: Vec<El> = parts.iter().map(|part| part.element.clone()).collect();
    // The choice of a language stands before the parts that are written in one.
    all.insert(4, tongues.clone());
    watch(move || {
        let words = store.words();
        let page = read(store, tongue.get(), files, walk);
        parts.iter_mut().for_each(|part| part.show(&page, words));
        let spoken = page.program.as_ref().is_some_and(|(_, lines)| lines.speaks()) || !page.signature.is_empty();
        tongues.cast::<HtmlElement>().set_hidden(!spoken);
    });
    el("div")
        .class("inspector")
        .on("click", move |event| {
            let button = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            let is = |class: &str| button.as_ref().is_some_and(|button| button.class_list().contains(class));
            if is("back") {
                walk.back(store);
            } else if is("again") {
                files.again();
            } else if let Some(seq) = mark_at(event.target()) {
                walk.to(store, seq);
            }
        })
        .on("mouseover", |event| figure::light(event.target()))
        .on("focusin", |event| figure::light(event.target()))
        .children(all)
}

fn pin_line(page: &Page, words: &Words) -> String {
    let mut html = String::new();
    match (page.nothing, page.pinned) {
        (true, _) => {}
        (_, true) => escape(words.inspector.pinned, &mut html),
        (_, false) => escape(words.inspector.following, &mut html),
    }
    html
}

fn sentence(page: &Page, words: &Words) -> String {
    let mut html = String::new();
    let said = if page.nothing { words.inspector.nothing } else { &page.sentence };
    match said.split_once(&page.call).filter(|_| !page.call.is_empty()) {
        Some((before, after)) => {
            escape(before, &mut html);
            tag(&mut html, "<b>", &page.call, "</b>");
            escape(after, &mut html);
        }
        None => escape(said, &mut html),
    }
    html
}

fn errors(page: &Page, _: &Words) -> String {
    let mut html = String::new();
    page.error.iter().for_each(|line| tag(&mut html, "<p class=\"error-line\">", line, "</p>"));
    html
}

fn footer(page: &Page, _: &Words) -> String {
    let mut html = String::new();
    escape(&page.footer, &mut html);
    html
}

fn read(store: Store, tongue: Tongue, files: Files, walk: walk::Walk) -> Page {
    let words = store.words();
    let mode = store.settings.with(|settings| settings.wanted.tcp_mode);
    let selection = store.selection.get();
    let followed = store.followed.get();
    let came = walk.came(store);
    let mut page = store.picture(|story| match selection {
        Some(Selection::Event(seq)) => {
            if story.call_of(seq).is_some_and(|call| call.outcome.is_none()) {
                store.tick.track();
            }
            let about = inspect::about(story, seq, store.now());
            let page = about.map_or_else(nothing, |about| of_event(story, words, &about, mode));
            Page { pinned: true, came, ..page }
        }
        Some(Selection::Socket(id)) => Page { pinned: true, ..of_socket(story, words, id, mode) },
        Some(Selection::Program(id)) => Page { pinned: true, ..of_program(story, words, id, "", mode) },
        None => {
            let (seq, server) = inspect::latest(story, followed);
            if seq.and_then(|seq| story.call_of(seq)).is_some_and(|call| call.outcome.is_none()) {
                store.tick.track();
            }
            let about = seq.and_then(|seq| inspect::about(story, seq, store.now()));
            let mut page = about.map_or_else(nothing, |about| of_event(story, words, &about, mode));
            if let Some(server) = server {
                // The program that people read, at the line where it is.
                let program = of_program(story, words, server, "", mode);
                (page.program, page.no_source) = (program.program, program.no_source);
                page.nothing = false;
            }
            page
        }
    });
    program::fetch(&mut page, tongue, files);
    page
}

/// Writes a tag around a text.
fn tag(html: &mut String, open: &str, text: &str, close: &str) {
    html.push_str(open);
    escape(text, html);
    html.push_str(close);
}

/// The head of a part: its name, and what stands at its right.
fn head(name: &str, small: &str) -> String {
    let mut html = String::new();
    tag(&mut html, "", name, " ");
    tag(&mut html, "<small>", small, "</small>");
    html
}

fn bytes_head(page: &Page, words: &Words) -> String {
    if page.bytes.is_empty() { String::new() } else { words.inspector.bytes.into() }
}

fn bytes_body(page: &Page, _: &Words) -> String {
    let mut html = String::new();
    for (name, lines, more) in &page.bytes {
        // Bytes that are no answer, and were not answered, are simply the bytes.
        if !name.is_empty() {
            tag(&mut html, "<h2>", name, "</h2>");
        }
        html.push_str("<div class=\"hex\" tabindex=\"0\">");
        for [hex, text] in lines {
            tag(&mut html, "<span><code>", hex, "</code>");
            tag(&mut html, "<code>", text, "</code></span>");
        }
        tag(&mut html, "</div><p class=\"hint\">", more, "</p>");
    }
    html
}
