//! All of the ladder beside a part of it: where much happens, where something went wrong, where something was found.

use super::{Ladder, Shape, Style, within};
use crate::model::filter::is_trouble;
use crate::model::story::{Place, Sort, Story};

/// How wide it is, CSS pixels.
pub const WIDTH: f64 = 14.0;
/// How high one of its lines is.
const LINE: f64 = 3.0;
/// So many events on one line are as many as there can be.
const MUCH: f64 = 24.0;

/// Whether an event is told apart in red. Repeated packets are not: what was lost is.
pub(super) fn alarms(story: &Story, place: Place) -> bool {
    let sort = story.tag(place).sort;
    matches!(sort, Sort::Returned | Sort::Broken | Sort::Sentence) && is_trouble(story, place)
}

/// Draws it into `high` pixels for a ladder that is `all` long, with the rows of what was found.
#[must_use]
pub fn draw(ladder: &Ladder, all: f64, high: f64, found: &[usize]) -> Vec<Shape> {
    let axis = ladder.axis();
    let mut shapes = Vec::new();
    let lines = (high / LINE).floor().max(1.0);
    let scale = all / lines;
    let among = |sorted: &[u32], from: usize, to: usize| {
        let at = sorted.partition_point(|row| (*row as usize) < from);
        sorted.get(at).is_some_and(|row| (*row as usize) < to)
    };
    let mut from = 0;
    let mut line = 0.0;
    while line < lines {
        let to = axis.first_below((line + 1.0) * scale);
        let count = (to - from) as f64;
        if count > 0.0 {
            let wide = within(count / MUCH * (WIDTH - 4.0), 2.0, WIDTH - 4.0);
            let class = if among(&ladder.alarms, from, to) { "mini alarm" } else { "mini" };
            let y = line * LINE;
            shapes.push(Shape::Rect { x: 2.0, y, w: wide, h: LINE - 1.0, r: 0.0, style: Style::of(class) });
        }
        (from, line) = (to, line + 1.0);
    }
    for row in found {
        let y = axis.rows().get(*row).map_or(0.0, |row| row.y) / all * high;
        shapes.push(Shape::Rect { x: 0.0, y, w: WIDTH, h: 2.0, r: 0.0, style: Style::of("mini found") });
    }
    shapes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::story::tell_packets::lost_segment;

    #[test]
    fn what_was_lost_is_red_and_in_its_place() {
        let story = lost_segment(99, false).story();
        let mut ladder = Ladder::default();
        ladder.update(&story, None);
        let all = ladder.height(story.latest());
        let shapes = draw(&ladder, all, 300.0, &[ladder.axis().rows().len() - 1]);
        let places = |wanted: &str| {
            let is = |shape: &Shape| match shape {
                Shape::Rect { y, style, .. } if style.class == wanted => Some(*y),
                _ => None,
            };
            shapes.iter().filter_map(is).collect::<Vec<_>>()
        };
        let lost = story.packets().iter().find_map(|packet| packet.lost.and(packet.done));
        let y = lost.map_or(0.0, |place| ladder.axis().y(place)) / all * 300.0;
        let red = places("mini alarm");
        assert!(red.len() == 1 && (red[0] - y).abs() <= LINE * 2.0, "{red:?} {y}");
        assert!(places("mini").len() > 20);
        assert!(places("mini found")[0] > 250.0, "what was found last is near the end");
    }
}
