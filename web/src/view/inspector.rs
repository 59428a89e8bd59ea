//! The inspector: one sentence about the selection, and under it the program, the kernel, the bytes.

use super::dom::{El, el, holds, watch};
use super::ladder::mark_at;
use crate::i18n::Words;
use crate::model::inspect::{self, About, Figures, Tongue};
use crate::model::ladder::svg::escape;
use crate::model::{Story, wording};
use crate::store::{Selection, Store};
use gather::*;
use leptos::prelude::*;
use protocol::{Kind, Nanos, ProgramId, Seq, SocketId, TcpMode};
use web_sys::HtmlElement;

mod figure;
mod gather;

/// So many bytes are shown as hex and text.
const MOST_BYTES: usize = 256;

/// All that is shown, as plain values.
#[derive(Default)]
struct Page {
    sentence: String,
    error: Vec<String>,
    why: Vec<(Option<Seq>, String)>,
    program: Option<(String, Vec<(String, bool)>)>,
    no_source: bool,
    values: Vec<(String, String)>,
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

/// The inspector.
///
/// What stands inside its parts is written as HTML, where every text goes through [`escape`]: it is much smaller in
/// the page than a view of each line, and the parts themselves stay, so that one that was closed stays closed.
pub fn inspector() -> El {
    let store = Store::get();
    let tongue = RwSignal::new(Tongue::default());
    let say = el("p").class("say").attr("aria-live", "polite");
    let provenance = el("p").class("provenance");
    let (errors_at, reasons_at) = (el("div"), el("div"));
    let program = part("part-program");
    let kernel = part("part-kernel");
    let bytes = part("part-bytes");
    let header = part("part-header");
    let pin = el("p").class("pin");
    let tongues = Tongue::ALL.map(|one| {
        let chosen = holds(move || tongue.get() == one);
        el("button").attr("type", "button").aria("aria-pressed", chosen).text(one.name()).press(move || tongue.set(one))
    });
    let tongues = el("div")
        .class("tongues")
        .attr("role", "group")
        .attr_said("aria-label", |words| words.inspector.language)
        .children(tongues);
    let written = [
        (say.clone(), sentence as Write),
        (pin.clone(), pin_line),
        (errors_at.clone(), errors),
        (reasons_at.clone(), reasons),
        (program.1.clone(), program_head),
        (program.2.clone(), program_body),
        (kernel.1.clone(), kernel_head),
        (kernel.2.clone(), kernel_body),
        (header.1.clone(), figure::head),
        (header.2.clone(), figure::body),
        (bytes.1.clone(), bytes_head),
        (bytes.2.clone(), bytes_body),
        (provenance.clone(), footer),
    ];
    let mut before: [String; 13] = Default::default();
    // A part with nothing in it is not there: the part, and which of the written is in it.
    let folding = [
        (program.0.clone(), 5),
        (tongues.clone(), 5),
        (kernel.0.clone(), 7),
        (header.0.clone(), 9),
        (bytes.0.clone(), 11),
    ];
    watch(move || {
        let words = store.words();
        let page = read(store, tongue.get());
        for (old, (element, write)) in before.iter_mut().zip(&written) {
            let new = write(&page, words);
            if *old != new {
                element.element().set_inner_html(&new);
                *old = new;
            }
        }
        for (element, body) in &folding {
            element.cast::<HtmlElement>().set_hidden(before[*body].is_empty());
        }
    });
    el("div")
        .class("inspector")
        .on("click", move |event| {
            if let Some(seq) = mark_at(event.target()) {
                store.selection.set(Some(Selection::Event(seq)));
            }
        })
        .on("mouseover", |event| figure::light(event.target()))
        .on("focusin", |event| figure::light(event.target()))
        .child(pin)
        .child(say)
        .child(errors_at)
        .child(reasons_at)
        .child(program.0)
        .child(tongues)
        .child(header.0)
        .child(kernel.0)
        .child(bytes.0)
        .child(provenance)
}

/// Writes a part as HTML.
type Write = fn(&Page, &Words) -> String;

/// A part that can be closed, its head and its body.
fn part(class: &str) -> (El, El, El) {
    let (head, body) = (el("summary"), el("div"));
    (el("details").class(class).attr("open", "").child(head.clone()).child(body.clone()), head, body)
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

fn footer(page: &Page, _: &Words) -> String {
    let mut html = String::new();
    escape(&page.footer, &mut html);
    html
}

fn bytes_head(page: &Page, words: &Words) -> String {
    if page.bytes.is_empty() { String::new() } else { words.inspector.bytes.into() }
}

fn read(store: Store, tongue: Tongue) -> Page {
    let words = store.words();
    let mode = store.settings.with(|settings| settings.wanted.tcp_mode);
    let selection = store.selection.get();
    let followed = store.followed.get();
    store.picture(|story| match selection {
        Some(Selection::Event(seq)) => {
            if story.call_of(seq).is_some_and(|call| call.outcome.is_none()) {
                store.tick.track();
            }
            let about = inspect::about(story, seq, store.now());
            let page = about.map_or_else(nothing, |about| of_event(story, words, &about, mode, tongue));
            Page { pinned: true, ..page }
        }
        Some(Selection::Socket(id)) => Page { pinned: true, ..of_socket(story, words, id, mode, tongue) },
        Some(Selection::Program(id)) => Page { pinned: true, ..of_program(story, words, id, "", mode, tongue) },
        None => {
            let (seq, server) = inspect::latest(story, followed);
            if seq.and_then(|seq| story.call_of(seq)).is_some_and(|call| call.outcome.is_none()) {
                store.tick.track();
            }
            let about = seq.and_then(|seq| inspect::about(story, seq, store.now()));
            let mut page = about.map_or_else(nothing, |about| of_event(story, words, &about, mode, tongue));
            if let Some(server) = server {
                // The program that people read, at the line where it is.
                let program = of_program(story, words, server, "", mode, tongue);
                (page.program, page.no_source) = (program.program, program.no_source);
                page.nothing = false;
            }
            page
        }
    })
}

/// Writes a tag around a text.
fn tag(html: &mut String, open: &str, text: &str, close: &str) {
    html.push_str(open);
    escape(text, html);
    html.push_str(close);
}

fn errors(page: &Page, _: &Words) -> String {
    let mut html = String::new();
    page.error.iter().for_each(|line| tag(&mut html, "<p class=\"error-line\">", line, "</p>"));
    html
}

fn reasons(page: &Page, words: &Words) -> String {
    let mut html = String::new();
    if page.why.is_empty() {
        return html;
    }
    tag(&mut html, "<div class=\"why\"><b>", words.inspector.why, "</b><ol>");
    for (seq, text) in &page.why {
        match seq {
            Some(seq) => {
                let open = ["<li><button class=\"step\" data-seq=\"", &seq.0.to_string(), "\">"].concat();
                tag(&mut html, &open, text, "</button></li>");
            }
            None => tag(&mut html, "<li>", text, "</li>"),
        }
    }
    html.push_str("</ol></div>");
    html
}

fn head(name: &str, small: &str) -> String {
    let mut html = String::new();
    tag(&mut html, "", name, " ");
    tag(&mut html, "<small>", small, "</small>");
    html
}

fn program_head(page: &Page, words: &Words) -> String {
    head(words.inspector.program, page.program.as_ref().map_or("", |program| &program.0))
}

fn program_body(page: &Page, words: &Words) -> String {
    let mut html = String::new();
    match &page.program {
        Some((_, lines)) => {
            html.push_str("<pre class=\"source\">");
            for (text, lit) in lines {
                tag(&mut html, if *lit { "<span class=\"at\">" } else { "<span>" }, text, "</span>");
            }
            html.push_str("</pre>");
        }
        None if page.no_source => tag(&mut html, "<p class=\"hint\">", words.inspector.no_source, "</p>"),
        None => {}
    }
    html
}

fn kernel_head(page: &Page, words: &Words) -> String {
    head(words.inspector.kernel, &page.socket)
}

fn kernel_body(page: &Page, words: &Words) -> String {
    let mut html = String::new();
    if page.nothing {
        return html;
    }
    if page.values.is_empty() {
        tag(&mut html, "<p class=\"hint\">", words.inspector.no_values, "</p>");
        return html;
    }
    html.push_str("<table class=\"values\"><tbody>");
    for (name, value) in &page.values {
        tag(&mut html, "<tr><th scope=\"row\">", name, "</th>");
        tag(&mut html, "<td>", value, "</td></tr>");
    }
    html.push_str("</tbody></table>");
    html
}

fn bytes_body(page: &Page, _: &Words) -> String {
    let mut html = String::new();
    for (name, lines, more) in &page.bytes {
        tag(&mut html, "<h4>", name, "</h4><div class=\"hex\">");
        for [hex, text] in lines {
            tag(&mut html, "<span><code>", hex, "</code>");
            tag(&mut html, "<code>", text, "</code></span>");
        }
        tag(&mut html, "</div><p class=\"hint\">", more, "</p>");
    }
    html
}
