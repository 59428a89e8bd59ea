//! The chain of reasons, each of which one can ask on from.

use super::{Page, tag};
use crate::i18n::Words;

/// The chain.
pub fn body(page: &Page, words: &Words) -> String {
    let mut html = String::new();
    if page.why.is_empty() && !page.came {
        return html;
    }
    let words = &words.why;
    tag(&mut html, "<div class=\"why\"><b>", words.why, "</b>");
    if page.came {
        tag(&mut html, "<button type=\"button\" class=\"step back\">← ", words.back, "</button>");
    }
    html.push_str("<ol>");
    for (seq, text, at) in &page.why {
        match seq {
            Some(seq) => {
                html.push_str("<li><span><button type=\"button\" class=\"step\" data-seq=\"");
                tag(&mut html, &seq.0.to_string(), "", "\">");
                tag(&mut html, "", text, "</button> ");
                tag(&mut html, "<small>", at, "</small></span></li>");
            }
            None => tag(&mut html, "<li><span>", text, "</span></li>"),
        }
    }
    html.push_str("</ol>");
    if page.why.iter().any(|(seq, ..)| seq.is_some()) {
        tag(&mut html, "<p class=\"hint\">", words.walk, "</p>");
    }
    html + "</div>"
}
