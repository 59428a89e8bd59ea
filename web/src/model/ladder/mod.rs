//! The ladder: a pure layout from the story to shapes, for the part of it that is looked at.
//!
//! [`Ladder::update`] extends the axis by what is new; [`Ladder::picture`] draws a window. Neither knows the DOM, the
//! clock or the language: the time and the way to say things are given.

mod axis;
mod calls;
mod cards;
mod cast;
mod fold;
pub mod heads;
mod labels;
pub mod legend;
mod levels;
pub mod minimap;
mod notes;
mod queue;
pub mod scroll;
mod shape;
mod shown;
mod sockets;
pub mod strips;
pub mod svg;
#[cfg(test)]
mod tests;
mod wire;

pub use axis::{Axis, Row};
pub use cards::remedy;
pub use cast::{Cast, Lanes, NARROW};
pub use fold::{Fold, Folds};
pub use labels::{Placer, width};
pub use scroll::Scroll;
use shape::within;
pub use shape::{Anchor, Drawn, Picture, Shape, Sign, Style};
pub use shown::Shown;
pub use wire::Stopped;

use crate::model::filter::Filter;
use crate::model::mark::MarkKind;
use crate::model::say::Say;
use crate::model::story::{CallRecord, Index, Place, Sort, Story};
use protocol::{How, Kind, Nanos, PacketId, ProgramId, Seq};

/// A layout that grows with its story.
#[derive(Debug, Default)]
pub struct Ladder {
    epoch: u32,
    seen: usize,
    followed: Option<ProgramId>,
    narrow: bool,
    acts: bool,
    filter: Filter,
    cast: Cast,
    axis: Axis,
    folds: Folds,
    /// Calls that wait, as places in [`Story::calls`].
    open: Index,
    /// Calls whose bars are longer than a screen: their first and last rows, and their places. By their last rows.
    long: Vec<(u32, u32, u32)>,
    /// How many packets are stopped in mid-wire.
    held: usize,
    /// Rows where something went wrong.
    alarms: Vec<u32>,
}

/// What is to be drawn, and how to say it.
pub struct Window<'a> {
    /// From here, CSS pixels.
    pub top: f64,
    /// To here.
    pub bottom: f64,
    /// So wide.
    pub width: f64,
    /// Lanes go on down to here, even if less has happened.
    pub floor: f64,
    /// The time now: bars of waiting calls end here.
    pub now: Nanos,
    /// How to say things.
    pub say: &'a dyn Fn(&Say) -> String,
}

/// Everything a drawing function needs.
struct Pen<'a> {
    story: &'a Story,
    ladder: &'a Ladder,
    window: &'a Window<'a>,
    lanes: Lanes,
    placer: Placer,
    marks: Vec<Drawn>,
    /// Where the picture ends: the last row, or now.
    end: f64,
    /// Where the lanes end.
    floor: f64,
}

impl Pen<'_> {
    fn say(&self, what: &Say) -> String {
        (self.window.say)(what)
    }

    fn mark(&mut self, seq: Seq, kind: MarkKind, name: String, how: How, shapes: Vec<Shape>) {
        self.marks.push(Drawn { seq, kind, name, how, over: false, shapes });
    }

    /// What lies over every line: the labels of a mark that is drawn already.
    fn over(&mut self, seq: Seq, kind: MarkKind, name: String, how: How, shapes: Vec<Shape>) {
        self.marks.push(Drawn { seq, kind, name, how, over: true, shapes });
    }

    fn scenery(&mut self, shapes: Vec<Shape>) {
        self.mark(Seq(0), MarkKind::Scenery, String::new(), How::Observed, shapes);
    }

    /// Whether something between two heights can be seen.
    fn sees(&self, top: f64, bottom: f64) -> bool {
        bottom >= self.window.top && top <= self.window.bottom
    }
}

/// How far one looks beyond the window, so that labels do not move when it is scrolled.
const MARGIN: f64 = 300.0;
/// Bars longer than this are looked for apart.
const LONG: f64 = MARGIN;

impl Ladder {
    /// Takes in what is new in the story.
    pub fn update(&mut self, story: &Story, followed: Option<ProgramId>) {
        let cast = Cast::around(story, followed, self.narrow);
        let mut from = story.changed_since(self.seen);
        if story.epoch() != self.epoch || cast != self.cast || followed != self.followed {
            let (narrow, filter, acts) = (self.narrow, self.filter, self.acts);
            *self = Self { epoch: story.epoch(), followed, cast, narrow, filter, acts, ..Self::default() };
            from = 0;
        }
        if let Some(changed) = self.folds.look(story, &self.cast, from) {
            from = from.min(self.row_before(changed));
        }
        self.lay(story, from);
        self.held = story.held().count();
    }

    /// Says how much room there is: below [`NARROW`] for three lanes only. It is laid anew with the next update.
    pub fn fit(&mut self, width: f64) {
        self.narrow = width < NARROW;
    }

    /// Shows only some sorts of marks. It is laid anew with the next update.
    pub fn filter(&mut self, filter: Filter) {
        if filter != self.filter {
            *self = Self { narrow: self.narrow, acts: self.acts, filter, ..Self::default() };
        }
    }

    /// Says whether somebody can act here: then cards of errors say what to do.
    pub fn let_act(&mut self, acts: bool) {
        self.acts = acts;
    }

    /// Whether somebody can act here.
    fn acts(&self) -> bool {
        self.acts
    }

    /// Opens the fold that hides a call, or closes it again.
    pub fn toggle_fold(&mut self, story: &Story, call: &CallRecord) {
        if let Some(changed) = self.folds.toggle(story, call) {
            self.lay(story, self.row_before(changed));
        }
    }

    fn row_before(&self, at: Nanos) -> usize {
        self.axis.rows().partition_point(|row| row.at < at)
    }

    fn lay(&mut self, story: &Story, from: usize) {
        let from = self.axis.extend(story, (&self.cast, self.filter), &self.folds, from);
        self.seen = story.len();
        self.alarms.truncate(self.alarms.partition_point(|row| (*row as usize) < from));
        self.long.truncate(self.long.partition_point(|(_, last, _)| (*last as usize) < from));
        for row in from..self.axis.rows().len() {
            let place = story.in_order()[row];
            let tag = story.tag(place);
            if self.axis.rows()[row].shown && minimap::alarms(story, place) {
                self.alarms.push(row as u32);
            }
            if !tag.sort.is_call() {
                continue;
            }
            let call = &story.calls()[tag.at as usize];
            if call.outcome.is_none() && tag.sort == Sort::Entered && self.axis.rows()[row].shown {
                self.open.insert(tag.at.into(), tag.at);
            } else if call.outcome.is_some() {
                self.open.remove(&tag.at.into());
            }
            if let Some(entered) = call.entered.filter(|_| call.returned == Some(place))
                && self.axis.y(place) - self.axis.y(entered) > LONG
            {
                self.long.push((self.axis.row(entered) as u32, row as u32, tag.at));
            }
        }
    }

    /// Who is shown.
    #[must_use]
    pub fn cast(&self) -> &Cast {
        &self.cast
    }

    /// Packets that are stopped in mid-wire, and where their boxes are.
    #[must_use]
    pub fn stopped(&self, story: &Story, width: f64, now: Nanos) -> Vec<Stopped> {
        let window = Window { top: 0.0, bottom: 0.0, width, floor: 0.0, now, say: &|_| String::new() };
        let pen = self.pen(story, &window);
        story.held().filter_map(|packet| wire::stopped(&pen, packet)).collect()
    }

    /// Where everything is on the way down.
    #[must_use]
    pub fn axis(&self) -> &Axis {
        &self.axis
    }

    /// How high all of it is, CSS pixels.
    #[must_use]
    pub fn height(&self, now: Nanos) -> f64 {
        self.end(now) + 40.0
    }

    /// Whether something waits, so that the picture changes although nothing happens.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !self.open.is_empty()
    }

    fn end(&self, now: Nanos) -> f64 {
        let idle = self.axis.last().map_or(Nanos(0), |last| now.since(last));
        // An open bar has room for its label from the first moment on.
        let open = if self.open.is_empty() { 12.0 } else { axis::step(idle).max(44.0) };
        // What is stopped in mid-wire has room for its box.
        self.axis.bottom() + if self.held > 0 { open.max(self.held as f64 * 54.0 + 16.0) } else { open }
    }

    /// The y of the mark that an event names.
    #[must_use]
    pub fn y_of(&self, story: &Story, seq: Seq) -> Option<f64> {
        story.rank(seq).and_then(|row| self.axis.rows().get(row)).map(|row| row.y)
    }

    /// The mark after (or before) another in the order of time; the first (or last) one without another.
    #[must_use]
    pub fn neighbour(&self, story: &Story, seq: Option<Seq>, forward: bool) -> Option<Seq> {
        let rows = self.axis.rows();
        let here = seq.and_then(|seq| story.rank(seq));
        let names = |row: &usize| rows[*row].shown && names_a_mark(story, story.in_order()[*row]);
        let found = match (here, forward) {
            (Some(here), true) => (here + 1..rows.len()).find(names),
            (Some(here), false) => (0..here).rev().find(names),
            (None, true) => (0..rows.len()).find(names),
            (None, false) => (0..rows.len()).rev().find(names),
        };
        found.map(|row| story.seq(story.in_order()[row]))
    }

    fn pen<'a>(&'a self, story: &'a Story, window: &'a Window<'a>) -> Pen<'a> {
        let lanes = Lanes::of(&self.cast, window.width);
        let end = self.end(window.now);
        let floor = end.max(window.floor);
        Pen { story, ladder: self, window, lanes, placer: Placer::default(), marks: Vec::new(), end, floor }
    }

    /// Draws a window.
    #[must_use]
    pub fn picture(&self, story: &Story, window: &Window<'_>) -> Picture {
        let mut pen = self.pen(story, window);
        // From a fixed row on, so that labels fall into the same places wherever the window begins.
        let first = self.axis.first_below(window.top - MARGIN) / 64 * 64;
        let last = self.axis.first_below(window.bottom + 40.0);
        wire::reserve(&mut pen);
        sockets::scenery(&mut pen);
        let began = |at: u32| {
            let call = &story.calls()[at as usize];
            call.entered.or(call.returned).map_or(0, |place| self.axis.row(place)) as u64
        };
        // By their rows, so that they come in the order of time.
        let (mut calls, mut packets) = (Index::new(), Index::new());
        for row in first..last {
            let place = story.in_order()[row];
            let laid = self.axis.rows()[row];
            if laid.fold > 0 {
                notes::fold(&mut pen, laid.fold - 1, story.seq(place), laid.y);
            }
            if !laid.shown {
                continue;
            }
            let event = story.event_at(place);
            match &event.kind {
                Kind::Call(end) => {
                    calls.extend(story.call_place(end.id).map(|at| (began(at), at)));
                    sockets::after_call(&mut pen, &event, laid.y);
                }
                Kind::Packet(packet) => {
                    packets.insert(packet.id.0.into(), 0);
                }
                Kind::State { .. } => sockets::state(&mut pen, &event, laid.y),
                Kind::Socket { .. } => sockets::queued(&mut pen, &event, laid.y),
                _ => notes::note(&mut pen, &event, laid.y),
            }
        }
        let after = self.long.partition_point(|(_, end, _)| (*end as usize) < first);
        let long = self.long[after..].iter().filter(|(begin, ..)| (*begin as usize) < last).map(|(_, _, at)| at);
        calls.extend(long.chain(self.open.values()).map(|at| (began(*at), *at)));
        let calls: Vec<&CallRecord> = calls.values().map(|at| &story.calls()[*at as usize]).collect();
        for packet in packets.into_keys() {
            wire::packet(&mut pen, PacketId(packet as u32));
        }
        calls::draw(&mut pen, &calls);
        // Sentences lie over labels, labels over lines, lines over the lanes.
        let (mut marks, mut above): (Vec<_>, Vec<_>) =
            pen.marks.into_iter().partition(|mark| !mark.over && !mark.kind.is_sentence());
        for sentences in [false, true] {
            marks.extend(above.extract_if(.., |mark| mark.kind.is_sentence() == sentences));
        }
        marks.retain(|mark| mark.shapes.iter().any(|shape| shape.meets(window.top, window.bottom)));
        Picture { marks }
    }
}

/// Whether an event begins a mark: the return of a call belongs to its entry.
fn names_a_mark(story: &Story, place: Place) -> bool {
    let (tag, seq) = (story.tag(place), story.seq(place));
    match tag.sort {
        sort if sort.is_call() => story.calls()[tag.at as usize].seq == seq,
        sort if sort.is_packet() => story.packets()[tag.at as usize].seq == seq,
        _ => true,
    }
}
