//! The calls of programs as `strace` would print them: what they called, not their system calls.

use crate::model::ladder::Cast;
use crate::model::story::{CallRecord, Story};
use crate::model::{named, wording};
use protocol::{Errno, Nanos, Op, Outcome};

const MOST: usize = 20_000;
/// So many bytes of data are printed, as `strace` does by itself.
const BYTES: usize = 32;

/// The log under its head line.
#[must_use]
pub fn log(story: &Story, cast: &Cast, now: Nanos, head: &str) -> String {
    let shown = |call: &&CallRecord| cast.has(call.program) && call.start <= now;
    let mut calls: Vec<&CallRecord> = story.calls().iter().rev().filter(shown).take(MOST).collect();
    calls.sort_by_key(|call| (call.start, call.seq));
    let name = |call: &CallRecord| named::who(story, call.program);
    let widest = calls.iter().map(|call| name(call).chars().count()).max().unwrap_or_default();
    let mut out = ["# ", head, "\n"].concat();
    for call in calls {
        let name = name(call);
        let pad = " ".repeat(widest - name.chars().count());
        out.push_str(&["[", &name, "] ", &pad, &seconds(call.start), " ", &line(story, call, now), "\n"].concat());
    }
    out
}

fn line(story: &Story, call: &CallRecord, now: Nanos) -> String {
    let text = wording::op(&call.op);
    let fd = call.socket.and_then(|id| story.socket(id)?.fd).map(|fd| fd.to_string());
    let outcome = call.outcome.as_ref().filter(|_| call.end.is_none_or(|end| end <= now));
    let (name, rest) = text.split_once('(').unwrap_or((&text, ")"));
    let (inside, after) = rest.rsplit_once(')').unwrap_or((rest, ""));
    let on_socket = !matches!(call.op, Op::Socket { .. } | Op::Think { .. } | Op::Unlink { .. });
    let mut arguments: Vec<String> = Vec::new();
    arguments.extend(fd.filter(|_| on_socket));
    if call.sends() || call.receives() && outcome.is_some_and(|_| call.bytes() > 0) {
        arguments.push(quoted(&story.data(call), call.bytes()));
    }
    if !inside.is_empty() {
        arguments.push(inside.to_owned());
    }
    let mut said = [name, "(", &arguments.join(", ")].concat();
    let Some(outcome) = outcome else { return said + " <unfinished ...>" };
    said = [&said, ")", after, " = "].concat();
    said += &match outcome {
        Outcome::Failed(error) if error.name == Errno::Other => ["-1 errno ", &error.number.to_string()].concat(),
        Outcome::Failed(error) => ["-1 ", error.name.posix()].concat(),
        Outcome::Fd(fd) => fd.to_string(),
        Outcome::Accepted { socket, peer } => {
            let fd = story.socket(*socket).and_then(|socket| socket.fd);
            [&fd.map_or("conn".into(), |fd| fd.to_string()), " /* ", &peer.to_string(), " */"].concat()
        }
        Outcome::From(count, from) => [&count.to_string(), " /* ", &from.to_string(), " */"].concat(),
        Outcome::Cancelled => "?".into(),
        Outcome::Done | Outcome::Bytes(_) => wording::outcome(outcome),
    };
    match call.took() {
        Some(took) => [&said, " <", &seconds(took), ">"].concat(),
        None => said,
    }
}

/// `0.016720`: seconds and microseconds, without floating point.
fn seconds(length: Nanos) -> String {
    let micros = length.0 / 1_000;
    let tail = (1_000_000 + micros % 1_000_000).to_string();
    [&(micros / 1_000_000).to_string(), ".", &tail[1..]].concat()
}

/// Bytes as a string of C; what is longer ends in dots.
fn quoted(data: &[u8], all: u64) -> String {
    let mut said = String::from("\"");
    for byte in data.iter().take(BYTES) {
        match byte {
            b'\n' => said.push_str("\\n"),
            b'\r' => said.push_str("\\r"),
            b'\t' => said.push_str("\\t"),
            b'"' => said.push_str("\\\""),
            b'\\' => said.push_str("\\\\"),
            b' '..=b'~' => said.push(char::from(*byte)),
            other => {
                // Always three digits: what follows may be a digit too.
                let digit = |shift: u8| char::from(b'0' + (other >> shift & 7));
                said.extend(['\\', digit(6), digit(3), digit(0)]);
            }
        }
    }
    said.push('"');
    if all > BYTES as u64 { said + "..." } else { said }
}
