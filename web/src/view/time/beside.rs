//! The run beside: another ladder that stands still, in step with the one that is shown. A line says where its time is.

use crate::live::{Live, Memo};
use crate::model::ladder::{self, Window, heads, svg};
use crate::model::{Say, Story};
use crate::store::{BEFORE, Selection, Store};
use crate::view::ladder::watch_size;
use crate::view::parts::{El, el, holds, svg as svg_el, watch};
use protocol::ids::Nanos;
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::HtmlElement;

/// So much is drawn above and below what is seen.
const SPARE: f64 = 400.0;

/// Whether a run lies beside.
#[must_use]
pub fn is_there() -> Memo<bool> {
    let store = Store::get();
    holds(move || store.beside.get().is_some())
}

/// Its ladder.
#[must_use]
pub fn beside() -> El {
    let store = Store::get();
    let layout = Rc::new(RefCell::new(ladder::Ladder::default()));
    let (size, scrolled) = (Live::new((400.0_f64, 600.0_f64)), Live::new(0.0_f64));
    let titles = svg_el("svg").class("ladder-heads").attr("aria-hidden", "true").attr("height", "42");
    let heads_of = titles.clone();
    let picture = svg_el("svg").class("ladder-svg");
    let line = el("div").class("now-line");
    let room = el("div").class("ladder-room").child(picture.clone()).child(line.clone());
    let scroll = el("div")
        .class("ladder-scroll")
        .attr("tabindex", "0")
        .attr("role", "img")
        .attr_as("aria-label", move || named(store))
        .child(room.clone());
    watch_size(scroll.element(), size);
    let view: HtmlElement = scroll.cast();
    let seen = view.clone();
    let scroll = scroll.on("scroll", move |_| scrolled.set(f64::from(seen.scroll_top() / 120 * 120)));

    let drawing = layout.clone();
    watch(move || {
        let words = store.words();
        let say = |what: &Say| (words.ladder.say)(what);
        let ((width, high), top) = (size.get(), scrolled.get());
        let followed = store.followed.get();
        let name = named(store).unwrap_or_default();
        let mut layout = drawing.borrow_mut();
        let drawn = store.beside(|story: &Story| {
            layout.fit(width);
            layout.update(story, followed.filter(|id| story.program(*id).is_some()));
            let now = story.latest();
            let height = layout.height(now).max(high);
            let bottom = (top + high + SPARE).min(height);
            let window = Window { top: (top - SPARE).max(0.0), bottom, width, floor: height, now, say: &say };
            let marks: String = layout.picture(story, &window).marks.iter().map(svg::mark).collect();
            let told = heads::Told { mode: "", run: Some(&name) };
            (height, [svg::DEFS, &marks].concat(), svg::shapes(&heads::heads(story, layout.cast(), width, told, &say)))
        });
        let Some((height, marks, names)) = drawn else { return };
        let (wide, high) = ((width as i32).to_string(), (height as i32).to_string());
        for (element, high) in [(&titles, "42"), (&picture, high.as_str())] {
            let _ = element.clone().attr("width", &wide).attr("height", high);
        }
        titles.element().set_inner_html(&names);
        picture.element().set_inner_html(&marks);
        place(&room, "height", height);
    });

    // Whoever looks at a moment in one of them sees the same moment in the other.
    watch(move || {
        store.beside.track();
        size.track();
        let chosen = match store.selection.get() {
            Some(Selection::Event(seq)) => store.peek(|story| story.event(seq).map(|event| event.at)),
            _ => None,
        };
        let now = super::now(store, |time| Some(time.now)).unwrap_or_else(|| {
            store.tick.track();
            store.now()
        });
        let (here, there) = store.common();
        let same = |at: Nanos| Nanos((at.0 + there.0).saturating_sub(here.0));
        place(&line, "top", y_at(&layout, same(now)));
        let middle = f64::from(view.client_height()) / 2.0;
        view.set_scroll_top((y_at(&layout, same(chosen.unwrap_or(now))) - middle) as i32);
    });

    el("div").class("ladder beside").child(heads_of).child(scroll)
}

/// What the run is called.
fn named(store: Store) -> Option<String> {
    let words = &store.words().time;
    Some(match store.beside.get()? {
        BEFORE => words.before.to_owned(),
        number => (words.run)(number),
    })
}

fn y_at(layout: &Rc<RefCell<ladder::Ladder>>, time: Nanos) -> f64 {
    layout.borrow().axis().y_at(time)
}

fn place(element: &El, name: &str, pixels: f64) {
    // Fails only for a name that is none.
    let _ = element.cast::<HtmlElement>().style().set_property(name, &[&(pixels as i32).to_string(), "px"].concat());
}
