//! What the inspector says, gathered from the story.

use super::kernel::{PICTURE, Row};
use super::program::Lines;
use super::*;

pub(super) fn nothing() -> Page {
    Page { nothing: true, ..Page::default() }
}

pub(super) fn of_event(story: &Story, words: &Words, about: &About, mode: TcpMode) -> Page {
    let inspector = &words.inspector;
    let mut page = match about.program {
        Some(program) => of_program(story, words, program, about.call, mode),
        None => Page::default(),
    };
    if let Some(line) = &about.line {
        let place = [&line.file, ":", &line.number.to_string()].concat();
        page.program = Some((place, Lines::Own(line.text.clone())));
        page.no_source = false;
    }
    page.sentence = about.sentence.as_ref().map(inspector.sentence).unwrap_or_default();
    page.call = about.sentence.as_ref().map(|sentence| sentence.call.clone()).unwrap_or_default();
    page.packet.clone_from(&about.packet);
    (page.name, page.arguments) = (about.call, about.arguments.clone());
    if let Some(error) = about.error {
        page.error = vec![(words.trouble.call)(&error), inspect::python(error)];
        page.error.extend(inspect::windows(error.name).map(inspector.windows));
    }
    let say = words.ladder.say;
    let step = |step: &why::Step| {
        let cause = step.seq.and_then(|seq| named::mark(story, seq)).as_ref().map(say).unwrap_or_default();
        let at = step.seq.and_then(|seq| story.event(story.mark_of(seq)));
        let at = at.map_or(String::new(), |event| wording::moment(event.at));
        (step.seq, words.why.said(step.reason, &cause, say), at)
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

pub(super) fn of_program(story: &Story, words: &Words, id: ProgramId, call: &str, mode: TcpMode) -> Page {
    let mut page = Page::default();
    let Some(program) = story.program(id) else { return nothing() };
    let name = (words.look.program)(&program.name);
    page.sentence.clone_from(&name);
    match inspect::listing(story, id, mode) {
        Some(shown) => {
            let running = if call.is_empty() { running(story, id) } else { call }.to_owned();
            let lines = Lines::Ours { shown: Box::new(shown), running, file: String::new(), text: None };
            page.program = Some((name, lines));
        }
        None => page.no_source = true,
    }
    if let Some(socket) = story.last_socket(id) {
        values(story, words, socket.id, None, &mut page);
    }
    page
}

/// The name of the call in which a program waits now.
pub(super) fn running(story: &Story, id: ProgramId) -> &'static str {
    let calls = story.program(id).map_or(&[][..], |program| &program.calls);
    let open = calls.iter().rev().take(64).map(|at| &story.calls()[*at as usize]).find(|call| call.outcome.is_none());
    open.map_or("", |call| wording::op_name(&call.op))
}

pub(super) fn of_socket(story: &Story, words: &Words, id: SocketId, mode: TcpMode) -> Page {
    let Some(socket) = story.socket(id) else { return nothing() };
    let mut page = socket.program.map_or_else(Page::default, |program| of_program(story, words, program, "", mode));
    let end = |address: &Option<protocol::Address>| address.as_ref().map(ToString::to_string);
    let name = socket.transport.map_or("", wording::transport);
    let ends: Vec<String> = end(&socket.local).into_iter().chain(end(&socket.peer)).collect();
    page.sentence = [name, " ", &ends.join(" ↔ ")].concat();
    values(story, words, id, None, &mut page);
    page
}

pub(super) fn values(story: &Story, words: &Words, id: SocketId, at: Option<Nanos>, page: &mut Page) {
    let inspector = &words.inspector;
    page.values.clear();
    let Some(socket) = story.socket(id) else { return };
    let until = at.unwrap_or(story.latest());
    page.socket = socket.local.as_ref().map(wording::place).unwrap_or_default();
    page.way = inspect::diagram::way(story, socket, until);
    let plain = |name: &str, value: String| Row { name: name.into(), value, corners: Vec::new(), range: String::new() };
    if let Some(state) = story.state_of(socket, until) {
        page.values.push(plain(inspector.state, state.name().into()));
    }
    for known in inspect::values(story, id, at).iter().filter(|known| inspect::tells(known.key, known.value)) {
        let unit = inspect::unit(known.key);
        let mut row = plain((inspector.value)(known.key), (inspector.amount)(known.value, unit));
        if inspect::has_shape(known.key) {
            row.corners = inspect::corners(known, until, PICTURE.0, PICTURE.1);
            let was = || known.before.iter().map(|(_, value)| *value);
            let end = |end: Option<u64>| (inspector.amount)(end.unwrap_or_default(), unit);
            row.range = [end(was().min()), end(was().max())].join(" – ");
        }
        page.values.push(row);
    }
}

pub(super) fn hex(bytes: &[u8]) -> Vec<[String; 2]> {
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
