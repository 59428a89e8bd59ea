//! Where each moment is on the way down: close together as far as it can be read, idle time left out.

use super::cards;
use super::cast::Cast;
use super::fold::Folds;
use super::shown::Shown;
use crate::model::filter::Filter;
use crate::model::pages::Pages;
use crate::model::story::{Place, Sort, Story};
use protocol::Nanos;

/// Idle time from which on it is left out, and its length is written instead.
pub const IDLE: Nanos = Nanos::from_millis(22);
/// Where the first moment is.
pub const TOP: f64 = 22.0;

/// The most that idle time takes while a packet flies: enough for its length to be written.
const ALOFT: f64 = 16.0;

/// Heights that differ by less are equal.
const NEAR: f64 = 0.01;

/// How high a fold is.
const FOLD: f64 = 26.0;

/// One event's row.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Row {
    /// Its y.
    pub y: f64,
    /// Its time.
    pub at: Nanos,
    /// Whether it is drawn.
    pub shown: bool,
    /// How much room the card of an error takes below it.
    pub card: u8,
    /// The fold that begins here, plus one.
    pub fold: u32,
}

/// The rows of all events, in the order of time.
#[derive(Debug, Default)]
pub struct Axis {
    rows: Pages<Row>,
    /// The row of each place.
    of: Vec<u32>,
    /// Rows before which idle time was left out.
    breaks: Vec<(u32, Nanos)>,
    /// The first rows of bursts, each of which is laid as a whole, and when what is drawn before them was.
    bursts: Vec<(u32, Option<Nanos>)>,
    /// When the last that is drawn was.
    last: Option<Nanos>,
}

impl Axis {
    /// Lays the rows from `from` on anew, and those of its burst. Returns the first that was laid.
    pub fn extend(&mut self, story: &Story, (cast, filter): (&Cast, Filter), folds: &Folds, from: usize) -> usize {
        let order = story.in_order();
        // What comes first in a burst may belong to the one before.
        self.bursts.truncate(self.bursts.partition_point(|(first, _)| (*first as usize) < from));
        let (from, mut last) = self.bursts.pop().map_or((0, None), |(first, last)| (first as usize, last));
        self.rows.truncate(from);
        self.breaks.truncate(self.breaks.partition_point(|(row, _)| (*row as usize) < from));
        self.of.resize(order.len(), 0);
        let mut burst = Burst { top: self.bottom(), ..Burst::default() };
        self.bursts.push((from as u32, last));
        let mut is_shown = Shown::new(story, cast, filter);
        for (row, place) in order.iter().enumerate().skip(from) {
            let at = story.at(*place);
            self.of[*place as usize] = row as u32;
            let drawn = is_shown.event(*place);
            let (shown, fold) = match folds.at(story, *place) {
                Some((fold, first)) if drawn => (false, if first { fold + 1 } else { 0 }),
                _ => (drawn, 0),
            };
            let mut gap = 0.0;
            let idle = last.map_or(Nanos(0), |last| at.since(last));
            if burst.is_over(idle, shown || fold > 0) {
                burst.lay(&mut self.rows);
                burst = Burst { top: self.bottom(), ..Burst::default() };
                self.bursts.push((row as u32, last));
            }
            if shown || fold > 0 {
                if last.is_some() {
                    if idle > IDLE {
                        self.breaks.push((row as u32, idle));
                    }
                    // While something flies its slope shows the time.
                    let waits = if burst.flying.is_empty() { step(idle) } else { step(idle).min(ALOFT) };
                    gap = room(story, *place).max(waits);
                }
                if fold > 0 {
                    gap += 14.0;
                }
                last = Some(at);
            }
            let flies = if shown { flight(story, *place) } else { Flight::None };
            let card = if shown { card(story, cast, *place) } else { 0 };
            burst.add(Row { y: 0.0, at, shown, card, fold }, gap, flies);
        }
        burst.lay(&mut self.rows);
        self.last = last;
        from
    }

    /// When the last that is drawn was.
    #[must_use]
    pub fn last(&self) -> Option<Nanos> {
        self.last
    }

    /// The rows.
    #[must_use]
    pub fn rows(&self) -> &Pages<Row> {
        &self.rows
    }

    /// The row of an event.
    #[must_use]
    pub fn row(&self, place: Place) -> usize {
        self.of.get(place as usize).map_or(0, |row| *row as usize)
    }

    /// The y of an event.
    #[must_use]
    pub fn y(&self, place: Place) -> f64 {
        self.rows.get(self.row(place)).map_or(TOP, |row| row.y)
    }

    /// The y of a moment: between two events, that of the earlier.
    #[must_use]
    pub fn y_at(&self, at: Nanos) -> f64 {
        let after = self.rows.partition_point(|row| row.at <= at);
        after.checked_sub(1).and_then(|row| self.rows.get(row)).map_or(TOP, |row| row.y)
    }

    /// Where the last row is.
    #[must_use]
    pub fn bottom(&self) -> f64 {
        self.rows.last().map_or(TOP, |row| row.y + below(row))
    }

    /// The first row at or below `y`.
    #[must_use]
    pub fn first_below(&self, y: f64) -> usize {
        self.rows.partition_point(|row| row.y < y)
    }

    /// Idle time that was left out between two heights.
    pub fn breaks(&self, top: f64, bottom: f64) -> impl Iterator<Item = (f64, Nanos)> {
        let y = |row: u32| self.rows[row as usize].y - step(IDLE) / 2.0;
        let from = self.breaks.partition_point(|(row, _)| y(*row) < top);
        self.breaks[from..].iter().map(move |(row, idle)| (y(*row), *idle)).take_while(move |(y, _)| *y < bottom)
    }

    /// From when to when is what stands between two heights; without an end where nothing comes later.
    #[must_use]
    pub fn times(&self, top: f64, bottom: f64) -> (Nanos, Option<Nanos>) {
        let at = |row: usize| self.rows.get(row).map(|row| row.at);
        (at(self.first_below(top).saturating_sub(1)).unwrap_or_default(), at(self.first_below(bottom)))
    }
}

/// What a packet's event says about its flight.
#[derive(Clone, Copy)]
enum Flight {
    /// It is no packet's, or one whose flight does not show.
    None,
    /// It begins: the packet's place in the story's list.
    Begins(u32),
    /// It is over, after so long.
    Ends(u32, Nanos),
    /// It is over, but not at the other side: how steep the arrow was does not show.
    Breaks(u32),
}

fn flight(story: &Story, place: Place) -> Flight {
    let tag = story.tag(place);
    match tag.sort {
        Sort::Sent => Flight::Begins(tag.at),
        Sort::Delivered => {
            let packet = &story.packets()[tag.at as usize];
            match packet.done == Some(place) {
                true => Flight::Ends(tag.at, story.at(place).since(packet.start)),
                false => Flight::None,
            }
        }
        Sort::Held | Sort::Broken => Flight::Breaks(tag.at),
        _ => Flight::None,
    }
}

/// Rows that are close in time, with the packets that fly between them.
///
/// The height of a flight depends on its delay alone, so that in one burst equal delays have equal slopes whatever
/// stands between: rows are pushed down until each flight has its height, and if they say too much for that, all
/// flights of the burst become higher.
#[derive(Default)]
struct Burst {
    /// Where the row before it is.
    top: f64,
    rows: Vec<Row>,
    /// The least distance of each row from the one before.
    gaps: Vec<f64>,
    /// From which row to which row, and how high.
    flights: Vec<(u32, u32, f64)>,
    /// Packets that fly, and the row in which they began to.
    flying: Vec<(u32, u32)>,
}

impl Burst {
    /// A burst this long ends, whatever flies: it is laid anew with each event that comes.
    const MOST: usize = 512;

    fn is_over(&self, idle: Nanos, drawn: bool) -> bool {
        (drawn && idle > IDLE && self.flying.is_empty()) || self.rows.len() >= Self::MOST
    }

    fn add(&mut self, row: Row, gap: f64, flight: Flight) {
        let at = self.rows.len() as u32;
        match flight {
            Flight::None => {}
            Flight::Begins(id) => self.flying.push((id, at)),
            Flight::Ends(id, delay) => {
                let began = self.flying.iter().position(|(flying, _)| *flying == id);
                if let Some((_, began)) = began.map(|began| self.flying.swap_remove(began)) {
                    self.flights.push((began, at, height(delay)));
                }
            }
            Flight::Breaks(id) => self.flying.retain(|(flying, _)| *flying != id),
        }
        self.rows.push(row);
        // A fold has its height below it, and so has a card.
        let after = at.checked_sub(1).map_or(0.0, |before| below(&self.rows[before as usize]));
        self.gaps.push(gap + after);
    }

    fn lay(self, rows: &mut Pages<Row>) {
        const ROUNDS: usize = 64;
        const STEEPEST: f64 = 8.0;
        let least = self.least_steep();
        let (mut steeper, mut down) = (1.0, None);
        while down.is_none() && steeper < STEEPEST {
            if steeper >= least {
                down = self.pushed(steeper, ROUNDS);
            }
            steeper *= 1.12;
        }
        // So much at once that the slopes cannot be equal: the order still is.
        let down = down.unwrap_or_else(|| {
            let mut down = vec![0.0; self.rows.len()];
            self.fall(&mut down, 1.0);
            down
        });
        let top = self.top;
        self.rows.into_iter().zip(down).for_each(|(row, down)| rows.push(Row { y: top + down, ..row }));
    }

    /// How steep flights must be at least: what stands between the ends of one must fit. Anything less need not be tried.
    fn least_steep(&self) -> f64 {
        let mut sum = 0.0;
        let sums: Vec<f64> = self.gaps.iter().map(|gap| (sum += gap, sum).1).collect();
        let steep = |(from, to, high): &(u32, u32, f64)| (sums[*to as usize] - sums[*from as usize] - NEAR) / high;
        self.flights.iter().map(steep).fold(0.0, f64::max)
    }

    /// Rows pushed down until every flight is exactly as high as it should be; `None` if that takes too long.
    fn pushed(&self, steeper: f64, rounds: usize) -> Option<Vec<f64>> {
        let mut down = vec![0.0; self.rows.len()];
        for _ in 0..rounds {
            self.fall(&mut down, steeper);
            let mut still = true;
            for (from, to, high) in &self.flights {
                let least = down[*to as usize] - high * steeper;
                if least > down[*from as usize] + NEAR {
                    (down[*from as usize], still) = (least, false);
                }
            }
            if still {
                return Some(down);
            }
        }
        None
    }

    /// Makes distances from the top the least that keep order, gaps and flights, and are not less than before.
    fn fall(&self, down: &mut [f64], steeper: f64) {
        let mut above = 0.0_f64;
        // They are in the order of their ends.
        let mut flights = self.flights.iter().peekable();
        for (at, gap) in self.gaps.iter().enumerate() {
            let mut y = down[at].max(above + gap);
            while let Some((from, _, high)) = flights.next_if(|(_, to, _)| *to as usize == at) {
                y = y.max(down[*from as usize] + high * steeper);
            }
            (down[at], above) = (y, y);
        }
    }
}

fn below(row: &Row) -> f64 {
    f64::from(row.card) + if row.fold > 0 { FOLD } else { 0.0 }
}

fn card(story: &Story, cast: &Cast, place: Place) -> u8 {
    let tag = story.tag(place);
    if tag.sort == Sort::Returned { cards::room(story, cast, &story.calls()[tag.at as usize]) } else { 0 }
}

/// How far down a packet flies in so much time: a little where it takes none, as over the loopback.
fn height(delay: Nanos) -> f64 {
    let millis = delay.as_millis();
    match millis {
        ..20.0 => 8.0 + millis * 2.4,
        // Ten times as long is not ten times as high.
        _ => (56.0 + (millis / 20.0).log2() * 22.0).min(180.0),
    }
}

/// How far down so much time is: steep where things are close, flat where nothing happens.
#[must_use]
pub fn step(time: Nanos) -> f64 {
    let micros = time.0 as f64 / 1e3;
    match micros {
        ..2.0 => 5.0,
        ..60.0 => 9.0,
        ..2_000.0 => 14.0,
        // Linear here, so that equal delays have equal slopes.
        _ => (14.0 + (micros - 2_000.0) * 0.0022).min(58.0),
    }
}

/// The least room an event needs above it for what it says.
fn room(story: &Story, place: Place) -> f64 {
    match story.tag(place).sort {
        Sort::Entered => 13.0,
        Sort::Returned => 4.0,
        Sort::Sentence => 22.0,
        Sort::Socket => 10.0,
        Sort::Derived => 0.0,
        Sort::State => 6.0,
        // Two arrows need room for their labels.
        Sort::Sent => 14.0,
        Sort::Held | Sort::Released => 8.0,
        _ => 5.0,
    }
}
