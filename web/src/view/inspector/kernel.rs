//! What the kernel knows: values with what they were, and the way through the states.

use super::{Page, head as part_head, tag};
use crate::i18n::Words;
use crate::model::inspect::diagram::{BOX, EDGES, NODES, SIZE};
use crate::model::wording;

/// The size of a value's small picture.
pub const PICTURE: (u64, u64) = (56, 12);

/// A value in the table.
pub struct Row {
    /// Its name.
    pub name: String,
    /// The value with its unit.
    pub value: String,
    /// The corners of its small picture; none if it never changed.
    pub corners: Vec<(u64, u64)>,
    /// The least and the most it was, for those who do not see the picture.
    pub range: String,
}

/// The head of the values.
pub fn head(page: &Page, words: &Words) -> String {
    part_head(words.inspector.kernel, &page.socket)
}

/// The values.
pub fn body(page: &Page, words: &Words) -> String {
    let mut html = String::new();
    if page.nothing {
        return html;
    }
    if page.values.is_empty() {
        tag(&mut html, "<p class=\"hint\">", words.inspector.no_values, "</p>");
        return html;
    }
    html.push_str("<table class=\"values\"><tbody>");
    for row in &page.values {
        tag(&mut html, "<tr><th scope=\"row\">", &row.name, "</th><td>");
        if !row.corners.is_empty() {
            let (width, height) = (PICTURE.0.to_string(), (PICTURE.1 + 2).to_string());
            let size = ["<svg class=\"past\" width=\"", &width, "\" height=\"", &height, "\" viewBox=\"0 -1 "];
            html.push_str(&size.concat());
            html.push_str(&[&width, " ", &height, "\" role=\"img\" aria-label=\""].concat());
            tag(&mut html, "", &row.range, "\"><polyline points=\"");
            for (x, y) in &row.corners {
                html.push_str(&[&x.to_string(), ",", &y.to_string(), " "].concat());
            }
            html.push_str("\"/></svg>");
        }
        tag(&mut html, " ", &row.value, "</td></tr>");
    }
    html + "</tbody></table>"
}

/// The head of the states.
pub fn states_head(page: &Page, words: &Words) -> String {
    let Some(last) = page.way.last() else { return String::new() };
    part_head(words.manual.states, NODES[last.node].state.name())
}

/// The drawing of RFC 9293 with the way lit, and the way as a list.
pub fn states_body(page: &Page, words: &Words) -> String {
    let mut html = String::new();
    if page.way.is_empty() {
        return html;
    }
    let number = |number: i32| number.to_string();
    let size =
        ["<svg class=\"states\" viewBox=\"0 0 ", &number(SIZE.0), " ", &number(SIZE.1), "\" aria-hidden=\"true\">"];
    html.push_str(&size.concat());
    let mut line = |from: usize, to: usize, class: &str| {
        let (a, b) = (NODES[from], NODES[to]);
        let half = BOX.1 / 2;
        // From edge to edge: downwards, upwards, or across between two in a row.
        let (from, to) = match a.y.cmp(&b.y) {
            // Past a box that lies between.
            std::cmp::Ordering::Less if (from, to) == (0, 3) => ((a.x + BOX.0 / 2, a.y), (b.x, b.y - half)),
            std::cmp::Ordering::Less => ((a.x, a.y + half), (b.x, b.y - half)),
            std::cmp::Ordering::Greater => ((a.x, a.y - half), (b.x, b.y + half)),
            std::cmp::Ordering::Equal => {
                let way = (b.x - a.x).signum() * BOX.0 / 2;
                ((a.x + way, a.y), (b.x - way, b.y))
            }
        };
        let numbers = [from.0, from.1, to.0, to.1].map(number);
        let [x1, y1, x2, y2] = &numbers;
        html.push_str(
            &["<line class=\"", class, "\" x1=\"", x1, "\" y1=\"", y1, "\" x2=\"", x2, "\" y2=\"", y2, "\"/>"].concat(),
        );
    };
    EDGES.iter().for_each(|(from, to)| line(*from, *to, ""));
    for step in page.way.windows(2) {
        let (from, to) = (step[0].node, step[1].node);
        // A way that the figure does not have: a reset, or states too short to be seen.
        line(from, to, if EDGES.contains(&(from, to)) { "lit" } else { "lit far" });
    }
    for (at, node) in NODES.iter().enumerate() {
        let last = page.way.last().is_some_and(|last| last.node == at);
        let been = page.way.iter().any(|stop| stop.node == at);
        let class = if last {
            "now"
        } else if been {
            "lit"
        } else {
            ""
        };
        let numbers = [node.x - BOX.0 / 2, node.y - BOX.1 / 2, BOX.0, BOX.1, node.x, node.y + 4].map(number);
        let [x, y, w, h, cx, cy] = &numbers;
        html.push_str(
            &[
                "<rect class=\"",
                class,
                "\" x=\"",
                x,
                "\" y=\"",
                y,
                "\" width=\"",
                w,
                "\" height=\"",
                h,
                "\" rx=\"5\"/>",
            ]
            .concat(),
        );
        html.push_str(
            &["<text class=\"", class, "\" x=\"", cx, "\" y=\"", cy, "\">", node.state.name(), "</text>"].concat(),
        );
    }
    html.push_str("</svg><ol class=\"way\">");
    for stop in &page.way {
        let state = NODES[stop.node].state;
        match stop.seq {
            Some(seq) => {
                let open =
                    ["<li><button type=\"button\" class=\"step\" data-seq=\"", &seq.0.to_string(), "\">"].concat();
                tag(&mut html, &open, state.name(), "</button> ");
                tag(&mut html, "<small>", &wording::moment(stop.at), "</small> ");
                tag(&mut html, "", (words.inspector.state_means)(state), "</li>");
            }
            None => tag(&mut html, "<li>", state.name(), "</li>"),
        }
    }
    html + "</ol>"
}
