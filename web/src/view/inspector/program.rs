//! The call as its manual page has it, and the program with the line that runs.

use super::files::{Files, Found};
use super::{Page, head as part_head, tag};
use crate::i18n::Words;
use crate::live::Live;
use crate::memory;
use crate::model::inspect::source::{Shown, lit};
use crate::model::inspect::{Tongue, manual};
use crate::view::dom::{El, el, holds};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Under this name the browser remembers the language of the source.
const TONGUE: &str = "tongue";

/// The lines of a program.
pub enum Lines {
    /// One line of a person's own program.
    Own(String),
    /// A program of ours, the call that runs, and its text once it is here; without one it could not be had.
    Ours { shown: Box<Shown>, running: String, file: String, text: Option<Option<String>> },
}

impl Lines {
    /// Whether it can be had in other languages.
    pub fn speaks(&self) -> bool {
        matches!(self, Self::Ours { .. })
    }
}

/// The language that was chosen last.
pub fn recall() -> Tongue {
    let last = memory::recall(TONGUE);
    Tongue::ALL.into_iter().find(|tongue| last.as_deref() == Some(tongue.name())).unwrap_or_default()
}

/// The choice of a language.
pub fn tongues(tongue: Live<Tongue>) -> El {
    let tongues = Tongue::ALL.map(|one| {
        let chosen = holds(move || tongue.get() == one);
        el("button").attr("type", "button").aria("aria-pressed", chosen).text(one.name()).press(move || {
            tongue.set(one);
            memory::remember(TONGUE, one.name());
        })
    });
    el("div")
        .class("tongues")
        .attr("role", "group")
        .attr_said("aria-label", |words| words.inspector.language)
        .children(tongues)
}

/// Asks for the files that the page needs, and puts in what is here.
pub fn fetch(page: &mut Page, tongue: Tongue, files: Files) {
    if !page.name.is_empty()
        && let Found::Here(text) = files.get("manual.txt")
    {
        page.signature = manual::signature(&text, page.name, tongue.name()).unwrap_or_default().to_owned();
    }
    if let Some((_, Lines::Ours { shown, file, text, .. })) = &mut page.program {
        *file = shown.file(tongue);
        *text = match files.get(file) {
            Found::Coming => None,
            Found::Here(text) => Some(Some(text)),
            Found::Failed => Some(None),
        };
    }
}

/// The head of the call.
pub fn call_head(page: &Page, words: &Words) -> String {
    if page.arguments.is_empty() { String::new() } else { part_head(words.manual.call, page.name) }
}

/// The signature, and the arguments.
pub fn call_body(page: &Page, words: &Words) -> String {
    let mut html = String::new();
    if page.arguments.is_empty() {
        return html;
    }
    if !page.signature.is_empty() {
        tag(&mut html, "<pre class=\"signature\">", &page.signature, "</pre>");
    }
    html.push_str("<table class=\"values\"><tbody>");
    for (name, value) in &page.arguments {
        let name = if *name == "=" { words.manual.returned } else { name };
        tag(&mut html, "<tr><th scope=\"row\">", name, "</th>");
        tag(&mut html, "<td>", value, "</td></tr>");
    }
    html + "</tbody></table>"
}

/// The head of the program.
pub fn head(page: &Page, words: &Words) -> String {
    part_head(words.inspector.program, page.program.as_ref().map_or("", |program| &program.0))
}

/// Its lines.
pub fn body(page: &Page, words: &Words) -> String {
    let mut html = String::new();
    let line = |html: &mut String, text: &str, lit: bool| {
        tag(html, if lit { "<span class=\"at\">" } else { "<span>" }, text, "</span>");
    };
    match &page.program {
        Some((_, Lines::Own(text))) => {
            html.push_str("<pre class=\"source\">");
            line(&mut html, text, true);
            html.push_str("</pre>");
        }
        Some((_, Lines::Ours { text: None, .. })) => tag(&mut html, "<p class=\"hint\">", words.manual.coming, "</p>"),
        Some((_, Lines::Ours { text: Some(None), .. })) => {
            tag(&mut html, "<p class=\"hint\">", words.manual.failed, " ");
            tag(&mut html, "<button type=\"button\" class=\"step again\">", words.manual.again, "</button></p>");
        }
        Some((_, Lines::Ours { shown, running, file, text: Some(Some(text)) })) => {
            let text = shown.fill(text);
            html.push_str("<pre class=\"source\" tabindex=\"0\">");
            for (text, lit) in text.lines().zip(lit(&text, running)) {
                line(&mut html, text, lit);
            }
            html.push_str("</pre><p class=\"hint\">");
            link(&mut html, file);
            if file.ends_with(".c") {
                html.push_str(", ");
                link(&mut html, "plain.h");
            }
            html.push_str("</p>");
        }
        None if page.no_source => tag(&mut html, "<p class=\"hint\">", words.inspector.no_source, "</p>"),
        None => {}
    }
    html
}

/// The file itself, to keep and to run. Names of our own files have nothing to escape.
fn link(html: &mut String, file: &str) {
    html.push_str(&["<a href=\"./source/", file, "\" download>", file, "</a>"].concat());
}

/// Brings the line that runs into sight, in a text that is longer than its room.
pub fn show_line(part: &Element) {
    let found = |selector: &str| part.query_selector(selector).ok().flatten()?.dyn_into::<HtmlElement>().ok();
    if let Some((text, line)) = found("pre.source").zip(found(".at")) {
        text.set_scroll_top(line.offset_top() - text.client_height() / 2);
    }
}
