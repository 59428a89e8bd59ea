//! What the page makes of a long record, natively: how long it takes, and how much room.

use crate::load::median;
use crate::table::{Goal, Table};
use protocol::{Event, Kind, Nanos};
use std::time::Instant;
use support::flood::{CLIENT, Flood};
use web::model::filter::Filter;
use web::model::ladder::{Ladder, Window};
use web::model::{Story, table, tracker};

/// So long the record is.
const EVENTS: usize = 1_000_000;
/// So much comes at once while one looks.
const BATCH: usize = 1_000;

/// Adds the rows.
pub fn measure(rows: &mut Table) {
    // Made before anything is measured, so that neither time nor room counts.
    let mut flood = Flood::default();
    let events: Vec<Event> = flood.by_ref().take(EVENTS).collect();
    let payload: usize = events.iter().map(payload).sum();

    let before = resident();
    let began = Instant::now();
    let mut story = Story::new();
    events.iter().for_each(|event| story.push(event));
    let taken = began.elapsed().as_secs_f64();
    let began = Instant::now();
    let mut ladder = Ladder::default();
    ladder.update(&story, Some(CLIENT));
    let laid = began.elapsed().as_secs_f64();
    let room = resident() - before;
    rows.upper("model, a million events taken, s", Some(taken), Goal::at_most(1.0, 0.5));
    rows.upper("model, a million events laid out, s", Some(laid), Goal::at_most(1.0, 0.5));
    let each = (room - payload as f64) / EVENTS as f64;
    rows.upper("model, bytes an event beyond payload", Some(each), Goal::at_most(200.0, 150.0));
    rows.plain("model, payload bytes an event", Some(payload as f64 / EVENTS as f64));

    let now = story.latest();
    let high = ladder.height(now);
    let mut pictures = Vec::new();
    for part in 0..200 {
        let top = high * f64::from(part) / 200.0;
        let began = Instant::now();
        let window = Window { top, bottom: top + 1_700.0, width: 850.0, floor: high, now, say: &|_| String::new() };
        let picture = ladder.picture(&story, &window);
        pictures.push(began.elapsed().as_secs_f64() * 1e3);
        assert!(!picture.marks.is_empty());
    }
    pictures.sort_by(f64::total_cmp);
    rows.upper("model, a picture anywhere, median, ms", median(&mut pictures.clone()), Goal::at_most(4.0, 1.0));
    rows.upper("model, a picture anywhere, worst, ms", pictures.last().copied(), Goal::at_most(16.0, 4.0));

    let mut parts = [Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..50 {
        let more: Vec<Event> = flood.by_ref().take(BATCH).collect();
        let mut time = |part: usize, work: &mut dyn FnMut()| {
            let began = Instant::now();
            work();
            parts[part].push(began.elapsed().as_secs_f64() * 1e3);
        };
        time(0, &mut || more.iter().for_each(|event| story.push(event)));
        time(1, &mut || ladder.update(&story, Some(CLIENT)));
        time(2, &mut || drop(tracker::tracker(&story, CLIENT, false)));
        time(3, &mut || drop(story.transcript(CLIENT)));
        time(4, &mut || drop(table::rows(&story, Filter::default(), None, 400, Nanos(0))));
    }
    let names = ["taken", "laid out", "in the tracker", "in the console", "in the table"];
    for (name, mut times) in names.into_iter().zip(parts) {
        let goal = Goal::at_most(4.0, 1.0);
        rows.upper(&format!("model, 1,000 more, {name}, ms"), median(&mut times), goal);
    }
}

fn payload(event: &Event) -> usize {
    match &event.kind {
        Kind::Call(call) => call.data.len(),
        Kind::Packet(packet) => packet.data.len(),
        _ => 0,
    }
}

/// Memory of this process that is really there, bytes.
fn resident() -> f64 {
    let told = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = told.split_whitespace().nth(1).and_then(|pages| pages.parse::<f64>().ok());
    pages.unwrap_or(0.0) * 4096.0
}
