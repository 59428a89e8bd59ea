//! The small parts of every view: words, buttons, fields.
//!
//! They take boxed closures and plain functions on purpose: each type of closure in a view would be compiled into the
//! page as machinery of its own, and the page is kept small.

use super::desk::Desk;
use crate::i18n::Words;
use crate::store::Store;
use leptos::prelude::*;
use protocol::command::Command;
use web_sys::{Event, MouseEvent};

/// Picks one sentence.
pub type Said = fn(&'static Words) -> &'static str;
/// What a press does.
pub type Pressed = Box<dyn FnMut(MouseEvent)>;
/// What a change of a field does.
pub type Changed = Box<dyn FnMut(Event)>;
/// Words that may change.
pub type Text = Box<dyn FnMut() -> String + Send>;
/// A part of the view that may change, or be absent.
pub type Live = Box<dyn FnMut() -> Option<AnyView> + Send>;

/// A sentence in the language of the moment.
pub fn say(what: Said) -> impl Fn() -> &'static str + Copy + Send + Sync + 'static {
    let store = Store::get();
    move || what(store.words())
}

/// Does it when pressed.
pub fn press(act: impl Fn() + 'static) -> Pressed {
    Box::new(move |_| act())
}

/// Does it with the field's new value.
pub fn changed(act: impl Fn(String) + 'static) -> Changed {
    Box::new(move |event| act(event_target_value(&event)))
}

/// Words that may change.
pub fn text(write: impl FnMut() -> String + Send + 'static) -> Text {
    Box::new(write)
}

/// A part that may change.
pub fn live(draw: impl FnMut() -> Option<AnyView> + Send + 'static) -> Live {
    Box::new(draw)
}

/// A part that is there only sometimes; what it shows is built anew each time it comes.
pub fn when(shown: Signal<bool>, draw: impl FnMut() -> AnyView + Send + 'static) -> Live {
    fn boxed(shown: Signal<bool>, mut draw: Box<dyn FnMut() -> AnyView + Send>) -> Live {
        Box::new(move || shown.get().then(&mut draw))
    }
    boxed(shown, Box::new(draw))
}

/// Whether something holds, worked out anew only when what it depends on changes.
pub fn holds(test: impl Fn() -> bool + Send + Sync + 'static) -> Signal<bool> {
    fn boxed(test: Box<dyn Fn() -> bool + Send + Sync>) -> Signal<bool> {
        Memo::new(move |_| test()).into()
    }
    boxed(Box::new(test))
}

/// Words of a field, worked out anew only when what they depend on changes.
pub fn shown(write: impl Fn() -> String + Send + Sync + 'static) -> Signal<String> {
    fn boxed(write: Box<dyn Fn() -> String + Send + Sync>) -> Signal<String> {
        Memo::new(move |_| write()).into()
    }
    boxed(Box::new(write))
}

/// A place in a list, worked out anew only when what it depends on changes.
pub fn place(find: impl Fn() -> usize + Send + Sync + 'static) -> Signal<usize> {
    fn boxed(find: Box<dyn Fn() -> usize + Send + Sync>) -> Signal<usize> {
        Memo::new(move |_| find()).into()
    }
    boxed(Box::new(find))
}

/// Always the same.
pub fn always(value: bool) -> Signal<bool> {
    Signal::stored(value)
}

/// `true` or `false`, as ARIA writes it.
pub fn aria(value: Signal<bool>) -> impl Fn() -> &'static str + Copy + Send + Sync + 'static {
    move || if value.get() { "true" } else { "false" }
}

/// Gives a command when pressed.
pub fn command(what: Command) -> Pressed {
    let (store, desk) = (Store::get(), Desk::get());
    press(move || desk.act(store, what.clone()))
}

/// A button with a word on it.
pub fn button(class: &'static str, label: Said, title: Said, off: Signal<bool>, act: Pressed) -> impl IntoView + use<> {
    view! {
        <button class=class type="button" title=say(title) disabled=off on:click=act>
            {say(label)}
        </button>
    }
}

/// A button that stays down while something holds; two words for up and down, and its key.
pub fn toggle(
    class: &'static str,
    labels: (Said, Said),
    title: Said,
    key: &'static str,
    down: Signal<bool>,
    act: Pressed,
) -> impl IntoView + use<> {
    let (up_label, down_label) = (say(labels.0), say(labels.1));
    view! {
        <button class=class type="button" title=say(title) aria-pressed=aria(down) on:click=act>
            {move || if down.get() { down_label() } else { up_label() }}
            {(!key.is_empty()).then(|| view! { <kbd>{key}</kbd> })}
        </button>
    }
}

/// A cross that puts something away.
pub fn cross(class: &'static str, label: Said, act: Pressed) -> impl IntoView + use<> {
    view! {
        <button class=class type="button" aria-label=say(label) on:click=act>
            "×"
        </button>
    }
}

/// A list to choose from. `names` runs again when what it reads changes.
pub fn select(
    id: &'static str,
    names: impl Fn() -> Vec<String> + Send + Sync + 'static,
    chosen: Signal<usize>,
    choose: impl Fn(usize) + 'static,
) -> AnyView {
    fn boxed(
        id: &'static str,
        names: Box<dyn Fn() -> Vec<String> + Send + Sync>,
        chosen: Signal<usize>,
        choose: Changed,
    ) -> AnyView {
        let names = Memo::new(move |_| names());
        let options = live(move || {
            let option = |(index, name): (usize, String)| {
                view! {
                    <option value=index.to_string() selected=holds(move || chosen.get() == index)>
                        {name}
                    </option>
                }
            };
            Some(names.get().into_iter().enumerate().map(option).collect_view().into_any())
        });
        view! {
            <select id=id class="field" on:change=choose>
                {options}
            </select>
        }
        .into_any()
    }
    boxed(id, Box::new(names), chosen, changed(move |value| choose(value.parse().unwrap_or_default())))
}

/// A number with its range; an empty field is the system's own choice.
pub fn number(label: Said, value: Signal<String>, range: (u64, u64), change: Changed, note: Live) -> AnyView {
    view! {
        <label>
            <span>{say(label)}</span>
            <input
                class="field"
                type="number"
                min=range.0.to_string()
                max=range.1.to_string()
                placeholder=say(|words| words.console.system_default)
                prop:value=value
                on:change=change
            />
            {note}
        </label>
    }
    .into_any()
}

/// Something that is on or off.
pub fn check(label: Said, value: Signal<bool>, change: impl Fn(bool) + 'static, note: Live) -> AnyView {
    checkbox(label, value, Box::new(move |event| change(event_target_checked(&event))), note)
}

fn checkbox(label: Said, value: Signal<bool>, change: Changed, note: Live) -> AnyView {
    view! {
        <label class="check">
            <input type="checkbox" prop:checked=value on:change=change />
            <span>{say(label)}</span>
            {note}
        </label>
    }
    .into_any()
}

/// No note.
pub fn nothing() -> Live {
    live(|| None)
}

/// A notice with one button.
pub fn notice(class: &'static str, words: Text, button: impl IntoView + 'static) -> AnyView {
    view! {
        <div class=class role="alert">
            <p>{words}</p>
            {button.into_any()}
        </div>
    }
    .into_any()
}
