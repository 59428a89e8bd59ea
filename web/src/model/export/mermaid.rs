//! The ladder as a Mermaid sequence diagram.

use super::{Lane, Speak, Step, What, lanes, steps, title};
use crate::model::filter::Filter;
use crate::model::ladder::Cast;
use crate::model::story::Story;
use protocol::Nanos;

/// Mermaid itself draws no more than 50,000 characters.
const MOST: usize = 500;

/// The diagram. Its arrows are level, so a packet stands where it arrived: what it caused comes below it.
#[must_use]
pub fn mermaid(story: &Story, cast: &Cast, filter: Filter, now: Nanos, say: Speak<'_>) -> String {
    let (steps, more) = steps(story, (cast, filter), now, MOST, say);
    let mut out = String::from("sequenceDiagram\n");
    for lane in lanes(cast) {
        let (what, whose) = title(story, cast, lane, say);
        out.push_str(&["    participant ", &id(lane), " as ", &escaped(&what)].concat());
        if !whose.is_empty() {
            out.push_str(&["<br/>", &escaped(&whose)].concat());
        }
        out.push('\n');
    }
    if more {
        line(&mut out, &["Note over ", &id(Lane::Server), ": …"].concat());
    }
    for step in &steps {
        if let Some(said) = arrow(story, step, cast) {
            line(&mut out, &said);
        }
    }
    out
}

fn line(out: &mut String, line: &str) {
    out.push_str(&["    ", line, "\n"].concat());
}

fn arrow(story: &Story, step: &Step, cast: &Cast) -> Option<String> {
    let words = escaped(&step.words);
    let sign = match step.what {
        What::Called => "->>",
        What::Returned => "-->>",
        What::Arrived(_) => "->>",
        What::Lost => "-x",
        // What has arrived is drawn where it did.
        What::Sent(false) => return None,
        What::Sent(true) => "-)",
        What::State => return Some(["Note over ", &id(step.from), ": ", &words].concat()),
        What::Sentence => {
            let first = if cast.clients.is_empty() || story.is_empty() { Lane::ServerSocket } else { step.from };
            return Some(["Note over ", &id(first), ",", &id(step.to), ": ", &words].concat());
        }
    };
    Some([&id(step.from), sign, &id(step.to), ": ", &words].concat())
}

fn id(lane: Lane) -> String {
    match lane {
        Lane::Client(at) => ["C", &(at + 1).to_string()].concat(),
        Lane::ClientSocket(at) => ["CS", &(at + 1).to_string()].concat(),
        Lane::ServerSocket => "SS".into(),
        Lane::Server => "S".into(),
    }
}

/// Text of a message: the signs that end one, or begin a comment or a tag, as the entities that Mermaid knows.
fn escaped(text: &str) -> String {
    let mut said = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '#' | ';' | '%' | '<' | '>' | '"' | '{' | '}' => {
                said.push_str(&["#", &(sign as u32).to_string(), ";"].concat());
            }
            '\n' | '\r' => said.push(' '),
            _ => said.push(sign),
        }
    }
    // A word of the language where a text is expected would end a block.
    if said.trim().eq_ignore_ascii_case("end") { ["#101;", &said.trim()[1..]].concat() } else { said }
}
