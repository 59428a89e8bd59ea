//! The byte tracker.

use super::ladder::watch_size;
use crate::model::ladder::{Cast, svg};
use crate::model::{Say, tracker};
use crate::store::{Selection, Store};
use leptos::html::Div;
use leptos::prelude::*;

/// What is drawn now.
#[derive(Clone, PartialEq, Default)]
struct Frame {
    svg: String,
    height: i32,
    caption: String,
    earlier: bool,
}

/// The byte tracker of the followed client.
#[component]
pub fn Tracker() -> impl IntoView {
    let store = Store::get();
    let room = NodeRef::<Div>::new();
    let size = RwSignal::new((850.0_f64, 100.0_f64));
    let all = RwSignal::new(false);
    watch_size(room, size);
    let frame = Memo::new(move |_| {
        let words = store.words();
        let say = |what: &Say| (words.ladder.say)(what);
        let followed = store.followed.get();
        store.picture(|story| {
            let client = followed.or_else(|| Cast::around(story, None).clients.first().copied());
            let Some(found) = client.and_then(|client| tracker::tracker(story, client, all.get())) else {
                return Frame { caption: say(&Say::NothingYet), ..Frame::default() };
            };
            let drawn = tracker::draw(&found, size.get().0, &say);
            let svg = drawn.iter().map(svg::mark).collect();
            Frame { svg, height: tracker::height(&found) as i32, caption: say(&found.moral), earlier: found.earlier }
        })
    });
    let on_click = move |event: leptos::ev::MouseEvent| {
        if let Some(seq) = super::ladder::mark_at(event.target()) {
            store.selection.set(Some(Selection::Event(seq)));
        }
    };
    view! {
        <section class="tracker" aria-label=move || store.words().ladder.tracker>
            <div class="tracker-line">
                <p class="tracker-caption">{move || frame.with(|frame| frame.caption.clone())}</p>
                <Show when=move || frame.with(|frame| frame.earlier) || all.get()>
                    <button class="tracker-all" aria-pressed=move || all.get().to_string()
                        on:click=move |_| all.update(|all| *all = !*all)>
                        {move || store.words().ladder.all}
                    </button>
                </Show>
            </div>
            <div node_ref=room on:click=on_click>
                <svg class="tracker-svg" width=move || size.get().0 as i32 height=move || frame.with(|frame| frame.height)
                    inner_html=move || frame.with(|frame| frame.svg.clone())></svg>
            </div>
        </section>
    }
}
