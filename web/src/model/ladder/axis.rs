//! Where each moment is on the way down: close together as far as it can be read, idle time left out.

use super::cast::Cast;
use super::fold::Folds;
use crate::model::story::{Place, Story};
use protocol::Command;
use protocol::{Kind, Nanos, Phase, ServerAction, Stage, TcpState};

/// Idle time from which on it is left out, and its length is written instead.
pub const IDLE: Nanos = Nanos::from_millis(22);
/// Where the first moment is.
pub const TOP: f64 = 22.0;

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
    /// The fold that begins here, plus one.
    pub fold: u32,
}

/// The rows of all events, in the order of time.
#[derive(Debug, Default)]
pub struct Axis {
    rows: Vec<Row>,
    /// The row of each place.
    of: Vec<u32>,
    /// Rows before which idle time was left out.
    breaks: Vec<(u32, Nanos)>,
}

impl Axis {
    /// Lays the rows from `from` on anew.
    pub fn extend(&mut self, story: &Story, cast: &Cast, folds: &Folds, from: usize) {
        let order = story.in_order();
        self.rows.truncate(from);
        self.breaks.retain(|(row, _)| (*row as usize) < from);
        self.of.resize(order.len(), 0);
        let mut y = self.bottom();
        let mut last = self.rows.iter().rfind(|row| row.shown || row.fold > 0).map(|row| row.at);
        for (row, place) in order.iter().enumerate().skip(from) {
            let event = story.event_at(*place);
            self.of[*place as usize] = row as u32;
            let (shown, fold) = match folds.at(story, *place) {
                Some((fold, first)) if shown(story, cast, *place) => (false, if first { fold + 1 } else { 0 }),
                _ => (shown(story, cast, *place), 0),
            };
            if shown || fold > 0 {
                if let Some(last) = last {
                    let idle = event.at.since(last);
                    if idle > IDLE {
                        self.breaks.push((row as u32, idle));
                    }
                    y += room(story, *place).max(step(idle));
                }
                if fold > 0 {
                    y += 14.0;
                }
                last = Some(event.at);
            }
            self.rows.push(Row { y, at: event.at, shown, fold });
            if fold > 0 {
                y += FOLD;
            }
        }
    }

    /// The rows.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
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
        self.rows.last().map_or(TOP, |row| row.y + if row.fold > 0 { FOLD } else { 0.0 })
    }

    /// The first row at or below `y`.
    #[must_use]
    pub fn first_below(&self, y: f64) -> usize {
        self.rows.partition_point(|row| row.y < y)
    }

    /// Idle time that was left out between two heights.
    pub fn breaks(&self, top: f64, bottom: f64) -> impl Iterator<Item = (f64, Nanos)> {
        let y = |row: u32| self.rows[row as usize].y - step(IDLE) / 2.0;
        self.breaks.iter().map(move |(row, idle)| (y(*row), *idle)).filter(move |(y, _)| (top..bottom).contains(y))
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
    match &story.event_at(place).kind {
        Kind::Call(call) if call.phase == Phase::Entered => 13.0,
        Kind::Call(_) => 4.0,
        Kind::Note(..) | Kind::Dropped { .. } | Kind::Command { .. } => 22.0,
        Kind::Socket { .. } => 10.0,
        Kind::State { .. } => 6.0,
        _ => 5.0,
    }
}

/// Whether an event is drawn for this cast.
fn shown(story: &Story, cast: &Cast, place: Place) -> bool {
    let event = story.event_at(place);
    let about = event.about;
    let socket = || about.socket.is_some_and(|id| cast.has_socket(story, id));
    match &event.kind {
        Kind::Call(_) => about.program.is_some_and(|program| cast.has(program)) && (about.socket.is_none() || socket()),
        Kind::Packet(packet) => {
            cast.packets
                && !matches!(packet.stage, Stage::Scheduled(_))
                && about.flow.is_none_or(|flow| cast.has_flow(story, flow))
        }
        Kind::State { to, .. } => *to != TcpState::Listen && socket(),
        Kind::Socket { parent, .. } => {
            parent.is_some()
                && *parent == cast.listener
                && about.socket.and_then(|id| story.socket(id)).is_some_and(|socket| socket.queued == Some(place))
        }
        Kind::Note(..) => about.program.is_none_or(|program| cast.has(program)) && (about.socket.is_none() || socket()),
        Kind::Dropped { .. } => true,
        Kind::Command { what, .. } => matches!(
            what,
            Command::Server(
                ServerAction::Set(_) | ServerAction::Rebind(_) | ServerAction::Stop(_) | ServerAction::Start(_)
            ) | Command::Wire(_)
        ),
        _ => false,
    }
}
