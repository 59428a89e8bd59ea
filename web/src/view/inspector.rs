//! The inspector: one sentence about the selection, and under it the program, the kernel, the bytes.

use super::dom::{El, el, holds, watch};
use super::ladder::mark_at;
use crate::i18n::Words;
use crate::model::inspect::{self, About, Figures, Tongue};
use crate::model::ladder::svg::escape;
use crate::model::{Story, wording};
use crate::store::{Selection, Store};
use leptos::prelude::*;
use protocol::{Kind, Nanos, ProgramId, Seq, SocketId, TcpMode};
use web_sys::HtmlElement;

mod figure;

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

fn nothing() -> Page {
    Page { nothing: true, ..Page::default() }
}

fn of_event(story: &Story, words: &Words, about: &About, mode: TcpMode, tongue: Tongue) -> Page {
    let inspector = &words.inspector;
    let mut page = match about.program {
        Some(program) => of_program(story, words, program, about.call, mode, tongue),
        None => Page::default(),
    };
    if let Some(line) = &about.line {
        let place = [&line.file, ":", &line.number.to_string()].concat();
        page.program = Some((place, vec![(line.text.clone(), true)]));
        page.no_source = false;
    }
    page.sentence = about.sentence.as_ref().map(inspector.sentence).unwrap_or_default();
    page.call = about.sentence.as_ref().map(|sentence| sentence.call.clone()).unwrap_or_default();
    page.packet.clone_from(&about.packet);
    if let Some(error) = about.error {
        page.error = vec![(words.trouble.call)(&error), inspect::python(error)];
        page.error.extend(inspect::windows(error.name).map(inspector.windows));
    }
    let step = |step: &inspect::Step| {
        (step.seq, (inspector.reason)(&step.reason, &step.seq.map_or(String::new(), |seq| named(story, words, seq))))
    };
    page.why = about.why.iter().map(step).collect();
    if let Some(socket) = about.socket {
        values(story, words, socket, about.times.1.or(Some(about.times.0)), &mut page);
    }
    let mut show = |name: &str, bytes: &[u8]| {
        if !bytes.is_empty() && about.packet.is_none() {
            let more = bytes.len().saturating_sub(MOST_BYTES) as u64;
            let more = if more > 0 { (inspector.more_bytes)(more) } else { String::new() };
            page.bytes.push((name.to_string(), hex(bytes), more));
        }
    };
    let (first, second) = if about.other_first { (&about.other, &about.bytes) } else { (&about.bytes, &about.other) };
    if about.other.is_empty() {
        show("", &about.bytes);
    } else {
        show(inspector.before, first);
        show(inspector.after, second);
    }
    let (began, returned, uncertain) = about.times;
    let took = returned.map(|returned| wording::time(returned.since(began)));
    let uncertain = (uncertain > Nanos(0)).then(|| wording::time(uncertain));
    let mut footer = [
        (inspector.how)(about.provenance.how),
        " · ",
        &(inspector.times)(&wording::moment(began), took.as_deref(), uncertain.as_deref()),
    ]
    .concat();
    if about.provenance.simulated {
        footer = [&footer, " · ", inspector.simulated].concat();
    }
    page.footer = footer;
    page
}

fn of_program(story: &Story, words: &Words, id: ProgramId, call: &str, mode: TcpMode, tongue: Tongue) -> Page {
    let mut page = Page::default();
    let Some(program) = story.program(id) else { return nothing() };
    page.sentence.clone_from(&program.name);
    match inspect::listing(story, id, mode) {
        Some((listing, transport, port, size)) => {
            let lines = inspect::source::lines(listing, tongue, transport, &port, size);
            let running = if call.is_empty() { running(story, id) } else { call };
            let lines = lines.into_iter().map(|line| {
                let lit = line.makes(running);
                (line.text, lit)
            });
            let lines = lines.collect();
            page.program = Some((program.name.clone(), lines));
        }
        None => page.no_source = true,
    }
    if let Some(socket) = story.last_socket(id) {
        values(story, words, socket.id, None, &mut page);
    }
    page
}

/// The name of the call in which a program waits now.
fn running(story: &Story, id: ProgramId) -> &'static str {
    let calls = story.program(id).map_or(&[][..], |program| &program.calls);
    let open = calls.iter().rev().take(64).map(|at| &story.calls()[*at as usize]).find(|call| call.outcome.is_none());
    open.map_or("", |call| wording::op_name(&call.op))
}

fn of_socket(story: &Story, words: &Words, id: SocketId, mode: TcpMode, tongue: Tongue) -> Page {
    let Some(socket) = story.socket(id) else { return nothing() };
    let mut page =
        socket.program.map_or_else(Page::default, |program| of_program(story, words, program, "", mode, tongue));
    let end = |address: &Option<protocol::Address>| address.as_ref().map(ToString::to_string);
    let name = socket.transport.map_or("", wording::transport);
    let ends: Vec<String> = end(&socket.local).into_iter().chain(end(&socket.peer)).collect();
    page.sentence = [name, " ", &ends.join(" ↔ ")].concat();
    values(story, words, id, None, &mut page);
    page
}

fn values(story: &Story, words: &Words, id: SocketId, at: Option<Nanos>, page: &mut Page) {
    let inspector = &words.inspector;
    page.values.clear();
    let Some(socket) = story.socket(id) else { return };
    page.socket = socket.local.as_ref().map(wording::place).unwrap_or_default();
    if let Some(state) = story.state_of(socket, at.unwrap_or(story.latest())) {
        page.values.push((inspector.state.into(), state.name().into()));
    }
    let shown = inspect::values(story, id, at).into_iter().filter(|(key, value)| inspect::tells(*key, *value));
    page.values.extend(
        shown.map(|(key, value)| ((inspector.value)(key).into(), (inspector.amount)(value, inspect::unit(key)))),
    );
}

/// A mark in a few words: who, and which call.
fn named(story: &Story, words: &Words, seq: Seq) -> String {
    if let Some(call) = story.call_of(seq) {
        let who = story.program(call.program).map_or("", |program| program.name.as_str());
        return [who, ": ", &wording::op(&call.op)].concat();
    }
    match story.event(seq).map(|event| &event.kind) {
        Some(Kind::Packet(packet)) => {
            let about = inspect::about(story, seq, Nanos(0)).filter(|_| story.packet(packet.id).is_some());
            about
                .and_then(|about| about.sentence)
                .map_or(String::new(), |sentence| (words.inspector.sentence)(&sentence))
        }
        Some(Kind::Command { what, .. }) => (words.ladder.say)(&crate::model::Say::Command(Box::new(what.clone()))),
        _ => String::new(),
    }
}

fn hex(bytes: &[u8]) -> Vec<[String; 2]> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let line = |chunk: &[u8]| {
        let mut hex = String::with_capacity(chunk.len() * 3);
        for byte in chunk {
            hex.push(char::from(DIGITS[usize::from(byte >> 4)]));
            hex.push(char::from(DIGITS[usize::from(byte & 15)]));
            hex.push(' ');
        }
        [hex, wording::visible(chunk)]
    };
    bytes[..bytes.len().min(MOST_BYTES)].chunks(8).map(line).collect()
}
