//! The small parts of every view: buttons, fields, notices.

use super::desk::Desk;
pub use super::dom::{El, Said, el, holds, svg, watch};
use crate::live::Memo;
use crate::store::Store;
use leptos::prelude::*;
use protocol::command::Command;

/// Gives a command.
pub fn command(what: Command) -> impl Fn() + 'static {
    let (store, desk) = (Store::get(), Desk::get());
    move || desk.act(store, what.clone())
}

/// A button.
#[must_use]
pub fn button(class: &str) -> El {
    el("button").class(class).attr("type", "button")
}

/// A button with a word on it.
#[must_use]
pub fn worded(class: &str, label: Said) -> El {
    button(class).say(label)
}

/// A button that stays down while something holds; two words for up and down, and its key.
pub fn toggle(class: &str, labels: (Said, Said), key: &str, down: Memo<bool>) -> El {
    let store = Store::get();
    let word = move || if down.get() { labels.1 } else { labels.0 }(store.words()).to_owned();
    let button = button(class).aria("aria-pressed", down).text_as(word);
    if key.is_empty() { button } else { button.text(" ").child(el("kbd").text(key)) }
}

/// A cross that puts something away.
#[must_use]
pub fn cross(class: &str, label: Said) -> El {
    button(class).attr_said("aria-label", label).text("×")
}

/// A field with its label before it.
#[must_use]
pub fn labelled(label: Said, field: El) -> El {
    // Named twice: the text of a label around a list has the list's own words in it.
    el("label").child(el("span").say(label)).child(field.attr_said("aria-label", label))
}

/// A list to choose from. `names` runs again when what it reads changes.
pub fn select(
    names: impl Fn() -> Vec<String> + Send + Sync + 'static,
    chosen: impl Fn() -> usize + Send + Sync + Copy + 'static,
    choose: impl Fn(usize) + 'static,
) -> El {
    let names: Box<dyn Fn() -> Vec<String> + Send + Sync> = Box::new(names);
    let names = Memo::new(names);
    let options = move || {
        let option = |(index, name): (usize, String)| el("option").attr("value", &index.to_string()).text(&name);
        names.get().into_iter().enumerate().map(option).collect()
    };
    el("select")
        .class("field")
        .region(options)
        // After the options, and again after new ones: a value without its option is none.
        .prop("value", move || {
            names.track();
            chosen().to_string().into()
        })
        .change(move |value| choose(value.parse().unwrap_or_default()))
}

/// A number with its range; an empty field is the system's own choice.
pub fn number(range: (u64, u64), value: impl Fn() -> String + 'static, change: impl Fn(String) + 'static) -> El {
    el("input")
        .class("field")
        .attr("type", "number")
        .attr("min", &range.0.to_string())
        .attr("max", &range.1.to_string())
        .attr_said("placeholder", |words| words.console.system_default)
        .prop("value", move || value().into())
        .change(change)
}

/// Something that is on or off.
pub fn check(label: Said, value: impl Fn() -> bool + 'static, change: impl Fn(bool) + 'static) -> El {
    let field = el("input")
        .attr("type", "checkbox")
        .prop("checked", move || value().into())
        .on("change", move |event| change(event_target_checked(&event)));
    el("label").class("check").child(field).child(el("span").say(label))
}

/// A notice with its words, and place for a button.
pub fn notice(tone: &str, words: impl Fn() -> String + 'static) -> El {
    el("div").class(tone).attr("role", "alert").child(el("p").text_as(words))
}

/// A long text with its middle left out: of an address or a path, both ends matter.
#[must_use]
pub fn middle(text: &str, most: usize) -> String {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() <= most {
        return text.to_owned();
    }
    let head = most / 3;
    let tail = letters.len() - (most - head - 1);
    letters[..head].iter().chain(&['…']).chain(&letters[tail..]).collect()
}

/// A heading that folds what is under it.
#[must_use]
pub fn section(class: &str, title: Said) -> El {
    el("details").class(class).child(el("summary").say(title))
}

#[cfg(test)]
mod tests {
    use super::middle;

    #[test]
    fn both_ends_of_a_long_address_stay() {
        assert_eq!(middle("127.0.0.1:8808", 24), "127.0.0.1:8808");
        let short = middle("/tmp/socketscope-21487-2/echo.sock", 24);
        assert_eq!((short.as_str(), short.chars().count()), ("/tmp/soc…487-2/echo.sock", 24));
    }
}
