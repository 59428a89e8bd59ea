//! The ladder as plain text, for mails, notes and terminals.

use super::{Lane, Speak, Step, What, lanes, steps, title};
use crate::model::filter::Filter;
use crate::model::ladder::Cast;
use crate::model::story::Story;
use crate::model::wording;
use protocol::Nanos;

const MOST: usize = 20_000;
/// The column of the times.
const TIME: usize = 12;
/// The columns of programs and between two sockets; the lines of sockets are one sign each.
const PROGRAM: usize = 30;
const WIRE: usize = 48;
/// With several clients their programs have less room.
const NARROW: usize = 22;

/// The ladder, a line for each thing that happened.
#[must_use]
pub fn text(story: &Story, cast: &Cast, filter: Filter, now: Nanos, say: Speak<'_>) -> String {
    let (steps, more) = steps(story, (cast, filter), now, MOST, say);
    let clients = cast.clients.len();
    let room = Room { clients, program: if clients > 1 { NARROW } else { PROGRAM } };
    let mut out = String::new();
    for part in [0, 1] {
        let mut line = vec![' '; TIME];
        for lane in lanes(cast) {
            let (what, whose) = title(story, cast, lane, say);
            let said = if part == 0 { what } else { whose };
            match lane {
                Lane::Client(at) => put(&mut line, room.program(at), &short(&said, room.program - 1)),
                // Several clients' sockets stand close together: only a single one has room for a title.
                Lane::ClientSocket(_) if clients == 1 => put(&mut line, room.socket(0), &said),
                Lane::ClientSocket(_) => {}
                Lane::ServerSocket => put(&mut line, (room.server_socket() + 1).saturating_sub(wide(&said)), &said),
                Lane::Server => put(&mut line, room.server() + 1, &said),
            }
        }
        finish(&mut out, &line);
    }
    if more {
        out.push_str("…\n");
    }
    for step in &steps {
        let mut line = vec![' '; TIME];
        let time = wording::moment(step.at);
        put(&mut line, TIME.saturating_sub(2 + wide(&time)), &time);
        for at in 0..clients {
            put(&mut line, room.socket(at), "│");
        }
        put(&mut line, room.server_socket(), "│");
        draw(&mut line, step, &room);
        finish(&mut out, &line);
    }
    out
}

/// Where the columns are.
struct Room {
    clients: usize,
    program: usize,
}

impl Room {
    fn program(&self, at: usize) -> usize {
        TIME + at * self.program
    }

    fn socket(&self, at: usize) -> usize {
        TIME + self.clients * self.program + at * 2
    }

    fn server_socket(&self) -> usize {
        self.socket(self.clients) + WIRE
    }

    fn server(&self) -> usize {
        self.server_socket() + 1
    }
}

fn draw(line: &mut Vec<char>, step: &Step, room: &Room) {
    let program = |line: &mut Vec<char>, lane, words: &str| match lane {
        Lane::Client(at) => put(line, room.program(at), &short(words, room.program - 1)),
        _ => put(line, room.server() + 1, words),
    };
    match step.what {
        What::Called => program(line, step.from, &step.words),
        What::Returned => program(line, step.to, &step.words),
        What::State => match step.from {
            Lane::ClientSocket(_) => put(line, room.socket(room.clients) + 1, &step.words),
            _ => put(line, room.server_socket().saturating_sub(wide(&step.words) + 1), &step.words),
        },
        What::Sentence => put(line, room.socket(room.clients) + 2, &["· ", &step.words, " ·"].concat()),
        What::Sent(_) | What::Arrived(_) | What::Lost => packet(line, step, room),
    }
}

/// An arrow over the whole wire, or the half of it near the socket where it begins or ends.
fn packet(line: &mut Vec<char>, step: &Step, room: &Room) {
    let (left, right) = (room.socket(room.clients) - 1, room.server_socket());
    let to_server = step.to == Lane::ServerSocket;
    let words = [" ", &short(&step.words, WIRE - 7), " "].concat();
    let (mut from, mut to) = (left, right);
    let (head, tail) = match step.what {
        What::Sent(_) => ("", "─"),
        What::Lost => ("✗", "─"),
        _ => (if to_server { "▶" } else { "◀" }, if step.what == What::Arrived(true) { "─" } else { "┄" }),
    };
    // On its way: as far as it has come.
    if step.what != What::Arrived(true) {
        let part = (wide(&words) + 6).min(WIRE);
        let near = matches!(step.what, What::Sent(_) | What::Lost) == to_server;
        (from, to) = if near { (left, left + part) } else { (right - part, right) };
    }
    for at in from + 1..to {
        put(line, at, "─");
    }
    put(line, if to_server { from + 1 } else { to - 1 }, tail);
    put(line, from + 1 + (to - from).saturating_sub(wide(&words)) / 2, &words);
    if !head.is_empty() {
        put(line, if to_server { to - 1 } else { from + 1 }, head);
    }
}

/// How wide a sign is in a terminal: those of Chinese, Japanese and Korean take two columns.
fn sign_width(sign: char) -> usize {
    if matches!(sign, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}')
    {
        2
    } else {
        1
    }
}

fn wide(text: &str) -> usize {
    text.chars().map(sign_width).sum()
}

/// No wider than that.
fn short(text: &str, most: usize) -> String {
    if wide(text) <= most {
        return text.to_owned();
    }
    let mut said = String::new();
    let mut room = most.saturating_sub(1);
    for sign in text.chars() {
        let Some(left) = room.checked_sub(sign_width(sign)) else { break };
        room = left;
        said.push(sign);
    }
    said + "…"
}

/// What stands under the second half of a wide sign.
const COVERED: char = '\0';

fn put(line: &mut Vec<char>, at: usize, text: &str) {
    let mut at = at;
    for sign in text.chars() {
        let width = sign_width(sign);
        if line.len() < at + width {
            line.resize(at + width, ' ');
        }
        line[at] = sign;
        line[at + 1..at + width].fill(COVERED);
        at += width;
    }
}

fn finish(out: &mut String, line: &[char]) {
    let line: String = line.iter().filter(|sign| **sign != COVERED).collect();
    out.push_str(line.trim_end());
    out.push('\n');
}
