//! A packet's headers as their RFCs draw them, and its bytes, which light each other.

use super::{Page, head as part_head, tag};
use crate::i18n::Words;
use crate::model::inspect::{Cell, Figures};
use crate::model::ladder::svg::escape;
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget};

/// So many bytes are shown.
const MOST_BYTES: usize = 256;
/// Cells of fewer bits have no room for their name.
const NAMED: u8 = 8;

/// The head of the part.
pub fn head(page: &Page, words: &Words) -> String {
    let Some(packet) = &page.packet else { return String::new() };
    let inner = packet.figures.last().map(|figure| (words.inspector.header)(figure.layer, figure.len));
    part_head(words.inspector.headers, &inner.unwrap_or_default())
}

/// The drawings.
pub fn body(page: &Page, words: &Words) -> String {
    let Some(packet) = &page.packet else { return String::new() };
    let mut html = String::new();
    // What a program sent is in the innermost header: that one first.
    for figure in packet.figures.iter().rev() {
        let name = (words.inspector.header)(figure.layer, figure.len);
        html.push_str("<table class=\"figure\">");
        tag(&mut html, "<caption>", &name, "</caption>");
        html.push_str("<colgroup><col span=\"32\"></colgroup><thead><tr aria-hidden=\"true\">");
        for first in [0, 8, 16, 24] {
            tag(&mut html, "<th colspan=\"8\">", &first.to_string(), "</th>");
        }
        html.push_str("</tr></thead><tbody>");
        for row in &figure.rows {
            html.push_str("<tr>");
            row.iter().for_each(|one| cell(&mut html, packet, *one));
            html.push_str("</tr>");
        }
        html.push_str("</tbody></table>");
    }
    tag(&mut html, "<p class=\"field-said\" aria-live=\"polite\">", words.inspector.choose_field, "</p>");
    if let Some(verdict) = packet.checksum {
        let said = (words.inspector.checksum)(verdict, packet.loopback);
        tag(&mut html, "<p class=\"hint\">", &said, "</p>");
    }
    html + &hex(packet, words)
}

fn cell(html: &mut String, packet: &Figures, cell: Cell) {
    let Some(field) = packet.fields.get(usize::from(cell.field)) else { return };
    let number = |number: u8| number.to_string();
    let class = match cell.bits {
        1..=3 => "bit",
        4..NAMED => "few",
        _ => "",
    };
    html.push_str(
        &["<td colspan=\"", &number(cell.bits), "\" rowspan=\"", &number(cell.rows), "\" class=\"", class].concat(),
    );
    if cell.bits == 1 && field.short == "1" {
        html.push_str(" set");
    }
    html.push_str(&["\" data-field=\"", &cell.field.to_string(), "\""].concat());
    if cell.goes_on {
        html.push_str("><b>…</b></td>");
        return;
    }
    html.push_str(" tabindex=\"0\" title=\"");
    escape(&[field.name, ": ", &field.long].concat(), html);
    html.push_str("\">");
    if cell.bits == 1 {
        escape(field.name.get(..3.min(field.name.len())).unwrap_or_default(), html);
    } else {
        if cell.bits >= NAMED {
            tag(html, "<small>", field.name, "</small>");
        }
        tag(html, "<b>", &field.short, "</b>");
    }
    html.push_str("</td>");
}

/// The bytes, each with its field.
fn hex(packet: &Figures, words: &Words) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut html = String::from("<div class=\"hex octets\" tabindex=\"0\">");
    let drawn = packet.figures.iter().flat_map(|figure| figure.rows.iter().flatten()).map(|cell| cell.field);
    let drawn: Vec<u16> = drawn.collect();
    let mut last = None;
    for (byte, field) in packet.bytes.iter().take(MOST_BYTES) {
        match field {
            Some(field) => {
                html.push_str(&["<i data-field=\"", &field.to_string(), "\""].concat());
                if last != Some(*field) && !drawn.contains(field) {
                    let said = &packet.fields[usize::from(*field)];
                    html.push_str(" title=\"");
                    escape(&[said.name, ": ", &said.long].concat(), &mut html);
                    html.push('"');
                }
                html.push('>');
            }
            None => html.push_str("<i>"),
        }
        last = *field;
        html.push(char::from(DIGITS[usize::from(byte >> 4)]));
        html.push(char::from(DIGITS[usize::from(byte & 15)]));
        html.push_str("</i>");
    }
    html.push_str("</div>");
    let more = packet.missing + packet.bytes.len().saturating_sub(MOST_BYTES) as u64;
    if more > 0 {
        tag(&mut html, "<p class=\"hint\">", &(words.inspector.more_bytes)(more), "</p>");
    }
    html
}

/// Lights the field that is pointed at, in the drawing and among the bytes, and says what it says.
pub fn light(target: Option<EventTarget>) {
    let Some(at) = target.and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    let Some(inspector) = at.closest(".inspector").ok().flatten() else { return };
    let field = at.closest("[data-field]").ok().flatten().and_then(|at| at.get_attribute("data-field"));
    let Some(field) = field else { return };
    let lit = each(&inspector, ".lit");
    if lit.first().and_then(|lit| lit.get_attribute("data-field")).as_ref() == Some(&field) {
        return;
    }
    // Both fail only for a class with a space in it.
    lit.iter().for_each(|lit| drop(lit.class_list().remove_1("lit")));
    let same = each(&inspector, &["[data-field=\"", &field, "\"]"].concat());
    same.iter().for_each(|same| drop(same.class_list().add_1("lit")));
    let said = same.iter().find_map(|same| same.get_attribute("title"));
    if let Some(place) = inspector.query_selector(".field-said").ok().flatten() {
        place.set_text_content(said.as_deref());
    }
}

fn each(of: &Element, selector: &str) -> Vec<Element> {
    let Ok(found) = of.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.get(at)?.dyn_into().ok()).collect()
}
